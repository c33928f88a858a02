"""``jeoul fetch``: ask the sources of a plan, store what came, write the market folder."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import json_option, language_option
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.market.cache.publish import Published
    from jeoul.market.cache.store import RawStore, Snapshot
    from jeoul.market.sources.errors import SourceError
    from jeoul.market.sources.plan import Plan
    from jeoul.market.sources.pool import Done, Job
    from jeoul.market.sources.run import Ask, Outcome
    from jeoul.model.calendar import Calendar
    from jeoul.model.finding import Finding

KEYS = ("FRED_API_KEY",)
FAILED = 3
SYMBOLS = 8  # written out of those that failed alike


@click.command("fetch")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), help="Raw store; default: the plan's.")
@click.option("--out", type=click.Path(path_type=Path), help="Market folder; default: the plan's.")
@click.option("--only", multiple=True, metavar="NAME", help="A ticker or series; may be repeated.")
@click.option("--full", is_flag=True, help="Ask for the whole history, to see what changed in it.")
@click.option("--restore", metavar="DIGEST", help="Write an earlier snapshot again; asks nobody.")
@language_option
@json_option
@click.pass_context
def fetch(
    context: click.Context,
    config: Path,
    store: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    full: bool,
    restore: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Fetch what the plan CONFIG names and write a market folder for --data.

    Stopped, it goes on where it was; run again, it asks only for what is new. Exit code 3 if a
    series could not be fetched or a finding would stop a run.
    """
    from jeoul import api
    from jeoul.market.cache.store import RawStore
    from jeoul.market.sources.plan import read_plan

    plan = read_plan(config)
    home = (Path(plan.store) if store is None else store).expanduser()
    target = (Path(plan.folder) if out is None else out).expanduser()
    _check_names(plan, only, lang)
    with _alone(home), RawStore(home / "raw.sqlite3") as raw:
        if restore is not None:
            _restore(raw, restore, target, api.calendars(), lang)
            return
        outcomes = _fetch(
            plan, raw, api.calendars(), only, full=full, home=home, base=config.parent
        )
        report = _publish(plan, raw, target, api.calendars(), outcomes)
    if as_json:
        click.echo(json.dumps(report.document(lang), ensure_ascii=False, indent=2))
    else:
        for line in report.lines(lang):
            click.echo(line)
    context.exit(0 if report.good else FAILED)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the lock of a store; the system lets it go when the process ends, however it ends."""
    from jeoul.errors import AlreadyRunning

    home.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: the store itself still takes one writer at a time
        yield
        return
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reason = f"another fetch into {home} is running; wait for it, or give another --store"
            raise AlreadyRunning(reason) from None
        yield


def _check_names(plan: Plan, only: Sequence[str], lang: str) -> None:
    from jeoul.errors import UsageError

    names = set(plan.wanted().values())
    for name in only:
        if name not in names:
            raise UsageError(say(lang, "fetch.no_name", {"name": name}))


def _fetch(
    plan: Plan,
    raw: RawStore,
    calendars: Mapping[str, Calendar],
    only: Sequence[str],
    *,
    full: bool,
    home: Path,
    base: Path,
) -> list[Outcome]:
    from jeoul.cli.progress import progress
    from jeoul.market.sources.run import Fetching

    fetching = Fetching(plan, raw, calendars, _now)
    total = sum(1 for name in plan.wanted().values() if not only or name in only)
    outcomes = []
    with ExitStack() as stack:
        ask = _asker(plan, stack, home, base)
        step = stack.enter_context(progress(total))
        for outcome in fetching.run(ask, only, full=full):
            outcomes.append(outcome)
            step(outcome.name)
    return outcomes


def _now() -> int:
    return int(time.time())  # noqa: TID251  the command line is where the clock is read


def _asker(plan: Plan, stack: ExitStack, home: Path, base: Path) -> Ask:
    """Return how jobs are answered: sources on this machine here, others in processes apart."""
    from jeoul.market.sources.errors import SourceError
    from jeoul.market.sources.pool import Done, Pool
    from jeoul.market.sources.port import Place, connect, is_remote

    keys = {name: os.environ[name] for name in KEYS if os.environ.get(name)}
    names = plan.source_names()
    places = {name: Place(home / name, base, keys, plan.politeness(name).timeout) for name in names}
    remote = [name for name in names if is_remote(name)]
    local = {name: connect(name, places[name]) for name in names if name not in remote}
    pool = stack.enter_context(
        Pool(
            {name: partial(connect, name, places[name]) for name in remote},
            {name: plan.politeness(name).manners() for name in remote},
            chance=random.Random(),
        )
    )

    def ask(jobs: Sequence[Job]) -> Iterator[Done]:
        for job in jobs:
            if job.source in local:
                try:
                    yield Done(job, local[job.source].fetch(job.request), 1)
                except SourceError as error:
                    yield Done(job, error, 1)
        yield from pool.ask([job for job in jobs if job.source not in local])

    return ask


def _publish(
    plan: Plan,
    raw: RawStore,
    target: Path,
    calendars: Mapping[str, Calendar],
    outcomes: list[Outcome],
) -> _Report:
    from jeoul import api
    from jeoul.market.cache.publish import publish
    from jeoul.market.coverage import findings

    if all(raw.read(key) is None for key in plan.wanted()):
        return _Report(outcomes)
    published, snapshot = publish(raw, plan, target, _now(), calendars)
    return _Report(outcomes, published, snapshot, target, findings(api.open_market(target)))


def _restore(
    raw: RawStore, digest: str, target: Path, calendars: Mapping[str, Calendar], lang: str
) -> None:
    from jeoul.market.cache.publish import restore

    published = restore(raw, digest, target, calendars)
    detail = {"digest": published.digest[:12], "folder": target}
    click.echo(say(lang, "fetch.restored", detail))


class _Report:
    """What a fetch tells: the same facts as text and as JSON."""

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        published: Published | None = None,
        snapshot: Snapshot | None = None,
        target: Path | None = None,
        found: Sequence[Finding] = (),
    ) -> None:
        from jeoul.model.finding import Severity

        self.outcomes = sorted(outcomes, key=lambda outcome: outcome.key)
        self.published = published
        self.snapshot = snapshot
        self.target = target
        self.failed = [outcome for outcome in self.outcomes if outcome.error is not None]
        self.revised = [outcome for outcome in self.outcomes if outcome.revised]
        self.serious = [f for f in found if f.severity is Severity.SERIOUS]
        self.notices = len(found) - len(self.serious)

    @property
    def good(self) -> bool:
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
        for outcome in self.revised:
            largest = f"{outcome.largest:.2%}"
            detail = {"name": outcome.name, "count": outcome.revised, "largest": largest}
            yield "  " + say(lang, "fetch.revised", detail)
        for alike in _alike(self.failed):
            yield "  " + _failure(alike, lang)
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
            "missing": [] if self.published is None else list(self.published.missing),
            "folder": None if self.target is None else str(self.target),
            "snapshot": None if self.snapshot is None else self.snapshot.digest,
        }


def _alike(failed: Sequence[Outcome]) -> list[list[SourceError]]:
    """Return the errors that read the same but for the symbol, together."""
    found: dict[tuple[str, str, str], list[SourceError]] = {}
    for outcome in failed:
        error = outcome.error
        assert error is not None
        reason = "" if error.retry else error.reason
        found.setdefault((error.source, error.message, reason), []).append(error)
    return list(found.values())


def _failure(errors: Sequence[SourceError], lang: str) -> str:
    symbols = ", ".join(error.symbol for error in errors[:SYMBOLS])
    if len(errors) > SYMBOLS:
        symbols += f", … ({len(errors)})"
    detail = {"source": errors[0].source, "symbol": symbols, "reason": errors[0].reason}
    return say(lang, errors[0].message, detail)


def _entry(outcome: Outcome, lang: str) -> dict[str, Any]:
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
    }
