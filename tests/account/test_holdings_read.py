"""A whole file of holdings: what is refused, what is said of the reading, and the plain file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.account.holding_tables import KNOWN, rows

from jeoul import api
from jeoul.account.holdings import (
    ColumnNames,
    Days,
    Given,
    HeldLot,
    Holdings,
    plain_file,
    read_holdings,
    read_portfolio,
    refuse_empty,
)
from jeoul.account.holdings.balances import Balances
from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.record import FileReading, Vouched
from jeoul.account.holdings.rows import Positions
from jeoul.account.holdings.table import find_table
from jeoul.account.holdings.wording import reading_notes
from jeoul.errors import HoldingsError, Problem
from jeoul.files.sheets import Sheet
from jeoul.model.portfolio import Reason
from jeoul.strategy.universe import load_universe

DAYS = Days(api.calendars()["XKRX"], date(2026, 3, 5))
CODES = "종목코드,보유수량\n"
Read = Callable[..., Holdings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def it(text: str, **how: Any) -> Holdings:
        file = tmp_path / "mine.csv"
        file.write_text(text, "utf-8")
        known: dict[str, Any] = {"securities": KNOWN, "days": DAYS}
        return read_holdings(file, **(known | how))

    return it


@pytest.fixture
def refused(read: Read) -> Callable[..., list[Problem]]:
    def it(text: str, **how: Any) -> list[Problem]:
        with pytest.raises(HoldingsError) as caught:
            read(text, **how)
        return list(caught.value.problems)

    return it


Refused = Callable[..., list[Problem]]


def test_twenty_problems_are_listed_in_the_order_of_their_lines(refused: Refused) -> None:
    twenty = refused(f"{CODES}예수금,x\n" + "SPY,x\n" * 19)
    assert [problem.line for problem in twenty] == list(range(2, 22))
    more = refused(f"{CODES}예수금,x\n" + "SPY,x\n" * 20)
    assert [problem.line for problem in more] == [*range(2, 22), None]
    assert more[-1].message == "… and more problems"


def test_every_part_of_a_file_may_have_its_problem(refused: Refused) -> None:
    text = (
        "제목,,\n예수금,5,\n종목코드,보유수량,계좌번호\nSPY,1,7\n069500,1,8\n"
        "AAPL,x,7\nD+0,5,\n현금,x,\n"
    )
    said = [(problem.line, problem.message.split(",")[0]) for problem in refused(text)]
    assert said == [
        (2, "is a second row of cash"),
        (3, "has the holdings of 2 accounts"),
        (6, "'x' is not a number of shares"),
        (8, "'x' is not an amount of money"),
    ]


def test_a_column_of_money_is_that_of_the_account(read: Read) -> None:
    assert read("종목코드,보유수량,예수금\nSPY,1,5\n").cash == 5
    assert read("종목코드,보유수량,외화예수금\nSPY,1,$5\n").outside == {"USD": "5"}


def test_who_names_no_securities_takes_every_code(read: Read) -> None:
    text = f"{CODES}MSFT,1\n예수금,5\n"
    assert read(text, securities=None).shares == {"MSFT": 1}
    assert read(text.replace("MSFT", "AAPL")).outside == {"AAPL": 1}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (f"조회일자,2026-03-02\n{CODES}SPY,1\n", date(2026, 3, 2)),
        (f"계좌번호,1\n조회일자,2026-03-02\n{CODES}SPY,1\n", date(2026, 3, 2)),
        ("종목코드,보유수량,기준일\nSPY,1,2026-03-02\n069500,1,2026-03-02\n", date(2026, 3, 2)),
        ("종목코드,보유수량,기준일\nSPY,1,2026-03-02\n069500,1,\n", date(2026, 3, 2)),
        ("종목코드,보유수량,기준일\nSPY,1,2026-03-02\n069500,1,2026-03-03\n", None),
        ("조회일자,2026-03-02,\n종목코드,보유수량,기준일\nSPY,1,2026-03-04\n", date(2026, 3, 2)),
        (f"{CODES}SPY,1\n", None),
    ],
)
def test_the_day_of_a_file_is_before_its_table_or_the_same_in_every_row(
    read: Read, text: str, day: date | None
) -> None:
    assert read(text).as_of == day
    assert read(text, given=Given(as_of=date(2026, 1, 5))).as_of == date(2026, 1, 5)


def test_what_a_person_says_of_the_columns_wins(read: Read) -> None:
    text = "코드,종목코드,수량\nSPY,069500,1\n"
    named = Given(columns=ColumnNames(ticker="종목코드"))
    assert read(text, given=named).shares == {"069500": 1}


def test_one_account_is_read_and_two_are_not(read: Read, refused: Refused) -> None:
    head = "계좌번호,종목코드,보유수량\n"
    assert read(f"{head}7,SPY,1\n7,069500,1\n,360750,1\n").shares.keys() == {
        "SPY",
        "069500",
        "360750",
    }
    (two,) = refused(f"{head}7,SPY,1\n8,069500,1\n")
    (three,) = refused(f"{head}7,SPY,1\n8,069500,1\n9,360750,1\n")
    assert (two.line, two.message) == (1, "has the holdings of 2 accounts")
    assert three.message == "has the holdings of 3 accounts"


@pytest.mark.parametrize(
    ("text", "currency", "is_elsewhere"),
    [
        (f"{CODES}069500,1\n", "USD", True),
        (f"{CODES}069500,1\n360750,1\n", "USD", True),
        (f"{CODES}005930,1\n", "USD", True),
        (f"{CODES}069500,1\nSPY,1\n", "USD", False),
        (f"{CODES}예수금,5\n", "USD", False),
        (f"{CODES}069500,1\n", "KRW", False),
    ],
)
def test_a_file_of_korean_securities_alone_is_of_an_account_in_won(
    read: Read, refused: Refused, text: str, currency: str, is_elsewhere: bool
) -> None:
    if is_elsewhere:
        (problem,) = refused(text, currency=currency)
        assert (problem.line, problem.message) == (
            1,
            "holds only securities of the Korea Exchange, and USD is wanted",
        )
    else:
        read(text, currency=currency)


SCALED = "says that amounts are in thousands or in another large unit"
IN_USD = "says that amounts are in USD, but they are read in KRW"


@pytest.mark.parametrize(
    ("before", "column", "cash", "says"),
    [
        ("단위: 천원", "비고", "예수금,5,", SCALED),
        ("단위: 천원", "비고", "예수금,0,", None),
        ("단위: 천원", "매입금액", "", SCALED),
        ("단위: 천원", "매입평균가", "", None),  # the price of one share is not in thousands
        ("통화: USD", "비고", "예수금,5,", IN_USD),
        ("통화: USD", "비고", "예수금,0,", None),
        ("통화: USD", "비고", "", None),
        ("통화: USD", "매입금액", "", IN_USD),
        ("통화: USD", "매입평균가", "", IN_USD),
        ("통화: USD", "과표기준가", "", IN_USD),
        ("통화: KRW", "매입금액", "예수금,5,", None),
        ("단위: 주 원 USD", "매입금액", "예수금,5,", None),
        ("USD,1500,통화: USD", "매입금액", "예수금,5,", None),  # the unit of that money alone
        ("계좌 1", "매입금액", "예수금,5,", None),
    ],
)
def test_a_line_before_the_table_may_say_the_unit_of_its_amounts(
    read: Read, refused: Refused, before: str, column: str, cash: str, says: str | None
) -> None:
    text = f"제목,,\n{before},,\n종목코드,보유수량,{column}\n069500,1,\n{cash}\n"
    if says is None:
        assert read(text).shares == {"069500": 1}
    else:
        (problem,) = refused(text)
        assert (problem.line, problem.message) == (2, says)


def test_a_portfolio_has_known_securities_alone(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{CODES}MSFT,1\n069500,2\n", "utf-8")
    assert read_portfolio(file, cash=5).shares == {"MSFT": 1, "069500": 2}
    assert read_portfolio(file, known=["MSFT", "069500"], cash=5).cash == 5
    file.write_text(f"{CODES}SPY,1\n005930,2\n", "utf-8")
    with pytest.raises(HoldingsError, match="holds 005930, not of this universe"):
        read_portfolio(file, known=["SPY"], cash=5)


def holdings(**what: Any) -> Holdings:
    return Holdings(**({"file": "f", "shares": {}, "cash": None, "currency": "KRW"} | what))


@pytest.mark.parametrize(
    "what",
    [{"shares": {"SPY": 1}}, {"outside": {"USD": "5"}}, {"cash": 5},
     {"incoming": {date(2026, 3, 6): 5}}],
)  # fmt: skip
def test_an_account_with_anything_in_it_is_not_empty(what: dict[str, Any]) -> None:
    assert not holdings(**what).is_empty
    assert refuse_empty(holdings(**what)).is_empty is False


def test_an_empty_account_is_refused_unless_it_is_new_and_says_so() -> None:
    for cash, new in ((None, False), (0, False), (None, True)):
        with pytest.raises(HoldingsError, match="without holdings and without cash"):
            refuse_empty(holdings(cash=cash), new=new)
    assert refuse_empty(holdings(cash=0), new=True).cash == 0


def test_cash_is_given_where_the_file_says_none() -> None:
    silent = holdings(notes=(Reason.of("holdings.no_cash"), Reason.of("holdings.read_csv")))
    said = silent.with_cash(1500)
    assert [note.kind for note in said.notes] == ["holdings.read_csv", "holdings.cash_given"]
    assert (said.cash, dict(said.notes[-1].detail)) == (1500, {"amount": "1,500"})
    assert silent.with_cash(None) is silent
    assert said.with_cash(1500) is said
    assert said.with_cash(None) is said
    with pytest.raises(HoldingsError, match=r"has cash of 1,500, and 7 was given for it"):
        said.with_cash(7)
    assert said.portfolio().cash == 1500
    with pytest.raises(HoldingsError, match="has no row of cash"):
        silent.portfolio()


def test_the_plain_file_has_lots_names_and_money_in_the_order_of_its_days() -> None:
    lots = (
        HeldLot(date(2024, 1, 15), 3, Decimal(400), None, Decimal("1340.50")),
        HeldLot(date(2025, 3, 4), 2, None, Decimal("390.5")),
    )
    found = FileReading("csv", 1, {}, vouched={"123450": Vouched('a "new", one')})
    held = holdings(
        shares={"SPY": 5, "069500": 30},
        outside={"123450": 2},
        cash=150_025,
        currency="USD",
        incoming={date(2026, 3, 9): 100, date(2026, 3, 6): -250},
        cost={"069500": Decimal("31250.0")},
        tax_base={"069500": Decimal(31000)},
        lots={"SPY": lots},
        found=found,
    )
    assert plain_file(held) == (
        "ticker,shares,cost,tax_base,bought,fx,name\n"
        "SPY,3,400,,2024-01-15,1340.5,\n"
        "SPY,2,,390.5,2025-03-04,,\n"
        "069500,30,31250,31000,,,\n"
        '123450,2,,,,,"a ""new"", one"\n'
        "CASH,1500.25,,,,,\n"
        "CASH@2026-03-06,-2.5,,,,,\n"
        "CASH@2026-03-09,1.0,,,,,\n"
    )
    silent = "ticker,shares,cost,tax_base\nSPY,1,,\n"
    assert plain_file(holdings(shares={"SPY": 1})) == silent


@pytest.mark.parametrize(
    ("vouched", "columns"),
    [
        ({"AAPL": Vouched("Apple")}, ",name\nAAPL,1,,,Apple\nSPY,2,,,\n"),
        ({"AAPL": Vouched("", "USD")}, ",currency\nAAPL,1,,,USD\nSPY,2,,,\n"),
        (
            {"AAPL": Vouched("", "USD"), "SPY": Vouched("S&P")},
            ",name,currency\nAAPL,1,,,,USD\nSPY,2,,,S&P,\n",
        ),
    ],
)
def test_the_plain_file_has_a_column_for_what_a_security_is_known_by(
    vouched: dict[str, Vouched], columns: str
) -> None:
    found = FileReading("csv", 1, {}, vouched=vouched)
    text = plain_file(holdings(outside={"AAPL": 1, "SPY": 2}, found=found))
    assert text == f"ticker,shares,cost,tax_base{columns}"


def said(
    held: Positions,
    text: str = CODES,
    sheet: tuple[str, str | None, str | None, str | None] = ("csv", "utf-8", ";", None),
    balances: Balances = Balances(None, {}, {}, (), ()),  # noqa: B008
    loose: frozenset[int] = frozenset(),
    currency: str = "KRW",
) -> list[tuple[str, dict[str, str]]]:
    """Return what is said of a reading: the kind of each note and its details."""
    kind, *how = sheet
    table = find_table([Sheet(kind, rows(text), *how)], ColumnNames(), currency)
    notes = reading_notes(table, held, balances, set(loose), currency)
    return [(note.kind.removeprefix("holdings."), dict(note.detail)) for note in notes]


def test_what_is_said_of_a_reading_goes_from_its_format_to_what_is_outside() -> None:
    held = Positions(
        outside={"005930": 1500, "530031": 2},
        written={"A069500": "069500"},
        aside={"total": [9], "nothing": [5, 7]},
    )
    text = "제목\n예수금,5\n종목코드,보유수량,,비고\n"
    balances = Balances(5, {}, {"USD": "7"}, (Reason.of("holdings.no_cash"),), ())
    assert said(held, text, balances=balances, loose=frozenset({2})) == [
        ("read_csv", {"encoding": "utf-8", "separator": ";", "sheet": "", "line": "3"}),
        ("columns", {"columns": "ticker = 종목코드, shares = 보유수량"}),
        ("written", {"codes": "A069500 → 069500"}),
        ("no_cash", {}),
        ("aside_nothing", {"lines": "5, 7"}),
        ("aside_total", {"lines": "9"}),
        ("aside_before", {"lines": "1"}),
        ("unread", {"columns": "비고"}),
        ("outside", {"code": "005930", "count": "1,500"}),
        ("outside_note", {"code": "530031", "count": "2"}),
        ("foreign", {"currency": "USD", "amount": "7"}),
    ]


def test_of_a_plain_reading_its_format_and_columns_are_said() -> None:
    assert [kind for kind, _ in said(Positions())] == ["read_csv", "columns"]


@pytest.mark.parametrize(
    ("sheet", "detail"),
    [
        (("csv", "cp949", "\t", None), {"encoding": "cp949", "separator": "tab", "sheet": ""}),
        (("csv", "utf-8", "~", None), {"encoding": "utf-8", "separator": "~", "sheet": ""}),
        (("xlsx", None, None, "잔고"), {"encoding": "", "separator": "", "sheet": "잔고"}),
    ],
)
def test_the_format_of_a_file(
    sheet: tuple[str, str | None, str | None, str | None], detail: dict[str, str]
) -> None:
    kind, found = said(Positions(), sheet=sheet)[0]
    assert (kind, found) == (f"read_{sheet[0]}", detail | {"line": "1"})


def test_a_note_lists_twelve_and_how_many_more_there_are() -> None:
    twelve, more = (
        said(Positions(aside={"total": list(range(1, count + 1))}))[-1][1]["lines"]
        for count in (12, 14)
    )
    assert twelve == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12"
    assert more == f"{twelve}, … (+2)"


def test_korean_securities_in_an_account_in_dollars_are_said() -> None:
    both = Positions(outside={"005930": 1, "AAPL": 1})
    assert said(both, currency="USD")[-1] == ("korean", {"codes": "005930", "currency": "USD"})
    assert "korean" not in dict(said(both, currency="KRW"))
    assert "korean" not in dict(said(Positions(outside={"AAPL": 1}), currency="USD"))


@pytest.mark.parametrize("code", ["NOK", "INR", "IDR"])
@pytest.mark.parametrize("head", ["ticker,name,shares,currency", "ticker,name,shares,memo"])
def test_a_share_of_new_york_whose_ticker_is_a_currency_is_no_money(
    read: Read, code: str, head: str
) -> None:
    """100 shares of Nokia were 100 krone, or the whole file was refused for its currency."""
    text = f"{head}\n{code},A company,100,USD\nSPY,S&P 500,10,USD\nCASH,,5000,USD\n"
    known = securities_of(load_universe("us-core"))
    found = read(text, securities=known, currency="USD")
    assert (found.shares, found.outside) == ({"SPY": 10}, {code: 100})
    text = f"종목코드,보유수량\n예수금({code}),1500\n069500,10\n예수금,5000\n"
    assert read(text).outside == {code: "1500"}


@pytest.mark.parametrize("line", ["통화: KWD", "(단위: KWD)", "Currency,KWD"])
def test_amounts_in_a_currency_of_no_table_are_not_won(
    refused: Callable[..., list[Problem]], line: str
) -> None:
    (fault,) = refused(f"{line}\n{CODES}069500,10\n예수금,5000\n")
    assert "says that amounts are in KWD, but they are read in KRW" in fault.message
