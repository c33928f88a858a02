"""What a decision and a reader do with findings: which stop it, and how they read."""

from __future__ import annotations

from collections.abc import Iterable

from jeoul.errors import Problem
from jeoul.messages import known_text, say
from jeoul.model.finding import Finding, Severity
from jeoul.model.snapshot import Snapshot


def serious_for(snapshot: Snapshot, tickers: Iterable[str]) -> tuple[Finding, ...]:
    """Return the serious findings about any of the tickers, oldest first.

    A decision that would trade one of them stops. Ask with the preferred code of each member, not
    with the substitute that stands in for it: a price that was left out as absurd looks like a
    missing one.
    """
    wanted = frozenset(tickers)
    found = (f for f in snapshot.findings if f.severity is Severity.SERIOUS)
    return tuple(sorted(f for f in found if f.subject in wanted))


def describe(finding: Finding, language: str) -> str:
    """Return a finding as one sentence in a language, with its subject and date.

    >>> from datetime import date
    >>> gap = Finding(date(2023, 7, 3), "458730", "finding.gap", Severity.NOTICE,
    ...     (("sessions", "2"), ("until", "2023-07-04")))
    >>> describe(gap, "en")
    '458730, 2023-07-03: sessions without a price: 2, the last of them 2023-07-04'
    """
    text = say(language, finding.kind, dict(finding.detail))
    return f"{finding.subject}, {finding.day}: {text}"


def as_problem(finding: Finding, language: str = "en") -> Problem:
    """Return a finding as a problem with file, line, ticker and what would release it."""
    detail = dict(finding.detail)
    remedy = f"{finding.kind}_remedy"
    return Problem(
        detail.get("file", finding.subject),
        f"{finding.day}: {say(language, finding.kind, detail)}",
        line=int(detail["line"]) if "line" in detail else None,
        key=finding.subject,
        remedy=None if known_text(language, remedy) is None else say(language, remedy, detail),
    )
