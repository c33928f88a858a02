"""From single trades to decisions: which trades belong together, and why they were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from jeoul.account.hindsight.records import Cause, TradedDecision, TradedOrder
from jeoul.model.portfolio import Side

SPENDS_SALES = "place.settled"
"""The reason of a trade that spends what earlier sales brought."""

BUYS_WAIT = "place.buys_wait"
"""The reason of a run whose purchases wait until its sales have settled."""

SETTLED_WITHIN = timedelta(days=14)
"""Sales settle after two sessions; the longest holidays lie within."""

FIRST, MODEL = "place.first", "place.model"
CUT, RISE = "overlay.cut", "overlay.rise"

_ACCOUNT: Mapping[str, Cause] = {
    FIRST: "invested",
    MODEL: "rebalance",
    "place.band": "rebalance",
    "place.deposit": "invested",
    "place.adopted": "invested",
    "place.withdrawal": "withdrawn",
    "place.overdrawn": "withdrawn",
}
_OVERLAY: Mapping[str, Cause] = {CUT: "cut", RISE: "reentry"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTrades:
    """The orders of the runs of one session, and the account after them.

    ``shares`` and ``cash`` are those after the close, ``value`` at its closes; ``kinds`` are the
    kinds of the reasons that the runs gave.
    """

    session: date
    orders: tuple[TradedOrder, ...]
    kinds: Collection[str]
    shares: Mapping[str, int]
    cash: int
    value: int
    runs: tuple[str, ...] = ()


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
    if found is None:
        return "invested" if SPENDS_SALES in given else "other"
    return found


def decisions_of(trades: Iterable[SessionTrades]) -> tuple[TradedDecision, ...]:
    """Return the decisions behind trades in the order of their sessions.

    What is bought when the sales of a decision have settled belongs to it: a trade that spends
    settled money, or the next one of the account's own band after a run whose purchases had to
    wait. A day on which the model trades, and money that comes or goes, begin another decision.
    """
    found: list[TradedDecision] = []
    before: SessionTrades | None = None
    for each in trades:
        if not each.orders:
            continue
        if before is not None and _completes(each, before, found[-1]):
            last = found[-1]
            orders, runs = (*last.orders, *each.orders), (*last.runs, *each.runs)
            found[-1] = replace(last, orders=orders, runs=runs)
        else:
            found.append(_decision(each))
        before = each
    return tuple(found)


def _completes(trades: SessionTrades, before: SessionTrades, decision: TradedDecision) -> bool:
    """Return whether trades spend what the sales of the decision before them brought."""
    own = {kind for kind in trades.kinds if kind in _ACCOUNT}
    sold = [order.session for order in decision.orders if order.side is Side.SELL]
    if not sold or trades.session - max(sold) > SETTLED_WITHIN:
        return False
    if own == {"place.band"}:
        return BUYS_WAIT in before.kinds
    return not own and SPENDS_SALES in trades.kinds


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
        runs=trades.runs,
    )
