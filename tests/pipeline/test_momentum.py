"""Momentum: month-end signals, canaries, what is chosen, and what no later close can change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.errors import StrategyError
from jeoul.pipeline import present, run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.pipeline.momentum import choose, month_ends, ready
from jeoul.pipeline.replay import calendar_rows
from jeoul.reporting.reasons import reason_text
from jeoul.strategy.load import load_strategy
from jeoul.strategy.tables.momentum import Momentum

PRESETS = ("dual-momentum", "vaa", "baa", "laa")
DAY = date(2009, 5, 20)


@pytest.fixture(scope="module")
def history(sample: Any) -> Any:
    return api.history(api.load_strategy("vaa"), sample.as_of(DAY, "XNYS"))


def made(name: str, history: Any, row: int, **changes: Any) -> Any:
    """Return what a preset allocates on a row, some keys of its table changed."""
    strategy = api.load_strategy(name)
    for key, value in changes.items():
        strategy = strategy.replace(f"allocate.{key}", value)
    mandate = api.mandate(strategy, "balanced")
    found = allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))
    weights = dict(zip(mandate.places, found.weights.tolist(), strict=True))
    return found, {place: weight for place, weight in weights.items() if weight > 0.0}


def with_levels(history: Any, **growth: float) -> Any:
    """Return the history with members that grow by a constant rate a session."""
    level = history.level.copy()
    for name, rate in growth.items():
        level[:, history.members.index(name)] = (1.0 + rate) ** np.arange(len(history))
    return replace(history, level=level)


def with_series(history: Any, name: str, values: Any) -> Any:
    return replace(history, signals={**history.signals, name: values})


def test_signals_are_those_of_the_last_month_end_on_every_day_of_a_month(history: Any) -> None:
    end = int(month_ends(history)[-2])
    assert history.sessions[end].astype("datetime64[M]") != history.executed[end].astype(
        "datetime64[M]"
    )
    for name in PRESETS:
        weights = [made(name, history, row)[1] for row in (end, end + 5, end + 12)]
        assert weights[0] == weights[1] == weights[2]


def test_no_close_after_the_month_end_changes_a_choice(history: Any) -> None:
    end = int(month_ends(history)[-3])
    noise = np.random.default_rng(1).uniform(0.5, 2.0, history.level.shape)
    later = np.arange(len(history))[:, np.newaxis] > end
    bent = replace(history, level=np.where(later, history.level * noise, history.level))
    for name in PRESETS:
        assert made(name, history, end)[1] == made(name, bent, end)[1]
        assert made(name, history, end + 9)[1] == made(name, bent, end + 9)[1]


def test_gem_holds_the_stronger_shares_while_us_shares_beat_bills(history: Any) -> None:
    row, both = int(month_ends(history)[-1]), ["us_large", "emerging"]
    rise = with_levels(history, us_large=0.0005, emerging=0.0003, bills=0.0001)
    assert made("dual-momentum", rise, row, offensive=both)[1] == {"us_large": 1.0}
    abroad = with_levels(history, us_large=0.0003, emerging=0.0005, bills=0.0001)
    assert made("dual-momentum", abroad, row, offensive=both)[1] == {"emerging": 1.0}
    bills = with_levels(history, us_large=0.0001, emerging=0.0005, bills=0.0003)
    assert made("dual-momentum", bills, row, offensive=both)[1] == {"aggregate": 1.0}


def test_vaa_leaves_all_shares_for_one_negative_fund(history: Any) -> None:
    row = int(month_ends(history)[-1])
    names = ("us_large", "emerging", "aggregate", "treasury_1_3y", "treasury_7_10y")
    up = with_levels(history, **dict(zip(names, (4e-4, 5e-4, 1e-4, 2e-4, 3e-4), strict=True)))
    found, weights = made("vaa", up, row)
    assert weights == {"emerging": 1.0}
    assert found.choice.bad == ()
    down = with_levels(up, us_large=-1e-4)
    found, weights = made("vaa", down, row)
    assert weights == {"treasury_7_10y": 1.0}
    assert found.choice.bad == ("us_shares",)


def test_baa_replaces_defensive_funds_below_bills(history: Any) -> None:
    row = int(month_ends(history)[-1])
    down = with_levels(
        history,
        us_large=-1e-4,
        bills=1e-4,
        aggregate=2e-4,
        treasury_7_10y=-1e-4,
        treasury_20y=-2e-4,
    )
    found, weights = made("baa", down, row)
    assert found.choice.offensive is False
    assert weights == pytest.approx({"aggregate": 1 / 3, "bills": 2 / 3})


def test_laa_leaves_the_nasdaq_only_when_both_canaries_are_bad(history: Any) -> None:
    row = int(month_ends(history)[-1])
    rate = np.full(len(history.clock), np.nan)
    rate[::21] = np.linspace(4.0, 8.0, len(rate[::21]))
    worse = with_series(history, "unrate_us", rate)
    falling, rising = (with_levels(worse, us_large=r) for r in (-1e-4, 1e-4))
    assert "us_nasdaq" in made("laa", rising, row)[1]
    assert made("laa", falling, row)[1]["treasury_1_3y"] == pytest.approx(0.25)
    better = with_series(falling, "unrate_us", 12.0 - rate)
    assert made("laa", better, row)[1].get("treasury_1_3y") is None


def test_a_series_that_stops_never_raises_risk(history: Any) -> None:
    row = int(month_ends(history)[-1])
    rate = np.full(len(history.clock), np.nan)
    rate[::21] = np.linspace(8.0, 4.0, len(rate[::21]))  # getting better: good
    down = with_levels(with_series(history, "unrate_us", rate), us_large=-1e-4)
    assert "treasury_1_3y" not in made("laa", down, row)[1]
    rate = rate.copy()
    rate[-120:] = np.nan
    stopped = with_levels(with_series(history, "unrate_us", rate), us_large=-1e-4)
    assert made("laa", stopped, row)[1]["treasury_1_3y"] == pytest.approx(0.25)


def test_a_missing_series_stops_a_run_and_is_named(sample: Any) -> None:
    snapshot = sample.as_of(DAY, "XNYS")
    series = {name: each for name, each in snapshot.series.items() if name != "unrate_us"}
    bare = replace(snapshot, series=series)
    strategy = api.load_strategy("laa")
    model = run_model(api.mandate(strategy, "balanced"), api.history(strategy, bare))
    proposal = present(model, bare, api.calendars()["XNYS"])
    (reason,) = [each for each in proposal.reasons if each.kind.startswith("overlay.overdue")]
    assert "unrate_us" in reason_text(reason, "en")
    said = [each for each in proposal.reasons if each.kind.startswith("momentum.")]
    assert ["unrate_us" in reason_text(each, "ko") for each in said] == [True]


def test_a_core_fund_that_is_not_at_hand_is_replaced_within_its_class(history: Any) -> None:
    _, weights = made("laa", history, int(month_ends(history)[-1]))
    assert "us_dividend" not in weights
    assert weights["us_large"] == pytest.approx(0.25 * 0.2316 / (0.2316 + 0.0386), abs=1e-12)
    assert sum(weights.values()) == pytest.approx(1.0)


def test_the_first_trade_waits_for_a_year_of_month_ends(history: Any) -> None:
    mandate = api.mandate(api.load_strategy("vaa"), "balanced")
    first = int(np.argmax(ready(mandate, history)))
    begun = int(np.argmax(np.isfinite(history.level[:, history.members.index("us_large")])))
    ends = month_ends(history)
    assert first == ends[ends >= begun][12]


def test_a_young_fund_is_left_out_and_one_that_stopped_is_bad(history: Any) -> None:
    row = int(month_ends(history)[-1])
    rates = {"us_large": 4e-4, "aggregate": 1e-4, "treasury_1_3y": 2e-4}
    up, place = with_levels(history, **rates), history.members.index("emerging")
    level = up.level.copy()
    level[: row - 100, place] = np.nan
    found, _ = made("vaa", replace(up, level=level), row)
    assert (found.choice.counted, found.choice.bad) == (2, ())
    origin = up.origin.copy()
    origin[row - 30 :, place] = 0
    found, _ = made("vaa", replace(up, origin=origin), row)
    assert "emerging" in found.choice.bad


def test_a_fund_without_any_price_is_left_out_of_canaries_and_lists(history: Any) -> None:
    mandate = api.mandate(api.load_strategy("vaa"), "balanced")
    rules, row = mandate.strategy.allocate, int(month_ends(history)[-1])
    assert isinstance(rules, Momentum)
    found = choose(rules, mandate, history, row, mandate.places)
    assert found.counted == 3
    assert "developed" not in {*found.chosen, *found.bad}


def test_every_preset_gives_its_reasons_in_both_languages(sample: Any) -> None:
    snapshot = sample.as_of(DAY, "XNYS")
    for name in PRESETS:
        strategy = api.load_strategy(name)
        model = run_model(api.mandate(strategy, "growth"), api.history(strategy, snapshot))
        proposal = present(model, snapshot, api.calendars()["XNYS"])
        kinds = {each.kind for each in proposal.reasons if each.kind.startswith("momentum.")}
        assert len(kinds) == 1
        for fund in proposal.why.funds.values():
            assert (fund.reasons[0].kind == "allocate.momentum_out") == (fund.weight == 0.0)
            for language in ("ko", "en"):
                assert "{" not in reason_text(fund.reasons[0], language)


def test_a_week_begins_on_its_first_session(history: Any) -> None:
    rows = calendar_rows(history, "weekly")
    filled = history.executed[rows].astype(object)
    weeks = [day.isocalendar()[:2] for day in filled]
    assert len(set(weeks)) == len(weeks)
    every = {day.isocalendar()[:2] for day in history.sessions[6:].astype(object)}
    assert every <= {*weeks, history.executed[-1].astype(object).isocalendar()[:2]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("breadth   = 2 ", "breadth   = 3 ", "never be defensive"),
        ('offensive = ["us_nasdaq"]', 'offensive = ["us_nasdak"]', "us_nasdak"),
        ("gold = 0.25 }", "gold = 0.5 }", "lower its shares"),
        ("lookback    = 756", "lookback    = 252", "raise it to 299"),
        ("gold = 0.25, cash_like", "gold = 0.25, us_bond = 0.0, cash_like", "us_bond"),
        ('kind   = "series"', 'kind   = "serie"', "canaries"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(
    tmp_path: Any, old: str, new: str, said: str
) -> None:
    from jeoul.strategy.load import find_strategy

    text = find_strategy("laa").read_text("utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(StrategyError, match=said):
        load_strategy(str(file))
