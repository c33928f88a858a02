"""A strategy in the funds that existed, held in any fraction of a share and traded for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.days import count_before
from jeoul.model.history import History
from jeoul.model.portfolio import CASH, Weights
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.targets import ModelTarget


class Fractional(NamedTuple):
    """The path from the first fill on, a value for each session after it.

    ``nav`` is the unit value, 1 at the first fill. ``cash`` is the weight of cash over each
    session, and ``invested`` what the funds returned over it, 0 where none was held; both have 0
    for the first.
    """

    nav: Reals
    cash: Reals
    invested: Reals


def fractional(
    mandate: Mandate, history: History, wanted: Sequence[ModelTarget], first: int
) -> Fractional:
    """Return the path of targets that are met exactly, at the close after each decision.

    ``first`` is the place in ``wanted`` of the session of the first fill. Like an account, it
    trades when the model does or beyond the band, and holds where there is no target. Where every
    fund existed this is the model before its costs.
    """
    growth = _growth(history)
    begin = count_before(history.sessions, wanted[0].session)
    places = {code: place for place in mandate.members for code in mandate.allowed[place]}
    vectors: dict[int, Reals] = {}
    count = len(wanted) - first
    nav, cash, invested = np.ones(count), np.zeros(count), np.zeros(count)
    held = _cash_only(len(mandate.places))
    pending: Reals | None = None
    unit, ever = 1.0, False
    for place, each in enumerate(wanted):
        grown = held * growth[begin + place]
        total = float(grown.sum())
        if place > first:
            funds = 1.0 - float(held[-1])
            cash[place - first] = held[-1]
            if funds > 0.0:
                invested[place - first] = float(grown[:-1].sum()) / funds - 1.0
            unit *= total
            nav[place - first] = unit
        held = grown / total
        if pending is not None:
            held, pending, ever = pending, None, True
        if each.target is None:
            continue
        weights = each.target.weights
        if id(weights) not in vectors:  # targets share their weights while nothing changes
            vectors[id(weights)] = _vector(weights, places, len(held))
        vector = vectors[id(weights)]
        away = 0.5 * float(np.abs(held - vector).sum())
        if each.target.due or not ever or away > each.target.band:
            pending = vector
    return Fractional(nav, cash, invested)


def _growth(history: History) -> Reals:
    returns = np.nan_to_num(history.level[1:] / history.level[:-1] - 1.0)
    earned = np.vstack([np.zeros(history.level.shape[1]), returns])
    found: Reals = 1.0 + np.column_stack([earned, np.nan_to_num(history.cash_rate)])
    return found


def _cash_only(places: int) -> Reals:
    cash = np.zeros(places)
    cash[-1] = 1.0
    return cash


def _vector(weights: Weights, places: Mapping[str, int], count: int) -> Reals:
    found = np.zeros(count)
    for code, weight in weights.items():
        found[-1 if code == CASH else places[code]] += weight
    return found
