"""A household's accounts of today through a crisis of the sample."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.household.homes import home

from jeoul import api
from jeoul.errors import BeyondData, UsageError
from jeoul.household.history.planned import do_nothing
from jeoul.household.planning.fast import plan_fast
from jeoul.korea.tables import load_rules
from jeoul.market import Market
from jeoul.operations.drill import CRISES, Drill, drill
from jeoul.operations.drill.lengthened import lengthened
from jeoul.operations.drill.past import _messages
from jeoul.operations.told.alarms import alarm_text
from jeoul.pipeline import run_model
from jeoul.pipeline.alarms import overlay_alarms
from jeoul.strategy.universe import load_universe

BOOK = load_rules(2026)
ONE = ("general", "isa", "pension")


@pytest.fixture(scope="module")
def covid(sample: Market, tmp_path_factory: pytest.TempPathFactory) -> Drill:
    file = home(tmp_path_factory.mktemp("drill"), *ONE)
    return drill(
        file, "2020", lambda each: plan_fast(each).moves, market=sample, book=BOOK, lang="en"
    )


def test_a_drill_runs_from_the_high_to_half_a_year_after_the_low(covid: Drill) -> None:
    assert covid.days[0].session == date(2020, 2, 19)
    assert covid.days[-1].session == date(2020, 9, 22)
    assert covid.crisis.end == date(2020, 3, 23)


def test_a_plan_is_made_at_once_and_whenever_the_model_trades(covid: Drill) -> None:
    assert covid.planned[0] == covid.days[0].session
    assert len(covid.planned) > 3
    filled = {fill.session for _, fill in covid.orders}
    sessions = [each.session for each in covid.days]
    assert filled <= {sessions[sessions.index(day) + 1] for day in covid.planned[:-1]} | {
        sessions[sessions.index(covid.planned[-1]) + 1]
    }


def test_messages_come_once_and_on_sessions_of_the_drill(covid: Drill) -> None:
    assert covid.messages
    assert {each.session for each in covid.messages} <= {each.session for each in covid.days}
    texts = [each.text for each in covid.messages]
    assert len(texts) == len(set(texts))


def test_an_alarm_of_the_first_session_is_a_message_of_it(sample: Market) -> None:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, sample.as_of(date(2020, 9, 22), strategy.calendar))
    model = run_model(api.mandate(strategy, "balanced"), history)
    days = [model.history.day(row) for row in range(len(model.history))]
    alarm = next(each for each in overlay_alarms(model, date(2020, 1, 31)) if each.session in days)
    said = _messages([model], days[days.index(alarm.session) :], "en")
    assert said[0].session == alarm.session
    assert said[0].text == alarm_text(alarm, "en")


def test_the_fall_is_that_of_the_path_without_new_money(covid: Drill) -> None:
    units = np.array([1.0, *(each.units[1] for each in covid.days)])
    deepest = float((units / np.maximum.accumulate(units)).min() - 1.0)
    assert covid.untouched_fall == pytest.approx(deepest)
    assert covid.untouched_fall < 0.0


def test_doing_nothing_beside_nothing_is_the_same(sample: Market, tmp_path: Path) -> None:
    found = drill(home(tmp_path, *ONE), "2020", do_nothing, market=sample, book=BOOK, lang="ko")
    assert not found.orders
    assert all(each.planned == each.untouched for each in found.days)


def test_a_crisis_is_named_by_its_year_or_its_name(sample: Market, tmp_path: Path) -> None:
    assert set(CRISES) == {"2008", "2020", "2022"}
    with pytest.raises(UsageError, match="'1929' is not a crisis; use 2008, 2020, 2022"):
        drill(home(tmp_path, "isa"), "1929", do_nothing, market=sample, book=BOOK, lang="en")


def test_a_fund_without_a_price_of_then_follows_its_place_in_the_universe(sample: Market) -> None:
    """The TIGER fund of 2016 stands for gold's neighbour before: it moves like its substitutes."""
    universe = load_universe("krx-core")
    found, named = lengthened(sample, universe, date(2008, 1, 2))
    assert named
    table = next(each for each in found.prices if each.exchange == "XKRX")
    before = next(each for each in sample.prices if each.exchange == "XKRX")
    for ticker in named:
        column = table.tickers.index(ticker)
        first = int(np.flatnonzero(np.isfinite(before.close[:, column]))[0])
        assert np.isfinite(table.close[first - 1, column])
        np.testing.assert_array_equal(table.close[first:, column], before.close[first:, column])
    others = [place for place, code in enumerate(table.tickers) if code not in named]
    np.testing.assert_array_equal(table.close[:, others], before.close[:, others])


def test_a_market_that_ends_before_the_low_has_no_drill(sample: Market, tmp_path: Path) -> None:
    early = sample.with_prices([each.head(6_000) for each in sample.prices])
    with pytest.raises(BeyondData, match="choose another crisis"):
        drill(home(tmp_path, "isa"), "2022", do_nothing, market=early, book=BOOK, lang="en")


def test_the_command_prints_both_paths_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jeoul.cli.main import main

    home(tmp_path, "isa")

    def run(*words: str) -> str:
        monkeypatch.setattr(
            "sys.argv", ["jeoul", "drill", "2020", str(tmp_path / "household.toml"), *words]
        )
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
        return capsys.readouterr().out

    document: dict[str, Any] = json.loads(run("--json", "--lang", "en"))
    assert document["schema"] == "jeoul.drill/1"
    assert len(document["equity"]) == len({day for day, *_ in document["equity"]})
    assert document["simulated"]
    assert "최대 낙폭" in run("--lang", "ko")
