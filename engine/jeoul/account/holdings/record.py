"""What a holdings file amounts to, and how it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.errors import HoldingsError, Problem
from jeoul.model.money import money_text
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.model.shown import Shown


class Vouched(NamedTuple):
    """By what a security that no list knows is taken for real: its name, or another currency."""

    name: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class FileReading:
    """How a file was read: its kind, and ``columns`` from what is read to the heading it is under.

    ``line`` is that of the header. ``worth`` is what the file says that securities outside the
    strategy are worth, in the main unit; ``vouched`` says by what those were taken for real
    that no list knows.
    """

    kind: str
    line: int
    columns: Mapping[str, str]
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    worth: Mapping[str, Decimal] = field(default_factory=dict)
    vouched: Mapping[str, Vouched] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldLot:
    """Shares that were bought on one day, at an average price and an exchange rate.

    ``cost`` and ``tax_base`` are of one share in the main unit, ``fx`` is won for one of a foreign
    currency; each is None where the file does not say it.
    """

    bought: date
    shares: int
    cost: Decimal | None = None
    tax_base: Decimal | None = None
    fx: Decimal | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Holdings(Shown):
    """The holdings of one account: whole shares, and money in the currency's smallest unit.

    ``cash`` is None where the file says none. ``incoming`` is money on its way by the day on which
    it arrives, below zero for what is still to be paid. ``outside`` are real securities that the
    strategy does not know, in shares, and foreign money as text: shown, never planned with.
    ``cost`` is the average price of one share and ``tax_base`` its price for the tax on dividends,
    in the main unit. ``lots`` are the purchases of a fund in the order of their days, where the
    file has a day for each: they add up to its shares, and ``cost`` is their average. ``as_of`` is
    the day that the file states. ``notes`` say what was read how.
    """

    file: str
    shares: Mapping[str, int]
    cash: int | None
    currency: str
    outside: Mapping[str, int | str] = field(default_factory=dict)
    incoming: Mapping[date, int] = field(default_factory=dict)
    cost: Mapping[str, Decimal] = field(default_factory=dict)
    tax_base: Mapping[str, Decimal] = field(default_factory=dict)
    lots: Mapping[str, tuple[HeldLot, ...]] = field(default_factory=dict)
    as_of: date | None = None
    found: FileReading | None = None
    notes: tuple[Reason, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether the account has nothing at all, as far as the file says."""
        return not (self.shares or self.outside or self.cash or self.incoming)

    def with_cash(self, cash: int | None) -> Holdings:
        """Return the holdings with an amount for the cash that the file does not say.

        Raises :class:`HoldingsError` where the file says another amount.
        """
        if cash is None or cash == self.cash:
            return self
        if self.cash is not None:
            there, given = (money_text(n, self.currency) for n in (self.cash, cash))
            wrong = f"has cash of {there}, and {given} was given for it"
            remedy = "leave one of the two out"
            raise HoldingsError([Problem(self.file, wrong, remedy=remedy)])
        said = Reason.of("holdings.cash_given", amount=money_text(cash, self.currency))
        kept = (note for note in self.notes if note.kind != "holdings.no_cash")
        return replace(self, cash=cash, notes=(*kept, said))

    def portfolio(self) -> Portfolio:
        """Return what a decision plans with: no outside holdings.

        Raises :class:`HoldingsError` where nobody has said how much cash there is.
        """
        if self.cash is None:
            wrong = "has no row of cash"
            remedy = "say how much there is with --cash AMOUNT, or add a row CASH"
            raise HoldingsError([Problem(self.file, wrong, remedy=remedy)])
        return Portfolio(dict(self.shares), self.cash, self.currency, dict(self.incoming))
