"""The managed strategy with one watched latch on the VIX, and models of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from jeoul import api
from jeoul.pipeline import run_model


def rule(effect: Any, at: Any = 20.0, back: Any = 18.0, **other: Any) -> Any:
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


def watching(tables: Any, base: str = "managed") -> Any:
    """Return a shipped strategy with only these watched latches."""
    return api.load_strategy(base).replace("overlay.watch", tables)


class Bench:
    """Histories of the sample, and models that share the allocations of plain managed."""

    def __init__(self, market: Any) -> None:
        self.market = market
        self.history = cache(self._history)
        self.plain = cache(self._plain)

    def _history(self, day: str) -> Any:
        return api.history(api.load_strategy("managed"), self.market.as_of(day))

    def _plain(self, day: str, profile: str = "balanced") -> Any:
        return run_model(api.mandate(watching({}), profile), self.history(day))

    def model(self, tables: Any, day: Any, profile: Any = "balanced") -> Any:
        mandate = api.mandate(watching(tables), profile)
        return run_model(mandate, self.history(day), like=self.plain(day, profile))


@pytest.fixture(scope="session")
def bench(sample: Any) -> Any:
    return Bench(sample)
