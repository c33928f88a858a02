"""propose() folded over history, and what it comes to."""

from jeoul.backtest.metrics import Drawdown, drawdown_path, drawdowns, max_drawdown
from jeoul.backtest.run import Backtest, Summary, backtest, of_model, summarise

__all__ = [
    "Backtest",
    "Drawdown",
    "Summary",
    "backtest",
    "drawdown_path",
    "drawdowns",
    "max_drawdown",
    "of_model",
    "summarise",
]
