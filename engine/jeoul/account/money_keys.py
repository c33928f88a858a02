"""The keys of files that hold money: whole numbers, or text as people write it."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import Field, Strict, ValidatorFunctionWrapHandler, WrapValidator

from jeoul.errors import UsageError
from jeoul.model.amount import MOST, Whole, refuse_foreign, whole_amount


def _read(given: Any, check: ValidatorFunctionWrapHandler, currency: str | None = None) -> int:
    """Return the amount of a key, which remembers the currency it was written in."""
    if isinstance(given, float | Decimal):  # 1e6 is one; a fraction is refused by the type
        whole = Decimal(given).is_finite() and given == int(given)
        return _within(int(check(int(given) if whole else given)))
    if not isinstance(given, str):
        return _within(int(check(given)))
    try:
        written = whole_amount(given)
        if currency is not None:
            refuse_foreign(currency, amount=written)
    except UsageError as fault:
        raise ValueError(str(fault)) from None  # pydantic reports these with their key
    found = Whole(_within(check(int(written))))
    found.currency = written.currency
    return found


def _within(amount: int) -> int:
    if abs(amount) > MOST:
        raise ValueError(f"{amount} is too large; give {MOST} at most")
    return amount


_WRITTEN = int | str

NoMoney = Annotated[
    int, Strict(), Field(ge=0), WrapValidator(_read, json_schema_input_type=_WRITTEN)
]
"""Money of 0 or more, in the currency of the account."""

Money = Annotated[int, Strict(), Field(gt=0), WrapValidator(_read, json_schema_input_type=_WRITTEN)]
"""Money above 0, in the currency of the account."""

WonAmount = Annotated[
    int,
    Strict(),
    WrapValidator(partial(_read, currency="KRW"), json_schema_input_type=_WRITTEN),
]
"""Money in won, below 0 too."""
