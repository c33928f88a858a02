"""What choosing the best of a sweep is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan, sqrt
from typing import Any

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.research.cscv import overfitting
from jeoul.research.ledger import TrialCount
from jeoul.research.statistics import deflated_sharpe, minimum_backtest, moments
from jeoul.research.walk_forward import walk_forward

_BLOCKS = 10


def sharpe_ratios(excess: Reals, year: float) -> Reals:
    """Return the annual Sharpe ratio of each column of returns above cash, NaN where undefined."""
    found: Reals = np.array([moments(column).sharpe for column in excess.T]) * sqrt(year)
    return found


def judge_choice(
    variants: Sequence[Mapping[str, Any]],
    excess: Reals,
    tried: TrialCount,
    year: float,
    years: float | None = None,
) -> dict[str, Any]:
    """Return the best variant and how much of it is luck, by name; undefined figures are NaN.

    ``excess`` has one column of returns above cash per variant, ``year`` the sessions of a year.
    Where there is no probability of overfitting, ``overfitting_unknown`` says why: a ``single``
    variant, too ``short`` a span, or variants that are all the ``same``. ``years`` is the span of
    each fold of a walk forward that first learns on as much again, twice over; None for none.
    """
    ratios = sharpe_ratios(excess, year)
    if np.isnan(ratios).all():
        return {"best": None, "sharpe": nan, "deflated_sharpe": nan, "overfitting": nan}
    best = int(np.nanargmax(ratios))
    found: dict[str, Any] = {
        "best": dict(variants[best]),
        "sharpe": float(ratios[best]),
        "deflated_sharpe": deflated_sharpe(moments(excess[:, best]), tried.trials, tried.variance),
        "minimum_backtest_years": minimum_backtest(tried.trials),
        **_overfitting(excess),
    }
    if years is not None:
        test = max(1, round(years * year))
        days = np.arange(len(excess)).astype("datetime64[D]")
        walked = walk_forward(days, excess, train=2 * test, test=test)
        found["walk_forward"] = {
            "folds": [
                {
                    "chosen": dict(variants[fold.chosen]),
                    "before": fold.before * sqrt(year),
                    "after": fold.after * sqrt(year),
                    "median": fold.median * sqrt(year),
                }
                for fold in walked.folds
            ],
            "sharpe": moments(walked.excess).sharpe * sqrt(year),
        }
    return found


def _overfitting(excess: Reals) -> dict[str, Any]:
    sessions, variants = excess.shape
    if variants < 2:
        return {"overfitting": nan, "overfitting_unknown": "single"}
    if sessions < 2 * _BLOCKS:
        return {"overfitting": nan, "overfitting_unknown": "short"}
    share = overfitting(excess, blocks=_BLOCKS).probability
    return {"overfitting": share, "overfitting_unknown": "same" if isnan(share) else None}
