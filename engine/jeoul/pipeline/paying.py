"""What of an account's orders its money pays, what they cost, and the cash that they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from jeoul.model.decision import Target
from jeoul.model.money import money_text
from jeoul.model.portfolio import (
    SETTLED,
    Order,
    Portfolio,
    Proceeds,
    Reason,
    Side,
    signed_amount,
)
from jeoul.pipeline.claims import idle, sources, truthful
from jeoul.rebalance import Fresh, OrderPlan, Tariff, TradeRules, affordable_buys


class Placed(NamedTuple):
    """One account's orders, sells first, and why; what they cost and the cash they leave.

    ``plan`` is the search for whole shares that they come from, None where there was none: nothing
    was due, a withdrawal was paid, or SAFE mode chose. ``held_back`` is the money of purchases that
    were left out because their funds are too dear.
    """

    orders: tuple[Order, ...]
    reasons: tuple[Reason, ...]
    cash_after: int
    cost: int
    plan: OrderPlan | None = None
    held_back: int = 0


class PaymentRules(NamedTuple):
    """What buys and sells are charged, and when buys may spend what sales bring."""

    buys: Tariff
    sells: Tariff
    proceeds: Proceeds = SETTLED

    @staticmethod
    def of(rules: TradeRules, proceeds: Proceeds) -> PaymentRules:
        """Return what an account's trading rules say of payment."""
        return PaymentRules(rules.tariff(Side.BUY), rules.tariff(Side.SELL), proceeds)


def paid(
    target: Target,
    portfolio: Portfolio,
    placed: Placed,
    rules: TradeRules,
    proceeds: Proceeds,
    fresh: Fresh,
) -> Placed:
    """Return orders cut to what the account's money pays, with reasons that are true of them.

    ``portfolio.cash`` is the money that buys may spend before any sale, ``rules.buffer`` what they
    leave of it. Sales go out whole; the last buys are cut first, and one that is cut below the
    smallest trade is left out. What a sale brings pays for buys of the same day only where
    ``proceeds`` may be reused, and otherwise once it has settled. Where no buy is left, the reasons
    say so of ``fresh`` money.
    """
    prices = {code: quote.price for code, quote in target.quotes.items()}
    counts = paid_shares(
        placed.orders,
        portfolio.cash - rules.buffer,
        PaymentRules.of(rules, proceeds),
        smallest=rules.smallest(portfolio.value(prices)),
    )
    orders = cut_to(target, portfolio, placed.orders, counts)
    missing = sum(
        (order.shares - count) * order.price
        for order, count in zip(placed.orders, counts, strict=True)
    )
    reasons = truthful(placed.reasons, orders)
    if missing:
        sells = any(order.side is Side.SELL for order in orders)
        waits = proceeds == SETTLED and (sells or portfolio.incoming > 0)
        kind = "place.buys_wait" if waits else "place.buys_unpaid"
        reasons += (Reason.of(kind, amount=money_text(missing, target.currency)),)
    if fresh.total > 0:
        about = _of_fresh(target, fresh, orders, portfolio.cash - rules.buffer, rules)
        reasons += tuple(reason for reason in about if reason.kind not in _kinds(reasons))
    found = placed_of(orders, reasons, portfolio.cash, rules)
    return found._replace(held_back=placed.held_back)


def _of_fresh(
    target: Target, fresh: Fresh, orders: Sequence[Order], free: int, rules: TradeRules
) -> tuple[Reason, ...]:
    """Return what became of fresh money where it is not what the orders are made for."""
    if not any(order.side is Side.BUY for order in orders):
        return truthful(sources(fresh, target.currency), orders) + idle(target, free, rules)
    if not fresh.deposited:
        return ()
    amount = money_text(fresh.deposited, target.currency)
    return (Reason.of("place.deposit_counts", amount=amount),)


def _kinds(reasons: Sequence[Reason]) -> set[str]:
    """Return the kinds of reasons; one that names the deposit already counts for both."""
    kinds = {reason.kind for reason in reasons}
    return kinds | {"place.deposit_counts"} if "place.deposit" in kinds else kinds


def cut_to(
    target: Target, portfolio: Portfolio, orders: Sequence[Order], counts: Sequence[int]
) -> tuple[Order, ...]:
    """Return orders with so many shares each, without those of none, their reasons set right."""
    prices = {code: quote.price for code, quote in target.quotes.items()}
    value, held = portfolio.value(prices), portfolio.shares
    found = []
    for order, count in zip(orders, counts, strict=True):
        if count == order.shares:
            found.append(order)
        elif count:
            reason = cut_reason(order, count, held, prices, value)
            found.append(replace(order, shares=count, reason=reason))
    return tuple(found)


def placed_of(
    orders: tuple[Order, ...], reasons: tuple[Reason, ...], cash: int, rules: TradeRules
) -> Placed:
    """Return orders with what they cost and the cash that they leave of ``cash``."""
    if not orders:
        return Placed(orders, reasons, cash, 0)
    cost = sum(rules.cost(order) for order in orders)
    return Placed(orders, reasons, cash - sum(map(signed_amount, orders)) - cost, cost)


def paid_shares(
    orders: Sequence[Order], cash: int, payment: PaymentRules, *, smallest: int = 0
) -> list[int]:
    """Return how many shares of each order are traded: sales whole, buys as far as money goes.

    A buy costs its worst price and its fees. The last ones are cut first, and one that is cut
    below ``smallest`` is left out. With ``"reuse"`` the sales pay too: their worst price, less
    their own fees.

    >>> why = Reason("x")
    >>> orders = Order(Side.SELL, "A", 5, 100, why), Order(Side.BUY, "B", 9, 100, why)
    >>> reuse = PaymentRules(Tariff(), Tariff(), "reuse")
    >>> paid_shares(orders, 200, PaymentRules(Tariff(), Tariff())), paid_shares(orders, 200, reuse)
    ([5, 2], [5, 7])
    """
    if payment.proceeds == "reuse":
        sold = [_worst(order) * order.shares for order in orders if order.side is Side.SELL]
        cash += sum(max(amount - payment.sells.costs(amount).total, 0) for amount in sold)
    wishes = [(order.shares, _worst(order)) for order in orders if order.side is Side.BUY]
    counts = iter(affordable_buys(wishes, cash, payment.buys, smallest=smallest))
    return [next(counts) if order.side is Side.BUY else order.shares for order in orders]


def cut_reason(
    order: Order, shares: int, held: Mapping[str, int], prices: Mapping[str, int], value: int
) -> Reason:
    """Return the reason of an order that trades fewer shares: what is held after it has changed.

    >>> order = Order(Side.BUY, "A", 5, 100, Reason.of("rebalance.buy_under", after="90.0%"))
    >>> cut_reason(order, 1, {"A": 4}, {"A": 100}, 1_000).detail
    (('after', '50.0%'),)
    """
    traded = shares if order.side is Side.BUY else -shares
    worth = (held.get(order.ticker, 0) + traded) * prices[order.ticker]
    after = f"{worth / value:z.1%}" if value else "0.0%"
    detail = ((key, after if key == "after" else text) for key, text in order.reason.detail)
    return Reason(order.reason.kind, tuple(detail))


def _worst(order: Order) -> int:
    return order.limit or order.price
