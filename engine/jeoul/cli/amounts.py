"""Amounts of money on the command line."""

from __future__ import annotations

from typing import Any

import click

from jeoul.errors import UsageError
from jeoul.model.amount import Amount, Whole, parse_amount, refuse_foreign, whole_amount


class AmountType(click.ParamType[Whole]):
    """A whole amount as people write it, in ``currency`` where only one can be meant."""

    name = "amount"

    def __init__(self, *, least: int = 0, currency: str | None = None) -> None:
        self.least = least
        self.currency = currency

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Whole:
        """Return the amount, or fail with what is wrong with it."""
        try:
            found = whole_amount(value)
            if self.currency is not None:
                refuse_foreign(self.currency, amount=found)
        except UsageError as fault:
            self.fail(str(fault), param, ctx)
        if found < self.least:
            self.fail(f"{value} is below {self.least}", param, ctx)
        return found


class MoneyType(click.ParamType[Amount]):
    """An amount as people write it, with cents where the currency has them."""

    name = "amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Amount:
        """Return the amount, or fail with what is wrong with it."""
        if isinstance(value, Amount):
            return value
        try:
            return parse_amount(str(value))
        except UsageError as fault:
            self.fail(str(fault), param, ctx)
