"""From the scale of the overlay to weights: what is cut goes into the refuge."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
    _check(risk_classes, refuge, scale)
    found = {label: float(weight) for label, weight in weights.items()}
    found.setdefault(CASH, 0.0)
    freed = 0.0
    members: dict[str, list[str]] = {name: [] for name in refuge}
    for label in weights:
        kind = classes.get(label)
        if kind in risk_classes:
            found[label] *= scale
            freed += float(weights[label]) - found[label]
        elif kind in members:
            members[kind].append(label)
    shares = {name: share for name, share in refuge.items() if members[name] and share > 0.0}
    if not shares:
        found[CASH] += freed
        return found
    whole = sum(shares.values())
    for name, share in shares.items():
        held = sum(float(weights[label]) for label in members[name])
        for label in members[name]:
            part = float(weights[label]) / held if held > 0.0 else 1.0 / len(members[name])
            found[label] += freed * share / whole * part
    return found


def _check(risk_classes: Collection[str], refuge: Mapping[str, float], scale: float) -> None:
    if not 0.0 <= scale <= 1.0:
        raise UsageError(f"the scale is {scale}; it must lie between 0 and 1")
    risky = sorted(set(refuge) & set(risk_classes))
    if risky:
        raise UsageError(f"{', '.join(risky)} cannot be both a risk class and a refuge; choose one")
    if refuge and (min(refuge.values()) < 0.0 or abs(sum(refuge.values()) - 1.0) > 1e-9):
        raise UsageError(f"the refuge shares {dict(refuge)} must not be negative and must sum to 1")
