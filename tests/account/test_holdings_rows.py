"""Each row below a header: a holding, money, a sum, a remark, or something wrong with its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.account.holding_tables import body

from jeoul.account.holdings import HeldLot, Securities
from jeoul.account.holdings.record import Vouched

CODES = "종목코드,보유수량\n"
NAMES = "종목코드,종목명,보유수량\n"
NOTES = "종목코드,보유수량,비고\n"
LOTS = "ticker,shares,cost,tax_base,bought,fx\n"


def wrong(text: str, currency: str = "KRW") -> tuple[int, str | None, str]:
    """Return the only thing that is wrong in a table: its line, its key and the message."""
    (found,) = body(text, currency=currency).wrongs
    return found


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        (f"{CODES}069500,1\nSPY,2\n예수금,D+2 예수금\n3000000,900\n", [(None, 3e6), (2, 900)]),
        (f"{CODES}예수금,D+2 예수금\n3000000,900\n069500,1\n", [(None, 3e6), (2, 900)]),
        (f"{NAMES}예수금,D+1예수금,D+2예수금\n500000,400000,3\n", [(None, 5e5), (1, 4e5), (2, 3)]),
        (f"{NAMES}예수금,비고,D+2예수금\n3000000,없음,900\n", [(None, 3e6), (2, 900)]),
        (f"{NAMES}예수금,,D+2예수금\n,,900\n", [(2, 900)]),
        ("종목명,보유수량\n예수금,D+2예수금\n700,900\n", [(None, 700), (2, 900)]),
    ],
)
def test_labels_of_money_may_stand_over_their_amounts(
    text: str, amounts: list[tuple[int | None, float]]
) -> None:
    found = body(text)
    assert found.wrongs == []
    assert [(day, amount) for _, day, _, amount in found.amounts] == amounts
    assert found.held.shares in ({}, {"069500": 1}, {"069500": 1, "SPY": 2})


@pytest.mark.parametrize(
    ("header", "labels", "held"),
    [
        (CODES, "예수금,D+2 예수금", "069500,30"),
        (CODES, "예수금,D+2 예수금", "500000,400000"),  # it has the form of a code
        (CODES, "예수금,D+2 예수금", "06950,30"),  # a code that lacks a digit
        (CODES, "예수금,D+2 예수금", "[A069500] KODEX 200,30"),
        (NAMES, "예수금,,D+2 예수금", "069500,KODEX 200,30"),
        ("종목명,보유수량\n", "예수금,D+2 예수금", "KODEX 200,30"),
    ],
)
def test_a_holding_below_labels_of_money_is_not_their_amounts(
    header: str, labels: str, held: str
) -> None:
    found = body(f"{header}{labels}\n{held}\n")
    assert found.amounts == []
    assert found.wrongs[0] == (2, "예수금", "does not say one amount of money")


def test_labels_in_the_last_row_have_no_amounts() -> None:
    assert wrong(f"{CODES}069500,1\n예수금,D+2 예수금\n")[0] == 3


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        (f"{CODES}예수금,5\n", [("cash", None, 5)]),
        (f"{CODES}USD,1500.25\n", [("foreign", "USD", 1500.25)]),
        # several labels are a summary, and so is a label beside a currency
        ("종목코드,보유수량,a,b\n예수금,5,D+2 예수금,7\n", [("cash", None, 5), ("cash", None, 7)]),
        ("종목코드,비고,보유수량\n예수금,USD,1500\n", [("foreign", "USD", 1500)]),
        # a label in a column of no name
        ("비고,종목코드,보유수량\n예수금,,5000\n", [("cash", None, 5000)]),
        # a column of currencies belongs to the row
        ("종목코드,통화,보유수량\n예수금,USD,5\n예수금,KRW,7\n",
         [("foreign", "USD", 5), ("cash", None, 7)]),
    ],
)  # fmt: skip
def test_a_row_of_money(text: str, amounts: list[tuple[str, str | None, float]]) -> None:
    found = body(text)
    assert found.wrongs == []
    assert [(kind, currency, amount) for kind, _, currency, amount in found.amounts] == amounts
    assert (found.held.shares, found.held.outside) == ({}, {})


@pytest.mark.parametrize(
    "text",
    [
        f"{NOTES}069500,30,현금\n",  # paid in cash, not on credit
        f"{NOTES}069500,30,USD\n",
        "종목코드,보유수량,시장,결제\n069500,30,USD,KRW\n",
        "종목코드,통화,보유수량\n069500,KRW,30\n",
        "종목코드,통화,보유수량\n069500,-,30\n",
        "번호,종목코드,보유수량\n1,069500,30\n",
        "종목코드,보유수량,수량\n069500,30,30.0\n",
        "종목코드,보유수량,수량\n069500,,30\n",
        "종목명,보유수량\n069500,30\n",
        "표준코드,보유수량\nKR7069500007,30\n",
    ],
)
def test_a_row_of_a_holding(text: str) -> None:
    found = body(text)
    assert (found.wrongs, found.amounts, found.held.outside) == ([], [], {})
    assert found.held.shares == {"069500": 30}
    assert isinstance(found.held.shares["069500"], int)
    assert [row.line for row in found.held.rows] == [2]


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        (f"{CODES}# mine,1\n", {"remark": [2]}),
        (f"{CODES}하나 둘 셋 넷\n", {"remark": [2]}),
        (f"{CODES}SPY,0\n종목코드,보유수량\n", {"nothing": [2], "heading": [3]}),
        (f"{CODES}합계,30\n", {"total": [2]}),
        ("구분,종목코드,보유수량\n합계,,30\n", {"total": [2]}),
        ("번호,종목코드,보유수량\n1,합계,30\n2,소계,3\n", {"total": [2, 3]}),
        (f"{NOTES},,메모\n", {"nothing": [2]}),
        (f"{NOTES},-,메모\n", {"nothing": [2]}),
        (f"{CODES}069500,0\n", {"nothing": [2]}),
        (f"{CODES}Sold Company,0\nSPY,0\n", {"nothing": [2, 3]}),
    ],
)
def test_a_line_that_is_left_aside_is_listed_by_why(text: str, aside: dict[str, list[int]]) -> None:
    found = body(text)
    assert (found.held.aside, found.held.shares, found.wrongs) == (aside, {}, [])


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (f"{CODES}069500,\n", "069500", "has no number of shares"),
        (f"{CODES},5\n", None, "has no ticker"),
        (f"{NOTES},3,USD\n", None, "has no ticker"),
        (f"{CODES}하나 둘 셋 넷,5\n", "하나 둘 셋 넷", "is not a code, and not exactly the name"),
        (f"{CODES}069500,-1\n", "069500", "-1 shares is below zero"),
        (f"{CODES}069500,-0.5\n", "069500", "-0.5 shares is below zero"),
        (f"{CODES}069500,0.5\n", "069500", "0.5 is not a whole number of shares"),
        (f"{CODES}069500,10000000001\n", "069500", "a number of shares that no account holds"),
        (f"{CODES}069500,1 or 2\n", "069500", "'1 or 2' is not a number of shares"),
        (f"{CODES}069500,{'x' * 40}\n", "069500", f"'{'x' * 40}' is not a number of shares"),
        (f"{CODES}069500,{'x' * 41}\n", "069500", f"'{'x' * 40}…' is not a number of shares"),
        (f"종목코드,보유수량,수량\n069500,{'x' * 41},y\n", "069500", f"'{'x' * 40}…' is not"),
        ("종목코드,보유수량,수량\n069500,1.5,1.50\n", "069500", "1.5 is not a whole number"),
        ("종목코드,보유수량,수량\n069500,1,2\n", "069500",
         "has different numbers of shares under 보유수량 and 수량"),
        (f"{CODES}예수금,예수금\n", "예수금", "does not say one amount of money"),
        ("종목코드,보유수량,평가금액\n예수금,1,3000000\n", "예수금", "does not say one amount"),
        (f"{CODES}예수금,abc\n", "예수금", "'abc' is not an amount of money"),
        (f"{NAMES}069500,(신용)KODEX 200,1\n", "069500", "is bought on credit"),
        ("종목코드,신용구분,보유수량\n069500,유통융자,1\n", "069500", "is bought on credit"),
        ("종목코드,대출금액,보유수량\n069500,5,1\n", "069500", "is bought on credit"),
        ("종목코드,통화,보유수량\n069500,USD,1\n", "069500", "is in USD, the account in KRW"),
        ("종목코드,통화,보유수량\nA069500,USD,1\n", "A069500", "is in USD, the account in KRW"),
        ("종목명,통화,보유수량\n,USD,1\n", None, "is in USD, the account in KRW"),
        (f"{NAMES}069500,TIGER 미국S&P500,1\n", "069500", "has the name of 360750"),
        (f"{NAMES}KODEX 200(069500),TIGER 미국S&P500,1\n", "KODEX 200(069500)",
         "has the name of 360750"),
        (f"{NAMES}KODEX 200(360750),,1\n", "KODEX 200(360750)", "has the name of 069500"),
        ("표준코드,종목명,보유수량\nKR7069500007,TIGER 미국S&P500,1\n", "KR7069500007",
         "has the name of 360750"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_with_its_line_and_its_label(
    text: str, key: str | None, says: str
) -> None:
    line, named, message = wrong(text)
    assert (line, named) == (2, key)
    assert says in message


def test_a_second_table_is_named_by_its_first_column() -> None:
    said = "begins a second table"
    assert wrong(f"{CODES}SPY,1\nsymbol,quantity\n") == (3, "symbol", said)
    assert wrong("비고,종목코드,보유수량\n,SPY,1\nsymbol,,quantity\n") == (3, None, said)


def test_the_most_shares_that_an_account_may_hold_are_ten_thousand_millions() -> None:
    assert body(f"{CODES}069500,10000000000\n").held.shares == {"069500": 10**10}


def test_nobody_reads_on_after_a_hundred_rows_that_are_wrong() -> None:
    assert len(body(CODES + "069500,x\n" * 99 + "SPY,1\n").wrongs) == 99
    found = body(CODES + "069500,x\n" * 100 + "SPY,1\n")
    assert (len(found.wrongs), found.held.shares) == (100, {})
    assert len(body(CODES + "069500,x\n" * 150).wrongs) == 100


def test_a_loan_of_nothing_is_no_loan() -> None:
    text = "종목코드,신용구분,대출금액,보유수량\n069500,현금,0,1\nSPY,,,2\n"
    assert body(text).held.shares == {"069500": 1, "SPY": 2}


def test_a_code_in_another_form_is_listed_with_the_code_that_it_stands_for() -> None:
    text = "종목코드,표준코드,보유수량\nA069500,,1\n,KR7360750004,2\n005930,,3\n"
    found = body(text).held
    assert (found.shares, found.outside) == ({"069500": 1, "360750": 2}, {"005930": 3})
    assert found.written == {"A069500": "069500", "KR7360750004": "360750"}


def test_a_security_in_another_currency_is_outside_and_so_is_what_nobody_checks() -> None:
    text = "종목코드,표준코드,통화,보유수량,매입단가\naapl,,USD,3,$31\n,US5949181045,USD,2,\n"
    found = body(text)
    assert found.wrongs == []
    assert found.held.outside == {"AAPL": 3, "US5949181045": 2}
    assert found.held.cost == {"AAPL": 31}
    (unchecked,) = body(text, Securities()).wrongs[:1]
    assert unchecked == (2, "aapl", "is in USD, the account in KRW")


def test_a_fund_of_korea_in_an_account_in_dollars_is_known_by_its_own_code() -> None:
    text = "종목코드,통화,보유수량\nA069500,KRW,30\n"
    abroad = Securities(inside=frozenset({"SPY"}))
    assert body(text, abroad, "USD").held.outside == {"069500": 30}


def test_what_a_security_outside_is_worth_is_in_the_money_of_the_account() -> None:
    text = "종목코드,종목명,보유수량,평가금액,매수일\n005930,삼성전자,3,210,2025-01-02\n"
    lots = f"{text}005930,삼성전자,2,140,2025-01-03\n"
    assert body(text).held.worth == {"005930": 210}
    assert body(lots).held.worth == {"005930": 350}
    assert body(lots).held.outside == {"005930": 5}
    abroad = "종목코드,통화,보유수량,평가금액\nAAPL,USD,3,600\n"
    assert body(abroad).held.worth == {}


def test_a_security_that_no_list_knows_keeps_its_name_or_its_currency() -> None:
    found = body(f"{NAMES}123450,새 회사,3\n005930,삼성전자,1\n").held
    assert (found.vouched, found.outside) == (
        {"123450": Vouched("새 회사")},
        {"123450": 3, "005930": 1},
    )
    text = "종목코드,종목명,통화,보유수량\nAAPL,,미국달러,3\nPTT,피티티,THB,1\n"
    assert body(text).held.vouched == {
        "AAPL": Vouched("", "USD"),
        "PTT": Vouched("피티티", "THB"),
    }


@pytest.mark.parametrize(
    ("header", "cells", "cost"),
    [
        ("매입평균가", "31250", 31_250),
        ("매입평균가", "₩31250", 31_250),
        ("매입평균가", "0.75", Decimal("0.75")),
        ("매입평균가", "0", None),
        ("매입평균가", "-", None),
        ("매입평균가,평균단가", "0,31250", 31_250),
        ("매입평균가,매입금액", "31250,999", 31_250),
        ("매입평균가,매입금액", ",100", Decimal("33.3333")),  # of 3 shares
        ("매입평균가,매입금액", "0,0", None),
        ("비고,매입평균가", "x", None),  # the row ends before
    ],
)
def test_the_average_price_of_a_share(header: str, cells: str, cost: Decimal | None) -> None:
    found = body(f"종목코드,보유수량,{header}\n069500,3,{cells}\n")
    assert found.wrongs == []
    assert found.held.cost == ({} if cost is None else {"069500": cost})


@pytest.mark.parametrize("price", ["abc", "-31250", "-0.5", "$31"])
@pytest.mark.parametrize("name", ["매입평균가", "매입금액", "과표기준가"])
def test_what_is_no_price_of_the_account_is_refused(name: str, price: str) -> None:
    line, key, message = wrong(f"종목코드,보유수량,{name}\n069500,3,{price}\n")
    assert (line, key) == (2, "069500")
    assert f"has {price!r} under {name}" in message


def test_purchases_of_several_days_are_lots_that_add_up() -> None:
    text = f"{LOTS}SPY,2,500,490,2025-03-04,1460.5\nSPY,3,400,390,2024-01-15,0.09\n"
    found = body(text, currency="USD").held
    assert found.shares == {"SPY": 5}
    assert found.cost == {"SPY": Decimal(440)}
    assert found.tax_base == {"SPY": Decimal(430)}
    first, second = found.lots["SPY"]
    assert first == HeldLot(date(2025, 3, 4), 2, Decimal(500), Decimal(490), Decimal("1460.5"))
    assert second == HeldLot(date(2024, 1, 15), 3, Decimal(400), Decimal(390), Decimal("0.09"))
    assert body(f"{text}SPY,0,1,1,2024-01-16,\n", currency="USD").held.shares == {"SPY": 5}


@pytest.mark.parametrize(
    ("rows", "costs"),
    [
        ("SPY,2,500,,2025-03-04,\nSPY,3,,,2024-01-15,-\n", [500, None]),
        ("SPY,2,,,2025-03-04,\nSPY,3,400,,2024-01-15,-\n", [None, 400]),
    ],
)
def test_the_cost_of_all_is_known_only_if_that_of_each_purchase_is(
    rows: str, costs: list[int | None]
) -> None:
    found = body(LOTS + rows, currency="USD").held
    assert [lot.cost for lot in found.lots["SPY"]] == costs
    assert [(lot.tax_base, lot.fx) for lot in found.lots["SPY"]] == [(None, None)] * 2
    assert (found.shares, found.cost, found.tax_base) == ({"SPY": 5}, {}, {})


def test_a_holding_without_a_day_of_purchase_has_no_lots() -> None:
    assert body(f"{LOTS}SPY,2,500,490,,\n", currency="USD").held.lots == {}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("SPY,2,500,,,\nSPY,2,500,,,", "SPY appears twice, in lines 2 and 3"),
        ("SPY,2,500,,,\nSPY,2,500,,2025-03-04,", "SPY appears twice, in lines 2 and 3"),
        ("SPY,2,500,,2025-03-04,\nSPY,2,500,,,", "SPY appears twice, in lines 2 and 3"),
        ("SPY,2,1,,2025-03-04,\nSPY,2,1,,2025-03-04,", "lines 2 and 3, bought on the same day"),
        ("SPY,2,500,,soon,", "'soon' is not a day of purchase"),
        ("SPY,2,500,,2025-03-04,0", "'0' is not an exchange rate"),
        ("SPY,2,500,,2025-03-04,n/a", "'n/a' is not an exchange rate"),
    ],
)
def test_purchases_that_cannot_be_told_apart_are_refused(rows: str, says: str) -> None:
    assert says in wrong(f"{LOTS}{rows}\n", currency="USD")[2]
