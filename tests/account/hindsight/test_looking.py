"""What not trading would have come to, held against an account folded day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from worlds import DAYS, TICKERS, day, decision, folded, order, random_world, table, taxes

from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import HORIZONS
from jeoul.account.hindsight.worth import share_worth
from jeoul.model.portfolio import Side

LAST = day(-1)


def outcomes(given: Any, prices: Any, account: str = "general", last: date = LAST) -> Any:
    worth = share_worth([prices], TICKERS, 1, taxes(account))
    (found,) = look_back([given], worth, last)
    return found.outcomes


def random_decision(rng: np.random.Generator, prices: Any) -> Any:
    place = int(rng.integers(1, 60))
    shares = {ticker: int(rng.integers(1_000, 9_000)) for ticker in TICKERS}
    orders = []
    for ticker in TICKERS:
        close = prices.close[: place + 1, TICKERS.index(ticker)]
        price = int(close[~np.isnan(close)][-1])
        side = str(rng.choice(["BUY", "SELL"]))
        tax = int(rng.integers(0, 900)) if side == "SELL" else 0
        count, cost = int(rng.integers(1, 900)), int(rng.integers(0, 500))
        orders.append(order(side, ticker, count, price, place, cost, tax))
    return decision(orders, shares, cash=10**9, place=place, value=2 * 10**9), place


def after(given: Any) -> tuple[dict[str, int], int]:
    shares, cash = dict(given.shares), given.cash
    for each in given.orders:
        sign = 1 if each.side is Side.BUY else -1
        shares[each.ticker] += sign * each.shares
        cash += -sign * each.amount - each.cost - each.tax
    return shares, cash


@pytest.mark.parametrize("account", ["general", "isa"])
def test_both_paths_are_those_of_an_account_folded_day_by_day(account: str) -> None:
    rng = np.random.default_rng(17)
    for _ in range(12):
        prices = random_world(rng)
        given, place = random_decision(rng, prices)
        found = outcomes(given, prices, account)
        assert tuple(found) == HORIZONS
        for days, outcome in found.items():
            until = given.session + timedelta(days=days)
            rules = taxes(account)
            without = folded(given.shares, given.cash, prices, rules, place, until)
            with_it = folded(*after(given), prices, rules, place, until)
            # The law cuts each tax below ten won; the look back uses its rate.
            paid = int((prices.dividends[place:] > 0).sum())
            assert outcome.untraded == pytest.approx(without, abs=25 * paid + 1)
            assert outcome.traded == pytest.approx(with_it, abs=25 * paid + 4)
            assert outcome.effect == outcome.traded - outcome.untraded
            assert isinstance(outcome.untraded, int)  # whole won


def test_a_day_without_a_trade_adds_nothing() -> None:
    rng = np.random.default_rng(3)
    found = outcomes(decision([], {"A": 10, "B": 3}, cash=77), random_world(rng))
    assert [(each.effect, each.traded - each.untraded) for each in found.values()] == [(0, 0)] * 3


def test_a_trade_undone_at_once_costs_exactly_its_costs_whatever_comes() -> None:
    rng = np.random.default_rng(4)
    orders = [
        order("BUY", "A", 70, 40_000, 1, cost=391),
        order("SELL", "A", 70, 40_000, 1, 391, 55),
    ]
    found = outcomes(decision(orders, {"A": 5}, cash=3_000_000, place=1), random_world(rng))
    assert {each.effect for each in found.values()} == {-391 - 391 - 55}


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_where_no_price_moves_a_trade_costs_what_it_cost(side: str) -> None:
    given = decision([order(side, "B", 9, 1_000, 2, cost=13)], {"B": 20}, cash=10_000, place=2)
    assert {each.effect for each in outcomes(given, table([5_000, 1_000, 9])).values()} == {-13}


def test_a_sale_before_a_fall_saved_it_and_a_sale_before_a_rise_missed_it() -> None:
    place = int(np.searchsorted(DAYS, np.datetime64("2024-02-01")))
    fall, rise = np.full((len(DAYS), 3), 100.0), np.full((len(DAYS), 3), 100.0)
    fall[place:], rise[place:] = 80.0, 130.0
    given = decision([order("SELL", "A", 10, 100, 1, cost=2)], {"A": 30}, cash=0, place=1)
    saved, missed = outcomes(given, table(fall))[90], outcomes(given, table(rise))[90]
    assert (saved.untraded, saved.traded, saved.effect) == (2_400, 2_598, 198)
    assert (missed.untraded, missed.traded, missed.effect) == (3_900, 3_598, -302)


def test_distributions_count_after_the_tax_of_the_kind_of_account() -> None:
    paid = np.zeros((len(DAYS), 3))
    paid[10, 1] = 100.0
    given = decision([order("SELL", "B", 1_000, 5_000, 1)], {"B": 1_000}, place=1)
    prices = table(5_000, paid)
    assert outcomes(given, prices, "general")[30].effect == -84_600  # 100,000 less 15.4 %
    assert outcomes(given, prices, "isa")[30].effect == -100_000
    half = table(5_000, paid, taxable=np.where(paid > 0, 50.0, np.nan))
    assert outcomes(given, half, "general")[30].effect == -92_300


def test_a_distribution_of_the_session_of_the_trade_was_paid_before_it() -> None:
    paid = np.zeros((len(DAYS), 3))
    paid[1, 1] = 100.0
    given = decision([order("SELL", "B", 10, 5_000, 1)], {"B": 10}, place=1)
    assert outcomes(given, table(5_000, paid))[30].effect == 0


def test_a_decision_is_the_sum_of_its_orders() -> None:
    rng = np.random.default_rng(5)
    prices = random_world(rng)
    given, _ = random_decision(rng, prices)
    whole = outcomes(given, prices)
    alone = [outcomes(replace(given, orders=(each,)), prices) for each in given.orders]
    for days in HORIZONS:
        assert whole[days].by_order == tuple(each[days].effect for each in alone)
        assert whole[days].effect == sum(each[days].effect for each in alone)
        assert {each[days].untraded for each in alone} == {whole[days].untraded}


def test_a_thousand_times_the_trade_adds_a_thousand_times_as_much() -> None:
    rng = np.random.default_rng(6)
    prices = random_world(rng)
    given, _ = random_decision(rng, prices)
    large = tuple(
        replace(each, shares=each.shares * 1000, amount=each.amount * 1000,
                cost=each.cost * 1000, tax=each.tax * 1000)
        for each in given.orders
    )  # fmt: skip
    one, many = outcomes(given, prices), outcomes(replace(given, orders=large), prices)
    for days in HORIZONS:
        assert many[days].effect == pytest.approx(1000 * one[days].effect, abs=501 * 3)


def test_nothing_after_the_day_matters_and_nothing_is_known_before_it() -> None:
    rng = np.random.default_rng(7)
    prices, other = random_world(rng), random_world(rng)
    given, _ = random_decision(rng, prices)
    for days in HORIZONS:
        until = given.session + timedelta(days=days)
        late = np.datetime64(until) < DAYS
        changed = replace(
            prices,
            close=np.where(late[:, None], other.close, prices.close),
            dividends=np.where(late[:, None], other.dividends, prices.dividends),
            splits=np.where(late[:, None], other.splits, prices.splits),
        )
        assert outcomes(given, changed)[days] == outcomes(given, prices)[days]
        assert days in outcomes(given, prices, last=until)
        assert days not in outcomes(given, prices, last=until - timedelta(days=1))


def test_an_order_that_is_filled_after_the_day_is_not_in_it() -> None:
    late = order("BUY", "A", 10, 100, 40, cost=5)
    sale = order("SELL", "B", 1, 1_000, 1)
    found = outcomes(decision([sale, late], {"B": 1}, place=1), table([100, 1_000, 1]))
    assert found[30].by_order == (0, 0)
    assert found[90].by_order == (0, -5)


def test_a_holding_without_a_price_leaves_the_outcome_unknown() -> None:
    close = np.full((len(DAYS), 3), 100.0)
    close[:5, 2] = np.nan
    worth = share_worth([table(close)], TICKERS, 1)
    given = decision([order("BUY", "A", 1, 100, 2)], {"C": 3}, cash=500, place=2)
    (found,) = look_back([given], worth, LAST)
    assert (found.unpriced, found.outcomes) == (("C",), {})
    (found,) = look_back([replace(given, shares={"X": 1})], worth, LAST)
    assert found.unpriced == ("X",)
