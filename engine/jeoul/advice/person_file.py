"""The file of one household member, as people write it, and everything wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.account.money_keys import WonAmount
from jeoul.advice.first import Loan, loan_faults
from jeoul.advice.person import HEALTH, Gains, Income, IsaState, Needs, Pensions, Person, Status
from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import Fault, Location, did_you_mean, shown
from jeoul.files.refused import faults_of
from jeoul.korea.dates import Opened, opening_year
from jeoul.korea.isa import FIRST_YEAR, KINDS, isa_room
from jeoul.korea.levy import Flag, Won
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules, no_table

_YEAR = re.compile(r"[0-9]{4}")
_RANGED = (("age",), ("horizon_years",))  # whole numbers with a range of their own
_FIRST_PENSION = 1994  # 개인연금저축, the oldest account of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class IsaKeys:
    """The table ``[isa]`` of a person's file."""

    opened: Opened
    paid: Mapping[str, WonAmount] = field(default_factory=dict)
    withdrawn: WonAmount = 0
    value: WonAmount = 0
    gain: WonAmount = 0
    kind: str | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """The keys of a person's file; :class:`Person` holds the same facts in groups."""

    year: Won
    age: Won
    wages: WonAmount
    budget: WonAmount
    horizon_years: Won
    growth: Decimal
    keep_liquid: WonAmount = 0
    spending: WonAmount = 0
    within_reach: WonAmount = 0
    loans: tuple[Loan, ...] = ()
    other_income: WonAmount = 0
    comprehensive_income: WonAmount | None = None
    taxable_income: WonAmount | None = None
    financial_income: WonAmount = 0
    tax_due: WonAmount | None = None
    dependants: Won = 0
    public_pension: WonAmount | None = None
    resident: Flag = True
    farmer: Flag = False
    financial_income_taxpayer_last_3y: Flag = False
    health: str | None = None
    pension_paid: WonAmount = 0
    irp_paid: WonAmount = 0
    pension_opened: Opened | None = None
    irp_opened: Opened | None = None
    planned_gain: WonAmount = 0
    overseas_gain: WonAmount = 0
    overseas_realised: WonAmount = 0
    isa: IsaKeys | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def read_person(
    text: str, file: str, reforms: Iterable[str] = (), rules_of: int | None = None
) -> Person:
    r"""Return the person that a TOML text describes; ``file`` is its name in messages.

    Raises :class:`ConfigError` with everything wrong in the file: keys and types first, then what
    no person can have, among it more than an account takes under the rules and ``reforms``.
    ``rules_of`` is the year whose rules are used where the person's own year has no table.

    >>> read_person("year = 2026\nwages = 1.5\nbugdet = 1\nage = 40\nbudget = 2", "me.toml")
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: me.toml: horizon_years: is missing; add it
    me.toml: growth: is missing; add it
    me.toml:2: wages: 1.5 is not a whole number; write digits without quotes, such as 20_000_000
    me.toml:3: unknown key 'bugdet' at the top level; did you mean 'budget'?
    """
    document = parse_text(text, file, ConfigError, kind="person", parse_float=Decimal)
    try:
        keys = TypeAdapter(PersonKeys).validate_python(document.data)
        faults = list(_impossible(keys, tuple(reforms), rules_of))
    except ValidationError as error:
        faults = faults_of(error, PersonKeys)
    if faults:
        raise ConfigError(document.problems(faults))
    return grouped(keys)


def grouped(keys: PersonKeys) -> Person:
    """Return the person that the keys of a file describe."""
    return Person(
        year=keys.year,
        age=keys.age,
        budget=keys.budget,
        horizon_years=keys.horizon_years,
        growth=keys.growth,
        needs=Needs(
            keep_liquid=keys.keep_liquid,
            spending=keys.spending,
            within_reach=keys.within_reach,
            loans=keys.loans,
        ),
        income=Income(
            wages=keys.wages,
            other=keys.other_income,
            comprehensive=keys.comprehensive_income,
            taxable=keys.taxable_income,
            financial=keys.financial_income,
            due=keys.tax_due,
            dependants=keys.dependants,
            public_pension=keys.public_pension,
        ),
        status=Status(
            resident=keys.resident,
            farmer=keys.farmer,
            financial_income_taxpayer_last_3y=keys.financial_income_taxpayer_last_3y,
            health=keys.health,
        ),
        pension=Pensions(
            savings_paid=keys.pension_paid,
            irp_paid=keys.irp_paid,
            savings_opened=keys.pension_opened,
            irp_opened=keys.irp_opened,
        ),
        gains=Gains(
            planned=keys.planned_gain,
            overseas=keys.overseas_gain,
            overseas_realised=keys.overseas_realised,
        ),
        isa=None if keys.isa is None else _isa_state(keys.isa),
    )


def _isa_state(keys: IsaKeys) -> IsaState:
    return IsaState(
        opened=keys.opened,
        paid=keys.paid,
        withdrawn=keys.withdrawn,
        value=keys.value,
        gain=keys.gain,
        kind=keys.kind,
    )


def _impossible(
    keys: PersonKeys, reforms: tuple[str, ...], rules_of: int | None
) -> Iterator[Fault]:
    """Yield what no person can have."""
    yield from _below_zero(keys)
    yield from _out_of_range(keys)
    yield from _income_faults(keys)
    yield from _opened_faults(keys)
    if date.min.year < keys.year <= date.max.year:
        yield from loan_faults(keys.loans, date(keys.year - 1, 12, 31))
    if keys.isa is not None:
        yield from _isa_faults(keys.isa)
    if missing := no_table(keys.year, rules_of):
        yield missing
        return
    book = load_rules(keys.year, reforms=reforms, rules_of=rules_of)
    yield from _pension_faults(book, keys)
    if keys.isa is not None:
        yield from _room_faults(book, keys.isa, keys.year)


def _below_zero(keys: PersonKeys) -> Iterator[Fault]:
    amounts: list[tuple[Location, object]] = [
        ((name,), getattr(keys, name)) for name in PersonKeys.__dataclass_fields__
    ]
    if keys.isa is not None:
        amounts += [(("isa", name), getattr(keys.isa, name)) for name in ("value", "withdrawn")]
        amounts += [(("isa", "paid", when), paid) for when, paid in keys.isa.paid.items()]
    for key, amount in amounts:
        if isinstance(amount, int) and amount < 0 and key not in _RANGED:
            yield Fault(key, f"{amount} is below zero", "give 0 or more")


def _out_of_range(keys: PersonKeys) -> Iterator[Fault]:
    if not 0 < keys.age <= 120:
        yield Fault(("age",), f"{keys.age} is not an age", "give years from 1 to 120")
    if not 1 <= keys.horizon_years <= 60:
        yield Fault(
            ("horizon_years",),
            f"{keys.horizon_years} is not a horizon",
            "give years from 1 to 60",
        )
    if not Decimal("-0.5") < keys.growth < Decimal("0.5"):
        wrong = f"{keys.growth} a year is not a growth rate to plan with"
        yield Fault(("growth",), wrong, "give a fraction, 0.05 for 5 %")
    if keys.keep_liquid > keys.budget:
        wrong = f"{keys.keep_liquid} is more than the budget"
        yield Fault(("keep_liquid",), wrong, f"give {keys.budget} at most")
    if keys.dependants > 30:
        yield Fault(
            ("dependants",),
            f"{keys.dependants} is not a number of people",
            "count who has a basic deduction beside the person",
        )
    if keys.health is not None and keys.health not in HEALTH:
        wrong = f"{shown(keys.health)} is not a kind of health insurance"
        yield Fault(("health",), wrong, did_you_mean(keys.health, HEALTH))


def _income_faults(keys: PersonKeys) -> Iterator[Fault]:
    """Yield incomes that do not fit: what is taxable after deductions is part of the whole."""
    whole, taxable = keys.comprehensive_income, keys.taxable_income or 0
    if whole is None and taxable > keys.wages + keys.other_income:
        wrong = f"{taxable} is more than the wages, so there is other income"
        yield Fault(("taxable_income",), wrong, "give other_income (사업소득금액 등)")
    elif whole is None and not keys.wages + keys.other_income:
        remedy = "give other_income; comprehensive_income = 0 if there is none"
        yield Fault(("wages",), "there are no wages and no other income is given", remedy)
    elif whole is not None and taxable > whole:
        wrong = f"{taxable} after deductions is more than comprehensive_income, {whole}"
        yield Fault(("taxable_income",), wrong, "correct one of the two")
    if whole is not None and keys.other_income > whole:
        wrong = f"{keys.other_income} is more than comprehensive_income, {whole}, which contains it"
        yield Fault(("other_income",), wrong, "correct one of the two")


def _opened_faults(keys: PersonKeys) -> Iterator[Fault]:
    for name, first, opened in (
        (("pension_opened",), _FIRST_PENSION, keys.pension_opened),
        (("irp_opened",), _FIRST_PENSION, keys.irp_opened),
        (("isa", "opened"), FIRST_YEAR, None if keys.isa is None else keys.isa.opened),
    ):
        if opened is not None and not first <= opening_year(opened) <= keys.year:
            wrong = f"{opened} is not a day on which such an account was opened"
            yield Fault(name, wrong, f"give a day from {first} to {keys.year}")


def _pension_faults(book: Rulebook, keys: PersonKeys) -> Iterator[Fault]:
    cap, paid = book.won("pension.annual_cap"), keys.pension_paid + keys.irp_paid
    if paid > cap:
        wrong = f"pension_paid and irp_paid come to {paid}; pension accounts take {cap} a year"
        remedy = "leave out what was moved from an ISA, which counts apart"
        yield Fault(("irp_paid" if keys.irp_paid else "pension_paid",), wrong, remedy)


def _isa_faults(isa: IsaKeys) -> Iterator[Fault]:
    if isa.kind is not None and isa.kind not in KINDS:
        wrong = f"{shown(isa.kind)} is not a kind of ISA"
        yield Fault(("isa", "kind"), wrong, did_you_mean(isa.kind, KINDS))
    if isa.gain > max(0, isa.value):
        wrong = f"{isa.gain} is more than the account is worth, {isa.value}"
        yield Fault(("isa", "gain"), wrong, "give the gain inside it, and its whole value")


def _room_faults(book: Rulebook, isa: IsaKeys, year: int) -> Iterator[Fault]:
    """Yield the payments of years in which the account did not exist, or above that year's room."""
    before: dict[str, Won] = {}
    opened = opening_year(isa.opened)
    for when, amount in sorted(isa.paid.items()):
        key = ("isa", "paid", when)
        if not _YEAR.fullmatch(when) or not opened <= int(when) <= year:
            remedy = f"use a year from {opened} to {year}"
            yield Fault(key, f"{shown(when)} is not a year of this account", remedy)
            continue
        if amount < 0 or int(when) < FIRST_YEAR:
            return  # told already, and no room can be counted from it
        room = isa_room(book, opened=opened, year=int(when), paid=before).room
        if amount > room:
            wrong = f"{amount} is more than could be paid in {when}"
            yield Fault(key, wrong, f"give {room} at most, the room that was left")
        before[when] = amount
