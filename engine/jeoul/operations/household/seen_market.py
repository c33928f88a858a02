"""The market as a household's plan sees it, on a session of the exchange that it is planned by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from jeoul.market import Market
from jeoul.market.calendars import load_calendar
from jeoul.market.kept_market import KeptMarket
from jeoul.model.snapshot import Snapshot

HOME = "XKRX"
"""The exchange by whose sessions the models of a household see the market."""


def main_exchange(exchanges: Sequence[str]) -> str:
    """Return the exchange by whose sessions a household is planned, of those of its accounts.

    It is that of most accounts; where two have as many, the household's home decides.

    >>> main_exchange(["XNYS", "XKRX"]), main_exchange(["XNYS", "XNYS", "XKRX"])
    ('XKRX', 'XNYS')
    """
    return max(sorted(set(exchanges)), key=lambda name: (exchanges.count(name), name == HOME))


def seen_market(market: Market | KeptMarket, exchange: str, session: date) -> Snapshot:
    """Return the market as a plan on a session of an exchange sees it, as of a session at home.

    That is the last one at home by then. Where the market at home stays shut until after the plan's
    own morning, the plan sees what is known on that: the closes of its own session, and none later.
    """
    if exchange == HOME:
        return market.as_of(session)
    home, own = load_calendar(HOME), load_calendar(exchange)
    day = home.at_or_before(session)
    if home.decision_instant(day) <= own.decision_instant(session):
        return market.as_of(day)
    return replace(market.as_of(session, exchange), as_of=day, calendar=HOME)
