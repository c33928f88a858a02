"""A levy as slopes and steps: the shape of a law that a program needs beside its amounts."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a won more costs, and where the law jumps.

    A won of the amount between two neighbouring ``bounds`` (the first interval begins at 0, the
    last has no end) costs its slope; there is one slope more than there are bounds. An amount above
    the bound of a step costs the height of the step once more. Slopes contain local income tax.

    Pieces leave out that a tax is cut below 10 won and not collected below 1,000 won, so they
    differ by that much from the amounts of the same law, and never by more than is said where they
    are made.

    >>> Pieces((2_500_000,), (Decimal(0), Decimal("0.22"))).at(3_500_000)
    Decimal('220000.00')
    >>> Pieces(steps=((10_000_000, Decimal(813_480)),)).at(10_000_001)
    Decimal('813480')
    """

    bounds: tuple[int, ...] = ()
    slopes: tuple[Decimal, ...] = (NOTHING,)
    steps: tuple[tuple[int, Decimal], ...] = ()

    def at(self, amount: int | Decimal) -> Decimal:
        """Return the levy on an amount in won; 0 for one that is not above 0."""
        total, below = NOTHING, 0
        if amount <= 0:
            return total
        for bound, slope in zip((*self.bounds, None), self.slopes, strict=True):
            top = amount if bound is None else min(amount, bound)
            total += (top - below) * slope
            if bound is None or amount <= bound:
                break
            below = bound
        return total + sum((height for bound, height in self.steps if amount > bound), NOTHING)

    def __add__(self, other: Pieces) -> Pieces:
        """Return both levies on one amount.

        >>> one, other = Pieces((5,), (Decimal(0), Decimal(1))), Pieces((5, 8), (Decimal(2),) * 3)
        >>> (one + other).bounds, (one + other).slopes
        ((5, 8), (Decimal('2'), Decimal('3'), Decimal('3')))
        """
        bounds = sorted({*self.bounds, *other.bounds})
        slopes = tuple(
            self.slopes[bisect_right(self.bounds, start)]
            + other.slopes[bisect_right(other.bounds, start)]
            for start in (0, *bounds)
        )
        return Pieces(tuple(bounds), slopes, (*self.steps, *other.steps))

    @property
    def convex(self) -> bool:
        """Return whether the slopes never fall and nothing jumps."""
        return not self.steps and list(self.slopes) == sorted(self.slopes)
