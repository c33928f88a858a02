"""What a recommendation reads of a person's file: spending, loans, and incomes that are taxed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.account.money_keys import NoMoney
from jeoul.advice.first import Loan, loan_faults
from jeoul.advice.person_file import PersonKeys
from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import UNKNOWN, Fault, did_you_mean
from jeoul.files.refused import faults_of

_FOREIGN = 3  # unknown keys, and none that is read: a file of another kind, not a slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """A person's spending a month, loans and incomes of the year; every key may be left out.

    ``taxable_income`` None: the comprehensive tax is not computed.
    """

    spending: NoMoney | None = None
    loans: tuple[Loan, ...] = ()
    financial_income: NoMoney = 0
    taxable_income: NoMoney | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_means(text: str, file: str, on: date) -> Means:
    r"""Return what a person's file says of spending, loans and financial income.

    The other keys are left to :func:`jeoul.advice.person_file.read_person`. Raises
    :class:`ConfigError` with everything wrong among those that are read, unknown keys included.

    >>> read_means("spending = 2_000_000\nbalance = 3", "me.toml", date(2026, 11, 28))
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: me.toml:2: unknown key 'balance' at the top level; use one of ...
    """
    document = parse_text(text, file, ConfigError, kind="person", parse_float=Decimal)
    own = [field.name for field in fields(Means)]
    known = [*own, *(field.name for field in fields(PersonKeys) if field.name not in own)]
    faults = [
        Fault((key,), UNKNOWN, did_you_mean(key, known))
        for key in document.data
        if key not in known
    ]
    given = {key: value for key, value in document.data.items() if key in own}
    if len(faults) >= _FOREIGN and not given:
        wrong = f"has none of {', '.join(own)}: not a person's file"
        raise ConfigError([document.problem((), wrong, "see configs/person-example.toml")])
    found, more = _checked(given, on)
    if found is None or faults or more:
        raise ConfigError(document.problems([*faults, *more]))
    return found


def _checked(given: Mapping[str, Any], on: date) -> tuple[Means | None, list[Fault]]:
    try:
        found = TypeAdapter(Means).validate_python(given)
    except ValidationError as error:
        return None, faults_of(error, Means)
    return found, list(loan_faults(found.loans, on))
