"""A fund bought on the days of payments and sold on the last: values, lots, and income."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from jeoul.advice.routes import Route
from jeoul.advice.saver import SaverPayment
from jeoul.korea.gains import Gain
from jeoul.korea.levy import floor
from jeoul.korea.rulebook import Step, step
from jeoul.model.years import DAYS_A_YEAR

_REFUND_ENDS = date(2025, 1, 1)


class FundQuote(NamedTuple):
    """A fund on the day of a contribution: price with distributions reinvested, and the rate.

    ``price`` is in the fund's currency, ``fx`` won per unit of it (1 for won).
    """

    day: date
    price: float
    fx: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRoute:
    """What one account held, before the taxes of its end.

    ``values`` has one entry per quote: won before that day's payment. ``results`` are the gains of
    the final sale, without what was ``distributed`` and reinvested before. ``income`` has the
    interest and dividends of each year, ``foreign_tax`` what funds paid abroad under the present
    law. ``units`` is how many shares the payments bought.
    """

    values: tuple[int, ...]
    results: tuple[Gain, ...]
    income: Mapping[int, int] = field(default_factory=dict)
    distributed: int = 0
    foreign_tax: int = 0
    units: float = 0.0
    steps: tuple[Step, ...] = ()


def hold_fund(route: Route, quotes: Sequence[FundQuote], paid: Sequence[SaverPayment]) -> HeldRoute:
    """Return what payments into one fund come to, one lot for each.

    Units are fractional, because adjusted prices are not traded prices. The assumed distributions
    are taxed as they come; a fund with a foreign tax loses, in years until 2024, what the state
    then gave back to it.
    """
    values = _values(route, quotes, paid)
    lots = [_lot(route, quotes, part) for part in paid]
    income, foreign = _income(route, quotes, values)
    return HeldRoute(
        values=values,
        results=tuple(Gain(route.kind, lot.gain) for lot in lots),
        income=income,
        distributed=sum(lot.distributed for lot in lots),
        foreign_tax=foreign,
        units=sum(lot.units for lot in lots),
        steps=_lost(route, quotes, paid, values[-1]),
    )


class _Lot(NamedTuple):
    units: float
    gain: int
    distributed: int


def _lot(route: Route, quotes: Sequence[FundQuote], part: SaverPayment) -> _Lot:
    """Return a lot at its sale: what was distributed is a cost of the shares that it bought."""
    units, end = bought(route, quotes[part.number], part.amount), quotes[-1]
    worth = int(units * kept_of(route, part.day, end.day) * _sold(route, end))
    distributed = 0.0
    if route.distribution:
        held = units
        for before, now in pairwise(quotes[part.number :]):
            held *= kept_of(route, before.day, now.day)
            distributed += reinvested(route, before, now, held)
    return _Lot(units, worth - part.amount - int(distributed), int(distributed))


def reinvested(route: Route, before: FundQuote, now: FundQuote, units: float) -> float:
    """Return what a number of units distributed between two quotes, after its tax, in won."""
    years = (now.day - before.day).days / DAYS_A_YEAR
    net = route.distribution * (1.0 - route.distribution_tax)
    return units * now.price * now.fx * net * years


def bought(route: Route, quote: FundQuote, amount: float) -> float:
    """Return the units that an amount buys, after the cost of changing money."""
    return amount * (1 - route.fx_cost) / (quote.price * quote.fx)


def _sold(route: Route, quote: FundQuote) -> float:
    return quote.price * quote.fx * (1 - route.fx_cost)


def _values(
    route: Route, quotes: Sequence[FundQuote], paid: Sequence[SaverPayment]
) -> tuple[int, ...]:
    values = []
    for number, quote in enumerate(quotes):
        worth = sum(
            bought(route, quotes[part.number], part.amount) * kept_of(route, part.day, quote.day)
            for part in paid
            if part.number < number
        )
        values.append(int(worth * _sold(route, quote)))
    return tuple(values)


def kept_of(route: Route, since: date, day: date) -> float:
    """Return what is left of a unit between two days after the taxes on what it distributed."""
    kept = 1.0 - route.distribution * route.distribution_tax
    found: float = kept ** ((day - since).days / DAYS_A_YEAR)
    refunded = route.dividend * route.refunded
    if refunded and since < _REFUND_ENDS:
        found *= (1.0 - refunded) ** ((min(day, _REFUND_ENDS) - since).days / DAYS_A_YEAR)
    return found


def _income(
    route: Route, quotes: Sequence[FundQuote], values: Sequence[int]
) -> tuple[dict[int, int], int]:
    """Return the distributions of every year, and the foreign tax of all years, in won."""
    income: defaultdict[int, float] = defaultdict(float)
    foreign = 0.0
    for (before, now), value in zip(pairwise(quotes), values[1:], strict=True):
        received = value * (now.day - before.day).days / DAYS_A_YEAR
        income[now.day.year] += received * route.distribution
        foreign += received * route.dividend * route.foreign_rate
    return {year: int(amount) for year, amount in income.items() if amount}, int(foreign)


def _lost(
    route: Route, quotes: Sequence[FundQuote], paid: Sequence[SaverPayment], value: int
) -> tuple[Step, ...]:
    """Return what was lost on the way, each alone: taxes on distributions, refunds, currency."""

    def without(**changes: float) -> int:
        return _values(replace(route, **changes), quotes, paid)[-1] - value  # type: ignore[arg-type]

    steps = []
    if route.distribution * route.distribution_tax:
        rate = rounded(route.distribution_tax)
        lost = without(distribution_tax=0.0)
        steps.append(step("compare_distributions", rate=rate, lost=lost))
    if route.dividend * route.refunded and quotes[0].day < _REFUND_ENDS:
        steps.append(step("compare_refund", lost=without(refunded=0.0)))
    if route.fx_cost:
        steps.append(step("compare_currency", lost=without(fx_cost=0.0)))
    return tuple(steps)


def rounded(rate: float) -> Decimal:
    """Return a rate to the hundredth of a percent, for a table.

    >>> rounded(0.12345)
    Decimal('0.1235')
    """
    return Decimal(floor(Decimal(str(rate)) * 10_000 + Decimal("0.5"))) / 10_000
