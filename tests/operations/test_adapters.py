"""What each adapter asks for and hands over, word by word, and what it makes of the answers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from kis_desk import DAY, buy
from scripted_wires import broker_of, reply
from venues import KIS, KIWOOM, TOSS

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kis.broker import recent_from
from jeoul.operations.broker.kiwoom.broker import KiwoomBroker
from jeoul.operations.broker.port import (
    BrokerOrder,
    Hours,
    IndicativeValue,
    OrderState,
    Watermark,
)
from jeoul.operations.broker.rest.http import NoAnswer
from jeoul.operations.broker.toss.broker import name_of
from jeoul.operations.errors import NotSent, Unanswered, Unreachable

NEW = Watermark(0, frozenset(), None)
SELL = replace(buy(), side=Side.SELL, limit=None)


def listed(order_id: str, ticker: str = "069500") -> BrokerOrder:
    return BrokerOrder(order_id, None, DAY, Side.BUY, ticker, 3, 37_000, OrderState.OPEN)


def known(number: str) -> Watermark:
    return Watermark(0, frozenset({f"2026-03-04/{number}"}), None)


# -- Korea Investment ------------------------------------------------------------------------------


def accepted(**output: object) -> Any:
    return reply({"rt_cd": "0", "output": {"ODNO": "0000000051", **output}})


def test_an_order_of_korea_investment_word_by_word(tmp_path: Path) -> None:
    broker, client, _ = broker_of(KIS, tmp_path, accepted(KRX_FWDG_ORD_ORGNO="06010"))
    assert broker.submit(buy()) == "06010-51"
    assert broker.submit(SELL) == "06010-51"
    bought, sold = (sent.content["json"] for sent in client.sent)
    owner = {"CANO": "50112233", "ACNT_PRDT_CD": "01", "EXCG_ID_DVSN_CD": "KRX", "CNDT_PRIC": ""}
    assert bought == {
        **owner, "PDNO": "069500", "ORD_DVSN": "00", "ORD_QTY": "3", "ORD_UNPR": "37000",
        "SLL_TYPE": "",
    }  # fmt: skip
    assert sold == {
        **owner, "PDNO": "069500", "ORD_DVSN": "01", "ORD_QTY": "3", "ORD_UNPR": "0",
        "SLL_TYPE": "01",
    }  # fmt: skip
    assert [sent.headers["tr_id"] for sent in client.sent] == ["TTTC0012U", "TTTC0011U"]


@pytest.mark.parametrize("number", ["", "0000", "a b", ["1"]])
def test_an_order_that_is_accepted_without_a_number_is_unknown(
    tmp_path: Path, number: object
) -> None:
    for adapter, answer in (
        (KIS, accepted(ODNO=number)),
        (KIWOOM, reply({"return_code": "0", "ord_no": number})),
        (TOSS, reply({"result": {"orderId": number if number != "0000" else "가 나"}})),
    ):
        broker, *_ = broker_of(adapter, tmp_path, answer)
        broker._sequence = "7"
        with pytest.raises(Unanswered):
            broker.submit(buy())


def test_a_cancellation_names_branch_and_number(tmp_path: Path) -> None:
    broker, client, _ = broker_of(KIS, tmp_path, accepted())
    broker.cancel(listed("06010-51"))
    broker.cancel(listed("51"))
    first, second = (sent.content["json"] for sent in client.sent)
    assert (first["KRX_FWDG_ORD_ORGNO"], first["ORGN_ODNO"]) == ("06010", "0000000051")
    assert (second["KRX_FWDG_ORD_ORGNO"], second["ORGN_ODNO"]) == ("", "0000000051")
    assert (first["RVSE_CNCL_DVSN_CD"], first["QTY_ALL_ORD_YN"]) == ("02", "Y")


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 3, 31), date(2025, 12, 1)),
        (date(2026, 4, 1), date(2026, 1, 1)),
        (date(2026, 1, 31), date(2025, 10, 1)),
        (date(2025, 12, 1), date(2025, 9, 1)),
    ],
)
def test_the_recent_list_of_orders_begins_three_months_ago(today: date, first: date) -> None:
    assert recent_from(today) == first


@pytest.mark.parametrize(
    ("session", "which"),
    [(date(2025, 12, 1), "TTTC0081R"), (date(2025, 11, 28), "CTSC9215R"), (DAY, "TTTC0081R")],
)
def test_older_orders_are_in_a_list_of_their_own(tmp_path: Path, session: date, which: str) -> None:
    nothing = reply({"rt_cd": "0", "output1": []})
    broker, client, _ = broker_of(KIS, tmp_path, nothing)
    assert broker.orders(session) == []
    sent = client.sent[0]
    assert sent.headers["tr_id"] == which
    day = session.strftime("%Y%m%d")
    assert (sent.content["params"]["INQR_STRT_DT"], sent.content["params"]["INQR_END_DT"]) == (
        day, day,
    )  # fmt: skip
    assert sent.content["params"]["EXCG_ID_DVSN_CD"] == "ALL"


def test_rights_of_sixty_days_are_asked_for_on_the_real_host(tmp_path: Path) -> None:
    broker, client, _ = broker_of(KIS, tmp_path, reply({"rt_cd": "0", "output": []}))
    assert broker.movements() == ()
    params = client.sent[0].content["params"]
    assert (params["INQR_STRT_DT"], params["INQR_END_DT"]) == ("20260103", "20260304")
    broker, client, _ = broker_of(KIS, tmp_path, reply({}), mode="simulation")
    assert broker.movements() == ()
    assert client.sent == []


def test_the_balance_is_read_with_what_can_be_ordered(tmp_path: Path) -> None:
    money = {"dnca_tot_amt": "900", "nxdy_excc_amt": "500", "prvs_rcdl_excc_amt": "700"}
    balance = reply({"rt_cd": "0", "output1": [], "output2": [money]})
    orderable = reply({"rt_cd": "0", "output": {"nrcvb_buy_amt": "400"}})
    broker, *_ = broker_of(KIS, tmp_path, balance, orderable)
    account = broker.account()
    assert (account.cash, account.orderable) == (400, 400)
    assert account.unsettled == {date(2026, 3, 5): 100, date(2026, 3, 6): 200}
    broker, *_ = broker_of(KIS, tmp_path, balance, reply({"rt_cd": "0", "output": []}))
    with pytest.raises(Unreachable, match="nrcvb_buy_amt"):
        broker.account()


def open_row(**fields: str) -> dict[str, str]:
    usual = {"ord_gno_brno": "06010", "odno": "0000000051", "pdno": "069500", "ord_qty": "3"}
    return {**usual, **fields}


@pytest.mark.parametrize(
    ("row", "before", "there"),
    [
        (open_row(), NEW, True),
        (open_row(pdno="114260"), NEW, False),
        (open_row(ord_qty="2"), NEW, False),
        (open_row(), known("06010-51"), False),
        (open_row(), known("51"), True),
    ],
)
def test_an_order_that_can_be_cancelled_is_there(
    tmp_path: Path, row: dict[str, str], before: Watermark, there: bool
) -> None:
    other = open_row(pdno="360750")
    pages = reply({"rt_cd": "0", "output": [other, row]})
    broker, client, _ = broker_of(KIS, tmp_path, pages)
    assert broker.listed_as_open(buy(), before) is there
    assert broker.listed_as_open(SELL, before) is there
    assert [s.content["params"]["INQR_DVSN_2"] for s in client.sent] == ["2", "1"]
    broker, client, _ = broker_of(KIS, tmp_path, pages, mode="simulation")
    assert broker.listed_as_open(buy(), NEW) is None
    assert client.sent == []


def days(**said: str) -> Any:
    rows = [{"bass_dt": day.removeprefix("d"), "opnd_yn": yes} for day, yes in said.items()]
    return reply({"rt_cd": "0", "output": rows})


def test_a_day_that_the_broker_calls_closed_takes_no_orders(tmp_path: Path) -> None:
    for number, (answer, closed) in enumerate(
        ((days(d20260304="N"), True), (days(d20260304="Y"), False), (days(), False))
    ):
        place = tmp_path / str(number)
        place.mkdir()
        broker, client, clock = broker_of(KIS, place, answer)
        if closed:
            with pytest.raises(Unreachable, match="closed on 2026-03-04"):
                broker.hours(DAY)
        else:
            assert broker.hours(DAY) is Hours.OPEN
        assert len(client.sent) == 1
        assert client.sent[0].content["params"]["BASS_DT"] == "20260304"
        clock.time += 86_400.0
        assert broker.hours(DAY) is Hours.OVER
        assert len(client.sent) == 1
    broker, client, _ = broker_of(KIS, tmp_path, days(d20260304="N"), mode="simulation")
    assert broker.hours(DAY) is Hours.OPEN
    assert client.sent == []


def test_a_fund_without_an_answer_ends_the_questions_about_values(tmp_path: Path) -> None:
    """A refusal is about one fund; without an answer each fund would take half a minute."""
    refusal, silent = reply({"rt_cd": "1", "msg_cd": "X"}), NoAnswer("gone", sent=True)
    price = {"stck_prpr": "100", "acml_vol": "7", "nav": "101.5", "prdy_last_nav": "99.5"}
    good = reply({"rt_cd": "0", "output": price})
    broker, client, _ = broker_of(KIS, tmp_path, refusal, good, silent)
    assert broker.indicative("069500") == IndicativeValue(fault="refused")
    assert broker.indicative("069500") == IndicativeValue(price=100, value=101.5, before=99.5)
    assert broker.indicative("114260") == IndicativeValue(fault="unanswered")
    assert len(client.sent) == 2 + 6
    assert broker.indicative("069500") == IndicativeValue(fault="unanswered")
    assert len(client.sent) == 2 + 6
    broker, client, _ = broker_of(KIS, tmp_path, good, mode="simulation")
    assert broker.indicative("069500") is None
    assert client.sent == []


def test_questions_of_a_mode_are_those_that_its_host_answers(tmp_path: Path) -> None:
    real, *_ = broker_of(KIS, tmp_path, reply({}))
    simulated, *_ = broker_of(KIS, tmp_path, reply({}), mode="simulation")
    asked = [[question.name for question in each.questions(DAY)] for each in (real, simulated)]
    assert asked == [
        ["balance", "orderable", "orders", "cancellable", "rights", "holidays", "etf price"],
        ["balance", "orderable", "orders"],
    ]


# -- Kiwoom ----------------------------------------------------------------------------------------


def test_an_order_of_kiwoom_word_by_word(tmp_path: Path) -> None:
    broker, client, _ = broker_of(KIWOOM, tmp_path, reply({"return_code": "0", "ord_no": "007"}))
    assert (broker.submit(buy()), broker.submit(SELL)) == ("7", "7")
    broker.cancel(listed("7", "114260"))
    bought, sold, cancelled = (sent.content["json"] for sent in client.sent)
    same = {"dmst_stex_tp": "KRX", "stk_cd": "069500", "ord_qty": "3", "cond_uv": ""}
    assert bought == {**same, "ord_uv": "37000", "trde_tp": "0"}
    assert sold == {**same, "ord_uv": "", "trde_tp": "3"}
    assert cancelled == {
        "dmst_stex_tp": "KRX", "orig_ord_no": "0000007", "stk_cd": "114260", "cncl_qty": "0",
    }  # fmt: skip
    ids = [sent.headers["api-id"] for sent in client.sent]
    assert ids == ["kt10000", "kt10001", "kt10003"]


def kiwoom_row(**fields: str) -> dict[str, str]:
    usual = {"ord_no": "0000051", "stk_cd": "069500", "io_tp_nm": "+매수", "ord_qty": "3"}
    return {**usual, **fields}


@pytest.mark.parametrize(
    ("row", "before", "there"),
    [
        (kiwoom_row(), NEW, True),
        (kiwoom_row(stk_cd="114260"), NEW, False),
        (kiwoom_row(io_tp_nm="-매도"), NEW, False),
        (kiwoom_row(ord_qty="2"), NEW, False),
        (kiwoom_row(), known("51"), False),
    ],
)
def test_an_order_in_kiwooms_list_of_open_ones_is_there(
    tmp_path: Path, row: dict[str, str], before: Watermark, there: bool
) -> None:
    page = reply({"return_code": "0", "oso": [kiwoom_row(stk_cd="360750"), row]})
    broker, *_ = broker_of(KIWOOM, tmp_path, page)
    assert broker.listed_as_open(buy(), before) is there


def test_kiwooms_account_is_checked_once_and_read_from_first_pages(tmp_path: Path) -> None:
    done = {"return_code": "0"}
    mine = reply({**done, "acctNo": "5011223311"})
    balance = reply({**done, "acnt_evlt_remn_indv_tot": []})
    names = ("entr", "d1_entra", "d2_entra", "100stk_ord_alow_amt")
    money = reply({**done, **dict(zip(names, ("9", "5", "7", "4"), strict=True))})
    adapter = replace(KIWOOM, secrets={**KIWOOM.secrets, "KIWOOM_ACCOUNT": "5011-2233"})
    broker, client, _ = broker_of(adapter, tmp_path, mine, balance, money, balance, money)
    assert isinstance(broker, KiwoomBroker)
    account = broker.account()
    assert account == broker.account()
    assert (account.cash, account.unsettled) == (4, {date(2026, 3, 5): 1, date(2026, 3, 6): 2})
    assert [sent.headers["api-id"] for sent in client.sent] == [
        "ka00001", "kt00018", "kt00001", "kt00018", "kt00001",
    ]  # fmt: skip
    for theirs in ("", "5011223411"):
        other = reply({**done, "acctNo": theirs})
        broker, client, _ = broker_of(adapter, tmp_path, other)
        with pytest.raises(Unreachable, match="another account"):
            broker.account()
        assert len(client.sent) == 1


def test_what_kiwoom_says_of_one_thing_stands_on_the_first_page(tmp_path: Path) -> None:
    follows = {"cont-yn": "Y", "next-key": "a"}
    pages = (reply({"return_code": "0", "n": "1"}, headers=follows), reply({"return_code": "0"}))
    for ask in ("identity", "deposit"):
        broker, *_ = broker_of(KIWOOM, tmp_path, *pages)
        assert getattr(broker, ask)()["n"] == "1"


# -- Toss ------------------------------------------------------------------------------------------


def test_an_order_of_toss_word_by_word(tmp_path: Path) -> None:
    accounts = reply({"result": [{"accountNo": "170-12345678", "accountSeq": "7"}]})
    done = reply({"result": {"orderId": "n-_1"}})
    broker, client, _ = broker_of(TOSS, tmp_path, accounts, done)
    assert (broker.submit(buy()), broker.submit(SELL)) == ("n-_1", "n-_1")
    broker.cancel(listed("n-_1"))
    name = "jeoul-" + hashlib.sha256(b"a.b.01").hexdigest()[:30]
    same = {"clientOrderId": name, "symbol": "069500", "timeInForce": "DAY", "quantity": "3"}
    assert [sent.content.get("json") for sent in client.sent] == [
        None,
        {**same, "side": "BUY", "orderType": "LIMIT", "price": "37000"},
        {**same, "side": "SELL", "orderType": "MARKET"},
        {},
    ]
    assert client.sent[3].path == "/api/v1/orders/n-_1/cancel"
    assert [sent.headers.get("x-tossinvest-account") for sent in client.sent] == [None, *"777"]
    broker, client, _ = broker_of(TOSS, tmp_path, accounts, done, confirm_large=True)
    broker.submit(buy())
    assert client.sent[1].content["json"]["confirmHighValueOrder"] is True


@pytest.mark.parametrize(("echoed", "taken"), [(None, True), ("same", True), ("other", False)])
def test_an_order_accepted_under_another_name_is_unknown(
    tmp_path: Path, echoed: str | None, taken: bool
) -> None:
    name = name_of("a.b.01") if echoed == "same" else echoed
    broker, *_ = broker_of(
        TOSS, tmp_path, reply({"result": {"orderId": "1", "clientOrderId": name}})
    )
    broker._sequence = "7"
    if taken:
        assert broker.submit(buy()) == "1"
    else:
        with pytest.raises(Unanswered, match="another name"):
            broker.submit(buy())


def test_an_order_of_toss_is_not_sent_where_its_account_is_not_found(tmp_path: Path) -> None:
    broker, client, _ = broker_of(TOSS, tmp_path, reply({"result": []}))
    with pytest.raises(NotSent, match="of the 0 accounts"):
        broker.submit(buy())
    assert len(client.sent) == 1


def test_what_cannot_be_sold_at_toss_is_locked(tmp_path: Path) -> None:
    items = [{"symbol": code, "quantity": "5", "currency": "KRW"} for code in ("1", "2", "3")]
    answers = [
        {"items": items},
        *({"sellableQuantity": n} for n in "359"),
        {"cashBuyingPower": "8"},
    ]
    broker, client, _ = broker_of(TOSS, tmp_path, *(reply({"result": each}) for each in answers))
    broker._sequence = "7"
    account = broker.account()
    assert (account.shares, account.locked) == ({"1": 5, "2": 5, "3": 5}, {"1": 2})
    assert (account.cash, account.unsettled, account.orderable) == (8, {}, 8)
    assert client.sent[-1].content["params"] == {"currency": "KRW"}


def test_both_lists_of_toss_are_asked_and_a_name_lasts_half_of_what_is_published(
    tmp_path: Path,
) -> None:
    page = reply({"result": {"orders": [], "hasNext": False}})
    broker, client, _ = broker_of(TOSS, tmp_path, page)
    broker._sequence = "7"
    assert broker.orders(DAY) == []
    day = {"from": "2026-03-04", "to": "2026-03-04"}
    assert [sent.content["params"] for sent in client.sent] == [
        {"status": "OPEN", **day},
        {"status": "CLOSED", **day, "limit": "100"},
    ]
    assert broker.name_lasts == 300.0
    broker.close()
    assert client.sent[-1].method == "CLOSE"
