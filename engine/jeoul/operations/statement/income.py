"""What the funds that an account holds paid in the last year, on the shares of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from jeoul.model.ratio import WHOLE, ratio_of
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse
from jeoul.operations.statement.decisions import name_of
from jeoul.operations.statement.spans import months_before
from jeoul.reporting.statement.facts import Paying
from jeoul.reporting.text import Text


def income_of(
    course: AccountCourse,
    place: int,
    tables: Sequence[PriceTable],
    end: date,
    won: float,
    names: Mapping[str, Text],
) -> tuple[Paying, ...] | None:
    """Return what the holdings after a session would bring in a year that pays like the last one.

    ``won`` is what the main unit of the account's money is worth. None where the tables do not say
    what funds paid, because their prices are adjusted for it. Funds that paid nothing are left out.
    """
    known = [table for table in tables if table.dividends is not None and table.adjusted == "raw"]
    if not known:
        return None
    found = []
    held = zip(course.tickers, course.shares[place].tolist(), strict=True)
    for code, shares in held:
        paid = sum(_per_share(table, code, end) for table in known if code in table.tickers)
        if shares and paid:
            amount = int(shares * paid * won)
            found.append(
                Paying(
                    code=code,
                    name=name_of(code, names),
                    shares=shares,
                    per_share=paid,
                    amount=amount,
                )
            )
    return tuple(sorted(found, key=lambda each: (-each.amount, each.code)))


def _per_share(table: PriceTable, code: str, end: date) -> float:
    """Return what one share of today was paid in the year up to a day, in the main unit."""
    column = table.tickers.index(code)
    days = np.array([months_before(end, 12), end], dtype="datetime64[D]")
    first, last = np.searchsorted(table.sessions, days, side="right").tolist()
    assert table.dividends is not None
    total, later = 0.0, WHOLE
    for row in range(last - 1, first - 1, -1):
        paid = float(table.dividends[row, column])
        if paid > 0.0:  # NaN is no payment
            total += paid / float(later)
        if table.splits is not None and not np.isnan(ratio := float(table.splits[row, column])):
            later *= ratio_of(ratio)
    return total
