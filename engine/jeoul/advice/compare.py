"""Contributions into one market through different accounts, after every tax."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple, Protocol

from jeoul.advice.december import realise_yearly
from jeoul.advice.holding import FundQuote, HeldRoute, hold_fund
from jeoul.advice.rooms import pour
from jeoul.advice.routes import Route
from jeoul.advice.saver import Saver, SaverPayment, payments
from jeoul.advice.settling import settle
from jeoul.errors import UsageError
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.model.years import DAYS_A_YEAR

__all__ = [
    "FundQuote",
    "RoutePart",
    "RouteResult",
    "Saver",
    "ValuePoint",
    "run_route",
    "yearly_return",
]


class ValuePoint(NamedTuple):
    """What was paid in and what it was worth, before the taxes of the end, on one day."""

    day: date
    paid: int
    value: int


class RoutePart(NamedTuple):
    """One account of a route: what was paid into it, and what it came to."""

    kind: str
    paid: int
    value: int
    tax: int
    health: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteResult:
    """One route after all taxes.

    ``credits`` are pension credits received on the way, ``health`` the premiums that its income
    cost (0 where the status is not known, which a step says). ``average_cost`` is what a share cost
    on average, in won at adjusted prices, NaN for a strategy. ``parts`` has one entry per account.
    """

    route: Route
    paid: int
    value: int
    tax: int
    credits: int
    health: int
    after_tax: int
    average_cost: float
    lump: bool
    line: tuple[ValuePoint, ...]
    parts: tuple[RoutePart, ...]
    steps: tuple[Step, ...]


class Hold(Protocol):
    """How payments into one account of a route become a holding."""

    def __call__(self, account: str, paid: Sequence[SaverPayment], /) -> HeldRoute:
        """Return what the payments come to."""


def run_route(
    book: Rulebook,
    saver: Saver,
    route: Route,
    quotes: Sequence[FundQuote],
    hold: Hold | None = None,
) -> RouteResult:
    """Return what contributions over the quotes come to, after the taxes of one route.

    Every quote but the last is a day of contribution; everything is sold on the last. Units are
    fractional because adjusted prices are no traded prices. Money that an account does not take
    goes to the next one of the route. Distributions are taxed as they come. In an ordinary account
    gains abroad are taxed in the last year after 2.5 M, or every December up to it; gains of Korean
    share funds are untaxed; every other lot is taxed by itself at 15.4 %, with the comprehensive
    tax above 20 M (the base price is taken to rise like the price). An ISA is settled once, at the
    end, and early below three years. A pension brings credits each year and is drawn over ten years
    from 55 at the earliest. Foreign tax of the funds is credited as the law of the table has it.
    ``hold`` replaces the one fund of the route, for a strategy.

    Raises :class:`UsageError` for fewer than two quotes, prices that are not positive, nothing to
    pay, or more money than the accounts of the route take.
    """
    if len(quotes) < 2 or any(not (q.price > 0 and q.fx > 0) for q in quotes):
        raise UsageError("a comparison needs at least two days with prices above zero")
    days = [quote.day for quote in quotes]
    paid = payments(saver, days)
    poured = pour(book, route.accounts, paid)
    parts, steps, holdings = [], [], []
    for account, into in poured.items():
        holding, extra = _held(book, saver, route, quotes, account, into, hold)
        found = settle(book, saver, account, holding, into, days[-1])
        total = sum(part.amount for part in into)
        parts.append(
            RoutePart(
                kind=account,
                paid=total,
                value=holding.values[-1],
                tax=found.tax,
                health=found.health,
                credits=found.credits,
            )
        )
        if len(poured) > 1:
            steps.append(step("compare_part", account=account, paid=total))
        steps.extend((*holding.steps, *extra, *found.steps))
        holdings.append(holding)
    value = sum(part.value for part in parts)
    tax, health, credits = (
        sum(getattr(part, name) for part in parts) for name in ("tax", "health", "credits")
    )
    units = sum(holding.units for holding in holdings)
    total = sum(part.amount for part in paid)
    average = total / units if units else float("nan")
    if units:
        steps.insert(0, _average(quotes, paid, average))
    return RouteResult(
        route=route,
        paid=total,
        value=value,
        tax=tax,
        credits=credits,
        health=health,
        after_tax=value - tax - health + credits,
        average_cost=average,
        lump=not saver.monthly,
        line=_line(days, paid, holdings),
        parts=tuple(parts),
        steps=tuple(steps),
    )


def _held(
    book: Rulebook,
    saver: Saver,
    route: Route,
    quotes: Sequence[FundQuote],
    account: str,
    paid: Sequence[SaverPayment],
    hold: Hold | None,
) -> tuple[HeldRoute, list[Step]]:
    if hold is not None:
        return hold(account, paid), []
    inside = route if account == "general" else replace(route, distribution_tax=0.0)
    holding = hold_fund(inside, quotes, paid)
    if not route.yearly:
        return holding, []
    deduction = book.won("us.deduction")
    after, gained = realise_yearly(
        holding, inside, quotes, paid, deduction=deduction, lots=saver.lots
    )
    with_it, without = (
        settle_overseas(book, gains=tuple(result.gain for result in each.results)).tax
        for each in (after, holding)
    )
    return after, [step(f"compare_december_{saver.lots}", gain=gained, saved=without - with_it)]


def _average(quotes: Sequence[FundQuote], paid: Sequence[SaverPayment], average: float) -> Step:
    prices = [quotes[part.number].price * quotes[part.number].fx for part in paid]
    return step(
        "compare_average",
        count=len(paid),
        cost=round(average),
        mean=round(sum(prices) / len(prices)),
        last=round(quotes[-1].price * quotes[-1].fx),
    )


def _line(
    days: Sequence[date], paid: Sequence[SaverPayment], holdings: Iterable[HeldRoute]
) -> tuple[ValuePoint, ...]:
    amounts: Mapping[int, int] = {part.number: part.amount for part in paid}
    values = [sum(column) for column in zip(*(each.values for each in holdings), strict=True)]
    points, total = [], 0
    for number, day in enumerate(days):
        points.append(ValuePoint(day, total, values[number]))
        total += amounts.get(number, 0)
    return tuple(points)


def yearly_return(result: RouteResult) -> float:
    """Return the money-weighted yearly return after tax of the payments, NaN if there is none.

    The credits of a pension count as received at the end. Found by bisection on the rate at which
    the payments grow to what is left.
    """
    line = result.line
    end = line[-1].day
    flows = [
        ((end - now.day).days / DAYS_A_YEAR, then.paid - now.paid) for now, then in pairwise(line)
    ]
    low, high = -0.99, 1.0

    def short(rate: float) -> bool:
        grown: float = sum(amount * (1 + rate) ** years for years, amount in flows)
        return grown < result.after_tax

    if short(high) or not short(low):
        return float("nan")
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return (low + high) / 2
