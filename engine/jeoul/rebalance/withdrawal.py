"""What to sell so that an account can pay money out."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.errors import UsageError
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.rebalance.records import TradeRules
from jeoul.rebalance.ticks import round_to_tick

_HALVINGS = 60  # of the level between nothing sold and everything


def plan_withdrawal(
    weights: Mapping[str, float],
    portfolio: Portfolio,
    prices: Mapping[str, int],
    rules: TradeRules,
    amount: int,
) -> tuple[Order, ...]:
    """Return sales alone after whose costs cash and money on its way come to an amount.

    What has no target goes first; then every holding comes down to one common multiple of its
    target in what stays, so that the mix moves towards the target. Nothing is sold while the money
    is there already, and everything with a price if it is not enough. ``rules.min_trade`` does not
    apply.

    >>> account, prices = Portfolio({"A": 60, "B": 20}, 0), {"A": 10, "B": 20}
    >>> orders = plan_withdrawal({"A": 0.5, "B": 0.5}, account, prices, TradeRules(), 300)
    >>> [(order.ticker, order.shares) for order in orders]
    [('A', 25), ('B', 3)]
    """
    if amount < 0:
        raise UsageError(f"a withdrawal of {amount} is below zero; give money to pay out")
    there = portfolio.money
    held = {t: n for t, n in portfolio.shares.items() if t in prices}
    worth = {t: n * prices[t] for t, n in held.items()}
    stays = max(sum(worth.values()) + there - amount, 0)
    wanted = target = {t: weights.get(t, 0.0) * stays for t in held}
    price = {t: round_to_tick(prices[t], "down", rules.ticks) for t in held}

    def proceeds(sold: Mapping[str, int]) -> int:
        gross = {t: n * price[t] for t, n in sold.items()}
        return sum(g - rules.tariff(Side.SELL).costs(g).total for g in gross.values())

    def down_to(level: float) -> dict[str, int]:
        return {t: int(max(worth[t] - level * target[t], 0.0) / prices[t]) for t in held}

    short = amount - there
    if short <= 0:
        return ()
    unwanted = {t: n for t, n in held.items() if target[t] <= 0.0}
    # Without a target to measure by, each comes down from what it is worth.
    if proceeds(unwanted) >= short:
        held, target = unwanted, {t: float(worth[t]) for t in unwanted}
    low, high = 0.0, max((worth[t] / target[t] for t in held if target[t] > 0.0), default=0.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if proceeds(down_to(middle)) >= short else (low, middle)
    sold = down_to(high)
    # Whole shares are rounded down, so that some more may have to go, one at a time.
    while proceeds(sold) < short and any(sold[t] < held[t] for t in held):
        sold[_furthest(held, sold, prices, target)] += 1
    after = {t: (held[t] - n) * prices[t] for t, n in sold.items()}
    value = sum(worth.values()) + there
    orders = (
        Order(
            side=Side.SELL,
            ticker=t,
            shares=n,
            price=price[t],
            reason=_reason(worth[t], wanted[t], after[t], value),
        )
        for t, n in sold.items()
        if n
    )
    return tuple(sorted(orders, key=lambda o: (-o.shares * o.price, o.ticker)))


def _furthest(
    held: Mapping[str, int],
    sold: Mapping[str, int],
    prices: Mapping[str, int],
    target: Mapping[str, float],
) -> str:
    """Return what is left of most, measured by its target; what has none comes first."""

    def above(ticker: str) -> tuple[float, str]:
        left = (held[ticker] - sold[ticker]) * prices[ticker]
        return (left / target[ticker] if target[ticker] > 0.0 else float("inf"), ticker)

    return max((t for t in held if sold[t] < held[t]), key=above)


def _reason(now: float, target: float, after: float, value: int) -> Reason:
    return Reason.of(
        "rebalance.sell_to_pay",
        now=f"{now / value:z.1%}",
        target=f"{target / value:z.1%}",
        after=f"{after / value:z.1%}",
    )
