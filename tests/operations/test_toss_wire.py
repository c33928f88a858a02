"""What the line to Toss sends, how far apart, and what each answer means: without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_wires import reply, wire_of

from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.toss.codes import code_of, is_done, said
from jeoul.operations.broker.toss.wire import TossWire
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

PATH = "/api/v1/orders"


def page(number: int, *, more: Any = False, cursor: object = None) -> Any:
    return reply({"result": {"n": number, "hasNext": more, "nextCursor": cursor}})


def failed(code: str, status: int) -> Any:
    return reply({"error": {"code": code, "message": "words"}}, status)


def test_pages_of_toss_follow_the_cursor(tmp_path: Path) -> None:
    answers = (page(1, more=True, cursor="a"), page(2, more=True, cursor="b"), page(3, cursor="a"))
    wire, client = wire_of(TossWire, tmp_path, *answers)
    found = wire.pages(PATH, {"A": "1"}, "7")
    assert [each["result"]["n"] for each in found] == [1, 2, 3]
    assert [sent.content["params"] for sent in client.sent] == [
        {"A": "1"}, {"A": "1", "cursor": "a"}, {"A": "1", "cursor": "b"},
    ]  # fmt: skip
    assert {sent.headers["x-tossinvest-account"] for sent in client.sent} == {"7"}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([reply({"result": []})], "whether"),
        ([reply({"result": {}})], "whether"),
        ([page(1, more="true")], "whether"),
        ([page(1, more=True)], "where"),
        ([page(1, more=True, cursor="")], "where"),
        ([page(1, more=True, cursor=5)], "where"),
        ([page(1, more=True, cursor="a"), page(2, more=True, cursor="a")], "where"),
    ],
)
def test_a_list_of_toss_says_whether_and_where_it_goes_on(
    tmp_path: Path, answers: list[Reply], words: str
) -> None:
    wire, client = wire_of(TossWire, tmp_path, *answers, page(9))
    with pytest.raises(Unreachable, match=f"does not say {words}|goes on and does not say {words}"):
        wire.pages(PATH, {}, "7")
    assert len(client.sent) == len(answers)


@pytest.mark.parametrize(
    ("account", "pace", "gap"),
    [("7", 0.0, 0.34), (None, 0.0, 1.05), ("7", 2.0, 2.0), (None, 2.0, 2.0), (None, 0.5, 1.05)],
)
def test_toss_is_asked_at_the_pace_of_each_group(
    tmp_path: Path, account: str | None, pace: float, gap: float
) -> None:
    wire, client = wire_of(TossWire, tmp_path, reply({"result": {}}), pace=pace)
    assert wire.ask("/api/v1/accounts", {"A": "1"}, account=account) == {"result": {}}
    assert client.gaps == [gap]
    assert client.sent[0].content == {"params": {"A": "1"}}
    assert ("x-tossinvest-account" in client.sent[0].headers) == (account is not None)
    wire.ask("/api/v1/accounts")
    assert client.sent[1].content == {"params": {}}
    wire.order(PATH, {}, "7")
    assert client.gaps[2] == max(0.34, pace)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (failed("internal-error", 500), 6),
        (failed("x", 429), 6),
        (failed("x", 428), 1),
        (failed("x", 430), 1),
        (failed("expired-token", 400), 2),
        (failed("x", 401), 2),
        (failed("x", 400), 1),
        (failed("x", 402), 1),
        (reply({"result": {}}, 201), 1),
        (reply({"result": {}, "error": None}), 1),
    ],
)
def test_how_often_toss_is_asked_again(tmp_path: Path, answer: Reply, asked: int) -> None:
    wire, client = wire_of(TossWire, tmp_path, answer)
    with pytest.raises(Unreachable):
        wire.ask(PATH, account="7")
    assert len(client.sent) == asked


@pytest.mark.parametrize(
    ("answer", "outcome", "forgotten"),
    [
        (reply({"result": {"orderId": "n"}}), None, 0),
        (reply({"result": []}), Unanswered, 0),
        (reply({"result": {}}, 199), Unanswered, 0),
        (reply({"result": {}}, 201), Unanswered, 0),
        (failed("invalid-token", 401), NotSent, 1),
        (failed("invalid-token", 400), Unanswered, 0),
        (failed("invalid-token", 402), Unanswered, 0),
        (failed("x", 401), Unanswered, 0),
        (failed("rate-limit-exceeded", 429), NotSent, 0),
        (failed("rate-limit-exceeded", 428), Unanswered, 0),
        (failed("rate-limit-exceeded", 430), Unanswered, 0),
        (failed("x", 429), Unanswered, 0),
        *((failed("stock-not-found", status), Refused, 0) for status in (400, 404, 409, 422)),
        *(
            (failed("stock-not-found", status), Unanswered, 0)
            for status in (399, 401, 403, 405, 408, 410, 421, 423)
        ),
        (failed("x", 422), Unanswered, 0),
    ],
)
def test_what_becomes_of_an_order_at_toss(
    tmp_path: Path, answer: Reply, outcome: type[Exception] | None, forgotten: int
) -> None:
    wire, client = wire_of(TossWire, tmp_path, answer)
    if outcome is None:
        assert wire.order(PATH, {"A": "1"}, "7") == {"orderId": "n"}
    else:
        with pytest.raises(outcome):
            wire.order(PATH, {"A": "1"}, "7")
    assert (len(client.sent), client.gaps, wire.tokens.forgotten) == (1, [0.34], forgotten)
    assert client.sent[0].content == {"json": {"A": "1"}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply({}, 403), "HTTP 403.*registered"),
        (reply({"error": "access_denied"}, 400), "access_denied.*registered"),
        (reply({"error": "invalid_client"}, 401), "invalid_client.*secret"),
        (reply({}, 402), "HTTP 402.*secret"),
        (reply({}, 404), "secret"),
        (reply({"access_token": 5}), "secret"),
        (reply({"access_token": ""}), "secret"),
    ],
)
def test_why_toss_gives_no_token(tmp_path: Path, answer: Reply, words: str) -> None:
    wire, _ = wire_of(TossWire, tmp_path, answer)
    with pytest.raises(Unreachable, match=words):
        wire.granted(answer, 0.0)


@pytest.mark.parametrize(
    ("life", "ends"),
    [("3600", 3_700.0), ("86400", 86_500.0), ("86401", 86_500.0), ("soon", 100.0), (None, 100.0)],
)
def test_a_token_of_toss_lasts_as_said_and_a_day_at_most(
    tmp_path: Path, life: object, ends: float
) -> None:
    wire, _ = wire_of(TossWire, tmp_path, page(1))
    found = wire.granted(reply({"access_token": "abc", "expires_in": life}), 100.0)
    assert (found.token, found.ends) == ("abc", ends)


def test_an_answer_of_toss_is_done_with_a_result_and_without_an_error() -> None:
    assert is_done({"result": {}}, 200)
    for body, status in (({}, 200), ({"result": 1, "error": {}}, 200), ({"result": {}}, 500)):
        assert not is_done(body, status)
    assert code_of({"error": {"code": 5}}) == code_of({}) == ""
    assert said({"error": "invalid", "error_description": "why"}, 401) == "invalid why"
    assert said({}, 500) == "no reason given (HTTP 500)"
