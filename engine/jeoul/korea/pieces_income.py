"""What interest and dividends above 20 M a year cost in May, as slopes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from jeoul.korea.levy import combined, floor
from jeoul.korea.pieces import Pieces
from jeoul.korea.rulebook import Rulebook


class _Run(NamedTuple):
    """From an excess on, what a won more adds to A - B."""

    start: Decimal
    slope: Decimal


def income_pieces(book: Rulebook, *, taxable: int = 0) -> Pieces:
    """Return the tax of May on a year's interest and dividends, beyond the tax withheld.

    ``taxable`` is the person's other income less deductions; a deduction that is left over (below
    0) comes off the excess. With x = the excess above 20 M, A - B of 소득세법 §62 is
    tax(x + taxable) - tax(taxable) - 14 % x, which begins at 0 and is convex because the bands
    only rise; its positive part is convex too, so no step is needed. Local tax is on top.

    Dividends of Korean companies, which are grossed up, are left out: those of funds never are.
    The extra of :func:`~jeoul.korea.income.financial_income` differs by at most 3 won, and its
    local part is smaller by less than 10 won more.

    >>> from jeoul.korea.tables import load_rules
    >>> int(income_pieces(load_rules(2026), taxable=40_000_000).at(21_000_000))
    11000
    """
    limit = book.won("income.financial_limit")
    starts = [
        (limit + floor(run.start), combined(book, run.slope)) for run in _above(book, taxable)
    ]
    return Pieces(
        tuple(start for start, _ in starts),
        (Decimal(0), *(slope for _, slope in starts)),
    )


def _above(book: Rulebook, taxable: int) -> Iterator[_Run]:
    """Yield the runs on which A - B is above 0: from where it is back at 0, if it fell below."""
    runs, value = list(_runs(book, taxable)), Decimal(0)
    ends = (*(run.start for run in runs[1:]), None)
    for run, end in zip(runs, ends, strict=True):
        start = run.start if value >= 0 else run.start - value / run.slope if run.slope > 0 else end
        if run.slope > 0 and start is not None and (end is None or start < end):
            yield _Run(start, run.slope)
        if end is not None:
            value += (end - run.start) * run.slope


def _runs(book: Rulebook, taxable: int) -> Iterator[_Run]:
    """Yield where the rate on the excess changes, and the rate there less that withheld."""
    withheld, below = book.rate("tax.withholding"), 0
    if taxable < 0:
        yield _Run(Decimal(0), -withheld)
    for bound, rate in book.bands("income.brackets"):
        if bound is None or bound > taxable:
            yield _Run(Decimal(max(0, below - taxable)), rate - withheld)
        below = bound or below
