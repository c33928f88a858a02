"""Korea Investment over a loopback server: what an account is told, and what each failure means."""

import stat
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from kis_desk import DAY, Watch, buy, connect
from kis_server import ACCOUNT, APPKEY, Planted
from kis_venue import distribution_row
from venues import KIS

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.port import Hours, OrderRequest, OrderState
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.setup.secrets import Secret, token_file


def test_an_accepted_order_has_its_number_and_is_listed(broker: Any, venue: Any) -> None:
    assert broker.submit(buy()) == "00950-1"
    (order,) = broker.orders(DAY)
    assert (order.order_id, order.side, order.shares, order.limit, order.state) == (
        "00950-1", Side.BUY, 3, 37_000, OrderState.OPEN,
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
        ("ledger", NotSent, False),
        ("drip", Unanswered, True),
        ("expired", NotSent, False),
        ("refused", Refused, False),
    ],
)
def test_what_a_failed_hand_over_says_about_the_order(
    broker: Any, venue: Any, fault: Any, outcome: Any, arrives: Any
) -> None:
    venue[1].faults = [fault]
    with pytest.raises(outcome):
        broker.submit(buy())
    assert len(venue[1].orders) == arrives
    assert sum(path.endswith("order-cash") for path, _ in venue[1].seen) == 1  # never sent again


def test_no_connection_at_all_means_not_sent(venue: Any, tmp_path: Any, clock: Any) -> None:
    broker = connect(venue, tmp_path, clock)
    broker.orders(DAY)
    broker.close()
    gone = connect(("http://127.0.0.1:9", None), tmp_path, clock)
    gone.wire.tokens._token = Secret("known")
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
    assert [int(order.former) for order in broker.orders(DAY)] == list(range(1, 41))
    assert broker.account().shares == {f"{number:06d}": number for number in range(1, 45)}


def test_money_on_its_way_is_not_spendable(broker: Any, venue: Any) -> None:
    venue[1].deposits = [500, 400, 900]
    account = broker.account()
    assert account.cash == 400
    assert account.unsettled == {date(2026, 3, 6): 500}
    venue[1].deposits = [500, 700, 900]
    assert broker.account().unsettled == {date(2026, 3, 5): 200, date(2026, 3, 6): 200}


@pytest.mark.posix
def test_the_token_is_kept_for_its_owner_alone_and_asked_once_a_minute(
    venue: Any, tmp_path: Any, clock: Any
) -> None:
    first = connect(venue, tmp_path, clock)
    first.account()
    first.close()
    second = connect(venue, tmp_path, clock)
    second.account()
    assert len(venue[1].tokens) == 1
    assert stat.S_IMODE((tmp_path / token_file("kis")).stat().st_mode) == 0o600
    venue[1].tokens.clear()  # the broker forgets it within the minute
    clock.waited.clear()
    second.account()
    second.close()
    assert len(venue[1].tokens) == 1
    assert max(clock.waited) > 50  # waited for the rest of the minute
    assert APPKEY not in (tmp_path / token_file("kis")).read_text()


@pytest.mark.parametrize("number", [f"{ACCOUNT}-01", f"{ACCOUNT}01"])
def test_a_number_with_its_product_is_sent_as_the_host_wants_it(
    number: str, venue: Any, tmp_path: Any, clock: Any
) -> None:
    spelt = replace(KIS, secrets={**KIS.secrets, "KIS_ACCOUNT": number})
    with closing(spelt.connect(venue, tmp_path, clock)) as broker:
        broker.submit(buy())  # the loopback takes orders of its account alone
    assert len(venue[1].sent()) == 1


def test_a_hash_key_is_sent_when_wanted(venue: Any, tmp_path: Any, clock: Any) -> None:
    broker = connect(venue, tmp_path, clock, hashkey=True)
    broker.submit(buy())
    broker.close()
    sent = next(headers for path, headers in venue[1].seen if path.endswith("order-cash"))
    assert sent["hashkey"] == "0a1b2c"


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
    venue: Any, tmp_path: Any, when: Any, hours: Any
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
def test_secrets_go_to_the_official_hosts_or_this_machine_only(host: Any) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        KisSettings(kind="kis", mode="real", host=host)


def test_the_real_host_is_not_the_simulation_one() -> None:
    real = "https://openapi.koreainvestment.com:9443"
    with pytest.raises(ValueError, match="is not a host of the simulation mode"):
        KisSettings(kind="kis", mode="simulation", host=real)
    assert KisSettings(kind="kis", mode="real", host=real).address == real


def test_a_token_asked_for_again_is_replaced_at_its_own_end(
    venue: Any, tmp_path: Any, clock: Any
) -> None:
    """Within six hours the broker gives the same token, whose life has begun before."""

    def look(hours: float) -> int:
        clock.time = began + hours * 3600
        with closing(connect(venue, tmp_path, clock)) as broker:
            broker.account()
        return len(venue[1].tokens)

    began = clock.time
    assert look(0) == 1
    (tmp_path / token_file("kis")).unlink()
    assert look(5) == 1
    assert look(23.95) == 2  # the life said at five hours would last five hours more


@pytest.mark.parametrize("fault", ["token-minute", "token-none"])
def test_one_token_a_minute_is_said_and_not_blamed_on_the_keys(
    broker: Any, venue: Any, fault: Any
) -> None:
    venue[1].faults = [fault]
    with pytest.raises(Unreachable, match="it gives one a minute"):
        broker.account()


def test_a_token_that_cannot_travel_is_never_kept(broker: Any, venue: Any, tmp_path: Any) -> None:
    venue[1].faults = ["token-foreign"]
    with pytest.raises(Unreachable, match="cannot travel"):
        broker.account()
    assert "토큰" not in (tmp_path / token_file("kis")).read_text("utf-8")
    broker.account()


def test_a_token_revoked_under_any_code_is_replaced_once(broker: Any, venue: Any) -> None:
    broker.account()
    venue[1].faults = ["ask-revoked"]
    broker.account()
    assert len(venue[1].asked) == 2
    unknown = {"rt_cd": "1", "msg_cd": "EGW00998", "msg1": "?"}
    venue[1].faults = [Planted.of("ask", unknown, status=500)] * 2
    with pytest.raises(Unreachable, match="EGW00998"):
        broker.account()


@pytest.mark.parametrize("fault", ["ask-too-fast", "ask-ledger", "ask-again", "ask-dropped"])
def test_a_question_that_may_be_asked_again_is(broker: Any, venue: Any, fault: Any) -> None:
    venue[1].faults = [fault] * 3
    assert broker.account().cash == 10_000_000


def test_a_question_is_given_up_after_half_a_minute(broker: Any, venue: Any, clock: Any) -> None:
    broker.account()
    venue[1].faults = ["ask-ledger"] * 99
    began = clock.time
    with pytest.raises(Unreachable, match="EGW00215"):
        broker.account()
    assert 30 < clock.time - began < 60


def test_data_that_change_between_pages_are_read_from_the_first_again(
    broker: Any, venue: Any
) -> None:
    venue[1].holdings = {f"{number:06d}": number for number in range(1, 45)}
    venue[1].faults = ["ask-changed"]
    assert sum(broker.account().shares.values()) == sum(range(1, 45))
    starts = [q["CTX_AREA_NK100"] for name, q in venue[1].queries if name == "inquire-balance"]
    assert starts == ["", "20", "", "20", "40"]
    venue[1].faults = ["ask-changed"] * 9
    with pytest.raises(Unreachable, match="changes faster"):
        broker.account()


@pytest.mark.parametrize(("key", "said"), [("", "say where"), ("20", "say where")])
def test_the_same_page_again_is_not_counted_twice(
    broker: Any, venue: Any, key: Any, said: Any
) -> None:
    page = {
        "rt_cd": "0",
        "output1": [{"pdno": "069500", "hldg_qty": "3"}],
        "output2": [],
        "ctx_area_fk100": "x",
        "ctx_area_nk100": key,
    }
    venue[1].faults = [Planted.of("ask", page, more=True)] * 4
    with pytest.raises(Unreachable, match=said):
        broker.account()


@pytest.mark.parametrize(("mode", "each"), [("simulation", 1.0), ("real", 1 / 3)])
def test_requests_keep_the_published_pace(
    mode: Any, each: Any, request: Any, tmp_path: Any, clock: Any
) -> None:
    """The loopback turns away whatever comes sooner; nothing is."""
    venue = request.getfixturevalue("venue" if mode == "simulation" else "real")
    broker = connect(venue, tmp_path, clock)
    began = clock.time
    for _ in range(3):
        broker.account()
        broker.orders(DAY)
    broker.submit(buy())
    broker.close()
    count = len(venue[1].seen)
    assert max(clock.waited) < 1.06
    assert clock.time - began >= (count - 2) * each


def test_a_slower_pace_is_the_users_to_choose(venue: Any, tmp_path: Any, clock: Any) -> None:
    slow = connect(venue, tmp_path, clock, pace=5.0)
    slow.account()
    slow.account()
    slow.close()
    assert min(clock.waited) == 5.0
    clock.wait(60.0)
    clock.waited.clear()
    eager = connect(venue, tmp_path, clock, pace=0.01)
    eager.account()
    eager.account()
    eager.close()
    assert max(clock.waited) == pytest.approx(1.05)


def test_an_answer_that_drips_ends_with_the_time_of_one_request(
    venue: Any, tmp_path: Any, clock: Any
) -> None:
    import time

    broker = connect(venue, tmp_path, clock, timeout=0.4)
    broker.account()
    venue[1].faults = ["ask-drip"] * 9
    began = time.monotonic()
    with pytest.raises(Unreachable, match="not within"):
        broker.account()
    broker.close()
    assert time.monotonic() - began < 9 * 0.4 + 2


def test_a_pledged_share_is_held_and_cannot_be_sold(broker: Any, venue: Any) -> None:
    venue[1].holdings, venue[1].pledged = {"069500": 5, "360750": 2}, {"069500": 3}
    account = broker.account()
    assert account.shares == {"069500": 5, "360750": 2}
    assert account.locked == {"069500": 3}


def test_credit_is_never_spent_and_open_buys_bind_their_money(broker: Any, venue: Any) -> None:
    venue[1].deposits = [500, 600, 900]
    account = broker.account()
    assert (account.cash, account.orderable) == (500, 900)
    venue[1].accept({"PDNO": "069500", "ORD_QTY": "2", "ORD_UNPR": "300"}, "02")
    account = broker.account()
    assert (account.cash, account.orderable, account.money) == (300, 300, 900)


def test_a_cma_account_has_its_money(broker: Any, venue: Any) -> None:
    venue[1].deposits, venue[1].cma = [0, 0, 0], 7_000
    account = broker.account()
    assert (account.cash, account.orderable, account.unsettled) == (7_000, 7_000, {})
    asked = next(q for name, q in venue[1].queries if name == "inquire-psbl-order")
    assert (asked["CMA_EVLU_AMT_ICLD_YN"], asked["PDNO"], asked["ORD_UNPR"]) == ("Y", "", "")


def test_an_order_on_any_venue_is_seen_on_the_real_host(
    real_broker: Any, real: Any, venue: Any, broker: Any
) -> None:
    for number, place in enumerate(("KRX", "NXT", "SOR"), start=1):
        body = {"PDNO": "069500", "ORD_QTY": "1", "ORD_UNPR": "37000", "EXCG_ID_DVSN_CD": place}
        real[1].accept(body, "02")
        assert len(real_broker.orders(DAY)) == number
    broker.orders(DAY)  # simulation offers KRX only
    asked = [q["EXCG_ID_DVSN_CD"] for name, q in venue[1].queries]
    assert asked == ["KRX"]


@pytest.mark.parametrize("mode", ["real", "simulation"])
def test_a_cancelled_order_is_over_by_what_remains_of_it(
    mode: Any, request: Any, tmp_path: Any, clock: Any
) -> None:
    venue = request.getfixturevalue("venue" if mode == "simulation" else "real")
    broker = connect(venue, tmp_path, clock)
    broker.submit(buy(10))
    venue[1].fill(1, 3, 36_900)
    (sent,) = broker.orders(DAY)
    broker.cancel(sent)
    (order,) = broker.orders(DAY)  # the instruction to cancel is not an order
    assert (order.state, order.filled) == (OrderState.CLOSED, 3)
    with pytest.raises(Refused):
        broker.cancel(sent)
    broker.close()


def test_an_order_changed_by_hand_is_another_order(broker: Any, venue: Any) -> None:
    broker.submit(buy(10))
    venue[1].change(1, 10, 37_500)
    first, second = broker.orders(DAY)
    assert (first.state, first.changes) == (OrderState.CLOSED, None)
    assert (second.state, second.changes, second.limit) == (OrderState.OPEN, "1", 37_500)


def test_sells_and_buys_go_out_as_such_on_either_host(real_broker: Any, real: Any) -> None:
    real[1].holdings = {"069500": 4}
    sell = OrderRequest("a.b.02", DAY, Side.SELL, "069500", 4, 36_000)
    assert real_broker.submit(sell) == "06010-1"
    assert real[1].orders[0]["sll_buy_dvsn_cd_name"] == "현금매도"
    assert real_broker.account().locked == {"069500": 4}


def test_a_distribution_explains_itself_and_its_tax(
    real_broker: Any, real: Any, broker: Any
) -> None:
    real[1].rights = [
        distribution_row("069500", 10_000, 1_540, "20260304"),
        distribution_row("114260", 5_000, 770, "20260310"),  # not paid yet
    ]
    found = real_broker.movements()
    assert [(m.kind, m.cash, m.ticker) for m in found] == [
        ("dividend", 10_000, "069500"), ("tax", -1_540, "069500"),
    ]  # fmt: skip
    assert [m.movement_id for m in found] == [m.movement_id for m in real_broker.movements()]
    assert broker.movements() == ()  # simulation does not say


def test_a_day_on_which_the_broker_is_closed_is_found_and_asked_once(
    real: Any, tmp_path: Any, clock: Any
) -> None:
    broker = connect(real, tmp_path, clock)
    assert broker.hours(DAY) is Hours.OPEN
    real[1].closed_days = {"20260305"}
    clock.time += 86_400
    for _ in range(2):
        with pytest.raises(Unreachable, match="closed on 2026-03-05"):
            broker.hours(date(2026, 3, 5))
    broker.close()
    assert [name for name, _ in real[1].queries].count("chk-holiday") == 2


def test_outside_of_its_hours_a_broker_is_not_asked_for_its_days(
    real_broker: Any, real: Any, clock: Any
) -> None:
    clock.time += 86_400
    assert real_broker.hours(DAY) is Hours.OVER
    clock.time -= 2 * 86_400
    assert real_broker.hours(DAY) is Hours.EARLY
    assert "chk-holiday" not in [name for name, _ in real[1].queries]


def test_a_broker_that_does_not_say_its_days_leaves_them_to_the_calendar(
    real_broker: Any, real: Any
) -> None:
    real[1].faults = [Planted.of("ask", {"rt_cd": "1", "msg_cd": "X", "msg1": "no"})]
    assert real_broker.hours(DAY) is Hours.OPEN
    assert real_broker.hours(DAY) is Hours.OPEN
    assert [name for name, _ in real[1].queries].count("chk-holiday") == 1
