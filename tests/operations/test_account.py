"""One account along history, by hand: settlement, splits, dividends, money that runs out."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from harness import proposal, sessions

from jeoul import api
from jeoul.account.tape import Tape
from jeoul.backtest.account import account_backtest
from jeoul.model.portfolio import Portfolio
from jeoul.model.series import PriceTable
from jeoul.pipeline.account import account_decision
from jeoul.rebalance import ETF_TICKS, TradeRules

DAYS = sessions()[:6]
RULES = TradeRules(buy_fee=Decimal("0.001"), sell_fee=Decimal("0.001"), ticks=ETF_TICKS)


def tape_of(**columns) -> Tape:
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
    return Tape((table,))


def priced(day, weights, prices, *, due=True):
    from dataclasses import replace

    from jeoul.model.decision import Quote

    made = proposal(day, weights, due=due)
    return replace(made, quotes={code: Quote(price=p, session=day) for code, p in prices.items()})


def fold(tape, weights, start, deposits=None):
    proposals = []
    for day, wanted in zip(DAYS, weights, strict=True):
        prices = {code: price for code in ("A", "B") if (price := tape.close(code, day))}
        proposals.append(priced(day, wanted[0], prices, due=wanted[1]))
    return account_backtest(
        proposals, tape, api.calendars()["XKRX"], start=start, rules=RULES, deposits=deposits
    )


HOLD = ({"A": 0.9}, False)


def test_orders_fill_at_the_next_close_with_their_fee() -> None:
    tape = tape_of(A=[1000, 1010, 1000, 1000, 1000, 1000], B=[1000] * 6)
    days = fold(tape, [({"A": 0.9}, True), *[HOLD] * 5], Portfolio({}, 1_000_000))
    assert days[0].fills == ()
    (bought,) = days[1].fills
    assert (bought.price, bought.shares) == (1010, days[0].decision.orders[0].shares)
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
    odd = Tape(tape.tables).openings(DAYS[2], {"A": 3})
    assert (odd[0].shares, odd[0].cash) == (9, 0)


def test_a_reverse_split_pays_the_fraction() -> None:
    tape = tape_of(A=[100, 100, 1000, 1000, 1000, 1000], B=[1] * 6, A_split={2: 0.1})
    (moved,) = tape.openings(DAYS[2], {"A": 37})
    assert (moved.shares, moved.cash) == (3 - 37, 700)


def test_buys_never_spend_more_than_is_settled() -> None:
    tape = tape_of(A=[1000, 1500, 1500, 1500, 1500, 1500], B=[1000] * 6)
    days = fold(tape, [({"A": 0.98}, True), *[HOLD] * 5], Portfolio({}, 1_000_000))
    (bought,) = days[1].fills
    assert bought.shares < days[0].decision.orders[0].shares
    assert all(day.portfolio.cash >= 0 for day in days)


def test_a_deposit_is_invested_without_selling() -> None:
    tape = tape_of(A=[1000] * 6, B=[1000] * 6)
    days = fold(tape, [HOLD] * 6, Portfolio({"A": 9000}, 1_000_000), deposits={DAYS[2]: 300_000})
    assert [order.side for order in days[2].decision.orders] == ["BUY"]
    assert days[2].decision.reasons[0].kind == "place.deposit"
    assert days[3].decision.orders == ()


def test_while_a_sale_settles_nothing_more_is_sold() -> None:
    held = Portfolio({"A": 500, "B": 300}, 0, "KRW", {date(2026, 1, 2): 200_000})
    made = priced(DAYS[0], {"A": 0.3, "B": 0.68}, {"A": 1000, "B": 1000}, due=False)
    assert account_decision(made, held, 0, RULES).orders == ()
