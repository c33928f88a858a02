"""A backtest, written into the ledger and judged by all that were."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt

from jeoul.backtesting import Backtest
from jeoul.model.calendar import Reals
from jeoul.research.ledger import Trial, TrialLedger, trial_key
from jeoul.research.statistics import (
    deflated_sharpe,
    haircut_sharpe,
    minimum_backtest,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a Sharpe ratio above cash is worth after so many trials.

    ``trial`` is this backtest's number, ``trials`` how many there are. The probabilities are those
    of a true ratio above 0 and above the best that chance would show; ``haircut_sharpe`` is what is
    left of the ratio a year after the trials are charged; ``track_years`` is how long it
    takes to trust a ratio above 0, ``backtest_years`` below which the best of so many useless
    trials is expected to show an annual ratio of 1.
    """

    trial: int
    trials: int
    probabilistic_sharpe: float
    deflated_sharpe: float
    haircut_sharpe: float
    track_years: float
    backtest_years: float


def excess_returns(run: Backtest) -> Reals:
    """Return the returns above cash of every session after the first."""
    found: Reals = run.nav[1:] / run.nav[:-1] - 1.0 - run.cash[1:]
    return found


def as_trial(run: Backtest, digest: str) -> Trial:
    """Return what the ledger keeps of a backtest; ``digest`` is that of its snapshot."""
    ratio = moments(excess_returns(run)).sharpe
    return Trial(
        key=trial_key(run.mandate, digest, run.start, run.end),
        strategy=run.mandate.strategy.name,
        profile=run.mandate.profile,
        account=str(run.mandate.account),
        start=run.start,
        end=run.end,
        sessions=len(run.nav) - 1,
        sharpe=None if isnan(ratio) else ratio,
    )


def judge(
    run: Backtest, digest: str, ledger: TrialLedger, *, trial: Trial | None = None
) -> Judgement:
    """Return what a backtest is worth; it is recorded first, so that it counts itself.

    ``trial`` is what the ledger keeps of it, by default what its mandate says.
    """
    number = ledger.record([as_trial(run, digest) if trial is None else trial])[0]
    tried = ledger.tried()
    found, year = moments(excess_returns(run)), run.sessions_per_year
    return Judgement(
        trial=number,
        trials=tried.trials,
        probabilistic_sharpe=probabilistic_sharpe(found),
        deflated_sharpe=deflated_sharpe(found, tried.trials, tried.variance),
        haircut_sharpe=haircut_sharpe(
            found.sharpe * sqrt(year), years=found.count / year, trials=tried.trials
        ),
        track_years=minimum_track_record(found, 0.0) / year,
        backtest_years=minimum_backtest(tried.trials),
    )
