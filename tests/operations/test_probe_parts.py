"""A probe part by part: forms, fields, counts and times of a report, and the life of one share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from kis_desk import DAY, MORNING, Watch

from jeoul.errors import BrokerError, UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerOrder, Hours, OrderRequest, OrderState
from jeoul.operations.broker.rest.broker import BrokerQuestion, RestBroker
from jeoul.operations.broker.rest.wire import RequestOutcome, Verdict
from jeoul.operations.errors import NotSent, Refused, Unanswered
from jeoul.operations.probe.examination import NOT_ASKED, Answer, Field, examine
from jeoul.operations.probe.one_share import OneShare, try_one_share

LATE = "Wed, 04 Mar 2026 00:30:07 GMT"  # seven seconds after the clock of these tests


class Told(RestBroker):
    """A broker that does what a test says, and what it was asked to do."""

    kind, mode = "told", "simulation"

    def __init__(self, *questions: BrokerQuestion, **told: Any) -> None:
        self.clock: Any = Watch()
        self.asks, self.told, self.done = questions, told, []  # type: ignore[var-annotated]
        self.wire: Any = SimpleNamespace(
            asked=told.get("asked", []),
            tokens=SimpleNamespace(refused=told.get("refused", False)),
            hide=lambda text: text.replace("secret", "[hidden]"),
        )
        self.listed: list[BrokerOrder] = []

    def questions(self, session: date) -> Any:
        return self.asks

    def hours(self, session: date) -> Hours:
        found: Hours = self.told.get("hours", Hours.OPEN)
        return found

    def account(self) -> Any:
        return self._do("account", None)

    def orders(self, session: date) -> Any:
        assert session == DAY
        self._do("orders", None)
        return list(self.listed)

    def submit(self, request: OrderRequest) -> str:
        self._do("submit", request)
        return "1"

    def cancel(self, order: BrokerOrder) -> None:
        self._do("cancel", order)

    def _do(self, what: str, given: Any) -> Any:
        if given is not None:
            self.done.append((what, given))
        do: Callable[..., Any] | None = self.told.get(what)
        return None if do is None else do(self, given)


class Moving(Told):
    """One whose interface says what else moved."""

    def movements(self) -> Any:
        raise BrokerError("movements 123456 secret")


def question(name: str, pages: Any, **rows: Any) -> BrokerQuestion:
    def ask() -> Any:
        if isinstance(pages, Exception):
            raise pages
        return pages

    return BrokerQuestion(name, ask, {place.strip("_"): fields for place, fields in rows.items()})


# -- the examination -------------------------------------------------------------------------------


def test_an_answer_is_compared_with_what_is_read_of_it() -> None:
    pages = [
        {"rows": [{"qty": "12", "odd name": "x", "new": 1}, {"qty": "many", "in": {"day": "x"}}]},
        {"rows": {"in": "x", "new": 2}}, {"rows": "none"}, {},
    ]  # fmt: skip
    broker = Told(question("orders", pages, rows={"qty": "number", "in.day": "day?"}))
    (found,) = examine(broker, DAY).answers
    assert (found.name, found.trouble, found.pages, found.rows) == ("orders", None, 4, {"rows": 3})
    assert found.fields == (
        Field("qty", "number", {"number": 1, "code": 1, "missing": 1}),
        Field("in.day", "day?", {"missing": 2, "code": 1}),
    )
    assert found.new == ("[odd name]", "new")
    assert not found.fits
    document = found.as_json()
    assert list(document["fields"][0]["seen"].items()) == [
        ("code", 1),
        ("missing", 1),
        ("number", 1),
    ]
    assert [field["fits"] for field in document["fields"]] == [False, False]


def test_the_answer_itself_is_a_row_too() -> None:
    (found,) = examine(Told(question("money", [{"a": "1"}], _={"a": "number"})), DAY).answers
    assert (found.rows, found.fits, found.fields[0].seen) == ({"answer": 1}, True, {"number": 1})


def test_sixty_names_that_nobody_reads_are_reported_at_most() -> None:
    names = {f"n{number:02d}": 1 for number in reversed(range(70))}
    (found,) = examine(Told(question("many", [names], _={})), DAY).answers
    assert found.new == tuple(f"n{number:02d}" for number in range(60))


def test_why_a_question_has_no_answer_is_said_without_figures_and_secrets() -> None:
    broker = Told(question("money", BrokerError("no 1234567 secret"), rows={"a": "number"}))
    found = examine(broker, DAY)
    assert found.answers == (Answer("money", "no # [hidden]", 0.0, 0, {}, (), ()),)
    assert not found.fits
    assert examine(Told(question("a", [], _={})), DAY).fits
    refused = examine(Told(question("a", [], _={}), refused=True), DAY)
    assert refused.answers[0].trouble == NOT_ASKED
    assert refused.read == {"account": NOT_ASKED, "orders": NOT_ASKED}


def test_an_account_that_cannot_be_read_whole_does_not_fit() -> None:
    def fails(*_: Any) -> None:
        raise BrokerError("account 1234567")

    found = examine(Told(account=fails), DAY)
    assert found.read == {"account": "account #", "orders": None}
    assert not found.fits
    assert examine(Told(), DAY).fits
    assert examine(Moving(), DAY).read["movements"] == "movements # [hidden]"


def test_a_question_is_timed_by_itself() -> None:
    broker = Told()

    def slow() -> Any:
        broker.clock.time += 1.256
        return [{}]

    broker.asks = (BrokerQuestion("slow", slow, {"": {}}), question("quick", [{}], _={}))
    answers = examine(broker, DAY).answers
    assert [round(answer.seconds, 3) for answer in answers] == [1.256, 0.0]
    assert [answer.as_json()["seconds"] for answer in answers] == [1.26, 0.0]


def test_requests_are_counted_and_the_clock_is_compared_with_the_newest_date() -> None:
    asked = [
        RequestOutcome(MORNING, 0.5, Verdict.WAIT, "Wed, 04 Mar 2026 00:30:01 GMT"),
        RequestOutcome(MORNING, 2.256, None),
        RequestOutcome(MORNING, 0.5, None),
        RequestOutcome(MORNING + 0.25, 0.5, Verdict.DONE, LATE),
        RequestOutcome(MORNING, 0.5, Verdict.DONE),
    ]
    found = examine(Told(asked=asked), DAY)
    assert (found.slowed, found.unanswered, found.slowest, found.behind) == (1, 2, 2.256, 6.75)
    document = found.as_json()
    assert (document["slowest_seconds"], document["clock_behind_seconds"]) == (2.26, 6.8)
    assert (document["broker"], document["mode"], document["day"]) == (
        "told", "simulation", "2026-03-04",
    )  # fmt: skip
    for dated in ([], [RequestOutcome(MORNING, 0.5, None)]):
        none = examine(Told(asked=dated), DAY)
        assert (none.behind, none.as_json()["clock_behind_seconds"]) == (None, None)
    odd = examine(Told(asked=[RequestOutcome(MORNING, 0.5, Verdict.DONE, "soon")]), DAY)
    assert odd.behind is None
    assert examine(Told(), DAY).slowest == 0.0


# -- one share -------------------------------------------------------------------------------------


def order(number: str, side: Side = Side.BUY, **fields: Any) -> BrokerOrder:
    terms = {"shares": 1, "limit": 9_000, "state": OrderState.OPEN, **fields}
    return BrokerOrder(number, None, DAY, side, "069500", **terms)


def lists(number: str, side: Side = Side.BUY, **fields: Any) -> Callable[..., None]:
    """What a list shows from now on of an order."""

    def do(broker: Told, *_: Any) -> None:
        kept = [each for each in broker.listed if each.order_id != number]
        broker.listed = [*kept, order(number, side, **fields)]

    return do


def one(**told: Any) -> tuple[OneShare, Told]:
    broker = Told(**told)
    broker.listed = [order("0", limit=8_000), order("9", state=OrderState.CLOSED)]
    return try_one_share(broker, DAY, "069500", 9_000), broker


def after(count: int, do: Callable[..., None]) -> Callable[..., None]:
    """Do something with the n-th look at the list."""
    left = [count]

    def look(broker: Told, given: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            do(broker, given)

    return look


CANCELLED = lists("1", state=OrderState.CLOSED)
FILLED: dict[str, Any] = {"state": OrderState.FILLED, "filled": 1, "amount": 9_000}


def test_one_share_is_listed_and_cancelled() -> None:
    # Before it is sent, at once, after a second and after one and a half more.
    looks = iter((None, None, None, lists("1")))

    def look(broker: Told, given: Any) -> None:
        do = next(looks, None)
        if do is not None:
            do(broker, given)

    found, broker = one(orders=look, cancel=CANCELLED)
    assert (found.answer, found.said, found.visible, found.ended, found.over) == (
        "accepted", None, 2.5, "cancelled", 0.0,
    )  # fmt: skip
    assert [what for what, _ in broker.done] == ["submit", "cancel"]
    request = broker.done[0][1]
    assert (request.side, request.shares, request.limit, request.session) == (
        Side.BUY, 1, 9_000, DAY,
    )  # fmt: skip
    assert broker.done[1][1].order_id == "1"
    document = found.as_json()
    assert (document["visible_seconds"], document["ended_seconds"]) == (2.5, 0.0)
    assert document["recommended_visibility"] == 10.0


def test_a_cancellation_is_waited_for_whatever_is_answered() -> None:
    def refused(broker: Told, _: Any) -> None:
        broker.told["orders"] = after(3, CANCELLED)
        raise Refused("no")

    found, broker = one(submit=lists("1"), cancel=refused)
    assert (found.visible, found.ended, found.over) == (0.0, "cancelled", 2.5)
    found, broker = one(submit=lists("1"))
    assert (found.ended, found.over) == ("left", None)  # another one is over, this one is not
    assert broker.clock.now() - MORNING >= 600.0


def test_one_share_that_was_filled_is_sold() -> None:
    def sent(broker: Told, request: OrderRequest) -> None:
        sells = request.side is Side.SELL
        if sells:  # sold an hour before, by somebody
            broker.told["orders"] = after(2, lists("3", Side.SELL, **FILLED))
        lists("2" if sells else "1", request.side, **({} if sells else FILLED))(broker)

    found, broker = one(submit=sent)
    assert (found.visible, found.ended, found.over) == (0.0, "sold", 1.0)
    assert [what for what, _ in broker.done] == ["submit", "submit"]
    assert [given.name for _, given in broker.done] == ["probe-buy", "probe-sell"]

    def unsold(broker: Told, request: OrderRequest) -> None:
        lists("2" if request.side is Side.SELL else "1", request.side, **(
            {} if request.side is Side.SELL else FILLED))(broker)  # fmt: skip

    found, _ = one(submit=unsold)
    assert (found.ended, found.over) == ("left", None)


@pytest.mark.parametrize("error", [Refused, NotSent])
def test_a_share_that_cannot_be_sold_is_left(error: type[Exception]) -> None:
    def sent(broker: Told, request: OrderRequest) -> None:
        if request.side is Side.SELL:
            lists("2", Side.SELL, **FILLED)(broker)
            raise error("no")
        lists("1", **FILLED)(broker)

    assert one(submit=sent)[0].ended == "left"

    def blind(broker: Told, request: OrderRequest) -> None:
        lists("1", **FILLED)(broker)
        looks = iter((None, BrokerError("no list")))

        def look(*_: Any) -> None:
            if (trouble := next(looks, None)) is not None:
                raise trouble

        broker.told["orders"] = look

    found, broker = one(submit=blind)
    assert (found.ended, len(broker.done)) == ("left", 1)


@pytest.mark.parametrize(
    ("error", "answer", "ended"),
    [
        (Refused, "refused", "refused"), (NotSent, "not_sent", "not_sent"),
        (Unanswered, "unanswered", "left"),
    ],
)  # fmt: skip
def test_an_order_that_is_not_listed_is_never_sent_again(
    error: type[Exception], answer: str, ended: str
) -> None:
    def fails(*_: Any) -> None:
        raise error("no 1234567 secret")

    found, broker = one(submit=fails)
    assert (found.answer, found.said, found.visible, found.ended) == (
        answer, "no # [hidden]", None, ended,
    )  # fmt: skip
    assert len(broker.done) == 1
    assert found.as_json()["visible_seconds"] is found.as_json()["ended_seconds"] is None
    pauses = [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, *[15.0] * 38]
    assert broker.clock.waited == (pauses if ended == "left" else [])


def test_one_share_is_sent_in_simulation_while_orders_are_taken() -> None:
    for told in ({"hours": Hours.EARLY}, {"hours": Hours.OVER}):
        with pytest.raises(UsageError, match="takes orders now"):
            one(**told)
    broker: Any = Told()
    broker.mode = "real"
    with pytest.raises(UsageError, match="simulation alone"):
        try_one_share(broker, DAY, "069500", 9_000)
    assert broker.done == []


@pytest.mark.parametrize(
    ("visible", "recommended"),
    [(None, None), (0.0, 10.0), (3.3, 10.0), (3.4, 11.0), (4.0, 12.0), (200.0, 600.0),
     (199.9, 600.0), (199.5, 599.0), (250.0, 600.0)],
)  # fmt: skip
def test_three_times_the_measured_time_is_recommended(
    visible: float | None, recommended: float | None
) -> None:
    found = OneShare(
        ticker="069500", limit=1, answer="accepted", said=None, visible=visible, ended="cancelled",
        over=1.26,
    )  # fmt: skip
    assert found.recommended == recommended
    assert found.as_json()["ended_seconds"] == 1.3
    assert replace(found, visible=1.26).as_json()["visible_seconds"] == 1.3
