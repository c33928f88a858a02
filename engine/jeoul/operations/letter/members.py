"""The accounts of a letter: with their courses up to the quarter's end, and who manages them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.model.days import count_until
from jeoul.model.instrument import Instrument
from jeoul.model.portfolio import CASH
from jeoul.model.series import Series
from jeoul.operations.course import AccountCourse
from jeoul.operations.statement.worth import rate_on
from jeoul.operations.testbed.account import AuditedAccount
from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LetterAccount:
    """An account of a letter; ``audited`` is None for one that no ledger of ours manages."""

    id: str
    course: AccountCourse
    audited: AuditedAccount | None


@dataclass(frozen=True, slots=True, eq=False)
class LetterSecurities:
    """What is known of securities by ticker: those of every account's universe."""

    instruments: Mapping[str, Instrument]

    def name(self, code: str) -> Text:
        """Return what people call a security, its code where nobody knows it."""
        if code == CASH:
            return Text.of("facts.class_cash")
        found = self.instruments.get(code)
        return Text(code, code) if found is None else Text(found.name_ko, found.name_en)

    def asset_class(self, code: str) -> str:
        """Return the class of a security: ``cash`` of money, ``other`` of one that nobody knows."""
        if code == CASH:
            return "cash"
        found = self.instruments.get(code)
        return "other" if found is None else found.asset_class

    def currency(self, code: str, account: str) -> str:
        """Return the currency that a security's value moves with, in an account of a currency.

        ``UNKNOWN`` where nobody knows; a hedged fund moves with the account's own.
        """
        if code == CASH:
            return account
        found = self.instruments.get(code)
        if found is None or (found.exposure_currency is None and not found.hedged):
            return "UNKNOWN"
        return account if found.hedged else str(found.exposure_currency)


def won_of(
    members: Sequence[LetterAccount], day: date, series: Mapping[str, Series]
) -> Iterator[tuple[LetterAccount, str, float]]:
    """Yield what each account holds after the close of a day: security, or CASH, and its won.

    An account that had not begun by then has nothing.
    """
    for member in members:
        course = member.course
        place = count_until(course.sessions, day) - 1
        if place < 0:
            continue
        rate = rate_on(course.currency, day, series)
        prices = np.nan_to_num(course.prices[place])
        for code, shares, price in zip(course.tickers, course.shares[place], prices, strict=True):
            if shares:
                yield member, code, float(shares) * float(price) * rate
        yield member, CASH, float(course.cash[place]) * rate
