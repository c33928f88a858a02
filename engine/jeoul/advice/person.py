"""One household member as a file: incomes, accounts, what is to be saved and for how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.account.money_keys import WonAmount
from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import Fault, Location, did_you_mean, shown
from jeoul.files.refused import faults_of
from jeoul.korea.isa import FIRST_YEAR, KINDS, isa_room
from jeoul.korea.levy import Flag, Won
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules, no_table

_YEAR = re.compile(r"[0-9]{4}")
_RANGED = (("age",), ("horizon_years",))  # whole numbers with a range of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class IsaState:
    """An ISA that exists: when it was opened, what was paid in, what it is worth."""

    opened: Won
    paid: Mapping[str, WonAmount] = field(default_factory=dict)
    withdrawn: WonAmount = 0
    value: WonAmount = 0
    gain: WonAmount = 0
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
    wages: WonAmount
    budget: WonAmount
    horizon_years: Won
    growth: Decimal
    comprehensive_income: WonAmount | None = None
    farmer: Flag = False
    resident: Flag = True
    financial_income_taxpayer_last_3y: Flag = False
    tax_due: WonAmount | None = None
    taxable_income: WonAmount = 0
    keep_liquid: WonAmount = 0
    pension_paid: WonAmount = 0
    irp_paid: WonAmount = 0
    financial_income: WonAmount = 0
    planned_gain: WonAmount = 0
    overseas_gain: WonAmount = 0
    overseas_realised: WonAmount = 0
    isa: IsaState | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_person(text: str, file: str, reforms: Iterable[str] = ()) -> Person:
    r"""Return the person that a TOML text describes; ``file`` is its name in messages.

    Raises :class:`ConfigError` with everything wrong in the file: keys and types first, then what
    no person can have, among it more than an account takes under the rules and ``reforms``.

    >>> read_person("year = 2026\nwages = 1.5\nbugdet = 1\nage = 40\nbudget = 2", "me.toml")
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: me.toml: horizon_years: is missing; add it
    me.toml: growth: is missing; add it
    me.toml:2: wages: 1.5 is not a whole number; write digits without quotes, such as 20_000_000
    me.toml:3: unknown key 'bugdet' at the top level; did you mean 'budget'?
    """
    document = parse_text(text, file, ConfigError, parse_float=Decimal)
    try:
        person = TypeAdapter(Person).validate_python(document.data)
        faults = list(_impossible(person, tuple(reforms)))
    except ValidationError as error:
        faults = faults_of(error, Person)
    if faults:
        raise ConfigError(document.problems(faults))
    return person


def _impossible(person: Person, reforms: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what no person can have."""
    yield from _below_zero(person)
    yield from _out_of_range(person)
    yield from _income_faults(person)
    if person.isa is not None:
        yield from _isa_faults(person.isa, person.year)
    if missing := no_table(person.year):
        yield missing
        return
    book = load_rules(person.year, reforms=reforms)
    yield from _pension_faults(book, person)
    if person.isa is not None:
        yield from _room_faults(book, person.isa, person.year)


def _below_zero(person: Person) -> Iterator[Fault]:
    amounts: list[tuple[Location, object]] = [
        ((name,), getattr(person, name)) for name in Person.__dataclass_fields__
    ]
    if person.isa is not None:
        amounts += [(("isa", name), getattr(person.isa, name)) for name in ("value", "withdrawn")]
        amounts += [(("isa", "paid", when), paid) for when, paid in person.isa.paid.items()]
    for key, amount in amounts:
        if isinstance(amount, int) and amount < 0 and key not in _RANGED:
            yield Fault(key, f"{amount} is below zero", "give 0 or more")


def _out_of_range(person: Person) -> Iterator[Fault]:
    if not 0 < person.age <= 120:
        yield Fault(("age",), f"{person.age} is not an age", "give years from 1 to 120")
    if not 1 <= person.horizon_years <= 60:
        yield Fault(
            ("horizon_years",),
            f"{person.horizon_years} is not a horizon",
            "give years from 1 to 60",
        )
    if not Decimal("-0.5") < person.growth < Decimal("0.5"):
        wrong = f"{person.growth} a year is not a growth rate to plan with"
        yield Fault(("growth",), wrong, "give a fraction, 0.05 for 5 %")
    if person.keep_liquid > person.budget:
        wrong = f"{person.keep_liquid} is more than the budget"
        yield Fault(("keep_liquid",), wrong, f"give {person.budget} at most")


def _income_faults(person: Person) -> Iterator[Fault]:
    """Yield incomes that do not fit: what is taxable after deductions is part of the whole."""
    whole, taxable = person.comprehensive_income, person.taxable_income
    if whole is None and taxable > person.wages:
        wrong = f"{taxable} is more than the wages, so there is other income"
        yield Fault(("taxable_income",), wrong, "give comprehensive_income (종합소득금액)")
    elif whole is None and not person.wages:
        remedy = "give comprehensive_income; 0, with tax_due = 0, if there is none"
        yield Fault(("wages",), "there are no wages and no other income is given", remedy)
    elif whole is not None and taxable > whole:
        wrong = f"{taxable} after deductions is more than comprehensive_income, {whole}"
        yield Fault(("taxable_income",), wrong, "correct one of the two")


def _pension_faults(book: Rulebook, person: Person) -> Iterator[Fault]:
    cap, paid = book.won("pension.annual_cap"), person.pension_paid + person.irp_paid
    if paid > cap:
        wrong = f"pension_paid and irp_paid come to {paid}; pension accounts take {cap} a year"
        remedy = "leave out what was moved from an ISA, which counts apart"
        yield Fault(("irp_paid" if person.irp_paid else "pension_paid",), wrong, remedy)


def _isa_faults(isa: IsaState, year: int) -> Iterator[Fault]:
    if not FIRST_YEAR <= isa.opened <= year:
        wrong = f"{isa.opened} is not a year in which an ISA was opened"
        yield Fault(("isa", "opened"), wrong, f"give one from {FIRST_YEAR} to {year}")
    if isa.kind is not None and isa.kind not in KINDS:
        wrong = f"{shown(isa.kind)} is not a kind of ISA"
        yield Fault(("isa", "kind"), wrong, did_you_mean(isa.kind, KINDS))
    if isa.gain > max(0, isa.value):
        wrong = f"{isa.gain} is more than the account is worth, {isa.value}"
        yield Fault(("isa", "gain"), wrong, "give the gain inside it, and its whole value")


def _room_faults(book: Rulebook, isa: IsaState, year: int) -> Iterator[Fault]:
    """Yield the payments of years in which the account did not exist, or above that year's room."""
    before: dict[str, Won] = {}
    for when, amount in sorted(isa.paid.items()):
        key = ("isa", "paid", when)
        if not _YEAR.fullmatch(when) or not isa.opened <= int(when) <= year:
            yield Fault(
                key, f"{shown(when)} is not a year of this account", f"use {isa.opened} to {year}"
            )
            continue
        if amount < 0 or int(when) < FIRST_YEAR:
            return  # told already, and no room can be counted from it
        room = isa_room(book, opened=isa.opened, year=int(when), paid=before).room
        if amount > room:
            wrong = f"{amount} is more than could be paid in {when}"
            yield Fault(key, wrong, f"give {room} at most, the room that was left")
        before[when] = amount
