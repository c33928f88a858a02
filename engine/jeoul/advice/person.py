"""One household member: incomes, accounts, what is to be saved and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jeoul.advice.first import Loan

HEALTH = ("employee", "self_employed", "dependant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """The incomes of the year, in won, and what the tax office knows beside them.

    ``wages`` is 총급여. ``other`` is the income beside wages and beside interest and dividends
    (사업소득금액, 임대소득금액 …). ``comprehensive`` is 종합소득금액 where the total is known,
    ``taxable`` the base after deductions without interest and dividends, ``due`` the national tax
    before the pension credit; each is None where it is not known. ``public_pension`` is what the
    national pension will pay a year, None if unknown.
    """

    wages: int = 0
    other: int = 0
    comprehensive: int | None = None
    taxable: int | None = None
    financial: int = 0
    due: int | None = None
    dependants: int = 0
    public_pension: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalStatus:
    """What the law asks about a person beside money."""

    resident: bool = True
    farmer: bool = False
    financial_income_taxpayer_last_3y: bool = False
    health: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pensions:
    """What was paid into pension accounts this year, and when they were opened (None: unknown)."""

    savings_paid: int = 0
    irp_paid: int = 0
    savings_opened: date | int | None = None
    irp_opened: date | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IsaState:
    """An ISA that exists: when it was opened, what was paid in, what it is worth.

    ``opened`` is the day of the contract, or its year alone, which counts from 31 December.
    """

    opened: date | int
    paid: Mapping[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    value: int = 0
    gain: int = 0
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class YearGains:
    """Gains that may be realised this year, and those that were.

    ``planned`` is a taxed gain (a KRX-listed foreign-index ETF, say), ``overseas`` an unrealised
    one of US-listed holdings.
    """

    planned: int = 0
    overseas: int = 0
    overseas_realised: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What comes before investing.

    ``keep_liquid`` must not go into pension accounts; ``spending`` a month decides the reserve, of
    which ``within_reach`` is there already; ``loans`` may be repaid early.
    """

    keep_liquid: int = 0
    spending: int = 0
    within_reach: int = 0
    loans: tuple[Loan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the plan of a year needs to know. Money in won.

    ``budget`` is what can be saved this year and ``horizon_years`` how long it stays; ``growth`` an
    assumed yearly growth.
    """

    year: int
    age: int
    budget: int
    horizon_years: int
    growth: Decimal
    needs: Needs = field(default_factory=Needs)
    income: Income = field(default_factory=Income)
    status: LegalStatus = field(default_factory=LegalStatus)
    pension: Pensions = field(default_factory=Pensions)
    gains: YearGains = field(default_factory=YearGains)
    isa: IsaState | None = None
