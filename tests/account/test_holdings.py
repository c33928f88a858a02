"""The plain holdings file: whole shares and money, every problem at once, no repair."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.account.holdings import Days, Given, Securities, plain_file, read_holdings
from jeoul.account.holdings.reading import read_portfolio
from jeoul.errors import HoldingsError
from jeoul.translation import in_language

KNOWN = ("069500", "0043Y0", "SPY")
DAYS = Days(api.calendars()["XKRX"], date(2026, 3, 5))  # a Thursday
MONDAY = date(2026, 3, 9)


def written(tmp_path: Path, text: bytes | str) -> Path:
    path = tmp_path / "holdings.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path: Path, text: bytes | str, **how: Any) -> Any:
    known = Securities(frozenset(KNOWN), frozenset({"005930"}))
    return read_holdings(written(tmp_path, text), known, days=DAYS, **how)


def refusal(tmp_path: Path, text: bytes | str, **how: Any) -> Any:
    with pytest.raises(HoldingsError) as caught:
        read_portfolio(written(tmp_path, text), known=KNOWN, **how)
    return caught.value.problems


def test_codes_keep_their_zeros_and_letters(tmp_path: Path) -> None:
    text = "\ufeffticker,shares\r\n069500,12\r\n\r\n 0043Y0 , 3\r\nSPY,0\r\nCASH,1500000\r\n"
    portfolio = read_portfolio(written(tmp_path, text), known=KNOWN)
    assert dict(portfolio.shares) == {"069500": 12, "0043Y0": 3}
    assert (portfolio.cash, portfolio.currency) == (1_500_000, "KRW")


def test_dollars_have_cents(tmp_path: Path) -> None:
    found = read_portfolio(written(tmp_path, "ticker,shares\nCASH,10.25\n"), currency="USD")
    assert found.cash == 1025


def test_a_price_of_less_than_one_is_a_price_and_one_of_nothing_is_none(tmp_path: Path) -> None:
    text = "ticker,shares,cost\nSPY,2,0.75\n069500,3,0\nCASH,10.25,\n"
    assert read(tmp_path, text, currency="USD").cost == {"SPY": Decimal("0.75")}


def test_a_table_that_repeats_its_header_on_each_page_is_one_table(tmp_path: Path) -> None:
    found = read(tmp_path, "ticker,shares\n069500,1\nticker,shares\nSPY,2\nCASH,5\n")
    assert dict(found.shares) == {"069500": 1, "SPY": 2}
    (problem,) = refusal(tmp_path, "ticker,shares\n069500,1\nsymbol,quantity\nSPY,2\nCASH,5\n")
    assert (problem.line, problem.key) == (3, "symbol")
    assert problem.message == "begins a second table"


def test_a_file_of_another_kind_names_twenty_problems_and_that_there_are_more(
    tmp_path: Path,
) -> None:
    rows = "".join(f"069500,{place}x\n" for place in range(21))
    problems = refusal(tmp_path, f"ticker,shares\n{rows}CASH,5\n")
    assert len(problems) == 21
    assert problems[-1].message == "… and more problems"


def test_a_workbook_with_holdings_on_two_sheets_names_both(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name in ("잔고", "작년"):
        sheet = book.create_sheet(name)
        for row in (("종목코드", "보유수량"), ("069500", 1), ("예수금", 5)):
            sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(HoldingsError) as caught:
        read_portfolio(tmp_path / "two.xlsx", known=KNOWN)
    (problem,) = caught.value.problems
    assert problem.message == "has holdings on two sheets, 잔고 and 작년"


def test_how_a_file_was_read_names_its_encoding(tmp_path: Path) -> None:
    found = read(tmp_path, "종목코드,보유수량\n069500,1\n예수금,5\n".encode("cp949"))
    assert dict(found.notes[0].detail)["encoding"] == "cp949"


def test_a_file_without_cash_asks_for_it(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, "ticker,shares\n069500,1\n")
    assert "no row of cash" in problem.message
    assert "--cash" in problem.remedy
    file = written(tmp_path, "ticker,shares\n069500,1\n")
    assert read_portfolio(file, cash=5_000).cash == 5_000


def test_two_answers_for_the_cash_are_one_too_many(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, "ticker,shares\nCASH,1\n", cash=2)
    assert "leave one of the two out" in problem.remedy


@pytest.mark.parametrize(
    ("row", "says", "remedy"),
    [
        ("069500,0.5", "not a whole number", "round it down"),
        ("069500,-3", "below zero", "short"),
        ("069500,ten", "not a number of shares", "whole number"),
        ("069500,1e3", "not a number of shares", "digits"),
        ("069500,1_000", "not a number of shares", "digits"),
        ("069500,+7", "not a number of shares", "digits"),
        ("069500,sNaN", "not a number of shares", "whole number"),
        ("069500,Infinity", "not a number of shares", "whole number"),
        ('069500,"1,00"', "not a number of shares", "whole number"),
        ("069500,99999999999999", "no account holds", "correct"),
        ("069500,", "no number of shares", "whole number"),
        ("069500", "no number of shares", "whole number"),
        ("AAPL,3", "neither the universe nor a price file", "correct"),
        ("123456,3", "neither the universe nor a price file", "correct"),
        ("069510,3", "one character away from 069500", "069500"),
        ("KR7069500008,3", "check digit", "correct"),
        ("KODEX Top,3", "not exactly the name", "code"),
        ("D+2정산금액,4000000", "looks like money", "D+2 예수금"),
        ("예수금(D-1),4000000", "looks like money", "D+2 예수금"),
        ("TIGER 현금흐름,3", "not exactly the name", "code"),
        ("US Cash Cows 100,3", "not exactly the name", "code"),
        (",3", "no ticker", "name the holding"),
        ("CASH,0.5", "finer than", "round it down"),
        ("CASH,lots", "not an amount", "digits"),
        ("CASH,1e999999999", "not an amount", "digits"),
        ("CASH,", "does not say one amount", "alone"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_a_remedy(
    tmp_path: Path, row: str, says: str, remedy: str
) -> None:
    (problem,) = refusal(tmp_path, f"ticker,shares\n{row}\n", cash=0)
    assert says in problem.message
    assert remedy in problem.remedy
    assert problem.line == 2


def test_every_problem_of_a_file_is_said_at_once(tmp_path: Path) -> None:
    found = refusal(tmp_path, "ticker,shares\n069500,0.5\n069500,1\nAAPL,1\nCASH,x\n")
    assert [problem.line for problem in found] == [2, 3, 4, 5]
    assert "twice" in found[1].message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("\u200b,\u00a0\n", "empty"),
        ("069500,1\n", "header"),
        ("price,shares\n069500,1\n", "header"),
        ("ticker,shares\nCASH,0\n", "without holdings"),
        ("<Workbook><Table><Row/></Table></Workbook>", "empty"),
        ("<Portfolio><Row/></Portfolio>", "no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel 97"),
        (b"\xff\xff\xff,\xff", "cp949"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(tmp_path: Path, text: bytes | str, says: str) -> None:
    (problem,) = refusal(tmp_path, text)
    assert says in problem.message


@pytest.mark.parametrize(
    ("header", "wrong", "meant"),
    [
        ("ticker,sharse", "sharse", "shares"),
        ("tikcer,shares", "tikcer", "ticker"),
        ("종목코드,보유수랑", "보유수랑", "보유수량"),
    ],
)
def test_a_misspelt_column_is_named_with_what_was_meant(
    tmp_path: Path, header: str, wrong: str, meant: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"{header}\n069500,1\nCASH,5\n", "utf-8")
    with pytest.raises(HoldingsError) as refused:
        read_holdings(file)
    (problem,) = refused.value.problems
    assert str(problem).endswith(f":1: has an unknown column {wrong!r}; did you mean {meant!r}?")
    assert in_language(problem, "ko").message == f"알 수 없는 열 {wrong!r}이(가) 있습니다"


def test_a_folder_or_nothing_in_place_of_the_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(HoldingsError) as caught:
            read_portfolio(path)
        assert caught.value.problems[0].remedy


def test_balances_of_coming_days_are_cumulative(tmp_path: Path) -> None:
    text = "조회일자,2026-03-05\n예수금,3000000,D+1,2500000,D+2,2600000\n종목코드,수량\n069500,1\n"
    found = read(tmp_path, text)
    assert found.cash == 3_000_000
    assert found.incoming == {date(2026, 3, 6): -500_000, MONDAY: 100_000}
    assert found.as_of == date(2026, 3, 5)


def test_a_balance_that_does_not_change_brings_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "종목코드,수량\n069500,1\n예수금,5\nD+1예수금,5\nD+2예수금,5\n")
    assert (found.cash, found.incoming) == (5, {})


def test_a_summary_of_labels_over_amounts_is_read(tmp_path: Path) -> None:
    text = "종목코드,종목명,수량\n069500,x,1\n\n예수금,D+2예수금,총평가금액\n7,9,500\n"
    found = read(tmp_path, text)
    assert (found.cash, found.incoming) == (7, {MONDAY: 2})


def test_orderable_money_is_the_cash_only_where_nothing_else_is(tmp_path: Path) -> None:
    alone = read(tmp_path, "종목코드,수량\n069500,1\n주문가능금액,70\n")
    beside = read(tmp_path, "종목코드,수량\n069500,1\n주문가능금액,70\n예수금,50\n")
    assert (alone.cash, beside.cash) == (70, 50)


def test_the_average_cost_comes_from_its_column_or_from_what_was_paid(tmp_path: Path) -> None:
    priced = read(tmp_path, "종목코드,보유수량,매입평균가\n069500,30,31250.5\n예수금,1\n")
    paid = read(tmp_path, "종목코드,보유수량,매입금액\n069500,30,937500\n예수금,1\n")
    assert float(priced.cost["069500"]) == 31_250.5
    assert paid.cost["069500"] == 31_250


def test_the_plain_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    text = "ticker,shares,cost,tax_base\n069500,30,31250,31000.5\n005930,10,,\nUSD,1500.25,,\n"
    text += "CASH,3000000,,\nCASH@2026-03-06,-500000,,\n"
    found = read(tmp_path, text)
    assert found.incoming == {date(2026, 3, 6): -500_000}
    assert found.outside == {"005930": 10, "USD": "1500.25"}
    assert plain_file(found) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("계좌번호,종목코드,수량\n1,069500,1\n2,0043Y0,1\n예수금,,5\n", "accounts"),
        (
            "단위: 천원\n종목코드,수량\n069500,1\n예수금,5\n",
            "in thousands or in another large unit",
        ),
        ("종목코드,보유수량,수량\n069500,1,2\n예수금,5,5\n", "different numbers of shares"),
        ("종목코드,종목명,수량\n069500,x,1\nticker,name,shares\nSPY,y,2\n", "second table"),
        ("종목코드,신용구분,수량\n069500,유통융자,1\n예수금,,5\n", "credit"),
        ("종목코드,대출금액,수량\n069500,100,1\n예수금,,5\n", "credit"),
        ("종목코드,표준코드,수량\n069500,US0378331005,1\n예수금,,5\n", "two securities"),
        ("종목코드,수량,평가금액\n069500,1,5\n예수금,1,3000000\n", "one amount of money"),
        ("종목코드,통화,수량\n069500,USD,1\n예수금,,5\n", "in USD"),
        ("종목코드,수량\n069500,1\n예수금,5\nD+1,4\n", "--as-of"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(HoldingsError, match=says):
        read_holdings(written(tmp_path, text), Securities(frozenset(KNOWN)))


def test_a_name_beside_a_code_of_another_fund_is_refused(tmp_path: Path) -> None:
    core = Securities.of(api.universe_of("krx-core").instruments)
    file = written(tmp_path, "code,name,shares\n360750,KODEX 200,1\nCASH,,5\n")
    with pytest.raises(HoldingsError, match="has the name of 069500"):
        read_holdings(file, core)


def test_foreign_shares_are_outside(tmp_path: Path) -> None:
    text = "종목코드,통화,수량\n069500,KRW,1\nAAPL,USD,3\nUS0378331005,,2\n예수금,,5\n"
    assert read(tmp_path, text).outside == {"AAPL": 3, "US0378331005": 2}


def test_what_a_person_says_of_a_file_wins(tmp_path: Path) -> None:
    text = "종목코드,수량\n069500,1\n예수금,5\n예수금(D+2),9\n"
    assert read(tmp_path, text, given=Given(cash_row="예수금(D+2)")).cash == 9


def test_the_amount_of_cash_may_stand_in_another_column(tmp_path: Path) -> None:
    text = "종목코드,수량,평가금액,손익\n069500,1,5,1\n예수금,,3000000,0\n"
    assert read(tmp_path, text).cash == 3_000_000


def test_a_marked_row_with_shares_is_not_taken_for_a_remark(tmp_path: Path) -> None:
    with pytest.raises(HoldingsError, match="is not a code"):
        read(tmp_path, "종목코드,수량\n*A069500,1\n예수금,5\n")


def test_a_sentence_below_the_table_is_left_aside(tmp_path: Path) -> None:
    text = "종목코드,수량\n069500,1\n예수금,5\n본 자료는 참고용이며 실제와 다를 수 있습니다\n"
    assert read(tmp_path, text).shares == {"069500": 1}


def test_a_former_name_is_that_of_its_fund(tmp_path: Path) -> None:
    instruments = api.universe_of("krx-core").instruments
    former = {name: code for code, item in instruments.items() for name in item.former_names}
    name, code = next(iter(former.items()))
    file = written(tmp_path, f"종목명,수량\n{name},2\n예수금,5\n")
    assert read_holdings(file, Securities.of(instruments)).shares == {code: 2}


def test_purchases_with_their_days_are_lots_of_one_holding(tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text(
        "ticker,shares,cost,bought,fx\nVOO,2,500,2025-03-04,1460.5\nVOO,3,400,2024-01-15,1340\n"
        "CASH,100,,,\n",
        "utf-8",
    )
    found = read_holdings(file, currency="USD")
    assert found.shares == {"VOO": 5}
    assert found.cost == {"VOO": Decimal(440)}
    assert [(lot.bought.year, lot.shares, lot.fx) for lot in found.lots["VOO"]] == [
        (2024, 3, Decimal(1340)),
        (2025, 2, Decimal("1460.5")),
    ]
    file.write_text(plain_file(found), "utf-8")
    assert read_holdings(file, currency="USD").lots == found.lots


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("VOO,2,500,2025-03-04\nVOO,2,500,2025-03-04", "bought on the same day"),
        ("VOO,2,500,2025-03-04\nVOO,2,500,", "appears twice, in lines 2 and 3; add the rows up"),
        ("VOO,2,500,soon", "'soon' is not a day of purchase; write it as 2024-03-15"),
    ],
)
def test_rows_that_cannot_be_told_apart_as_purchases_are_refused(
    tmp_path: Path, rows: str, said: str
) -> None:
    file = tmp_path / "lots.csv"
    file.write_text(f"ticker,shares,cost,bought\n{rows}\nCASH,100,,\n", "utf-8")
    with pytest.raises(HoldingsError, match=said):
        read_holdings(file, currency="USD")


@pytest.mark.parametrize("rate", ["nan", "0", "-3", "about 1300"])
def test_an_exchange_rate_that_is_none_is_refused_and_not_left_out(
    tmp_path: Path, rate: str
) -> None:
    file = tmp_path / "us.csv"
    text = f"ticker,shares,cost,bought,fx\nVOO,3,480.1,2024-01-15,{rate}\nCASH,10,,,\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HoldingsError, match="is not an exchange rate"):
        read_holdings(file, currency="USD")


def test_won_are_never_taken_for_dollars(tmp_path: Path) -> None:
    """A file of Korean securities alone is of an account in won, whatever the strategy trades."""
    (problem,) = refusal(tmp_path, "ticker,shares\n069500,30\nCASH,3000000\n", currency="USD")
    assert "only securities of the Korea Exchange, and USD is wanted" in problem.message
    both = read(tmp_path, "ticker,shares\nSPY,3\n069500,30\nCASH,1000\n", currency="USD")
    assert (both.shares, both.cash) == ({"069500": 30, "SPY": 3}, 100_000)
    assert read(tmp_path, "ticker,shares\nCASH,1000\n", currency="USD").cash == 100_000


def test_korean_securities_in_a_file_in_dollars_say_what_its_money_counts_as(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text("ticker,shares\nSPY,20\n069500,900\nCASH,5000\n", "utf-8")
    known = Securities(frozenset({"SPY"}), frozenset({"069500"}))
    found = read_holdings(file, known, currency="USD")
    (note,) = (dict(note.detail) for note in found.notes if note.kind == "holdings.korean")
    assert note == {"codes": "069500", "currency": "USD"}
    assert found.cash == 500_000
    plain = tmp_path / "plain.csv"
    plain.write_text("ticker,shares\nSPY,20\nCASH,5000\n", "utf-8")
    assert "holdings.korean" not in {
        n.kind for n in read_holdings(plain, known, currency="USD").notes
    }
