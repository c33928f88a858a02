"""What a person is told of runs: each thing once, on its day, in the order in which it happened."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scripted import BUY, DAY, FUND, OTHER, SALE, Desk, at_broker, planned

from jeoul import api
from jeoul.errors import BrokerError, DataError, UsageError
from jeoul.model.measurements import Measurements
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.buy_terms import HELD, SELLING, SHORT, UNREADY, UNUSED, BuyTerms, keep
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, intents_of
from jeoul.operations.desk.lapsing import OVER, STOPPED
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.starts import SecondStart, time
from jeoul.operations.told.alarms import (
    AlarmLog,
    answers_alarm,
    answers_reason,
    config_alarms,
    hears_alarms,
    missed_alarm,
    missed_reason,
    reason_texts,
)
from jeoul.operations.told.expiry import endings, expiry_alarms, expiry_reasons, later
from jeoul.operations.told.forward_notes import (
    MonthNote,
    account_forward,
    chosen_in,
    keep_month,
    model_returns,
    months_in,
)
from jeoul.operations.told.kept_why import kept_why
from jeoul.operations.told.ledger_notes import booked_statement, standing_stop, stops_after
from jeoul.operations.told.left_alone import were_left_alone
from jeoul.operations.told.measured import KeptMeasurements, measured_span
from jeoul.operations.told.newest import last_close, newest_price
from jeoul.operations.told.order_story import order_story, run_story
from jeoul.operations.told.overnight import keep_named, lapsed_alarm, overnight_reasons
from jeoul.operations.told.run_history import history_page
from jeoul.operations.told.run_watch import RunWatch
from jeoul.operations.told.session_records import SessionRecords
from jeoul.operations.told.unsent_buys import changed_texts, lapsed_texts, unsent_texts
from jeoul.pipeline.alarms import Alarm
from jeoul.reporting.formats import Formats

CALENDAR = api.calendars()["XKRX"]
MONDAY, TUESDAY = DAY, DAY + timedelta(days=1)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.ledger.close()


def records(at: Desk, session: date = DAY, account: str = "mine") -> SessionRecords:
    return SessionRecords(at.desk, account, "s", session)


def log(at: Desk, session: date = DAY) -> AlarmLog:
    return AlarmLog(records(at, session).notes)


def alarm(key: str, kind: str = "alarm.unlisted", session: date = DAY, **detail: str) -> Alarm:
    return Alarm(key, session, Reason.of(kind, **detail))


def config(**settings: Any) -> Any:
    given: dict[str, Any] = {
        "lang": "en", "notify": SimpleNamespace(on=("alarm",)),
        "broker": SimpleNamespace(keys_end_on=None),
        "expiry": SimpleNamespace(keys_issued=None, password_changed=None, certificate_until=None),
        "schedule": SimpleNamespace(timezone="Asia/Seoul"),
    }  # fmt: skip
    return SimpleNamespace(settings=SimpleNamespace(**(given | settings)), retired=())


def notes(at: Desk, kind: str) -> list[tuple[str, dict[str, Any]]]:
    rows = at.ledger.rows("SELECT session, detail FROM notes WHERE kind = ? ORDER BY seq", kind)
    return [(row["session"], json.loads(row["detail"])) for row in rows]


# Alarms.


def test_an_alarm_is_found_once_and_waits_until_it_is_told(at: Desk) -> None:
    one, two, three = alarm("1", title="x"), alarm("2"), alarm("3")
    assert log(at).add([], tell=True) == []
    assert log(at).add([one, two], tell=True) == [one, two]
    assert log(at, TUESDAY).add([two, three], tell=False) == [three]
    assert [log(at).has(key) for key in ("1", "3", "4")] == [True, True, False]
    assert log(at).waiting() == [one, two]
    assert (log(at).of_session(), log(at, TUESDAY).of_session()) == ([one, two], [three])
    log(at).told([one])
    assert log(at).waiting() == [two]
    log(at).told([two])
    assert log(at).waiting() == []
    assert AlarmLog(records(at, account="other").notes).add([one], tell=True) == [one]


def test_missed_sessions_are_those_that_no_alarm_has_named(at: Desk) -> None:
    days = [date(2026, 6, day) for day in (22, 23, 24)]
    assert log(at).fresh_missed([]) == []
    assert log(at).fresh_missed(days) == days
    log(at).add([*missed_alarm(days[:2]), alarm("later", session=date(2026, 6, 30))], tell=True)
    assert log(at).fresh_missed(days) == days[2:]
    assert list(missed_alarm([])) == []
    (found,) = missed_alarm(days[:2])
    assert (found.key, found.session) == ("missed.2026-06-23", days[1])


@pytest.mark.parametrize(
    ("count", "days"),
    [
        (1, "2026-06-01"),
        (5, "2026-06-01, 2026-06-02, 2026-06-03, 2026-06-04, 2026-06-05"),
        (6, "2026-06-01 … 2026-06-06"),
    ],
)
def test_five_missed_sessions_are_named_one_by_one(count: int, days: str) -> None:
    missed = [date(2026, 6, day) for day in range(1, count + 1)]
    assert dict(missed_reason(missed).detail) == {"sessions": str(count), "days": days}


@pytest.mark.parametrize(
    ("before", "kind"), [(31, None), (30, "ends"), (0, "ends"), (-1, "expired"), (None, None)]
)
def test_answers_are_heard_of_a_month_before_they_expire(
    before: int | None, kind: str | None
) -> None:
    ends = None if before is None else DAY + timedelta(days=before)
    found = cast(
        "Any",
        SimpleNamespace(
            day=DAY, profile=SimpleNamespace(expires=ends), expired=ends is not None and ends < DAY
        ),
    )
    reason = answers_reason(found)
    assert (None if reason is None else reason.kind) == (kind and f"diagnosis.{kind}")
    keys = [each.key for each in answers_alarm(found, DAY)]
    assert keys == ([] if kind is None else [f"diagnosis.{kind}.{ends}"])
    assert answers_reason(None) is None


def test_a_config_hears_alarms_where_its_list_has_them() -> None:
    assert hears_alarms(config())
    assert not hears_alarms(config(notify=None))
    assert not hears_alarms(config(notify=SimpleNamespace(on=("executed",))))


def test_a_config_is_told_once_what_it_should_say_otherwise() -> None:
    quiet = config(notify=SimpleNamespace(on=("executed",)))
    retired = [
        SimpleNamespace(key="schedule.every", file="c.toml", line=7),
        SimpleNamespace(key="other", file="c.toml", line=8),
    ]
    quiet.retired = retired
    every, unlisted = config_alarms(quiet, DAY)
    assert (every.key, dict(every.reason.detail)["line"]) == ("config.schedule.every", "7")
    assert unlisted.key == "config.notify.on"
    assert list(config_alarms(config(), DAY)) == []
    assert list(config_alarms(config(notify=None), DAY)) == []


def test_an_alarm_that_repeats_a_reason_is_known_by_its_text() -> None:
    reason = Reason.of("alarm.unlisted")
    assert reason_texts(Alarm("x", DAY, reason), "en")[0].startswith("To hear of latches")


# What ends by itself.


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2026, 11, 29), 12, (2027, 11, 29)),
        ((2026, 11, 30), 1, (2026, 12, 30)),
        ((2026, 10, 31), 1, (2026, 11, 30)),
        ((2026, 12, 31), 1, (2027, 1, 31)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2026, 9, 30), 3, (2026, 12, 30)),
        ((2026, 9, 1), 4, (2027, 1, 1)),
        ((2026, 3, 31), 0, (2026, 3, 31)),
    ],
)
def test_so_many_months_later_is_the_same_day_or_the_last_of_its_month(
    day: tuple[int, int, int], months: int, found: tuple[int, int, int]
) -> None:
    assert later(date(*day), months) == date(*found)


def ending(name: str, until: date) -> Any:
    return config(
        expiry=SimpleNamespace(
            keys_issued=None,
            password_changed=None,
            certificate_until=until if name == "certificate" else None,
        ),
        broker=SimpleNamespace(keys_end_on=until if name == "keys" else None),
    )


@pytest.mark.parametrize(("name", "notice"), [("keys", 30), ("certificate", 30), ("password", 14)])
def test_what_ends_is_heard_of_so_many_days_before_and_after(name: str, notice: int) -> None:
    changed = date(2026, 3, 22)
    until = DAY
    given = ending(name, until)
    given.settings.expiry.password_changed = changed if name == "password" else None
    said = []
    for days in (-notice - 1, -notice, 0, 1):
        reasons = expiry_reasons(given, until + timedelta(days=days))
        alarms = [each.key for each in expiry_alarms(given, until + timedelta(days=days))]
        kinds = [reason.kind.removeprefix("operations.") for reason in reasons]
        assert alarms == [f"{kind}.{until}" for kind in kinds]
        said.append(kinds)
    assert said == [[], [f"{name}_end"], [f"{name}_end"], [f"{name}_ended"]]


def test_keys_last_a_year_unless_the_broker_says_their_last_day() -> None:
    given = config(
        expiry=SimpleNamespace(
            keys_issued=date(2026, 1, 5), password_changed=date(2026, 1, 6), certificate_until=DAY
        )
    )
    assert [(each.name, each.until) for each in endings(given)] == [
        ("keys", date(2027, 1, 5)), ("password", date(2026, 4, 6)), ("certificate", DAY),
    ]  # fmt: skip
    given.settings.broker.keys_end_on = date(2026, 2, 1)
    assert next(iter(endings(given))).until == date(2026, 2, 1)
    assert endings(config()) == ()


# What a month said of the rules.


def months(*lines: tuple[int, str, float]) -> list[MonthNote]:
    return [MonthNote(f"2026-0{n}", date(2026, n, 3), rules, nav) for n, rules, nav in lines]


def test_the_record_of_rules_begins_where_they_were_chosen_last() -> None:
    lines = months((1, "a", 1.0), (2, "b", 2.0), (3, "a", 4.0), (4, "a", 5.0), (5, "a", 4.0))
    assert chosen_in(lines) == date(2026, 3, 3)
    assert [(b.month, a.month, growth) for b, a, growth in model_returns(lines)] == [
        ("2026-03", "2026-04", 0.25), ("2026-04", "2026-05", pytest.approx(-0.2)),
    ]  # fmt: skip
    told = account_forward("mine", "s", lines)
    assert told["rules_since"] == "2026-03-03"
    assert told["after"]["months"][0] == {"from": "2026-03-03", "to": "2026-04-03", "return": 0.25}
    assert (chosen_in([]), model_returns([])) == (None, [])
    assert account_forward("mine", "s", [])["rules_since"] is None


def test_a_month_is_kept_once_under_the_same_rules(at: Desk) -> None:
    for session, rules, nav in (
        (DAY, "a", 1.0), (TUESDAY, "a", 2.0), (TUESDAY, "b", 3.0), (date(2026, 7, 1), "a", 4.0),
    ):  # fmt: skip
        keep_month(
            records(at, session).notes,
            cast("Any", SimpleNamespace(memory=SimpleNamespace(nav=nav))),
            rules,
        )
    assert [(n.month, n.session, n.rules, n.nav) for n in months_in(at.ledger, "mine")] == [
        ("2026-06", DAY, "a", 1.0), ("2026-06", TUESDAY, "b", 3.0), ("2026-07", date(2026, 7, 1), "a", 4.0),
    ]  # fmt: skip
    assert months_in(at.ledger, "other") == []


# Why a run stopped.


def test_a_note_is_never_earlier_than_the_newest_row(at: Desk) -> None:
    at.clock.time = 2_000.9
    records(at).notes.add("k", {})
    at.clock.time = 1_500.0
    records(at).notes.add("k", {})
    at.clock.time = 3_000.0
    records(at).notes.add("k", {})
    rows = at.ledger.rows("SELECT at FROM chain ORDER BY seq")
    assert [row["at"] for row in rows] == [2_000, 2_000, 3_000]


def test_a_stop_is_kept_once_and_ends_with_the_next_run_that_goes_on(at: Desk) -> None:
    keeper, stop = records(at).notes, RunReport("blocked_data", ("no prices",))
    keeper.outcome(RunReport("executed"))
    assert notes(at, "outcome") == []
    for _ in range(2):
        keeper.outcome(stop)
    assert len(notes(at, "outcome")) == 1
    records(at, TUESDAY).notes.outcome(stop)
    keeper.outcome(RunReport("blocked_data", ("others",)))
    assert len(notes(at, "outcome")) == 3
    found = standing_stop(at.ledger, "mine")
    assert found is not None
    assert (found["session"], json.loads(found["detail"])["reasons"]) == (str(DAY), ["others"])
    assert standing_stop(at.ledger, "other") is None
    for _ in range(2):
        keeper.outcome(RunReport("executed", ("x",)))
    assert notes(at, "outcome")[3:] == [(str(DAY), {"outcome": "executed", "reasons": []})]
    assert standing_stop(at.ledger, "mine") is None
    keeper.outcome(stop)
    at.freeze(BUY)
    assert standing_stop(at.ledger, "mine") is None
    assert [row["session"] for row in stops_after(at.ledger, "mine", DAY)] == [str(TUESDAY)]
    assert len(stops_after(at.ledger, "mine", None)) == 5


def test_the_newest_note_of_a_kind_is_the_account_s(at: Desk) -> None:
    assert (records(at).notes.newest("k"), booked_statement(at.ledger)) == (None, None)
    for number in (1, 2):
        records(at).notes.add("k", {"n": number})
        records(at).notes.add("import", {"digest": f"d{number}"})
    records(at, account="other").notes.add("k", {"n": 9})
    assert records(at).notes.newest("k") == {"n": 2}
    assert booked_statement(at.ledger) == "d2"


# What a session keeps.


def test_a_copy_of_the_ledger_in_another_folder_is_refused(at: Desk) -> None:
    for folder, adopt in (("/a", False), ("/a", False), ("/a", True)):
        records(at).check_home(folder, adopt=adopt)
        assert len(notes(at, "home")) == 1
    with pytest.raises(BrokerError, match="belongs to another folder than /b"):
        records(at).check_home("/b", adopt=False)
    records(at).check_home("/b", adopt=True)
    assert [detail["folder"] for _, detail in notes(at, "home")] == ["/a", "/b"]
    records(at).check_home("/b", adopt=False)
    assert len(notes(at, "home")) == 2


def test_an_account_that_a_household_plans_is_not_run_alone(at: Desk) -> None:
    records(at).check_planner(None, adopt=False)
    assert notes(at, "household") == []
    for file in ("h.toml", "h.toml", "g.toml"):
        records(at).check_planner(file, adopt=False)
    with pytest.raises(BrokerError, match=r"the household g\.toml plans this account"):
        records(at).check_planner(None, adopt=False)
    records(at).check_planner(None, adopt=True)
    assert [detail["file"] for _, detail in notes(at, "household")] == ["h.toml", "g.toml", None]


def test_sessions_between_two_decisions_are_missed_unless_a_run_stopped_on_them(at: Desk) -> None:
    friday = date(2026, 6, 26)
    now = records(at, friday)
    assert (now.missed(CALENDAR), now.unseen(CALENDAR), now.last_session()) == ([], [], None)
    at.freeze(executed=MONDAY)
    days = [date(2026, 6, day) for day in (23, 24, 25)]
    assert (now.missed(CALENDAR), now.unseen(CALENDAR)) == (days, days)
    records(at, days[1]).notes.outcome(RunReport("blocked_data"))
    assert now.unseen(CALENDAR) == [days[0], days[2]]
    for _ in range(2):
        now.skipped(CALENDAR)
    assert now.skipped_before() == list(map(str, days))
    assert notes(at, "skipped")[0] == (
        str(friday), {"session": "2026-06-23", "caught_up_by": "2026-06-26"}
    )  # fmt: skip
    assert records(at, TUESDAY).unseen(CALENDAR) == []
    assert records(at, account="other").last_session() is None


def test_a_quarter_is_looked_back_on_at_its_first_run(at: Desk) -> None:
    at.booked("opening", 7, {FUND: 2}, {TUESDAY: 3})
    for month in range(1, 13):
        run = at.freeze(SALE, executed=date(2026, month, 2), weights={"CASH": 1.0})
        records(at).review(run)
    found = [detail for _, detail in notes(at, "review")]
    assert [each["quarter"] for each in found] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert (found[0]["run"], found[1]["run"]) == ("mine.s.2026-01-02", "mine.s.2026-04-02")
    assert found[0] | {"run": ""} == {
        "quarter": "2026Q1", "run": "", "weights": {"CASH": 1.0}, "orders": 1,
        "holdings": {"cash": 7, "unsettled": {str(TUESDAY): 3}, "shares": {FUND: 2}},
    }  # fmt: skip


def test_the_newest_proof_of_an_allocation_or_of_the_session_counts(at: Desk) -> None:
    keeper = records(at)
    assert (keeper.kept_proof("x"), keeper.proof()) == (None, None)
    for number, allocation in enumerate("xxy"):
        keeper.notes.add("proof", {"allocation": allocation, "n": number})
    records(at, TUESDAY).notes.add("proof", {"allocation": "z", "n": 3})
    assert keeper.kept_proof("x") == {"allocation": "x", "n": 1}
    assert keeper.proof() == {"allocation": "y", "n": 2}


def test_rules_are_accepted_by_their_own_digest(at: Desk) -> None:
    now = cast("Any", SimpleNamespace(digest="d"))
    with pytest.raises(UsageError, match="the rules of this run are d, not e"):
        records(at).accept_rules(now, "e", "me")
    records(at).accept_rules(now, "d", "me")
    records(at).adopt_rules(now)
    assert [detail for _, detail in notes(at, "rules")] == [
        {"digest": "d", "by": "me"}, {"digest": "d", "adopted": ["universe", "model"]},
    ]  # fmt: skip


def test_what_was_traded_on_a_session_is_what_was_filled_on_it(at: Desk) -> None:
    assert records(at).traded(DAY) == 0
    at.booked("opening", 90_000, {FUND: 2})
    for number, order in enumerate((SALE, planned(Side.BUY, OTHER))):
        (intent,) = intents_of(at.ledger, at.freeze(order, strategy=f"{number}").run_id)
        at.sent(intent, str(number))
        at.broker.listed.append(at_broker(intent, str(number), 2, 20_000 + number))
    collect(at.desk, DAY)
    assert (records(at).traded(DAY), records(at).traded(TUESDAY)) == (40_001, 0)
    assert records(at).unfinished()[0].account == "mine"
    assert records(at, account="other").unfinished() == []


# Orders that were not sent.


def of(side: Side, ticker: str, state: str, why: str = "", **more: Any) -> Intent:
    detail = {"why": why} if why else {}
    found = Intent(
        f"r.{ticker}", "r", DAY, planned(side, ticker, 1_200), state, None, detail, 0, 0, 0
    )
    return replace(found, **more)


def unsent(
    intents: Sequence[Intent],
    tried: dict[str, BuyTerms],
    proceeds: str = "reuse",
    first: bool = True,
) -> list[str]:
    run = cast("Any", SimpleNamespace(document={"proceeds": proceeds}))
    return [
        *unsent_texts(
            run, intents, {f"r.{code}": terms for code, terms in tried.items()}, "en", first=first
        )
    ]


def test_buys_that_were_not_sent_are_named_by_what_stopped_them() -> None:
    intents = [of(Side.BUY, code, "new") for code in ("E", "D", "C", "B", "A")]
    tried = {"A": BuyTerms(1, SELLING), "B": BuyTerms(1, UNREADY), "C": BuyTerms(1, SHORT)}
    tried |= {"D": BuyTerms(1, SELLING), "E": BuyTerms(1, HELD, {"premium": 0.0127, "most": 0.01})}
    assert [text.split(".")[0] for text in unsent(intents, tried)] == [
        "Purchases that wait for the money of sales: D 1,200 shares, A 1,200 shares",
        "Purchases that the broker does not let be ordered yet, although the account's money pays "
        "for them: B 1,200 shares",
        "Purchases that the account's money does not pay for; no sale of the plan is open any more: "
        "C 1,200 shares",
        "E: the purchase of 1,200 shares is held back",
    ]
    assert (
        "1.27% above its indicative value; the limit of its class is 1.0%"
        in unsent(intents, tried)[3]
    )


def test_a_buy_that_this_run_did_not_try_waits_for_its_sales_or_is_not_named() -> None:
    intents = [
        of(Side.SELL, "S", "acknowledged"),
        of(Side.BUY, "A", "absent"),
        of(Side.BUY, "B", "new"),
    ]
    (said,) = unsent(intents, {"B": BuyTerms(1, HELD)}, first=True)[:1]
    assert "wait for the money of sales: A 1,200 shares." in said
    assert unsent(intents, {}, first=False) == []
    assert unsent([of(Side.BUY, "A", "acknowledged")], {"A": BuyTerms(1, SHORT)}) == []
    assert "stays held back" in unsent([of(Side.BUY, "A", "new")], {"A": BuyTerms(1, HELD)})[0]


def test_a_lowered_limit_and_a_value_of_no_use_are_said() -> None:
    formats = Formats("en", "Asia/Seoul", "KRW")
    lowered = of(Side.BUY, "A", "acknowledged", changed_limit=9_000)
    fault = {"r.B": BuyTerms(1, UNUSED, {"fault": "stale"}), "r.C": BuyTerms(1, HELD)}
    market = replace(lowered, order=replace(lowered.order, limit=None))
    said = [
        *changed_texts(
            [lowered, of(Side.BUY, "B", "new"), of(Side.BUY, "C", "new"), market], fault, formats
        )
    ]
    assert [text[:30] for text in said] == [
        "A: the limit is lowered from ₩",
        "B: the broker's indicative val",
    ]
    assert "10,050" in said[0]
    assert "9,000" in said[0]


def test_buys_that_lapsed_are_named_by_their_last_try() -> None:
    intents = [
        of(Side.BUY, did, "expired", STOPPED[did]) for did in (SHORT, HELD, SELLING, UNREADY)
    ]
    said = [*lapsed_texts([*intents, of(Side.BUY, "X", "expired", OVER)], "en")]
    assert [text.rpartition(": ")[2] for text in said] == [
        f"{did} 1,200 shares." for did in (HELD, SELLING, UNREADY, SHORT)
    ]


def test_an_alarm_of_the_close_names_what_lapsed_at_it() -> None:
    intents = [
        of(Side.BUY, "A", "expired", OVER),
        of(Side.BUY, "B", "expired", STOPPED[SHORT]),
        of(Side.BUY, "C", "expired", "rejected by a person"),
        of(Side.BUY, "D", "filled", OVER),
    ]
    found = lapsed_alarm(intents)
    assert found is not None
    assert (found.key, found.session) == ("lapsed.r", DAY)
    assert dict(found.reason.detail)["text_en"] == (
        "Purchases that lapsed because the account's money did not pay for them: B 1,200 shares. "
        "Orders that were not sent before the close: A 1,200 shares."
    )
    assert lapsed_alarm(intents[2:]) is None
    only = lapsed_alarm(intents[1:])
    assert only is not None
    assert "Orders" not in dict(only.reason.detail)["text_en"]


@pytest.mark.parametrize("keeps", [True, False])
def test_what_lapsed_is_named_by_the_first_run_after_it_and_once(at: Desk, keeps: bool) -> None:
    (older,) = intents_of(at.ledger, at.freeze(BUY, executed=date(2026, 6, 19)).run_id)
    (intent,) = intents_of(at.ledger, at.freeze(BUY, executed=MONDAY).run_id)
    for each in (older, intent):
        at.event(each, "expired", detail=json.dumps({"why": OVER}))
    now = records(at, TUESDAY)
    assert overnight_reasons(now, config(), keep=keeps) == []  # it fills at the close
    at.broker.sales_first = True
    assert overnight_reasons(records(at, MONDAY - timedelta(days=7)), config(), keep=keeps) == []
    (said,) = overnight_reasons(now, config(), keep=keeps)
    assert dict(said.detail)["session"] == str(MONDAY)
    assert len(overnight_reasons(now, config(), keep=keeps)) == (not keeps)
    assert len(log(at).waiting()) == keeps


def test_what_a_report_of_its_own_session_named_is_not_named_again(at: Desk) -> None:
    (intent,) = intents_of(at.ledger, at.freeze(BUY, executed=MONDAY).run_id)
    intent = at.event(intent, "expired", detail=json.dumps({"why": OVER}))
    keep_named(records(at), [intent])
    assert notes(at, "alarm") == []  # a broker that fills at the close leaves nothing unsent
    at.broker.sales_first = True
    keep_named(records(at), [])
    keep_named(records(at), [replace(intent, state="refused")])
    assert notes(at, "alarm") == []
    keep_named(records(at), [intent])
    assert overnight_reasons(records(at, TUESDAY), config(), keep=True) == []
    assert (len(notes(at, "alarm")), log(at).waiting()) == (1, [])


@pytest.mark.parametrize(
    ("tried", "why", "since", "alone"),
    [
        (-1, STOPPED[SHORT], DAY, True),
        (0, STOPPED[SHORT], DAY, False),  # at the second start itself
        (None, STOPPED[HELD], DAY, True),  # never
        (-1, OVER, DAY, False),
        (-1, STOPPED[SHORT], TUESDAY, False),
    ],
)
def test_a_buy_was_left_alone_where_its_last_try_is_before_the_second_start(
    at: Desk, tried: int | None, why: str, since: date, alone: bool
) -> None:
    second = SecondStart(time(14, 50), "Asia/Seoul")
    start = int(second.on(DAY).timestamp())
    (intent,) = intents_of(at.ledger, at.freeze(BUY).run_id)
    if tried is not None:
        keep(at.ledger, start - 900, intent, BuyTerms(1, HELD))
        keep(at.ledger, start + tried, intent, BuyTerms(1, SHORT))
    at.event(intent, "expired", detail=json.dumps({"why": why}))
    assert were_left_alone(at.ledger, "mine", since, second) is alone
    assert not were_left_alone(at.ledger, "other", since, second)


# What was kept of runs.


def measured(day: int, share: float | None, line: str | None) -> KeptMeasurements:
    found = cast("Measurements", SimpleNamespace(line=line))
    return KeptMeasurements(session=date(2026, 6, day), measured=found, account_risk_share=share)


def test_a_span_says_what_its_runs_measured_together() -> None:
    assert measured_span([]) is None
    kept = [measured(1, 0.2, "a"), measured(2, None, None), measured(3, 0.4, "a")]
    found = measured_span(kept)
    assert found is not None
    assert (found.runs, found.day, found.newest) == (3, date(2026, 6, 3), kept[-1].measured)
    assert (found.account_risk_share, dict(found.lines)) == (pytest.approx(0.3), {"a": 2})
    none = measured_span(kept[1:2])
    assert none is not None
    assert none.account_risk_share is None


def test_the_last_close_is_the_newest_that_is_known() -> None:
    def table(currency: str, tickers: tuple[str, ...], close: list[list[float]]) -> Any:
        return SimpleNamespace(currency=currency, tickers=tickers, close=np.array(close))

    won = table("KRW", ("A", "B"), [[1.0, 5.0], [2.0, np.nan], [np.nan, np.nan]])
    seen = cast("Any", SimpleNamespace(prices=(table("USD", ("A",), [[7.25]]), won)))
    assert [last_close(seen, code, "KRW") for code in "ABC"] == [2, 5, None]
    assert last_close(seen, "A", "USD") == 725
    empty = cast("Any", SimpleNamespace(prices=(table("KRW", ("A",), [[np.nan]]),)))
    assert last_close(empty, "A", "KRW") is None


def test_a_price_is_as_old_as_the_sessions_that_closed_since() -> None:
    market = cast("Any", SimpleNamespace(last_session=lambda _: date(2026, 6, 19)))
    close = int(CALENDAR.closes[CALENDAR.index(MONDAY)])
    assert [newest_price(market, CALENDAR, at)["sessions_old"] for at in (close - 1, close)] == [
        0,
        1,
    ]


def test_an_order_is_told_with_all_that_became_of_it(at: Desk) -> None:
    at.booked("opening", 50_000)
    run = at.freeze(BUY, planned(Side.BUY, OTHER))
    first, _ = intents_of(at.ledger, run.run_id)
    at.sent(first, "7")
    at.broker.listed = [at_broker(first, "7", 1, 10_000, fee=3)]
    collect(at.desk, DAY)
    story = run_story(at.ledger, run.run_id)
    assert story is not None
    assert run_story(at.ledger, "none") is None
    assert [order_story(at.ledger, story, number) for number in (0, 3)] == [None, None]
    one, two = (order_story(at.ledger, story, number) for number in (1, 2))
    assert one is not None
    assert two is not None
    assert (one.intent.name, two.intent.name) == (f"{run.run_id}.01", f"{run.run_id}.02")
    assert [event.state for event in one.events] == ["sending", "acknowledged"]
    assert [(fill.shares, fill.amount, fill.fee) for fill in one.fills] == [(1, 10_000, 3)]
    assert (one.run_row.seq, one.row.seq, two.row.seq) == (4, 5, 6)


def test_a_history_is_read_page_by_page_from_its_newest_row(at: Desk) -> None:
    assert history_page(at.ledger, "mine", "en", 5) == history_page(at.ledger, "mine", "en", 1)
    at.freeze(
        BUY, strategy="a", reasons=[["trade.calendar", [["turnover", "1.0%"]]]]
    )  # rows 1 and 2
    records(at).notes.add("k", {})  # of no kind that is shown
    records(at).notes.outcome(RunReport("blocked_data", ("x",)))
    records(at).notes.add("cut", {"reasons": [["alarm.unlisted", []]]})
    log(at).add([alarm("key")], tell=False)
    at.freeze(strategy="b", reasons=[])  # row 7
    whole = history_page(at.ledger, "mine", "en", 99)
    assert [each.get("note", each.get("run_id")) for each in whole.entries] == [
        f"mine.a.{DAY}", "outcome", "cut", "alarm", f"mine.b.{DAY}",
    ]  # fmt: skip
    assert whole.older is None
    assert whole.entries[2]["reasons"][0].startswith("To hear of latches")
    assert whole.entries[3]["text"].startswith("To hear of latches")
    assert whole.entries[0]["orders"] == [
        {"side": "BUY", "ticker": FUND, "shares": 2, "filled": 0, "state": "new"}
    ]
    pages = [history_page(at.ledger, "mine", "en", 2)]
    while pages[-1].older is not None:
        pages.append(history_page(at.ledger, "mine", "en", 2, pages[-1].older))
    assert [page.older for page in pages] == [6, 4, None]
    assert [each for page in reversed(pages) for each in page.entries] == whole.entries
    assert history_page(at.ledger, "mine", "en", 5).older is None
    assert history_page(at.ledger, "mine", "en", 1, 10**20).entries == whole.entries[-1:]
    assert history_page(at.ledger, "other", "en", 5).entries == []


def test_a_reason_is_read_back_as_it_was_kept() -> None:
    fund = {"weight": 0.5, "strategic": 0.4, "reasons": [], "asked": None}
    found = kept_why({"funds": {"A": fund}, "limits": [], "certificate": None})
    assert (found.funds["A"].asked, found.certificate) == (None, None)


# What a run looks for.


def watched(at: Desk, session: date, **settings: Any) -> tuple[RunWatch, list[Any]]:
    asked: list[Any] = []

    def overlay(day: date, since: date | None) -> Sequence[Alarm]:
        asked.append((day, since))
        return [alarm(f"overlay.{day}")]

    return RunWatch(config(**settings), records(at, session), CALENDAR, overlay), asked


def test_a_run_looks_for_what_happened_since_the_last_decision_and_once(at: Desk) -> None:
    first, asked = watched(at, MONDAY)
    first.look()
    assert asked == [(MONDAY, None)]
    at.freeze(executed=MONDAY)
    same, asked = watched(at, MONDAY)
    same.look()
    assert asked == []
    late, asked = watched(at, date(2026, 6, 25))
    late.look()
    assert asked == [(date(2026, 6, 25), MONDAY)]
    keys = [each.key for each in log(at).waiting()]
    assert keys == ["overlay.2026-06-22", "overlay.2026-06-25", "missed.2026-06-24"]
    document = late.document()
    assert [each["key"] for each in document["alarms"]] == keys[1:]
    assert document["notices"] == []


def test_where_the_rules_cannot_be_followed_the_decision_says_so_and_no_alarm(at: Desk) -> None:
    watch, _ = watched(at, MONDAY)

    def stops(_: date, __: date | None) -> Sequence[Alarm]:
        raise DataError("x")

    watch.overlay = stops
    watch.look()
    assert log(at).waiting() == []


def test_keys_that_end_are_an_alarm_on_the_day_of_the_account_s_zone(at: Desk) -> None:
    """Thirty days before, in Seoul; at Greenwich it is a day earlier."""
    at.clock.time = datetime.fromisoformat("2026-05-23T00:30+09:00").timestamp()
    broker = SimpleNamespace(keys_end_on=DAY)
    watch, _ = watched(at, MONDAY, broker=broker, notify=None)
    watch.look()
    assert [detail["key"] for _, detail in notes(at, "alarm")][1:] == ["keys_end.2026-06-22"]
    assert log(at).waiting() == []  # nobody is told, and the history keeps it
    quiet, _ = watched(at, MONDAY, notify=SimpleNamespace(on=()))
    quiet.look()
    assert [each.key for each in log(at).waiting()] == ["config.notify.on"]
    assert quiet.notices[0].startswith("[2026-06-22] To hear of latches")
