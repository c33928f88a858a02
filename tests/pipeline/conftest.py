"""The managed strategy with one watched latch on the VIX, and models of it."""

from functools import cache

import pytest

from jeoul import api
from jeoul.pipeline import run_model


def rule(effect, at=20.0, back=18.0, **other):
    """Return the table of a watched latch on the VIX."""
    return {
        "title": {"ko": "시험", "en": "Trial"},
        "topic": "volatility",
        "signal": {"kind": "level", "series": "vix"},
        "enter": {"at": at, "closes": 1},
        "exit": {"at": back, "closes": 1},
        "effect": effect,
        **other,
    }


def watching(tables, base="managed"):
    """Return a shipped strategy with only these watched latches."""
    return api.load_strategy(base).replace("overlay.watch", tables)


class Bench:
    """Histories of the sample, and models that share the allocations of plain managed."""

    def __init__(self, market):
        self.market = market
        self.history = cache(self._history)
        self.plain = cache(self._plain)

    def _history(self, day):
        return api.history(api.load_strategy("managed"), self.market.as_of(day))

    def _plain(self, day, profile="balanced"):
        return run_model(api.mandate(watching({}), profile), self.history(day))

    def model(self, tables, day, profile="balanced"):
        mandate = api.mandate(watching(tables), profile)
        return run_model(mandate, self.history(day), like=self.plain(day, profile))


@pytest.fixture(scope="session")
def bench(sample):
    return Bench(sample)
