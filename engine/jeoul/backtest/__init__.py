"""propose() folded over history, and what it comes to."""

from jeoul.backtest.metrics import Drawdown, drawdown_path, drawdowns, max_drawdown
from jeoul.backtest.prepared import Prepared, prepare
from jeoul.backtest.run import Backtest, Summary, backtest, of_model, simulated, summarise

__all__ = [
    "Backtest",
    "Drawdown",
    "Prepared",
    "Summary",
    "backtest",
    "drawdown_path",
    "drawdowns",
    "max_drawdown",
    "of_model",
    "prepare",
    "simulated",
    "summarise",
]
