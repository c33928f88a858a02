"""What a report says of one account: what it holds, and what today's orders change in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from jeoul.model.portfolio import Reason
from jeoul.model.shown import Brief, line
from jeoul.reporting.text import Text

if TYPE_CHECKING:
    from jeoul.household.problem.sale_tax import SaleTax


class TermsFacts(NamedTuple):
    """The limits, the tax credit and the taxes of an account, in sentences."""

    account: Text
    lines: tuple[Text, ...]

    def __repr__(self) -> str:
        return line("Terms", self._asdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFund:
    """What an account holds of one fund at the last close; price and value are None without one."""

    code: str
    name: Text
    shares: int
    price: int | None
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAccount:
    """The account that a report is for, before today's orders; money in smallest units.

    ``value`` is that of ``funds`` and all money, ``incoming`` among it by the day on which it
    arrives. ``outside`` are holdings that the strategy does not know, in shares, and foreign money
    as text: in no sum and no order. ``notes`` say how the holdings were read. ``deposit`` is new
    money that is part of the cash, ``withdrawal`` what will be paid out.
    """

    funds: tuple[HeldFund, ...]
    cash: int
    value: int
    incoming: tuple[tuple[date, int], ...] = ()
    outside: tuple[tuple[str, int | str], ...] = ()
    notes: tuple[Reason, ...] = ()
    deposit: int = 0
    withdrawal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """Where an account is on one side of today's orders.

    ``weights`` are shares of its value by fund, with CASH; ``away`` is the share of its value that
    is not where the target has it, ``risk`` the share in risk classes, None without risk rules.
    ``volatility`` is expected, a year, None where a fund that is held was not estimated.
    """

    weights: Mapping[str, float]
    away: float
    risk: float | None = None
    volatility: float | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AccountChange(Brief):
    """What today's orders change: the account as it is, and with all of them filled.

    ``tax`` is withheld at today's sales, None where the account withholds nothing. ``next_date`` is
    the next session on which the strategy rebalances by the calendar, None without one.
    """

    now: AccountStanding
    after: AccountStanding
    tax: SaleTax | None = None
    next_date: date | None = None
