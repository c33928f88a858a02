"""How far an account is from its target."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.errors import UsageError
from jeoul.model.portfolio import CASH, Portfolio, Weights


def current_weights(portfolio: Portfolio, prices: Mapping[str, int]) -> Weights:
    """Return the weights of what is held, CASH (with money on its way) included.

    Holdings without a price are left out. Raises :class:`UsageError` if nothing has any value.

    >>> current_weights(Portfolio({"069500": 3}, 40_000), {"069500": 20_000})
    {'069500': 0.6, 'CASH': 0.4}
    """
    money = {
        ticker: shares * prices[ticker]
        for ticker, shares in sorted(portfolio.shares.items())
        if ticker in prices
    }
    money[CASH] = portfolio.money
    value = sum(money.values())
    if value <= 0:
        raise UsageError(
            "the account has no value at these prices; check holdings, cash and prices"
        )
    return {label: amount / value for label, amount in money.items()}


def setting_aside(weights: Weights, share: float) -> Weights:
    """Return target weights of an account of which a share is kept in cash to be paid out.

    >>> setting_aside({"069500": 0.9, "CASH": 0.1}, 0.5)
    {'069500': 0.45, 'CASH': 0.55}
    """
    found = {label: weight * (1.0 - share) for label, weight in weights.items()}
    found[CASH] = found.get(CASH, 0.0) + share
    return found


def drift(now: Mapping[str, float], target: Mapping[str, float]) -> float:
    """Return half the sum of absolute deviations: the share of the account that is misplaced.

    >>> round(drift({"A": 0.7, "CASH": 0.3}, {"A": 0.5, "B": 0.3, "CASH": 0.2}), 12)
    0.3
    """
    labels = sorted(now.keys() | target.keys())
    return 0.5 * sum([abs(now.get(label, 0.0) - target.get(label, 0.0)) for label in labels])
