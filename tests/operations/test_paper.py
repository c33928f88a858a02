"""The paper account: money by date, costs, limits, and a file of an earlier version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import QuickClock, tape

from jeoul import api
from jeoul.account.holdings import Securities
from jeoul.account.price_events import PriceEvents
from jeoul.model.portfolio import Side
from jeoul.model.series import PriceTable
from jeoul.operations.broker.paper import PaperBroker, PaperSettings, connect
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import BrokerAccount, BrokerContext, OrderRequest
from jeoul.rebalance import ONLINE, Tariff

TUESDAY, WEDNESDAY = date(2025, 3, 4), date(2025, 3, 5)
FRIDAY, MONDAY = date(2025, 3, 7), date(2025, 3, 10)


def arrived(folder: Any, deposits: Any, *until: Any) -> Any:
    broker = PaperBroker(
        folder / "paper.sqlite3", tape(), api.calendars()["XKRX"], QuickClock(),
        start=BrokerAccount({}, 1_000, {}),
        rules=PaperRules(deposits=deposits),
    )  # fmt: skip
    for day in until:
        broker.catch_up(day)
    found = [(movement.session, movement.cash) for movement in broker.movements()]
    assert broker.account().cash == 1_000 + sum(amount for _, amount in found)
    broker.close()
    return found


@pytest.mark.parametrize("day", [date(2025, 3, 8), date(2025, 3, 9), MONDAY])
def test_a_deposit_comes_in_on_the_first_session_from_its_date(tmp_path: Path, day: date) -> None:
    assert arrived(tmp_path, {day: 500}, TUESDAY, FRIDAY, MONDAY) == [(MONDAY, 500)]


def test_each_deposit_comes_in_once_however_many_sessions_are_caught_up(tmp_path: Path) -> None:
    deposits = {date(2025, 3, 8): 500, date(2025, 3, 9): 30, TUESDAY: 7}
    expected = [(TUESDAY, 7), (MONDAY, 500), (MONDAY, 30)]
    assert arrived(tmp_path, deposits, TUESDAY, date(2025, 3, 14)) == expected
    assert arrived(tmp_path, deposits, date(2025, 3, 20)) == expected


def test_what_was_put_in_before_the_account_began_is_in_its_start(tmp_path: Path) -> None:
    holiday, before = date(2025, 3, 3), date(2025, 2, 28)
    assert arrived(tmp_path, {before: 500, holiday: 30}, TUESDAY, FRIDAY) == [(TUESDAY, 30)]


def opened(file: Any, **rules: Any) -> PaperBroker:
    return PaperBroker(
        file, tape(), api.calendars()["XKRX"], QuickClock(),
        start=BrokerAccount({}, 1_000_000, {}),
        rules=PaperRules(**rules),
    )  # fmt: skip


def bought(broker: Any, session: Any, *requests: Any) -> None:
    for number, (side, ticker, shares, limit) in enumerate(requests, start=1):
        name = f"{session}.{number}"
        broker.submit(OrderRequest(name, session, side, ticker, shares, limit))
    broker.catch_up(session)


def test_an_account_kept_by_0_1_0_opens_and_goes_on_as_it_would_have(tmp_path: Path) -> None:
    file = tmp_path / "paper.sqlite3"
    with closing(sqlite3.connect(file)) as old:
        old.executescript((Path(__file__).parent / "old" / "paper-0.1.0.sql").read_text("utf-8"))
    broker = opened(file, fees=ONLINE, deposits={date(2025, 3, 5): 250_000})
    assert broker.account() == BrokerAccount(
        {"069500": 25, "148070": 9}, 3_171_939, {MONDAY: 407_868}
    )
    broker.catch_up(date(2025, 3, 12))
    assert broker.account() == BrokerAccount({"069500": 25, "148070": 12}, 3_255_972, {})
    (order,) = broker.orders(FRIDAY)
    assert (order.state, order.filled, order.amount, order.fee) == ("filled", 3, 323_790, 45)
    assert [(m.session, m.cash) for m in broker.movements()] == [(date(2025, 3, 5), 250_000)]
    broker.close()


def test_an_order_pays_its_least_fee_its_fixed_one_and_half_the_spread(tmp_path: Path) -> None:
    fees = Tariff(Decimal("0.0001"), min_fee=900, fixed_fee=50, spread=Decimal("0.002"))
    broker = opened(tmp_path / "paper.sqlite3", fees=fees)
    broker.catch_up(TUESDAY)
    bought(broker, WEDNESDAY, (Side.BUY, "069500", 10, None))
    (order,) = broker.orders(WEDNESDAY)
    assert order.fee == 900 + 50 + -(-order.amount // 1_000)
    assert broker.account().cash == 1_000_000 - order.amount - order.fee
    broker.close()


def test_a_limit_and_a_thin_market_hold_on_a_paper_account(tmp_path: Path) -> None:
    price = tape().close("069500", WEDNESDAY)
    broker = opened(tmp_path / "paper.sqlite3", fills_at_most={"148070": 2})
    broker.catch_up(TUESDAY)
    bought(
        broker, WEDNESDAY, (Side.BUY, "069500", 3, price - 1), (Side.BUY, "069500", 4, price),
        (Side.BUY, "148070", 5, None),
    )  # fmt: skip
    assert [(o.filled, o.state) for o in broker.orders(WEDNESDAY)] == [
        (0, "closed"),
        (4, "filled"),
        (2, "closed"),
    ]
    assert broker.account().shares == {"069500": 4, "148070": 2}
    broker.close()


def merged(ticker: str, session: date, ratio: float) -> PriceEvents:
    """The harness's prices with a merge at the open of a session."""

    def changed(table: PriceTable) -> PriceTable:
        if ticker not in table.tickers:
            return table
        splits = table.splits.copy()
        row = int(np.searchsorted(table.sessions, np.datetime64(session)))
        splits[row, table.tickers.index(ticker)] = ratio
        return replace(table, splits=splits)

    return PriceEvents(tuple(changed(table) for table in tape().tables))


@pytest.mark.parametrize(("held", "left", "rest"), [(300, 100, 0), (301, 100, 1), (2, 0, 2)])
def test_three_shares_into_one_leave_whole_shares_and_the_rest_in_cash(
    tmp_path: Path, held: int, left: int, rest: int
) -> None:
    events = merged("069500", FRIDAY, 1 / 3)
    broker = PaperBroker(
        tmp_path / "paper.sqlite3", events, api.calendars()["XKRX"], QuickClock(),
        start=BrokerAccount({}, 100_000_000, {}), rules=PaperRules(),
    )  # fmt: skip
    broker.catch_up(TUESDAY)
    bought(broker, WEDNESDAY, (Side.BUY, "069500", held, None))
    before = broker.account().cash
    broker.catch_up(FRIDAY)
    price = events.close("069500", FRIDAY)
    assert price is not None
    shares = {"069500": left} if left else {}
    after = BrokerAccount(shares, before + rest * price // 3, {})
    assert broker.account() == after
    (move,) = broker.movements()
    assert (move.session, move.ticker, move.shares) == (FRIDAY, "069500", left - held)
    broker.catch_up(FRIDAY)  # a session passes once
    assert broker.account() == after
    broker.close()


def test_it_begins_with_the_shares_and_the_money_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "held.csv"
    file.write_text("ticker,shares\n069500,12\nCASH,34567\nCASH@2025-03-06,1000\n", "utf-8")
    settings = PaperSettings(kind="paper", holdings=str(file))
    context = BrokerContext(
        state=tmp_path,
        beside=Path,
        calendar=api.calendars()["XKRX"],
        clock=QuickClock(),
        currency="KRW",
        secrets={},
        price_events=tape,
        securities=Securities({"069500"}),
    )
    with closing(connect(settings, context)) as broker:
        assert broker.account() == BrokerAccount({"069500": 12}, 34_567, {date(2025, 3, 6): 1_000})
    file.write_text("ticker,shares\n069500,99\nCASH,1\n", "utf-8")
    with closing(connect(settings, context)) as broker:  # the account has begun
        assert broker.account().shares == {"069500": 12}
