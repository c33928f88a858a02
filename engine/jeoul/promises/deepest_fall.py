"""How deep a lognormal value falls from its highest point within a span.

The distance of the logarithm of a value from its maximum is a Brownian motion that is reflected at
zero. That it stays below h until T has, with a = drift / variance and b = a h, the probability

    sum over n of  y sin(y) exp(-b) / ((b^2 + y^2) (1/2 - sin(2y) / (4y)))
                   exp(-(b^2 + y^2) variance T / (2 h^2))

over the positive solutions y of y cos(y) = b sin(y); for b > 1 the first of them is the solution of
y cosh(y) = b sinh(y), with the hyperbolic functions in the place of the others and -y^2 in the
place of y^2. It is the eigenfunction expansion of Magdon-Ismail, Atiya, Pratap and Abu-Mostafa, "On
the maximum drawdown of a Brownian motion", Journal of Applied Probability 41 (2004).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from jeoul.model.calendar import Reals

_TERMS = 30
_STEPS = 24  # of Newton's method, which converges from one side
_HALVINGS = 44  # at most; a look in ten would do
_EXACT = 1e-12  # standard deviations of the span to which a quantile is found
_KEPT = 64  # askings that a process keeps
_SHALLOWEST, _DEEPEST = 1e-3, 8.0  # standard deviations of the span
_DISCRETE = 2.0 * 0.5825971579390106  # Siegmund (1985): -zeta(1/2) / sqrt(2 pi), at both ends
_MEETING = 1e-4  # how near to b = 1, where both forms of the first term meet, either is used
_RISING = 8.0  # drift over volatility: steeper ones have next to no volatility to be wrong by
# Below this drift the fall is that of the drift and little else. The sum, whose terms are large and
# of both signs there, would have no digit left.
_FALLING = 4.0
_ROUNDED = 3  # decimals of the drift: a quantile moves by less than 0.0005 standard deviations


def fall_quantiles(drift: Reals, levels: Reals) -> Reals:
    """Return quantiles of the deepest fall of a logarithm over one year of volatility 1.

    ``drift`` is that of the logarithm over its volatility, rounded to three decimals; one row per
    drift, one column per level. For volatility v the fall is v times as deep.

    >>> fall_quantiles(np.array([0.0]), np.array([0.05, 0.5, 0.95])).round(3).tolist()
    [[0.617, 1.149, 2.241]]
    """
    limited = np.clip(np.round(drift, _ROUNDED), -_FALLING, _RISING)
    known, place = np.unique(limited, return_inverse=True)
    found = _quantiles(tuple(known.tolist()), tuple(levels.tolist()))
    more = np.maximum(0.0, -_FALLING - drift)
    return np.array(found).reshape(len(known), len(levels))[place] + more[:, None]


# A household asks for the same rows once for each of its accounts.
@lru_cache(maxsize=_KEPT)
def _quantiles(drifts: tuple[float, ...], levels: tuple[float, ...]) -> tuple[float, ...]:
    """Return the quantiles of all drifts, one after the other."""
    drift, level = (part.ravel() for part in np.meshgrid(drifts, levels, indexing="ij"))
    deepest = np.full_like(drift, _DEEPEST)
    found = _crossing(lambda depth: stays_above(drift, depth) - level, _SHALLOWEST, deepest)
    return tuple(found.tolist())


def _crossing(above: Callable[[Reals], Reals], low: float, high: Reals) -> Reals:
    """Return where a function of each element rises through zero between ``low`` and ``high``.

    Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear
    function without using derivatives", Advances in Engineering Software 28 (1997): a step of
    inverse quadratic interpolation where that can be trusted, half of what is left elsewhere.
    """
    near, far = high, np.full_like(high, low)
    there, here = above(far), above(near)
    part = np.full_like(high, 0.5)
    for _ in range(_HALVINGS):
        middle = near + part * (far - near)
        value = above(middle)
        same = (value > 0.0) == (here > 0.0)
        third, beyond = np.where(same, near, far), np.where(same, here, there)
        far, there = np.where(same, far, near), np.where(same, there, here)
        near, here = middle, value
        width = np.abs(far - near)
        done = (width <= _EXACT) | (here == 0.0)
        if done.all():
            break
        part = _part(near, far, third, here, there, beyond)
        least = np.minimum(0.5, 0.5 * _EXACT / np.maximum(width, _EXACT))
        # What is found stays, whatever is looked for beside it.
        part = np.where(done, 0.0, np.clip(part, least, 1.0 - least))
    return np.where(np.abs(here) < np.abs(there), near, far)


def _part(near: Reals, far: Reals, third: Reals, here: Reals, there: Reals, beyond: Reals) -> Reals:
    """Return how far from ``near`` to ``far`` the next look is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place = (near - far) / (third - far)
        height = (here - there) / (beyond - there)
        trusted = (height**2 < place) & ((1.0 - height) ** 2 < 1.0 - place)
        step = here / (there - here) * beyond / (there - beyond) + (third - near) / (
            far - near
        ) * here / (beyond - here) * there / (beyond - there)
    return np.where(trusted & np.isfinite(step), step, 0.5)


def stays_above(drift: Reals, depth: Reals) -> Reals:
    """Return the probability that no fall over one year of volatility 1 is deeper than ``depth``.

    >>> float(stays_above(np.array([0.0]), np.array([1.149])).round(3)[0])
    0.5
    """
    slope, depth = np.broadcast_arrays(drift * depth, depth)
    steep = slope > 1.0
    first = np.empty_like(slope)
    first[steep] = _hyperbolic(slope[steep], depth[steep])
    first[~steep] = _first(slope[~steep], depth[~steep])
    found: Reals = np.clip(first + _later(slope, depth).sum(axis=-1), 0.0, 1.0)
    return found


def seen_at_closes(fall: Reals | float, volatility: Reals | float, sessions: float) -> Reals:
    """Return a fall of a logarithm as the closes of ``sessions`` a year show it.

    Between two closes the value goes higher and lower than at them: the maximum and the depth are
    each 0.5826 standard deviations of a session nearer. Siegmund, "Sequential Analysis" (1985).
    """
    found: Reals = np.maximum(0.0, np.asarray(fall - _DISCRETE * volatility / np.sqrt(sessions)))
    return found


def _first(slope: Reals, depth: Reals) -> Reals:
    slope = np.minimum(slope, 1.0 - _MEETING)
    root = np.full_like(depth, np.pi)
    for _ in range(_STEPS):
        short = root - np.arctan2(root, slope)
        before, root = root, root - short / (1.0 - slope / (slope**2 + root**2))
        root = np.minimum(np.maximum(root, 1e-9), np.pi)
        if (root == before).all():
            break
    return _term(slope, depth, root)


def _later(slope: Reals, depth: Reals) -> Reals:
    """Return the terms after the first, along a last axis."""
    slope, depth = slope[..., None], depth[..., None]
    base = np.pi * np.arange(1, _TERMS)
    root = base + 0.5 * np.pi + np.zeros_like(slope)
    for _ in range(_STEPS // 4):
        short = root - base - np.arctan2(root, slope)
        before, root = root, root - short / (1.0 - slope / (slope**2 + root**2))
        if (root == before).all():
            break
    return _term(slope, depth, root)


def _term(slope: Reals, depth: Reals, root: Reals) -> Reals:
    squares = slope**2 + root**2
    norm = squares * (0.5 - np.sin(2.0 * root) / (4.0 * root))
    found: Reals = root * np.sin(root) / norm * np.exp(-slope - squares / (2.0 * depth**2))
    return found


def _hyperbolic(slope: Reals, depth: Reals) -> Reals:
    slope = np.maximum(slope, 1.0 + _MEETING)
    root = slope.copy()
    for _ in range(_STEPS):
        short = root - slope * np.tanh(root)
        before, root = root, np.maximum(root - short / (1.0 - slope / np.cosh(root) ** 2), 1e-9)
        if (root == before).all():
            break
    squares = (slope / np.cosh(root)) ** 2  # slope^2 - root^2, without losing all its digits
    norm = squares * (np.sinh(2.0 * root) / (4.0 * root) - 0.5)
    found: Reals = root * np.sinh(root) / norm * np.exp(-slope - squares / (2.0 * depth**2))
    return found
