"""How old the newest price of a market is."""

from __future__ import annotations

from typing import Any

from jeoul.market import Market
from jeoul.model.calendar import Calendar


def newest_price(market: Market, calendar: Calendar, now: int) -> dict[str, Any]:
    """Return the newest session with a price, and how many sessions have closed since.

    ``now`` is an instant in seconds.
    """
    session = market.last_session(calendar.name)
    return {
        "session": session.isoformat(),
        "sessions_old": calendar.closed_since(session, now),
    }
