"""jeoul (저울): a rule-based robo-advisor engine, Korean market first.

A handful of verbs, frozen records in between::

    load_strategy  open_market  load_answers  classify  propose  read_portfolio  place  backtest

Names are looked up when they are used, so that ``import jeoul`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "AccountKind": "jeoul.model.instrument",
    "Portfolio": "jeoul.model.portfolio",
    "backtest": "jeoul.api",
    "calendars": "jeoul.api",
    "classify": "jeoul.profile",
    "load_answers": "jeoul.profile",
    "load_strategy": "jeoul.strategy.load",
    "load_universe": "jeoul.strategy.universe",
    "mandate": "jeoul.api",
    "open_market": "jeoul.api",
    "place": "jeoul.pipeline",
    "propose": "jeoul.api",
    "read_portfolio": "jeoul.account",
    "solve": "jeoul.allocate",
    "summarise": "jeoul.backtest",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - names resolved by __getattr__


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'jeoul' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
