"""Whatever the broker answers is an outcome: typed, with a reason, in bounded time, once."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kis_desk import DAY, buy
from kis_server import Planted
from kis_venue import ACCOUNT, distribution_row, holding_row, order_row

from jeoul.operations.broker.kis.account import read_account
from jeoul.operations.broker.kis.codes import REFUSED
from jeoul.operations.broker.kis.orders import read_order, read_orders
from jeoul.operations.broker.kis.rights import read_rights
from jeoul.operations.broker.port import OrderState, checked
from jeoul.operations.broker.rest.http import read_body as read_bytes
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

DAYS = (date(2026, 3, 5), date(2026, 3, 6))
DEEP = b"[" * 2000 + b"]" * 2000
BODIES = {
    "a million digits": b'{"rt_cd":"0","output1":[],"output2":[{"dnca_tot_amt":%s}]}'
    % (b"9" * 10**6),
    "a power": b'{"rt_cd":"0","output1":[],"output2":[{"dnca_tot_amt":"1E9999999"}]}',
    "25 digits": b'{"rt_cd":"0","output1":[],"output2":[{"dnca_tot_amt":"%s"}]}' % (b"9" * 25),
    "deep": DEEP,
    "deep inside": b'{"rt_cd":"0","output1":[],"output2":%s}' % DEEP,
    "a list for a text": b'{"rt_cd":["0"],"msg_cd":["x"],"msg1":[["y"]]}',
    "no keys": b"{}",
    "null": b"null",
    "not a number": b'{"rt_cd":"0","output1":[],"output2":[{"dnca_tot_amt":NaN}]}',
    "negative shares": b'{"rt_cd":"0","output1":[{"pdno":"069500","hldg_qty":"-3"}],"output2":[]}',
    "another text": b'{"rt_cd":"0","output1":[{"odno":"1","ord_qty":"many"}],"output2":[]}',
    "half a sign": b'{"rt_cd":"1","msg_cd":"\\ud800","msg1":"\\ud800 \\u001b[31m"}',
    "not UTF-8": b'{"rt_cd":"1","msg1":"\xff\xfe"}',
    "too large": b'{"rt_cd":"0","x":"' + b"x" * 5_000_000 + b'"}',
    "an unknown code": b'{"rt_cd":"1","msg_cd":"ZZZZ0000","msg1":""}',
}  # fmt: skip


MONEY = [name for name, body in BODIES.items() if b"dnca_tot_amt" in body]


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        *(("account", name) for name in BODIES),
        *(("orders", name) for name in BODIES if name not in MONEY),
    ],
)
def test_an_odd_answer_to_a_question_is_an_error_with_a_reason(
    broker: Any, venue: Any, ask: Any, name: Any
) -> None:
    venue[1].faults = [Planted("ask", BODIES[name])] * 9
    with pytest.raises(Unreachable) as error:
        broker.account() if ask == "account" else broker.orders(DAY)
    said = str(error.value)
    assert 20 < len(said) < 1_000
    said.encode()  # goes to a terminal and into the ledger
    assert said.isprintable()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("arrives", [True, False])
def test_an_odd_answer_to_an_order_leaves_it_unknown(
    broker: Any, venue: Any, name: Any, arrives: Any
) -> None:
    venue[1].faults = [Planted("order", BODIES[name], arrives=arrives)]
    with pytest.raises(Unanswered) as error:
        broker.submit(buy())
    assert str(error.value)
    assert len(venue[1].orders) == arrives


@pytest.mark.parametrize(
    "number", ["", "0000000000", ["1"], None, "1 2", "x" * 99, "1\u200b", {"a": 1}]
)
def test_an_order_accepted_without_a_number_is_unknown(
    broker: Any, venue: Any, number: Any
) -> None:
    body = {"rt_cd": "0", "msg_cd": "40600000", "output": {"ODNO": number}}
    venue[1].faults = [Planted.of("order", body)]
    with pytest.raises(Unanswered):
        broker.submit(buy())


@pytest.mark.parametrize("name", BODIES)
def test_an_odd_answer_instead_of_a_token_sends_nothing(broker: Any, venue: Any, name: Any) -> None:
    venue[1].faults = [Planted("token", BODIES[name])] * 3
    with pytest.raises(NotSent):
        broker.submit(buy())
    assert venue[1].orders == []


def test_refused_is_what_is_named_and_nothing_else(broker: Any, venue: Any) -> None:
    for code in sorted(REFUSED):
        body = {"rt_cd": "7", "msg_cd": code, "msg1": "장운영시간이 아닙니다"}
        venue[1].faults = [Planted.of("order", body, arrives=False)]
        with pytest.raises(Refused, match=code):
            broker.submit(buy())
    for code in ("APBK9999", "40600001", "OPSQ0008", "OPSQ0010", "OPSQ2000", "SYDB0050"):
        venue[1].faults = [Planted.of("order", {"rt_cd": "1", "msg_cd": code}, arrives=False)]
        with pytest.raises(Unanswered, match=code):
            broker.submit(buy())


@pytest.mark.parametrize("rt_cd", ["0", 0, " 0 "])
def test_done_is_done_as_text_or_number(broker: Any, venue: Any, rt_cd: Any) -> None:
    body = {"rt_cd": rt_cd, "output": {"ODNO": "51378", "KRX_FWDG_ORD_ORGNO": "00950"}}
    venue[1].faults = [Planted.of("order", body)]
    assert broker.submit(buy()) == "00950-51378"


# -- rows as recorded ------------------------------------------------------------------------------


def read_body(content: bytes) -> Any:
    return read_bytes(content)


def balance(*holdings: dict[str, str], **deposits: str) -> dict[str, Any]:
    names = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")
    return {
        "rt_cd": "0",
        "output1": list(holdings),
        "output2": [dict.fromkeys(names, "0") | deposits],
    }


def row(mode: str = "real", **fields: object) -> dict[str, object]:
    body = {"PDNO": "069500", "ORD_QTY": "10", "ORD_UNPR": "37000"}
    return {**order_row(mode, day="20260304", number=7, body=body, side="02"), **fields}


@pytest.mark.parametrize("mode", ["real", "simulation"])
@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, OrderState.OPEN),
        ({"tot_ccld_qty": "10", "tot_ccld_amt": "370000", "rmn_qty": "0"}, OrderState.FILLED),
        ({"tot_ccld_qty": "3", "tot_ccld_amt": "111000", "rmn_qty": "7"}, OrderState.OPEN),
        ({"tot_ccld_qty": "3", "tot_ccld_amt": "111000", "rmn_qty": "0"}, OrderState.CLOSED),
        ({"rjct_qty": "10", "rmn_qty": "0"}, OrderState.REJECTED),
        ({"rmn_qty": "", "cncl_cfrm_qty": "10"}, OrderState.CLOSED),
        ({"rmn_qty": "", "cncl_cfrm_qty": "", "cnc_cfrm_qty": "10"}, OrderState.CLOSED),
        ({"rmn_qty": "", "cncl_cfrm_qty": ""}, OrderState.OPEN),  # nobody can tell
        ({"rmn_qty": "", "cncl_cfrm_qty": "4"}, OrderState.OPEN),
        ({"cncl_yn": "Y"}, OrderState.CLOSED),
    ],
)  # fmt: skip
def test_where_an_order_stands_is_read_from_what_remains(
    mode: Any, fields: Any, state: Any
) -> None:
    assert read_order(row(mode, **fields), DAY, over=False).state is state


def test_an_empty_list_that_counts_orders_is_a_contradiction() -> None:
    """The old interface answers so in simulation (five reports, 2026-05 to 2026-10)."""
    page = {"rt_cd": "0", "msg_cd": "70070000", "output1": [], "output2": {"tot_ord_qty": "2"}}
    with pytest.raises(Unreachable, match="lists no orders and counts some"):
        read_orders([page], DAY, over=False)
    page["output2"] = {"tot_ord_qty": "0", "tot_ccld_qty": "0"}
    assert read_orders([page], DAY, over=False) == []
    assert read_orders([{"rt_cd": "7", "msg_cd": "KIOK0560"}], DAY, over=False) == []


SPELT = st.sampled_from([str, lambda n: f"{n:012d}", lambda n: f"  {n}  ", lambda n: f"{n}.0000"])


@given(held=st.integers(0, 10**9), free=st.integers(0, 10**9), spelt=SPELT, numbers=st.booleans())
def test_numbers_are_read_however_they_are_spelt(
    held: Any, free: Any, spelt: Any, numbers: Any
) -> None:
    found = holding_row("069500", held, free) | {
        "hldg_qty": spelt(held),
        "ord_psbl_qty": spelt(free),
    }
    if numbers:
        found |= {"hldg_qty": held, "ord_psbl_qty": free}
    body = read_body(json.dumps(balance(found, prvs_rcdl_excc_amt=spelt(held))).encode())
    account = read_account([body], 0, DAYS)
    assert account.shares == ({"069500": held} if held else {})
    assert account.locked.get("069500", 0) == max(held - free, 0) * bool(held)
    assert account.money == held


def refused_or(read: Any) -> Any:
    """What is read, None where it is refused; nothing else may happen."""
    try:
        return read()
    except Unreachable:
        return None


ODD = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "-1", "1E9", "9" * 25, "0x10", "1,000", "٣", "nan", "1.5", "3"]),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
    st.booleans(),
    st.text(max_size=30),
)


@given(data=st.data(), mode=st.sampled_from(["real", "simulation"]))
def test_a_row_with_an_odd_field_is_read_or_refused_by_name(data: Any, mode: Any) -> None:
    name = data.draw(st.sampled_from(sorted(row(mode))))
    fields = row(mode, **{name: data.draw(ODD)})
    if data.draw(st.booleans()):
        del fields[name]
    body = read_body(json.dumps({"rt_cd": "0", "output1": [fields], "output2": {}}).encode())
    found = refused_or(lambda: checked(read_orders([body], DAY, over=False)))
    assert all(0 <= order.filled <= order.shares < 10**15 for order in found or ())


@given(data=st.data())
def test_a_balance_or_right_with_an_odd_field_is_read_or_refused(data: Any) -> None:
    held, right = holding_row("069500", 3, 3), distribution_row("069500", 100, 15, "20260304")
    money = balance()["output2"][0] | {"cma_evlu_amt": "0"}
    for found in (held, right, money):
        found[data.draw(st.sampled_from(sorted(found)))] = data.draw(ODD)
    body = {"rt_cd": "0", "output1": [held], "output2": [money], "output": [right]}
    page = read_body(json.dumps(body).encode())
    account = refused_or(lambda: read_account([page], 0, DAYS))
    assert account is None or all(count < 10**15 for count in account.shares.values())
    refused_or(lambda: read_rights([page], DAY))


@given(content=st.binary(max_size=60) | st.recursive(ODD, st.lists, max_leaves=9).map(
    lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_are_a_body_or_none(content: Any) -> None:
    assert read_body(content) is None or isinstance(read_body(content), dict)


def test_the_forms_that_were_recorded_are_read() -> None:
    routed = row(ord_qty="3", tot_ccld_qty="3", tot_ccld_amt="111360", rmn_qty="0")
    order = read_order(routed | {"excg_id_dvsn_cd": "SOR", "cncl_yn": ""}, DAY, over=False)
    assert (order.order_id, order.filled, order.state) == ("06010-7", 3, OrderState.FILLED)
    bought = balance(dnca_tot_amt="12000000", nxdy_excc_amt="3500000", prvs_rcdl_excc_amt="800000")
    assert read_account([bought], 3_500_000, DAYS).cash == 800_000
    assert read_account([balance(cma_evlu_amt="10000000")], 10**7, DAYS).cash == 10_000_000
    pledged = read_account([balance(holding_row("069500", 3, 0))], 0, DAYS)
    assert (pledged.shares, pledged.locked) == ({"069500": 3}, {"069500": 3})


@pytest.mark.parametrize(
    ("rt_cd", "code", "meant"),
    [
        ("1", "OPSQ0008", Unanswered),
        ("1", "OPSQ0010", Unanswered),
        ("0", "IGW00009", Unanswered),
        ("1", "EGW00215", NotSent),
        ("1", "EGW00201", NotSent),
        ("1", "APBK0918", Refused),
    ],
)
def test_what_a_recorded_code_means_for_an_order(
    broker: Any, venue: Any, rt_cd: Any, code: Any, meant: Any
) -> None:
    answer = {"rt_cd": rt_cd, "msg_cd": code, "msg1": "as recorded", "output": {"ODNO": "1"}}
    venue[1].faults = [Planted.of("order", answer, arrives=False)]
    with pytest.raises(meant):
        broker.submit(buy())


def test_the_account_number_is_not_repeated_from_an_answer(broker: Any, venue: Any) -> None:
    words = f"account {ACCOUNT} PLANTED/secret+0123456789abcdef=="
    venue[1].faults = [Planted.of("ask", {"rt_cd": "1", "msg_cd": "Z", "msg1": words})]
    with pytest.raises(Unreachable) as error:
        broker.account()
    assert ACCOUNT not in str(error.value)
    assert "0123456789abcdef" not in str(error.value)
