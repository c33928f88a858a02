"""What a person's file and a household's file say of a person with the same keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar

from jeoul.account.money_keys import WonAmount
from jeoul.advice.person import HEALTH, Income, LegalStatus, YearGains
from jeoul.files.faults import Fault, Location, did_you_mean, shown
from jeoul.korea.dates import opening_year
from jeoul.korea.isa import FIRST_YEAR, KINDS, isa_room
from jeoul.korea.levy import Flag, Won
from jeoul.korea.rulebook import Rulebook

_FIRST_PENSION = 1994  # 개인연금저축, the oldest account of the kind
_MOST_DEPENDANTS = 30
_YEAR = re.compile(r"[0-9]{4}")
_INCOMES = (("wages",), ("other_income",), ("comprehensive_income",), ("taxable_income",))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKeys:
    """The incomes of the year and what the law asks about a person, as a file writes them."""

    wages: WonAmount
    spending: WonAmount = 0
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
    planned_gain: WonAmount = 0
    overseas_gain: WonAmount = 0
    overseas_realised: WonAmount = 0
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


def income_of(keys: FactKeys) -> Income:
    """Return the incomes that the keys say."""
    return Income(
        wages=keys.wages,
        other=keys.other_income,
        comprehensive=keys.comprehensive_income,
        taxable=keys.taxable_income,
        financial=keys.financial_income,
        due=keys.tax_due,
        dependants=keys.dependants,
        public_pension=keys.public_pension,
    )


def status_of(keys: FactKeys) -> LegalStatus:
    """Return what the law asks beside money."""
    return LegalStatus(
        resident=keys.resident,
        farmer=keys.farmer,
        financial_income_taxpayer_last_3y=keys.financial_income_taxpayer_last_3y,
        health=keys.health,
    )


def gains_of(keys: FactKeys) -> YearGains:
    """Return the gains that may be realised this year, and those that were."""
    return YearGains(
        planned=keys.planned_gain,
        overseas=keys.overseas_gain,
        overseas_realised=keys.overseas_realised,
    )


def fact_faults(keys: FactKeys) -> Iterator[Fault]:
    """Yield what no person can have among the keys that both files share."""
    below = list(below_zero({(one.name,): getattr(keys, one.name) for one in fields(FactKeys)}))
    yield from below
    if keys.dependants > _MOST_DEPENDANTS:
        yield Fault(
            ("dependants",),
            f"{keys.dependants} is not a number of people",
            "count who has a basic deduction beside the person",
        )
    if keys.health is not None and keys.health not in HEALTH:
        wrong = f"{shown(keys.health)} is not a kind of health insurance"
        yield Fault(("health",), wrong, did_you_mean(keys.health, HEALTH))
    if not any(fault.key in _INCOMES for fault in below):  # nothing can be compared with such a sum
        yield from _income_faults(keys)


def below_zero(amounts: Mapping[Location, object]) -> Iterator[Fault]:
    """Yield the whole numbers that are below zero, by key."""
    for key, amount in amounts.items():
        if isinstance(amount, int) and amount < 0:
            yield Fault(key, f"{amount} is below zero", "give 0 or more")


def _income_faults(keys: FactKeys) -> Iterator[Fault]:
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


def opened_fault(key: Location, kind: str, opened: date | int | None, year: int) -> Iterator[Fault]:
    """Yield that an account of a kind cannot have been opened then, at the latest in ``year``.

    >>> print(*opened_fault(("opened",), "isa", 2015, 2026))
    opened: 2015 is not a day on which such an account was opened; give a day from 2016 to 2026
    """
    first = FIRST_YEAR if kind == "isa" else _FIRST_PENSION
    if opened is not None and not first <= opening_year(opened) <= year:
        wrong = f"{opened} is not a day on which such an account was opened"
        yield Fault(key, wrong, f"give a day from {first} to {year}")


def isa_form_fault(key: Location, form: str | None) -> Iterator[Fault]:
    """Yield that a kind of ISA does not exist."""
    if form is not None and form not in KINDS:
        wrong = f"{shown(form)} is not a kind of ISA"
        yield Fault(key, wrong, did_you_mean(form, KINDS))


def isa_paid_faults(
    book: Rulebook, key: Location, opened: date | int, paid: Mapping[str, int], last: int | None
) -> Iterator[Fault]:
    """Yield the payments of years in which an ISA did not exist, or above that year's room.

    ``key`` is where the payments by year stand in the file; ``last`` is the last year that they may
    be of, None where the file names no such year.
    """
    before: dict[str, Won] = {}
    first = opening_year(opened)
    remedy = f"use a year from {first}" + ("" if last is None else f" to {last}")
    for when, amount in sorted(paid.items()):
        here = (*key, when)
        is_year = _YEAR.fullmatch(when) is not None
        if not is_year or int(when) < first or (last is not None and int(when) > last):
            yield Fault(here, f"{shown(when)} is not a year of this account", remedy)
            continue
        if amount < 0 or int(when) < FIRST_YEAR:
            return  # told already, and no room can be counted from it
        room = isa_room(book, opened=first, year=int(when), paid=before).room
        if amount > room:
            wrong = f"{amount} is more than could be paid in {when}"
            yield Fault(here, wrong, f"give {room} at most, the room that was left")
        before[when] = amount
