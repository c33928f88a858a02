"""What an ELS would have paid on every possible day of issue, or on many simulated paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import fmean, median
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.korea.els import ElsOutcome, ElsTerms, ending, payment, replay_els
from jeoul.korea.rulebook import Rulebook
from jeoul.model.calendar import Days
from jeoul.model.years import DAYS_A_YEAR
from jeoul.research.els_paths import (
    SESSIONS_A_MONTH,
    Underlyings,
    drawn_paths,
    month_ends,
    worst_of,
)


class Issues(NamedTuple):
    """The days of issue of a history; ``apart`` terms fit into it one after the other."""

    first: date
    last: date
    apart: int


class Paid(NamedTuple):
    """Won after tax over many paths: ``worst`` and its day of issue, None on simulated paths.

    ``loss`` is the mean of what the losing paths lost, None where none did.
    """

    mean: int
    median: int
    worst: int
    worst_issue: date | None
    loss: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsStudy:
    """What many paths came to; shares are fractions of the paths.

    ``issues`` is None on simulated paths. ``redeemed`` is the share redeemed at each observation,
    by months; ``untouched`` the share that ended below the last barrier without a knock-in;
    ``lost`` the share that paid back less than was paid in, ``knocked_in`` the share that touched
    before it ended. ``months`` is the mean time held.
    """

    paths: int
    issues: Issues | None
    redeemed: Mapping[int, float]
    untouched: float
    lost: float
    knocked_in: float
    paid: Paid
    months: float


@dataclass(frozen=True, slots=True)
class _Path:
    how: str
    months: int
    touched: bool
    net: int
    issue: date | None


def every_issue(
    book: Rulebook, terms: ElsTerms, history: Underlyings, *, principal: int
) -> ElsStudy:
    """Return what an ELS issued on each day of a history came to.

    Only days whose whole term lies within the history count: those that were redeemed early just
    before its end would make the rest look better. The windows overlap, so that thousands of days
    are only as many cases as terms fit one after the other.

    Raises :class:`UsageError` where no term fits.
    """
    found = []
    for issue in range(len(history.days)):
        ends = month_ends(history.days, issue, terms.term)
        if ends is None:
            break
        worst = worst_of(history.closes[issue : ends[-1] + 1])
        day = _day(history.days, issue)
        found.append(_path(book, terms, worst, [at - issue for at in ends], principal, day))
    if not found:
        raise UsageError(
            f"the closes of {', '.join(history.names)}, {history.days[0]} to {history.days[-1]}, "
            f"are shorter than a term of {terms.term} months; use a longer history or --paths"
        )
    whole = (history.days[-1] - history.days[0]).astype(int) / DAYS_A_YEAR * 12
    issues = Issues(
        _day(history.days, 0), _day(history.days, len(found) - 1), int(whole // terms.term)
    )
    return _study(found, principal, issues)


def simulated(
    book: Rulebook,
    terms: ElsTerms,
    history: Underlyings,
    *,
    principal: int,
    paths: int,
    seed: int,
) -> ElsStudy:
    """Return what an ELS comes to on paths drawn from a history in blocks of days."""
    ends = [SESSIONS_A_MONTH * month for month in range(1, terms.term + 1)]
    drawn = drawn_paths(history, months=terms.term, paths=paths, seed=seed)
    found = [_path(book, terms, worst_of(path), ends, principal, None) for path in drawn]
    return _study(found, principal, None)


def issued_on(
    book: Rulebook, terms: ElsTerms, history: Underlyings, *, day: date, principal: int
) -> ElsOutcome:
    """Return the outcome of an ELS issued on one day of a history, observation by observation.

    Raises :class:`UsageError` for a day without a close, or with too few closes after it.
    """
    places = [n for n in range(len(history.days)) if _day(history.days, n) == day]
    if not places:
        raise UsageError(
            f"{day} is not a day with closes of {', '.join(history.names)}; "
            f"they run from {history.days[0]} to {history.days[-1]}"
        )
    ends = month_ends(history.days, places[0], terms.term)
    if ends is None:
        raise UsageError(f"the closes end on {history.days[-1]}, before the term from {day} does")
    issue = places[0]
    window = range(issue, ends[-1] + 1)
    return replay_els(
        book,
        terms,
        days=[_day(history.days, n) for n in window],
        worst=[Decimal(str(share)) for share in worst_of(history.closes[issue : ends[-1] + 1])],
        ends=[at - issue for at in ends],
        principal=principal,
    )


def _path(
    book: Rulebook,
    terms: ElsTerms,
    worst: list[float],
    ends: list[int],
    principal: int,
    issue: date | None,
) -> _Path:
    ended = ending(terms, worst, ends)
    money = payment(book, terms, ended, share=Decimal(str(worst[ended.at])), principal=principal)
    return _Path(
        how=ended.how,
        months=ended.months,
        touched=ended.touched is not None,
        net=money.paid - money.tax,
        issue=issue,
    )


def _study(found: Sequence[_Path], principal: int, issues: Issues | None) -> ElsStudy:
    count = len(found)
    redeemed = Counter(path.months for path in found if path.how in ("early", "maturity"))
    losses = [path.net - principal for path in found if path.net < principal]
    worst = min(found, key=lambda path: path.net)
    return ElsStudy(
        paths=count,
        issues=issues,
        redeemed={months: redeemed[months] / count for months in sorted(redeemed)},
        untouched=sum(path.how == "untouched" for path in found) / count,
        lost=len(losses) / count,
        knocked_in=sum(path.touched for path in found) / count,
        paid=Paid(
            mean=round(fmean(path.net for path in found)),
            median=round(median(path.net for path in found)),
            worst=worst.net,
            worst_issue=worst.issue,
            loss=round(fmean(losses)) if losses else None,
        ),
        months=fmean(path.months for path in found),
    )


def _day(days: Days, place: int) -> date:
    day: date = days[place].astype(object)
    return day
