"""The file that says what is paid into an account, what it is charged, and what it pays out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from jeoul.errors import ConfigError
from jeoul.files.toml import check, parse
from jeoul.model.money import rate

Money = Annotated[int, Field(gt=0)]
NoMoney = Annotated[int, Field(ge=0)]


def _rate(text: str) -> str:
    rate(text)
    return text


def _interest(text: str) -> str:
    return text if text in ("none", "market") else _rate(text)


Rate = Annotated[str, AfterValidator(_rate)]


class Table(BaseModel):
    """A table of an account file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CostSettings(Table):
    """What every order pays, in the currency that the account trades in."""

    fee_rate: Rate = "0.000140527"
    fee_least: NoMoney = 0
    fee_fixed: NoMoney = 0
    spread: Rate = "0"


class FlowSettings(Table):
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


class ExchangeSettings(Table):
    """The owner's money, where it is not the one that the account trades in."""

    owner: Literal["KRW"]
    series: str = "usdkrw"
    spread: Rate = "0.02"


class Settings(Table):
    """An account file."""

    schema_: Literal[1] = Field(alias="schema")
    name: str
    cash: Money
    parts: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    interest: Annotated[str, AfterValidator(_interest)] = "none"
    costs: CostSettings = CostSettings()
    deposits: list[FlowSettings] = []
    withdrawals: list[FlowSettings] = []
    exchange: ExchangeSettings | None = None


def load_account_file(path: Path) -> Settings:
    """Return the settings of an account file.

    Raises :class:`~jeoul.errors.ConfigError` with everything that is wrong, by line and key.
    """
    return check(parse(path, ConfigError), Settings, ConfigError)
