"""From the scale of the overlay to weights: what is cut goes into the refuge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.model.portfolio import CASH, Weights


def apply_scale(
    weights: Mapping[str, float],
    classes: Mapping[str, str],
    risk_classes: Collection[str],
    refuge: Mapping[str, float],
    scale: float,
) -> Weights:
    """Return the weights with the risk classes scaled and what that frees put into the refuge.

    ``classes`` maps each label but CASH to its class, ``refuge`` a class to its share of the freed
    weight. Within a refuge class the weight is spread by the weights it already has, or equally if
    it has none. A label of ``weights`` can be held, also at weight 0; a refuge class without one
    leaves its share to the other refuge classes, and without any the freed weight stays CASH. The
    sum of the weights is kept within 1e-12.

    Raises :class:`UsageError` for a scale outside [0, 1] and for a refuge that is itself at risk,
    whose shares are negative, or do not sum to 1.

    >>> classes = {"EQ": "equity", "TB": "bill"}
    >>> apply_scale({"EQ": 0.6, "TB": 0.4}, classes, ["equity"], {"bill": 1.0}, 0.5)
    {'EQ': 0.3, 'TB': 0.7, 'CASH': 0.0}
    """
    labels = [label for label in weights if label != CASH]
    cut = cut_of([classes.get(label) for label in labels], risk_classes, refuge)
    found = cut.scaled(
        [*(float(weights[label]) for label in labels), weights.get(CASH, 0.0)], scale
    )
    by_label = dict(zip([*labels, CASH], found, strict=True))
    return {label: by_label[label] for label in dict.fromkeys([*weights, CASH])}


class Cut(NamedTuple):
    """Which places are at risk, and the places of each refuge class with its share of the freed.

    Places count the labels in order.
    """

    risky: tuple[int, ...]
    refuge: tuple[tuple[float, tuple[int, ...]], ...]
    whole: float

    def scaled(self, weights: list[float], scale: float) -> list[float]:
        """Return weights, the last one CASH, as :func:`apply_scale` does.

        Raises :class:`UsageError` for a scale outside [0, 1].
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


def cut_of(
    classes: Sequence[str | None], risk_classes: Collection[str], refuge: Mapping[str, float]
) -> Cut:
    """Return what of some labels is cut and where it goes; ``classes`` has the class of each.

    Raises :class:`UsageError` for a refuge that cannot be one (:func:`apply_scale`).
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
