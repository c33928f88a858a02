"""A run of an account with answers: kept with every plan, expired, too small, too much paid in."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from harness import QuickClock, market, sessions

from jeoul import api, assets
from jeoul.database import connect
from jeoul.errors import ConfigError
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.snapshot import Seen
from jeoul.operations.decision import Circumstances, decide
from jeoul.operations.desk.accepted_rules import content_then, limit_then
from jeoul.operations.desk.intents import intents_of, named_run
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.replay import replay, stored_strategy
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.operations.told.health import health
from jeoul.pipeline.content import content_of
from jeoul.profile import diagnose
from jeoul.rebalance import Fresh
from jeoul.workspace.live import diagnosis_of, mandate_of

FIRST, SECOND, THIRD = sessions()[:3]
ANSWERED = FIRST - timedelta(days=30)
ANSWERS = (
    'age = 45\nhorizon = "2y"\nexperience = "mixed"\nknowledge = "low"\nshare = "30"\n'
    'income = "falling"\nloss = "10"\n'
)
BROKER = '[broker]\nkind = "paper"\ncash = 20_000_000\n'


def config(folder: Path, extra: str = "", broker: str = BROKER, answers: str = "") -> Any:
    text = f"{ANSWERS}answered = {ANSWERED}\n{answers}"
    (folder / "a.toml").write_text(text, "utf-8")
    (folder / "c.toml").write_text(
        'schema = 1\nname = "d"\nstrategy = "static"\nanswers = "a.toml"\nstate = "state"\n'
        f'lang = "en"\n{extra}{broker}',
        "utf-8",
    )
    return load_config(folder / "c.toml")


def run(loaded: Any, session: date, today: date | None = None, **asked: Any) -> Any:
    found = diagnosis_of(loaded, today or session)
    runner = Runner(
        loaded,
        mandate_of(loaded, found),
        market(),
        api.calendars(),
        QuickClock(),
        diagnosis=found,
    )
    return runner.run(RunRequest(as_of=session, execute=True, **asked))


def kept(loaded: Any, session: date) -> Any:
    with closing(open_ledger(loaded.state / NAME)) as ledger:
        found = named_run(ledger, f"d.static.{session}")
        return found, intents_of(ledger, f"d.static.{session}")


def sides(report: Any) -> set[str]:
    return {order["side"] for order in report.document.get("orders", ())}


def test_the_diagnosis_is_kept_with_the_decision_and_said(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    report = run(loaded, FIRST)
    assert report.outcome == "executed"
    said = report.document["diagnosis"]
    assert (said["form"], said["version"], said["type"]) == ("kofia", 2, "neutral")
    assert said["expires"] == str(ANSWERED.replace(year=ANSWERED.year + 1))
    assert said["answers"]["loss"] == "10"
    assert report.document["notes"][0].startswith('Profile "balanced", from the questionnaire')
    stored, _ = kept(loaded, FIRST)
    assert stored.document["diagnosis"] == said
    assert stored.document["suitability"]["riskiest"] == 4


def test_a_named_profile_says_that_nobody_answered_also_in_the_ledger(tmp_path: Path) -> None:
    place = tmp_path / "c.toml"
    place.write_text(
        'schema = 1\nname = "d"\nstrategy = "static"\nprofile = "balanced"\nstate = "state"\n'
        f'lang = "en"\n{BROKER}',
        "utf-8",
    )
    loaded = load_config(place)
    report = run(loaded, FIRST)
    assert report.document["diagnosis"] is None
    assert report.document["notes"][0].startswith("Research mode: the profile")
    stored, _ = kept(loaded, FIRST)
    assert (stored.document["diagnosis"], stored.document["suitability"]) == (None, None)


def test_expired_answers_buy_nothing_and_ask_a_person(tmp_path: Path) -> None:
    loaded, late = config(tmp_path), ANSWERED + timedelta(days=400)
    report = run(loaded, FIRST, late)
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert any("expired on" in reason for reason in report.reasons)
    assert "Answer the questionnaire again" in report.asked[0]
    assert kept(loaded, FIRST)[0] is None
    assert [alarm["key"].split(".")[1] for alarm in report.document["alarms"]] == ["expired"]
    assert run(loaded, FIRST).outcome == "executed"  # answered again: nothing else was wrong


def test_expired_answers_still_sell(tmp_path: Path) -> None:
    """The limit becomes stricter, so the account has to sell shares; it buys no bonds for them."""
    loaded = config(tmp_path, '[suitability]\nmatrix = "yuanta"\n')
    assert run(loaded, FIRST).outcome == "executed"
    stricter = config(tmp_path, '[suitability]\nmatrix = "kiwoom"\nmode = "product"\n')
    late = ANSWERED + timedelta(days=400)
    asked = run(stricter, SECOND, late)
    assert asked.outcome == "needs_person"
    assert {change["key"] for change in asked.document["rules"]["changes"]} == {
        "suitability.matrix",
        "suitability.mode",
        "suitability.riskiest",
    }
    report = run(stricter, SECOND, late, accept=asked.document["rules"]["now"])
    assert sides(report) == {"SELL"}
    assert any("sales continue" in reason for reason in report.reasons)


def test_a_month_before_they_end_a_run_says_so(tmp_path: Path) -> None:
    report = run(config(tmp_path), FIRST, ANSWERED + timedelta(days=340))
    assert report.outcome == "executed"
    assert any("expires on" in alarm["text"] for alarm in report.document["alarms"])


def test_a_plan_that_waited_until_the_answers_expired_is_not_sent(tmp_path: Path) -> None:
    loaded = config(tmp_path, "", BROKER + "[approval]\nrequired = true\n")
    waiting = run(loaded, FIRST)
    assert waiting.outcome == "planned"
    late = ANSWERED + timedelta(days=400)
    found = run(loaded, FIRST, late, approve=waiting.document["run_id"])
    assert found.outcome == "needs_person"
    assert any("expired on" in reason for reason in found.reasons)
    assert all(not intent.filled and intent.order_id is None for intent in kept(loaded, FIRST)[1])


def test_a_decision_with_a_limit_comes_out_the_same_again(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    run(loaded, FIRST)
    stored, intents = kept(loaded, FIRST)
    limit = limit_then(stored)
    assert limit is not None
    mandate = api.mandate(stored_strategy(stored), "balanced", limit=limit)
    found = replay(loaded, mandate, stored, intents, market(), api.calendars())
    assert found.same, found.differences
    assert content_then(stored).digest == content_of(mandate).digest


def test_a_run_of_before_the_diagnosis_has_none_and_comes_back(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    run(loaded, FIRST)
    stored, _ = kept(loaded, FIRST)
    new = ("diagnosis", "suitability", "stops")
    older = replace(stored, document={k: v for k, v in stored.document.items() if k not in new})
    assert limit_then(older) is None
    assert content_then(older).suitability is None


def test_shares_that_the_broker_has_locked_leave_no_grades_for_more_shares(tmp_path: Path) -> None:
    """A quarter of the account is in shares that it may not sell now: it buys no others."""
    loaded = config(tmp_path)
    found = diagnosis_of(loaded, FIRST)
    mandate = mandate_of(loaded, found)
    proposal = api.propose(
        mandate.strategy, "balanced", "general", market().as_of(FIRST), limit=mandate.limit
    )
    held = 10_000_000 // proposal.quotes["069500"].price
    account = Portfolio({"069500": held}, 30_000_000)
    free, locked = (
        decide(
            loaded,
            mandate,
            proposal,
            account,
            Circumstances(
                fresh=Fresh(), traded=0, safe=False, seen=Seen(""), first=True, locked=locked
            ),
        )
        for locked in ({}, {"069500": held})
    )
    graded = proposal.graded
    assert graded is not None
    assert any(order.side is Side.SELL for order in free.plan.orders)
    assert any(graded.too_risky(o.ticker) for o in free.plan.orders if o.side is Side.BUY)
    assert locked.plan.orders
    assert not any(graded.too_risky(order.ticker) for order in locked.plan.orders)
    assert "place.grade_portfolio" in {reason.kind for reason in locked.cut}


# --- minimum --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "outcome"), [("2천만", "executed"), (20_000_001, "blocked_rule")]
)
def test_an_account_below_the_minimum_is_refused_clearly(
    tmp_path: Path, least: Any, outcome: str
) -> None:
    written = f'"{least}"' if isinstance(least, str) else least
    report = run(config(tmp_path, f"minimum = {written}\n"), FIRST)
    assert report.outcome == outcome
    if outcome == "blocked_rule":
        said = "The account is worth 20,000,000, less than the minimum of 20,000,001"
        assert report.reasons[0] == f"{said} for a first investment (`minimum` in the config)."


def test_an_invested_account_that_falls_below_goes_on(tmp_path: Path) -> None:
    assert run(config(tmp_path), FIRST).outcome == "executed"
    later = run(config(tmp_path, "minimum = 30_000_000\n"), SECOND)
    assert later.outcome in ("executed", "nothing_to_do")


def test_the_example_of_the_ima_asks_for_ten_million_and_says_what_the_product_takes() -> None:
    place = assets.root() / "configs" / "ima-example.toml"
    assert load_config(place).settings.minimum == 10_000_000
    assert "take 1,000,000 won" in place.read_text("utf-8").replace("\n# ", " ")


# --- rooms ----------------------------------------------------------------------------------------


def paid_in(amount: int) -> str:
    return BROKER + f'deposits = {{ "{SECOND}" = {amount} }}\n'


def test_more_than_an_isa_takes_is_not_invested(tmp_path: Path) -> None:
    keys = f'account = "isa"\nopened = {FIRST}\npaid = {{ "{FIRST.year}" = 15_000_000 }}\n'
    loaded = config(tmp_path, keys, paid_in(5_000_001))
    assert run(loaded, FIRST).outcome == "executed"
    report = run(loaded, SECOND)
    assert "BUY" not in sides(report)
    stopped = run(loaded, THIRD)
    assert any("exceed the ₩5,000,000" in reason for reason in (*report.reasons, *stopped.reasons))


def test_what_an_isa_still_takes_is_invested(tmp_path: Path) -> None:
    keys = f'account = "isa"\nopened = {FIRST}\npaid = {{ "{FIRST.year}" = 15_000_000 }}\n'
    loaded = config(tmp_path, keys, paid_in(5_000_000))
    run(loaded, FIRST)
    said = [*run(loaded, SECOND).reasons, *run(loaded, THIRD).reasons]
    assert not any("exceed" in reason for reason in said)


def test_a_run_asks_for_what_an_isa_took_so_far(tmp_path: Path) -> None:
    report = run(config(tmp_path, 'account = "isa"\n'), FIRST)
    assert "Add `opened` and `paid` to the config" in report.document["notes"][-1]


# --- what a firm has to ask -----------------------------------------------------------------------


def test_a_firm_needs_answers_with_purpose_wealth_and_income(tmp_path: Path) -> None:
    loaded = config(tmp_path, "", BROKER + '[firm]\nname = "house"\n')
    with pytest.raises(ConfigError) as refused:
        diagnosis_of(loaded, FIRST)
    assert {problem.key for problem in refused.value.problems} == {
        "wealth",
        "income_level",
        "purpose",
    }
    whole = 'wealth = "500m"\nincome_level = "50m"\npurpose = "retirement"\n'
    loaded = config(tmp_path, "", BROKER + '[firm]\nname = "house"\n', whole)
    found = diagnosis_of(loaded, FIRST)
    assert found is not None
    assert found.document()["answers"]["wealth"] == "500m"


def test_a_firm_decides_on_answers_only(tmp_path: Path) -> None:
    place = tmp_path / "c.toml"
    place.write_text(
        'schema = 1\nname = "d"\nprofile = "balanced"\nstate = "state"\n'
        f'{BROKER}[firm]\nname = "house"\n',
        "utf-8",
    )
    with pytest.raises(ConfigError, match="a firm decides on answers, not on a profile"):
        load_config(place)


def test_nobody_without_a_portfolio_can_run_an_account(tmp_path: Path) -> None:
    from jeoul.profile import load_answers

    config(tmp_path)
    text = (tmp_path / "a.toml").read_text("utf-8").replace('"10"', '"none"').replace("45", "70")
    (tmp_path / "a.toml").write_text(text.replace('"2y"', '"6m"').replace('"30"', '"40+"'), "utf-8")
    with pytest.raises(ConfigError, match="which no portfolio suits"):
        diagnose(load_answers(tmp_path / "a.toml"), day=FIRST)


def test_the_ledger_needs_no_new_table_for_it(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    run(loaded, FIRST)
    with closing(connect(loaded.state / NAME)) as ledger:
        (plan,) = ledger.execute("SELECT plan FROM runs").fetchone()
    assert json.loads(plan)["diagnosis"]["profile"] == "balanced"


def test_health_names_the_last_day_of_the_answers(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    seen = partial(
        health,
        loaded,
        api.calendars()["XKRX"],
        datetime(2026, 6, 30, 12, tzinfo=UTC),
        None,
        strategy="static",
        newest=date(2026, 6, 30),
        simulated=True,
    )
    soon = seen(diagnosis=diagnosis_of(loaded, ANSWERED + timedelta(days=340)))
    assert soon.as_json()["answers_until"] == str(ANSWERED.replace(year=ANSWERED.year + 1))
    assert any("questionnaire expires on" in problem for problem in soon.problems)
    fresh = seen(diagnosis=diagnosis_of(loaded, FIRST))
    assert not any("questionnaire" in problem for problem in fresh.problems)
    assert seen().as_json()["answers_until"] is None
