"""propose() folded over history, and what it comes to."""

from jeoul.backtesting.prepared import Prepared, prepare
from jeoul.backtesting.run import Backtest, Summary, backtest, of_model, simulated, summarise
from jeoul.metrics import Drawdown, drawdown_path, drawdowns, max_drawdown

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
