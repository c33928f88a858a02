"""What follows from a person file before any money moves: incomes, rooms, and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from . import law

Person = Mapping[str, Any]


@dataclass(frozen=True)
class Household:
    """A person's facts for one year, in won."""

    growth: Fraction  # of one won over the whole horizon
    age: int  # at the horizon
    due: int  # national tax that a pension credit can reduce
    rate: Fraction  # national rate of the pension credit
    savings_paid: int
    irp_paid: int
    pension_room: int
    irp_room: int
    savings_pension: bool  # whether the account can be drawn as a pension at the horizon
    irp_pension: bool
    public_pension: int | None
    isa_room: int
    isa_full: bool  # whether three years are over at the horizon
    isa_free: int
    isa_gain: int  # inside the account already
    budget: int
    other_taxable: int
    financial: int


def household(person: Person, today: date) -> Household:
    """Read a person file's keys; ``today`` is the day on which the year's money is paid in."""
    wages = person["wages"]
    other = _other(person)
    horizon, end = person["horizon_years"], _years_after(today, person["horizon_years"])
    age = person["age"] + horizon
    growth = Fraction(1)
    for _ in range(horizon):
        growth *= 1 + Fraction(str(person["growth"]))
    isa = person.get("isa")
    opened = today if isa is None else _day(isa["opened"])
    paid = person.get("pension_paid", 0) + person.get("irp_paid", 0)
    room = min(
        law.PENSION_ROOM - paid,
        person["budget"] - person.get("keep_liquid", 0),
    )
    return Household(
        growth=growth - 1,
        age=age,
        due=_due(person, wages, other),
        rate=_rate(person, wages, other),
        savings_paid=person.get("pension_paid", 0),
        irp_paid=person.get("irp_paid", 0),
        pension_room=room,
        irp_room=room if wages or other else 0,
        savings_pension=_pension(age, person.get("pension_opened"), today, end),
        irp_pension=_pension(age, person.get("irp_opened"), today, end),
        public_pension=person.get("public_pension"),
        isa_room=_isa_room(person, opened),
        isa_full=_years_after(opened, law.ISA_TERM) <= end,
        isa_free=_isa_free(person, wages, other),
        isa_gain=0 if isa is None else isa.get("gain", 0),
        budget=person["budget"],
        other_taxable=person.get("taxable_income", 0),
        financial=person.get("financial_income", 0),
    )


def _day(given: date | int | str) -> date:
    """A date; a bare year is read as its last day."""
    if isinstance(given, date):
        return given
    return date(given, 12, 31) if isinstance(given, int) else date.fromisoformat(given)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _other(person: Person) -> int:
    """Income beside wages, interest and dividends; without wages the rest of the whole is that."""
    if "other_income" in person:
        return int(person["other_income"])
    whole = int(person.get("comprehensive_income", 0))
    return 0 if person["wages"] else max(0, whole - _financial(person))


def _financial(person: Person) -> int:
    """Interest and dividends in the comprehensive income: all as soon as they exceed 20 M."""
    financial = int(person.get("financial_income", 0))
    return financial if financial > law.FINANCIAL_LIMIT else 0


def _total(person: Person, wages: int, other: int) -> Fraction:
    """종합소득금액; interest and dividends belong to it as soon as they exceed 20 M (§14③6)."""
    parts = law.wage_income(wages) + other + _financial(person)
    return max(parts, Fraction(person.get("comprehensive_income", 0)))


def _due(person: Person, wages: int, other: int) -> int:
    """The tax that can be reduced: none for non-residents and without income (§§59의3①, 61③)."""
    if not person.get("resident", True) or not (wages or other):
        return 0
    if "tax_due" in person:
        return int(person["tax_due"])
    if "taxable_income" in person:
        return law.tax_on_base(wages, other, Fraction(person["taxable_income"]))
    return law.tax_on_incomes(wages, other, 1 + person.get("dependants", 0))


def _rate(person: Person, wages: int, other: int) -> Fraction:
    total = _total(person, wages, other)
    only_wages = wages > 0 and not other and total <= wages
    low = wages <= law.HIGH_CREDIT_WAGES if only_wages else total <= law.HIGH_CREDIT_INCOME
    return law.CREDIT_HIGH if low else law.CREDIT_LOW


def _pension(age: int, opened: date | int | str | None, today: date, end: date) -> bool:
    first = today if opened is None else _day(opened)
    return age >= law.PENSION_AGE and _years_after(first, law.PENSION_YEARS) <= end


def _isa_room(person: Person, opened: date) -> int:
    isa, year = person.get("isa"), person["year"]
    if isa is None:
        youngest = law.ISA_AGE_WITH_WAGES if person["wages"] else law.ISA_AGE
        barred = not person.get("resident", True) or person["age"] < youngest
        if barred or person.get("financial_income_taxpayer_last_3y", False):
            return 0
    years: int = min(year - opened.year, law.ISA_YEARS_COUNTED)
    paid: int = 0 if isa is None else sum(isa.get("paid", {}).values())
    return max(0, min(law.ISA_TOTAL, law.ISA_YEARLY * (1 + years)) - paid)


def _isa_free(person: Person, wages: int, other: int) -> int:
    isa = person.get("isa") or {}
    if isa.get("kind"):
        return law.ISA_FREE if isa["kind"] == "general" else law.ISA_FREE_LOW
    total = _total(person, wages, other)
    only_wages = wages > 0 and not other and total <= wages
    low = (
        (only_wages and wages <= law.ISA_LOW_WAGES)
        or (wages <= law.ISA_LOW_WAGES and total <= law.ISA_LOW_INCOME)
        or (person.get("farmer", False) and total <= law.ISA_LOW_INCOME)
    )
    return law.ISA_FREE_LOW if low else law.ISA_FREE
