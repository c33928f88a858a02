"""A study of the sample, prepared once."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul import api
from jeoul.backtesting import prepare, simulated

DAY = date(2024, 6, 28)


@pytest.fixture(scope="session")
def study(desk: Any, sample: Any) -> Any:
    """The managed strategy for the balanced profile on the sample: prepared, run, and opened."""
    strategy = api.load_strategy("managed")
    snapshot = desk.snapshot(sample, DAY, strategy.calendar)
    history = desk.history(sample, DAY, "managed")
    prepared = prepare(api.mandate(strategy, "balanced"), history)
    return SimpleNamespace(
        strategy=strategy,
        history=history,
        digest=snapshot.digest,
        prepared=prepared,
        run=simulated(prepared),
        mandate=lambda changed: api.mandate(changed, "balanced"),
    )
