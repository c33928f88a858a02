"""Numbers read from a history: what the overlay's latches look at."""

from jeoul.signals.sleeve import sleeve_level
from jeoul.signals.trend import distance_from_average, on_clock

__all__ = ["distance_from_average", "on_clock", "sleeve_level"]
