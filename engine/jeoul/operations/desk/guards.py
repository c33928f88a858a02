"""What stops a plan or takes orders out of it, whatever the model says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.desk.intents import PlannedOrder
from jeoul.operations.setup.config import SafetySettings
from jeoul.pipeline.paying import PaymentRules, cut_reason, paid_shares
from jeoul.rebalance import spendable

STOP = "STOP"
SAFE = "SAFE"


@dataclass(frozen=True, slots=True)
class Screened:
    """Orders that may be frozen, why others were cut, and what forbids the plan as a whole."""

    orders: tuple[PlannedOrder, ...]
    cut: tuple[Reason, ...] = ()
    forbidden: tuple[Reason, ...] = ()


def is_stopped(settings: SafetySettings, state: Path) -> bool:
    """Return whether the kill switch is on."""
    return settings.stop or _is_there(f"{state}/{STOP}")


def is_safe(settings: SafetySettings, state: Path) -> bool:
    """Return whether SAFE mode is on."""
    return settings.safe or _is_there(f"{state}/{SAFE}")


def _is_there(switch: str) -> bool:
    """Return whether there is a file; what hides whether there is one is an error, not a no."""
    try:
        os.stat(switch)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def screen(
    orders: Sequence[PlannedOrder],
    proposal: Proposal,
    portfolio: Portfolio,
    settings: SafetySettings,
    *,
    traded: int,
    payment: PaymentRules,
    locked: Mapping[str, int],
) -> Screened:
    """Return the orders that the account's own limits let through.

    ``traded`` is what was already traded on the session. Sells are cut by the shares that are
    ``locked`` at the broker. Buys beyond the money that ``payment`` lets them spend are cut from
    the last one on. An order or a turnover beyond its limit forbids the plan: cutting it would
    trade something that nobody decided.
    """
    prices = {code: quote.price for code, quote in proposal.quotes.items()}
    value = portfolio.value(prices)
    kept, fixed = _sellable(orders, portfolio, locked)
    kept, short = _affordable(kept, spendable(portfolio, payment.proceeds).cash, payment)
    before = {(order.side, order.ticker): order for order in orders}

    def told(order: PlannedOrder) -> PlannedOrder:
        if order.shares == before[order.side, order.ticker].shares:
            return order
        reason = cut_reason(_order(order), order.shares, portfolio.shares, prices, value)
        return replace(order, reason=reason)

    kept = [told(order) for order in kept]
    return Screened(tuple(kept), (*fixed, *short), limits_broken(kept, settings, value, traded))


def _sellable(
    orders: Sequence[PlannedOrder], portfolio: Portfolio, locked: Mapping[str, int]
) -> tuple[list[PlannedOrder], list[Reason]]:
    kept, cut = [], []
    for order in orders:
        allowed = order.shares
        if order.side is Side.SELL and order.ticker in locked:
            free = portfolio.shares.get(order.ticker, 0) - locked[order.ticker]
            allowed = min(allowed, max(free, 0))
        if allowed < order.shares:
            cut.append(_cut("operations.cut_locked", order, allowed))
        if allowed:
            kept.append(replace(order, shares=allowed))
    return kept, cut


def _affordable(
    orders: Sequence[PlannedOrder], cash: int, payment: PaymentRules
) -> tuple[list[PlannedOrder], list[Reason]]:
    """Return the orders with buys cut to the money there is, each at the worst price it may pay."""
    counts = paid_shares([_order(order) for order in orders], cash, payment)
    kept, cut = [], []
    for order, allowed in zip(orders, counts, strict=True):
        if allowed < order.shares:
            cut.append(_cut("operations.cut_cash", order, allowed))
        if allowed:
            kept.append(replace(order, shares=allowed))
    return kept, cut


def _order(order: PlannedOrder) -> Order:
    return Order(
        side=order.side,
        ticker=order.ticker,
        shares=order.shares,
        price=order.price,
        reason=order.reason,
        limit=order.limit,
    )


def limits_broken(
    orders: Sequence[PlannedOrder], settings: SafetySettings, value: int, traded: int
) -> tuple[Reason, ...]:
    """Return which limits orders break; ``traded`` is what the session has traded already."""
    found = []
    for order in orders:
        amount = order.shares * order.price
        if amount > settings.max_order * value:
            found.append(
                Reason.of(
                    "operations.order_limit",
                    ticker=order.ticker,
                    amount=f"{amount:,}",
                    limit=f"{settings.max_order:z.0%}",
                )
            )
    turnover = traded + sum(order.shares * order.price for order in orders)
    if turnover > settings.max_turnover * value:
        found.append(
            Reason.of(
                "operations.turnover_limit",
                amount=f"{turnover:,}",
                limit=f"{settings.max_turnover:z.0%}",
            )
        )
    return tuple(found)


def _cut(kind: str, order: PlannedOrder, allowed: int) -> Reason:
    return Reason.of(
        kind, side=order.side, ticker=order.ticker, wanted=order.shares, allowed=allowed
    )
