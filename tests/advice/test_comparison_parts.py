"""The parts of an account comparison: overflow, December, foreign tax, health insurance, lumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.advice.compare import run_route
from jeoul.advice.holding import FundQuote
from jeoul.advice.rooms import pour
from jeoul.advice.routes import Route, RouteFund, route_of
from jeoul.advice.saver import Saver, SaverPayment, payments
from jeoul.advice.strategy_holding import HeldTrack, hold_strategy
from jeoul.errors import UsageError
from jeoul.korea.health import health_crossing
from jeoul.korea.isa import isa_room
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
SAVER = Saver(monthly=1_000_000, age=45)
CHAIN = ("isa", "pension_savings", "general")


def months(*prices: float, first: int = 2025) -> list[FundQuote]:
    return [FundQuote(date(first + n // 12, n % 12 + 1, 2), p) for n, p in enumerate(prices)]


def step_of(found: Any, name: str) -> Any:
    return next(step.values for step in found.steps if step.message == f"rule.{name}")


def said(found: Any) -> set[str]:
    return {step.message.removeprefix("rule.") for step in found.steps}


def us(**more: Any) -> Route:
    return Route(name="us", ticker="Q", account="general", kind="us_etf", **more)


def krx(account: str = "general", **more: Any) -> Route:
    return Route(name="krx", ticker="K", account=account, kind="krx_other_etf", **more)


# --- overflow ---


@given(st.integers(1, 40_000_000), st.integers(0, 300_000_000), st.integers(2, 80))
@settings(max_examples=60)
def test_every_won_is_in_exactly_one_account_and_no_account_holds_too_much(
    monthly: int, lump: int, count: int
) -> None:
    days = [quote.day for quote in months(*[1] * count)]
    paid = payments(Saver(monthly=monthly, lump=lump), days)
    poured = pour(BOOK, CHAIN, paid)
    by_day: dict[date, int] = {}
    for parts in poured.values():
        for part in parts:
            by_day[part.day] = by_day.get(part.day, 0) + part.amount
    assert by_day == {part.day: part.amount for part in paid}
    assert sum(part.amount for part in poured.get("isa", ())) <= 100_000_000
    for year in range(2025, 2032):
        pension = poured.get("pension_savings", ())
        assert sum(part.amount for part in pension if part.day.year == year) <= 18_000_000


def test_the_room_of_an_isa_grows_in_january_like_everywhere_else() -> None:
    """20 M in the year of the contract, 20 M more from January on, as `isa.room` counts."""
    days = [date(2025, 3, 3), date(2025, 12, 31), date(2026, 1, 2)]
    paid = [SaverPayment(n, day, 20_000_000) for n, day in enumerate(days)]
    poured = pour(BOOK, ("isa", "general"), paid)
    assert [part.day for part in poured["isa"]] == [days[0], days[2]]
    assert [part.day for part in poured["general"]] == [days[1]]
    assert isa_room(BOOK, opened=days[0], year=2026, paid={"2025": 20_000_000}).room == 20_000_000


def test_the_room_of_a_pension_begins_again_in_january() -> None:
    days = [date(2025, 12, 1), date(2025, 12, 2), date(2026, 1, 2)]
    paid = [SaverPayment(n, day, 18_000_000) for n, day in enumerate(days)]
    poured = pour(BOOK, ("pension_savings", "general"), paid)
    assert [part.day for part in poured["pension_savings"]] == [days[0], days[2]]


def test_each_part_of_a_route_is_taxed_as_its_account_is() -> None:
    """50 M once: 20 M ISA, 18 M pension, 12 M ordinary; doubled in three years."""
    saver = Saver(lump=50_000_000, age=60)
    route = krx("isa", overflow=("pension_savings", "general"))
    found = run_route(BOOK, saver, route, months(*[100] * 36, 200))
    parts = {part.kind: part for part in found.parts}
    assert [part.paid for part in found.parts] == [20_000_000, 18_000_000, 12_000_000]
    assert parts["isa"].tax == 1_782_000  # (20 M - 2 M) x 9.9 %
    assert parts["pension_savings"].credits == 792_000  # 6 M x 13.2 %
    assert parts["general"].tax == 1_848_000  # 12 M x 15.4 %
    assert found.after_tax == found.value - found.tax + found.credits


def test_nothing_to_pay_is_refused() -> None:
    with pytest.raises(UsageError, match="above zero"):
        run_route(BOOK, Saver(), krx(), months(100, 100))


def test_a_foreign_fund_is_refused_in_an_isa() -> None:
    with pytest.raises(UsageError, match="cannot be held in isa"):
        route_of(BOOK, RouteFund(ticker="QQQ", kind="us_etf"), "isa", name="x")


# --- a lump sum beside instalments ---


def test_instalments_buy_more_shares_when_they_are_cheap() -> None:
    """1 M at 100, at 50 and at 100: 10,000 + 20,000 + 10,000 shares for 3 M, 75 won each."""
    found = run_route(BOOK, SAVER, krx(), months(100, 50, 100, 100))
    assert found.average_cost == pytest.approx(75.0)
    assert step_of(found, "compare_average")["mean"] == 83
    lump = run_route(BOOK, Saver(lump=3_000_000), krx(), months(100, 50, 100, 100))
    assert lump.average_cost == pytest.approx(100.0)
    assert (lump.paid, lump.lump) == (3_000_000, True)


@given(st.lists(st.floats(10, 1000), min_size=3, max_size=24))
def test_the_average_cost_is_never_above_the_average_price(prices: list[float]) -> None:
    found = run_route(BOOK, SAVER, krx(), months(*prices))
    assert found.average_cost <= sum(prices[:-1]) / len(prices[:-1]) * (1 + 1e-9)


# --- the deduction in December ---


def test_every_december_uses_the_deduction() -> None:
    """1 M at 100 in January, 400 from December on: 2.5 M of the gain of 3 M in 2025, sold in 2026.

    Without it 3 M - 2.5 M = 500,000 at 22 %; with it the rest of 500,000 is below the deduction.
    """
    saver = Saver(lump=1_000_000)
    path = months(*[100] * 11, *[400] * 4)
    plain, used = (run_route(BOOK, saver, us(yearly=yearly), path) for yearly in (False, True))
    assert (plain.tax, used.tax) == (110_000, 0)
    assert step_of(used, "compare_december_average")["saved"] == 110_000
    assert plain.value == used.value


def test_what_is_sold_first_decides_how_much_stays_untaxed() -> None:
    """1 M at 100 and 1 M at 400, December at 500, end at 500: the oldest lot alone gains 4 M.

    first in: 2.5 M of it, the rest 1.5 M + 0.25 M. Average: 160 won a share, 4.25 M - 2.5 M; the
    gain that is left is the same, because nothing is left after the sale of all.
    """
    path = months(*[100] * 1, *[400] * 1, *[500] * 13)
    saver = replace(SAVER, monthly=0, lump=0)
    for lots in ("average", "fifo"):
        found = run_route(
            BOOK,
            replace(saver, monthly=1_000_000, lots=lots),
            us(yearly=True),
            [path[0], path[1], path[11], path[13]],
        )
        assert step_of(found, f"compare_december_{lots}")["gain"] == 2_500_000
        assert found.tax == 0  # 1,750,000 left


def test_fifo_cannot_reach_a_gain_behind_a_loss_that_is_larger() -> None:
    """Bought at 400 and at 100, December at 150: the oldest lot loses 625,000, the other gains
    500,000. First in, first out realises nothing; on average cost (160) there is no gain either."""
    path = months(400, 100, *[150] * 12)
    for lots in ("average", "fifo"):
        found = run_route(
            BOOK, replace(SAVER, lots=lots), us(yearly=True), [path[0], path[1], path[11], path[12]]
        )
        assert step_of(found, f"compare_december_{lots}")["gain"] == 0


@given(
    st.lists(st.floats(20, 2000), min_size=14, max_size=40), st.sampled_from(["average", "fifo"])
)
@settings(max_examples=60)
def test_using_the_deduction_never_realises_more_than_it(prices: list[float], lots: Any) -> None:
    path = months(*prices)
    saver = replace(SAVER, lots=lots)
    plain = run_route(BOOK, saver, us(), path)
    used = run_route(BOOK, saver, us(yearly=True), path)
    years = sum(1 for quote in path[1:-1] if quote.day.month == 12)
    realised = step_of(used, f"compare_december_{lots}")["gain"]
    assert 0 <= realised <= 2_500_000 * years
    assert used.value == plain.value
    # what was realised before and what is left is the same gain, to a won a lot
    left = step_of(used, "overseas_net")["net"]
    assert abs(realised + left - step_of(plain, "overseas_net")["net"]) <= len(path)


# --- foreign tax inside the fund ---


def us_fund(account: str) -> Route:
    fund = RouteFund(ticker="K", kind="krx_other_etf", distribution=0.0085, foreign_rate=0.15)
    return route_of(BOOK, fund, account, name="x")


def test_nothing_more_is_due_on_a_us_dividend_in_an_ordinary_account() -> None:
    assert us_fund("general").distribution_tax == 0.0
    china = RouteFund(ticker="C", kind="krx_other_etf", foreign_rate=0.10)  # (14 - 10) / 90 x 1.1
    assert route_of(BOOK, china, "general", name="x").distribution_tax == pytest.approx(
        0.0489, abs=1e-4
    )


def test_prices_until_2024_lose_the_refund() -> None:
    """Dividend 0.85 % / 0.85 = 1 %, 14 % of it was given back: 0.14 % a year until 2024."""
    saver = Saver(lump=10_000_000)
    old = run_route(BOOK, saver, us_fund("isa"), months(*[100] * 13, first=2023))
    new = run_route(BOOK, saver, us_fund("isa"), months(*[100] * 13, first=2025))
    assert new.value == 10_000_000
    assert old.value == pytest.approx(10_000_000 * (1 - 0.0014), abs=100)


def test_an_isa_credits_the_foreign_tax_at_its_end() -> None:
    """20 M held three years at 200 after the first day, worth 40 M: dividends of 1 % a year, 15 %
    abroad: 40 M x 0.15 % x 3 = 180,000, 55.29 % of it."""
    saver = Saver(lump=20_000_000)
    found = run_route(BOOK, saver, us_fund("isa"), months(*[100], *[200] * 36))
    credit = step_of(found, "foreign_credit")
    assert credit["foreign_tax"] == pytest.approx(180_000, rel=0.02)
    assert credit["credit"] == int(credit["foreign_tax"] * (9 / 14 - 0.09))
    assert found.tax == pytest.approx(1_782_000 - 1.1 * credit["credit"], abs=20)


def test_distributions_are_taxed_in_an_isa_where_the_gain_on_korean_shares_is_not() -> None:
    """2 % of 100 M a year for five years: 10 M of distributions, 8 M above the tax-free 2 M."""
    route = Route(name="k", ticker="K", account="isa", kind="kr_equity_etf", distribution=0.02)
    path = months(*[100] * 61)
    found = run_route(BOOK, Saver(lump=20_000_000), route, path)
    distributed = 20_000_000 * 0.02 * 5
    assert found.tax == pytest.approx(max(0, distributed - 2_000_000) * 0.099, abs=20)


# --- health insurance ---


def test_the_self_insured_pay_for_the_gain_of_an_ordinary_account_alone() -> None:
    """24 payments doubled: 24 M of income in the last year, none in an ISA or abroad."""
    path = months(*[100] * 24, 200)
    saver = replace(SAVER, health="self_employed")
    cost = health_crossing(BOOK, status="self_employed", more=24_000_000).cost
    found = run_route(BOOK, saver, krx(), path)
    assert found.health == cost > 0
    assert found.after_tax == found.value - found.tax - cost
    assert run_route(BOOK, saver, krx("isa"), path[:20]).health == 0
    assert run_route(BOOK, saver, us(), path).health == 0


def test_income_that_is_there_already_brings_the_line_nearer() -> None:
    path = months(*[100] * 5, 200)  # 5 M of gain
    alone = replace(SAVER, health="dependant")
    beside = replace(alone, financial_income=16_000_000)
    assert run_route(BOOK, alone, krx(), path).health == 0
    # 21 M / 12 x 7.19 % = 125,825 -> 125,820, care 16,533 -> 16,530; x 12
    assert run_route(BOOK, beside, krx(), path).health == 1_708_200


def test_an_unknown_status_is_said_and_costs_nothing() -> None:
    found = run_route(BOOK, SAVER, krx(), months(*[100] * 24, 200))
    assert found.health == 0
    assert "compare_health_unknown" in said(found)


# --- the age of 55 ---


@pytest.mark.parametrize(
    ("age", "count", "locked"), [(50, 60, False), (49, 60, True), (60, 59, True)]
)
def test_a_pension_says_how_long_it_is_locked(age: int, count: int, locked: bool) -> None:
    """Five years and 55: at 50 with 60 payments open, at 49 a year more, below five years too."""
    saver = replace(SAVER, monthly=500_000, age=age)
    found = run_route(BOOK, saver, krx("pension_savings"), months(*[100] * (count + 1)))
    assert ("compare_locked" in said(found)) is locked


def test_a_pension_taken_at_once_pays_other_income_tax() -> None:
    """12 x 500,000, doubled: 6 M credited + 6 M gained at 16.5 %."""
    saver = replace(SAVER, monthly=500_000)
    found = run_route(BOOK, saver, krx("pension_savings"), months(*[100] * 12, 200))
    assert step_of(found, "compare_locked_lump") == {"tax": 1_980_000, "net": 10_020_000}


# --- properties ---


@given(
    st.lists(st.floats(20, 2000), min_size=3, max_size=50),
    st.sampled_from(["general", "isa", "pension_savings"]),
    st.sampled_from(["krx_other_etf", "kr_equity_etf"]),
    st.sampled_from([None, "employee", "self_employed", "dependant"]),
)
@settings(max_examples=80)
def test_net_is_never_above_gross(
    prices: list[float], account: str, kind: str, health: str | None
) -> None:
    fund = RouteFund(ticker="K", kind=kind, distribution=0.01, foreign_rate=0.15)
    saver = replace(SAVER, health=health)
    found = run_route(BOOK, saver, route_of(BOOK, fund, account, name="x"), months(*prices))
    assert found.after_tax - found.credits <= found.value
    assert min(found.tax, found.health, found.credits) >= 0
    assert sum(part.paid for part in found.parts) == found.paid


def test_an_independent_recomputation_of_a_year_in_an_ordinary_account() -> None:
    """Twelve payments into a Korean fund on US shares, the sum done again with nothing of the
    module: no tax on dividends, 15.4 % of every lot's gain without them, each tax cut below 10."""
    prices = [100, 90, 120, 80, 110, 130, 95, 105, 140, 125, 115, 135, 150]
    path = months(*prices)
    found = run_route(BOOK, replace(SAVER, monthly=700_000), us_fund("general"), path)
    tax, value = 0, 0.0
    for bought in range(12):
        units = 700_000 / prices[bought]
        spent = 0.0
        for now in range(bought + 1, 13):
            days = (path[now].day - path[now - 1].day).days
            spent += units * prices[now] * 0.0085 * days / 365.2425
        gain = max(0, int(units * 150) - 700_000 - int(spent))
        national = gain * 14 // 100 // 10 * 10
        tax += national + national // 100 * 10
        value += units * 150
    assert found.value == pytest.approx(value, abs=1)
    assert found.tax == tax


# --- a strategy ---


def track(levels: list[list[float]], weights: list[list[float]], traded: list[bool]) -> HeldTrack:
    days = tuple(quote.day for quote in months(*[1] * len(levels)))
    return HeldTrack(
        days=days,
        level=np.array(levels),
        weights=np.array(weights),
        traded=np.array(traded),
        cost=np.zeros(len(levels)),
        kinds=("krx_other_etf", "kr_equity_etf", "deposit"),
    )


TWO = track(
    [[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 1]],
    [[0.5, 0.5, 0], [0.5, 0.5, 0], [1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0]],
    [True, True, False, False],
)
"""1 M halved; the first fund doubles and half of its gain is sold for the second, which doubles."""


def test_a_strategy_pays_for_its_sales_in_an_ordinary_account() -> None:
    """Worth 1.5 M, 250,000 of 1 M sold: a quarter of the gain of 500,000 = 125,000 x 15.4 %."""
    paid = [SaverPayment(0, TWO.days[0], 1_000_000)]
    held = hold_strategy(BOOK, TWO, "general", paid, TWO.days)
    tax = 17_500 + 1_750
    kept = 1 - tax / 1_500_000
    assert held.values[-1] == pytest.approx((750_000 + 1_500_000) * kept, abs=1)
    assert dict(held.income) == {2025: 125_000}
    taxed, shares, cash = (result.gain for result in held.results)
    assert taxed == pytest.approx(375_000 * kept, abs=1)  # 750,000 that cost 375,000
    assert shares == pytest.approx(750_000 * kept, abs=1)  # 1,500,000 that cost 750,000
    assert cash == 0


def test_a_strategy_is_settled_at_the_end_of_an_isa() -> None:
    """Nothing is taxed on the way: 2.25 M, of it 500,000 taxed gain and 750,000 on shares."""
    paid = [SaverPayment(0, TWO.days[0], 1_000_000)]
    held = hold_strategy(BOOK, TWO, "isa", paid, TWO.days)
    assert held.values == (0, 1_500_000, 2_250_000, 2_250_000)
    assert [result.gain for result in held.results] == [500_000, 750_000, 0]


def test_gains_abroad_are_settled_at_the_end_of_each_year() -> None:
    """12 M gained and sold in December: 9.5 M x 22 % in January, out of the portfolio."""
    levels = [[1.0, 1.0]] * 11 + [[2.0, 1.0]] * 4
    weights = [[1.0, 0.0]] * 11 + [[0.0, 1.0]] * 4
    base = track([[*row, 1.0] for row in levels], [[*row, 0.0] for row in weights], [False] * 15)
    traded = np.array([n == 11 for n in range(15)])
    abroad = HeldTrack(
        days=base.days,
        level=np.array(levels),
        weights=np.array(weights),
        traded=traded,
        cost=np.zeros(15),
        kinds=("us_etf", "us_etf"),
    )
    paid = [SaverPayment(0, base.days[0], 12_000_000)]
    held = hold_strategy(BOOK, abroad, "general", paid, base.days)
    assert held.values[11] == 24_000_000
    assert held.values[12] == pytest.approx(24_000_000 - 2_090_000, abs=1)
