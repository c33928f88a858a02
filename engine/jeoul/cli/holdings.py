"""Holdings of a command line: read for a universe and a market, and what is said of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.model.amount import smallest_units

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.market import Market
    from jeoul.model.amount import Amount
    from jeoul.model.instrument import Universe
    from jeoul.workspace.inputs import Opened


def read_for(
    file: Path, universe: Universe, market: Market | None, today: date, given: date | None = None
) -> Holdings:
    """Return the holdings in a file for a strategy's universe; codes with prices exist.

    Days are counted from ``given``, else from the day that the file states, else from ``today``.
    """
    from jeoul import api
    from jeoul.account.holdings import Days, Given, read_holdings
    from jeoul.account.holdings.known import securities_of

    tables = () if market is None else market.prices
    priced = [code for table in tables for code in table.tickers]
    return read_holdings(
        file,
        securities_of(universe, priced),
        currency=universe.currency,
        days=Days(api.calendars()[universe.calendar], today),
        given=Given(as_of=given),
    )


def held_by(opened: Opened, file: Path | None, cash: Amount | None) -> Holdings:
    """Return what an account holds before any deposit: nothing but ``cash`` without a file."""
    from jeoul import api
    from jeoul.account.holdings import Holdings

    universe = api.universe_of(opened.strategy.universe)
    units = None if cash is None else smallest_units(cash, universe.currency)
    if file is None:
        return Holdings("", {}, units or 0, universe.currency)
    return read_for(file, universe, opened.market, opened.snapshot.as_of).with_cash(units)


def notes_of(holdings: Holdings, language: str) -> list[str]:
    """Return what is said of a reading, as sentences."""
    from jeoul.reporting.reasons import reason_text

    return [reason_text(note, language) for note in holdings.notes]
