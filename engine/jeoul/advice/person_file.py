"""The file of one household member, as people write it, and everything wrong with one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from jeoul.account.money_keys import WonAmount
from jeoul.advice.first import Loan, loan_faults
from jeoul.advice.person import IsaState, Needs, Pensions, Person
from jeoul.advice.person_keys import (
    FactKeys,
    below_zero,
    fact_faults,
    gains_of,
    income_of,
    isa_form_fault,
    isa_paid_faults,
    opened_fault,
    status_of,
)
from jeoul.errors import ConfigError
from jeoul.files.document import parse_text
from jeoul.files.faults import Fault, Location
from jeoul.files.refused import faults_of
from jeoul.korea.dates import Opened
from jeoul.korea.levy import Won
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules, no_table


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
class PersonKeys(FactKeys):
    """The keys of a person's file; :class:`Person` holds the same facts in groups."""

    year: Won
    age: Won
    budget: WonAmount
    horizon_years: Won
    growth: Decimal
    keep_liquid: WonAmount = 0
    within_reach: WonAmount = 0
    loans: tuple[Loan, ...] = ()
    pension_paid: WonAmount = 0
    irp_paid: WonAmount = 0
    pension_opened: Opened | None = None
    irp_opened: Opened | None = None
    isa: IsaKeys | None = None


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
        income=income_of(keys),
        status=status_of(keys),
        pension=Pensions(
            savings_paid=keys.pension_paid,
            irp_paid=keys.irp_paid,
            savings_opened=keys.pension_opened,
            irp_opened=keys.irp_opened,
        ),
        gains=gains_of(keys),
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
    yield from fact_faults(keys)
    yield from below_zero(_own_amounts(keys))
    yield from _out_of_range(keys)
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
        place = ("isa", "paid")
        yield from isa_paid_faults(book, place, keys.isa.opened, keys.isa.paid, keys.year)


def _own_amounts(keys: PersonKeys) -> dict[Location, object]:
    """Return the amounts that only a person's file has; those with a range of their own apart."""
    names = ("year", "budget", "keep_liquid", "within_reach", "pension_paid", "irp_paid")
    found: dict[Location, object] = {(name,): getattr(keys, name) for name in names}
    if keys.isa is not None:
        found |= {("isa", name): getattr(keys.isa, name) for name in ("value", "withdrawn")}
        found |= {("isa", "paid", when): paid for when, paid in keys.isa.paid.items()}
    return found


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


def _opened_faults(keys: PersonKeys) -> Iterator[Fault]:
    yield from opened_fault(("pension_opened",), "pension_savings", keys.pension_opened, keys.year)
    yield from opened_fault(("irp_opened",), "irp", keys.irp_opened, keys.year)
    if keys.isa is not None:
        yield from opened_fault(("isa", "opened"), "isa", keys.isa.opened, keys.year)


def _pension_faults(book: Rulebook, keys: PersonKeys) -> Iterator[Fault]:
    cap, paid = book.won("pension.annual_cap"), keys.pension_paid + keys.irp_paid
    if paid > cap:
        wrong = f"pension_paid and irp_paid come to {paid}; pension accounts take {cap} a year"
        remedy = "leave out what was moved from an ISA, which counts apart"
        yield Fault(("irp_paid" if keys.irp_paid else "pension_paid",), wrong, remedy)


def _isa_faults(isa: IsaKeys) -> Iterator[Fault]:
    yield from isa_form_fault(("isa", "kind"), isa.kind)
    if isa.gain > max(0, isa.value):
        wrong = f"{isa.gain} is more than the account is worth, {isa.value}"
        yield Fault(("isa", "gain"), wrong, "give the gain inside it, and its whole value")
