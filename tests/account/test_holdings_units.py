"""Money of another currency or unit is never read as money of the account."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.holdings import Holdings, Securities, plain_file, read_holdings
from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.units import CURRENCIES
from jeoul.errors import HoldingsError
from jeoul.translation import in_language

CORE = securities_of(api.universe_of("krx-core"))
BASES = ["예수금", "현금", "Cash", "예수금총액", "D+2 예수금", "예수금(D+2)"]


def read(text: str, known: Securities | None = CORE, currency: str = "KRW") -> Holdings:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        file.write_text(text, "utf-8")
        return read_holdings(file, known, currency=currency)


def refusal(text: str, known: Securities | None = CORE) -> str:
    with pytest.raises(HoldingsError) as refused:
        read(text, known)
    (problem,) = refused.value.problems
    korean = in_language(problem, "ko")
    assert korean.message != problem.message
    assert korean.remedy != problem.remedy
    return problem.message


@st.composite
def labels(draw: st.DrawFn) -> tuple[str, str]:
    """Return the label of a row of cash that states its currency, and the currency."""
    word = draw(st.sampled_from(sorted(CURRENCIES)))
    shown = draw(st.sampled_from([word, word.upper()]))
    base = draw(st.sampled_from(BASES))
    forms = [f"{base}({shown})", f"{base} [{shown}]", f"{base}(통화:{shown})"]
    if len(word) > 1:
        forms += [f"{shown}{base}", f"{shown} {base}", f"{base} {shown}"]
        forms += [f"외화예수금({shown})"] if CURRENCIES[word] != "KRW" else []
    return draw(st.sampled_from(forms)), CURRENCIES[word]


@given(labels(), st.sampled_from(["KRW", "USD"]), st.integers(1, 10**9))
def test_a_label_that_states_a_currency_is_money_of_it(
    label: tuple[str, str], own: str, amount: int
) -> None:
    written, currency = label
    found = read(f"종목코드,보유수량\nSPY,1\n{written},{amount}\n", None, own)
    if currency == own:
        assert (found.cash, found.outside) == (amount * (100 if own == "USD" else 1), {})
    else:
        assert (found.cash, found.outside) == (None, {currency: str(amount)})


@given(st.sampled_from(sorted(CURRENCIES)), st.sampled_from(["KRW", "USD"]), st.integers(1, 10**9))
def test_a_column_of_currencies_decides_what_a_row_of_cash_is(
    word: str, own: str, amount: int
) -> None:
    found = read(f"종목코드,통화,보유수량\nSPY,,1\n예수금,{word},{amount}\n", None, own)
    currency = CURRENCIES[word]
    if currency == own:
        assert found.cash == amount * (100 if own == "USD" else 1)
    else:
        assert (found.cash, found.outside) == (None, {currency: str(amount)})


def test_both_moneys_of_a_file_are_kept_apart() -> None:
    text = "종목코드,통화,보유수량\n069500,원화,30\n예수금,KRW,3000000\n예수금,USD,1500.25\n"
    assert (read(text).cash, read(text).outside) == (3_000_000, {"USD": "1500.25"})
    won = "종목코드,보유수량\nSPY,3\n원화예수금,1000000\n외화예수금(USD),1500.25\n"
    found = read(won, None, "USD")
    assert (found.cash, found.outside) == (150_025, {"KRW": "1000000"})


def test_todays_balance_of_foreign_money_is_the_one_that_is_shown() -> None:
    text = "종목코드,보유수량\n069500,1\n예수금,5\n예수금(USD),10\nD+2 예수금(USD),30\n"
    assert read(text).outside == {"USD": "10"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("종목코드,보유수량\n069500,1\n예수금(천원),3000\n", "in thousands or in another"),
        ("종목코드,보유수량\n069500,1\n외화예수금,1500\n", "foreign money without its currency"),
        (
            "종목코드,보유수량,평가금액(천원)\n069500,1,37\n예수금,,3000\n",
            "in the column 평가금액(천원), which is in another unit than KRW",
        ),
        (
            "종목코드,보유수량,평가금액(USD)\n069500,1,37\n예수금,,3000\n",
            "in the column 평가금액(USD), which is in another unit than KRW",
        ),
        (
            "종목코드,통화,보유수량\n069500,KRW,1\n예수금,기타,5\n",
            "its currency is given as '기타'",
        ),
        (
            "종목코드,통화,보유수량\n069500,KRW,1\n예수금(USD),KRW,5\n",
            "its currency is given as 'KRW'",
        ),
        ("USD,예수금(원화),1500\n종목코드,보유수량\n069500,1\n", "currency is given as 'USD'"),
    ],
)
def test_an_amount_in_an_unknown_unit_is_refused(text: str, says: str) -> None:
    assert says in refusal(text)


@pytest.mark.parametrize("name", ["매입평균가(USD)", "매입금액(USD)", "달러 매입금액"])
def test_a_price_in_another_currency_is_no_cost(name: str) -> None:
    found = read(f"종목코드,보유수량,{name}\n069500,30,31\n예수금,3000000,\n")
    assert (found.cost, found.cash) == ({}, 3_000_000)
    assert any("unread" in note.kind for note in found.notes)


@pytest.mark.parametrize("column", ["cost", "tax_base", "매입금액"])
@pytest.mark.parametrize("price", ["abc", "-31250", "31.250,5"])
def test_a_price_that_is_none_is_refused_and_not_passed_over(column: str, price: str) -> None:
    text = f"ticker;shares;{column}\n069500;30;{price}\nCASH;3000000;\n"
    assert "which is not a price" in refusal(text)


def test_a_share_of_the_holdings_is_no_number_of_shares() -> None:
    found = read("종목코드,보유수량(%),보유수량\n069500,55,30\n예수금,,5\n")
    assert found.shares == {"069500": 30}


@pytest.mark.parametrize("code", ["06950", "0069", "095600", "123450", "999999", "6950"])
def test_a_code_that_no_list_knows_is_refused_alone(code: str) -> None:
    message = refusal(f"ticker,shares\n{code},30\nCASH,3000000\n")
    assert "begins with a zero" in message or "not in the exchange's lists" in message


@pytest.mark.parametrize("code", ["005930", "005935", "000660", "0043Y0", "660", "KR7005930003"])
def test_a_listed_security_is_outside_without_a_name(code: str) -> None:
    found = read(f"ticker,shares\n{code},30\nCASH,3000000\n")
    assert list(found.outside.values()) == [30]


def test_a_listed_share_one_character_from_a_fund_needs_its_name() -> None:
    """069510 is 에스텍, and a slip for KODEX 200 all the same."""
    alone = "ticker,shares\n069510,3\nCASH,5\n"
    assert "one character away from 069500" in refusal(alone)
    found = read("종목코드,종목명,보유수량\n069510,에스텍,3\n예수금,,5\n")
    assert found.outside == {"069510": 3}
    assert read(plain_file(found)).outside == {"069510": 3}
    priced = securities_of(api.universe_of("krx-core"), ["069510"])
    assert read(alone, priced).outside == {"069510": 3}


def test_a_security_listed_later_is_known_by_its_name_or_its_prices() -> None:
    named = '종목코드,종목명,보유수량\n123450,"새, 회사",3\n예수금,,5\n'
    assert read(named).outside == {"123450": 3}
    plain = plain_file(read(named))
    assert plain == 'ticker,shares,cost,tax_base,name\n123450,3,,,"새, 회사"\nCASH,5,,,\n'
    assert plain_file(read(plain)) == plain
    priced = securities_of(api.universe_of("krx-core"), ["123450"])
    assert read("ticker,shares\n123450,3\nCASH,5\n", priced).outside == {"123450": 3}


@pytest.mark.parametrize(
    "cell",
    ["KODEX 200(069500)", "KODEX 200 [A069500]", "[069500] KODEX 200", "A069500 KODEX 200"],
)
@pytest.mark.parametrize("heading", ["종목명(코드)", "종목", "종목명", "종목코드/종목명"])
def test_a_code_and_a_name_in_one_cell(cell: str, heading: str) -> None:
    found = read(f"{heading},보유수량\n{cell},30\n삼성전자 (005930),2\n예수금,5\n")
    assert (found.shares, found.outside) == ({"069500": 30}, {"005930": 2})
    wrong = f"{heading},보유수량\n{cell.replace('069500', '360750')},30\n예수금,5\n"
    assert "has the name of 069500" in refusal(wrong)


@pytest.mark.parametrize("row", ["KODEX 200(069500)", "[069500] KODEX 200"])
def test_shares_below_labels_of_money_are_never_its_amounts(row: str) -> None:
    """The labels have no amounts, and 30 is a number of shares."""
    said = refusal(f"종목코드,보유수량,매입평균가\n예수금,D+2 예수금,\n{row},30,31000\n")
    assert said == "does not say one amount of money"


def test_the_price_that_was_paid_goes_before_the_sum_with_its_fees() -> None:
    both = read("종목코드,보유수량,매입평균가,매입금액\n069500,30,31000,930150\n예수금,5,,\n")
    assert both.cost == {"069500": 31_000}
    alone = read("종목코드,보유수량,매입금액\n069500,30,930150\n예수금,5,\n")
    assert alone.cost == {"069500": 31_005}


def test_an_amount_beyond_all_the_money_there_is_is_no_amount() -> None:
    most = 10**17
    assert read(f"종목코드,보유수량\n예수금,{most - 1}\n").cash == most - 1
    assert "is not an amount of money" in refusal(f"종목코드,보유수량\n예수금,{most}\n")


TWO_ROWS = [
    "종목코드,종목명,잔고,\n,,보유수량,매입평균가\n",
    "종목코드,종목명,보유현황,\n,,보유수량,매입평균가\n",
    "종목코드,종목명,잔고,평가\n종목코드,종목명,보유수량,매입평균가\n",
    "조회,,,\n종목코드,종목명,잔고,\n,,보유수량,매입평균가\n",
]


@pytest.mark.parametrize("header", TWO_ROWS)
def test_a_header_of_two_rows(header: str) -> None:
    found = read(f"{header}069500,KODEX 200,30,31000\n예수금,,3000000,\n")
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert found.cost == {"069500": 31_000}


def test_a_page_whose_header_spans_rows() -> None:
    page = (
        "<html><table><tr><th rowspan=2>종목코드<th rowspan=2>종목명<th colspan=2>잔고</tr>"
        "<tr><th>보유수량<th>매입평균가</tr><tr><td>069500<td>KODEX 200<td>30<td>31,000</tr>"
        "<tr><td colspan=2>예수금<td>3,000,000<td></tr></table></html>"
    )
    found = read(page)
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert found.cost == {"069500": 31_000}


def test_two_lines_for_each_holding_are_refused() -> None:
    text = "종목코드,보유수량,매입금액\n종목명,매입평균가,평가금액\n069500,30,930000\n"
    with pytest.raises(HoldingsError, match="is not a code"):
        read(f"{text}KODEX 200,31000,1050000\n예수금,3000000,\n")
