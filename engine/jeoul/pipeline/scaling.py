"""From the allocation and the overlay's scale to the target."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.overlay import apply_scale
from jeoul.pipeline.allocation import Allocation
from jeoul.pipeline.mandate import Mandate


def scaled(mandate: Mandate, allocation: Allocation, scale: float) -> Reals:
    """Return the target weights, CASH last: risk classes scaled, what is freed in the refuge.

    The refuge is spread over the members that the allocation could have held.
    """
    overlay = mandate.strategy.overlay
    if overlay is None or scale == 1.0:
        return allocation.weights
    places = mandate.places
    labels = [int(place) for place in allocation.members]
    weights = {places[place]: float(allocation.weights[place]) for place in labels}
    weights[places[-1]] = float(allocation.weights[-1])
    found = apply_scale(
        weights,
        {places[place]: mandate.classes[place] for place in labels},
        overlay.risk_classes,
        overlay.refuge,
        scale,
    )
    target = np.zeros(len(places))
    for place in labels:
        target[place] = found[places[place]]
    target[-1] = 1.0 - target[:-1].sum()
    return target
