"""The file that says what is paid into an account, what it is charged, and what it pays out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jeoul.account.money_keys import Money, NoMoney
from jeoul.account.room_keys import Opened, Paid
from jeoul.errors import ConfigError, UsageError
from jeoul.files.document import parse
from jeoul.files.toml import check
from jeoul.model.instrument import AccountKind, account_kind
from jeoul.model.money import rate
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.rebalance import ONLINE, Tariff

USUAL_SPREAD = "0.0005"
"""The spread of a fund that is traded much, as a share of its price."""


def _rate(text: str) -> str:
    rate(text)
    return text


def _fee_rate(text: str) -> str:
    rate(text, below="0.1")
    return text


def _interest(text: str) -> str:
    return text if text in ("none", "market") else _rate(text)


def _kind(name: str) -> AccountKind:
    try:
        return account_kind(name)
    except UsageError as fault:
        raise ValueError(str(fault)) from None  # pydantic reports these with their key


Kind = Annotated[str, AfterValidator(_kind)]
Rate = Annotated[str, AfterValidator(_rate)]
FeeRate = Annotated[str, AfterValidator(_fee_rate)]


class AccountFileTable(BaseModel):
    """A table of an account file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FeeSettings(AccountFileTable):
    """What a broker charges for every order, in the currency that the account trades in.

    An account file, a run config and a paper account write it with the same keys.
    """

    fee_rate: FeeRate = str(ONLINE.rate)
    fee_least: NoMoney = 0
    fee_fixed: NoMoney = 0

    def tariff(self, unit: int) -> Tariff:
        """Return how orders are charged; ``unit`` smallest units make one of the currency.

        >>> FeeSettings(fee_rate="0.001", fee_least=2).tariff(100).costs(50_000).fee
        200
        """
        return Tariff(rate(self.fee_rate), self.fee_least * unit, self.fee_fixed * unit)


class CostSettings(FeeSettings):
    """Fees, and the spread that an order loses where its fill is simulated."""

    spread: Rate = "0"

    def tariff(self, unit: int) -> Tariff:
        """Return how orders are charged, with the spread."""
        return super().tariff(unit)._replace(spread=rate(self.spread))


class FlowSettings(AccountFileTable):
    """Money on a schedule: ``amount`` on ``start`` and then every month, quarter or year."""

    amount: Money
    every: Literal["once", "month", "quarter", "year"]
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _span(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it begins on {self.start}")
        return self


class ExchangeSettings(AccountFileTable):
    """The owner's money, where it is not the one that the account trades in."""

    owner: Literal["KRW"]
    series: str = "usdkrw"
    spread: Rate = "0.02"


class AccountFile(AccountFileTable):
    """An account file. ``kind`` is the kind of account; without it, that of the backtest.

    ``opened`` and ``paid`` say what an ISA or a pension account took before the file begins.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: str
    kind: Kind | None = None
    opened: Opened | None = None
    paid: Paid = {}
    cash: Money
    parts: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    interest: Annotated[str, AfterValidator(_interest)] = "none"
    proceeds: Proceeds = SETTLED
    costs: CostSettings = CostSettings()
    deposits: list[FlowSettings] = []
    withdrawals: list[FlowSettings] = []
    exchange: ExchangeSettings | None = None


def kind_of(settings: AccountFile, asked: AccountKind | str | None) -> AccountKind:
    """Return the kind of an account: as asked, else as its file says, else an ordinary one.

    Raises :class:`~jeoul.errors.UsageError` where the two differ.
    """
    own = None if settings.kind is None else account_kind(settings.kind)
    if asked is None:
        return AccountKind.GENERAL if own is None else own
    if own not in (None, account_kind(asked)):
        raise UsageError(
            f"the account file {settings.name} is of kind {own}, not {asked}; leave one of them out"
        )
    return account_kind(asked)


def load_account_file(path: Path) -> AccountFile:
    """Return the settings of an account file.

    Raises :class:`~jeoul.errors.ConfigError` with everything that is wrong, by line and key.
    """
    return check(parse(path, ConfigError, kind="account"), AccountFile, ConfigError)
