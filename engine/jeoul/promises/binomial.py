"""The interval of a share that was counted."""

from __future__ import annotations

from math import lgamma

import numpy as np

_HALVINGS = 60  # of an interval of 1: far below what a float can tell apart


def clopper_pearson(hits: int, count: int, level: float = 0.90) -> tuple[float, float]:
    """Return the exact interval of a probability of which ``hits`` of ``count`` draws came true.

    Its ends are the probabilities under which so many hits or more, or so many or fewer, have the
    chance (1 - level) / 2: it covers the truth at least as often as ``level`` says, however few the
    draws. The draws are independent. Clopper and Pearson, Biometrika 26 (1934).

    >>> [round(end, 4) for end in clopper_pearson(9, 10)]
    [0.6058, 0.9949]
    >>> clopper_pearson(0, 0)
    (0.0, 1.0)
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} hits of {count} draws")
    tail = 0.5 * (1.0 - level)
    low = 0.0 if hits == 0 else _at(hits, count, tail)
    high = 1.0 if hits == count else 1.0 - _at(count - hits, count, tail)
    return low, high


def _at(hits: int, count: int, chance: float) -> float:
    """Return the probability under which ``hits`` or more of ``count`` have a chance."""
    many = np.arange(hits, count + 1)
    ways = lgamma(count + 1) - np.array([lgamma(n + 1) + lgamma(count - n + 1) for n in many])
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        logs = ways + many * np.log(middle) + (count - many) * np.log1p(-middle)
        if float(np.exp(logs).sum()) < chance:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
