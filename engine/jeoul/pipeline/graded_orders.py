"""The last look before an order: no purchase takes an account beyond its investor's grades."""

from __future__ import annotations

from jeoul.model.decision import Target
from jeoul.model.grade_limit import Graded
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.paying import Placed, cut_to, placed_of
from jeoul.rebalance import TradeRules

_CUT = {"portfolio": "place.grade_portfolio", "product": "place.grade_product"}


def within_limit(target: Target, portfolio: Portfolio, placed: Placed, rules: TradeRules) -> Placed:
    """Return orders whose purchases leave the account within its limit, and why others were cut.

    By product no fund is bought that is riskier than the limit. By portfolio such purchases are
    cut, the riskiest first, until the mean grade of what the account then holds is within it. What
    is held already forces no sale here: the target weights see to that.
    """
    graded = target.graded
    if graded is None or not graded.limit.binds:
        return placed
    counts = _counts(graded, target, portfolio, placed.orders)
    if counts == [order.shares for order in placed.orders]:
        return placed
    kept = cut_to(target, portfolio, placed.orders, counts)
    limit = graded.limit
    why = Reason.of(_CUT[limit.mode], matrix=limit.matrix, riskiest=limit.riskiest)
    found = placed_of(kept, (*truthful(placed.reasons, kept), why), portfolio.cash, rules)
    return found._replace(held_back=placed.held_back)


def _counts(
    graded: Graded, target: Target, portfolio: Portfolio, orders: tuple[Order, ...]
) -> list[int]:
    """Return how many shares of each order are traded."""
    counts = {order.ticker: order.shares for order in orders}
    risky = [o for o in orders if o.side is Side.BUY and graded.too_risky(o.ticker)]
    if graded.limit.mode == "product":
        counts |= {order.ticker: 0 for order in risky}
    else:
        missing = _missing(graded, target, portfolio, orders)
        for order in sorted(risky, key=lambda o: (graded.grade(o.ticker), o.price, o.ticker)):
            each = order.price * (graded.limit.riskiest - graded.grade(order.ticker))
            cut = min(order.shares, max(0, -(-missing // each)))
            counts[order.ticker] -= cut
            missing -= cut * each
    return [counts[order.ticker] for order in orders]


def _missing(
    graded: Graded, target: Target, portfolio: Portfolio, orders: tuple[Order, ...]
) -> int:
    """Return by how much money x grades the account would then fall short of its limit."""
    after = dict(portfolio.shares)
    for order in orders:
        sign = 1 if order.side is Side.BUY else -1
        after[order.ticker] = after.get(order.ticker, 0) + sign * order.shares
    return sum(
        shares * target.quotes[code].price * (graded.limit.riskiest - graded.grade(code))
        for code, shares in after.items()
        if code in target.quotes
    )
