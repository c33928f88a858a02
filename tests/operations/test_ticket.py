"""The order ticket: typed in by a person, told back, holdings from the broker's own file."""

from __future__ import annotations

import csv
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from harness import mandate, market, proposal, sessions, tape

from jeoul import api
from jeoul.errors import ConfigError
from jeoul.operations.broker.port import open_broker
from jeoul.operations.ledger import NAME, open_ledger, portfolio
from jeoul.operations.ledger.proof import check
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config

DAY, NEXT, THIRD = sessions()[:3]
EVEN = {"069500": 0.3, "114260": 0.3, "360750": 0.3}


class At:
    def __init__(self, day: Any, hour: Any = 9) -> None:
        executed = api.calendars()["XKRX"].after(day)
        self.time = datetime(executed.year, executed.month, executed.day, hour - 9, 30, tzinfo=UTC)

    def now(self) -> float:
        return self.time.timestamp()

    def wait(self, seconds: float) -> None:
        raise AssertionError("a ticket waits for nobody")


@pytest.fixture
def plain(tmp_path: Path) -> Any:
    """Run a config that says nothing of its holdings file but ``keys``."""

    def run(keys: str = "", day: Any = DAY, plan: Any = EVEN, **request: Any) -> Any:
        (tmp_path / "c.toml").write_text(
            'schema = 1\nname = "isa"\nstrategy = "static"\nprofile = "balanced"\n'
            'account = "isa"\nstate = "state"\nlang = "en"\n[broker]\nkind = "ticket"\n'
            f'holdings = "mine.csv"\n{keys}\n[safety]\nmax_turnover = 2.0\n',
            "utf-8",
        )
        runner = Runner(
            load_config(tmp_path / "c.toml"), mandate(), market(), api.calendars(), At(day)
        )
        runner.proposer = lambda wanted: proposal(wanted, plan, due=False)
        runner.keep_inputs = False
        return runner.run(RunRequest(as_of=day, execute=True, **request))

    return run


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    (tmp_path / "c.toml").write_text(
        'schema = 1\nname = "isa"\nstrategy = "static"\nprofile = "balanced"\naccount = "isa"\n'
        'state = "state"\nlang = "en"\n[broker]\nkind = "ticket"\nholdings = "mine.csv"\n'
        'encoding = "cp949"\nticker_column = "종목코드"\nshares_column = "보유수량"\n'
        'cash_row = "예수금"\n[safety]\nmax_turnover = 2.0\n',
        "utf-8",
    )
    holdings(tmp_path, {"예수금": "10,000,000"})

    def run(day: Any = DAY, hour: Any = 9, plan: Any = EVEN, **request: Any) -> Any:
        runner = Runner(
            load_config(tmp_path / "c.toml"), mandate(), market(), api.calendars(), At(day, hour)
        )
        runner.proposer = lambda wanted: proposal(wanted, plan, due=False)
        runner.keep_inputs = False
        return runner.run(RunRequest(**{"as_of": day, "execute": True, **request}))

    return run


def holdings(folder: Path, rows: Any) -> None:
    with (folder / "mine.csv").open("w", encoding="cp949", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["종목코드", "종목명", "보유수량"])
        writer.writerows([code, "이름", count] for code, count in rows.items())


def ticket(folder: Any) -> Any:
    executed = api.calendars()["XKRX"].after(DAY)
    return folder / "state" / "tickets" / f"{executed}.csv"


def filled_in(folder: Any, fills: Any, price: Any = None, fee: Any = "") -> Any:
    rows = list(csv.DictReader(ticket(folder).read_text("utf-8-sig").splitlines()))
    executed = api.calendars()["XKRX"].after(DAY)
    for row in rows:
        count = fills.get(row["ticker"], int(row["shares"]))
        row["filled"] = str(count)
        row["price"] = str(price or tape().close(row["ticker"], executed)) if count else ""
        row["fee"] = fee
    place = folder / "told.csv"
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return place


def books(folder: Any) -> Any:
    ledger = open_ledger(folder / "state" / NAME)
    found = portfolio(ledger, "KRW")
    ledger.close()
    return found


def test_from_ticket_to_books(desk: Any, tmp_path: Path) -> None:
    planned = desk()
    assert (planned.outcome, planned.exit_code) == ("planned", 0)
    assert "Enter the orders in" in planned.asked[0]
    assert ticket(tmp_path).exists()
    assert ticket(tmp_path).with_suffix(".txt").exists()
    assert desk().document["orders"] == planned.document["orders"]
    told = desk(fills=filled_in(tmp_path, {"114260": 7, "360750": 0}))
    assert told.outcome == "executed"
    states = {
        order["ticker"]: (order["state"], order["filled"]) for order in told.document["orders"]
    }
    assert states["114260"] == ("closed", 7)
    assert states["360750"] == ("closed", 0)
    assert states["069500"][0] == "filled"
    assert books(tmp_path).shares["114260"] == 7
    again = desk(fills=tmp_path / "told.csv")  # told twice, booked once
    assert again.document["holdings"] == told.document["holdings"]


def test_limits_are_on_ticks_within_the_collar(desk: Any) -> None:
    for order in desk().document["orders"]:
        assert order["price"] <= order["limit"] <= order["price"] * 1.02
        assert order["limit"] % (5 if order["limit"] >= 2000 else 1) == 0


def test_a_ticket_nobody_told_back_stops_the_next_run(desk: Any, tmp_path: Path) -> None:
    desk()
    report = desk(NEXT)
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert "without fills" in report.reasons[0]
    assert desk(NEXT, fills=filled_in(tmp_path, {})).outcome == "nothing_to_do"


def test_a_new_export_is_taken_in_with_its_deposit(desk: Any, tmp_path: Path) -> None:
    desk()
    desk(fills=filled_in(tmp_path, {}))
    held = books(tmp_path)
    rows = dict(held.shares) | {"예수금": held.cash + 3_000_000}
    holdings(tmp_path, {code: f"{count:,}" for code, count in rows.items()})
    report = desk(THIRD)
    assert report.document["unexplained"] == "CASH +3,000,000"
    assert {order["side"] for order in report.document["orders"]} == {"BUY"}


@pytest.mark.parametrize(
    ("fills", "price", "said"),
    [
        ({"069500": 99_999}, None, "filled of"),
        ({"069500": "7.5"}, None, "'7.5' filled of"),
        ({}, "cheap", "is not a price"),
        ({"069500": "NaN"}, None, "'NaN' filled of"),
        ({"069500": "sNaN"}, None, "'sNaN' filled of"),
        ({"069500": "Infinity"}, None, "'Infinity' filled of"),
        ({"069500": "1e999999"}, None, "'1e999999' filled of"),
        ({}, "NaN", "'NaN' is not a price"),
        ({}, "inf", "'inf' is not a price"),
        ({}, "9" * 5000, "9…' is not a price"),
        ({}, 900_000_000_000, "is beyond the limit"),
    ],
)
def test_a_ticket_that_cannot_be_is_refused_whole(
    desk: Any, tmp_path: Path, fills: Any, price: Any, said: str
) -> None:
    desk()
    report = desk(fills=filled_in(tmp_path, fills, price))
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    assert said in report.reasons[0]
    assert "told.csv:" in report.reasons[0]
    assert books(tmp_path).shares == {}


def test_a_fill_cannot_be_taken_back(desk: Any, tmp_path: Path) -> None:
    desk()
    desk(fills=filled_in(tmp_path, {"069500": 3}))
    report = desk(fills=filled_in(tmp_path, {"069500": 2}))
    assert "was given as 3 before" in report.reasons[0]


@pytest.mark.parametrize("field", ["x" * 200_000, "1\r2\n3"])
def test_a_file_that_is_no_csv_is_refused(desk: Any, tmp_path: Path, field: str) -> None:
    desk()
    told = filled_in(tmp_path, {})
    told.write_text(told.read_text("utf-8") + field + "\n", "utf-8", newline="")
    report = desk(fills=told)
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    assert books(tmp_path).shares == {}


@pytest.mark.parametrize("fee", ["NaN", "Infinity", "-1", "9" * 5000, "99999999999"])
def test_a_fee_that_cannot_be_is_refused(desk: Any, tmp_path: Path, fee: str) -> None:
    desk()
    assert "is not a fee" in desk(fills=filled_in(tmp_path, {}, fee=fee)).reasons[0]
    assert books(tmp_path).shares == {}


def test_a_fill_is_told_once_with_its_price_and_its_fee(desk: Any, tmp_path: Path) -> None:
    desk()
    first = desk(fills=filled_in(tmp_path, {}, fee="120"))
    price = tape().close("069500", api.calendars()["XKRX"].after(DAY))
    other = desk(fills=filled_in(tmp_path, {}, price=1_000, fee="120"))
    assert (other.outcome, other.exit_code) == ("blocked_data", 3)
    assert f"price was given as {price} before, not 1000" in other.reasons[0]
    assert "fee was given as 120 before, not 130" in desk(
        fills=filled_in(tmp_path, {}, fee="130")
    ).reasons[0]  # fmt: skip
    assert "fee was given as 120 before, not nothing" in desk(
        fills=filled_in(tmp_path, {})
    ).reasons[0]  # fmt: skip
    again = desk(fills=filled_in(tmp_path, {}, fee="120"))
    assert again.document["holdings"] == first.document["holdings"]


def test_after_the_close_no_ticket_is_written(desk: Any, tmp_path: Path) -> None:
    report = desk(hour=16)
    assert report.outcome == "blocked_data"
    assert not ticket(tmp_path).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ticker,shares\n069500,1.5\nCASH,1\n", "mine.csv:2: 069500: 1.5 is not a whole number"),
        ("ticker,shares\n069500,1\n069500,2\nCASH,1\n", "mine.csv:3: 069500: 069500 appears twice"),
        ("ticker,shares\nCASH,1000\nCASH,2000\n", "mine.csv:3: CASH: is a second row of cash"),
        ("ticker,shares\n069500,0\n069500,2\nCASH,1\n", "appears twice"),
        ("ticker,shares\n069500,NaN\nCASH,1\n", "has no number of shares"),
        ("ticker,shares\n069500,Infinity\nCASH,1\n", "'Infinity' is not a number of shares"),
        ("ticker,shares\n069500,1e400\nCASH,1\n", "'1e400' is not a number of shares"),
        (f"ticker,shares\n069500,{'9' * 200_000}\n", "a quote is opened"),
    ],
)
def test_a_holdings_file_is_refused_with_its_line(
    plain: Any, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "mine.csv").write_text(text, "utf-8")
    report = plain()
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    assert said in report.reasons[0]


def test_an_export_without_cash_needs_a_person(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,10\n", "utf-8")
    report = plain()
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert "has no row of cash" in report.reasons[0]
    assert "broker.cash" in report.reasons[0]


def test_the_config_says_the_cash_of_an_export_without_it(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,10\n", "utf-8")
    report = plain("cash = 3_000_000")
    assert report.outcome == "planned"
    assert books(tmp_path).cash == 3_000_000


def test_the_books_say_the_cash_of_an_export_without_it(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,10\nCASH,3000000\n", "utf-8")
    near = {"069500": 0.11}  # what is held, so that nothing is traded
    plain('cash = "books"', plan=near)
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,12\n", "utf-8")
    report = plain('cash = "books"', day=NEXT, plan=near)
    assert report.document["unexplained"] == "069500 +2"
    assert (books(tmp_path).cash, books(tmp_path).shares) == (3_000_000, {"069500": 12})


@pytest.mark.parametrize("cash", ["-1", "1.5", '"3000000"', "true"])
def test_cash_that_is_none_is_refused(plain: Any, tmp_path: Path, cash: str) -> None:
    with pytest.raises(ConfigError, match="cash"):
        plain(f"cash = {cash}")


def test_what_the_strategy_does_not_know_is_shown_and_never_planned(
    plain: Any, tmp_path: Path
) -> None:
    rows = "ticker,shares\n069500,10\n005930,7\nUSD,12.50\nCASH,3000000\n"
    (tmp_path / "mine.csv").write_text(rows, "utf-8")
    report = plain()
    assert report.document["outside"] == {"005930": 7, "USD": "12.5"}
    assert "005930: 7 shares outside the strategy" in " ".join(report.reasons)
    assert books(tmp_path).shares == {"069500": 10}
    assert "005930" not in {order["ticker"] for order in report.document["orders"]}


def test_cash_below_zero_is_sold_for(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\n069500,30\nCASH,-3000\n", "utf-8")
    report = plain(plan={"069500": 1.0})
    assert [(o["side"], o["ticker"]) for o in report.document["orders"]] == [("SELL", "069500")]
    assert "3,000 below zero" in " ".join(report.reasons)
    with closing(open_ledger(tmp_path / "state" / NAME)) as ledger:
        assert not check(ledger).faults


def test_money_that_is_still_owed_is_not_spent(plain: Any, tmp_path: Path) -> None:
    rows = "종목코드,보유수량\n069500,10\n예수금,3000000\nD+1,3000000\nD+2,1000000\n"
    (tmp_path / "mine.csv").write_text(rows, "utf-8")
    plain()
    assert (books(tmp_path).cash, books(tmp_path).unsettled) == (1_000_000, {})


@pytest.mark.parametrize(
    ("keys", "cash"),
    [
        ('cash_row = "예수금(D+2)"', 4_000_000),
        ('cash_row = "CASH"', 3_000_000),  # not in the file: found as without the key
        ('ticker_column = "code"\nshares_column = "n"', 3_000_000),
    ],
)
def test_what_the_config_says_of_the_file_wins(
    plain: Any, tmp_path: Path, keys: str, cash: int
) -> None:
    rows = "종목코드,code,n,보유수량\nx,069500,10,99\n예수금,예수금,3000000,\n"
    rows += "예수금(D+2),예수금(D+2),4000000,\n"
    if "ticker_column" not in keys:
        rows = "종목코드,보유수량\n069500,10\n예수금,3000000\n예수금(D+2),4000000\n"
    (tmp_path / "mine.csv").write_text(rows, "utf-8")
    plain(keys)
    assert (books(tmp_path).shares, books(tmp_path).cash) == ({"069500": 10}, cash)


def test_an_encoding_of_the_config_is_not_doubted(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes("종목코드,보유수량\n069500,1\n예수금,1\n".encode("cp949"))
    assert "is not utf-8 text" in plain('encoding = "utf-8"').reasons[0]


def test_a_missing_export_is_named(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").unlink()
    report = desk()
    assert report.outcome == "blocked_data"
    assert "broker.holdings" in report.reasons[0]


def test_holdings_that_were_taken_in_are_not_newer_than_the_books(
    tmp_path: Path, desk: Any
) -> None:
    desk()
    config = load_config(tmp_path / "c.toml")
    runner = Runner(config, mandate(), market(), api.calendars(), At(DAY))
    with closing(open_ledger(config.state / NAME)) as ledger:
        broker = open_broker(config.settings.broker, runner.broker_context(ledger))
    assert broker.account() is None
    holdings(tmp_path, {"예수금": "11,000,000"})
    assert broker.account().cash == 11_000_000


@pytest.mark.parametrize("name", ["notes", "20260304", "2026-W10-3"])
def test_a_stray_file_beside_the_tickets_is_named(desk: Any, tmp_path: Path, name: str) -> None:
    """A ticket is named after its session in one spelling: another file is none of ours."""
    desk()
    (tmp_path / f"state/tickets/{name}.json").write_text("{}")
    report = desk(fills=filled_in(tmp_path, {}))
    assert report.outcome == "blocked_data"
    assert f"{name}.json: is not a ticket of jeoul" in report.reasons[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, "{}", "[1]", '[{"order": "x"}]', "[null]", "\x00", "[NaN]"],
)
def test_a_damaged_ticket_is_named(desk: Any, tmp_path: Path, text: Any) -> None:
    desk()
    place = next((tmp_path / "state/tickets").glob("*.json"))
    place.write_text(text)
    report = desk()
    assert report.outcome == "blocked_data"
    assert f"{place}: is damaged" in report.reasons[0]


def test_buys_at_their_limits_are_paid_with_their_fees_too(desk: Any, tmp_path: Path) -> None:
    config = (tmp_path / "c.toml").read_text("utf-8")
    (tmp_path / "c.toml").write_text(
        config.replace('kind = "ticket"\n', 'kind = "ticket"\nfee_rate = "0.01"\n'), "utf-8"
    )
    orders = desk(plan={"069500": 0.5, "114260": 0.49}).document["orders"]
    worst = sum(order["shares"] * order["limit"] * 101 // 100 for order in orders)
    dearest = max(order["limit"] for order in orders)
    assert 10_000_000 - 2 * dearest < worst <= 10_000_000


DRESSES = {
    "cp949": lambda rows: "\r\n".join(
        ["계좌번호,1-2", "종목코드,종목명,보유수량,매입평균가", *rows, ",합계,,"]
    ).encode("cp949"),
    "tabs": lambda rows: (
        "\n".join(["단축코드\t종목명\t잔고수량", *rows]).replace(",", "\t").encode("utf-16")
    ),
    "page": lambda rows: (
        "<html><table>"
        + "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split(",")) + "</tr>"
            for row in ["종목번호,종목명,수량", *rows]
        )
        + "</table></html>"
    ).encode("cp949"),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_what_a_ticket_bought_comes_back_in_any_export(
    plain: Any, tmp_path: Path, dress: str
) -> None:
    (tmp_path / "mine.csv").write_text("ticker,shares\nCASH,10000000\n", "utf-8")
    plain()
    told = filled_in(tmp_path, {})
    assert plain(fills=told).outcome == "executed"
    held = books(tmp_path)
    rows = [f"A{code},이름,{count}" for code, count in held.shares.items()]
    rows.append(f"예수금(D+2),,{held.money}")
    (tmp_path / "mine.csv").write_bytes(DRESSES[dress](rows))
    report = plain(day=THIRD)
    assert report.document["unexplained"] is None
    assert (books(tmp_path).shares, books(tmp_path).money) == (held.shares, held.money)
