"""Reasons that say what the orders beside them do, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from jeoul.model.decision import Target
from jeoul.model.money import money_text
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.rebalance import Fresh, TradeRules, round_to_tick

_CLAIMS = MappingProxyType(
    {
        "place.deposit": ({Side.BUY}, "place.deposit_idle"),
        "place.deposit_counts": ({Side.BUY}, "place.deposit_idle"),
        "place.settled": ({Side.BUY}, "place.settled_idle"),
        "place.adopted": ({Side.BUY}, "place.adopted_idle"),
        "place.overdrawn": ({Side.SELL}, "place.overdrawn_stays"),
        "place.withdrawal": ({Side.SELL}, "place.withdrawal_kept"),
        "place.first": ({Side.BUY}, "place.first_rests"),
        "place.model": ({Side.BUY, Side.SELL}, "place.model_rests"),
        "place.band": ({Side.BUY, Side.SELL}, "place.band_rests"),
    }
)
"""What a reason says is done: orders of one of these sides, and how it reads without them."""


def claims(kind: str) -> frozenset[Side]:
    """Return the sides of which a reason needs an order to be true; none for other reasons.

    >>> claims("place.deposit"), claims("place.hold")
    (frozenset({<Side.BUY: 'BUY'>}), frozenset())
    """
    return frozenset(_CLAIMS[kind][0]) if kind in _CLAIMS else frozenset()


def truthful(reasons: Sequence[Reason], orders: Sequence[Order]) -> tuple[Reason, ...]:
    """Return reasons in the words that the orders bear out.

    >>> [reason.kind for reason in truthful([Reason("place.deposit"), Reason("place.hold")], [])]
    ['place.deposit_idle', 'place.hold']
    """
    sides = {order.side for order in orders}
    return tuple(
        replace(reason, kind=_CLAIMS[reason.kind][1])
        if claims(reason.kind) and not claims(reason.kind) & sides
        else reason
        for reason in reasons
    )


def sources(fresh: Fresh, currency: str) -> tuple[Reason, ...]:
    """Return where new money came from, a reason each."""
    return tuple(
        Reason.of(f"place.{kind}", amount=money_text(amount, currency))
        for kind, amount in {
            "deposit": fresh.deposited,
            "settled": fresh.settled,
            "adopted": fresh.adopted,
        }.items()
        if amount
    )


def idle(target: Target, free: int, rules: TradeRules) -> tuple[Reason, ...]:
    """Return why money that is free to spend buys nothing."""
    weights, quotes, currency = target.weights, target.quotes, target.currency
    wanted = [code for code in quotes if weights.get(code, 0.0) > 0.0]
    if not wanted:
        return (Reason.of("place.none_wanted"),)
    price, ticker = min((round_to_tick(quotes[c].price, "up", rules.ticks), c) for c in wanted)
    if free >= price + rules.tariff(Side.BUY).costs(price).total:
        return (Reason.of("place.none_possible"),)
    detail = {"free": money_text(max(free, 0), currency), "price": money_text(price, currency)}
    return (Reason.of("place.too_small", ticker=ticker, **detail),)
