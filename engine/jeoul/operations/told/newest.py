"""The newest prices of a market, and how old they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.money import UNITS, to_units
from jeoul.model.snapshot import Snapshot


def newest_price(market: Market, calendar: Calendar, now: int) -> dict[str, Any]:
    """Return the newest session with a price, and how many sessions have closed since.

    ``now`` is an instant in seconds.
    """
    session = market.last_session(calendar.name)
    return {
        "session": session.isoformat(),
        "sessions_old": calendar.closed_since(session, now),
    }


def last_close(snapshot: Snapshot, ticker: str, currency: str) -> int | None:
    """Return a fund's last close in the currency's smallest unit, None where none is known."""
    for table in snapshot.prices:
        if table.currency == currency and ticker in table.tickers:
            closes = table.close[:, table.tickers.index(ticker)]
            known = np.flatnonzero(np.isfinite(closes))
            return to_units(float(closes[known[-1]]), UNITS[currency]) if len(known) else None
    return None
