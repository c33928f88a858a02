"""A memory is a cache of history: with it or without, a proposal is the same to the last bit."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

import pytest

from jeoul import api
from jeoul.errors import DataError
from jeoul.model.decision import Memory, Proposal

SPANS = [
    # the latches go on, and the loss limit cuts
    ("managed", "growth", date(2008, 9, 12), date(2008, 10, 10)),
    # from inside one month over two rebalancing dates
    ("managed", "balanced", date(2010, 5, 20), date(2010, 7, 6)),
    # one session, from the last of a month: the trade of the day before is filled
    ("static", "conservative", date(2009, 6, 30), date(2009, 7, 1)),
    # a year in which nothing is ever rebalanced but once
    ("k-all-weather", "balanced", date(2009, 1, 9), date(2010, 1, 8)),
]


def proposed(market: Any, strategy: str, profile: str, day: date, memory: Any = None) -> Any:
    snapshot = market.as_of(day)
    return api.propose(api.load_strategy(strategy), profile, "general", snapshot, memory)


def through_text(memory: Any) -> Any:
    """Write a memory as JSON and read it back."""
    text = json.dumps(asdict(memory), default=str)
    plain = json.loads(text)
    days = {
        name: plain[name] and date.fromisoformat(plain[name])
        for name in ("as_of", "clock", "allocated", "first")
    }
    return Memory(**plain | days)


@pytest.mark.parametrize(("strategy", "profile", "earlier", "later"), SPANS)
def test_on_the_sample(
    sample: Any, strategy: str, profile: str, earlier: date, later: date
) -> None:
    leads_to_the_same(sample, strategy, profile, earlier, later)


@pytest.mark.parametrize(
    ("strategy", "profile", "earlier", "later"),
    [
        ("managed", "growth", date(2022, 1, 3), date(2022, 3, 8)),
        ("managed", "conservative", date(2021, 12, 15), date(2022, 3, 2)),
        ("k-all-weather", "balanced", date(2023, 11, 30), date(2024, 1, 3)),
    ],
)
def test_on_real_data(
    real_market: Any, strategy: str, profile: str, earlier: date, later: date
) -> None:
    leads_to_the_same(real_market, strategy, profile, earlier, later)


def leads_to_the_same(market: Any, strategy: Any, profile: Any, earlier: Any, later: Any) -> None:
    memory = proposed(market, strategy, profile, earlier).memory
    assert through_text(memory) == memory
    whole = proposed(market, strategy, profile, later)
    short = proposed(market, strategy, profile, later, through_text(memory))
    for field in fields(Proposal):
        assert getattr(short, field.name) == getattr(whole, field.name), field.name


def test_a_memory_from_before_the_first_investment_is_one_too(sample: Any) -> None:
    with pytest.raises(DataError, match="cover less than"):
        proposed(sample, "managed", "balanced", date(1996, 12, 27))
    strategy = api.load_strategy("managed")
    mandate = api.mandate(strategy, "balanced")
    from jeoul.pipeline import run_model
    from jeoul.pipeline.memory import remember

    history = api.history(strategy, sample.as_of("1997-03-31"))
    memory = remember(mandate, history, run_model(mandate, history).state)
    assert memory.allocated is None
    later = date(1997, 9, 30)
    assert proposed(sample, "managed", "balanced", later, through_text(memory)) == proposed(
        sample, "managed", "balanced", later
    )


@pytest.fixture(scope="module")
def remembered(sample: Any) -> Any:
    return proposed(sample, "managed", "balanced", date(2001, 3, 15)).memory


@pytest.mark.parametrize(
    ("strategy", "profile", "account"),
    [
        ("managed", "growth", "general"),
        ("managed", "balanced", "irp"),
        ("ima-literal", "balanced", "general"),
    ],
)
def test_a_memory_of_other_rules_is_refused(
    sample: Any, remembered: Any, strategy: str, profile: str, account: str
) -> None:
    snapshot = sample.as_of("2001-03-30")
    with pytest.raises(DataError, match="belongs to another"):
        api.propose(api.load_strategy(strategy), profile, account, snapshot, remembered)


def test_a_memory_of_other_prices_is_refused(sample: Any, remembered: Any) -> None:
    weights = dict(remembered.allocation)
    first, second, *_ = [name for name, weight in weights.items() if weight > 0.05]
    weights[first], weights[second] = weights[first] + 0.01, weights[second] - 0.01
    strange = replace(remembered, allocation=weights)
    with pytest.raises(DataError, match="than these prices give"):
        proposed(sample, "managed", "balanced", date(2001, 3, 30), strange)


@pytest.mark.parametrize("day", ["2001-03-15", "2001-03-14"])
def test_a_memory_of_the_same_session_or_a_later_one_is_refused(
    sample: Any, remembered: Any, day: str
) -> None:
    with pytest.raises(DataError, match="not of a session before"):
        proposed(sample, "managed", "balanced", date.fromisoformat(day), remembered)


def test_a_memory_of_no_session_is_refused(sample: Any, remembered: Any) -> None:
    strange = replace(remembered, as_of=date(2001, 3, 11))
    with pytest.raises(DataError, match="delete it, a replay rebuilds it"):
        proposed(sample, "managed", "balanced", date(2001, 3, 30), strange)
