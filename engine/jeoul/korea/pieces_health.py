"""What interest and dividends cost in health insurance, as steps and slopes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import NamedTuple

from jeoul.korea.health import check_status, monthly_bound
from jeoul.korea.levy import floor
from jeoul.korea.pieces import NOTHING, Pieces
from jeoul.korea.rulebook import Rulebook

_CHORDS = tuple(map(Decimal, ("1.1", "1.25", "1.5", "2", "3", "5", "10", "20", "40")))


class _Knot(NamedTuple):
    """An amount of interest and dividends, and the income that is charged at it."""

    financial: int
    charged: Decimal


class _Beside(NamedTuple):
    """The income beside interest and dividends: as it is charged, and as limits count it."""

    charged: Decimal
    counted: int


def health_pieces(
    book: Rulebook, *, status: str, other_income: int = 0, public_pension: int = 0
) -> Pieces:
    """Return what a year's interest and dividends add to the premium, with long-term care.

    Self-insured: nothing up to 10 M; there the whole amount begins to count (a step), and each won
    more costs 8.13 %. Dependants: a step where all income passes 20 M, never before 10 M of
    interest and dividends, then the same slope. Employees: a slope from where the income beside
    wages passes 20 M, with a step only where interest and dividends jump past it at 10 M. The floor
    of a month can make the first slope 0, and its cap makes the last one 0: then the pieces are
    not convex, and :func:`jeoul.household.gathering.pieces.curve` lets the slope go on, which is
    dearer.

    Only what other income already costs is left out. The difference of two premiums of
    :func:`~jeoul.korea.health.health_premium` differs by less than 260 won: a month is cut below 10
    won twice. An employee with a public pension pays a curved amount; its chords are above
    it, by less than 0.2 % of the pension's uncharged half.

    >>> from jeoul.korea.tables import load_rules
    >>> found = health_pieces(load_rules(2026), status="self_employed")
    >>> found.bounds, [int(height) for _, height in found.steps]
    ((10000000, 766354382), [539770])
    """
    check_status(book, status, other_income, public_pension)
    pension = public_pension * book.rate("health.pension_share")
    beside = _Beside(other_income + pension, other_income + public_pension)
    least = book.won("health.financial_floor")
    if status == "employee":
        knots = tuple(_employee_knots(book, beside, least))
        return _pieces(book, knots, _charged_beside_wages(book, beside, 0), floor_of_month=False)
    before: Decimal | None = beside.charged
    start = least
    if status == "dependant":
        limit = book.won("health.dependant_limit")
        if beside.counted <= limit:
            before = None
            start = max(least, limit - beside.counted)
    knot = _Knot(start, start + beside.charged)
    return _pieces(book, (knot,), before, floor_of_month=True)


def _employee_knots(book: Rulebook, beside: _Beside, least: int) -> Iterator[_Knot]:
    """Yield where the charged income bends, or the ends of chords where it is curved."""
    start = max(least, book.won("health.beside_wages") - beside.counted)
    yield _Knot(start, _charged_beside_wages(book, beside, start))
    if beside.charged < beside.counted:
        for times in _CHORDS:
            at = floor((start + beside.counted) * times) - beside.counted
            yield _Knot(at, _charged_beside_wages(book, beside, at))


def _charged_beside_wages(book: Rulebook, beside: _Beside, financial: int) -> Decimal:
    """Return what an employee is charged for: the excess, in the proportion of the incomes."""
    total = financial + beside.counted
    excess = max(0, total - book.won("health.beside_wages"))
    return excess * (financial + beside.charged) / total if excess else NOTHING


def _pieces(
    book: Rulebook, knots: tuple[_Knot, ...], before: Decimal | None, *, floor_of_month: bool
) -> Pieces:
    """Return the premium along knots of charged income, less the one ``before``; slope 1 at last.

    ``before`` is what is charged without interest and dividends, None if nothing is paid then.
    """
    full = book.rate("health.rate") + book.rate("health.care_rate")
    least = 12 * monthly_bound(book, "floor") / book.rate("health.rate") if floor_of_month else 0
    most = 12 * monthly_bound(book, "cap") / book.rate("health.rate")

    def premium(charged: Decimal) -> Decimal:
        return min(max(charged, Decimal(least)), Decimal(most)) * full

    paid = NOTHING if before is None else premium(before)
    first = knots[0]
    height = premium(first.charged) - paid
    bounds, slopes = [], [NOTHING]
    ends = [*pairwise(knots), (knots[-1], None)]
    for knot, end in ends:
        rise = Decimal(1)
        if end is not None:
            rise = (end.charged - knot.charged) / (end.financial - knot.financial)
        for start, slope in _bends(knot, end, rise, (Decimal(least), Decimal(most))):
            bounds.append(start)
            slopes.append(slope * full)
    steps = ((first.financial, height),) if height > 0 else ()
    return Pieces(tuple(bounds), tuple(slopes), steps)


def _bends(
    knot: _Knot, end: _Knot | None, rise: Decimal, limits: tuple[Decimal, Decimal]
) -> Iterator[tuple[int, Decimal]]:
    """Yield where within two knots the charge begins, floor passed, and where it ends, at the cap.

    A bound is rounded to the side on which the premium is dearer.
    """
    least, most = limits
    passed = floor(knot.financial + (least - knot.charged) / rise)
    capped = int((knot.financial + (most - knot.charged) / rise).to_integral_value(ROUND_CEILING))
    yield knot.financial, rise if least <= knot.charged < most else NOTHING
    for start, slope in ((passed, rise), (capped, NOTHING)):
        if start > knot.financial and (end is None or start < end.financial):
            yield start, slope
