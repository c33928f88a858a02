"""Orders that were not sent, and runs and orders as a history tells them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scripted import BUY, DAY, FUND, OTHER, Desk, at_broker, planned
from tellings import CALENDAR, MONDAY, TUESDAY, alarm, config, log, notes, records

from jeoul.model.measurements import Measurements
from jeoul.model.portfolio import Side
from jeoul.operations.desk.buy_terms import HELD, SELLING, SHORT, UNREADY, UNUSED, BuyTerms, keep
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, intents_of
from jeoul.operations.desk.lapsing import OVER, STOPPED
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.starts import SecondStart
from jeoul.operations.told.kept_why import kept_why
from jeoul.operations.told.left_alone import were_left_alone
from jeoul.operations.told.measured import KeptMeasurements, measured_span
from jeoul.operations.told.newest import last_close, newest_price
from jeoul.operations.told.order_story import order_story, run_story
from jeoul.operations.told.overnight import keep_named, lapsed_alarm, overnight_reasons
from jeoul.operations.told.run_history import history_page
from jeoul.operations.told.unsent_buys import changed_texts, lapsed_texts, unsent_texts
from jeoul.reporting.formats import Formats


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
        "Purchases that the account's money does not pay for; "
        "no sale of the plan is open any more: C 1,200 shares",
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


def measured(day: int, share: float | None, line: str | None) -> KeptMeasurements:
    found = cast("Measurements", SimpleNamespace(line=line))
    return KeptMeasurements(session=date(2026, 6, day), measured=found, account_risk_share=share)


def test_a_span_says_what_its_runs_measured_together() -> None:
    assert measured_span([]) is None
    kept = [measured(1, 0.2, "a"), measured(2, None, None), measured(3, 0.4, "a")]
    found = measured_span(kept)
    assert found is not None
    assert (found.runs, found.day, found.newest) == (3, date(2026, 6, 3), kept[-1].measured)
    assert found.account_risk_share == pytest.approx(0.3)
    assert found.lines == {"a": 2}
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
