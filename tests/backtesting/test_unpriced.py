"""A market without the funds of a strategy: the error names them, not the dates alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jeoul
from jeoul import api
from jeoul.errors import ShortHistory


@pytest.fixture(scope="module")
def market() -> Any:
    """Two funds as a DataFrame; the strategy wants a dozen."""
    pandas = pytest.importorskip("pandas")
    sessions = api.calendars()["XNYS"].sessions
    days = sessions[(sessions >= np.datetime64("2016-01-04")) & (sessions < np.datetime64("2019"))]
    chance = np.random.default_rng(1)
    closes = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, (len(days), 2)), axis=0))
    return jeoul.open_market(
        pandas.DataFrame(closes, index=pandas.DatetimeIndex(days), columns=["AAPL", "SPY"])
    )


def test_a_backtest_names_the_funds_that_it_misses(market: Any) -> None:
    with pytest.raises(ShortHistory) as caught:
        jeoul.backtest("managed-us", "balanced", market)
    text = str(caught.value)
    assert "no price of QQQ" in text
    assert "AGG" in text
    assert "SPY" not in text
    assert "add their prices" in text


def test_a_span_before_the_first_investment_still_asks_for_a_later_start(sample: Any) -> None:
    with pytest.raises(ShortHistory, match="choose a later start or a longer data folder"):
        jeoul.backtest("static", "balanced", sample, end="1996-09-02")
