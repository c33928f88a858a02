"""The overlay along its clock: one reading for every New York session, in order."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from weakref import WeakKeyDictionary

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.overlay import OverlayParams
from jeoul.pipeline.mandate import Mandate
from jeoul.signals import (
    change,
    difference,
    distance_from_average,
    drawdown,
    on_clock,
    ratio,
    realised_volatility,
    sleeve_level,
)
from jeoul.strategy.tables.momentum import Momentum
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.watch import (
    ChangeOf,
    DifferenceOf,
    DrawdownOf,
    LevelOf,
    RatioOf,
    SignalOf,
    VolatilityOf,
)

CURVE = ("vix", "vix3m")
"""The series of ``[overlay.curve]``, the first over the second."""

CURVE_BEGINS = np.datetime64("2009-09-18")
"""The first close of VIX3M; without one until then the curve has not begun, later it is missing."""

_OF_SLEEVES: WeakKeyDictionary[History, dict[Hashable, Reals]] = WeakKeyDictionary()


def readings(mandate: Mandate, history: History) -> Reals:
    """Return each latch's reading at each clock session, NaN where there is none.

    Shape (clock sessions, latches), in the order of the overlay's latches. Minus infinity is a
    curve that has not begun: off, and not missing.
    """
    params, rules = mandate.overlay, mandate.strategy.overlay
    if params is None or rules is None:
        return np.zeros((len(history.clock), 0))
    found = np.full((len(history.clock), len(params.names)), np.nan)
    for column, name in enumerate(params.names.tolist()):
        found[:, column] = _reading(mandate, history, rules, name)
    return found


def series_followed(mandate: Mandate) -> frozenset[str]:
    """Return the names of the series that active rules look at: of the overlay, and canaries.

    >>> from jeoul import api
    >>> "vix" in series_followed(api.mandate(api.load_strategy("managed"), "balanced"))
    True
    """
    rules, settings = mandate.strategy.overlay, mandate.strategy.allocate
    canaries = settings.series if isinstance(settings, Momentum) else ()
    if rules is None:
        return frozenset(canaries)
    named = ("vix", "curve", *(name for name, watch in rules.watch.items() if watch.active))
    followed = (series for name in named for series in series_of(mandate, name))
    return frozenset((*canaries, *followed))


def series_of(mandate: Mandate, latch: str) -> tuple[str, ...]:
    """Return the names of the series that a latch looks at, none for one that looks at prices."""
    rules = mandate.strategy.overlay
    if rules is None:
        return ()
    if latch in rules.watch:
        return rules.watch[latch].signal.followed
    if latch == "vix" and rules.vix is not None:
        return ("vix",)
    return CURVE if latch == "curve" and rules.curve is not None else ()


def _reading(mandate: Mandate, history: History, rules: OverlayRules, name: str) -> Reals:
    if name == "vix":
        return _series(history, name)
    if name == "curve" and rules.curve is not None:
        return _curve(history)
    if name == "trend" and rules.trend is not None:
        return _of_sleeve(mandate, history, distance_from_average, rules.trend.sessions)
    return _watched(mandate, history, rules.watch[name].signal)


def _series(history: History, name: str) -> Reals:
    missing = np.full(len(history.clock), np.nan)
    found: Reals = history.signals.get(name, missing)
    return found


def _curve(history: History) -> Reals:
    found = ratio(*(_series(history, name) for name in CURVE))
    seen = np.flatnonzero(np.isfinite(found))
    first = int(seen[0]) if len(seen) else len(found)
    begins = int(np.searchsorted(history.clock, CURVE_BEGINS))
    found[: min(first, begins)] = -np.inf
    return found


def _watched(mandate: Mandate, history: History, signal: SignalOf) -> Reals:
    found: Reals
    match signal:
        case LevelOf():
            found = _series(history, signal.series)
        case ChangeOf():
            found = change(_series(history, signal.series), signal.observations)
        case DifferenceOf():
            found = difference(_series(history, signal.series), signal.observations)
        case DrawdownOf():
            found = drawdown(_series(history, signal.series), signal.observations)
        case RatioOf():
            found = ratio(_series(history, signal.over), _series(history, signal.under))
        case VolatilityOf():
            span, year = signal.sessions, history.sessions_per_year
            found = _of_sleeve(mandate, history, realised_volatility, span, year)
    return found


def _of_sleeve(
    mandate: Mandate, history: History, formula: Callable[..., Reals], *options: float
) -> Reals:
    """Return a formula of the risk sleeve on the clock, once for all profiles that share one."""
    known = _OF_SLEEVES.setdefault(history, {})
    name = (formula, options, tuple(mandate.sleeve.items()))
    if name not in known:
        level = sleeve_level(history, mandate.sleeve)
        known[name] = on_clock(history, formula(level, *options))
    return known[name]


def acts(params: OverlayParams | None) -> bool:
    """Return whether the overlay has anything to step."""
    return params is not None and (len(params.names) > 0 or not np.isnan(params.loss_limit))
