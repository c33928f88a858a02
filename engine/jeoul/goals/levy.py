"""The tax that an account takes on its way out, for many outcomes at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from jeoul.korea.pieces import Pieces
from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True, kw_only=True)
class GainLevy:
    """A levy of the law on the gain of an account, as :class:`~jeoul.korea.pieces.Pieces` has it.

    ``beside`` is income of the same year that the levy counts first, in won; only what the gain
    adds is owed. ``years`` is over how many years the amount is received in equal parts, each of
    which is levied by itself.
    """

    pieces: Pieces = field(default_factory=Pieces)
    beside: float = 0.0
    years: int = 1

    def on(self, gains: Reals) -> Reals:
        """Return the levy on each gain, in won; 0 for a loss, which saves nothing.

        >>> from decimal import Decimal
        >>> law = GainLevy(pieces=Pieces((2_000_000,), (Decimal(0), Decimal("0.099"))))
        >>> law.on(np.array([-5.0, 2_000_000.0, 3_000_000.0])).round().tolist()
        [0.0, 0.0, 99000.0]
        """
        each = np.maximum(gains, 0.0) / self.years
        before = _at(self.pieces, np.array([self.beside]))[0]
        found: Reals = (_at(self.pieces, each + self.beside) - before) * self.years
        return found


def _at(pieces: Pieces, amounts: Reals) -> Reals:
    found: Reals = float(pieces.slopes[0]) * amounts
    for bound, (below, above) in zip(pieces.bounds, pairwise(pieces.slopes), strict=True):
        if change := float(above - below):
            found = found + change * np.maximum(amounts - bound, 0.0)
    for bound, height in pieces.steps:
        found = found + float(height) * (amounts > bound)
    return found
