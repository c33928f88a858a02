"""One household member as a file: incomes, accounts, what is to be saved and for how long."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.errors import ConfigError, Problem
from jeoul.korea.won import Flag, Won


@dataclass(frozen=True, slots=True, kw_only=True)
class IsaState:
    """An ISA that exists: when it was opened, what was paid in, what it is worth."""

    opened: Won
    paid: Mapping[str, Won] = field(default_factory=dict)
    withdrawn: Won = 0
    value: Won = 0
    gain: Won = 0
    kind: str | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the plan of a year needs to know. Money in won.

    ``budget`` is what can be saved this year and ``horizon_years`` how long it stays;
    ``keep_liquid`` the part that must not go into pension accounts; ``growth`` an assumed yearly
    growth. ``tax_due`` is the national income tax of the year before this credit, None if unknown.
    ``taxable_income`` is the income other than interest and dividends, after its deductions, for
    the comparison above 20 M. ``planned_gain`` is a taxed gain (a KRX-listed foreign-index ETF,
    say) that may be realised this year, ``overseas_gain`` an unrealised one of US-listed holdings.
    """

    year: Won
    age: Won
    wages: Won
    budget: Won
    horizon_years: Won
    growth: Decimal
    comprehensive_income: Won | None = None
    farmer: Flag = False
    resident: Flag = True
    financial_income_taxpayer_last_3y: Flag = False
    tax_due: Won | None = None
    taxable_income: Won = 0
    keep_liquid: Won = 0
    pension_paid: Won = 0
    irp_paid: Won = 0
    financial_income: Won = 0
    planned_gain: Won = 0
    overseas_gain: Won = 0
    overseas_realised: Won = 0
    isa: IsaState | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_person(text: str, file: str) -> Person:
    """Return the person that a TOML text describes.

    Raises :class:`ConfigError` with everything wrong in the file.

    >>> read_person("year = 2026", "me.toml")
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: me.toml: age: Field required
    me.toml: wages: Field required
    me.toml: budget: Field required
    me.toml: horizon_years: Field required
    me.toml: growth: Field required
    """
    try:
        raw: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(file, f"is no TOML: {error}")]) from error
    try:
        person = TypeAdapter(Person).validate_python(raw)
    except ValidationError as error:
        raise ConfigError(
            [
                Problem(file, entry["msg"], key=".".join(map(str, entry["loc"])))
                for entry in error.errors()
            ]
        ) from error
    if problems := [Problem(file, message, key=key) for key, message in _faults(person)]:
        raise ConfigError(problems)
    return person


def _faults(person: Person) -> list[tuple[str, str]]:
    faults = [
        (name, f"{value} is below zero")
        for name in Person.__dataclass_fields__
        if isinstance(value := getattr(person, name), int) and value < 0
    ]
    if person.isa is not None:
        faults.extend(
            (f"isa.{name}", f"{value} is below zero")
            for name, value in (
                ("value", person.isa.value),
                ("withdrawn", person.isa.withdrawn),
                *((f"paid.{year}", amount) for year, amount in person.isa.paid.items()),
            )
            if value < 0
        )
    if not 0 < person.age <= 120:
        faults.append(("age", f"{person.age} is no age; give years from 1 to 120"))
    if not 1 <= person.horizon_years <= 60:
        faults.append(("horizon_years", f"{person.horizon_years}; give years from 1 to 60"))
    if not Decimal("-0.5") < person.growth < Decimal("0.5"):
        faults.append(("growth", f"{person.growth} a year; give a fraction as 0.05 for 5 %"))
    if person.keep_liquid > person.budget:
        faults.append(("keep_liquid", f"{person.keep_liquid} is more than the budget"))
    return faults
