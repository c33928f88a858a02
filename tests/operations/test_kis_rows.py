"""Korea Investment's rows field by field: balance, orders, rights, prices, codes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kis.account import read_account
from jeoul.operations.broker.kis.codes import code_of, is_done, is_token_trouble, rows_of, said
from jeoul.operations.broker.kis.days import NAME, opens
from jeoul.operations.broker.kis.etf import read_indicative
from jeoul.operations.broker.kis.orders import read_order, read_orders
from jeoul.operations.broker.kis.rights import read_rights
from jeoul.operations.broker.port import IndicativeValue, OrderState
from jeoul.operations.errors import Unreachable

DAY, NEXT, AFTER = date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)
EMPTY = {"rt_cd": "7", "msg_cd": "KIOK0560"}


# -- the balance -----------------------------------------------------------------------------------


def money(today: int, tomorrow: int, later: int, cma: str = "") -> dict[str, str]:
    names = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")
    amounts = dict(zip(names, map(str, (today, tomorrow, later)), strict=True))
    return {**amounts, "cma_evlu_amt": cma}


def balance(*held: tuple[str, int, str], deposits: Any = ()) -> dict[str, Any]:
    rows = [{"pdno": code, "hldg_qty": str(n), "ord_psbl_qty": free} for code, n, free in held]
    return {"rt_cd": "0", "output1": rows, "output2": list(deposits)}


def test_holdings_on_all_pages_add_up_and_what_cannot_be_sold_is_locked() -> None:
    pages = [
        balance(("069500", 7, "5"), ("114260", 4, "4"), ("???", 0, "0")),
        balance(("069500", 3, "0"), ("360750", 2, "9"), ("148070", 6, ""),
                deposits=[money(1_000, 600, 900)]),
    ]  # fmt: skip
    account = read_account(pages, 800, (NEXT, AFTER))
    assert account.shares == {"069500": 10, "114260": 4, "360750": 2, "148070": 6}
    assert account.locked == {"069500": 5}
    assert (account.cash, account.orderable, account.unsettled) == (600, 800, {AFTER: 300})


def test_a_cma_account_keeps_money_beside_every_deposit() -> None:
    found = read_account([balance(deposits=[money(100, 40, 70, "1000")])], 5_000, (NEXT, AFTER))
    assert (found.cash, found.unsettled) == (1_040, {AFTER: 30})


def test_the_newest_row_of_money_counts_and_a_balance_without_one_is_none() -> None:
    pages = [balance(deposits=[money(5, 5, 5)]), balance(deposits=[money(7, 7, 7)])]
    assert read_account(pages, 9, (NEXT, AFTER)).cash == 7
    nothing = {**EMPTY, "output1": [], "output2": []}
    assert read_account([balance(), nothing], 9, (NEXT, AFTER)).money == 0
    assert read_account([EMPTY], 9, (NEXT, AFTER)).money == 0
    assert read_account([EMPTY], 9, (NEXT, AFTER)).cash == 0
    assert read_account([EMPTY], 9, (NEXT, AFTER)).unsettled == {}
    for pages in ([balance()], [nothing, balance()]):
        with pytest.raises(Unreachable, match="no cash"):
            read_account(pages, 9, (NEXT, AFTER))


# -- orders ----------------------------------------------------------------------------------------


def order(**fields: object) -> dict[str, Any]:
    usual = {
        "ord_dt": "20260304", "ord_gno_brno": "06010", "odno": "0000000007", "orgn_odno": "",
        "sll_buy_dvsn_cd": "02", "sll_buy_dvsn_cd_name": "현금매수", "pdno": "069500",
        "ord_qty": "10", "ord_unpr": "37100", "tot_ccld_qty": "0", "tot_ccld_amt": "0",
        "rmn_qty": "", "rjct_qty": "", "cncl_cfrm_qty": "", "cncl_yn": "",
    }  # fmt: skip
    return {**usual, **{name: str(value) for name, value in fields.items()}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, OrderState.OPEN),
        ({"ord_qty": 1}, OrderState.OPEN),  # nothing of it was rejected
        ({"tot_ccld_qty": 9}, OrderState.OPEN),
        ({"tot_ccld_qty": 9, "rmn_qty": 1}, OrderState.OPEN),
        ({"tot_ccld_qty": 9, "rmn_qty": 0}, OrderState.CLOSED),
        ({"tot_ccld_qty": 10}, OrderState.FILLED),
        ({"rjct_qty": 9}, OrderState.OPEN),
        ({"rjct_qty": 10}, OrderState.REJECTED),
        ({"rjct_qty": 11}, OrderState.REJECTED),
        ({"tot_ccld_qty": 6, "cncl_cfrm_qty": 3}, OrderState.OPEN),
        ({"tot_ccld_qty": 6, "cncl_cfrm_qty": 4}, OrderState.CLOSED),
        ({"tot_ccld_qty": 6, "cncl_cfrm_qty": 4, "rmn_qty": 4}, OrderState.OPEN),  # that counts
        ({"rmn_qty": 10, "cncl_yn": "Y"}, OrderState.CLOSED),
        ({"rmn_qty": 10, "cncl_yn": "N"}, OrderState.OPEN),
    ],
)
def test_where_an_order_of_korea_investment_stands(
    fields: dict[str, object], expected: OrderState
) -> None:
    assert read_order(order(**fields), DAY, over=False).state is expected


def test_after_the_close_nothing_of_korea_investment_is_open() -> None:
    assert read_order(order(rmn_qty=10), DAY, over=True).state is OrderState.CLOSED
    assert read_order(order(rjct_qty=10), DAY, over=True).state is OrderState.REJECTED


@pytest.mark.parametrize(("filled", "left"), [(1, 10), (11, 0), (0, 11), (5, 6)])
def test_no_more_is_left_than_was_not_filled(filled: int, left: int) -> None:
    with pytest.raises(Unreachable, match="rmn_qty"):
        read_order(order(tot_ccld_qty=filled, rmn_qty=left), DAY, over=False)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"ord_dt": "20260305"}, "ord_dt"),
        ({"odno": "0000000000"}, "odno"),
        ({"sll_buy_dvsn_cd": "03"}, "sll_buy_dvsn_cd"),
        ({"tot_ccld_qty": 1, "tot_ccld_amt": ""}, "tot_ccld_amt"),
    ],
)
def test_a_row_of_korea_investment_that_makes_no_sense_is_named(
    fields: dict[str, object], named: str
) -> None:
    with pytest.raises(Unreachable, match=named):
        read_order(order(**fields), DAY, over=False)


def test_what_is_read_of_an_order_of_korea_investment() -> None:
    found = read_order(
        order(tot_ccld_qty=3, tot_ccld_amt=110_700, orgn_odno="0000000005"), DAY, over=False
    )
    assert (found.order_id, found.former, found.changes) == ("06010-7", "7", "5")
    assert (found.name, found.session, found.side) == (None, DAY, Side.BUY)
    assert (found.ticker, found.shares, found.limit) == ("069500", 10, 37_100)
    assert (found.filled, found.amount) == (3, 110_700)
    plain = read_order(
        order(ord_unpr=0, ord_dt="", tot_ccld_amt="", sll_buy_dvsn_cd="01"), DAY, over=False
    )
    assert (plain.side, plain.limit, plain.amount, plain.changes) == (Side.SELL, None, 0, None)
    assert read_order(order(tot_ccld_amt=5), DAY, over=False).amount == 5  # judged with the rest


def test_an_instruction_to_cancel_names_an_order_and_says_so() -> None:
    rows = [
        order(odno="1"),
        order(odno="2", orgn_odno="1", sll_buy_dvsn_cd_name="매수취소*"),
        order(odno="3", orgn_odno="1", sll_buy_dvsn_cd_name="매수정정*"),
        order(odno="4", sll_buy_dvsn_cd_name="취소"),
    ]
    found = read_orders([{"output1": rows[:2]}, {"output1": rows[2:]}], DAY, over=False)
    assert [each.order_id for each in found] == ["06010-1", "06010-3", "06010-4"]


@pytest.mark.parametrize("counted", ["tot_ord_qty", "tot_ccld_qty"])
def test_a_list_that_counts_orders_has_them(counted: str) -> None:
    totals = {"tot_ord_qty": "0", "tot_ccld_qty": "0", counted: "1"}
    pages: list[Any] = [{"output1": []}, {"output1": [], "output2": totals}]
    with pytest.raises(Unreachable, match="counts some"):
        read_orders(pages, DAY, over=False)
    assert len(read_orders([{"output1": [order()], "output2": totals}], DAY, over=False)) == 1
    assert read_orders([{"output1": [], "output2": [totals]}], DAY, over=False) == []


# -- rights ----------------------------------------------------------------------------------------


def right(**fields: object) -> dict[str, str]:
    usual = {
        "rght_type_cd": "32", "bass_dt": "20260227", "rght_cblc_type_cd": "10",
        "shtn_pdno": "069500", "cash_dfrm_dt": "20260304", "lstg_dt": "",
        "last_alct_amt": "1000", "last_ftsk_chgs": "", "tax_amt": "154", "tot_alct_qty": "",
    }  # fmt: skip
    return {**usual, **{name: str(value) for name, value in fields.items()}}


def moved(*rows: dict[str, str], today: date = DAY) -> list[tuple[str, int, int]]:
    found = read_rights([{"output": [row]} for row in rows], today)
    assert len({each.movement_id for each in found}) == len(found)
    return [(each.kind, each.cash, each.shares) for each in found]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("dividend", 1_000, 0), ("tax", -154, 0)]),
        ({"last_ftsk_chgs": 30}, [("dividend", 1_030, 0), ("tax", -154, 0)]),
        ({"last_alct_amt": "", "last_ftsk_chgs": 30, "tax_amt": ""}, [("dividend", 30, 0)]),
        ({"tax_amt": 0}, [("dividend", 1_000, 0)]),
        ({"last_alct_amt": 0, "last_ftsk_chgs": 0}, [("tax", -154, 0)]),
        ({"last_alct_amt": "", "tax_amt": ""}, []),
        ({"cash_dfrm_dt": "20260305"}, []),
        ({"cash_dfrm_dt": ""}, []),
        ({"cash_dfrm_dt": "2026/03/04", "tax_amt": ""}, [("dividend", 1_000, 0)]),
        ({"cash_dfrm_dt": "2026-03-04", "tax_amt": ""}, [("dividend", 1_000, 0)]),
        ({"cash_dfrm_dt": "20260230"}, []),
        ({"rght_type_cd": "03", "tax_amt": ""}, [("dividend", 1_000, 0)]),
        ({"rght_type_cd": "14"}, []),
    ],
)
def test_what_a_distribution_pays(
    fields: dict[str, object], expected: list[tuple[str, int, int]]
) -> None:
    assert moved(right(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rght_cblc_type_cd": "01"}, [("split", 0, 90)]),
        ({"rght_cblc_type_cd": "02"}, [("split", 0, -90)]),
        ({"rght_cblc_type_cd": "03"}, []),
        ({"rght_cblc_type_cd": "01", "rght_type_cd": "32"}, []),
        ({"rght_cblc_type_cd": "01", "tot_alct_qty": 0}, []),
        ({"rght_cblc_type_cd": "01", "tot_alct_qty": ""}, []),
        ({"rght_cblc_type_cd": "01", "lstg_dt": "20260305"}, []),
        ({"rght_cblc_type_cd": "01", "lstg_dt": ""}, []),
    ],
)
def test_what_a_split_moves(
    fields: dict[str, object], expected: list[tuple[str, int, int]]
) -> None:
    usual = {"rght_type_cd": "14", "lstg_dt": "20260304", "tot_alct_qty": 90, "cash_dfrm_dt": ""}
    assert moved(right(**{**usual, **fields})) == expected


@pytest.mark.parametrize(
    "written", ["2026W091", "2026 227", "２０２６０３０４", "2026030", "20260230"]
)
def test_a_day_in_another_spelling_is_not_known_yet(written: str) -> None:
    assert moved(right(cash_dfrm_dt=written)) == []


def test_rows_of_one_name_are_movements_of_their_own() -> None:
    row = right(tax_amt="")
    found = read_rights([{"output": [row, row]}, {"output": [row]}], DAY)
    name = "right:20260227:32:10:069500:20260304:paid"
    assert [each.movement_id for each in found] == [name, f"{name}:2", f"{name}:3"]
    assert {(each.session, each.ticker, each.cash) for each in found} == {(DAY, "069500", 1_000)}
    (split,) = read_rights(
        [{"output": [right(rght_type_cd="14", rght_cblc_type_cd="01", lstg_dt="20260303",
                           tot_alct_qty=90)]}], DAY,
    )  # fmt: skip
    assert (split.session, split.ticker) == (date(2026, 3, 3), "069500")
    assert split.movement_id == "right:20260227:14:01:069500:20260304:shares"


# -- a fund's price --------------------------------------------------------------------------------


def price(**fields: Any) -> dict[str, Any]:
    usual = {"stck_prpr": "100", "acml_vol": "7", "nav": "101.5", "prdy_last_nav": "99.5"}
    return {"output": {**usual, **fields}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, IndicativeValue(price=100, value=101.5, before=99.5)),
        (
            {"stck_prpr": "1", "acml_vol": "1", "nav": "0.5", "prdy_last_nav": "0.25"},
            IndicativeValue(price=1, value=0.5, before=0.25),
        ),
        ({"prdy_last_nav": "0"}, IndicativeValue(price=100, value=101.5)),
        ({"nav": "0"}, IndicativeValue(fault="zero")),
        ({"nav": "0.0", "stck_prpr": "0"}, IndicativeValue(fault="zero")),
        ({"stck_prpr": "0"}, IndicativeValue(fault="zero")),
        ({"acml_vol": "0"}, IndicativeValue(fault="stale")),
        ({"prdy_last_nav": "101.50"}, IndicativeValue(fault="stale")),
        ({"nav": ""}, IndicativeValue(fault="missing")),
        ({"nav": "-1"}, IndicativeValue(fault="malformed")),
        ({"prdy_last_nav": None}, IndicativeValue(fault="malformed")),
    ],
)
def test_an_indicative_value_is_of_now_and_above_zero(
    fields: dict[str, Any], expected: IndicativeValue
) -> None:
    assert read_indicative(price(**fields)) == expected


def test_an_answer_about_one_fund_has_one_row() -> None:
    row = price()["output"]
    assert read_indicative({"output": [row]}).price == 100
    assert read_indicative({"output": [row, row]}).fault == "malformed"
    assert read_indicative({"output": []}).fault == "malformed"
    del row["nav"]
    assert read_indicative({"output": row}).fault == "missing"


# -- codes and days --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"msg_cd": "X1"}, 401, True),
        ({"msg_cd": "X1"}, 403, True),
        ({"msg_cd": "X1"}, 400, False),
        ({"msg_cd": "X1"}, 402, False),
        ({"msg_cd": "X1"}, 404, False),
        ({"msg_cd": "EGW00999"}, 200, True),
        ({"msg_cd": "X1", "msg1": "Token is odd"}, 200, True),
        ({"msg_cd": "X1", "msg1": "토큰"}, 200, True),
        ({"msg_cd": "X1", "msg1": " " * 195 + "token"}, 200, True),
        ({"msg_cd": "X1", "msg1": " " * 196 + "token"}, 200, False),  # two hundred are read
        ({"msg_cd": "EGW00201", "msg1": "token"}, 401, False),
        ({"msg_cd": "APBK0918", "msg1": "token"}, 401, False),
    ],
)
def test_a_failure_may_lie_in_the_token(body: dict[str, str], status: int, expected: bool) -> None:
    assert is_token_trouble(body, status) is expected


def test_what_an_answer_says_is_its_first_code_and_its_words() -> None:
    assert code_of({"msg_cd": " ", "error_code": "E1"}) == "E1"
    assert code_of({"msg_cd": "M1", "error_code": "E1"}) == "M1"
    assert said({"msg1": "", "error_description": "why"}, 500) == "why"
    assert said({"msg1": "words", "error_description": "why"}, 500) == "words"
    assert said({}, 500) == "no reason given (HTTP 500)"
    assert [is_done({"rt_cd": each}) for each in ("0", " 0 ", "1", 0, None)] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_page_without_rows_says_that_there_are_none() -> None:
    assert rows_of(EMPTY, "output1") == []
    assert rows_of({**EMPTY, "output1": [{"a": "1"}]}, "output1") == [{"a": "1"}]
    for page in ({"msg_cd": "KIOK0510"}, {"output1": "x", **EMPTY}):
        with pytest.raises(Unreachable, match="output1"):
            rows_of(page, "output1")


def test_open_days_are_asked_once_a_day_and_said_by_y_and_n(tmp_path: Any) -> None:
    asked = []
    said_of = {"20260304": "Y", "20260305": "N", "20260306": "?"}

    def ask() -> Any:
        asked.append(1)
        return {"output": [{"bass_dt": day, "opnd_yn": said} for day, said in said_of.items()]}

    found = [opens(tmp_path, day, DAY, ask) for day in (DAY, NEXT, AFTER, date(2026, 3, 9))]
    assert found == [True, False, None, None]
    assert len(asked) == 1
    assert opens(tmp_path, NEXT, NEXT, ask) is False
    assert len(asked) == 2
    for broken in ('{"asked": "2026-03-05", "days": 3}', '["days"]', "{"):
        (tmp_path / NAME).write_text(broken, "utf-8")
        assert opens(tmp_path, DAY, NEXT, ask) is True
    assert len(asked) == 5
