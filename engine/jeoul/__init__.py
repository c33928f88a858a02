"""jeoul (저울): a rule-based robo-advisor engine, Korean market first.

A handful of verbs, frozen records in between::

    load_strategy  open_market  load_answers  classify  propose  read_portfolio  place
    backtest  summarise  compare  account_backtest  report  solve  solve_many  frontier
    set_language

Names are looked up when they are used, so that ``import jeoul`` costs nothing. A type checker reads
the imports below instead: ``jeoul.backtest`` is the same function to both.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from jeoul import moved

if TYPE_CHECKING:
    from typing import Any

    from jeoul.account import Holdings, read_holdings, read_portfolio
    from jeoul.account.records import AccountRun
    from jeoul.allocate.frames import Allocation
    from jeoul.allocate.frames import allocate as solve
    from jeoul.allocate.many import solve_many
    from jeoul.allocate.solution import Solution
    from jeoul.api import (
        account_backtest,
        backtest,
        calendars,
        compare,
        frontier,
        mandate,
        open_market,
        place,
        propose,
        report,
        suitable,
    )
    from jeoul.backtesting import Backtest, Summary, summarise
    from jeoul.market import Market
    from jeoul.messages import set_language
    from jeoul.model.calendar import Calendar
    from jeoul.model.decision import Decision, Memory, Proposal
    from jeoul.model.grade_limit import GradeLimit
    from jeoul.model.history import History
    from jeoul.model.instrument import AccountKind, Instrument, Universe
    from jeoul.model.portfolio import Order, Portfolio, Reason
    from jeoul.model.snapshot import Snapshot
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.frontier import Frontier
    from jeoul.profile import Answers, Profile, classify, load_answers
    from jeoul.rebalance import TradeRules
    from jeoul.reporting.report import Report
    from jeoul.research.compare import Comparison
    from jeoul.strategy.load import load_strategy
    from jeoul.strategy.schema import Strategy
    from jeoul.strategy.universe import load_universe

__version__ = "0.2.0"

_HOMES = {
    "AccountKind": "jeoul.model.instrument",
    "AccountRun": "jeoul.account.records",
    "Allocation": "jeoul.allocate.frames",
    "Answers": "jeoul.profile",
    "Backtest": "jeoul.backtesting",
    "Calendar": "jeoul.model.calendar",
    "Comparison": "jeoul.research.compare",
    "Decision": "jeoul.model.decision",
    "Frontier": "jeoul.pipeline.frontier",
    "GradeLimit": "jeoul.model.grade_limit",
    "History": "jeoul.model.history",
    "Holdings": "jeoul.account",
    "Instrument": "jeoul.model.instrument",
    "Mandate": "jeoul.pipeline",
    "Market": "jeoul.market",
    "Memory": "jeoul.model.decision",
    "Order": "jeoul.model.portfolio",
    "Portfolio": "jeoul.model.portfolio",
    "Profile": "jeoul.profile",
    "Proposal": "jeoul.model.decision",
    "Reason": "jeoul.model.portfolio",
    "Report": "jeoul.reporting.report",
    "Snapshot": "jeoul.model.snapshot",
    "Solution": "jeoul.allocate.solution",
    "Strategy": "jeoul.strategy.schema",
    "Summary": "jeoul.backtesting",
    "TradeRules": "jeoul.rebalance",
    "Universe": "jeoul.model.instrument",
    "account_backtest": "jeoul.api",
    "backtest": "jeoul.api",
    "calendars": "jeoul.api",
    "classify": "jeoul.profile",
    "compare": "jeoul.api",
    "frontier": "jeoul.api",
    "load_answers": "jeoul.profile",
    "load_strategy": "jeoul.strategy.load",
    "load_universe": "jeoul.strategy.universe",
    "mandate": "jeoul.api",
    "open_market": "jeoul.api",
    "place": "jeoul.api",
    "propose": "jeoul.api",
    "read_holdings": "jeoul.account",
    "read_portfolio": "jeoul.account",
    "report": "jeoul.api",
    "set_language": "jeoul.messages",
    "solve": "jeoul.allocate.frames:allocate",
    "solve_many": "jeoul.allocate.many",
    "suitable": "jeoul.api",
    "summarise": "jeoul.backtesting",
}
"""Where each public name lives, with its name there if it is another."""

__all__ = [
    "AccountKind",
    "AccountRun",
    "Allocation",
    "Answers",
    "Backtest",
    "Calendar",
    "Comparison",
    "Decision",
    "Frontier",
    "GradeLimit",
    "History",
    "Holdings",
    "Instrument",
    "Mandate",
    "Market",
    "Memory",
    "Order",
    "Portfolio",
    "Profile",
    "Proposal",
    "Reason",
    "Report",
    "Snapshot",
    "Solution",
    "Strategy",
    "Summary",
    "TradeRules",
    "Universe",
    "__version__",
    "account_backtest",
    "backtest",
    "calendars",
    "classify",
    "compare",
    "frontier",
    "load_answers",
    "load_strategy",
    "load_universe",
    "mandate",
    "open_market",
    "place",
    "propose",
    "read_holdings",
    "read_portfolio",
    "report",
    "set_language",
    "solve",
    "solve_many",
    "suitable",
    "summarise",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'jeoul' has no attribute {name!r}")
        module, _, attribute = _HOMES[name].partition(":")
        return getattr(importlib.import_module(module), attribute or name)


def __dir__() -> list[str]:
    return sorted(__all__)


moved.install()
sys.modules[__name__].__class__ = moved.Package
