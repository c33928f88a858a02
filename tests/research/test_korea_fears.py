"""Korea's own fears: levels from years before the test, bonds that are cash until known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.market import assemble
from jeoul.research.evidence_strategies import exposure
from jeoul.research.korea_fears import IMPLIED, LATCH, PROFILE, Levels, fears, levels_of
from jeoul.research.single_index import BONDS, bonds_from_cash, with_bonds

DAY = date(2005, 6, 30)


@pytest.fixture(scope="module")
def setting(sample: Any) -> Any:
    _, mandate = with_bonds("kospi", "kr10y", api.load_strategy("managed"), PROFILE)
    return mandate, assemble(sample.as_of(DAY), mandate.universe, api.calendars())


@pytest.fixture(scope="module")
def literal() -> Any:
    return api.load_strategy("ima-literal")


def test_the_levels_are_those_of_the_literal_rule_in_units_of_the_korean_series(
    setting: Any, literal: Any
) -> None:
    _, history = setting
    vix = history.signals["vix"]
    signals = {**history.signals, IMPLIED: 1.5 * vix}
    assert levels_of(replace(history, signals=signals), literal) == (45.0, 30.0)


def test_nothing_after_2002_sets_the_levels(setting: Any, literal: Any) -> None:
    _, history = setting
    later = history.clock > np.datetime64("2002-12-31")
    changed = {name: np.where(later, 7.0 * v, v) for name, v in history.signals.items()}
    assert levels_of(replace(history, signals=changed), literal) == levels_of(history, literal)


def test_without_the_series_there_is_no_latch(setting: Any, literal: Any) -> None:
    mandate, history = setting
    signals = {name: values for name, values in history.signals.items() if name != IMPLIED}
    assert levels_of(replace(history, signals=signals), literal) is None
    assert LATCH not in fears(mandate, literal, bonds_from_cash(history), None)


def test_bonds_earn_what_cash_does_until_their_yield_is_known(setting: Any) -> None:
    _, history = setting
    made = bonds_from_cash(history)
    place = history.members.index(BONDS)
    first = int(np.argmax(np.isfinite(history.level[:, place])))
    earned = np.nan_to_num(history.cash_rate)[1 : first + 1]
    np.testing.assert_allclose(made.returns[1 : first + 1, place], earned, atol=1e-12)
    np.testing.assert_array_equal(made.level[first:, place], history.level[first:, place])


def test_the_latch_halves_the_shares_from_its_upper_level_until_five_closes_at_the_lower(
    setting: Any, literal: Any
) -> None:
    mandate, history = setting
    signals = {**history.signals, IMPLIED: np.full(len(history.clock), 20.0)}
    on, off = len(history.clock) - 300, len(history.clock) - 200
    signals[IMPLIED][on:off] = 47.0
    calm = replace(history, signals=signals)
    model = fears(mandate, literal, bonds_from_cash(calm), Levels(47.0, 31.0))[LATCH]
    share = exposure(model)[model.trace.trades[0].row :]
    assert set(share.tolist()) == {0.5, 1.0}
    halved = int((share == 0.5).sum())
    assert halved == pytest.approx(off - on + 4, abs=12)  # sessions of Seoul, not of New York


@pytest.mark.slow
def test_on_real_data_the_levels_are_those_of_the_page(real_market: Any, literal: Any) -> None:
    _, mandate = with_bonds("kospi", "kr10y", api.load_strategy("managed"), PROFILE)
    snapshot = real_market.as_of(date(2006, 12, 28))
    history = assemble(snapshot, mandate.universe, api.calendars())
    assert levels_of(history, literal) == (47.0, 31.0)
