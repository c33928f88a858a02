"""Means and covariance as the strategy file asks for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jeoul.estimate import (
    View,
    black_litterman,
    constant_correlation,
    equilibrium_mean,
    ewma,
    factor,
    ledoit_wolf,
    sample,
    shrunk_mean,
)
from jeoul.model.calendar import Reals
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.schema import (
    ConstantCorrelation,
    Equilibrium,
    Ewma,
    Factor,
    LedoitWolf,
    ShrunkMean,
)

_AVERSION = 2.5  # of the market, where the means themselves do not say one


def equilibrium(mandate: Mandate, members: NDArray[np.int64], covariance: Reals) -> Reals:
    """Return the annual means above cash that make the members' reference weights optimal."""
    reference = mandate.reference[members] / mandate.reference[members].sum()
    rules = mandate.strategy.estimate.mean
    aversion = _AVERSION if isinstance(rules, ShrunkMean) else rules.risk_aversion
    return equilibrium_mean(covariance, reference, aversion)


def means_of(
    mandate: Mandate,
    members: NDArray[np.int64],
    covariance: Reals,
    returns: Reals,
    *,
    cash_rates: Reals,
    sessions: float,
) -> Reals:
    """Return the annual means above cash that the strategy file asks for.

    ``returns`` are those of the members per session of a year that has ``sessions``,
    ``cash_rates`` the interest of each session, 0 where unknown. A view counts while every member
    that it names can be held.
    """
    rules = mandate.strategy.estimate.mean
    if isinstance(rules, ShrunkMean):
        cash = float(np.nan_to_num(cash_rates).mean())
        found: Reals = (shrunk_mean(returns)[0] - cash) * sessions
        return found
    prior = equilibrium(mandate, members, covariance)
    if isinstance(rules, Equilibrium):
        return prior
    labels = tuple(mandate.places[place] for place in members)
    views = [
        View(name=name, weights=view.of, expected=view.expected, confidence=view.confidence)
        for name, view in rules.views.items()
        if set(view.of) <= set(labels)
    ]
    return black_litterman(labels, prior, covariance, views, tau=rules.tau).mean


def covariance_of(mandate: Mandate, returns: Reals) -> Reals:
    """Return the covariance of returns per session that the strategy file asks for."""
    kind = mandate.strategy.estimate.covariance
    if isinstance(kind, LedoitWolf):
        return ledoit_wolf(returns)[0]
    if isinstance(kind, ConstantCorrelation):
        return constant_correlation(returns)[0]
    if isinstance(kind, Ewma):
        return ewma(returns, half_life=kind.half_life)
    if isinstance(kind, Factor):
        return factor(returns, factors=min(kind.factors, returns.shape[1]))
    return sample(returns)
