"""A ticket entry by entry: what a person may tell back of an order, to the last won."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from kis_desk import DAY, Watch

from jeoul import api
from jeoul.account.holdings import Securities, read_holdings
from jeoul.account.price_events import PriceEvents
from jeoul.errors import BrokerError, HoldingsError
from jeoul.model.portfolio import Portfolio, Side
from jeoul.operations.broker import statement
from jeoul.operations.broker.port import BrokerContext, Hours, OrderRequest, OrderState, open_broker
from jeoul.operations.broker.ticket import TicketBroker, TicketSettings
from jeoul.operations.errors import LedgerError

OTHER = date(2026, 3, 5)
HEAD = "order,side,ticker,shares,limit,filled,price,fee"
TERMS = {
    "b": (Side.BUY, 10, 37_000),
    "s": (Side.SELL, 10, 36_000),
    "m": (Side.BUY, 10, None),
}

ROW: dict[str, Any] = {
    "order": "b", "side": "BUY", "ticker": "069500", "shares": 10, "limit": 37_000,
    "filled": None, "price": None, "fee": None,
}  # fmt: skip


def opened(folder: Path, clock: Any = None, **settings: Any) -> TicketBroker:
    context = BrokerContext(
        state=folder / "state",
        beside=folder.joinpath,
        calendar=api.calendars()["XKRX"],
        clock=clock or Watch(),
        currency="KRW",
        secrets={},
        price_events=lambda: PriceEvents(()),
        securities=Securities({"069500", "114260"}, listed=frozenset({"005930"})),
        books=lambda: Portfolio({"114260": 9}, 700),
    )
    table = TicketSettings(**{"kind": "ticket", "holdings": "mine.csv", **settings})
    found = open_broker(table, context)
    assert isinstance(found, TicketBroker)
    return found


@pytest.fixture
def broker(tmp_path: Path) -> TicketBroker:
    """Tickets of two sessions as they were written."""
    found = opened(tmp_path)
    found.folder.mkdir(parents=True)
    for day, orders in ((DAY, TERMS), (OTHER, {"later": (Side.BUY, 1, None)})):
        rows = [
            {**ROW, "order": name, "side": side, "shares": shares, "limit": limit}
            for name, (side, shares, limit) in orders.items()
        ]
        (found.folder / f"{day}.json").write_text(json.dumps(rows), "utf-8")
    return found


def told(folder: Path, *lines: str, head: str = HEAD) -> Path:
    place = folder / "told.csv"
    place.write_text("\n".join([head, *lines, ""]), "utf-8")
    return place


def line(name: str, filled: object = "", price: object = "", fee: object = "") -> str:
    return f"{name},BUY,069500,10,37000,{filled},{price},{fee}"


def problems(broker: TicketBroker, file: Path) -> Any:
    with pytest.raises(HoldingsError) as error:
        broker.take_fills(file)
    return error.value.problems


@pytest.mark.parametrize(
    ("name", "filled", "price", "fee", "said"),
    [
        ("b", 10, 37_000, "", None),
        ("b", 10, 37_001, "", "37001 is beyond the limit 37000 of this BUY"),
        ("s", 10, 36_000, "", None),
        ("s", 10, 35_999, "", "35999 is beyond the limit 36000 of this SELL"),
        ("s", 10, 99_999, "", None),
        ("m", 1, 1, "", None),
        ("m", 1, 0, "", "'0' is not a price"),
        ("m", 1, "", "", "'' is not a price"),
        ("m", 1, -1, "", "'-1' is not a price"),
        ("m", 1, "1.5", "", "'1.5' is not a price"),
        ("m", 1, 10**15 - 1, "", None),
        ("m", 1, 10**15, "", "is not a price"),
        ("m", 10, 10**14, "", "is not a price"),
        ("m", 2, 10**14, "", None),
        ("m", 11, 1, "", "'11' filled of 10"),
        ("m", -1, 1, "", "'-1' filled of 10"),
        ("m", "1.5", 1, "", "'1.5' filled of 10"),
        ("m", "many", 1, "", "'many' filled of 10"),
        ("m", "NaN", 1, "", "'NaN' filled of 10"),
        ("m", "Infinity", 1, "", "'Infinity' filled of 10"),
        ("m", " 7.0 ", '"1,000"', "", None),
        ("m", 0, "", "", None),
        ("m", 0, 5, "", None),
        ("m", 0, "", 0, None),
        ("m", 0, "", 1, "'1' is not a fee"),
        ("m", 2, 5, 10, None),
        ("m", 2, 5, 11, "'11' is not a fee"),
        ("m", 2, 5, -1, "'-1' is not a fee"),
        ("m", 2, 5, "x" * 40, f"'{'x' * 40}' is not a fee"),
        ("m", 2, 5, "x" * 41, f"'{'x' * 40}…' is not a fee"),
    ],
)
def test_a_fill_is_one_that_the_order_can_have_had(
    broker: TicketBroker, tmp_path: Path, name: str, filled: Any, price: Any, fee: Any,
    said: str | None,
) -> None:  # fmt: skip
    before = broker.orders(DAY)
    file = told(tmp_path, line(name, filled, price, fee))
    if said is None:
        assert broker.take_fills(file) == DAY
    else:
        (found,) = problems(broker, file)
        assert said in str(found)
        assert (found.line, found.key) == (2, name)
        assert broker.orders(DAY) == before


@pytest.mark.parametrize(
    ("filled", "price", "fee", "state", "amount", "cost"),
    [
        (10, 36_900, "", OrderState.FILLED, 369_000, None),
        (9, 36_900, 120, OrderState.CLOSED, 332_100, 120),
        (0, 36_900, "", OrderState.CLOSED, 0, None),
        ("", 36_900, "", OrderState.OPEN, 0, None),
    ],
)
def test_what_an_order_of_a_ticket_came_to(
    broker: TicketBroker, tmp_path: Path, filled: Any, price: Any, fee: Any, state: OrderState,
    amount: int, cost: int | None,
) -> None:  # fmt: skip
    broker.take_fills(told(tmp_path, line("b", filled, price, fee), line("s")))
    first, second, third = broker.orders(DAY)
    assert (first.order_id, first.name, first.session) == ("b", "b", DAY)
    assert (first.side, first.ticker, first.shares, first.limit) == (
        Side.BUY, "069500", 10, 37_000,
    )  # fmt: skip
    assert (first.state, first.filled, first.amount, first.fee) == (
        state, filled or 0, amount, cost,
    )  # fmt: skip
    for each in (second, third):
        assert (each.state, each.filled, each.amount) == (OrderState.OPEN, 0, 0)


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (("b", 9, 36_900, 120), None),
        (("b", 9, "36,900.0", 120), None),
        (("b", 8, 36_900, 120), "filled was given as 9 before, not 8"),
        (("b", 9, 36_901, 120), "price was given as 36900 before, not 36901"),
        (("b", 9, 36_900, 121), "fee was given as 120 before, not 121"),
        (("b", 9, 36_900, ""), "fee was given as 120 before, not nothing"),
        (("b", 0, 36_900, ""), "filled was given as 9 before, not 0"),
    ],
)
def test_a_fill_is_given_once(
    broker: TicketBroker, tmp_path: Path, again: tuple[Any, ...], said: str | None
) -> None:
    broker.take_fills(told(tmp_path, line("b", 9, 36_900, 120)))
    before = broker.orders(DAY)
    again = tuple(f'"{each}"' if "," in str(each) else each for each in again)
    file = told(tmp_path, line(*again), line("s", 1, 36_000))
    if said is None:
        broker.take_fills(file)
        assert broker.orders(DAY)[0] == before[0]
        assert broker.orders(DAY)[1].filled == 1
    else:
        assert said in str(problems(broker, file)[0])
        assert broker.orders(DAY) == before


def test_every_problem_of_a_file_comes_at_once_with_its_line(
    broker: TicketBroker, tmp_path: Path
) -> None:
    given = (("b", 1, 37_000), ("x", 1, 1), ("s", 99, 36_000), ("", 1, 1), ("m",))
    lines = [line(*each) for each in given]
    found = problems(broker, told(tmp_path, *lines))
    assert [(each.line, each.key) for each in found] == [(3, "x"), (4, "s"), (5, None)]
    assert "is on no ticket" in str(found[0])
    assert found[0].remedy == "keep the order column as it was"
    assert [each.key for each in problems(broker, told(tmp_path, line("x", 1, 1)))] == ["x"]
    assert [order.filled for order in broker.orders(DAY)] == [0, 0, 0]


@pytest.mark.parametrize("lines", [[], [line("b", 1, 37_000), line("later", 1, 1)]])
def test_a_file_is_the_ticket_of_one_session(
    broker: TicketBroker, tmp_path: Path, lines: list[str]
) -> None:
    (found,) = problems(broker, told(tmp_path, *lines))
    assert "is not the ticket of one session" in str(found)
    assert broker.take_fills(told(tmp_path, line("later", 1, 1))) == OTHER


def test_a_file_with_another_head_is_no_ticket(broker: TicketBroker, tmp_path: Path) -> None:
    for head in (HEAD.replace("fee", "cost"), f"{HEAD},note", HEAD.rpartition(",")[0]):
        (found,) = problems(broker, told(tmp_path, head=head))
        assert (found.line, "is not a ticket" in str(found)) == (1, True)
    empty = tmp_path / "empty.csv"
    empty.write_text("", "utf-8")
    assert problems(broker, empty)[0].line == 1
    short = told(tmp_path, "b,BUY,069500,10,37000", f"{line('s', 1, 36_000, 5)},beyond,the head")
    assert broker.take_fills(short) == DAY
    assert [(order.filled, order.fee) for order in broker.orders(DAY)] == [
        (0, None), (1, 5), (0, None),
    ]  # fmt: skip


# -- the files of a ticket -------------------------------------------------------------------------


def test_a_ticket_is_a_sheet_a_table_and_the_rows_that_are_read_back(tmp_path: Path) -> None:
    broker = opened(tmp_path)
    for name, (side, shares, limit) in TERMS.items():
        assert broker.submit(OrderRequest(name, DAY, side, "069500", shares, limit)) == name
    broker.submit(OrderRequest("later", OTHER, Side.BUY, "069500", 1, None))
    assert [(each.order_id, each.limit) for each in broker.orders(DAY)] == [
        ("b", 37_000), ("s", 36_000), ("m", None),
    ]  # fmt: skip
    sheet = broker.order_file(DAY)
    assert sheet.read_bytes().decode("utf-8-sig") == (
        f"{HEAD}\nb,BUY,069500,10,37000,,,\ns,SELL,069500,10,36000,,,\nm,BUY,069500,10,,,,\n"
    )
    assert sheet.with_suffix(".txt").read_text("utf-8") == (
        "2026-03-04\n\nBUY   069500          10  @     37,000\n"
        "SELL  069500          10  @     36,000\nBUY   069500          10  @          0\n"
    )
    assert broker.sessions() == [DAY, OTHER]
    assert broker.orders(date(2026, 3, 6)) == []


def test_an_order_on_the_ticket_stays_as_it_is(broker: TicketBroker, tmp_path: Path) -> None:
    broker.take_fills(told(tmp_path, line("b", 9, 36_900)))
    broker.submit(OrderRequest("b", DAY, Side.SELL, "114260", 1, None))
    assert [(each.order_id, each.filled) for each in broker.orders(DAY)] == [
        ("b", 9), ("s", 0), ("m", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "order": 5}, {**ROW, "side": "HOLD"}, {**ROW, "side": None},
        {**ROW, "ticker": None}, {**ROW, "shares": "10"}, {**ROW, "shares": True},
        {**ROW, "shares": None}, {**ROW, "limit": "1"}, {**ROW, "filled": 1.5},
        {**ROW, "price": "1"}, {**ROW, "fee": True}, {**ROW, "note": 1},
        {name: value for name, value in ROW.items() if name != "fee"}, ["order"], list(ROW), {},
    ],
)  # fmt: skip
def test_rows_that_nobody_wrote_are_damage(broker: TicketBroker, row: Any) -> None:
    place = broker.folder / f"{DAY}.json"
    place.write_text(json.dumps([ROW]), "utf-8")
    assert len(broker.orders(DAY)) == 1
    for rows in ([ROW, row], row):
        place.write_text(json.dumps(rows), "utf-8")
        with pytest.raises(HoldingsError, match="is damaged"):
            broker.orders(DAY)


def test_every_stray_file_is_named_at_once(broker: TicketBroker) -> None:
    for name in ("notes.json", "2026-13-01.json"):
        (broker.folder / name).write_text("[]", "utf-8")
    with pytest.raises(HoldingsError) as error:
        broker.sessions()
    assert [Path(each.file).name for each in error.value.problems] == [
        "2026-13-01.json", "notes.json",
    ]  # fmt: skip


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    broker = opened(tmp_path)
    (tmp_path / "state").write_text("a file", "utf-8")
    with pytest.raises(LedgerError, match="cannot be written"):
        broker.submit(OrderRequest("b", DAY, Side.BUY, "069500", 1, None))


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        ("08:29:59", Hours.EARLY), ("08:30:00", Hours.OPEN), ("15:29:59", Hours.OPEN),
        ("15:30:00", Hours.OVER),
    ],
)  # fmt: skip
def test_a_ticket_is_typed_in_from_half_an_hour_before_the_open(
    tmp_path: Path, at: str, hours: Hours
) -> None:
    now = datetime.fromisoformat(f"2026-03-04T{at}+09:00").astimezone(UTC)
    assert opened(tmp_path, Watch(now.timestamp())).hours(DAY) is hours


# -- the holdings file -----------------------------------------------------------------------------


def test_holdings_are_news_until_they_are_booked(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("ticker,shares\n069500,12\nCASH,345\n005930,2\n", "utf-8")
    with closing(opened(tmp_path)) as broker:
        account = broker.account()
        assert account is not None
        assert (account.shares, account.cash, account.money) == ({"069500": 12}, 345, 345)
        assert broker.outside() == {"005930": 2}
        broker.statement_booked(broker.statement())
        assert broker.account() is None
        mine.write_text("ticker,shares\n069500,13\nCASH,345\n", "utf-8")
        again = broker.account()
        assert again is not None
        assert again.shares == {"069500": 13}
        mine.write_text("ticker,shares\nCASH,0\n", "utf-8")
        with pytest.raises(HoldingsError):
            broker.account()
        broker.accept_empty()
        empty = broker.account()
        assert empty is not None
        assert (empty.shares, empty.cash) == ({}, 0)
        mine.write_text("nothing of the kind", "utf-8")
        assert (broker.outside(), broker.reading()) == ({}, ())
        mine.unlink()
        with pytest.raises(HoldingsError, match=r"correct broker\.holdings"):
            broker.statement()


def test_a_holdings_file_is_read_once_for_each_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def reading(file: Path, *given: Any, **more: Any) -> Any:
        read.append(file)
        return read_holdings(file, *given, **more)

    monkeypatch.setattr(statement, "read_holdings", reading)
    broker = opened(tmp_path)
    for text, times in (("069500,12", 1), ("069500,13", 2)):
        (tmp_path / "mine.csv").write_text(f"ticker,shares\n{text}\nCASH,9\n", "utf-8")
        assert broker.account() is not None
        assert (broker.outside(), len(broker.reading())) == ({}, 3)
        assert len(read) == times


@pytest.mark.parametrize(("cash", "money"), [(5_000, 5_000), ("books", 700), (None, None)])
def test_cash_that_the_file_lacks_is_the_configs_or_the_books(
    tmp_path: Path, cash: Any, money: int | None
) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,12\n", "utf-8")
    broker = opened(tmp_path, cash=cash)
    if money is None:
        with pytest.raises(BrokerError, match="has no row of cash"):
            broker.account()
        return
    account = broker.account()
    assert account is not None
    assert (account.shares, account.cash) == ({"069500": 12}, money)
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,12\nCASH,9\n", "utf-8")
    stated = broker.account()
    assert stated is not None
    assert stated.cash == 9  # the file comes first
