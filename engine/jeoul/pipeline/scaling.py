"""From the allocation and the overlay to the target."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.overlay import Cut, OverlayState, cut_of, latches_on
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.grades import within_grades
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.watch import FloorEffect, HoldEffect, ScaleEffect


class Posture(NamedTuple):
    """What the overlay makes of an allocation: the scale of the risk classes, and the effects on.

    ``effects`` are names of watched latches that are on and change weights.
    """

    scale: float = 1.0
    effects: tuple[str, ...] = ()


def posture_of(mandate: Mandate, overlay: OverlayState | None) -> Posture:
    """Return the posture that an overlay's state stands for."""
    params = mandate.overlay
    if overlay is None or params is None:
        return Posture()
    on = latches_on(params, overlay) if mandate.effects else {}
    return Posture(overlay.scale, tuple(name for name in mandate.effects if on[name]))


def target_of(
    mandate: Mandate, allocation: RowAllocation, posture: Posture, held: Reals | None = None
) -> Reals:
    """Return the target weights, CASH last, within the grades of the account's investor."""
    return within_grades(mandate, wanted_of(mandate, allocation, posture, held))


def wanted_of(
    mandate: Mandate, allocation: RowAllocation, posture: Posture, held: Reals | None = None
) -> Reals:
    """Return the weights that the strategy wants, CASH last, whoever holds them.

    The risk classes are scaled and what is freed goes to the refuge, spread over the members that
    the allocation could have held; then the effects that are on are applied in the order of the
    strategy file, those that forbid selling last. ``held`` are the weights now, for the latter.
    """
    target = scaled(mandate, allocation, posture.scale)
    kept: set[str] = set()
    for name in posture.effects:
        effect = mandate.effects[name].effect
        if isinstance(effect, ScaleEffect):
            target = _scale(mandate, allocation, target, effect.classes, effect.scale)
        elif isinstance(effect, FloorEffect):
            target = _floor(mandate, allocation, target, effect)
        elif isinstance(effect, HoldEffect):
            kept |= set(effect.classes)
    if kept and held is not None:
        target = _unsold(target, np.where(_of(mandate, kept), held, 0.0))
    return target


def scaled(mandate: Mandate, allocation: RowAllocation, scale: float) -> Reals:
    """Return the allocation with the strategy's risk classes scaled; linear in ``scale``."""
    overlay = mandate.strategy.overlay
    if overlay is None or scale == 1.0:
        return allocation.weights
    return _scale(mandate, allocation, allocation.weights, overlay.risk_classes, scale)


def scaled_along(mandate: Mandate, made: Sequence[RowAllocation], scale: float) -> Reals:
    """Return :func:`scaled` of several allocations, a row each."""
    overlay = mandate.strategy.overlay
    found = np.array([each.weights for each in made]).reshape(-1, len(mandate.places))
    if overlay is None or scale == 1.0:
        return found
    alike: dict[bytes, list[int]] = {}
    for row, each in enumerate(made):
        alike.setdefault(each.members.tobytes(), []).append(row)
    for rows in alike.values():
        members = made[rows[0]].members.tolist()
        cut = _cut(mandate, tuple(members), tuple(overlay.risk_classes))
        moved = cut.scaled_rows(found[np.ix_(rows, [*members, -1])], scale)
        found[rows] = 0.0
        found[np.ix_(rows, members)] = moved[:, :-1]
        found[rows, -1] = 1.0 - np.add.reduce(found[rows, :-1], axis=1)
    return found


def _scale(
    mandate: Mandate,
    allocation: RowAllocation,
    weights: Reals,
    classes: Collection[str],
    scale: float,
) -> Reals:
    members = tuple(allocation.members.tolist())
    cut = _cut(mandate, members, tuple(classes))
    given = weights.tolist()
    found = cut.scaled([*(given[place] for place in members), given[-1]], scale)
    target = np.zeros(len(given))
    target[list(members)] = found[:-1]
    target[-1] = 1.0 - target[:-1].sum()
    return target


@lru_cache(maxsize=256)  # in thirty years of months the members change a few times
def _cut(mandate: Mandate, members: tuple[int, ...], classes: tuple[str, ...]) -> Cut:
    """Return what is cut of the members of some classes, and the refuge it goes to."""
    overlay = mandate.strategy.overlay
    assert overlay is not None
    refuge = {name: share for name, share in overlay.refuge.items() if name not in classes}
    whole = sum(refuge.values())
    shares = {name: share / whole for name, share in refuge.items()} if whole > 0.0 else {}
    return cut_of([mandate.classes[place] for place in members], classes, shares)


def _floor(
    mandate: Mandate, allocation: RowAllocation, weights: Reals, effect: FloorEffect
) -> Reals:
    """Return weights with a class raised to its floor; all others pay in proportion, cash too."""
    own = _of(mandate, {effect.asset_class})
    held = float(weights[own].sum())
    able = own & np.isin(np.arange(len(own)), allocation.members)
    if held >= effect.weight or not able.any():
        return weights
    share = np.where(able, weights if held > 0.0 else 1.0, 0.0)
    raised: Reals = np.where(
        own,
        share / share.sum() * effect.weight,
        weights * ((1.0 - effect.weight) / (1.0 - held)),
    )
    return raised


def _unsold(weights: Reals, least: Reals) -> Reals:
    """Return weights of at least ``least``; those above theirs pay in proportion to the excess.

    ``least`` sums to at most 1, so there is always enough excess to pay with.
    """
    raised = np.maximum(weights, least)
    excess = raised - least
    owed = float(raised.sum()) - 1.0
    found: Reals = raised if owed <= 0.0 else raised - excess * (owed / float(excess.sum()))
    return found


def _of(mandate: Mandate, classes: Collection[str]) -> NDArray[np.bool_]:
    return np.array([*(name in classes for name in mandate.classes), False])
