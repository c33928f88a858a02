"""Monthly contributions into one market through different accounts, after every tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from jeoul.advice.routes import Route
from jeoul.errors import UsageError
from jeoul.korea.gains import Gain, settle_general
from jeoul.korea.income import financial_income
from jeoul.korea.isa import settle_isa
from jeoul.korea.levy import floor
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.pension import receive_pension
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook, Step, step

_RECEIPT_YEARS = 10


class Quote(NamedTuple):
    """A fund on the day of a contribution: price with distributions reinvested, and the rate.

    ``price`` is in the fund's currency, ``fx`` won per unit of it (1 for won).
    """

    day: date
    price: float
    fx: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Saver:
    """The person of the comparison: what is paid monthly, and what decides the taxes."""

    monthly: int
    age: int = 45
    wages: int = 60_000_000
    other_income: int = 0
    isa_kind: str = "general"


class Point(NamedTuple):
    """What was paid in and what it was worth, before the taxes of the end, on one day."""

    day: date
    paid: int
    value: int


@dataclass(frozen=True, slots=True)
class RouteResult:
    """One route after all taxes. ``credits`` are pension credits received on the way."""

    route: Route
    paid: int
    value: int
    tax: int
    credits: int
    after_tax: int
    line: tuple[Point, ...]
    steps: tuple[Step, ...]


def run_route(book: Rulebook, saver: Saver, route: Route, quotes: Sequence[Quote]) -> RouteResult:
    """Return what monthly contributions over the quotes come to, after the taxes of one route.

    Every quote but the last is a day of contribution; everything is sold on the last. Units are
    fractional because adjusted prices are no traded prices. The yield of distributions is taxed as
    it comes; gains by the route's ``tax``: ``overseas`` (all in the last year, after 2.5 M),
    ``holding`` (every lot by itself, 15.4 %, and the comprehensive tax above 20 M; the base price
    is taken to rise like the price), ``share`` (untaxed), ``isa`` (settled once, at the end, and
    early below three years), ``pension`` (credits each year, drawn over ten years from 55 at the
    earliest).

    Raises :class:`UsageError` for fewer than two quotes, prices that are not positive, or more paid
    into an account than the law allows.
    """
    if len(quotes) < 2 or any(not (q.price > 0 and q.fx > 0) for q in quotes):
        raise UsageError("a comparison needs at least two days with prices above zero")
    if saver.monthly <= 0:
        raise UsageError(f"monthly is {saver.monthly}; give won above zero")
    _check_limits(book, saver, route, quotes)
    lots, line = _hold(saver, route, quotes)
    paid = saver.monthly * (len(quotes) - 1)
    value = line[-1].value
    steps = _carried(saver, route, quotes, value)
    tax, final = _taxes(book, saver, route, lots)
    credits, credit_steps = _credits(book, saver, route, quotes)
    return RouteResult(
        route,
        paid,
        value,
        tax,
        credits,
        value - tax + credits,
        line,
        (*credit_steps, *steps, *final),
    )


def _hold(
    saver: Saver, route: Route, quotes: Sequence[Quote]
) -> tuple[list[int], tuple[Point, ...]]:
    """Return the gain of every lot in won at the end, and the value on every day."""
    kept = 1.0 - route.distribution * route.distribution_tax
    end = quotes[-1]
    lots: list[int] = []
    line: list[Point] = []
    units: list[tuple[float, date]] = []
    for number, quote in enumerate(quotes):
        worth = sum(u * _drag(kept, bought, quote.day) for u, bought in units)
        paid = saver.monthly * number
        rate = quote.price * quote.fx * (1 - route.fx_cost)
        line.append(Point(quote.day, paid, int(worth * rate)))
        units.append((saver.monthly * (1 - route.fx_cost) / (quote.price * quote.fx), quote.day))
    for amount, bought in units[:-1]:
        proceeds = amount * _drag(kept, bought, end.day) * end.price * end.fx * (1 - route.fx_cost)
        lots.append(int(proceeds) - saver.monthly)
    return lots, tuple(line)


def _carried(saver: Saver, route: Route, quotes: Sequence[Quote], value: int) -> list[Step]:
    """Return what was lost on the way: taxes on distributions, and the cost of changing money."""
    steps = []
    if route.distribution * route.distribution_tax:
        gross = _hold(saver, replace(route, distribution_tax=0.0), quotes)[1][-1].value
        steps.append(
            step(
                "compare_distributions",
                rate=rounded(route.distribution_tax),
                lost=gross - value,
            )
        )
    if route.fx_cost:
        gross = _hold(saver, replace(route, fx_cost=0.0), quotes)[1][-1].value
        steps.append(step("compare_currency", lost=gross - value))
    return steps


def _drag(kept: float, bought: date, day: date) -> float:
    return float(kept ** ((day - bought).days / 365.2425))


def _check_limits(book: Rulebook, saver: Saver, route: Route, quotes: Sequence[Quote]) -> None:
    yearly, months = saver.monthly * 12, len(quotes) - 1
    if route.account == "isa" and (
        yearly > book.won("isa.annual_unit") or saver.monthly * months > book.won("isa.total_cap")
    ):
        raise UsageError(
            f"{saver.monthly} a month over {months} months is more than an ISA takes; "
            f"pay at most {book.won('isa.annual_unit') // 12} a month and "
            f"{book.won('isa.total_cap')} in all"
        )
    if route.account == "pension_savings" and yearly > book.won("pension.annual_cap"):
        raise UsageError(
            f"{saver.monthly} a month is more than pension accounts take, "
            f"{book.won('pension.annual_cap') // 12} a month"
        )


def _taxes(
    book: Rulebook, saver: Saver, route: Route, lots: Sequence[int]
) -> tuple[int, list[Step]]:
    total = sum(lots)
    if route.tax == "overseas":
        overseas = settle_overseas(book, gains=tuple(lots))
        return overseas.tax, list(overseas.steps)
    if route.tax == "share":
        return 0, [step("etf_share_gain", gain=total)]
    if route.tax == "isa":
        settled = settle_isa(
            book,
            kind=saver.isa_kind,
            years_held=len(lots) // 12,
            results=tuple(Gain("krx_other_etf", gain) for gain in lots),
        )
        return settled.tax, list(settled.steps)
    if route.tax == "pension":
        return _pension_tax(book, saver, lots)
    general = settle_general(book, results=tuple(Gain("krx_other_etf", gain) for gain in lots))
    found = financial_income(book, financial=general.taxable, other_income=saver.other_income)
    extra = found.extra + found.local_extra
    steps = [
        step("compare_lots", lots=len(lots), taxable=general.taxable, tax=general.tax),
        *found.steps,
    ]
    return general.tax + extra, steps


def _pension_tax(book: Rulebook, saver: Saver, lots: Sequence[int]) -> tuple[int, list[Step]]:
    years = max(1, -(-len(lots) // 12))
    credited = sum(
        _credit(book, saver, months).base for months in _months_by_year(len(lots), years)
    )
    yearly = max(0, credited + sum(lots)) // _RECEIPT_YEARS
    age = max(55, saver.age + years)
    found = receive_pension(book, age=age, amount=yearly)
    steps = [
        step("compare_drawn", years=_RECEIPT_YEARS, age=age, yearly=yearly),
        *found.steps,
    ]
    return found.withheld * _RECEIPT_YEARS, steps


def _credits(
    book: Rulebook, saver: Saver, route: Route, quotes: Sequence[Quote]
) -> tuple[int, list[Step]]:
    if route.tax != "pension":
        return 0, []
    months = len(quotes) - 1
    years = max(1, -(-months // 12))
    yearly = [_credit(book, saver, part) for part in _months_by_year(months, years)]
    total = sum(found.credit for found in yearly)
    return total, [step("compare_credits", years=years, total=total), *yearly[0].steps]


def _credit(book: Rulebook, saver: Saver, months: int) -> PensionCredit:
    """Return the credit of a year; taxable income above the wages shows that there is another."""
    more = not saver.wages or saver.other_income > saver.wages
    return pension_credit(
        book,
        wages=saver.wages,
        comprehensive_income=saver.other_income if more else None,
        pension_savings=saver.monthly * months,
    )


def _months_by_year(months: int, years: int) -> list[int]:
    return [min(12, months - 12 * year) for year in range(years)]


def yearly_return(result: RouteResult) -> float:
    """Return the money-weighted yearly return after tax of monthly payments, NaN if there is none.

    The credits of a pension count as received at the end. Found by bisection on the rate at which
    the payments grow to what is left.
    """
    days = [(result.line[-1].day - point.day).days / 365.2425 for point in result.line[:-1]]
    monthly = result.paid / len(days)
    low, high = -0.99, 1.0

    def short(rate: float) -> bool:
        grown: float = sum(monthly * (1 + rate) ** years for years in days)
        return grown < result.after_tax

    if short(high) or not short(low):
        return float("nan")
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return (low + high) / 2


def rounded(rate: float) -> Decimal:
    """Return a rate to the hundredth of a percent, for a table.

    >>> rounded(0.12345)
    Decimal('0.1235')
    """
    return Decimal(floor(Decimal(str(rate)) * 10_000 + Decimal("0.5"))) / 10_000
