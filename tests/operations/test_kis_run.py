"""Whole runs of an account at Korea Investment, on the sample market."""

import json
from typing import Any

import pytest
from harness import mandate, market, proposal
from kis_desk import DAY, MORNING, SESSION, connect
from kis_server import Planted

from jeoul import api
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config


@pytest.fixture
def live(venue: Any, tmp_path: Any, clock: Any) -> Any:
    """Runs of a live account on the sample market, with the session's morning as the time."""
    config = tmp_path / "c.toml"
    text = (
        'schema = 1\nname = "live"\nstrategy = "static"\nprofile = "balanced"\nstate = "state"\n'
        f'lang = "en"\n[broker]\nkind = "kis"\nmode = "simulation"\nhost = "{venue[0]}"\n'
        "[safety]\nmax_turnover = 2.0\n"
    )
    (tmp_path / "state").mkdir(exist_ok=True)

    def run(day: Any = SESSION, more: Any = "", **request: Any) -> Any:
        config.write_text(text.replace("[safety]", f"{more}\n[safety]"), "utf-8")
        broker = connect(venue, tmp_path / "state", clock)
        runner = Runner(
            load_config(config), mandate(), market(), api.calendars(), clock, broker=broker
        )
        weights = {"069500": 0.4, "114260": 0.3, "360750": 0.2}
        runner.proposer = lambda wanted: proposal(wanted, weights, due=False)
        runner.keep_inputs = False
        report = runner.run(RunRequest(**{"as_of": day, "execute": True, **request}))
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
    assert "CASH +500,000" in stopped.reasons[0]
    assert live(DAY, adopt=True).outcome in ("executed", "nothing_to_do")


def test_shares_that_cannot_be_sold_are_left_out_and_said(live: Any, venue: Any) -> None:
    venue[1].holdings, venue[1].pledged = {"148070": 10}, {"148070": 10}
    dry = live(execute=False)
    cut = [reason for reason in dry.reasons if "Not all of it can be sold now" in reason]
    assert len(cut) == 1
    assert "SELL 148070 was cut from 10 to 0" in cut[0]
    assert [order["side"] for order in dry.document["orders"]] == ["BUY"] * 3
    report = live()
    assert report.outcome == "executed"
    assert all(order["sll_buy_dvsn_cd"] == "02" for order in venue[1].orders)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-04-04", ()),
        ("2026-04-03", ("The broker's keys expire on 2026-04-03.",)),
        ("2026-03-04", ("The broker's keys expire on 2026-03-04.",)),
        ("2026-03-03", ("The broker's keys expired on 2026-03-03",)),
    ],
)
def test_the_end_of_the_keys_is_said_a_month_before(live: Any, until: Any, said: Any) -> None:
    reasons = live(more=f"keys_until = {until}", execute=False).reasons
    found = [reason for reason in reasons if "keys expire" in reason]
    assert len(found) == len(said)
    assert all(reason.startswith(start) for reason, start in zip(found, said, strict=True))


@pytest.mark.parametrize(
    "content", [b"[" * 2000, b'{"rt_cd":"0","output1":[],"output2":[{"dnca_tot_amt":"1E9999999"}]}']
)
def test_an_odd_balance_is_an_outcome(live: Any, venue: Any, content: Any) -> None:
    venue[1].faults = [Planted("ask", content)] * 9
    report = live()
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert all(report.reasons)
    json.dumps(report.as_json()).encode()


def test_an_order_that_nobody_can_tell_of_ends_the_run_and_goes_on_later(
    live: Any, venue: Any, clock: Any
) -> None:
    venue[1].faults = ["silent-before"]
    report = live()
    assert report.outcome == "needs_person"
    assert "jeoul resolve CONFIG --order live.static.2026-03-03.01 --cancelled" in report.reasons[0]
    clock.wait(900.0)
    assert live().outcome == "executed"
    assert len(venue[1].orders) == 3
