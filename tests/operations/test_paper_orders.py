"""The paper account order by order: names, delays, sessions, money in and out, and its file."""

from __future__ import annotations

import stat
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import tape
from kis_desk import Watch

from jeoul import api
from jeoul.account.holdings import Securities
from jeoul.errors import UsageError
from jeoul.model.portfolio import SETTLED, Side
from jeoul.operations.broker.paper import NAME, PaperBroker, PaperSettings, connect
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerContext,
    Hours,
    Ids,
    Movement,
    OrderRequest,
    OrderState,
    Watermark,
)
from jeoul.operations.errors import LedgerError, Refused
from jeoul.rebalance import Tariff

MON, TUE, WED, THU, FRI = (date(2025, 3, day) for day in range(10, 15))
FUND = "069500"


def opened(folder: Path, clock: Any = None, start: Any = None, **rules: Any) -> PaperBroker:
    return PaperBroker(
        folder / NAME, tape(), api.calendars()["XKRX"], clock or Watch(1_000.0),
        start=start or BrokerAccount({}, 1_000_000, {}), rules=PaperRules(**rules),
    )  # fmt: skip


def asked(name: str = "a", side: Side = Side.BUY, shares: int = 2, **more: Any) -> OrderRequest:
    return OrderRequest(
        name, more.get("session", TUE), side, more.get("ticker", FUND), shares, more.get("limit")
    )


def price(session: date, ticker: str = FUND) -> int:
    found = tape().close(ticker, session)
    assert found is not None
    return int(found)


def test_an_account_begins_once_with_what_it_is_given(tmp_path: Path) -> None:
    start = BrokerAccount({"148070": 3, FUND: 2}, 500, {WED: 7, TUE: 5})
    with closing(opened(tmp_path, start=start)) as broker:
        assert broker.account() == start
        assert list(broker.account().shares) == [FUND, "148070"]
        assert list(broker.account().unsettled) == [TUE, WED]
        assert broker.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert broker.connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    with closing(opened(tmp_path)) as broker:
        assert broker.account() == start
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / NAME).mkdir()
    with pytest.raises(LedgerError, match="cannot be used"):
        opened(tmp_path / "folder")


@pytest.mark.posix
def test_the_file_of_a_paper_account_is_closed_to_others(tmp_path: Path) -> None:
    with closing(opened(tmp_path)):
        for file in tmp_path.glob(f"{NAME}*"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_session_takes_orders_until_it_is_processed(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as broker:
        assert broker.hours(MON) is Hours.OPEN
        broker.catch_up(TUE)
        assert [broker.hours(day) for day in (MON, TUE, WED)] == [Hours.OVER] * 2 + [Hours.OPEN]
        with pytest.raises(Refused, match="2025-03-11 is over"):
            broker.submit(asked())
        assert broker.orders(TUE) == []


def test_an_order_is_listed_from_the_end_of_its_delay(tmp_path: Path) -> None:
    clock = Watch(1_000.0)
    with closing(opened(tmp_path, clock, delay=30.0)) as broker:
        assert broker.submit(asked(limit=9)) == "1"
        clock.time = 1_029.9
        assert broker.orders(TUE) == []
        clock.time = 1_030.0
        (order,) = broker.orders(TUE)
        assert (order.order_id, order.name, order.session, order.side) == ("1", "a", TUE, Side.BUY)
        assert (order.ticker, order.shares, order.limit) == (FUND, 2, 9)
        assert (order.state, order.filled, order.amount, order.fee) == (OrderState.OPEN, 0, 0, 0)
        assert broker.orders(WED) == []


@pytest.mark.parametrize(
    ("ids", "shown", "later", "again"),
    [
        (Ids.UNIQUE, "a", 10_000.0, "1"),
        (Ids.KEY, None, 599.9, "1"),
        (Ids.KEY, None, 600.0, "2"),
        (Ids.ECHO, "a", 0.0, "2"),
        (Ids.NONE, None, 0.0, "2"),
    ],
)
def test_what_a_name_is_good_for(
    tmp_path: Path, ids: Ids, shown: str | None, later: float, again: str
) -> None:
    clock = Watch(1_000.0)
    with closing(opened(tmp_path, clock, ids=ids, delay=5.0, name_lasts=600.0)) as broker:
        assert broker.name_lasts == 300.0
        assert broker.submit(asked()) == "1"
        clock.time += later
        assert broker.submit(asked()) == again
        clock.time += 5.0
        assert [order.name for order in broker.orders(TUE)] == [shown] * int(again)
        assert broker.submit(asked("b")) == str(int(again) + 1)


def test_a_ticker_that_is_not_traded_is_refused(tmp_path: Path) -> None:
    with closing(opened(tmp_path, refuses=frozenset({"114260"}))) as broker:
        with pytest.raises(Refused, match="114260 is not traded"):
            broker.submit(asked(ticker="114260"))
        broker.submit(asked())
        assert len(broker.orders(TUE)) == 1


def test_the_file_knows_which_orders_never_arrived(tmp_path: Path) -> None:
    clock = Watch(1_000.0)
    with closing(opened(tmp_path, clock, delay=60.0)) as broker:
        mark = Watermark(0, frozenset(), None)
        assert len(broker.absent(asked(), mark)) == 2
        broker.submit(asked())
        assert broker.absent(asked(), mark) == ()  # though it is not listed yet
        for other in (
            asked(shares=3), asked(side=Side.SELL), asked(ticker="114260"), asked(session=WED),
        ):  # fmt: skip
            assert len(broker.absent(other, mark)) == 2
        known = Watermark(0, frozenset({"2025-03-11/1"}), None)
        assert len(broker.absent(asked(), known)) == 2
        broker.submit(asked("b"))
        assert broker.absent(asked(), known) == ()


def test_orders_are_filled_at_the_close_in_the_order_of_arrival(tmp_path: Path) -> None:
    fees = Tariff(Decimal("0.001"), spread=Decimal("0.002"))
    with closing(opened(tmp_path, fees=fees, fills_at_most={"148070": 1})) as broker:
        broker.catch_up(MON)
        close = price(TUE)
        for number, request in enumerate(
            (asked("a"), asked("b", limit=close - 1), asked("c", ticker="148070"), asked("d")),
            start=1,
        ):
            assert broker.submit(request) == str(number)
        broker.cancel("4")
        broker.submit(asked("e", session=WED))
        broker.catch_up(TUE)
        first, second, third, fourth = broker.orders(TUE)
        assert (first.state, first.filled, first.amount) == (OrderState.FILLED, 2, 2 * close)
        fee, half_the_spread = 2 * close // 1_000, -(-2 * close // 1_000)
        assert first.fee == fee + half_the_spread
        assert (second.state, second.filled, second.amount, second.fee) == (
            OrderState.CLOSED, 0, 0, 0,
        )  # fmt: skip
        assert (third.state, third.filled, third.amount) == (
            OrderState.CLOSED, 1, price(TUE, "148070"),
        )  # fmt: skip
        assert third.fee is not None
        assert (fourth.state, fourth.filled) == (OrderState.CLOSED, 0)
        paid = first.amount + first.fee + third.amount + third.fee
        assert broker.account() == BrokerAccount({FUND: 2, "148070": 1}, 1_000_000 - paid, {})
        assert broker.orders(WED)[0].state is OrderState.OPEN
        broker.cancel("1")  # what is filled stays so
        assert broker.orders(TUE)[0].state is OrderState.FILLED


def test_what_a_sale_brings_comes_in_two_sessions_later(tmp_path: Path) -> None:
    start = BrokerAccount({FUND: 5}, 100, {})
    with closing(opened(tmp_path, start=start)) as broker:
        broker.catch_up(MON)
        broker.submit(asked(side=Side.SELL, shares=5))
        broker.catch_up(TUE)
        assert broker.account() == BrokerAccount({}, 100, {THU: 5 * price(TUE)})
        broker.catch_up(WED)
        assert broker.account().unsettled == {THU: 5 * price(TUE)}
        broker.catch_up(THU)
        assert broker.account() == BrokerAccount({}, 100 + 5 * price(TUE), {})


def test_money_goes_in_and_out_and_is_told(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as broker:
        broker.deposit(30, MON)
        broker.deposit(-7, TUE)
        broker.deposit(1, TUE)
        assert broker.account().cash == 1_000_024
        assert broker.movements() == [
            Movement("1", "deposit", MON, 30),
            Movement("2", "withdrawal", TUE, -7),
            Movement("3", "deposit", TUE, 1),
        ]


def test_deposits_of_the_days_up_to_a_session_come_in_by_day(tmp_path: Path) -> None:
    saturday, sunday = date(2025, 3, 8), date(2025, 3, 9)
    deposits = {TUE: 9, MON: 4, sunday: 3, saturday: 2, date(2025, 3, 7): 1}
    with closing(opened(tmp_path, deposits=deposits)) as broker:
        broker.catch_up(MON)  # the account's life begins with that session
        assert [move.cash for move in broker.movements()] == [2, 3, 4]
        broker.catch_up(MON)
        broker.catch_up(WED)
        found = [(move.kind, move.session, move.cash, move.shares) for move in broker.movements()]
        assert found[3:] == [("deposit", TUE, 9, 0)]
        assert broker.account().cash == 1_000_018


def test_each_session_is_processed_once_and_none_after_the_last(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as broker:
        broker.catch_up(MON)
        for name, session in (("a", TUE), ("b", WED), ("c", THU)):
            broker.submit(asked(name, shares=1, session=session))
        broker.catch_up(WED)
        states = [broker.orders(day)[0].state for day in (TUE, WED, THU)]
        assert states == [OrderState.FILLED, OrderState.FILLED, OrderState.OPEN]
        broker.catch_up(WED)
        assert broker.account().shares == {FUND: 2}
        broker.catch_up(date(2025, 3, 1))
        assert broker.hours(WED) is Hours.OVER


# -- the table of a config -------------------------------------------------------------------------


def context(folder: Path, currency: str = "KRW") -> BrokerContext:
    return BrokerContext(
        state=folder,
        beside=folder.joinpath,
        calendar=api.calendars()["XKRX"],
        clock=Watch(1_000.0),
        currency=currency,
        secrets={},
        price_events=tape,
        securities=Securities({FUND}),
        proceeds=SETTLED,
    )


def test_money_of_a_config_is_in_the_smallest_unit(tmp_path: Path) -> None:
    settings = PaperSettings(kind="paper", cash=50, deposits={"2025-03-11": 3}, fee_rate="0.01")
    for currency, unit in (("KRW", 1), ("USD", 100)):
        (tmp_path / currency).mkdir()
        with closing(connect(settings, context(tmp_path / currency, currency))) as broker:
            assert broker.account().cash == 50 * unit
            assert broker.rules.deposits == {TUE: 3 * unit}
            assert broker.rules.fees.rate == Decimal("0.01")
    assert PaperSettings(kind="paper").cash == 100_000_000
    with pytest.raises(ValueError, match="is not a date"):
        PaperSettings(kind="paper", deposits={"2025-03-32": 3})


@pytest.mark.parametrize("keys", [{"cash": "$50"}, {"deposits": {"2025-03-11": "$3"}}])
def test_money_of_another_currency_is_refused(tmp_path: Path, keys: dict[str, Any]) -> None:
    settings = PaperSettings(kind="paper", **keys)
    with pytest.raises(UsageError):
        connect(settings, context(tmp_path))
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("keys", "cash"), [({}, None), ({"cash": 70}, 70), ({"cash": 100_000_000}, 100_000_000)]
)
def test_a_file_of_holdings_without_cash_needs_the_configs(
    tmp_path: Path, keys: dict[str, Any], cash: int | None
) -> None:
    (tmp_path / "held.csv").write_text(f"ticker,shares\n{FUND},12\n", "utf-8")
    settings = PaperSettings(kind="paper", holdings="held.csv", **keys)
    assert settings.files == {"holdings": "held.csv"}
    if cash is None:
        with pytest.raises(Exception, match="has no row of cash"):
            connect(settings, context(tmp_path))
        return
    with closing(connect(settings, context(tmp_path))) as broker:
        assert broker.account() == BrokerAccount({FUND: 12}, cash, {})
    (tmp_path / "held.csv").unlink()  # it is read once
    with closing(connect(settings, context(tmp_path))) as broker:
        assert broker.account().cash == cash
    assert PaperSettings(kind="paper").files == {}
