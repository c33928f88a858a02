"""A household is run on the sample market with the real planner and tickets."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from household_runs import HEAD
from set_clock import SetClock

from jeoul import api, assets
from jeoul.household.problem.records import Moves
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.market import Market
from jeoul.model.portfolio import Reason, Side
from jeoul.model.valued import Valued
from jeoul.operations.household.books import known_now, traded_lately
from jeoul.operations.household.configs import account_configs
from jeoul.operations.household.planner import _orders
from jeoul.operations.ledger import check, ledger_of, portfolio
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.told.promise_notes import promises_in
from jeoul.workspace.live import run_household
from jeoul.workspace.replaying import replayed, replayed_household

LAST = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def opened_once(monkeypatch: pytest.MonkeyPatch, sample: Market) -> None:
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configs = assets.root() / "configs"
    shutil.copytree(configs / "household-example", tmp_path / "household-example")
    shutil.copy(configs / "answers-example.toml", tmp_path)
    text = (configs / "household-example.toml").read_text("utf-8")
    text = text.replace("~/.local/share/jeoul/home", "state").replace(
        'lang     = "ko"', 'lang = "en"'
    )
    (tmp_path / "household.toml").write_text(text, "utf-8")
    return tmp_path


def run(folder: Path, request: RunRequest) -> RunReport:
    return run_household(read_household(folder / "household.toml"), request, SetClock.after(LAST))


def orders_of(report: RunReport) -> Mapping[str, int]:
    orders = report.document["orders"]
    return {
        f"{o['account']} {o['ticker']}": o["shares"] * (1 if o["side"] == "BUY" else -1)
        for o in orders
    }


def sound(file: HouseholdFile) -> list[str]:
    """What is wrong with the ledgers of a household."""
    found: list[str] = []
    for config in account_configs(file).values():
        with closing(ledger_of(config)) as ledger:
            found += check(ledger).faults
    return found


def test_tickets_are_written_typed_in_and_given_back_account_by_account(folder: Path) -> None:
    shown = run(folder, RunRequest())
    assert (shown.outcome, shown.document["as_of"]) == ("planned", LAST.isoformat())
    made = run(folder, RunRequest(execute=True))
    assert orders_of(made) == orders_of(shown)
    assert {order["state"] for order in made.document["orders"]} == {"acknowledged"}
    tickets = sorted((folder / "state").glob("*/tickets/2026-07-01.csv"))
    assert len(made.asked) == len(tickets) == len({o["account"] for o in made.document["orders"]})
    for ticket in tickets:
        rows = list(csv.DictReader(io.StringIO(ticket.read_text("utf-8"))))
        for row in rows:
            row |= {"filled": row["shares"], "price": row["limit"], "fee": "0"}
        with ticket.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        done = run(folder, RunRequest(execute=True, fills=ticket))
    assert done.outcome == "executed"
    assert all(order["filled"] == order["shares"] for order in done.document["orders"])
    file = read_household(folder / "household.toml")
    assert sound(file) == []
    general = account_configs(file)["general"]
    with closing(ledger_of(general)) as ledger:
        held = portfolio(ledger, "KRW").shares
    assert held.get("069500", 0) == 120 + orders_of(made).get("general 069500", 0)


def test_the_plan_that_was_made_is_kept_with_every_account(folder: Path) -> None:
    made = run(folder, RunRequest(execute=True))
    for config in account_configs(read_household(folder / "household.toml")).values():
        with closing(ledger_of(config)) as ledger:
            (row,) = ledger.rows("SELECT plan FROM runs")
            (promise,) = promises_in(ledger, config.settings.name)
        assert promise.session == LAST
        assert promise.month[0] < 0.0 < promise.month[1]
        kept: dict[str, Any] = json.loads(row["plan"])["household"]
        assert kept["run"] == made.document["run_id"] == f"home.managed.{LAST}"
        assert kept["accounts"] == ["general", "isa", "pension"]
        assert kept["objective"]["total"] < kept["do_nothing"]["total"]
        assert kept["bound"] <= kept["objective"]["total"] + 1


def test_a_part_of_a_plan_is_replayed_with_the_whole_household(folder: Path) -> None:
    run(folder, RunRequest(execute=True))
    file = read_household(folder / "household.toml")
    config = account_configs(file)["isa"]
    name = f"home-isa.managed.{LAST}"
    assert replayed(config, name).differences == ()
    text = file.path.read_text("utf-8")
    file.path.write_text(text.replace("max_trades   = 12", "max_trades = 1"), "utf-8")
    changed = replayed(config, name).differences
    assert changed[0] == "household: its file, holdings or prices are not those of then"
    assert any(each.startswith("household: a plan that costs") for each in changed)


def test_a_plan_of_before_net_asset_values_is_replayed_without_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sample: Market
) -> None:
    """Every fund is far above its net asset value now, so a plan of now would buy none of them."""
    before = sample.with_prices([replace(table, nav=None) for table in sample.prices])
    monkeypatch.setattr(api, "open_market", lambda *_, **__: before)
    run(folder, RunRequest(execute=True))
    config = account_configs(read_household(folder / "household.toml"))["isa"]
    dear = sample.with_prices([replace(table, nav=table.close / 2) for table in sample.prices])
    monkeypatch.setattr(api, "open_market", lambda *_, **__: dear)
    assert replayed(config, f"home-isa.managed.{LAST}").differences == ()


def test_a_plan_of_the_evening_is_replayed_after_the_values_of_its_day(
    folder: Path, sample: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the morning a fund that was bought turns out to be far above its value."""
    evening = sample.valued_to(Valued(LAST - timedelta(days=1)))
    monkeypatch.setattr(api, "open_market", lambda *_, **__: evening)
    made = run(folder, RunRequest(execute=True))
    account, bought = next(key for key, count in orders_of(made).items() if count > 0).split()
    tables = [
        replace(table, nav=np.where(np.array(table.tickers) == bought, 0.9, 1.0) * table.nav)
        if table.nav is not None
        else table
        for table in sample.prices
    ]
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample.with_prices(tables))
    config = account_configs(read_household(folder / "household.toml"))[account]
    stored = f"home-{account}.managed.{LAST}"
    # The values of earlier days were changed too, which is another market: the kept one decides.
    found = replayed(config, stored)
    assert (found.source, found.differences) == ("archive", ())
    morning = sample.with_prices(
        [
            new
            if new.nav is None or old.nav is None
            else replace(
                new, nav=np.where((new.sessions == np.datetime64(LAST))[:, None], new.nav, old.nav)
            )
            for new, old in zip(tables, sample.prices, strict=True)
        ]
    )
    monkeypatch.setattr(api, "open_market", lambda *_, **__: morning)
    found = replayed(config, stored)
    assert (found.source, found.differences) == ("folder", ())


def test_no_account_buys_more_than_its_own_settled_money_pays(folder: Path) -> None:
    made = run(folder, RunRequest())
    cash = {"general": 3_250_000, "isa": 1_180_000, "pension": 640_000}
    for name, money in cash.items():
        bought = sum(
            order["shares"] * order["limit"]
            for order in made.document["orders"]
            if order["account"] == name and order["side"] == "BUY"
        )
        assert bought <= money


def test_nothing_is_sold_in_safe_mode(folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "SAFE").touch()
    made = run(folder, RunRequest())
    assert made.outcome == "planned", made.reasons
    assert min(orders_of(made).values()) > 0


def test_one_approval_is_asked_for_the_whole_plan(folder: Path) -> None:
    place = folder / "household.toml"
    place.write_text(place.read_text("utf-8") + "\n[approval]\nrequired = true\n", "utf-8")
    waits = run(folder, RunRequest(execute=True))
    assert waits.outcome == "planned"
    (asked,) = waits.asked
    assert f"--approve home.managed.{LAST}`" in asked
    assert not list((folder / "state").glob("*/tickets/*.csv"))
    done = run(folder, RunRequest(approve=f"home.managed.{LAST}"))
    assert {order["state"] for order in done.document["orders"]} == {"acknowledged"}


def test_dollars_and_won_are_planned_together_and_each_waits_for_its_exchange(
    folder: Path,
) -> None:
    (folder / "us.csv").write_text("ticker,shares,cost\nSPY,20,400\nCASH,500\n", "utf-8")
    place = folder / "household.toml"
    us = '[accounts.us]\nowner = "minsu"\nkind = "overseas"\nholdings = "us.csv"\n\n[goals.house]'
    place.write_text(place.read_text("utf-8").replace("[goals.house]", us), "utf-8")
    made = run(folder, RunRequest(execute=True))
    assert made.outcome == "planned", made.reasons
    accounts = {each["account"]: each for each in made.document["accounts"]}
    assert accounts["us"]["executed"] >= LAST.isoformat()
    assert accounts["isa"]["executed"] == "2026-07-01"
    states = {o["account"]: o["state"] for o in made.document["orders"]}
    assert states.get("us", "new") in ("new", "acknowledged")
    assert sound(read_household(place)) == []


def test_a_plan_without_a_run_knows_what_the_ledgers_know(folder: Path) -> None:
    place = folder / "household.toml"
    paper = place.read_text("utf-8").replace('kind = "ticket"', 'kind = "paper"')
    lines = [line for line in paper.splitlines() if not line.startswith("holdings")]
    place.write_text("\n".join(lines), "utf-8")
    _, before = known_now(read_household(place))
    assert {name: held.cash for name, held in before.items()} == dict.fromkeys(before, 100_000_000)
    made = run(folder, RunRequest(as_of=date(2026, 5, 29), execute=True))
    assert made.outcome == "executed"
    known, after = known_now(read_household(place))
    bought = orders_of(made)
    assert bought == {
        f"{name} {code}": count
        for name, held in after.items()
        for code, count in held.shares.items()
    }
    assert after["isa"].cost.keys() == after["isa"].shares.keys()
    assert known.policy.pays_tax == "general"
    lately = traded_lately(read_household(place), date(2026, 6, 1))
    assert {f"{name} {code}": each.bought for (name, code), each in lately.items()} == bought
    assert not traded_lately(read_household(place), date(2026, 6, 9))


def test_a_daily_timer_trades_on_the_dates_of_the_strategy(folder: Path) -> None:
    place = folder / "household.toml"
    paper = place.read_text("utf-8").replace('kind = "ticket"', 'kind = "paper"')
    lines = [line for line in paper.splitlines() if not line.startswith("holdings")]
    place.write_text("\n".join(lines), "utf-8")
    month_end = run(folder, RunRequest(as_of=date(2026, 5, 29), execute=True))
    assert orders_of(month_end)
    assert not any("The strategy does not trade" in each for each in month_end.reasons)
    between = run(folder, RunRequest(as_of=date(2026, 6, 4)))
    assert orders_of(between) == {}
    assert any("The strategy does not trade today" in each for each in between.reasons)
    next_month = run(folder, RunRequest(as_of=date(2026, 6, 30)))
    assert not any("The strategy does not trade" in each for each in next_month.reasons)


def test_what_a_run_has_bought_is_not_sold_within_a_week(folder: Path) -> None:
    """Even where the person has become more careful the day after: it waits for a week."""
    place = folder / "household.toml"
    paper = place.read_text("utf-8").replace('kind = "ticket"', 'kind = "paper"')
    lines = [line for line in paper.splitlines() if not line.startswith("holdings")]
    text = "\n".join(lines).replace('answers  = "answers-example.toml"', 'profile = "growth"')
    place.write_text(text, "utf-8")
    bought = orders_of(run(folder, RunRequest(as_of=date(2026, 5, 29), execute=True)))
    place.write_text(text.replace("growth", "conservative"), "utf-8")
    soon = orders_of(run(folder, RunRequest(as_of=date(2026, 6, 2))))
    later = orders_of(run(folder, RunRequest(as_of=date(2026, 6, 9))))
    assert not any(shares < 0 and name in bought for name, shares in soon.items())
    assert any(shares < 0 and name in bought for name, shares in later.items())


def test_an_export_that_no_run_has_taken_in_is_newer_than_the_ledger(folder: Path) -> None:
    run(folder, RunRequest(execute=True))
    place = folder / "household.toml"
    assert set(known_now(read_household(place))[1]) == {"general", "isa", "pension"}
    with (folder / "household-example" / "isa.csv").open("a", encoding="utf-8") as export:
        export.write("CASH@2026-12-02,1,,\n")
    assert set(known_now(read_household(place))[1]) == {"general", "pension"}


def test_a_run_leaves_what_no_strategy_knows_where_it_is(folder: Path) -> None:
    """A policy that would sell it changes nothing here: no ledger has such shares."""
    rows = "ticker,shares,cost,value\n069500,120,31500,\n005930,20,70000,1400000\nCASH,,,3250000\n"
    (folder / "household-example" / "general.csv").write_text(rows, "utf-8")
    place = folder / "household.toml"
    text = place.read_text("utf-8")
    place.write_text(text.replace("[policy]", "[policy]\nsell_outside = true"), "utf-8")
    made = run(folder, RunRequest(execute=True))
    assert made.outcome == "planned", made.reasons
    assert "general 005930" not in orders_of(made)
    assert any("005930, 20 shares worth 1,400,000 won" in each for each in made.reasons)
    again = run(folder, RunRequest())
    assert orders_of(again) == orders_of(made)


def test_a_run_buys_nothing_on_answers_that_have_expired(folder: Path) -> None:
    answers = folder / "answers-example.toml"
    answers.write_text(answers.read_text("utf-8") + "\nanswered = 2024-01-10\n", "utf-8")
    made = run(folder, RunRequest())
    assert all(shares < 0 for shares in orders_of(made).values())
    assert any("questionnaire expired on 2025-01-10" in each for each in made.reasons)


def test_answers_given_after_the_last_session_are_taken(folder: Path) -> None:
    """They were answered this morning; the session that is planned on was yesterday's."""
    answers = folder / "answers-example.toml"
    answers.write_text(answers.read_text("utf-8") + "\nanswered = 2026-07-01\n", "utf-8")
    assert run(folder, RunRequest()).outcome == "planned"


def test_a_run_keeps_a_limit_by_product(folder: Path) -> None:
    place = folder / "household.toml"
    table = 'suitability = { mode = "product" }\nborn '
    place.write_text(place.read_text("utf-8").replace("born ", table, 1), "utf-8")
    made = run(folder, RunRequest())
    assert made.outcome == "planned", made.reasons
    bought = {order["ticker"] for order in made.document["orders"] if order["side"] == "BUY"}
    assert bought
    assert not bought & {"069500", "360750", "133690", "102110", "379800"}


def test_a_household_with_an_account_at_home_and_one_abroad_is_planned_at_home(
    tmp_path: Path,
) -> None:
    """Each exchange has one account. New York's hours are over when Seoul's of that day begin."""
    text = HEAD + '[accounts.us]\nkind = "overseas"\nholdings = "us.csv"\n'
    text += '[accounts.isa]\nkind = "isa"\nopened = 2024-03-02\nholdings = "isa.csv"\n'
    place = tmp_path / "household.toml"
    place.write_text(text, "utf-8")
    (tmp_path / "us.csv").write_text("ticker,shares,cost\nCASH,3000,\n", "utf-8")
    (tmp_path / "isa.csv").write_text("ticker,shares,cost\nCASH,9000000,\n", "utf-8")
    request = RunRequest(as_of=date(2026, 6, 22), execute=True)
    morning = SetClock(datetime(2026, 6, 22, 23, 45, tzinfo=UTC))
    made = run_household(read_household(place), request, morning)
    assert made.outcome == "planned", made.reasons
    states = {(each["account"], each["state"]) for each in made.document["orders"]}
    assert ("isa", "acknowledged") in states
    assert ("us", "acknowledged") not in states


ABROAD = (
    HEAD
    + """\
[accounts.us]
kind = "overseas"
broker = { kind = "paper", cash = 30_000 }
"""
)


def test_accounts_abroad_alone_are_planned_by_the_sessions_of_their_exchange(
    tmp_path: Path,
) -> None:
    """Seoul is shut on 1 May; New York trades. What it closes at on 4 May nobody knows yet."""
    place = tmp_path / "household.toml"
    place.write_text(ABROAD, "utf-8")
    file = read_household(place)
    request = RunRequest(as_of=date(2026, 5, 1), execute=True)
    made = run_household(file, request, SetClock(datetime(2026, 5, 4, 14, 0, tzinfo=UTC)))
    assert made.outcome == "executed", made.reasons
    assert {each["account"] for each in made.document["orders"]} == {"us"}
    assert replayed_household(file, made.document["run_id"]).differences == ()


def test_an_order_is_told_with_the_first_of_its_reasons() -> None:
    first, second = Reason.of("order.buy_under"), Reason.of("order.buy_idle")
    order = SimpleNamespace(code="069500", side=Side.BUY, price=37_000, reasons=(first, second))
    facts: Any = SimpleNamespace(accounts=[SimpleNamespace(id="isa", orders=[order])])
    (found,) = _orders("isa", facts, Moves(trades={("isa", "069500"): 3}))
    assert (found.shares, found.reason) == (3, first)
