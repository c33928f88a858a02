"""What ``jeoul fetch`` tells: which series came, what was found in them, what was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeoul.messages import say
from jeoul.translation import in_language
from jeoul.workspace.unread import unread

if TYPE_CHECKING:
    from jeoul.market.cache.store import StoreState
    from jeoul.market.fetching.run import SeriesOutcome
    from jeoul.market.publishing.layout import Published
    from jeoul.market.sources.errors import SourceError
    from jeoul.model.finding import Finding

_SOURCES = frozenset({"gate.stands_in", "gate.apart", "gate.issuer_adds", "gate.issuer_differs"})
SYMBOLS = 8  # written out of those that failed alike


class FetchReport:
    """What a fetch tells: the same facts as text and as JSON."""

    def __init__(
        self,
        outcomes: Sequence[SeriesOutcome],
        published: Published | None = None,
        snapshot: StoreState | None = None,
        target: Path | None = None,
        found: Sequence[Finding] = (),
    ) -> None:
        from jeoul.model.finding import Severity

        kept = [outcome for outcome in outcomes if not _nobody_has(outcome)]
        self.outcomes = sorted(kept, key=lambda outcome: outcome.key)
        self.published = published
        self.snapshot = snapshot
        self.target = target
        failed = [outcome for outcome in self.outcomes if outcome.error is not None]
        self.covered = [outcome for outcome in failed if self._carried(outcome)]
        self.failed = [outcome for outcome in failed if outcome not in self.covered]
        self.revised = [outcome for outcome in self.outcomes if outcome.revised]
        self.serious = [f for f in found if f.severity is Severity.SERIOUS]
        self.notices = len(found) - len(self.serious)
        self.unread = {} if published is None else unread(published.columns)

    def _carried(self, failed: SeriesOutcome) -> bool:
        """Return whether another source of the same series answered, so that it goes on.

        Nobody stands in for a file that a person has put there and that cannot be read.
        """
        if _of_issuers(failed):
            return False
        return any(
            other.error is None and (other.second or failed.second)
            for other in self.outcomes
            if other.name == failed.name
        )

    def _newest(self) -> dict[str, date]:
        """Return the newest day with a row of each source."""
        found: dict[str, date] = {}
        for outcome in self.outcomes:
            if outcome.newest is not None:
                source = outcome.key.source
                found[source] = max(outcome.newest, found.get(source, outcome.newest))
        return found

    @property
    def good(self) -> bool:
        """Return whether every series came and nothing found in them would stop a run."""
        return self.published is not None and not self.failed and not self.serious

    def lines(self, lang: str) -> Iterator[str]:
        """Yield what a person reads."""
        asked = sum(outcome.asked for outcome in self.outcomes)
        count = {
            "total": len(self.outcomes),
            "asked": asked,
            "fresh": len(self.outcomes) - asked,
            "failed": len(self.failed),
        }
        yield say(lang, "fetch.summary", count)
        added = [outcome.added for outcome in self.outcomes if outcome.added]
        if added:
            yield say(lang, "fetch.added", {"count": sum(added), "series": len(added)})
        if newest := self._newest():
            shown = ", ".join(f"{source} {day}" for source, day in newest.items())
            yield say(lang, "fetch.newest", {"sources": shown})
        for outcome in self.revised:
            largest = f"{outcome.largest:z.2%}"
            detail = {"name": outcome.name, "count": outcome.revised, "largest": largest}
            yield "  " + say(lang, "fetch.revised", detail)
        for alike in _alike(self.failed, lang):
            yield "  " + _failure(alike, lang)
        for alike in _alike(self.covered, lang):
            yield "  " + say(lang, "fetch.covered", {"failure": _failure(alike, lang)})
        for outcome in self.failed:
            if outcome.newest is not None:
                detail = {"name": outcome.name, "newest": outcome.newest}
                yield "  " + say(lang, "fetch.kept", detail)
        yield from self._folder(lang)

    def _folder(self, lang: str) -> Iterator[str]:
        from jeoul.market import as_problem, describe

        if self.published is None or self.snapshot is None:
            yield say(lang, "fetch.nothing")
            return
        if self.published.missing:
            yield say(lang, "fetch.missing", {"names": ", ".join(self.published.missing)})
        for strategy, series in self.unread.items():
            yield say(lang, "fetch.unread", {"strategy": strategy, "series": ", ".join(series)})
        for finding in self.published.findings:
            if finding.kind in _SOURCES:
                yield "  " + describe(finding, lang)
        count = {"serious": len(self.serious), "notices": self.notices}
        yield say(lang, "fetch.findings", count)
        if self.serious:
            yield say(lang, "fetch.stops")
        for finding in self.serious:
            remedy = as_problem(finding, lang).remedy or ""
            detail = {"finding": describe(finding, lang), "remedy": remedy}
            yield "  " + say(lang, "fetch.serious", detail)
        if self.published.simulated:
            yield say(lang, "fetch.simulated")
        place = {"folder": self.target, "digest": self.snapshot.digest[:12]}
        yield say(lang, "fetch.written", place)

    def document(self, lang: str) -> dict[str, Any]:
        """Return the same facts as data."""
        from jeoul.market import as_problem, describe

        return {
            "series": [_entry(outcome, lang) for outcome in self.outcomes],
            "serious": [
                {
                    "subject": finding.subject,
                    "date": finding.day.isoformat(),
                    "kind": finding.kind,
                    "text": describe(finding, lang),
                    "remedy": as_problem(finding, lang).remedy,
                }
                for finding in self.serious
            ],
            "notices": self.notices,
            "standing_in": [
                {
                    "name": finding.subject,
                    "source": dict(finding.detail)["source"],
                    "since": finding.day.isoformat(),
                    "text": describe(finding, lang),
                }
                for finding in (() if self.published is None else self.published.findings)
                if finding.kind == "gate.stands_in"
            ],
            "unread": {strategy: list(series) for strategy, series in self.unread.items()},
            "missing": [] if self.published is None else list(self.published.missing),
            "folder": None if self.target is None else str(self.target),
            "snapshot": None if self.snapshot is None else self.snapshot.digest,
        }


def _nobody_has(outcome: SeriesOutcome) -> bool:
    """Return whether a fund is simply in no file of issuers: nobody has to download any."""
    from jeoul.market.sources.errors import EmptyAnswer

    return _of_issuers(outcome) and isinstance(outcome.error, EmptyAnswer)


def _of_issuers(outcome: SeriesOutcome) -> bool:
    from jeoul.market.sources import issuers

    return outcome.key.source == issuers.NAME


def _alike(failed: Sequence[SeriesOutcome], lang: str) -> list[list[SourceError]]:
    """Return the errors that read the same but for the symbol, together."""
    found: dict[str, list[SourceError]] = {}
    for outcome in failed:
        assert outcome.error is not None
        found.setdefault(_said(outcome.error, "", lang), []).append(outcome.error)
    return list(found.values())


def _failure(errors: Sequence[SourceError], lang: str) -> str:
    symbols = ", ".join(error.symbol for error in errors[:SYMBOLS])
    if len(errors) > SYMBOLS:
        symbols += f", … ({len(errors)})"
    return _said(errors[0], symbols, lang)


def _said(error: SourceError, symbols: str, lang: str) -> str:
    reason = in_language(error.reason, lang)
    detail = {"source": error.source, "symbol": symbols, "reason": reason}
    return say(lang, error.message, detail)


def _entry(outcome: SeriesOutcome, lang: str) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "source": outcome.key.source,
        "symbol": outcome.key.symbol,
        "asked": outcome.asked,
        "attempts": outcome.attempts,
        "added": outcome.added,
        "revised": outcome.revised,
        "largest_revision": outcome.largest,
        "newest": None if outcome.newest is None else outcome.newest.isoformat(),
        "error": None if outcome.error is None else type(outcome.error).__name__,
        "text": None if outcome.error is None else _failure([outcome.error], lang),
        "second": outcome.second,
    }
