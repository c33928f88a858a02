"""What brokers with an interface share: fields, tokens, pace, answers, absence, hosts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from kis_desk import MORNING, Watch
from scripted_wires import reply, wire_of

from jeoul.files.nesting import DEEPEST
from jeoul.operations.broker.kis.wire import KisWire
from jeoul.operations.broker.rest.client import Client
from jeoul.operations.broker.rest.deposits import by_settlement
from jeoul.operations.broker.rest.fields import (
    code,
    count,
    maybe,
    money,
    order_number,
    rows,
    shown_text,
    text,
)
from jeoul.operations.broker.rest.http import NoAnswer, Reply, read_body
from jeoul.operations.broker.rest.token import Granted, Tokens, whole_seconds
from jeoul.operations.broker.rest.wire import RequestOutcome, Verdict, time_of
from jeoul.operations.errors import NotSent, Unanswered, Unreachable

NEXT, AFTER = date(2026, 3, 5), date(2026, 3, 6)


# -- fields ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0", 0), ("-5", -5), ("+7", 7), (" 12 ", 12), ("9" * 15, 10**15 - 1),
        ("0" * 40 + "1", 1), ("1." + "0" * 20, 1),
        ("1" + "0" * 15, None), ("1.5", None), ("", None), (5, None), (None, None),
        ("0" * 60, None), ("1." + "0" * 21, None),
    ],
)  # fmt: skip
def test_an_amount_has_fifteen_digits_at_most(written: object, amount: int | None) -> None:
    if amount is None:
        with pytest.raises(Unreachable, match="for a, which"):
            money({"a": written}, "a")
    else:
        assert money({"a": written}, "a") == amount


def test_a_count_is_not_below_zero_and_the_first_spelling_counts() -> None:
    assert (count({"a": "0"}, "a"), count({"a": "1"}, "a")) == (0, 1)
    with pytest.raises(Unreachable):
        count({"a": "-1"}, "a")
    assert maybe({"a": " ", "b": None, "c": "0"}, "a", "b", "c") == 0
    assert maybe({"a": "1", "b": "2"}, "b", "a") == 2
    assert maybe({"a": ""}, "a", "b") is None
    with pytest.raises(Unreachable):
        maybe({"a": 5}, "a")


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ({"a": {"b": 1}}, [{"b": 1}]),
        ({"a": [{"b": 1}, {"b": 2}]}, [{"b": 1}, {"b": 2}]),
        ({"a": []}, []),
        ({"a": [{"b": 1}, 2]}, None),
        ({"a": "x"}, None),
        ({}, None),
    ],
)
def test_rows_are_objects(page: dict[str, Any], found: list[Any] | None) -> None:
    if found is None:
        with pytest.raises(Unreachable):
            rows(page, "a")
    else:
        assert rows(page, "a") == found


def test_texts_codes_and_numbers_of_orders() -> None:
    assert (text({"a": " x "}, "a"), text({}, "a")) == ("x", "")
    assert code({"a": "x" * 32}, "a") == "x" * 32
    assert order_number({"a": "00" + "x" * 20}, "a") == "x" * 20
    assert order_number({"a": " 000"}, "a") == order_number({}, "a") == ""
    for read, bad in (
        (text, 5), (text, None), (code, ""), (code, "x" * 33), (code, "a b"),
        (order_number, "x" * 21), (order_number, "가"), (order_number, "a-b"),
    ):  # fmt: skip
        with pytest.raises(Unreachable):
            read({"a": bad}, "a")
    assert shown_text("a\x1b\nb" + "x" * 300) == "a b" + "x" * 196


@pytest.mark.parametrize(
    ("deposits", "orderable", "expected"),
    [
        ((5, 5, 5), 9, (5, {})),
        ((1, 5, 9), 9, (1, {NEXT: 4, AFTER: 4})),
        ((9, 5, 3), 9, (3, {})),
        ((9, 7, 8), 4, (4, {NEXT: 3, AFTER: 1})),
        ((0, 0, 0), 0, (0, {})),
    ],
)
def test_money_comes_in_on_the_day_that_the_deposits_say(
    deposits: tuple[int, int, int], orderable: int, expected: Any
) -> None:
    cash, coming = by_settlement(deposits, orderable, (NEXT, AFTER))
    assert (cash, coming) == expected


# -- bodies and times ------------------------------------------------------------------------------


def test_a_body_is_an_object_of_bounded_size_and_depth() -> None:
    def padded(size: int) -> bytes:
        return b'{"a":"' + b"x" * (size - 8) + b'"}'

    def nested(depth: int) -> bytes:
        return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert read_body(padded(4_000_000)) is not None
    assert read_body(padded(4_000_001)) is None
    assert read_body(nested(DEEPEST)) is not None
    assert read_body(nested(DEEPEST + 1)) is None
    for none in (b"[1]", b"null", b"{"):
        assert read_body(none) is None
    assert (reply(None).fields, reply({"a": 1}).fields) == ({}, {"a": 1})


def test_a_date_without_a_zone_is_greenwich_and_one_that_is_none_is_unknown() -> None:
    assert time_of("Wed, 04 Mar 2026 09:30:00 +0900") == MORNING
    assert (time_of(None), time_of("")) == (None, None)


@pytest.mark.parametrize(
    ("written", "life"),
    [("0", 0.0), ("59", 59.0), ("61", 60.0), ("9" * 9, 60.0), ("9" * 10, None), ("٣", None),
     ("-1", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_life_in_seconds_is_digits_and_no_longer_than_the_longest(
    written: object, life: float | None
) -> None:
    assert whole_seconds(written, 60.0) == life


# -- pace ------------------------------------------------------------------------------------------


def test_a_request_waits_for_the_rest_of_its_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "_new", lambda _: None)
    clock = Watch(100.0)
    client = Client("http://127.0.0.1:9", 5.0, clock)
    client.keep_pace(10.0)
    clock.time += 4.0
    client.keep_pace(10.0)
    assert clock.waited == [6.0]
    clock.time += 10.0
    client.keep_pace(10.0)  # all of it has passed
    assert clock.waited == [6.0]
    clock.time -= 50.0  # somebody set the clock back
    client.keep_pace(10.0)
    assert clock.waited == [6.0, 10.0]
    assert client.timeout == 5.0


# -- tokens ----------------------------------------------------------------------------------------


class Giver:
    """Gives tokens that last for some seconds, and counts them."""

    def __init__(self, life: float = 10_000.0, token: str = "token") -> None:
        self.asked: list[float] = []
        self.life, self.token = life, token

    def __call__(self, at: float) -> Granted:
        self.asked.append(at)
        return Granted(f"{self.token}{len(self.asked)}", at + self.life)


def tokens(place: Path, clock: Watch, ask: Any, owner: str = "owner") -> Tokens:
    return Tokens(place / "token", owner, clock, ask)


@pytest.mark.parametrize(("later", "again"), [(9_399.0, False), (9_400.0, True), (9_401.0, True)])
def test_a_token_is_replaced_ten_minutes_before_its_end(
    tmp_path: Path, later: float, again: bool
) -> None:
    clock, ask = Watch(1_000.0), Giver()
    assert tokens(tmp_path, clock, ask).bearer().reveal() == "token1"
    clock.time += later
    found = tokens(tmp_path, clock, ask)
    assert found.known() == ()
    assert found.bearer().reveal() == ("token2" if again else "token1")
    assert found.known() == (found.bearer().reveal(),)
    assert clock.waited == []


@pytest.mark.parametrize(
    ("moved", "waited"),
    [(0.0, [60.0]), (59.5, [0.5]), (60.0, []), (-0.5, []), (-100.0, [])],
)
def test_the_minute_between_two_tokens_is_waited_for(
    tmp_path: Path, moved: float, waited: list[float]
) -> None:
    """A clock that was set back says nothing of a minute, and holds nobody up."""
    clock, ask = Watch(1_000.0), Giver()
    first = tokens(tmp_path, clock, ask)
    first.bearer()
    first.forget()
    assert first.known() == ()
    clock.time += moved
    tokens(tmp_path, clock, ask).bearer()
    assert clock.waited == waited
    assert ask.asked == [1_000.0, 1_000.0 + moved + sum(waited)]


def test_a_token_of_another_owner_or_in_a_damaged_file_is_none(tmp_path: Path) -> None:
    clock, ask = Watch(1_000.0), Giver()
    tokens(tmp_path, clock, ask).bearer()
    tokens(tmp_path, clock, ask, owner="another").bearer()
    assert len(ask.asked) == 2
    kept = json.loads((tmp_path / "token").read_text("utf-8"))
    odd = [{**kept, "token": token} for token in ("a b", "a\nb", "가", "x" * 8_192)]
    for damaged in ("{", "[]", "{}", *map(json.dumps, [*odd, {**kept, "asked": "soon"}])):
        (tmp_path / "token").write_text(damaged, "utf-8")
        tokens(tmp_path, clock, ask, owner="another").bearer()
    assert len(ask.asked) == 10
    (tmp_path / "token").write_text(json.dumps({**kept, "token": "x" * 8_191}), "utf-8")
    assert tokens(tmp_path, clock, ask, owner="another").bearer().reveal() == "x" * 8_191
    assert clock.waited == []
    (tmp_path / "token").write_text(json.dumps({**kept, "token": ""}), "utf-8")
    tokens(tmp_path, clock, ask, owner="another").bearer()
    assert (len(ask.asked), len(clock.waited)) == (11, 1)


def test_a_question_without_a_token_is_known_and_counts_for_the_minute(tmp_path: Path) -> None:
    clock = Watch(1_000.0)

    def refused(_: float) -> Granted:
        raise Unreachable("no")

    found = tokens(tmp_path, clock, refused)
    assert found.refused is False
    with pytest.raises(Unreachable):
        found.bearer()
    assert found.refused is True
    found.ask = Giver()
    found.bearer()
    assert found.refused is False
    assert clock.waited == [60.0]
    found = tokens(tmp_path / "new", clock, Giver(token="a b"))
    (tmp_path / "new").mkdir()
    with pytest.raises(Unreachable, match="cannot travel"):
        found.bearer()
    assert found.refused is True


def test_a_token_that_cannot_be_kept_is_not_asked_for(tmp_path: Path) -> None:
    ask = Giver()
    (tmp_path / "token").mkdir()
    with pytest.raises(Unreachable, match="cannot be kept"):
        tokens(tmp_path, Watch(1_000.0), ask).bearer()
    assert ask.asked == []
    found = tokens(tmp_path / "nothing", Watch(1_000.0), ask)
    found.forget()  # there is nothing to let go of
    assert not (tmp_path / "nothing").exists()


# -- questions and orders on a line ----------------------------------------------------------------


def test_a_question_is_asked_six_times_with_longer_pauses(tmp_path: Path) -> None:
    silent, unreadable = NoAnswer("gone", sent=True), reply(None, 502)
    for answer, said in ((silent, "gone"), (unreadable, "HTTP 502")):
        wire, client = wire_of(KisWire, tmp_path, answer)
        with pytest.raises(Unreachable, match=said):
            wire.ask("/x", "ID", {})
        assert len(client.sent) == 6
        assert wire.clock.waited == [1.1, 2.0, 4.0, 8.0, 16.0, 0.0]


def test_a_token_is_renewed_once_for_a_question(tmp_path: Path) -> None:
    stale = reply({"rt_cd": "1", "msg_cd": "EGW00123"})
    done = reply({"rt_cd": "0"})
    wire, client = wire_of(KisWire, tmp_path, stale, done)
    assert wire.ask("/x", "ID", {}) == {"rt_cd": "0"}
    assert [sent.headers["authorization"] for sent in client.sent] == [
        "Bearer token-0", "Bearer token-1",
    ]  # fmt: skip
    assert (wire.tokens.forgotten, wire.clock.waited) == (1, [])
    wire, client = wire_of(KisWire, tmp_path, stale)
    with pytest.raises(Unreachable, match="EGW00123"):
        wire.ask("/x", "ID", {})
    assert (wire.tokens.forgotten, len(client.sent)) == (1, 2)


def test_each_request_of_a_question_is_written_down(tmp_path: Path) -> None:
    late = NoAnswer("gone", sent=True)
    said = "Wed, 04 Mar 2026 00:30:00 GMT"
    answers = (
        late, reply({"rt_cd": "1", "msg_cd": "EGW00201"}, 200, {"date": said}),
        reply({"rt_cd": "0"}, 200, {"date": said, "age": "7"}),
    )  # fmt: skip
    wire, client = wire_of(KisWire, tmp_path, *answers)
    send = client.send

    def slow(*given: Any, **more: Any) -> Reply:
        wire.clock.time += 0.5
        found: Reply = send(*given, **more)
        return found

    client.send = slow
    assert wire.host_time() is None
    wire.ask("/x", "ID", {})
    at = MORNING + 0.5
    assert wire.asked == [
        RequestOutcome(MORNING, 0.5, None),
        RequestOutcome(at + 1.1 + 0.5, 0.5, Verdict.WAIT, said),
        RequestOutcome(at + 1.1 + 0.5 + 2.0 + 0.5, 0.5, Verdict.DONE, None),  # a proxy's copy
    ]
    assert wire.host_time() is None
    wire.asked.pop()
    assert wire.host_time() == MORNING


def test_an_order_without_an_answer_that_can_be_read_is_unknown(tmp_path: Path) -> None:
    wire, client = wire_of(KisWire, tmp_path, reply(None, 502))
    with pytest.raises(Unanswered, match="HTTP 502"):
        wire.order("/x", "ID", {})
    assert len(client.sent) == 1
    wire, client = wire_of(KisWire, tmp_path, reply({}))
    wire.tokens.bearer = lambda: (_ for _ in ()).throw(Unreachable("no token"))
    with pytest.raises(NotSent, match="no token"):
        wire.order("/x", "ID", {})
    assert client.sent == []
    secrets = "appkey-planted secret-planted 50112233 token-in-use"
    assert wire.hide(secrets) == "[hidden] [hidden] [hidden] [hidden]"


def test_without_a_connection_there_is_no_token(tmp_path: Path) -> None:
    wire, client = wire_of(KisWire, tmp_path, NoAnswer("ConnectError", sent=False))
    with pytest.raises(Unreachable, match=r"no token.*ConnectError"):
        wire._new_token(0.0)
    client.answers = [reply({"access_token": "abc", "expires_in": "60"})]
    assert wire._new_token(5.0).ends == 65.0
    wire.close()
    assert client.sent[-1].method == "CLOSE"
