"""Prices and series as they were known at an instant: folders, calendars, checks of quality."""

from jeoul.market.findings import as_problem, describe, serious_for
from jeoul.market.history import assemble
from jeoul.market.market import Market, open_market

__all__ = ["Market", "as_problem", "assemble", "describe", "open_market", "serious_for"]
