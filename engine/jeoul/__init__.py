"""jeoul (저울): a rule-based robo-advisor engine, Korean market first.

A handful of verbs, frozen records in between::

    load_strategy  open_market  load_answers  classify  propose  read_portfolio  place
    backtest  compare  solve

Names are looked up when they are used, so that ``import jeoul`` costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "AccountKind": "jeoul.model.instrument:AccountKind",
    "Portfolio": "jeoul.model.portfolio:Portfolio",
    "account_backtest": "jeoul.api:account_backtest",
    "backtest": "jeoul.api:backtest",
    "calendars": "jeoul.api:calendars",
    "classify": "jeoul.profile:classify",
    "compare": "jeoul.api:compare",
    "load_answers": "jeoul.profile:load_answers",
    "load_strategy": "jeoul.strategy.load:load_strategy",
    "load_universe": "jeoul.strategy.universe:load_universe",
    "mandate": "jeoul.api:mandate",
    "open_market": "jeoul.api:open_market",
    "place": "jeoul.pipeline:place",
    "propose": "jeoul.api:propose",
    "read_portfolio": "jeoul.account:read_portfolio",
    "solve": "jeoul.allocate.frames:allocate",
    "summarise": "jeoul.backtesting:summarise",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - names resolved by __getattr__


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'jeoul' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """Keeps ``jeoul.backtest`` the verb, also after the package of that name was imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
