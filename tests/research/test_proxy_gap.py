"""What proxies flatter: a difference by hand, and only where a proxy stood in."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import of_model, summarise
from jeoul.model.history import Origin
from jeoul.pipeline import run_model
from jeoul.research.proxy_gap import ProxyGap, flattered, proxy_gaps

DAY = date(2005, 6, 30)


@pytest.fixture(scope="module")
def setting(sample: Any) -> Any:
    strategy = api.load_strategy("static")
    history = api.history(strategy, sample.as_of(DAY))
    return api.mandate(strategy, "balanced"), history


def test_a_gap_is_weighed_by_what_the_model_held_through_the_proxy(setting: Any) -> None:
    mandate, history = setting
    gaps = [ProxyGap(name, DAY, 24, 0.02, 0.01) for name in history.members]
    found = flattered(mandate, history, gaps)
    share = summarise(of_model(run_model(mandate, history))).proxy_share
    assert sum(found.weights.values()) == pytest.approx(share)
    assert found.more == pytest.approx(0.02 * share)
    assert found.unknown == 0.0


def test_proxies_without_an_overlap_are_named_as_unknown(setting: Any) -> None:
    mandate, history = setting
    found = flattered(mandate, history, [])
    assert found.more == found.error == 0.0
    assert found.unknown == pytest.approx(sum(found.weights.values()))


def test_a_gap_is_the_mean_log_difference_of_whole_months(sample: Any) -> None:
    strategy = api.load_strategy("static")
    snapshot = sample.newest("XKRX")
    gaps = proxy_gaps(snapshot, api.mandate(strategy, "balanced").universe, api.calendars())
    history = api.history(strategy, snapshot)
    assert {gap.member for gap in gaps} <= set(history.members)
    for gap in gaps:
        place = history.members.index(gap.member)
        assert (history.origin[:, place] != Origin.NONE).any()
        assert gap.months >= 12
        assert np.isfinite([gap.more, gap.error]).all()
        assert gap.error > 0.0
