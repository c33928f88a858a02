"""Rails for learned weights: a late start, limits, slow steps, and a switch back to equal ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals

_HALVINGS = 200


class Rails(NamedTuple):
    """The rails, fixed before anything was measured.

    Equal weights for ``wait`` rounds; then weights of ``least`` to ``most`` times 1/K, none of
    which moves by more than ``step`` a round. Where the learned weights were behind equal ones over
    the last ``look_back`` rounds by a t below ``stop_below``, equal weights stand in.
    """

    wait: int = 36
    least: float = 0.5
    most: float = 2.0
    step: float = 0.10
    look_back: int = 60
    stop_below: float = -1.5


RAILS = Rails()


class Railed(NamedTuple):
    """Weights before each round and after the last; ``stopped`` are the rounds of equal weights."""

    weights: Reals
    stopped: NDArray[np.bool_]


def railed(weights: Reals, returns: Reals, rails: Rails = RAILS) -> Railed:
    """Return learned weights within the rails; a row depends on the rounds before it alone.

    ``returns`` are those of each expert after costs, one row a round; ``weights`` has one row more.
    """
    rounds, experts = returns.shape
    equal = np.full(experts, 1.0 / experts)
    learned, acting = np.tile(equal, (rounds + 1, 1)), np.tile(equal, (rounds + 1, 1))
    stopped = np.zeros(rounds + 1, dtype=bool)
    ahead = np.zeros(rounds)
    for now in range(1, rounds + 1):
        ahead[now - 1] = (learned[now - 1] - equal) @ returns[now - 1]
        if now < rails.wait:
            continue
        learned[now] = _towards(learned[now - 1], within(weights[now], rails), rails.step)
        stopped[now] = now >= rails.look_back and (
            t_statistic(ahead[now - rails.look_back : now]) < rails.stop_below
        )
        acting[now] = equal if stopped[now] else _towards(acting[now - 1], learned[now], rails.step)
    return Railed(acting, stopped)


def within(weights: Reals, rails: Rails = RAILS) -> Reals:
    """Return the weights in the same proportions as far as the limits let them; they sum to 1.

    >>> within(np.array([0.9, 0.05, 0.05])).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    low, high = rails.least / len(weights), rails.most / len(weights)
    # The sum grows with the factor, so that halving finds the one at which it is 1.
    below, above = 0.0, high / float(weights.min()) if weights.min() > 0.0 else high / 1e-300
    for _ in range(_HALVINGS):
        middle = 0.5 * (below + above)
        if float(np.clip(weights * middle, low, high).sum()) < 1.0:
            below = middle
        else:
            above = middle
    clipped: Reals = np.clip(weights * above, low, high)
    found: Reals = clipped / clipped.sum()
    return found


def t_statistic(values: Reals) -> float:
    """Return the mean over its standard error, 0 without variation.

    >>> float(t_statistic(np.array([1.0, 3.0])))
    2.0
    """
    spread = float(values.std(ddof=1))
    return float(values.mean()) / (spread / np.sqrt(len(values))) if spread > 0.0 else 0.0


def _towards(before: Reals, wanted: Reals, step: float) -> Reals:
    """Return the weights as far on the way as lets none move by more than a step."""
    far = float(np.abs(wanted - before).max())
    found: Reals = wanted if far <= step else before + (wanted - before) * (step / far)
    return found
