"""The three daily measurements, the line of the market, and what is shown beside it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jeoul import api, assets
from jeoul.model.measurements import Measurements, Observed
from jeoul.model.series import Series
from jeoul.pipeline import present
from jeoul.pipeline.measuring import market_line, newest, risk_share, yearly_inflation
from jeoul.reporting.measurements import (
    beside_texts,
    market_document,
    market_line_text,
    measured_document,
    measured_from,
    measurement_texts,
    together,
)

from .conftest import rule, watching

CUT, ALERT = {"kind": "scale", "classes": ["equity_us"], "scale": 0.5}, {"kind": "notify"}
FLOOR = {"kind": "floor", "asset_class": "usd_short", "weight": 0.05}


def monthly(first: str, values: list[float]) -> Series:
    ends = pd.period_range(first, periods=len(values), freq="M").end_time.normalize()
    rows = np.array(values)
    kept = np.isfinite(rows)
    days = ends.to_numpy().astype("datetime64[D]")[kept]
    return Series("cpi_us_nsa", "index", days, rows[kept], days.astype(np.int64))


def proposal_of(model: Any, sample: Any, day: str) -> Any:
    calendar = api.calendars()[model.mandate.strategy.calendar]
    return present(model, sample.as_of(day), calendar)


@pytest.mark.parametrize("day", ["2003-06-30", "2009-03-31"])
def test_the_measurements_of_a_decision_follow_from_its_weights(
    bench: Any, sample: Any, day: str
) -> None:
    model = bench.model({}, day)
    proposal = proposal_of(model, sample, day)
    universe = model.mandate.universe
    risky = model.mandate.strategy.overlay.risk_classes
    held = pd.Series(proposal.weights).drop("CASH")
    classes = held.index.map(lambda code: universe.instruments[code].asset_class)
    assert proposal.measured.risk_share == pytest.approx(held[classes.isin(risky)].sum(), abs=1e-15)
    assert proposal.measured.efficiency == proposal.expected_excess / proposal.expected_volatility
    vix = pd.read_csv(assets.data("sample", "signals.csv"), index_col="date")["vix"]
    # New York closes before Seoul decides the next morning.
    seen = vix[vix.index <= day].dropna()
    assert proposal.measured.market_volatility == Observed(
        series="vix", value=seen.iloc[-1], day=date.fromisoformat(seen.index[-1])
    )


def test_a_holding_of_unknown_class_leaves_the_risk_share_unknown() -> None:
    assert risk_share({"A": 0.5, "B": 0.5}, {"A": "equity"}, {"equity"}) is None
    assert risk_share({"A": 0.5, "B": 0.0}, {"A": "equity"}, {"equity"}) == 0.5
    assert risk_share({"CASH": 1.0}, {}, {"equity"}) == 0.0


@pytest.mark.parametrize(("mode", "line"), [(0, "normal"), (1, "reduced"), (2, "reduced"),
                                            (3, "returning")])  # fmt: skip
def test_the_line_of_the_market_is_the_state_of_the_overlay(
    bench: Any, mode: int, line: str
) -> None:
    model = bench.plain("2003-06-30")
    off = model.state.overlay.latches.copy()
    off[:, 0] = 0
    state = model.state.overlay._replace(mode=mode, cap=1.0, latches=off)
    assert market_line(model.mandate, state) == (line, ())
    limited = market_line(model.mandate, state._replace(cap=0.8))
    assert limited == (line, ("loss",))


@pytest.mark.parametrize(
    ("effect", "found"), [(CUT, ("reduced", ("w",))), (ALERT, ("normal", ())),
                          (FLOOR, ("normal", ()))]
)  # fmt: skip
def test_only_latches_that_cut_turn_the_line(bench: Any, effect: Any, found: Any) -> None:
    mandate = api.mandate(watching({"w": rule(effect)}), "balanced")
    state = bench.plain("2003-06-30").state.overlay
    latches = np.zeros((len(mandate.overlay.names), state.latches.shape[1]), dtype=np.int64)
    latches[mandate.overlay.names.tolist().index("w"), 0] = 1
    assert market_line(mandate, state._replace(mode=0, cap=1.0, latches=latches)) == found


def test_a_strategy_without_rules_has_no_line() -> None:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    assert market_line(mandate, None) == (None, ())
    assert "no risk rules" in market_line_text(Measurements()).en


def test_inflation_compares_the_newest_month_with_the_same_a_year_before() -> None:
    prices = [100.0 + month for month in range(14)]
    found = yearly_inflation({"cpi_us_nsa": monthly("2020-01", prices)}, "cpi_us_nsa")
    assert found == Observed(series="cpi_us_nsa", value=113.0 / 101.0 - 1.0, day=date(2021, 2, 28))
    prices[1] = np.nan
    assert yearly_inflation({"cpi_us_nsa": monthly("2020-01", prices)}, "cpi_us_nsa") is None
    assert yearly_inflation({"cpi_us_nsa": monthly("2020-01", prices[:1])}, "cpi_us_nsa") is None


@pytest.mark.parametrize("series", [{}, {"vix": Series("vix", "x", *(np.array([]),) * 3)}])
def test_a_missing_series_is_unknown_and_says_so(series: Any) -> None:
    assert newest(series, "vix") is None
    assert yearly_inflation(series, "cpi_us_nsa") is None
    nothing = Measurements(line="normal")
    assert all(text.en.endswith("unknown") for text in beside_texts(nothing))
    assert all(text.ko.endswith("미확인") for text in beside_texts(nothing))
    document = market_document(nothing, "en")
    assert document["base_rate"] is document["fed_funds"] is document["us_inflation"] is None
    assert sum("unknown" in text for text in measurement_texts(nothing, "en")) == 3


def test_what_is_kept_comes_back_the_same(bench: Any, sample: Any) -> None:
    found = proposal_of(bench.model({}, "2003-06-30"), sample, "2003-06-30").measured
    assert measured_from(json.loads(json.dumps(measured_document(found)))) == found


def test_of_several_profiles_the_most_careful_line_is_shown() -> None:
    lines = {line: Measurements(line=line) for line in ("normal", "returning", "reduced")}
    assert together([lines["normal"], lines["returning"]]) is lines["returning"]
    assert together([lines["returning"], lines["reduced"], lines["normal"]]) is lines["reduced"]
    assert together([Measurements()]) == Measurements()
