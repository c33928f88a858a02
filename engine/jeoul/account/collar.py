"""The worst price that an order of an account may have: a collar around close and value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from jeoul.model.instrument import Instrument
from jeoul.model.portfolio import Order, Side
from jeoul.rebalance import TradeRules, price_limits, round_to_tick

COLLAR = 0.02
"""How far a limit may be from what it is measured from, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Collar:
    """How far limits may be from the last close, as a fraction; buys may start from a lower value.

    ``multiples`` are those of leveraged funds by ticker, which widen the limits of the exchange.
    """

    width: Decimal
    multiples: Mapping[str, float]

    @staticmethod
    def of(width: float | None, funds: Mapping[str, Instrument]) -> Collar | None:
        """Return the collar of a universe's funds; None without a width: orders have no limit."""
        if not width:
            return None
        return Collar(Decimal(str(width)), {code: fund.multiple for code, fund in funds.items()})

    def limit(self, order: Order, rules: TradeRules, worth: float | None = None) -> int:
        """Return the worst price of an order, on a tick and inside the limits of the exchange.

        ``worth`` is the net asset value of a share, in the unit of the price. A purchase is
        measured from the lower of close and value, so that a premium is a part of the collar; a
        sale from the close alone, so that a discount never keeps it in.

        >>> from jeoul.model.portfolio import Reason
        >>> from jeoul.rebalance import ETF_TICKS
        >>> buy = Order(Side.BUY, "069500", 1, 36_415, Reason("x"))
        >>> Collar(Decimal("0.02"), {"069500": 1.0}).limit(buy, TradeRules(ticks=ETF_TICKS))
        37140
        >>> Collar(Decimal("0.02"), {"069500": 1.0}).limit(buy, TradeRules(ticks=ETF_TICKS), 36_200)
        36920
        """
        limits = price_limits(order.price, self.multiples[order.ticker], rules.ticks)
        if order.side is Side.BUY:
            value = order.price if worth is None else min(order.price, round(worth))
            wanted = round_to_tick(int(value * (1 + self.width)), "down", rules.ticks)
            return min(max(wanted, order.price), limits.upper)
        wanted = round_to_tick(max(int(order.price * (1 - self.width)), 1), "up", rules.ticks)
        return max(min(wanted, order.price), limits.lower)
