"""What every broker with a REST interface does alike, over its loopback."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kis_desk import DAY, SESSION, SetForward, buy, desk_over, plan
from test_kis_answers import BODIES
from venues import ADAPTERS, KIWOOM, TOSS

from jeoul.errors import BrokerError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.kiwoom import rows as kiwoom_rows
from jeoul.operations.broker.port import Hours, OrderState
from jeoul.operations.broker.toss import rows as toss_rows
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.desk.protocol import freeze_plan, hand_over, recover
from jeoul.operations.desk.reconcile import reconcile
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.ledger import check, open_ledger, portfolio

ODD = ("deep", "a list for a text", "no keys", "null", "not UTF-8", "too large", "an unknown code")
CASES = [(adapter, mode) for adapter in ADAPTERS for mode in adapter.modes]


@pytest.fixture(params=CASES, ids=[f"{adapter.kind}-{mode}" for adapter, mode in CASES])
def case(request: Any) -> Any:
    return request.param


@pytest.fixture
def truth(case: Any) -> Any:
    adapter, mode = case
    with adapter.server.running(mode) as found:
        yield found


@pytest.fixture
def broker(case: Any, truth: Any, tmp_path: Path, clock: Any) -> Any:
    with closing(case[0].connect(truth, tmp_path, clock)) as found:
        yield found


@pytest.fixture
def desk(broker: Any, tmp_path: Path, clock: Any) -> Any:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger:
        yield desk_over(broker, ledger, clock)


def planted(case: Any, *parts: Any, **wanted: Any) -> Any:
    return case[0].server.Planted(*parts, **wanted)


def test_an_order_is_listed_filled_and_cancelled(broker: Any, truth: Any) -> None:
    number = broker.submit(buy(10))
    (order,) = broker.orders(DAY)
    assert (order.order_id, order.side, order.ticker, order.shares, order.limit, order.state) == (
        number, Side.BUY, "069500", 10, 37_000, OrderState.OPEN,
    )  # fmt: skip
    truth[1].fill(1, 3, 36_900)
    (order,) = broker.orders(DAY)
    assert (order.filled, order.amount, order.state) == (3, 110_700, OrderState.OPEN)
    broker.cancel(order)
    (order,) = broker.orders(DAY)  # the instruction to cancel is not an order
    assert (order.filled, order.state) == (3, OrderState.CLOSED)
    with pytest.raises(Refused):
        broker.cancel(order)


def test_an_order_that_is_filled_is_over(broker: Any, truth: Any) -> None:
    broker.submit(buy(2))
    truth[1].fill(1, 2, 36_900)
    (order,) = broker.orders(DAY)
    assert (order.filled, order.amount, order.state) == (2, 73_800, OrderState.FILLED)


@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        ("silent-before", Unanswered, False),
        ("silent-after", Unanswered, True),
        ("slow-after", Unanswered, True),
        ("garbled", Unanswered, True),
        ("unclear", Unanswered, True),
        ("empty", Unanswered, False),
        ("too-fast", NotSent, False),
        ("expired", NotSent, False),
        ("refused", Refused, False),
    ],
)
def test_what_a_failed_hand_over_says_about_the_order(
    broker: Any, truth: Any, fault: Any, outcome: Any, arrives: Any
) -> None:
    truth[1].faults = [fault]
    with pytest.raises(outcome):
        broker.submit(buy())
    assert len(truth[1].sent()) == arrives


def test_questions_are_asked_again_and_pages_joined(broker: Any, truth: Any) -> None:
    for number in range(130):
        truth[1].by_hand("BUY", f"{number + 1:06d}", 1, 1000)
    truth[1].holdings = {"069500": 4, "114260": 0}
    truth[1].faults = ["ask-too-fast", "ask-garbled", "ask-revoked"]
    orders = broker.orders(DAY)
    assert {order.ticker for order in orders} == {f"{number + 1:06d}" for number in range(130)}
    assert broker.account().shares == {"069500": 4}


def test_what_is_pledged_or_waits_cannot_be_sold_and_money_that_is_bound_not_spent(
    broker: Any, truth: Any
) -> None:
    truth[1].holdings, truth[1].pledged = {"069500": 5}, {"069500": 2}
    truth[1].by_hand("SELL", "069500", 1, 36_000)
    truth[1].by_hand("BUY", "360750", 10, 20_000)
    account = broker.account()
    assert account.locked == {"069500": 3}
    assert account.orderable == account.cash == 9_800_000


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_an_error_with_a_reason_and_an_order_is_unknown(
    case: Any, broker: Any, truth: Any, name: Any
) -> None:
    truth[1].faults = [planted(case, "ask", BODIES[name])] * 20
    for ask in (broker.account, lambda: broker.orders(DAY)):
        with pytest.raises(Unreachable) as error:
            ask()
        assert 20 < len(str(error.value)) < 1_000
        assert str(error.value).isprintable()
        str(error.value).encode()
    truth[1].faults = [planted(case, "order", BODIES[name])]
    with pytest.raises(Unanswered):
        broker.submit(buy())
    assert len(truth[1].sent()) == 1


def test_a_token_that_is_not_given_sends_nothing(case: Any, broker: Any, truth: Any) -> None:
    for wrong in ("token-none", planted(case, "token", b"[]"), planted(case, "token", b"{}")):
        truth[1].faults = [wrong]
        with pytest.raises(NotSent, match="no token"):
            broker.submit(buy())
    assert truth[1].sent() == []


def test_no_secret_is_in_what_an_odd_answer_makes_the_broker_say(
    case: Any, broker: Any, truth: Any
) -> None:
    """The host repeats every secret, as it is, encoded and in other case."""
    secrets = list(case[0].secrets.values())
    broker.orders(DAY)
    known = [*secrets, *truth[1].tokens]
    words = " ".join(
        f"{s} {s.upper()} {quote(s, safe='')} {quote(s, safe='').lower()}" for s in known
    )
    for spelt in (words, words[:190], words[190:380], f"{words[3:60]} {words[65:]}"):
        body = {
            "kis": {"rt_cd": "1", "msg_cd": "ZZZZ0000", "msg1": spelt},
            "kiwoom": {"return_code": 20, "return_msg": f"[2000](ZZ9999:{spelt})"},
            "toss": {"error": {"code": "odd", "message": spelt, "requestId": "1"}},
        }[case[0].kind]
        asks: dict[str, Callable[[], object]] = {
            "ask": lambda: broker.orders(DAY),
            "order": lambda: broker.submit(buy()),
        }
        for kind, ask in asks.items():
            truth[1].faults = [case[0].server.Planted.of(kind, body, status=400)] * 9
            with pytest.raises((Unreachable, Unanswered)) as error:
                ask()
            said = str(error.value).lower()
            for secret in known:
                for form in (secret.lower(), quote(secret, safe="").lower()):
                    parts = {form[at : at + 10] for at in range(max(len(form) - 9, 1))}
                    assert not any(part in said for part in parts)


def test_orders_go_out_while_the_session_takes_them(broker: Any, clock: Any) -> None:
    assert broker.hours(DAY) is Hours.OPEN
    clock.time -= 3_600
    assert broker.hours(DAY) is Hours.EARLY
    clock.time += 86_400
    assert broker.hours(DAY) is Hours.OVER


def test_the_probe_reads_each_field_that_the_adapter_reads(broker: Any, truth: Any) -> None:
    """Every question has an answer at the loopback, with the rows that it names."""
    broker.submit(buy())
    truth[1].holdings = {"069500": 3}
    questions = broker.questions(DAY)
    assert len({question.name for question in questions}) == len(questions) >= 3
    for question in questions:
        assert question.ask(), question.name


# -- the order protocol ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    ["silent-before", "silent-after", "garbled", "too-fast", "expired", "unclear"],
)
@pytest.mark.parametrize("lag", [0.0, 45.0])
def test_every_order_arrives_once_and_the_books_are_the_account(
    desk: Any, truth: Any, fault: Any, lag: Any
) -> None:
    truth[1].holdings, truth[1].list_lag = {"114260": 4}, lag
    made = plan((Side.SELL, "114260", 4), (Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    reconcile(desk, SESSION, DAY, adopt=False)
    freeze_plan(desk, made)
    truth[1].faults = [fault, "", fault]
    for _ in range(9):
        try:
            hand_over(desk, made.run_id)
        except Ambiguous:
            desk.clock.wait(900.0)
        else:
            break
    assert truth[1].sent() == [("114260", 4), ("069500", 2), ("360750", 1)]
    desk.clock.wait(lag)
    for number, shares in ((1, 4), (2, 1), (3, 1)):
        truth[1].fill(number, shares, 36_500)
    collect(desk, DAY)
    truth[1].fill(2, 1, 36_700)
    collect(desk, DAY)
    collect(desk, DAY)
    intents = intents_of(desk.ledger, made.run_id)
    assert [(i.state, i.filled, i.amount) for i in intents] == [
        ("filled", 4, 146_000), ("filled", 2, 73_200), ("filled", 1, 36_500),
    ]  # fmt: skip
    assert check(desk.ledger).faults == ()
    books = portfolio(desk.ledger, "KRW")
    assert dict(books.shares) == {"069500": 2, "360750": 1}
    fees = sum(i.fee for i in intents)
    assert books.cash + sum(books.unsettled.values()) == truth[1].deposits[2] - fees


def test_an_order_typed_in_by_hand_stops_the_run_before_it_sends(desk: Any, truth: Any) -> None:
    truth[1].by_hand("BUY", "069500", 2, 37_000)
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    with pytest.raises(BrokerError, match="already lists"):
        hand_over(desk, made.run_id)
    assert len(truth[1].sent()) == 1


def test_an_order_changed_by_hand_is_never_taken_for_an_unanswered_one(
    desk: Any, truth: Any
) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    truth[1].by_hand("BUY", "069500", 1, 37_000)
    truth[1].cancel(1)
    truth[1].faults = ["silent-before"] * 4
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    truth[1].change(1, 2, 37_000)
    with pytest.raises(Ambiguous):
        recover(desk)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["sending"]


def test_a_refused_order_is_not_tried_again(desk: Any, truth: Any) -> None:
    made = plan((Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    freeze_plan(desk, made)
    truth[1].faults = ["refused"]
    hand_over(desk, made.run_id)
    hand_over(desk, made.run_id)
    states = [intent.state for intent in intents_of(desk.ledger, made.run_id)]
    assert states == ["refused", "acknowledged"]
    assert truth[1].sent() == [("360750", 1)]


def test_what_was_not_sent_in_its_session_never_is(desk: Any, truth: Any, clock: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    clock.time += 86_400
    hand_over(desk, made.run_id)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["expired"]
    assert truth[1].sent() == []


def test_the_same_run_again_and_an_older_ledger_send_nothing_twice(
    desk: Any, broker: Any, truth: Any, tmp_path: Path, clock: Any
) -> None:
    """A copy of the ledger from before the orders were sent meets them at the broker."""
    made = plan((Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    freeze_plan(desk, made)
    with closing(open_ledger(tmp_path / "older.sqlite3")) as older:
        behind = desk_over(broker, older, clock)
        freeze_plan(behind, made)
        hand_over(desk, made.run_id)
        hand_over(desk, made.run_id)
        with pytest.raises(BrokerError, match="already lists"):
            hand_over(behind, made.run_id)
    assert truth[1].sent() == [("069500", 2), ("360750", 1)]


def test_an_order_that_left_no_trace_ends_with_its_session(desk: Any, truth: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    truth[1].faults = ["silent-before"] * 4
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    desk.clock.wait(86_400.0)
    truth[1].today = "20260305"
    recover(desk)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["expired"]
    assert truth[1].sent() == []


def test_a_balance_that_moved_speaks_for_an_order_that_is_not_listed(desk: Any, truth: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    truth[1].list_lag, truth[1].faults = 20_000.0, ["silent-after", *["silent-before"] * 3]
    with pytest.raises(Ambiguous):
        hand_over(desk, made.run_id)
    truth[1].fill(1, 2, 36_500)
    for _ in range(3):
        desk.clock.wait(1_000.0)
        with pytest.raises(Ambiguous):
            recover(desk)
    assert len(truth[1].sent()) == 1


@pytest.mark.parametrize("ahead", [901.0, 3_600.0, 86_400.0])
@pytest.mark.parametrize("lag", [45.0, 150.0, 600.0])
def test_a_clock_that_is_set_forward_proves_nothing(
    ahead: float, lag: float, case: Any, truth: Any, tmp_path: Path, clock: Any
) -> None:
    moved = SetForward(clock)
    with (
        closing(case[0].connect(truth, tmp_path, moved, visibility=0.0)) as broker,
        closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger,
    ):
        truth[1].now, truth[1].paced = clock.now, False
        truth[1].list_lag = truth[1].balance_lag = lag
        truth[1].faults = ["silent-after", *["silent-before"] * 3]
        desk = desk_over(broker, ledger, moved)
        made = plan((Side.BUY, "069500", 2))
        freeze_plan(desk, made)
        with pytest.raises(Ambiguous):
            hand_over(desk, made.run_id)
        moved.ahead, truth[1].faults = ahead, []
        for _ in range(3):
            with suppress(Ambiguous):
                recover(desk)
                hand_over(desk, made.run_id)
        clock.wait(2_000.0)
        moved.ahead = 0.0
        recover(desk)
        assert truth[1].sent() == [("069500", 2)]
        assert [each.state for each in intents_of(ledger, made.run_id)] == ["acknowledged"]


def test_without_the_time_of_the_host_nothing_is_proven(
    case: Any, truth: Any, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer before the order says when it was given: a person is asked, nothing is sent."""
    moved = SetForward(clock)
    with (
        closing(case[0].connect(truth, tmp_path, moved, visibility=0.0)) as broker,
        closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger,
    ):
        truth[1].now, truth[1].paced = clock.now, False
        truth[1].list_lag = truth[1].balance_lag = 600.0
        truth[1].faults = ["silent-after", *["silent-before"] * 3]
        desk = desk_over(broker, ledger, moved)
        made = plan((Side.BUY, "069500", 2))
        freeze_plan(desk, made)
        said = type(broker.wire).host_time
        monkeypatch.setattr(type(broker.wire), "host_time", lambda _: None)
        with pytest.raises(Ambiguous):
            hand_over(desk, made.run_id)
        monkeypatch.setattr(type(broker.wire), "host_time", said)
        moved.ahead, truth[1].faults = 901.0, []
        for _ in range(3):
            with suppress(Ambiguous):
                recover(desk)
                hand_over(desk, made.run_id)
        assert truth[1].sent() == [("069500", 2)]


# -- rows with a field missing, empty, spelt otherwise, or as a number -----------------------------


def changed(rows: Any, name: str, to: Any) -> Any:
    """The answer with one field changed wherever it occurs; ``None`` takes it out."""
    if isinstance(rows, list | tuple):
        return [changed(row, name, to) for row in rows]
    if not isinstance(rows, dict):
        return rows
    kept = {key: changed(value, name, to) for key, value in rows.items() if key != name}
    return kept if to is None or name not in rows else kept | {name: to}


def fields_of(broker: Any) -> set[str]:
    named = [names for question in broker.questions(DAY) for names in question.rows.values()]
    return {name.rpartition(".")[2] for names in named for name in names}


IDENTITIES = {"stk_cd", "ord_no", "symbol", "orderId", "ori_ord", "acctNo"}


def plain(found: Any) -> Any:
    """The orders without what only some rows say."""
    return [replace(order, limit=None, fee=None, changes=None) for order in found[1]]


READERS: dict[str, Any] = {
    "kiwoom": (
        lambda b: (b.balance(), b.deposit(), b.listed(DAY)),
        lambda found: (
            kiwoom_rows.read_account(found[0], found[1], (DAY, DAY)),
            kiwoom_rows.read_orders(found[2], DAY, over=False),
        ),
    ),
    "toss": (
        lambda b: (b.holdings(), b.listed(DAY, "OPEN"), b.listed(DAY, "CLOSED")),
        lambda found: (
            toss_rows.read_holdings(found[0]),
            toss_rows.read_orders(found[1], found[2], DAY, over=False),
        ),
    ),
}


@pytest.mark.parametrize("adapter", [KIWOOM, TOSS], ids=lambda adapter: adapter.kind)
@pytest.mark.parametrize("to", [None, "", " ", "odd", "-1", "1E9999999", ["1"], True, {"a": "1"}])
def test_a_changed_field_is_read_the_same_or_is_unknown(
    adapter: Any, to: Any, tmp_path: Path, clock: Any
) -> None:
    """Never anything in between: no order or holding comes out otherwise by a guess."""
    with adapter.server.running() as truth, closing(adapter.connect(truth, tmp_path, clock)) as b:
        truth[1].holdings = {"069500": 3}
        b.submit(buy(10))
        b.submit(replace(buy(2, ticker="360750"), name="a.b.02"))
        truth[1].fill(1, 3, 36_900)
        truth[1].fill(2, 2, 36_900)
        pages, read = READERS[adapter.kind]
        found, unknown = pages(b), 0
        before = plain(read(found))
        for name in sorted(fields_of(b)):
            if name in IDENTITIES and isinstance(to, str) and to.strip("-").isalnum():
                continue  # that is another order or fund, and a legal one
            with suppress(Unreachable):
                unknown += 1
                assert plain(read(changed(found, name, to))) == before
                unknown -= 1
        assert unknown > 5


# -- one broker alone ------------------------------------------------------------------------------


def test_the_same_name_within_ten_minutes_gives_the_first_order(tmp_path: Path, clock: Any) -> None:
    with TOSS.server.running() as truth, closing(TOSS.connect(truth, tmp_path, clock)) as broker:
        first = broker.submit(buy())
        clock.wait(590.0)
        assert broker.submit(buy()) == first
        with pytest.raises(Unanswered, match="idempotency-key-conflict"):
            broker.submit(buy(shares=4))
        clock.wait(20.0)
        assert broker.submit(buy()) != first
        assert len(truth[1].sent()) == 2


def test_an_order_without_an_answer_is_not_handed_over_again_after_its_name_has_ended(
    tmp_path: Path, clock: Any
) -> None:
    """The process that got no answer slept for eleven minutes before it could ask."""
    with TOSS.server.running() as truth, closing(TOSS.connect(truth, tmp_path, clock)) as broker:
        ledger = open_ledger(tmp_path / "ledger.sqlite3")
        desk = desk_over(broker, ledger, clock)
        made = plan((Side.BUY, "069500", 2))
        freeze_plan(desk, made)
        truth[1].faults, truth[1].list_lag = ["silent-after"], 5_000.0
        submit = broker.submit

        def asleep(request: Any) -> Any:
            try:
                return submit(request)
            except Unanswered:
                clock.time += 660.0
                raise

        broker.submit = asleep
        with pytest.raises(Ambiguous):
            hand_over(desk, made.run_id)
        assert len(truth[1].sent()) == 1
        ledger.close()


def test_an_order_that_ends_between_the_two_lists_is_in_one_of_them(
    tmp_path: Path, clock: Any
) -> None:
    with TOSS.server.running() as truth, closing(TOSS.connect(truth, tmp_path, clock)) as broker:
        broker.submit(buy(2))
        listed = broker.listed

        def filled_meanwhile(session: Any, status: str) -> Any:
            found = listed(session, status)
            if status == "OPEN":
                truth[1].fill(1, 2, 36_900)
            return found

        broker.listed = filled_meanwhile
        (order,) = broker.orders(DAY)
        assert (order.state, order.filled) == (OrderState.FILLED, 2)


def test_foreign_shares_are_shown_and_not_planned_with(tmp_path: Path, clock: Any) -> None:
    with TOSS.server.running() as truth, closing(TOSS.connect(truth, tmp_path, clock)) as broker:
        truth[1].holdings, truth[1].foreign = {"069500": 2}, 3
        assert broker.account().shares == {"069500": 2}
        assert broker.outside() == {"AAPL": "3"}


def test_keys_of_another_account_are_said_and_nothing_is_sent(tmp_path: Path, clock: Any) -> None:
    for adapter, variable in ((KIWOOM, "KIWOOM_ACCOUNT"), (TOSS, "TOSS_ACCOUNT")):
        other = type(adapter)(
            adapter.kind, adapter.server, adapter.table, adapter.modes,
            {**adapter.secrets, variable: "99999999"},
        )  # fmt: skip
        with (
            adapter.server.running() as truth,
            closing(other.connect(truth, tmp_path, clock)) as broker,
            pytest.raises(Unreachable, match="account"),
        ):
            broker.account()


@pytest.mark.parametrize("code", ["8010", "8050"])
def test_an_address_that_is_not_registered_is_said(tmp_path: Path, clock: Any, code: str) -> None:
    with (
        KIWOOM.server.running() as truth,
        closing(KIWOOM.connect(truth, tmp_path, clock)) as broker,
    ):
        body = {
            "return_code": 3,
            "return_msg": f"인증에 실패했습니다[{code}:지정단말기 인증에 실패했습니다]",
        }
        truth[1].faults = [KIWOOM.server.Planted.of("token", body)]
        with pytest.raises(Unreachable, match="address is not registered"):
            broker.orders(DAY)
