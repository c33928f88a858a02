"""What a share of a fund is worth by what the fund holds, and how far its price may lie above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class NetAssetValue:
    """The newest net asset value of a share, in the smallest unit of its currency.

    ``value`` and ``session`` are None where the data have values of other funds and none of this
    one. ``limit`` is how far above its value the fund is still bought, as a fraction of the value.
    """

    value: float | None
    session: date | None
    limit: float

    def premium(self, price: float, session: date) -> float | None:
        """Return how far a price of a session lies above the value, as a fraction of the value.

        It is below 0 at a discount, and None where there is no value of that very session: what a
        market did in between is not a premium.

        >>> found = NetAssetValue(value=10_000.0, session=date(2026, 6, 1), limit=0.01)
        >>> found.premium(12_500, date(2026, 6, 1)), found.premium(12_500, date(2026, 6, 2))
        (0.25, None)
        """
        if self.value is None or self.session != session:
            return None
        return price / self.value - 1.0

    def too_dear(self, price: float, session: date) -> bool:
        """Return whether a price of a session lies above the value by more than the limit."""
        found = self.premium(price, session)
        return found is not None and found > self.limit
