"""A promise is that of its proposal, and nothing that came after it is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import prepare, simulated, summarise
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import propose
from jeoul.promises.making import promise_of, promises_along
from jeoul.promises.promise import Promise

DAYS = ("1999-06-30", "2008-10-10", "2015-03-02", "2024-06-28")


def along(snapshot: Snapshot, strategy: str, profile: str) -> list[Promise]:
    loaded = api.load_strategy(strategy)
    mandate = api.mandate(loaded, profile)
    prepared = prepare(mandate, api.history(loaded, snapshot))
    return promises_along(mandate, prepared.history, prepared.made, simulated=snapshot.simulated)


def by_session(promises: list[Promise]) -> dict[date, Promise]:
    return {each.session: each for each in promises}


@pytest.mark.parametrize(("strategy", "profile"), [("managed", "growth"), ("static", "balanced")])
def test_the_promises_of_a_history_are_those_of_its_proposals(
    sample: Any, strategy: str, profile: str
) -> None:
    made = by_session(along(sample.as_of("2024-06-28"), strategy, profile))
    mandate = api.mandate(api.load_strategy(strategy), profile)
    for day in DAYS:
        proposal = propose(mandate, sample.as_of(day), api.calendars(), proxies=True)
        assert promise_of(proposal) == made[date.fromisoformat(day)]


def test_on_real_data(real_market: Any) -> None:
    made = by_session(along(real_market.as_of("2024-06-28"), "managed", "balanced"))
    mandate = api.mandate(api.load_strategy("managed"), "balanced")
    for day in ("2008-10-10", "2020-03-20", "2024-06-28"):
        proposal = propose(mandate, real_market.as_of(day), api.calendars(), proxies=True)
        assert promise_of(proposal) == made[date.fromisoformat(day)]


def scrambled(snapshot: Snapshot, after: date) -> Snapshot:
    """Return a snapshot whose closes and series after a day are other ones."""
    draw = np.random.default_rng(3)

    def changed(days: Any, values: Any) -> Any:
        later = days > np.datetime64(after)
        found = values.copy()
        found[later] = found[later] * draw.uniform(0.5, 1.5, found[later].shape)
        return found

    return replace(
        snapshot,
        prices=tuple(
            replace(table, close=changed(table.sessions, table.close)) for table in snapshot.prices
        ),
        series={
            name: replace(each, values=changed(each.dates, each.values))
            for name, each in snapshot.series.items()
        },
    )


@pytest.mark.parametrize("profile", ["conservative", "growth"])
def test_another_future_leaves_every_promise_as_it_was(market: Any, profile: str) -> None:
    until, last = date(2016, 6, 30), date(2018, 6, 29)
    snapshot = market.as_of(last)
    known = along(snapshot, "managed", profile)
    other = along(scrambled(snapshot, until), "managed", profile)
    past = [each for each in known if each.session <= until]
    assert past == [each for each in other if each.session <= until]
    assert known != other
    assert len(past) > 2_000


def test_turnover_and_cost_are_those_of_the_backtest_until_then(sample: Any) -> None:
    loaded = api.load_strategy("managed")
    mandate = api.mandate(loaded, "balanced")
    snapshot = sample.as_of("2015-03-02")
    found = summarise(simulated(prepare(mandate, api.history(loaded, snapshot))))
    promise = promise_of(propose(mandate, snapshot, api.calendars()))
    assert promise.turnover == pytest.approx(found.turnover, rel=1e-12)
    assert promise.cost == pytest.approx(found.cost, rel=1e-12)


def test_the_first_year_promises_no_turnover(sample: Any) -> None:
    made = along(sample.as_of("1999-06-30"), "static", "balanced")
    assert made[0].turnover is None
    assert made[0].cost is None
    year = made[0].executed.replace(year=made[0].executed.year + 1)
    assert all(each.turnover is None for each in made if each.session < year)
    assert made[-1].turnover is not None
