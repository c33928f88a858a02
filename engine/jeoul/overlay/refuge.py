"""From the scale of the overlay to weights: what is cut goes into the refuge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.calendar import Reals


class Cut(NamedTuple):
    """Which places are at risk, and the places of each refuge class with its share of the freed.

    Places count the labels in order.
    """

    risky: tuple[int, ...]
    refuge: tuple[tuple[float, tuple[int, ...]], ...]
    whole: float

    def scaled(self, weights: list[float], scale: float) -> list[float]:
        """Return the weights with the risky places scaled and what that frees put into the refuge.

        The last weight is CASH. Within a refuge class the weight is spread by the weights it
        already has, or equally if it has none; without any refuge the freed weight stays CASH. The
        sum of the weights is kept within 1e-12.

        Raises :class:`UsageError` for a scale outside [0, 1].

        >>> stocks_and_bills = cut_of(["equity", "bill"], ["equity"], {"bill": 1.0})
        >>> stocks_and_bills.scaled([0.6, 0.4, 0.0], 0.5)
        [0.3, 0.7, 0.0]
        """
        if not 0.0 <= scale <= 1.0:
            raise UsageError(f"the scale is {scale}; it must lie between 0 and 1")
        found = weights.copy()
        freed = 0.0
        for place in self.risky:
            found[place] *= scale
            freed += weights[place] - found[place]
        if not self.refuge:
            found[-1] += freed
        for share, places in self.refuge:
            held = sum([weights[place] for place in places])
            for place in places:
                part = weights[place] / held if held > 0.0 else 1.0 / len(places)
                found[place] += freed * share / self.whole * part
        return found

    def scaled_rows(self, weights: Reals, scale: float) -> Reals:
        """Return :meth:`scaled` of each row of weights, to the bit, for a scale in [0, 1]."""
        found, freed = weights.copy(), np.zeros(len(weights))
        for place in self.risky:
            found[:, place] *= scale
            freed += weights[:, place] - found[:, place]
        if not self.refuge:
            found[:, -1] += freed
        for share, places in self.refuge:
            held = np.array([sum(row) for row in weights[:, places].tolist()])
            for place in places:
                part = np.full(len(held), 1.0 / len(places))
                np.divide(weights[:, place], held, out=part, where=held > 0.0)
                found[:, place] += freed * share / self.whole * part
        return found


def cut_of(
    classes: Sequence[str | None], risk_classes: Collection[str], refuge: Mapping[str, float]
) -> Cut:
    """Return what of some labels is cut and where it goes; ``classes`` has the class of each.

    ``refuge`` maps a class to its share of the freed weight. A class without a label leaves its
    share to the other classes of the refuge.

    Raises :class:`UsageError` for a refuge that is itself at risk, or whose shares are negative or
    do not sum to 1.
    """
    _check(risk_classes, refuge)
    risky = tuple(place for place, kind in enumerate(classes) if kind in risk_classes)
    members = {
        name: tuple(place for place, kind in enumerate(classes) if kind == name) for name in refuge
    }
    shares = {name: share for name, share in refuge.items() if members[name] and share > 0.0}
    parts = tuple((share, members[name]) for name, share in shares.items())
    return Cut(risky, parts, sum(shares.values()))


def _check(risk_classes: Collection[str], refuge: Mapping[str, float]) -> None:
    risky = sorted(set(refuge) & set(risk_classes))
    if risky:
        raise UsageError(f"{', '.join(risky)} cannot be both a risk class and a refuge; choose one")
    if refuge and (min(refuge.values()) < 0.0 or abs(sum(refuge.values()) - 1.0) > 1e-9):
        raise UsageError(f"the refuge shares {dict(refuge)} must not be negative and must sum to 1")
