"""propose() folded over history, and what it comes to.

The model's trades are filled in :mod:`jeoul.pipeline.replay`, at the close of the next session;
:mod:`jeoul.backtesting.kernel` is the compiled twin of it. The orders of an account, in whole
shares, are filled in :mod:`jeoul.account.day`.
"""

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
