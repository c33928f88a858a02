"""Order prices: tick sizes and daily price limits."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from jeoul.errors import UsageError

Ticks = tuple[tuple[int, int], ...]
"""(price from which the tick applies, tick), ascending, in the currency's smallest unit."""

ETF_TICKS: Ticks = ((0, 1), (2_000, 5))
"""KRX-listed ETFs and ETNs since December 2023, in won."""

SHARE_TICKS: Ticks = (
    (0, 1),
    (2_000, 5),
    (5_000, 10),
    (20_000, 50),
    (50_000, 100),
    (200_000, 500),
    (500_000, 1_000),
)
"""KRX-listed shares since 2023-01-25, in won."""

CENT_TICKS: Ticks = ((0, 1),)
"""US-listed shares and ETFs from one dollar, in cents."""

_DAILY_LIMIT = Fraction(3, 10)  # of the base price, times the multiple of a leveraged fund


class PriceLimits(NamedTuple):
    """The highest and the lowest price at which an order is accepted."""

    upper: int
    lower: int


def round_to_tick(price: int, direction: Literal["down", "up"], ticks: Ticks = ETF_TICKS) -> int:
    """Return the nearest price on the tick grid, in the direction asked for.

    A price on the grid stays. Raises :class:`UsageError` for a price that is not positive.

    >>> round_to_tick(36_412, "up"), round_to_tick(36_412, "down"), round_to_tick(1_999, "up")
    (36415, 36410, 1999)
    """
    if price <= 0:
        raise UsageError(f"the price is {price}; give a positive whole number")
    if direction not in ("down", "up"):
        raise UsageError(f"{direction!r} is not a direction; use down or up")
    tick = next(tick for start, tick in reversed(ticks) if price >= start)
    below = price // tick * tick
    return below if direction == "down" or below == price else below + tick


def price_limits(
    base: int, multiple: int | float | Decimal = 1, ticks: Ticks = ETF_TICKS
) -> PriceLimits:
    """Return the daily price limits of KRX: 30 % of the base price times the fund's multiple.

    Both are rounded to the tick inside the band; the lower one is at least one tick. ``multiple``
    is the fund's leverage, negative for inverse funds.

    >>> price_limits(10_000, 2)
    PriceLimits(upper=16000, lower=4000)
    """
    if base <= 0:
        raise UsageError(f"the base price is {base}; give a positive whole number")
    # Exact fractions: a float could fall on the wrong side of a tick.
    width = base * _DAILY_LIMIT * abs(Fraction(str(multiple)))
    highest, lowest = (base + width) // 1, max(-(-(base - width) // 1), 1)
    return PriceLimits(round_to_tick(highest, "down", ticks), round_to_tick(lowest, "up", ticks))
