"""The payoff of a step-down equity-linked security along a path of its index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.korea.levy import floor, withheld
from jeoul.korea.rulebook import Rulebook, Step, step


class Level(NamedTuple):
    """The index on one day."""

    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class ElsTerms:
    """What a step-down ELS promises.

    ``coupon`` a year, simple; ``barriers`` as shares of the first level, one for each observation,
    the last at maturity; ``months`` between observations; ``knock_in`` the level that takes the
    protection away once it is touched (None: no knock-in, the last barrier alone decides).
    """

    coupon: Decimal
    barriers: tuple[Decimal, ...]
    months: int
    knock_in: Decimal | None


@dataclass(frozen=True, slots=True)
class ElsOutcome:
    """What one path gave: ``how`` is ``early``, ``maturity``, ``untouched`` or ``loss``."""

    how: str
    day: date
    months: int
    knocked_in: date | None
    paid: int
    profit: int
    tax: int
    steps: tuple[Step, ...]


def simulate_els(
    book: Rulebook, *, terms: ElsTerms, levels: Sequence[Level], principal: int
) -> ElsOutcome:
    """Return the outcome of an ELS issued on the first of the month-end levels.

    At each observation, if level / first >= barrier, principal and coupon x time are paid. At
    maturity below the last barrier: if the knock-in was never touched, principal and coupon; else
    principal x level / first. The knock-in is watched on the given levels only; real contracts
    watch every close, so a real path may knock in where this one does not. Gains are dividend
    income (15.4 %); a loss reduces nothing. Source: 소득세법 시행령 §26의3①.

    Raises :class:`UsageError` for terms or levels that do not fit together.

    >>> from jeoul.korea.tables import load_els_example, load_rules
    >>> terms, levels, _ = load_els_example()
    >>> found = simulate_els(load_rules(2026), terms=terms, levels=levels, principal=10_000_000)
    >>> found.how, found.paid
    ('loss', 5048256)
    """
    last = terms.months * len(terms.barriers)
    if principal <= 0 or not terms.barriers or terms.months < 1:
        raise UsageError("an ELS needs a principal, an observation, and months between them")
    if len(levels) <= last or any(level.value <= 0 for level in levels):
        raise UsageError(f"the path needs {last + 1} positive month-end levels, the issue included")
    first = levels[0].value
    steps = [step("els_issued", day=levels[0].day, level=first)]
    touched = None if terms.knock_in is None else _touched(levels[: last + 1], terms.knock_in)
    for number, barrier in enumerate(terms.barriers, 1):
        month = number * terms.months
        day, value = levels[month]
        share = value / first
        steps.append(step("els_observed", day=day, share=share, barrier=barrier))
        if share >= barrier:
            return _with_coupon(
                book,
                terms,
                principal,
                steps,
                Ending("early" if month < last else "maturity", day, month, touched),
            )
    day, value = levels[last]
    if touched is None and terms.knock_in is not None:
        ending = Ending("untouched", day, last, touched)
        return _with_coupon(book, terms, principal, steps, ending)
    paid = floor(principal * value / first)
    if touched is not None:
        steps.append(step("els_knocked_in", day=touched))
    steps.append(step("els_loss", paid=paid, lost=principal - paid))
    return ElsOutcome("loss", day, last, touched, paid, paid - principal, 0, tuple(steps))


class Ending(NamedTuple):
    """How and when a path ended."""

    how: str
    day: date
    months: int
    touched: date | None


def _touched(levels: Sequence[Level], knock_in: Decimal) -> date | None:
    first = levels[0].value
    return next((day for day, value in levels if value < first * knock_in), None)


def _with_coupon(
    book: Rulebook, terms: ElsTerms, principal: int, steps: list[Step], ending: Ending
) -> ElsOutcome:
    profit = floor(principal * terms.coupon * ending.months / 12)
    tax = withheld(book, profit, book.rate("tax.withholding")).total
    steps.append(step("els_paid", profit=profit, tax=tax))
    return ElsOutcome(
        ending.how,
        ending.day,
        ending.months,
        ending.touched,
        principal + profit,
        profit,
        tax,
        tuple(steps),
    )
