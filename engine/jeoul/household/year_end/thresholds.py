"""The lines of a tax year that a person is near, or beyond."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jeoul.household.problem.after import After
from jeoul.household.problem.records import Curve, Gains, Household, HouseholdMember, Moves
from jeoul.korea.overseas_realise import last_sale_of_year
from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class YearThreshold:
    """A line of one year, how much of it is used, and what lies beyond.

    ``kind`` is ``health`` (10 M of interest and dividends, where the person's insurance counts
    it), ``comprehensive`` (20 M), ``gains_abroad`` (the deduction of 2.5 M) or ``pensions`` (15 M
    of private pensions). ``used`` is the year so far with what the moves add, ``expected`` that
    with what is still distributed by 31 December, all at today's prices. ``cost`` is what the
    part of ``expected`` beyond the line costs; 0 for pensions, whose tax depends on a choice.
    ``by`` is the last day on which a sale still counts in this year, ``filed`` the day by which
    the tax is filed, None for insurance, which follows the assessment.
    """

    kind: str
    member: str
    limit: float
    used: float
    expected: float
    cost: float
    by: date
    filed: date | None

    @property
    def left(self) -> float:
        """Return what is expected to be left below the line, 0 beyond it."""
        return max(0.0, self.limit - self.expected)


def thresholds(
    household: Household,
    moves: Moves,
    book: Rulebook,
    *,
    on: date,
    pensions: Mapping[str, float] | None = None,
) -> tuple[YearThreshold, ...]:
    """Return the lines of the year for each person, after some moves.

    ``pensions`` is what private pensions have paid each person this year; nobody without an entry
    has that line. A line beyond which a person's levy does not change is left out.
    """
    after = After(household, moves)
    return tuple(
        found
        for member in household.members
        for found in _of_member(after, member, book, on, dict(pensions or {}))
    )


def _of_member(
    after: After, member: HouseholdMember, book: Rulebook, on: date, pensions: Mapping[str, float]
) -> Iterator[YearThreshold]:
    end = date(book.year, 12, 31)
    filed = date.fromisoformat(f"{book.year + 1}-{book.text('us.file_by')}")
    at_home = last_sale_of_year(book, "KRX") or end
    used = member.financial + _sold(after, member, Gains.WITHHELD)
    own = tuple(each.id for each in after.household.accounts if each.owner == member.id)
    expected = used + after.weighed(own, "income") * (end - on).days / 365.0
    for kind, key, when in (
        ("health", "health.financial_floor", None),
        ("comprehensive", "income.financial_limit", filed),
    ):
        limit = float(book.won(key))
        if _changes(member.income_levy, limit):
            yield YearThreshold(
                kind=kind,
                member=member.id,
                limit=limit,
                used=used,
                expected=expected,
                cost=_beyond(member.income_levy, limit, expected),
                by=at_home,
                filed=when,
            )
    if any(after.of_owner(member, Gains.YEARLY)):
        limit = float(book.won("us.deduction"))
        gains = member.realised + _sold(after, member, Gains.YEARLY)
        yield YearThreshold(
            kind="gains_abroad",
            member=member.id,
            limit=limit,
            used=gains,
            expected=gains,
            cost=_beyond(member.gains_levy, limit, gains),
            by=last_sale_of_year(book, "US") or end,
            filed=filed,
        )
    if member.id in pensions:
        yield YearThreshold(
            kind="pensions",
            member=member.id,
            limit=float(book.won("pension.separate_limit")),
            used=pensions[member.id],
            expected=pensions[member.id],
            cost=0.0,
            by=end,
            filed=filed,
        )


def _sold(after: After, member: HouseholdMember, gains: Gains) -> float:
    return sum(after.realised.get(each.id, 0.0) for each in after.of_owner(member, gains))


def _changes(levy: Curve, limit: float) -> bool:
    """Return whether a levy jumps or rises faster beyond a limit than below it."""
    jumps = any(bound == limit and height for bound, height in levy.steps)
    return jumps or levy.slope(limit + 1.0) > levy.slope(limit)


def _beyond(levy: Curve, limit: float, amount: float) -> float:
    return max(0.0, levy.cost(amount) - levy.cost(min(amount, limit)))
