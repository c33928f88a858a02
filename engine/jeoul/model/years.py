"""The length of a year: that of the calendar on average, over four hundred years."""

from __future__ import annotations

DAYS_A_YEAR = 365.2425
"""Days; every figure a year of the engine counts with it, where no law counts otherwise."""
