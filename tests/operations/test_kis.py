"""Korea Investment over a loopback server: what each failure means, and no order twice."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import mandate, market, proposal
from kis_server import ACCOUNT, APPKEY, APPSECRET, running

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.errors import BrokerError
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.broker.kis import KisBroker, KisSettings, is_allowed
from jeoul.operations.broker.kis_wire import TOKEN
from jeoul.operations.broker.port import BrokerContext, Hours, OrderRequest, OrderState
from jeoul.operations.desk.intents import Plan, PlannedOrder, intents_of
from jeoul.operations.desk.protocol import OrderDesk, collect, freeze_plan, hand_over, recover
from jeoul.operations.desk.reconcile import reconcile
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.ledger import check, open_ledger, portfolio
from jeoul.operations.run import Request, Runner
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.secrets import Secret
from jeoul.rebalance import Tariff, settlement_date

SESSION, DAY = date(2026, 3, 3), date(2026, 3, 4)
MORNING = datetime(2026, 3, 4, 0, 30, tzinfo=UTC).timestamp()  # 09:30 in Seoul


class Watch:
    """A clock that moves only when someone waits."""

    def __init__(self, now: float = MORNING) -> None:
        self.time = now
        self.waited: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds
        self.waited.append(seconds)


@pytest.fixture
def venue() -> Iterator[Any]:
    with running() as found:
        yield found


@pytest.fixture
def clock() -> Watch:
    return Watch()


def connect(venue: Any, state: Path, clock: Any, **settings: Any) -> KisBroker:
    chosen = {"kind": "kis", "mode": "simulation", "timeout": 0.6, "visibility": 5.0} | settings
    found = KisSettings(host=venue[0], **chosen)  # type: ignore[arg-type]
    secrets = {
        found.appkey: Secret(APPKEY),
        found.appsecret: Secret(APPSECRET),
        found.account: Secret(ACCOUNT),
    }
    context = BrokerContext(
        state=state,
        beside=state.joinpath,
        calendar=api.calendars()["XKRX"],
        clock=clock,
        currency="KRW",
        secrets=secrets,
        price_events=lambda: PriceEvents(()),
    )
    return KisBroker(found, context)


@pytest.fixture
def broker(venue: Any, tmp_path: Path, clock: Any) -> Iterator[Any]:
    found = connect(venue, tmp_path, clock)
    yield found
    found.close()


def buy(shares: int = 3, limit: int | None = 37_000, ticker: str = "069500") -> OrderRequest:
    return OrderRequest("a.b.01", DAY, Side.BUY, ticker, shares, limit)


def test_an_accepted_order_has_its_number_and_is_listed(broker: Any, venue: Any) -> None:
    assert broker.submit(buy()) == "1"
    (order,) = broker.orders(DAY)
    assert (order.order_id, order.side, order.shares, order.limit, order.state) == (
        "1", Side.BUY, 3, 37_000, OrderState.OPEN,
    )  # fmt: skip
    venue[1].fill(1, 2, 36_900)
    (order,) = broker.orders(DAY)
    assert (order.filled, order.amount, order.state) == (2, 73_800, OrderState.OPEN)


@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        ("silent-before", Unanswered, False),
        ("slow-before", Unanswered, False),
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
    broker: Any, venue: Any, fault: str, outcome: Any, arrives: bool
) -> None:
    venue[1].faults = [fault]
    with pytest.raises(outcome):
        broker.submit(buy())
    assert len(venue[1].orders) == arrives
    assert sum(path.endswith("order-cash") for path, _ in venue[1].seen) == 1  # never sent again


def test_no_connection_at_all_means_not_sent(venue: Any, tmp_path: Path, clock: Any) -> None:
    broker = connect(venue, tmp_path, clock)
    broker.orders(DAY)
    broker.close()
    gone = connect(("http://127.0.0.1:9", None), tmp_path, clock)
    gone.wire._token = Secret("known")
    with pytest.raises(NotSent):
        gone.submit(buy())
    with pytest.raises(Unreachable):
        gone.account()
    gone.close()


def test_questions_are_repeated_and_pages_joined(broker: Any, venue: Any) -> None:
    for number in range(40):
        venue[1].accept({"PDNO": f"{number:06d}", "ORD_QTY": "1", "ORD_UNPR": "1000"}, "02")
    venue[1].holdings = {f"{number:06d}": number for number in range(45)}
    venue[1].faults = ["ask-too-fast", "ask-garbled"]
    assert [int(order.order_id) for order in broker.orders(DAY)] == list(range(1, 41))
    assert broker.account().shares == {f"{number:06d}": number for number in range(1, 45)}


def test_nonsense_is_refused_by_name(broker: Any, venue: Any) -> None:
    venue[1].faults = ["ask-nonsense"]
    with pytest.raises(Unreachable, match="'many' for ord_qty"):
        broker.orders(DAY)


def test_money_on_its_way_is_not_spendable(broker: Any, venue: Any) -> None:
    venue[1].deposits = [500, 400, 900]
    account = broker.account()
    assert account.cash == 400
    assert account.unsettled == {date(2026, 3, 6): 500}
    venue[1].deposits = [500, 700, 900]
    assert broker.account().unsettled == {date(2026, 3, 5): 200, date(2026, 3, 6): 200}


def test_the_token_is_kept_for_its_owner_alone_and_asked_once_a_minute(
    venue: Any, tmp_path: Path, clock: Any
) -> None:
    first = connect(venue, tmp_path, clock)
    first.account()
    first.close()
    second = connect(venue, tmp_path, clock)
    second.account()
    assert len(venue[1].tokens) == 1
    assert stat.S_IMODE((tmp_path / TOKEN).stat().st_mode) == 0o600
    venue[1].tokens.clear()  # the broker forgets it within the minute
    second.account()
    second.close()
    assert len(venue[1].tokens) == 1
    assert max(clock.waited) > 50  # waited for the rest of the minute
    assert APPKEY not in (tmp_path / TOKEN).read_text()


def test_a_hash_key_is_sent_when_wanted(venue: Any, tmp_path: Path, clock: Any) -> None:
    broker = connect(venue, tmp_path, clock, hashkey=True)
    broker.submit(buy())
    broker.close()
    sent = next(headers for path, headers in venue[1].seen if path.endswith("order-cash"))
    assert sent["hashkey"] == "0a1b2c"


def test_requests_keep_the_pace(broker: Any, clock: Any) -> None:
    broker.account()
    broker.account()
    assert clock.waited.count(0.55) == 2


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("2026-03-04T00:03", Hours.EARLY),
        ("2026-03-04T00:05", Hours.OPEN),
        ("2026-03-04T06:19", Hours.OPEN),
        ("2026-03-04T06:20", Hours.OVER),
    ],
)
def test_orders_go_out_from_five_minutes_after_the_open_to_ten_before_the_close(
    venue: Any, tmp_path: Path, when: str, hours: Any
) -> None:
    clock = Watch(datetime.fromisoformat(f"{when}:00+00:00").timestamp())
    broker = connect(venue, tmp_path, clock)
    assert broker.hours(DAY) is hours
    broker.close()


@pytest.mark.parametrize(
    "host",
    [
        "https://openapi.koreainvestment.com:9443.evil.example:9443",
        "http://openapi.koreainvestment.com:9443",
        "https://example.com",
        "http://127.0.0.1@evil.example:80",
        "http://localhost",
    ],
)
def test_secrets_go_to_the_official_hosts_or_this_machine_only(host: str) -> None:
    assert not is_allowed(host, "real")
    with pytest.raises(ValueError, match="no host"):
        KisSettings(kind="kis", mode="real", host=host)


def test_the_real_host_is_not_the_simulation_one() -> None:
    assert not is_allowed("https://openapi.koreainvestment.com:9443", "simulation")
    assert is_allowed("https://openapi.koreainvestment.com:9443", "real")


# -- the protocol over this broker ---------------------------------------------------------------


def plan(*orders: tuple[Side, str, int]) -> Plan:
    planned = tuple(
        PlannedOrder(side, ticker, shares, 36_000, 37_000, Reason("x"))
        for side, ticker, shares in orders
    )
    return Plan("acc", "s", SESSION, DAY, "id", {}, planned)


@pytest.fixture
def desk(broker: Any, tmp_path: Path, clock: Any) -> Iterator[Any]:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    calendar = api.calendars()["XKRX"]
    yield OrderDesk(
        ledger=ledger,
        broker=broker,
        clock=clock,
        currency="KRW",
        fees=Tariff(Decimal("0.00014")),
        settles=lambda day: settlement_date(calendar, day),
    )
    ledger.close()


FAULTS = (
    "silent-before",
    "silent-after",
    "slow-after",
    "garbled",
    "too-fast",
    "expired",
    "unclear",
)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hidden", [0, 2])
def test_every_order_arrives_once_whatever_the_line_does(
    desk: Any, venue: Any, fault: str, hidden: int
) -> None:
    venue[1].holdings = {"114260": 4}
    made = plan((Side.SELL, "114260", 4), (Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    reconcile(desk, SESSION, DAY, adopt=False)
    freeze_plan(desk, made)
    venue[1].faults = [fault, "", fault]
    venue[1].hidden_questions = 0
    hand_over(desk, made.run_id) if not hidden else _late(desk, venue, made, hidden)
    assert [(o["pdno"], o["ord_qty"]) for o in venue[1].orders] == [
        ("114260", "4"), ("069500", "2"), ("360750", "1"),
    ]  # fmt: skip
    for number, shares in ((1, 4), (2, 1), (3, 1)):
        venue[1].fill(number, shares, 36_500)
    collect(desk, DAY)
    venue[1].fill(2, 1, 36_700)
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
    assert books.cash + sum(books.unsettled.values()) == venue[1].deposits[2] - fees


def _late(desk: Any, venue: Any, made: Any, hidden: Any) -> None:
    """Hand over while the order list lags behind by some questions."""
    submit = desk.broker.submit

    def lagging(request: Any) -> Any:
        venue[1].hidden_questions = hidden
        return submit(request)

    desk.broker.submit = lagging
    hand_over(desk, made.run_id)
    venue[1].hidden_questions = 0


def test_an_order_typed_in_by_hand_stops_the_run_before_it_sends(desk: Any, venue: Any) -> None:
    venue[1].accept({"PDNO": "069500", "ORD_QTY": "2", "ORD_UNPR": "37000"}, "02")
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    with pytest.raises(BrokerError, match="already lists 1"):
        hand_over(desk, made.run_id)
    assert len(venue[1].orders) == 1


def test_two_that_could_be_ours_are_left_to_a_person(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    venue[1].faults = ["silent-after"]
    submit = desk.broker.submit

    def and_a_person_too(request: Any) -> Any:
        try:
            return submit(request)
        finally:
            venue[1].accept({"PDNO": "069500", "ORD_QTY": "2", "ORD_UNPR": "37000"}, "02")

    desk.broker.submit = and_a_person_too
    with pytest.raises(BrokerError, match="several orders that could be"):
        hand_over(desk, made.run_id)
    with pytest.raises(BrokerError, match="several orders that could be"):
        recover(desk)
    assert len(venue[1].orders) == 2


def test_a_refused_order_is_not_tried_again(desk: Any, venue: Any) -> None:
    made = plan((Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
    freeze_plan(desk, made)
    venue[1].faults = ["refused"]
    hand_over(desk, made.run_id)
    hand_over(desk, made.run_id)
    states = [intent.state for intent in intents_of(desk.ledger, made.run_id)]
    assert states == ["refused", "acknowledged"]
    assert [order["pdno"] for order in venue[1].orders] == ["360750"]


def test_what_was_not_sent_in_its_session_never_is(desk: Any, venue: Any, clock: Any) -> None:
    made = plan((Side.BUY, "069500", 2))
    freeze_plan(desk, made)
    clock.time += 86_400
    hand_over(desk, made.run_id)
    assert [intent.state for intent in intents_of(desk.ledger, made.run_id)] == ["expired"]
    assert venue[1].orders == []


# -- a whole run ---------------------------------------------------------------------------------


@pytest.fixture
def live(venue: Any, tmp_path: Path, clock: Any) -> Any:
    """Runs of a live account on the sample market, with the session's morning as the time."""
    config = tmp_path / "c.toml"
    config.write_text(
        'schema = 1\nname = "live"\nstrategy = "static"\nprofile = "balanced"\nstate = "state"\n'
        f'lang = "en"\n[broker]\nkind = "kis"\nmode = "simulation"\nhost = "{venue[0]}"\n'
        "[safety]\nmax_turnover = 2.0\n",
        "utf-8",
    )
    (tmp_path / "state").mkdir(exist_ok=True)

    def run(day: Any = SESSION, **request: Any) -> Any:
        broker = connect(venue, tmp_path / "state", clock)
        runner = Runner(
            load_config(config), mandate(), market(), api.calendars(), clock, broker=broker
        )
        weights = {"069500": 0.4, "114260": 0.3, "360750": 0.2}
        runner.proposer = lambda wanted: proposal(wanted, weights, due=False)
        runner.keep_inputs = False
        report = runner.run(Request(**{"as_of": day, "execute": True, **request}))
        broker.close()
        return report

    return run


def test_a_run_places_limit_orders_and_books_their_fills_later(live: Any, venue: Any) -> None:
    report = live()
    assert report.outcome == "executed"
    assert [order["state"] for order in report.document["orders"]] == ["acknowledged"] * 3
    assert len(venue[1].orders) == 3
    for order in venue[1].orders:
        assert int(order["ord_unpr"]) % 5 == 0
    spent = sum(int(o["ord_qty"]) * int(o["ord_unpr"]) for o in venue[1].orders)
    assert spent <= 10_000_000
    for number, order in enumerate(venue[1].orders, start=1):
        venue[1].fill(number, int(order["ord_qty"]), int(order["ord_unpr"]) - 100)
    again = live()
    assert [order["state"] for order in again.document["orders"]] == ["filled"] * 3
    assert len(venue[1].orders) == 3
    assert again.document["holdings"]["shares"] == venue[1].holdings
    assert again.document["holdings"]["cash"] == venue[1].deposits[2]  # true fees, not estimates
    assert again.document["unexplained"] is None


def test_what_stays_unfilled_is_closed_and_decided_anew_a_day_later(
    live: Any, venue: Any, clock: Any
) -> None:
    live()
    venue[1].fill(1, 1, int(venue[1].orders[0]["ord_unpr"]))
    clock.time += 86_400
    venue[1].today = "20260305"
    venue[1].deposits = [venue[1].deposits[2]] * 3
    report = live(DAY)
    assert report.outcome == "executed"
    funds = [order["pdno"] for order in venue[1].orders]
    assert funds[:3] == funds[3:]


def test_too_early_and_too_late_send_nothing(live: Any, venue: Any, clock: Any) -> None:
    clock.time = MORNING - 3600 * 0.9
    early = live()
    assert (early.outcome, early.exit_code) == ("blocked_rule", 4)
    clock.time = MORNING + 86_400
    late = live()
    assert (late.outcome, late.exit_code) == ("blocked_data", 3)
    assert venue[1].orders == []


def test_a_dead_broker_needs_a_person_and_nothing_is_frozen(live: Any, venue: Any) -> None:
    venue[1].faults = ["ask-dropped"] * 99
    report = live()
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    venue[1].faults = []
    assert live().outcome == "executed"


def test_a_deposit_of_a_person_stops_until_it_is_taken_in(
    live: Any, venue: Any, clock: Any
) -> None:
    live()
    for number, order in enumerate(venue[1].orders, start=1):
        venue[1].fill(number, int(order["ord_qty"]), int(order["ord_unpr"]))
    live()
    venue[1].deposits = [venue[1].deposits[2] + 500_000] * 3
    clock.time += 86_400
    venue[1].today = "20260305"
    stopped = live(DAY)
    assert stopped.outcome == "needs_person"
    assert "cash +500,000" in stopped.reasons[0]
    assert live(DAY, adopt=True).outcome in ("executed", "nothing_to_do")
