"""What a profile is measured against: its own strategic weights, simply held, and the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jeoul.backtesting import Backtest, backtest
from jeoul.model.calendar import Days, Reals
from jeoul.model.history import History
from jeoul.model.instrument import AccountKind
from jeoul.operations.testbed.figures import Yardsticks, rows_of
from jeoul.pipeline import Mandate

MARKETS: Mapping[str, str] = {"XKRX": "069500", "XNYS": "SPY"}
"""The fund whose total return stands for the market of an exchange: KOSPI 200, S&P 500."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """The benchmark and the market of a mandate along its history's sessions, from a first one."""

    sessions: Days
    benchmark: Reals
    market: Reals | None
    cash: Reals
    sessions_per_year: float

    def along(self, wanted: Days) -> Yardsticks:
        """Return the yardsticks on some sessions, all of which have to be covered."""
        rows = rows_of(self.sessions, wanted)
        assert (rows >= 0).all(), "the course and the history have the sessions of one market"
        market = None if self.market is None else self.market[rows]
        return Yardsticks(self.benchmark[rows], market, self.cash[rows])


def benchmark_of(mandate: Mandate) -> Mandate:
    """Return the benchmark of a mandate: the class weights of its profile, in an ordinary account.

    Nothing is optimised or cut, no cost is charged, and the weights are put back on the dates of
    the strategy's calendar and outside its band.
    """
    strategy = mandate.strategy.without_overlay().replace("allocate", {"kind": "strategic"})
    return replace(
        mandate,
        strategy=strategy.replace("rebalance.cost", 0.0),
        account=AccountKind.GENERAL,
        risk_cap=None,
        limit=None,
    )


def measure(mandate: Mandate, history: History, *, start: date | None = None) -> Measure:
    """Return what a mandate is measured against, from ``start`` or its first session on."""
    run = backtest(benchmark_of(mandate), history, start=start)
    return Measure(
        sessions=run.sessions,
        benchmark=run.nav / run.nav[0],
        market=_market(history, run),
        cash=run.cash,
        sessions_per_year=run.sessions_per_year,
    )


def market_fund(mandate: Mandate) -> str | None:
    """Return the ticker that stands for the market, None where the universe does not have it."""
    ticker = MARKETS.get(mandate.strategy.calendar, "")
    return ticker if any(ticker in member.codes for member in mandate.universe.members) else None


def _market(history: History, run: Backtest) -> Reals | None:
    ticker = market_fund(run.mandate)
    if ticker is None:
        return None
    names = [member.name for member in run.mandate.universe.members if ticker in member.codes]
    rows = rows_of(history.sessions, run.sessions)
    level = history.level[rows, history.members.index(names[0])]
    return None if np.isnan(level).any() else level / level[0]
