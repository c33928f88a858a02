"""The VIX curve on the public closes: the days on which it went on and off, as facts."""

from __future__ import annotations

from typing import Any

import pytest

from jeoul import api
from jeoul.pipeline import run_model
from jeoul.pipeline.watch import event_log, watch

SESSIONS = [
    ("2009-11-02", "2009-11-12"),
    ("2010-01-25", "2010-02-19"),
    ("2010-05-07", "2010-06-17"),
    ("2011-03-16", "2011-03-25"),
    ("2011-07-28", "2011-11-25"),
    ("2013-10-08", "2013-10-22"),
    ("2014-01-27", "2014-02-13"),
    ("2014-08-01", "2014-08-14"),
    ("2014-10-10", "2014-10-24"),
    ("2015-01-15", "2015-01-27"),
    ("2015-07-09", "2015-07-16"),
    ("2015-08-21", "2015-10-07"),
    ("2016-01-08", "2016-02-02"),
    ("2016-06-27", "2016-07-05"),
    ("2016-11-03", "2016-11-15"),
    ("2017-04-13", "2017-04-28"),
    ("2018-02-05", "2018-03-13"),
    ("2018-03-23", "2018-04-19"),
    ("2018-10-11", "2019-02-05"),
    ("2019-05-08", "2019-05-21"),
    ("2019-08-06", "2019-08-22"),
    ("2020-02-25", "2020-05-20"),
    ("2020-10-27", "2020-11-16"),
    ("2022-02-24", "2022-03-21"),
    ("2022-09-27", "2022-11-09"),
]


@pytest.fixture(scope="module")
def model(real_market: Any) -> Any:
    strategy = api.load_strategy("managed-light-us")
    history = api.history(strategy, real_market.newest("XNYS"))
    return run_model(api.mandate(strategy, "growth"), history)


@pytest.fixture(scope="module")
def vix(model: Any) -> dict[str, float]:
    history = model.history
    return dict(zip(history.clock.astype(str), history.signals["vix"].tolist(), strict=True))


def test_the_days_on_which_it_went_on_and_off(model: Any) -> None:
    log = [event for event in event_log(model) if event.latch == "curve"]
    days = [event.session.isoformat() for event in log]
    assert list(zip(days[::2], days[1::2], strict=True)) == SESSIONS
    assert [event.cause.kind for event in log[:2]] == ["overlay.curve_on", "overlay.curve_off"]


def test_a_vix_of_30_alone_does_not_put_it_on(model: Any, vix: dict[str, float]) -> None:
    high = [
        seen.latches["curve"]
        for seen in watch(model)
        if seen.session.isoformat() >= "2009-09-18" and vix[seen.session.isoformat()] >= 30.0
    ]
    assert (len(high), high.count(False)) == (242, 56)


def test_it_went_on_at_a_vix_of_16_and_off_at_34(vix: dict[str, float]) -> None:
    assert min(vix[on] for on, _ in SESSIONS) == 15.96
    assert max(vix[off] for _, off in SESSIONS) == 34.47
