"""What each line sends, how far apart, and what each answer means: without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_wires import reply, wire_of

from jeoul.operations.broker.kis.token import granted as kis_granted
from jeoul.operations.broker.kis.wire import KisWire
from jeoul.operations.broker.kiwoom.wire import KiwoomWire
from jeoul.operations.broker.rest.http import NoAnswer, Reply
from jeoul.operations.broker.toss.wire import TossWire
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

TRADING, QUOTES = "/uapi/domestic-stock/v1/trading/x", "/uapi/domestic-stock/v1/quotations/x"
SENT = NoAnswer("ReadTimeout", sent=True)
NOT_SENT = NoAnswer("ConnectError", sent=False)


def kis_page(follows: str = "", fk: str = "", nk: str = "", **body: str) -> Any:
    keys = {"ctx_area_fk100": f"{fk}  ", "ctx_area_nk100": f"{nk}  "}
    return reply({"rt_cd": "0", "n": nk, **keys, **body}, headers={"tr_cont": f"{follows} "})


def follow(said: str, key: str) -> dict[str, str]:
    """The headers of a page of Kiwoom's."""
    return {"cont-yn": said, "next-key": key}


def endless(page: Any) -> list[Reply]:
    """Pages that never end, each with a place of its own."""
    return [page(f"k{number}") for number in range(60)]


# -- Korea Investment ------------------------------------------------------------------------------


@pytest.mark.parametrize("follows", ["M", "F"])
def test_pages_of_korea_investment_follow_both_keys(tmp_path: Path, follows: str) -> None:
    answers = (kis_page(follows, "f1", "n1"), kis_page(follows, "", "n2"), kis_page("D", "f", "n1"))
    wire, client = wire_of(KisWire, tmp_path, *answers)
    found = wire.pages(TRADING, "ID", {"A": "1"})
    assert [page["n"] for page in found] == ["n1", "n2", "n1"]
    assert [sent.content["params"] for sent in client.sent] == [
        {"A": "1", "CTX_AREA_FK100": "", "CTX_AREA_NK100": ""},
        {"A": "1", "CTX_AREA_FK100": "f1", "CTX_AREA_NK100": "n1"},
        {"A": "1", "CTX_AREA_FK100": "", "CTX_AREA_NK100": "n2"},
    ]
    assert [sent.headers["tr_cont"] for sent in client.sent] == ["", "N", "N"]
    assert {sent.headers["tr_id"] for sent in client.sent} == {"ID"}
    assert {sent.headers["authorization"] for sent in client.sent} == {"Bearer token-0"}


@pytest.mark.parametrize(
    "answers",
    [
        (kis_page("M", "f", ""), kis_page()),
        (kis_page("M", "f", "n"), kis_page("M", "f", "n"), kis_page()),
        (reply({"rt_cd": "0", "ctx_area_nk100": 5}, headers={"tr_cont": "M"}), kis_page()),
    ],
)
def test_a_list_of_korea_investment_says_where_it_goes_on(
    tmp_path: Path, answers: tuple[Reply, ...]
) -> None:
    wire, client = wire_of(KisWire, tmp_path, *answers)
    with pytest.raises(Unreachable, match="does not say where"):
        wire.pages(TRADING, "ID", {})
    assert len(client.sent) == len(answers) - 1


def test_fifty_pages_are_read_and_not_one_more(tmp_path: Path) -> None:
    kis = endless(lambda key: kis_page("M", "f", key))
    kiwoom = endless(lambda key: reply({"return_code": "0"}, headers=follow("Y", key)))
    toss = endless(lambda key: reply({"result": {"hasNext": True, "nextCursor": key}}))
    for wire, client, ask in (
        (*wire_of(KisWire, tmp_path, *kis), (TRADING, "ID", {})),
        (*wire_of(KiwoomWire, tmp_path, *kiwoom), ("kt00007", {})),
        (*wire_of(TossWire, tmp_path, *toss), ("/api/v1/orders", {}, "7")),
    ):
        with pytest.raises(Unreachable, match="after 50 pages"):
            wire.pages(*ask)
        assert len(client.sent) == 50
    ends = [*kis[:49], kis_page()]
    wire, client = wire_of(KisWire, tmp_path, *ends)
    assert len(wire.pages(TRADING, "ID", {})) == 50


def test_a_list_that_changes_is_begun_again_three_times(tmp_path: Path) -> None:
    changed, whole = reply({"rt_cd": "1", "msg_cd": "SYDB0050"}), kis_page()
    wire, client = wire_of(KisWire, tmp_path, kis_page("M", "f", "n"), changed, changed, whole)
    assert len(wire.pages(TRADING, "ID", {})) == 1
    assert wire.clock.waited == [1.1, 1.1]
    assert client.sent[-1].content["params"]["CTX_AREA_NK100"] == ""
    wire, client = wire_of(KisWire, tmp_path, changed)
    with pytest.raises(Unreachable, match="changes faster"):
        wire.pages(TRADING, "ID", {})
    assert len(client.sent) == 3


@pytest.mark.parametrize(
    ("mode", "pace", "path", "gap"),
    [
        ("real", 0.0, TRADING, 1.05),
        ("real", 0.0, QUOTES, 0.34),
        ("simulation", 0.0, QUOTES, 1.05),
        ("real", 0.5, QUOTES, 0.5),
        ("real", 0.5, TRADING, 1.05),
        ("real", 2.0, TRADING, 2.0),
    ],
)
def test_questions_to_korea_investment_keep_its_pace_or_a_longer_one(
    tmp_path: Path, mode: str, pace: float, path: str, gap: float
) -> None:
    wire, client = wire_of(KisWire, tmp_path, kis_page(), mode=mode, pace=pace)
    wire.ask(path, "ID", {})
    assert client.gaps == [gap]


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (reply({"rt_cd": "1", "msg_cd": "EGW00201"}), 6),
        (reply({"rt_cd": "1", "msg_cd": "EGW00316"}), 6),
        (reply({"rt_cd": "1", "msg_cd": "EGW00123"}), 2),
        (reply({"rt_cd": "1", "msg_cd": "X"}, 403), 2),
        (reply({"rt_cd": "1", "msg_cd": "X"}), 1),
        (reply({"rt_cd": "7", "msg_cd": "KIOK0560"}), 0),
        (reply({"rt_cd": "0", "msg_cd": "EGW00201"}), 0),
    ],
)
def test_how_often_korea_investment_is_asked_again(
    tmp_path: Path, answer: Reply, asked: int
) -> None:
    wire, client = wire_of(KisWire, tmp_path, answer)
    if asked:
        with pytest.raises(Unreachable):
            wire.ask(QUOTES, "ID", {})
        assert len(client.sent) == asked
    else:
        assert wire.ask(QUOTES, "ID", {}) == answer.body


@pytest.mark.parametrize(
    ("answer", "outcome", "forgotten"),
    [
        (reply({"rt_cd": "0", "msg_cd": "X", "output": {"ODNO": "1"}}), None, 0),
        (reply({"rt_cd": "0", "msg_cd": "IGW00009", "output": {}}), Unanswered, 0),
        (reply({"rt_cd": "0", "msg_cd": "X", "output": []}), Unanswered, 0),
        (reply({"rt_cd": "1", "msg_cd": "EGW00201"}), NotSent, 0),
        (reply({"rt_cd": "1", "msg_cd": "EGW00121"}), NotSent, 1),
        (reply({"rt_cd": "7", "msg_cd": "APBK0918"}), Refused, 0),
        (reply({"msg_cd": "APBK0918"}), Unanswered, 0),
        (reply({"rt_cd": "7", "msg_cd": "X"}), Unanswered, 0),
        (reply({}), Unanswered, 0),
        (SENT, Unanswered, 0),
        (NOT_SENT, NotSent, 0),
    ],
)
def test_what_becomes_of_an_order_at_korea_investment(
    tmp_path: Path, answer: Any, outcome: type[Exception] | None, forgotten: int
) -> None:
    wire, client = wire_of(KisWire, tmp_path, answer)
    if outcome is None:
        assert wire.order(TRADING, "ID", {"A": "1"}) == {"ODNO": "1"}
    else:
        with pytest.raises(outcome):
            wire.order(TRADING, "ID", {"A": "1"})
    assert (len(client.sent), client.gaps, wire.tokens.forgotten) == (1, [1.05], forgotten)
    assert client.sent[0].content == {"json": {"A": "1"}}
    assert "hashkey" not in client.sent[0].headers


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (reply({"HASH": "0a1b"}), "0a1b"),
        (reply({"HASH": 5}), None),
        (reply({"HASH": ""}), None),
        (reply({"HASH": "a b"}), None),
        (reply({"HASH": "가나"}), None),
        (reply(None), None),
        (NOT_SENT, None),
    ],
)
def test_an_order_with_a_hash_key_is_not_sent_without_it(
    tmp_path: Path, answer: Any, key: str | None
) -> None:
    done = reply({"rt_cd": "0", "output": {}})
    wire, client = wire_of(KisWire, tmp_path, answer, done, hashkey=True)
    if key is None:
        with pytest.raises(NotSent, match="no hash key"):
            wire.order(TRADING, "ID", {"A": "1"})
        assert len(client.sent) == 1
    else:
        wire.order(TRADING, "ID", {"A": "1"})
        assert client.sent[1].headers["hashkey"] == key
        assert client.gaps == [0.34, 1.05]
    assert client.sent[0].content == {"json": {"A": "1"}}


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ({"access_token_token_expired": "1970-01-01 09:00:07"}, 7.0),
        ({"expires_in": "3600"}, 3_700.0),
        ({"expires_in": "86400"}, 64_900.0),  # eighteen hours are sure
        ({"expires_in": "soon"}, 100.0),
        ({"access_token_token_expired": "1970-01-01 09:00:07", "expires_in": "9"}, 7.0),
    ],
)
def test_when_a_token_of_korea_investment_ends(body: dict[str, str], ends: float) -> None:
    found = kis_granted(reply({"access_token": "abc", **body}), 100.0)
    assert (found.token, found.ends) == ("abc", ends)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply({"error_code": "EGW00133"}, 403), "EGW00133.*one a minute"),
        (reply({"error_code": "EGW00133"}, 200), "one a minute"),
        (reply(None, 403), "HTTP 403.*one a minute"),
        (reply({"error_code": "EGW00103"}, 403), "EGW00103.*keys belong"),
        (reply({}, 402), "HTTP 402.*keys belong"),
        (reply({}, 404), "keys belong"),
        (reply({"access_token": 5}), "keys belong"),
        (reply({"access_token": ""}), "keys belong"),
    ],
)
def test_why_korea_investment_gives_no_token(answer: Reply, said: str) -> None:
    with pytest.raises(Unreachable, match=said):
        kis_granted(answer, 0.0)


# -- Kiwoom ----------------------------------------------------------------------------------------


def test_pages_of_kiwoom_follow_the_key_of_the_one_before(tmp_path: Path) -> None:
    done = {"return_code": "0"}
    answers = (
        reply({**done, "n": "1"}, headers=follow("Y ", " a")),
        reply({**done, "n": "2"}, headers=follow("Y", "b")),
        reply({**done, "n": "3"}, headers=follow("N", "a")),
    )
    wire, client = wire_of(KiwoomWire, tmp_path, *answers)
    assert [page["n"] for page in wire.pages("kt1", {"A": "1"})] == ["1", "2", "3"]
    followed = [(s.headers.get("cont-yn"), s.headers.get("next-key")) for s in client.sent]
    assert followed == [(None, None), ("Y", "a"), ("Y", "b")]
    assert client.gaps == [0.34] * 3
    assert {(s.method, s.path, s.headers["api-id"]) for s in client.sent} == {
        ("POST", "/api/dostk/acnt", "kt1")
    }
    for key in ("", "a"):
        again = (answers[0], reply(done, headers=follow("Y", key)), answers[2])
        wire, client = wire_of(KiwoomWire, tmp_path, *again)
        with pytest.raises(Unreachable, match="does not say where"):
            wire.pages("kt1", {})
        assert len(client.sent) == 2


@pytest.mark.parametrize(
    ("mode", "pace", "gap"),
    [("real", 0.0, 0.34), ("simulation", 0.0, 1.05), ("real", 3.0, 3.0), ("real", 0.1, 0.34)],
)
def test_kiwoom_is_asked_at_its_pace_or_a_slower_one(
    tmp_path: Path, mode: str, pace: float, gap: float
) -> None:
    wire, client = wire_of(KiwoomWire, tmp_path, reply({"return_code": "0"}), mode=mode, pace=pace)
    wire.pages("kt1", {})
    wire.order("kt2", {})
    assert client.gaps == [gap, gap]
    assert [sent.path for sent in client.sent] == ["/api/dostk/acnt", "/api/dostk/ordr"]


@pytest.mark.parametrize(
    ("answer", "outcome", "forgotten"),
    [
        (reply({"return_code": "0", "ord_no": "1"}), None, 0),
        (reply({"return_code": "3", "return_msg": "[8005:x]"}), NotSent, 1),
        (reply({"return_code": "5", "return_msg": "x[1700]"}), NotSent, 0),
        (reply({"return_code": "3", "return_msg": "[8050:x]"}), NotSent, 0),
        (reply({"return_code": "20", "return_msg": "[2000](RC4058:x)"}), Refused, 0),
        (reply({"return_msg": "[2000](RC4058:x)"}), Unanswered, 0),
        (reply({"return_code": "20", "return_msg": "[2000](RC9999:x)"}), Unanswered, 0),
        (reply({}), Unanswered, 0),
    ],
)
def test_what_becomes_of_an_order_at_kiwoom(
    tmp_path: Path, answer: Reply, outcome: type[Exception] | None, forgotten: int
) -> None:
    wire, client = wire_of(KiwoomWire, tmp_path, answer)
    if outcome is None:
        assert wire.order("kt10000", {"A": "1"}) == answer.body
    else:
        with pytest.raises(outcome):
            wire.order("kt10000", {"A": "1"})
    assert wire.tokens.forgotten == forgotten
    assert client.sent[0].content == {"json": {"A": "1"}}


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (reply({"return_code": "5", "return_msg": "x[1700]"}), 6),
        (reply({"return_code": "5", "return_msg": "x[1634]"}), 1),
        (reply({"return_code": "9"}, 429), 6),
        (reply({"return_code": "9"}, 428), 1),
        (reply({"return_code": "9"}, 430), 1),
        (reply({"return_code": "3", "return_msg": "[8005:x]"}), 2),
        (reply({"return_code": "9"}, 401), 2),
        (reply({"return_code": "9"}, 400), 1),
        (reply({"return_code": "9"}, 402), 1),
    ],
)
def test_how_often_kiwoom_is_asked_again(tmp_path: Path, answer: Reply, asked: int) -> None:
    wire, client = wire_of(KiwoomWire, tmp_path, answer)
    with pytest.raises(Unreachable):
        wire.pages("kt1", {})
    assert len(client.sent) == asked


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply({"return_code": "3", "return_msg": "[8050:x]"}), "8050.*not registered"),
        (reply({"return_code": "3", "return_msg": "[8030:x]"}), "8030.*other mode"),
        (reply({"return_code": "3", "return_msg": "[8001:x]"}), "8001.*expired"),
        (reply(None, 500), "HTTP 500.*expired"),
        (reply({"return_code": "3", "token": "abc"}), "expired"),
        (reply({"return_code": "0", "token": 5}), "expired"),
        (reply({"return_code": "0", "token": ""}), "expired"),
    ],
)
def test_why_kiwoom_gives_no_token(tmp_path: Path, answer: Reply, said: str) -> None:
    wire, _ = wire_of(KiwoomWire, tmp_path, answer)
    with pytest.raises(Unreachable, match=said):
        wire.granted(answer, 0.0)
    good = reply({"return_code": "0", "token": "abc", "expires_dt": "19700101090007"})
    assert (wire.granted(good, 1.0).token, wire.granted(good, 1.0).ends) == ("abc", 7.0)
