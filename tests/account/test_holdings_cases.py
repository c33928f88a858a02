"""Files of the kinds that brokers, spreadsheets and people write, each with its right answer."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul import api
from jeoul.account.holdings import read_holdings, refuse_empty
from jeoul.account.holdings.known import securities_of
from jeoul.cli.main import cli
from jeoul.errors import HoldingsError
from jeoul.translation import in_language

DATA = Path(__file__).parents[1] / "data"
CORE = securities_of(api.universe_of("krx-core"))
SAID = {
    "h27_quote_open": "h27_quote_open.csv:2: a quote is opened and never closed",
    "h28_two_cash": ":4: CASH: is a second row of cash",
    "h33_zero_cash": "without holdings and without cash",
    "h36_huge": ":2: 069500: 999999999999999999 is a number of shares that no account holds",
    "h38_nul": ":2: has a NUL byte: it is not a text file",
    "h41_xlsx": "a spreadsheet file (.xlsx) that is damaged or cut short",
    "h44_ls": ":1: has an unusual line break",
    "bigquote": ":2: a quote is opened and never closed",
    "t07_two_rows_margin": ":3: 069500: is bought on credit or pledged (신용, 대출)",
    "t11_short_row": ":2: 069500: has no number of shares",
    "t16_frac": ":2: 069500: 30.5 is not a whole number of shares; fractional shares (소수점)",
    "t17_neg": ":2: 069500: -30 shares is below zero",
    "t19_dup_header": ":1: the column 보유수량 appears twice",
    "u05_cash_twice": ":4: 예수금: is a second row of cash",
}


def cases() -> list[Any]:
    found = []
    for folder in ("holdings", "ticket"):
        expected = tomllib.loads((DATA / folder / "expected.toml").read_text("utf-8"))
        assert set(expected) == {path.stem for path in (DATA / folder).glob("*.csv")}
        for name, right in expected.items():
            found.append(pytest.param(DATA / folder / f"{name}.csv", right, id=name))
    return found


@pytest.mark.parametrize(("file", "right"), cases())
def test_a_file_is_read_as_it_is_meant_or_refused(file: Path, right: dict[str, Any]) -> None:
    if "refuse" in right:
        with pytest.raises(HoldingsError) as caught:
            refuse_empty(read_holdings(file, CORE))
        assert SAID[file.stem] in str(caught.value)
        for problem in caught.value.problems:
            korean = in_language(problem, "ko")
            assert problem.remedy is not None
            assert korean.message != problem.message
            assert korean.remedy != problem.remedy
        return
    found = read_holdings(file, CORE)
    assert found.shares == right.get("shares", {})
    assert found.outside == right.get("outside", {})
    assert found.cash == right.get("cash")
    asked = "holdings.no_cash" in {note.kind for note in found.notes}
    assert asked == (right.get("needs") == "cash")


@pytest.mark.parametrize(
    ("written", "cash"),
    [
        ("100만", 1_000_000),
        ("1억 2천만원", 120_000_000),
        ("1e6", 1_000_000),
        ('"₩1,000,000"', 1_000_000),
        ("(1500)", -1_500),
    ],
)
def test_cash_is_read_as_people_write_amounts(tmp_path: Path, written: str, cash: int) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"ticker,shares\n069500,30\nCASH,{written}\n", "utf-8")
    assert read_holdings(file, CORE).cash == cash


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('CASH,"$1,000"', "written in USD, but is read in KRW"),
        ("CASH@2026-12-01,USD 5", "written in USD, but is read in KRW"),
        ("USD,1000원", "written in KRW, but is read in USD"),
        ("CASH,1.23E+09", "is not an amount of money"),  # a spreadsheet hides the other digits
        ("CASH,만", "is not an amount of money"),
    ],
)
def test_money_that_may_mean_another_amount_is_refused(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"ticker,shares\n069500,30\n{row}\n", "utf-8")
    with pytest.raises(HoldingsError, match=said):
        read_holdings(file, CORE)


def test_foreign_money_may_bear_its_own_sign(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text('ticker,shares\n069500,30\nCASH,1000\nUSD,"$1,500.25"\n', "utf-8")
    assert read_holdings(file, CORE).outside == {"USD": "1500.25"}


def jeoul(*arguments: object) -> Any:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def test_import_says_what_it_read_as_json() -> None:
    ran = jeoul("import", DATA / "holdings/h01_kiwoom_cp949.csv", "--json", "--lang", "en")
    found = json.loads(ran.stdout)
    assert found["schema"] == "jeoul.holdings/1"
    assert found["shares"] == {"069500": 30, "360750": 12}
    assert (found["cash"], found["as_of"], found["incoming"]) == (None, None, {})
    assert found["cost"] == {"069500": 32_150, "360750": 15_000}
    assert found["columns"]["shares"] == "보유수량"
    assert found["file"] == {
        "kind": "csv",
        "encoding": "cp949",
        "separator": ",",
        "sheet": None,
        "header": 1,
    }
    assert any("--cash" in note for note in found["notes"])
    assert any("A069500 → 069500" in note for note in found["notes"])


def test_import_writes_the_plain_file(tmp_path: Path) -> None:
    out = tmp_path / "plain.csv"
    jeoul("import", DATA / "ticket/t15_stock.csv", "--out", out)
    rows = "069500,1030,,\n005930,100,,\nCASH,3000000,,\n"
    assert out.read_text("utf-8") == f"ticker,shares,cost,tax_base\n{rows}"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_import_reads_in_words(lang: str) -> None:
    said = {"ko": "전략에 없는 종목", "en": "outside the strategy, neither bought nor sold"}
    ran = jeoul("import", DATA / "holdings/h21_outside_universe.csv", "--lang", lang)
    assert said[lang] in ran.stdout


def test_the_cash_that_a_file_lacks_is_given(tmp_path: Path) -> None:
    file = DATA / "holdings/h01_kiwoom_cp949.csv"
    ran = jeoul("import", file, "--json", "--cash", "3,000,000")
    assert json.loads(ran.stdout)["cash"] == 3_000_000
    decided = jeoul("decide", "static", "--profile", "balanced", "--holdings", file)
    assert isinstance(decided.exception, HoldingsError)
    assert decided.exception.exit_code == 2
    assert "--cash" in str(decided.exception)
    decided = jeoul(
        *("decide", "static", "--profile", "balanced", "--holdings", file),
        *("--cash", "3000000", "--json"),
    )
    assert json.loads(decided.stdout)["orders"]


def test_days_are_counted_from_the_day_that_is_given(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    rows = "조회일자,2026-03-02\n종목코드,수량\n069500,1\n예수금,10\nD+1,10\nD+2,25\n"
    file.write_text(rows, "utf-8")
    ran = jeoul("import", file, "--json", "--as-of", "2026-03-05")
    found = json.loads(ran.stdout)
    assert (found["incoming"], found["as_of"]) == ({"2026-03-09": 15}, "2026-03-05")


def test_decide_says_what_is_outside_and_never_trades_it() -> None:
    file = DATA / "holdings/h21_outside_universe.csv"
    ran = jeoul("decide", "static", "--profile", "balanced", "--holdings", file, "--json")
    found = json.loads(ran.stdout)
    assert found["outside"] == {"005930": 10}
    assert "005930" not in {order["ticker"] for order in found["orders"]}
    assert any("005930" in note for note in found["notes"])


@pytest.mark.parametrize("day", ["2026-06-10", "2026-06-30"])
def test_cash_below_zero_is_sold_back_to_zero(day: str) -> None:
    file = DATA / "holdings/h40_neg_cash_margin.csv"
    ran = jeoul(
        *("decide", "static", "--profile", "balanced", "--holdings", file),
        *("--as-of", day, "--json", "--lang", "en"),
    )
    found = json.loads(ran.stdout)
    assert {order["side"] for order in found["orders"]} == {"SELL"}
    assert found["cash_after"] >= 0
    assert any("150,000 below zero" in reason for reason in found["reasons"])
