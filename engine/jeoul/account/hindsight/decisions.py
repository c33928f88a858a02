"""From single trades to decisions: which trades belong together, and why they were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from jeoul.account.hindsight.records import Cause, TradedDecision, TradedOrder
from jeoul.model.portfolio import Side

SPENDS_SALES = "place.settled"
"""The reason of a trade that spends what earlier sales brought."""

_ACCOUNT: Mapping[str, Cause] = {
    "place.first": "invested",
    "place.model": "rebalance",
    "place.band": "rebalance",
    "place.deposit": "invested",
    "place.adopted": "invested",
    "place.withdrawal": "withdrawn",
    "place.overdrawn": "withdrawn",
}
_OVERLAY: Mapping[str, Cause] = {"overlay.cut": "cut", "overlay.rise": "reentry"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTrades:
    """The orders of one run, and the account after them.

    ``shares`` and ``cash`` are those after the close, ``value`` at its closes; ``kinds`` are the
    kinds of the reasons that the run gave.
    """

    session: date
    orders: tuple[TradedOrder, ...]
    kinds: Collection[str]
    shares: Mapping[str, int]
    cash: int
    value: int
    run: str = ""


def cause_of(kinds: Iterable[str]) -> Cause:
    """Return why an account traded, from the kinds of its reasons.

    A cut or a step back up of the risk control is the cause where the account followed the model on
    that day, whatever the calendar says.

    >>> cause_of(["place.model", "trade.overlay", "overlay.vix_on", "overlay.cut"])
    'cut'
    >>> cause_of(["place.deposit", "trade.hold"])
    'invested'
    """
    given = list(kinds)
    found = next((_ACCOUNT[kind] for kind in given if kind in _ACCOUNT), None)
    if found == "rebalance":
        return next((_OVERLAY[kind] for kind in reversed(given) if kind in _OVERLAY), found)
    return "other" if found is None else found


def decisions_of(trades: Iterable[SessionTrades]) -> tuple[TradedDecision, ...]:
    """Return the decisions behind trades in the order of their sessions.

    What is bought with the settled proceeds of a sale belongs to the decision that sold.
    """
    found: list[TradedDecision] = []
    for each in trades:
        if not each.orders:
            continue
        follows = SPENDS_SALES in each.kinds and cause_of(each.kinds) == "other"
        if follows and found and _sold(found[-1]):
            last = found[-1]
            runs = (*last.runs, each.run) if each.run else last.runs
            found[-1] = replace(last, orders=(*last.orders, *each.orders), runs=runs)
        else:
            found.append(_decision(each))
    return tuple(found)


def _decision(trades: SessionTrades) -> TradedDecision:
    shares = dict(trades.shares)
    for order in trades.orders:
        moved = order.shares if order.side is Side.SELL else -order.shares
        shares[order.ticker] = shares.get(order.ticker, 0) + moved
    return TradedDecision(
        session=trades.session,
        cause=cause_of(trades.kinds),
        orders=trades.orders,
        shares={ticker: count for ticker, count in sorted(shares.items()) if count},
        cash=trades.cash - sum(order.cash for order in trades.orders),
        value=trades.value + sum(order.cost + order.tax for order in trades.orders),
        runs=(trades.run,) if trades.run else (),
    )


def _sold(decision: TradedDecision) -> bool:
    return any(order.side is Side.SELL for order in decision.orders)
