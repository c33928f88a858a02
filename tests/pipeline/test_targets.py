"""The targets of one replay are those that are proposed session by session."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul import api
from jeoul.pipeline import propose
from jeoul.pipeline.targets import targets_along

SAME = ("as_of", "executed", "currency", "due", "quotes", "band", "min_trade", "risk", "risk_cap")


@pytest.mark.parametrize(
    ("strategy", "profile", "account"),
    [("managed", "balanced", "general"), ("k-all-weather", "growth", "irp")],
)
def test_one_replay_gives_what_every_session_would_propose(
    market: Any, strategy: str, profile: str, account: str
) -> None:
    loaded = api.load_strategy(strategy)
    mandate = api.mandate(loaded, profile, account)
    last = market.last_session("XKRX")
    history = api.history(loaded, market.as_of(last, "XKRX"))
    start, end = date(2020, 2, 25), date(2020, 4, 3)
    found = {w.session: w.target for w in targets_along(mandate, history, start=start, end=end)}
    assert len(found) > 20
    memory = None
    for day, target in found.items():
        if target is None:
            continue
        proposal = propose(mandate, market.as_of(day, "XKRX"), api.calendars(), memory)
        memory = proposal.memory
        assert [getattr(target, name) for name in SAME] == [
            getattr(proposal, name) for name in SAME
        ]
        assert target.weights == pytest.approx(proposal.weights, abs=1e-9)


def test_before_the_strategy_can_be_invested_there_is_no_target(sample: Any) -> None:
    loaded = api.load_strategy("managed")
    history = api.history(loaded, sample.as_of(sample.last_session("XKRX"), "XKRX"))
    mandate = api.mandate(loaded, "balanced")
    first = history.day(0)
    found = list(targets_along(mandate, history, start=first, end=history.day(700)))
    assert len(found) == 701
    assert found[0].target is None
    assert found[-1].target is not None
