"""What a year's gains and income add to a person's taxes and premiums; each levy by itself.

One place for all who ask: the comparison of accounts, the backtest of an account, the household.
Each function returns what the accounts add to what the person owes anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jeoul.korea.health import health_crossing
from jeoul.korea.income import financial_income
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.rulebook import Rulebook, Step


class Levied(NamedTuple):
    """What a levy takes, in won, and how it comes about."""

    amount: int
    steps: tuple[Step, ...] = ()


def overseas_levy(book: Rulebook, gains: Sequence[int], elsewhere: Sequence[int] = ()) -> Levied:
    """Return the tax on a year's gains abroad beside those realised ``elsewhere``.

    The year nets all of them, and 2.5 M are free once. It is below 0 where losses lower the tax of
    what was realised elsewhere.
    """
    if not gains:
        return Levied(0)
    found = settle_overseas(book, gains=(*elsewhere, *gains))
    before = settle_overseas(book, gains=tuple(elsewhere)).tax if elsewhere else 0
    return Levied(found.tax - before, found.steps)


class Comprehensive(NamedTuple):
    """The tax of May on interest and dividends, and whether they exceed 20 M."""

    amount: int
    above: bool
    steps: tuple[Step, ...]


def comprehensive_levy(
    book: Rulebook, income: int, *, elsewhere: int = 0, base: int = 0
) -> Comprehensive:
    """Return the tax beyond what is withheld that ``income`` of a year adds.

    ``elsewhere`` are interest and dividends that are there already, ``base`` the taxable income
    beside them.
    """
    before = financial_income(book, financial=elsewhere, other_income=base)
    after = financial_income(book, financial=elsewhere + income, other_income=base)
    extra = after.extra + after.local_extra - before.extra - before.local_extra
    return Comprehensive(extra, after.comprehensive, after.steps)


def health_levy(
    book: Rulebook,
    income: int,
    *,
    status: str,
    elsewhere: int = 0,
    other: int = 0,
    public_pension: int = 0,
) -> Levied:
    """Return the premiums of twelve months that ``income`` of a year adds."""
    found = health_crossing(
        book,
        status=status,
        more=income,
        financial=elsewhere,
        other_income=other,
        public_pension=public_pension,
    )
    return Levied(found.cost, found.steps)
