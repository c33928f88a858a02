"""Numbers read from a history: what the overlay's latches look at."""

from jeoul.signals.series import change, difference, drawdown, ratio, realised_volatility
from jeoul.signals.sleeve import sleeve_level
from jeoul.signals.trend import distance_from_average, on_clock

__all__ = [
    "change",
    "difference",
    "distance_from_average",
    "drawdown",
    "on_clock",
    "ratio",
    "realised_volatility",
    "sleeve_level",
]
