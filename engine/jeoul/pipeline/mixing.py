"""The rules of several profiles as those of one."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.profile import ProfileRules, VolatilityBand


def mixed_rules(strategy: Strategy, mix: Mapping[str, float]) -> ProfileRules:
    """Return what a mix of a strategy's profiles holds and bears; the shares sum to 1.

    Class weights, the volatility band and the loss limit are averages by share. Of the risk
    aversion it is the inverse that is averaged: the optimal weights are in proportion to it, so
    that a mix of two optima is the optimum of the mix. Either all profiles have a volatility band
    or a loss limit, or none (the strategy file is refused otherwise).

    >>> from jeoul.strategy.load import load_strategy
    >>> half = mixed_rules(load_strategy("managed"), {"balanced": 0.5, "growth": 0.5})
    >>> round(half.classes["krw_bond"], 3), round(half.risk_aversion, 3), half.loss_limit
    (0.22, 2.4, 0.16)
    """
    parts = [(strategy.profiles[name], share) for name, share in mix.items()]  # type: ignore[index]
    if len(parts) == 1:
        return parts[0][0]
    names = dict.fromkeys(name for rules, _ in parts for name in rules.classes)
    bands = [(rules.volatility, share) for rules, share in parts if rules.volatility is not None]
    limits = [(rules.loss_limit, share) for rules, share in parts if rules.loss_limit is not None]
    return ProfileRules(
        classes={
            name: sum(share * rules.classes.get(name, 0.0) for rules, share in parts)
            for name in names
        },
        risk_aversion=1.0 / sum(share / rules.risk_aversion for rules, share in parts),
        volatility=VolatilityBand(
            min=sum(share * band.min for band, share in bands),
            max=sum(share * band.max for band, share in bands),
        )
        if bands
        else None,
        loss_limit=sum(share * limit for limit, share in limits) if limits else None,
    )
