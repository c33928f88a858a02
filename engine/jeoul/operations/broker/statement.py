"""The holdings file that a person exports from a broker, as an account."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from jeoul.account.holdings import Days, Given, Holdings, read_holdings, refuse_empty
from jeoul.errors import BrokerError, DataError, HoldingsError
from jeoul.files.text import read_content
from jeoul.model.calendar import moment
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.operations.broker.port import BrokerAccount, BrokerContext
from jeoul.rebalance import unowed

Cash = int | Literal["books"] | None
"""What stands in for a file without a row of cash: an amount in the main unit, or the books."""


@dataclass(slots=True)
class HoldingsStatement:
    """A holdings file: its digest, the account in it, and what is said of it.

    ``given`` is what the config says of the file, ``cash`` what stands in for a row of cash. An
    account with nothing in it is refused unless it ``may_be_empty``.
    """

    path: Path
    given: Given
    cash: Cash
    context: BrokerContext
    may_be_empty: bool = False
    _read: tuple[str, Holdings] | None = field(default=None, init=False, repr=False)

    def digest(self) -> str:
        """Return the SHA-256 of the file; raise :class:`HoldingsError` if it cannot be read."""
        try:
            return hashlib.sha256(read_content(self.path, HoldingsError)).hexdigest()
        except HoldingsError as error:
            remedy = "export the holdings from the broker to this file, or correct broker.holdings"
            raise HoldingsError([replace(p, remedy=remedy) for p in error.problems]) from None

    def account(self) -> BrokerAccount:
        """Return what the file says the account holds, with no more cash than can be spent.

        Raises :class:`HoldingsError` for a file that cannot be read and :class:`BrokerError` where
        nobody says how much cash there is.
        """
        held = refuse_empty(self._holdings(), new=self.may_be_empty)
        portfolio = unowed(self._portfolio(held))
        return BrokerAccount(portfolio.shares, portfolio.cash, portfolio.unsettled, costs=held.cost)

    def outside(self) -> Mapping[str, int | str]:
        """Return what the file has beyond the strategy; nothing of one that is refused."""
        held = self._readable()
        return {} if held is None else held.outside

    def notes(self) -> Sequence[Reason]:
        """Return what is said of the file; nothing of one that is refused."""
        held = self._readable()
        return () if held is None else held.notes

    def _readable(self) -> Holdings | None:
        try:
            return self._holdings()
        except DataError:  # the run has been stopped for it, or has not come to it
            return None

    def _holdings(self) -> Holdings:
        """Return the reading of the file, made once for each content of it."""
        digest = self.digest()
        if self._read is None or self._read[0] != digest:
            context = self.context
            found = read_holdings(
                self.path,
                context.securities,
                currency=context.currency,
                days=Days(context.calendar, self._today()),
                given=self.given,
            )
            self._read = (digest, found)
        return self._read[1]

    def _today(self) -> date:
        zone = ZoneInfo(self.context.calendar.timezone)
        return moment(int(self.context.clock.now())).astimezone(zone).date()

    def _portfolio(self, held: Holdings) -> Portfolio:
        if held.cash is not None:
            return held.portfolio()
        if self.cash is None:
            raise BrokerError(
                f"{self.path} has no row of cash, so that nobody knows what can be spent; export "
                "the cash with the holdings, or set broker.cash to an amount or to "
                '"books", the cash that the ledger knows'
            )
        if self.cash == "books":
            return replace(self.context.books(), shares=dict(held.shares))
        return held.with_cash(self.cash * UNITS[held.currency]).portfolio()
