"""The law of 2026 as the curves of a simulated household, out of the rule tables of jeoul.korea.

Amounts are not cut below ten won, and the cap on a month's health premium is left out: curves of a
problem are convex. Everything else is the rule tables' own figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jeoul.household.problem.records import Credit, Curve
from jeoul.korea.pension_credit import low_rate
from jeoul.korea.rulebook import Rulebook, decimal
from jeoul.korea.tables import load_rules
from jeoul.korea.wages import income_wages, incomes

YEAR = 2026


@cache
def book() -> Rulebook:
    return load_rules(YEAR)


def rate(key: str) -> float:
    return float(book().rate(key))


def with_local(national: float) -> float:
    return round(national * (1.0 + rate("tax.local_share")), 9)


@dataclass(frozen=True)
class Life:
    """What the law needs to know about a simulated person."""

    wages: int
    status: str  # employee, self_employed or dependant, of health insurance
    dependants: int = 0
    other_income: int = 0

    @property
    def base(self) -> int:
        """Return the tax base beside financial income."""
        found = income_wages(
            book(), wages=self.wages, other_income=self.other_income, dependants=self.dependants
        )
        return found.base


def gains_abroad() -> Curve:
    """Return the tax on a year's net gains in overseas accounts."""
    taxed = with_local(rate("us.gain_rate"))
    return Curve((float(book().won("us.deduction")),), (0.0, taxed))


def settlement(form: str) -> Curve:
    """Return the tax of an ISA when it ends."""
    free = book().table("isa.tax_free")[form]
    return Curve((float(int(str(free))),), (0.0, with_local(rate("isa.rate"))))


def financial(life: Life) -> Curve:
    """Return what financial income costs a person beyond the tax withheld from it.

    Comprehensive tax above 20 M: 1.1 x max(0, tax(base + excess) - tax(base) - 14 % of the excess).
    Health and care premiums on it: of the self-insured all of it from 10 M on, of a dependant from
    20 M on, of an employee what is above 20 M.
    """
    return _sum(_comprehensive(life.base), _health(life))


def _comprehensive(base: int) -> Curve:
    limit, withheld = float(book().won("income.financial_limit")), rate("tax.withholding")
    bounds, slopes, extra, last = [], [], 0.0, 0.0
    for upper, each in book().bands("income.brackets"):
        end = float("inf") if upper is None else upper - base
        if end <= 0.0:
            continue
        slope = float(each) - withheld
        grown = extra + slope * (end - last)
        if extra <= 0.0 < grown and slope > 0.0:  # from here on it costs more than was withheld
            bounds.append(limit + last - extra / slope)
            slopes.append(with_local(slope))
        elif extra > 0.0:
            bounds.append(limit + last)
            slopes.append(with_local(slope))
        extra, last = grown, end
    return Curve(tuple(round(each, 2) for each in bounds), (0.0, *slopes))


def _health(life: Life) -> Curve:
    slope = round(rate("health.rate") + rate("health.care_rate"), 9)
    if life.status == "employee":
        return Curve((float(book().won("health.beside_wages")),), (0.0, slope))
    key = "health.dependant_limit" if life.status == "dependant" else "health.financial_floor"
    limit = float(book().won(key))
    return Curve((limit,), (0.0, slope), ((limit, round(limit * slope, 2)),))


def _sum(one: Curve, two: Curve) -> Curve:
    bounds = tuple(sorted({*one.bounds, *two.bounds}))
    middles = [low + 0.5 for low in (0.0, *bounds)]
    slopes = tuple(round(one.slope(each) + two.slope(each), 9) for each in middles)
    return Curve(bounds, slopes, (*one.steps, *two.steps))


def credit(life: Life, *, savings_paid: int, irp_paid: int, at_hand: float) -> Credit:
    """Return the credit that this year's further pension payments can still earn."""
    law = book()
    income = incomes(law, life.wages, None, life.other_income)
    rates = law.table("pension.credit_rate")
    national = float(decimal(rates["low" if low_rate(law, life.wages, income) else "high"]))
    paid = min(savings_paid, law.won("pension.savings_cap"))
    most = income_wages(
        law, wages=life.wages, other_income=life.other_income, dependants=life.dependants
    ).due
    together = min(float(law.won("pension.combined_cap")), most / national) - paid - irp_paid
    together = max(0.0, together)
    return Credit(
        rate=with_local(national),
        savings=max(0.0, float(law.won("pension.savings_cap") - savings_paid)),
        together=round(together, 2),
        reachable=round(min(together, at_hand), 2),
    )


def pension_room(paid: int) -> float:
    return max(0.0, float(book().won("pension.annual_cap") - paid))


def isa_room(paid: int, years: int) -> float:
    unit, most = book().won("isa.annual_unit"), book().won("isa.years_cap")
    allowed = min(unit * min(years + 1, most + 1), book().won("isa.total_cap"))
    return max(0.0, float(allowed - paid))


def lost_abroad(kind: str) -> float:
    """Return the part of a foreign tax of 15 % inside a fund that its holder is not credited."""
    abroad = 0.15
    if kind == "general":
        mine = rate("tax.withholding")
        return 1.0 - (mine / abroad - mine)
    if kind == "isa":
        terms = book().table("foreign.isa")
        mine, theirs = rate("isa.rate"), float(decimal(terms["rate_abroad"]))
        return 1.0 - (mine / theirs - mine)
    return 1.0 - float(decimal(book().table("foreign.pension")["share"]))
