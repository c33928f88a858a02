"""One account along history, by hand: settlement, costs, flows, splits, money that runs out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.figures import account_figures, units_of
from jeoul.account.life import account_backtest
from jeoul.account.orders import account_orders
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountRun, AccountTerms
from jeoul.model.decision import Quote, Target
from jeoul.model.portfolio import Portfolio
from jeoul.model.series import PriceTable
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import ETF_TICKS, Fresh, TradeRules

_FIRST = api.calendars()["XKRX"].index(date(2026, 6, 1))
DAYS = [api.calendars()["XKRX"].label(_FIRST + place) for place in range(6)]
RULES = TradeRules(buy_fee=Decimal("0.001"), sell_fee=Decimal("0.001"), ticks=ETF_TICKS)


def tape_of(**columns: Any) -> PriceEvents:
    """Closes by fund; ``x_split`` and ``x_dividend`` are {day number: value}."""
    codes = tuple(sorted(name for name in columns if "_" not in name))
    close = np.array([[float(v) for v in columns[code]] for code in codes]).T
    splits, dividends = np.ones_like(close), np.zeros_like(close)
    for place, code in enumerate(codes):
        for day, ratio in columns.get(f"{code}_split", {}).items():
            splits[day, place] = ratio
        for day, amount in columns.get(f"{code}_dividend", {}).items():
            dividends[day, place] = amount
    table = PriceTable(
        "XKRX", "KRW", "raw", codes, np.array(DAYS, dtype="datetime64[D]"),
        np.zeros(len(DAYS), dtype=np.int64), close, dividends, splits,
    )  # fmt: skip
    return PriceEvents((table,))


def target(day: date, weights: Any, prices: Any, *, due: bool = False) -> Target:
    return Target(
        as_of=day, executed=api.calendars()["XKRX"].after(day), currency="KRW",
        weights={**weights, "CASH": 1.0 - sum(weights.values())}, due=due, reasons=(),
        quotes={code: Quote(price=price, session=day) for code, price in prices.items()},
        band=0.05, min_trade=0, risk=frozenset(), risk_cap=None,
    )  # fmt: skip


def fold(tape: Any, weights: Any, start: Any, **terms: Any) -> Any:
    return run(tape, weights, start, **terms).days


def run(tape: Any, weights: Any, start: Any, **terms: Any) -> AccountRun:
    """An account that the model gives one pair of weights and due a session."""
    wanted = []
    for day, (wish, due) in zip(DAYS, weights, strict=True):
        prices = {code: tape.last_close(code, day) for code in ("A", "B")}
        wanted.append(ModelTarget(day, target(day, wish, prices, due=due)))
    rules = terms.pop("rules", RULES)
    return account_backtest(
        wanted, tape, api.calendars()["XKRX"], AccountTerms(start=start, rules=rules, **terms)
    )


HOLD = ({"A": 0.9}, False)


def test_orders_fill_at_the_next_close_with_their_fee() -> None:
    tape = tape_of(A=[1000, 1010, 1000, 1000, 1000, 1000], B=[1000] * 6)
    days = fold(tape, [({"A": 0.9}, True), *[HOLD] * 5], Portfolio({}, 1_000_000))
    assert days[0].fills == ()
    (bought,) = days[1].fills
    assert (bought.price, bought.shares) == (1010, days[0].orders[0].shares)
    assert bought.fee == bought.shares * 1010 // 1000
    assert days[1].portfolio.cash == 1_000_000 - bought.shares * 1010 - bought.fee


def test_a_sale_settles_two_sessions_later_and_then_buys() -> None:
    tape = tape_of(A=[1000] * 6, B=[1000] * 6)
    turn = [({"B": 0.98}, True), *[({"B": 0.98}, False)] * 5]
    days = fold(tape, turn, Portfolio({"A": 1000}, 1000))
    assert days[1].portfolio.shares == {"B": 0} or "A" not in days[1].portfolio.shares
    assert days[1].portfolio.unsettled == {DAYS[3]: 1_000_000 - 1_000}
    assert [len(day.fills) for day in days] == [1 - 1, 1, 0, 1, 0, 0]
    assert days[3].fills[0].side == "BUY"
    assert days[3].portfolio.shares["B"] == pytest.approx(980, abs=2)
    assert days[3].portfolio.cash >= 0


def test_splits_and_dividends_come_at_the_open() -> None:
    prices = [1000, 1000, 250, 250, 250, 250]
    tape = tape_of(A=prices, B=[1000] * 6, A_split={2: 4.0}, A_dividend={4: 10.0})
    wanted = ({"A": 0.9}, False)
    days = fold(tape, [wanted] * 6, Portfolio({"A": 900}, 100_000))
    assert days[2].portfolio.shares["A"] == 3600
    assert days[4].portfolio.cash - days[3].portfolio.cash == 36_000
    odd = PriceEvents(tape.tables).openings(DAYS[2], {"A": 3})
    assert (odd[0].shares, odd[0].cash) == (9, 0)


def test_a_reverse_split_pays_the_fraction() -> None:
    tape = tape_of(A=[100, 100, 1000, 1000, 1000, 1000], B=[1] * 6, A_split={2: 0.1})
    (moved,) = tape.openings(DAYS[2], {"A": 37})
    assert (moved.shares, moved.cash) == (3 - 37, 700)


def test_a_split_without_a_trade_keeps_the_value_and_pays_the_fraction() -> None:
    nan = float("nan")
    tape = tape_of(A=[1000, 1000, nan, nan, 2000, 2000], B=[1000] * 6, A_split={2: 0.5})
    days = fold(tape, [({"A": 1.0}, False)] * 6, Portfolio({"A": 3}, 0), rules=FREE)
    assert tape.last_close("A", DAYS[3]) == 2000
    assert days[2].portfolio.cash == 1000
    assert [day.value for day in days[:5]] == [3000] * 5


def test_a_close_reaches_over_days_of_which_nothing_is_known() -> None:
    nan = float("nan")
    tape = tape_of(A=[1000, nan, nan, 2000, 2000, 2000], B=[1000] * 6, A_split={1: nan})
    assert [tape.last_close("A", day) for day in DAYS[:4]] == [1000, 1000, 1000, 2000]


def test_buys_never_spend_more_than_is_settled() -> None:
    tape = tape_of(A=[1000, 1500, 1500, 1500, 1500, 1500], B=[1000] * 6)
    days = fold(tape, [({"A": 0.98}, True), *[HOLD] * 5], Portfolio({}, 1_000_000))
    (bought,) = days[1].fills
    assert bought.shares < days[0].orders[0].shares
    assert all(day.portfolio.cash >= 0 for day in days)


def test_a_deposit_is_invested_without_selling() -> None:
    tape = tape_of(A=[1000] * 6, B=[1000] * 6)
    days = fold(tape, [HOLD] * 6, Portfolio({"A": 9000}, 1_000_000), deposits={DAYS[2]: 300_000})
    assert [order.side for order in days[2].orders] == ["BUY"]
    assert days[2].reasons[0].kind == "place.deposit"
    assert days[3].orders == ()


def test_while_a_sale_settles_nothing_more_is_sold() -> None:
    held = Portfolio({"A": 500, "B": 300}, 0, "KRW", {date(2026, 1, 2): 200_000})
    made = target(DAYS[0], {"A": 0.3, "B": 0.68}, {"A": 1000, "B": 1000})
    assert account_orders(made, held, Fresh(), RULES).orders == ()


FLAT = {"A": [1000] * 6, "B": [1000] * 6}
FREE = TradeRules(ticks=ETF_TICKS)


def test_an_order_pays_at_least_the_least_fee_the_fixed_one_and_half_the_spread() -> None:
    rules = replace(RULES, min_fee=500, fixed_fee=70, spread=Decimal("0.002"))
    days = fold(
        tape_of(**FLAT), [({"A": 0.3}, True), *[({"A": 0.3}, False)] * 5],
        Portfolio({}, 1_000_000), rules=rules,
    )  # fmt: skip
    (bought,) = days[1].fills
    assert (bought.shares, bought.fee, bought.spread) == (300, 500 + 70, 300)
    assert days[1].portfolio.cash == 1_000_000 - 300_000 - 570 - 300


def test_flat_fees_never_spend_more_than_there_is() -> None:
    rules = replace(FREE, min_fee=20_000)
    days = fold(
        tape_of(**FLAT), [({"A": 0.5, "B": 0.5}, True), *[({"A": 0.5, "B": 0.5}, False)] * 5],
        Portfolio({}, 100_000), rules=rules,
    )  # fmt: skip
    assert all(day.portfolio.cash >= 0 for day in days)
    assert sum(day.portfolio.shares.get("A", 0) for day in days[-1:]) > 0


def test_thousandths_of_a_share_come_closer_to_the_target() -> None:
    tape, wish = tape_of(A=[333_333] * 6, B=[1000] * 6), {"A": 0.5}
    whole, parts = (
        run(
            tape, [(wish, True), *[(wish, False)] * 5], Portfolio({}, 1_000_000),
            rules=FREE, parts=parts,
        )
        for parts in (1, 1000)
    )  # fmt: skip
    assert whole.days[-1].portfolio.shares == {"A": 1}
    assert parts.days[-1].portfolio.shares["A"] == pytest.approx(1500, abs=2)
    assert parts.days[-1].value == 1_000_000 * 1000
    assert account_figures(parts, sessions_per_year=245.5).owner.worth == 1_000_000


def test_settled_cash_earns_interest_at_the_open() -> None:
    days = fold(
        tape_of(**FLAT), [({}, False)] * 6, Portfolio({}, 1_000_000), interest={DAYS[2]: 0.0001}
    )
    assert [day.flows.interest for day in days] == [0, 0, 100, 0, 0, 0]
    assert days[2].portfolio.cash == 1_000_100


def test_money_that_settles_at_an_open_has_earned_nothing_over_night() -> None:
    days = fold(
        tape_of(**FLAT), [({}, True), *[({}, False)] * 5], Portfolio({"A": 1000}, 0),
        rules=FREE, interest=dict.fromkeys(DAYS, 0.001),
    )  # fmt: skip
    assert days[1].portfolio.unsettled == {DAYS[3]: 1_000_000}
    assert [day.flows.interest for day in days] == [0, 0, 0, 0, 1_000, 1_001]


def test_a_withdrawal_is_paid_at_once_if_the_cash_is_there() -> None:
    days = fold(
        tape_of(**FLAT), [({"A": 0.9}, False)] * 6, Portfolio({"A": 900}, 100_000),
        withdrawals={DAYS[2]: 40_000},
    )  # fmt: skip
    assert days[2].flows.withdrawal == 40_000
    assert days[2].portfolio.cash == 60_000
    assert days[2].owed == 0


def test_orders_decided_before_a_withdrawal_do_not_spend_what_is_owed() -> None:
    days = fold(
        tape_of(**FLAT), [({"A": 1.0}, True), *[({"A": 1.0}, False)] * 5],
        Portfolio({"A": 900}, 100_000), rules=FREE, withdrawals={DAYS[1]: 150_000},
    )  # fmt: skip
    assert [order.side for order in days[0].orders] == ["BUY"]
    assert (days[1].fills, days[1].portfolio.cash, days[1].owed) == ((), 100_000, 150_000)
    assert [day.flows.withdrawal for day in days] == [0, 0, 0, 0, 150_000, 0]


def test_a_withdrawal_without_cash_sells_and_is_paid_when_the_sale_has_settled() -> None:
    days = fold(
        tape_of(**FLAT), [({"A": 0.5, "B": 0.49}, False)] * 6,
        Portfolio({"A": 520, "B": 470}, 10_000), withdrawals={DAYS[0]: 30_000},
    )  # fmt: skip
    assert [order.side for order in days[0].orders] == ["SELL"]
    assert days[0].reasons[0].kind == "place.withdrawal"
    assert {fill.ticker for fill in days[1].fills} == {"A"}
    assert [day.flows.withdrawal for day in days] == [0, 0, 0, 30_000, 0, 0]
    assert [day.owed for day in days] == [30_000] * 3 + [0] * 3


def test_an_emptied_account_pays_what_there_is_and_owes_the_rest() -> None:
    account = run(
        tape_of(**FLAT), [({"A": 0.9}, False)] * 6, Portfolio({"A": 90}, 10_000),
        rules=FREE, withdrawals={DAYS[0]: 500_000},
    )  # fmt: skip
    assert account.days[-1].portfolio.shares == {}
    # One payment, on the day on which the money of the sales is there.
    assert [day.flows.withdrawal for day in account.days] == [0, 0, 0, 100_000, 0, 0]
    assert account.days[-1].owed == 400_000
    assert account_figures(account, sessions_per_year=245.5).owner.unpaid == 400_000


def test_an_emptied_account_waits_for_its_sales_before_it_pays() -> None:
    days = fold(
        tape_of(**FLAT), [({"A": 0.9}, False)] * 6, Portfolio({"A": 90}, 10_000),
        rules=FREE, withdrawals={DAYS[0]: 500_000},
    )  # fmt: skip
    assert days[1].portfolio.shares == {}
    assert [day.flows.withdrawal for day in days] == [0, 0, 0, 100_000, 0, 0]


def test_buys_leave_alone_what_is_owed() -> None:
    wish = [({"A": 0.9, "B": 0.09}, True), *[({"A": 0.9, "B": 0.09}, False)] * 5]
    start, owed = Portfolio({"A": 900}, 100_000), {DAYS[1]: 150_000}
    free, bound = (
        fold(tape_of(**FLAT), wish, start, rules=FREE, withdrawals=flows) for flows in ({}, owed)
    )
    assert [fill.side for fill in free[1].fills] == ["BUY"]
    assert bound[1].fills == ()
    assert bound[1].portfolio.cash == 100_000
    assert sum(day.flows.withdrawal for day in bound) == 150_000


def test_money_paid_in_and_out_on_one_day_leaves_nothing_to_invest() -> None:
    tape = tape_of(**FLAT, A_dividend={2: 30})
    flows = {"deposits": {DAYS[2]: 80_000}, "withdrawals": {DAYS[2]: 80_000}}
    days = fold(tape, [({"A": 0.98}, False)] * 6, Portfolio({"A": 900}, 0), rules=FREE, **flows)
    assert (days[2].flows.withdrawal, days[2].portfolio.cash) == (80_000, 27_000)
    assert [day.orders for day in days[2:4]] == [(), ()]  # a dividend waits for the band


def test_money_is_exchanged_at_the_rate_of_the_session_before() -> None:
    rates = {day: Decimal(1000 + 10 * place) for place, day in enumerate(DAYS)}
    before = {day: Decimal(1000 + 10 * max(place - 1, 0)) for place, day in enumerate(DAYS)}
    bank = CurrencyExchange(
        owner="KRW", account="KRW", rates=rates, before=before, spread=Decimal("0.02")
    )
    account = run(
        tape_of(**FLAT), [({}, False)] * 6, Portfolio({}, 0), rules=FREE, exchange=bank,
        deposits={DAYS[0]: 1_000_000_000}, withdrawals={DAYS[3]: 101_000_000},
    )  # fmt: skip
    first, paid = account.days[0], account.days[3]
    assert first.flows.deposit == 990_099  # at 1,010, the bank's own rate
    assert (first.flows.exchanged, first.worth) == (1_000_000 - 990_099, 990_099_000)
    assert paid.flows.withdrawal == -(-101_000_000 * 100 // (1020 * 99))
    assert paid.flows.paid_out == 101_000_000
    assert paid.worth == paid.value * 1030
    assert paid.flows.exchanged == paid.flows.withdrawal - 101_000_000 // 1020 > 0
    figures = account_figures(account, sessions_per_year=245.5)
    assert figures.owner.gain == account.days[-1].worth + 101_000_000 - 1_000_000_000


def test_what_an_account_was_worth_at_the_start_is_not_a_gain() -> None:
    tape = tape_of(A=[1000, 1000, 1000, 1000, 1000, 1100], B=[1000] * 6)
    flows = {"deposits": {DAYS[1]: 7_000}, "withdrawals": {DAYS[3]: 2_000}}
    account = run(tape, [({"A": 0.9}, False)] * 6, Portfolio({"A": 900}, 100_000), **flows)
    figures = account_figures(account, sessions_per_year=245.5)
    assert (figures.owner.paid_in, figures.owner.paid_out) == (1_007_000, 2_000)
    held = account.days[-1].portfolio.shares["A"]
    assert figures.owner.gain == figures.owner.worth - 1_005_000 == 100 * held - figures.costs.fees


def test_a_split_of_what_has_no_price_yet_pays_no_fraction() -> None:
    nan = float("nan")
    tape = tape_of(A=[nan, nan, 500, 500, 500, 500], B=[1000] * 6, A_split={1: 0.5})
    (split,) = tape.openings(DAYS[1], {"A": 3})
    assert (split.shares, split.cash) == (-2, 0)


def test_without_a_target_the_account_holds() -> None:
    tape = tape_of(**FLAT)
    wanted = [ModelTarget(day, None) for day in DAYS]
    days = account_backtest(
        wanted,
        tape,
        api.calendars()["XKRX"],
        AccountTerms(start=Portfolio({"A": 5}, 99), rules=FREE),
    ).days
    assert all(day.orders == () and day.held_back for day in days)
    assert days[-1].value == 5_099


def test_prices_adjusted_for_dividends_are_called_approximate() -> None:
    raw = tape_of(**FLAT)
    adjusted = PriceEvents(
        tuple(
            replace(table, adjusted="total-return", dividends=None, splits=None)
            for table in raw.tables
        )
    )
    wish = [({"A": 0.9}, True), *[({"A": 0.9}, False)] * 5]
    start = Portfolio({}, 1_000_000)
    assert [run(tape, wish, start).approximate for tape in (raw, adjusted)] == [False, True]


def test_the_time_weighted_return_does_not_depend_on_what_is_paid_in_or_out() -> None:
    tape = tape_of(A=[1000, 1100, 990, 1200, 1250, 1300], B=[1000] * 6)
    wish = [({"A": 1.0}, False)] * 6
    alone = run(tape, wish, Portfolio({"A": 100_000}, 0), rules=FREE)
    units = units_of(alone)
    assert units[-1] / units[0] == pytest.approx(1.3)
    flows = run(tape, wish, Portfolio({"A": 100_000}, 0), rules=FREE, deposits={DAYS[3]: 120_000})
    # The deposit waits one session in cash, while the fund rises by 4 % from 1,200 to 1,250.
    assert units_of(flows)[:4] == pytest.approx(units[:4], rel=1e-3)
    figures = account_figures(flows, sessions_per_year=245.5)
    assert figures.owner.paid_in == 100_000_000 + 120_000
    assert figures.returns.total_return == pytest.approx(units_of(flows)[-1] - 1.0)
    assert np.isnan(figures.returns.money_weighted)  # six sessions are not a year


counts = st.integers(0, 400)
moves = st.lists(st.sampled_from([0.7, 0.95, 1.0, 1.04, 1.3]), min_size=6, max_size=6)


@st.composite
def lives(draw: Any) -> Any:
    """Prices with gaps, dividends, splits, flows in and out, costs of every kind, wild targets."""
    columns = {}
    for code in ("A", "B"):
        path = 1000.0 * np.cumprod(draw(moves))
        close = [float(round(price)) for price in path]
        gap = draw(st.integers(0, 12))
        if 0 < gap < 6:
            close[gap] = float("nan")
        columns[code] = close
        columns[f"{code}_dividend"] = {draw(st.integers(0, 5)): float(draw(st.integers(0, 30)))}  # type: ignore[assignment]
        columns[f"{code}_split"] = {draw(st.integers(1, 5)): draw(st.sampled_from([1.0, 2.0, 0.1]))}  # type: ignore[assignment]
    weights = [
        ({"A": a / 10, "B": b / 10}, draw(st.booleans()))
        for a, b in draw(
            st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=6, max_size=6)
        )
    ]
    flow = st.dictionaries(st.sampled_from(DAYS), st.integers(1, 600_000), max_size=3)
    rules = TradeRules(
        buy_fee=draw(st.sampled_from([Decimal(0), Decimal("0.00014"), Decimal("0.01")])),
        sell_fee=draw(st.sampled_from([Decimal(0), Decimal("0.002")])),
        min_fee=draw(st.sampled_from([0, 100])),
        fixed_fee=draw(st.sampled_from([0, 30])),
        spread=draw(st.sampled_from([Decimal(0), Decimal("0.004")])),
        ticks=ETF_TICKS,
    )
    start = Portfolio({"A": draw(counts), "B": draw(counts)}, draw(st.integers(1, 900_000)))
    return tape_of(**columns), weights, start, {
        "rules": rules, "deposits": draw(flow), "withdrawals": draw(flow),
        "parts": draw(st.sampled_from([1, 100])),
        "interest": {DAYS[2]: 0.0003, DAYS[4]: 0.0001},
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(lives())
def test_money_and_shares_are_conserved_to_the_won_every_session(life: Any) -> None:
    tape, weights, start, terms = life
    account = run(tape, weights, start, **terms)
    parts = terms["parts"]
    money = start.cash * parts
    shares = {code: count * parts for code, count in start.shares.items() if count}
    for day in account.days:
        money += day.flows.interest + day.flows.deposit - day.flows.withdrawal
        money += sum(m.cash for m in day.actions) + sum(fill.cash for fill in day.fills)
        for code, change in (
            *((m.ticker, m.shares) for m in day.actions),
            *((f.ticker, f.shares if f.side == "BUY" else -f.shares) for f in day.fills),
        ):
            shares[code] = shares.get(code, 0) + change
        held = day.portfolio
        assert held.money == money
        assert dict(held.shares) == {code: count for code, count in shares.items() if count}
        assert held.cash >= 0
        assert all(count > 0 for count in held.shares.values())
    paid, due = (
        sum(day.flows.withdrawal for day in account.days),
        sum(terms["withdrawals"].values()),
    )
    assert paid + account.days[-1].owed == due * parts


@settings(max_examples=60, deadline=None)
@given(lives())
def test_what_an_account_gains_is_what_its_days_record(life: Any) -> None:
    tape, weights, start, terms = life
    account = run(tape, weights, start, **terms)
    for before, day in pairwise(account.days):
        worth = {c: tape.last_close(c, day.session) or 0 for c in ("A", "B")}
        held = dict(before.portfolio.shares)
        grown = sum(n * worth[c] for c, n in held.items())
        grown += sum(m.shares * worth[m.ticker] + m.cash for m in day.actions)
        cash = before.portfolio.money
        costs = sum(fill.fee + fill.spread for fill in day.fills)
        flows = day.flows.deposit - day.flows.withdrawal + day.flows.interest
        assert day.value == cash + grown + flows - costs
