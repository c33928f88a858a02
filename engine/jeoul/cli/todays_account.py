"""The options that say what an account holds, what moves in it today, and how it trades."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.options import account_option, cash_option, holdings_option, proceeds_option
from jeoul.cli.rooms import opened_option, paid_option, read_facts, room_notes
from jeoul.errors import UsageError
from jeoul.model.amount import Amount, refuse_foreign
from jeoul.model.portfolio import Proceeds

if TYPE_CHECKING:
    from jeoul.account.rooms import PaidFacts
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.model.portfolio import Reason
    from jeoul.rebalance import Tariff
    from jeoul.workspace.inputs import Opened

_OPTIONS = (
    holdings_option,
    cash_option,
    account_option,
    click.option(
        "--deposit",
        type=AmountType(),
        default=0,
        help="New money beside the holdings: only buys, unless the account trades anyway.",
    ),
    click.option(
        "--withdrawal", type=AmountType(), default=0, help="Money to pay out: sells for it."
    ),
    opened_option,
    paid_option,
    proceeds_option,
    click.option("--fee", metavar="RATE", help="Order fee as a fraction of the value traded."),
    click.option(
        "--collar",
        type=click.FloatRange(0.0, 0.3),
        default=0.02,
        show_default=True,
        metavar="FRACTION",
        help="How far limit prices are from the last close, those of buys from the net asset value "
        "where that is known and lower; 0: orders have no limit.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWords:
    """What the command line says of an account; amounts are in the strategy's currency."""

    holdings: Path | None
    cash: Amount | None
    account: str
    deposit: int
    withdrawal: int
    opened: str | None
    paid: tuple[str, ...]
    proceeds: Proceeds
    fee: str | None
    collar: float

    def refuse_nothing(self) -> None:
        """Raise :class:`~jeoul.errors.UsageError` where there is no account to decide on."""
        if not self.is_given:
            raise UsageError("there is nothing to decide on; give --holdings, --cash or --deposit")

    @property
    def is_given(self) -> bool:
        """Return whether there is an account to decide on: holdings, cash or a deposit."""
        return self.holdings is not None or bool(self.deposit or self.cash)

    @property
    def facts(self) -> PaidFacts:
        """Return what is known of earlier payments into the account."""
        return read_facts(self.opened, self.paid)

    def checked(self) -> AccountWords:
        """Return the words, or raise :class:`~jeoul.errors.UsageError` for two flows at once."""
        if self.deposit and self.withdrawal:
            raise UsageError("use --deposit or --withdrawal, not both; enter the net amount")
        return self

    def notes(self, inputs: Opened, lang: str, paying: int) -> list[str]:
        """Return what a payment leaves of the account's room.

        Raises :class:`~jeoul.errors.UsageError` for one that the account cannot take.
        """
        from jeoul import api

        year = api.calendars()[inputs.strategy.calendar].after(inputs.snapshot.as_of).year
        return room_notes(self.account, year, paying, self.facts, lang)

    def account_on(self, inputs: Opened, stops: Reason | None) -> TodaysAccount:
        """Return the account with its holdings as they are read for a strategy and a market."""
        from jeoul import api
        from jeoul.account.todays_account import TodaysAccount
        from jeoul.cli.holdings import held_by
        from jeoul.model.money import UNITS

        currency = api.universe_of(inputs.strategy.universe).currency
        refuse_foreign(currency, deposit=self.deposit, withdrawal=self.withdrawal)
        return TodaysAccount(
            holdings=held_by(inputs, self.holdings, self.cash),
            deposit=self.deposit * UNITS[currency],
            withdrawal=self.withdrawal * UNITS[currency],
            proceeds=self.proceeds,
            tariff=self._tariff(),
            collar=self.collar,
            stops=stops,
        )

    def _tariff(self) -> Tariff:
        from jeoul.model.money import rate
        from jeoul.rebalance import ONLINE, Tariff

        if self.fee is None:
            return ONLINE
        try:
            return Tariff(rate(self.fee, below="0.1"))
        except ValueError as fault:
            raise UsageError(f"--fee: {fault}") from None


def account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command with the options of an account, which it is given as one ``words``."""

    @functools.wraps(command)
    def gathered(**given: Any) -> Any:
        own = {name: given.pop(name) for name in AccountWords.__dataclass_fields__}
        return command(words=AccountWords(**own).checked(), **given)

    options: Callable[..., Any] = gathered
    for option in reversed(_OPTIONS):
        options = option(options)
    return options
