"""What income from money costs in health insurance: self-insured, employee, dependant."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from jeoul.korea.levy import Won, cut, floor
from jeoul.korea.rulebook import Rulebook, Step, step

STATUSES = ("employee", "self_employed", "dependant")


@dataclass(frozen=True, slots=True)
class HealthPremium:
    """A year's premium on income: ``premium`` for health, ``care`` for long-term care.

    ``counted`` is the income that is charged. ``lost`` says that a dependant is none any more and
    pays as a self-insured household. The premium on wages and the part on property are not in it.
    """

    counted: int
    premium: int
    care: int
    total: int
    lost: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HealthCrossing:
    """What a further amount of interest and dividends costs in premiums of a year."""

    before: int
    after: int
    cost: int
    steps: tuple[Step, ...]


class _Income(NamedTuple):
    financial: int
    other: int
    pension: int

    @property
    def total(self) -> int:
        return self.financial + self.other + self.pension

    def charged(self, share: Decimal) -> Decimal:
        return self.financial + self.other + self.pension * share


def health_premium(
    book: Rulebook,
    *,
    status: str,
    financial: Won = 0,
    other_income: Won = 0,
    public_pension: Won = 0,
) -> HealthPremium:
    """Return the premium of a year on income beside wages.

    ``financial`` is interest and dividends taxed in an ordinary account: up to 10 M it does not
    count, above it it counts in full. ``other_income`` counts in full, ``public_pension`` by half.
    Gains abroad, an ISA and private pensions do not count.

    Monthly premium = charged income / 12 x 7.19 %, long-term care = premium x 0.9448 / 7.19, each
    cut below 10 won. ``self_employed``: on all of it, at least the floor of a month. ``employee``:
    beside the premium on wages, on the part above 20 M, paid alone. ``dependant``: nothing up to
    20 M of income; above it the status is lost, and the premium is that of the self-insured.
    Property adds a part that is not computed here. Sources: 국민건강보험법 시행령 §§32, 41, 44;
    시행규칙 §44, 별표 1의2.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> health_premium(book, status="self_employed", financial=10_000_001).total
    813360
    >>> health_premium(book, status="employee", financial=20_000_000).total
    0
    """
    check_status(book, status, financial, other_income, public_pension)
    least = book.won("health.financial_floor")
    income = _Income(financial if financial > least else 0, other_income, public_pension)
    steps = [step("health_financial", financial=financial, floor=least, counted=income.financial)]
    if status == "employee":
        return _employee(book, income, steps)
    lost = status == "dependant" and income.total > book.won("health.dependant_limit")
    if status == "dependant":
        name = "health_dependant_lost" if lost else "health_dependant"
        steps.append(step(name, total=income.total, limit=book.won("health.dependant_limit")))
        if not lost:
            return HealthPremium(
                counted=0, premium=0, care=0, total=0, lost=False, steps=tuple(steps)
            )
    counted = floor(income.charged(book.rate("health.pension_share")))
    found = _charge(book, counted, floor_of_month=True)
    steps.append(step("health_charged", counted=counted, premium=found.premium, care=found.care))
    steps.append(step("health_property"))
    return HealthPremium(
        counted=counted,
        premium=found.premium,
        care=found.care,
        total=sum(found),
        lost=lost,
        steps=tuple(steps),
    )


def health_crossing(
    book: Rulebook,
    *,
    status: str,
    more: Won,
    financial: Won = 0,
    other_income: Won = 0,
    public_pension: Won = 0,
) -> HealthCrossing:
    """Return what ``more`` interest and dividends cost on top of ``financial``.

    The cost is the difference of two premiums of a year. It is zero within the limits and jumps
    where 10 M (self-insured) or 20 M (dependants, employees) is crossed.

    >>> from jeoul.korea.tables import load_rules
    >>> health_crossing(load_rules(2026), status="dependant", financial=20_000_000, more=1).cost
    1626840
    """
    if more < 0:
        raise book.refuse(
            "health.crossing", "health.financial_floor", f"more is {more}, below 0; give 0 or more"
        )

    def premium(amount: int) -> HealthPremium:
        return health_premium(
            book,
            status=status,
            financial=amount,
            other_income=other_income,
            public_pension=public_pension,
        )

    before, after = premium(financial), premium(financial + more)
    cost = after.total - before.total
    steps = (*after.steps, step("health_crossed", more=more, cost=cost))
    return HealthCrossing(before.total, after.total, cost, steps)


class _Charged(NamedTuple):
    premium: int
    care: int


def _employee(book: Rulebook, income: _Income, steps: list[Step]) -> HealthPremium:
    limit = book.won("health.beside_wages")
    excess = max(0, income.total - limit)
    steps.append(step("health_beside_wages", total=income.total, limit=limit, excess=excess))
    if not excess:
        return HealthPremium(counted=0, premium=0, care=0, total=0, lost=False, steps=tuple(steps))
    # each kind of income keeps its share in what is above the limit
    charged = income.charged(book.rate("health.pension_share"))
    counted = floor(excess * charged / income.total)
    found = _charge(book, counted, floor_of_month=False)
    steps.append(step("health_charged", counted=counted, premium=found.premium, care=found.care))
    return HealthPremium(
        counted=counted,
        premium=found.premium,
        care=found.care,
        total=sum(found),
        lost=False,
        steps=tuple(steps),
    )


def _charge(book: Rulebook, counted: int, *, floor_of_month: bool) -> _Charged:
    month = Decimal(counted) / 12
    premium = cut(book, month * book.rate("health.rate"))
    if floor_of_month:
        premium = max(premium, monthly_bound(book, "floor"))
    premium = min(premium, monthly_bound(book, "cap"))
    care = cut(book, premium * book.rate("health.care_rate") / book.rate("health.rate"))
    return _Charged(12 * premium, 12 * care)


def monthly_bound(book: Rulebook, name: str) -> int:
    """Return the ``floor`` or the ``cap`` of a month's premium, in won."""
    found = book.table("health.monthly")[name]
    if not isinstance(found, int):
        raise TypeError(f"health.monthly.{name} is {found!r}, no integer")
    return found


def check_status(book: Rulebook, status: str, *amounts: int) -> None:
    """Refuse a status of the insured that is unknown, and an amount below zero."""
    rule = "health.premium"
    if status not in STATUSES:
        what = f"status {status!r} is unknown; use {', '.join(STATUSES)}"
        raise book.refuse(rule, "health.rate", what)
    if min(amounts) < 0:
        raise book.refuse(rule, "health.rate", "an amount is below zero; give 0 or more")
