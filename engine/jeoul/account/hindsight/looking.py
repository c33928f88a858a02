"""The look back itself: a decision held on, against the account without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from jeoul.account.hindsight.records import (
    HORIZONS,
    HindsightOutcome,
    LookedBack,
    TradedDecision,
    TradedOrder,
)
from jeoul.account.hindsight.worth import ShareWorth
from jeoul.model.portfolio import Side


def look_back(
    decisions: Iterable[TradedDecision],
    worth: ShareWorth,
    last: date,
    horizons: Sequence[int] = HORIZONS,
) -> Iterator[LookedBack]:
    """Yield what each decision and its absence came to after each of the horizons, in days.

    Without the decision the account keeps what it held before, with it what it held after; neither
    trades again. Both are valued at the newest raw closes of the day, with the distributions on
    the way after tax at their source. Costs and the tax on sales at their source are paid where the
    trade was made; what selling later would cost or be taxed is in neither. Cash earns nothing, and
    money that came or went later is in neither. So an order adds

        buy:   shares x worth(later) - amount - cost
        sale:  amount - cost - tax - shares x worth(later)

    and a decision the sum of its orders, each rounded to the smallest unit. An outcome is known
    once ``last``, the newest session with prices, is not before its day.
    """
    for decision in decisions:
        tickers = sorted({*decision.shares, *(order.ticker for order in decision.orders)})
        unpriced = tuple(each for each in tickers if not worth.knows(each, decision.session))
        outcomes = {
            days: _outcome(decision, worth, days)
            for days in horizons
            if not unpriced and decision.session + timedelta(days=days) <= last
        }
        yield LookedBack(decision=decision, outcomes=outcomes, unpriced=unpriced)


def _outcome(decision: TradedDecision, worth: ShareWorth, days: int) -> HindsightOutcome:
    day = decision.session + timedelta(days=days)
    kept = sum(
        count * _later(worth, ticker, decision.session, day)
        for ticker, count in decision.shares.items()
    )
    return HindsightOutcome(
        days=days,
        day=day,
        untraded=decision.cash + round(kept),
        by_order=tuple(round(_added(order, worth, day)) for order in decision.orders),
    )


def _added(order: TradedOrder, worth: ShareWorth, day: date) -> float:
    """Return what an order adds by a day, nothing before it is filled."""
    if order.session > day:
        return 0.0
    held = order.shares * _later(worth, order.ticker, order.session, day)
    return order.cash + (held if order.side is Side.BUY else -held)


def _later(worth: ShareWorth, ticker: str, since: date, until: date) -> float:
    found = worth.after(ticker, since, until)
    assert found is not None  # a ticker that had a close has a newest one
    return found
