"""The ways that the evidence compares: a strategy, its parts, and simply holding less risk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.pipeline import Model
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import start
from jeoul.pipeline.replay import states as replayed
from jeoul.pipeline.run import SharedAllocations
from jeoul.pipeline.scaling import scaled
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import Strategic
from jeoul.strategy.tables.overlay import OverlayRules

LITERAL = "ima-literal"  # the shipped strategy whose overlay is the literal rule
LIGHT = "managed-light"  # the one whose VIX curve is the lighter insurance

_ROUNDING = 1e-9  # of a share: what adding up weights leaves behind
FILLED = 2  # rows from a decision to the first return earned with it: fill at the next close


def ways_of(
    strategy: Strategy, literal: Strategy, light: Strategy | None = None
) -> Mapping[str, Strategy]:
    """Return the strategies compared: static, literal, default, light and each part of it alone.

    All share the allocation. A strategy that cuts nothing has one way only. ``literal`` brings the
    rule that cuts by the VIX alone, ``light`` the curve that takes the place of VIX and trend where
    the strategy has none of its own. Watched latches that change weights are a part like the
    others; those that only notify, or are not active, are left out.
    """
    overlay = strategy.overlay
    rule = literal.overlay
    acting = {} if overlay is None else overlay.acting
    if overlay is None or rule is None or not (_cuts(overlay) or acting):
        return {"static": strategy}
    off: dict[str, object] = dict.fromkeys(("vix", "trend", "curve", "loss", "both"))
    off["watch"] = {}

    def with_parts(*, limits: bool, **parts: object) -> Strategy:
        profiles = strategy.profiles
        if not limits:
            profiles = {
                name: rules.model_copy(update={"loss_limit": None})
                for name, rules in profiles.items()
            }
        made = overlay.model_copy(update={**off, **parts})
        return strategy.model_copy(update={"overlay": made, "profiles": profiles})

    found = {
        "static": strategy.without_overlay(),
        "literal": with_parts(
            limits=False, vix=rule.vix, reentry=rule.reentry, stale=rule.stale, grid=rule.grid
        ),
        "default": strategy.model_copy(
            update={"overlay": overlay.model_copy(update={"watch": acting})}
        ),
    }
    curve = None if light is None or light.overlay is None else light.overlay.curve
    if curve is not None and overlay.curve is None and overlay.loss is not None:
        found["light"] = with_parts(limits=True, loss=overlay.loss, curve=curve)
    if overlay.vix is not None:
        found["vix only"] = with_parts(limits=False, vix=overlay.vix)
    if overlay.trend is not None:
        found["trend only"] = with_parts(limits=False, trend=overlay.trend)
    if overlay.curve is not None:
        found["curve only"] = with_parts(limits=False, curve=overlay.curve)
    if overlay.loss is not None:
        found["loss limit only"] = with_parts(limits=True, loss=overlay.loss)
    if acting:
        found["watched only"] = with_parts(limits=False, watch=acting)
    return found


def _cuts(overlay: OverlayRules) -> bool:
    rules = (overlay.vix, overlay.trend, overlay.curve, overlay.loss)
    return any(rule is not None for rule in rules)


def without_optimiser(strategy: Strategy) -> Strategy:
    """Return the strategy without overlay and optimiser: the strategic class weights, held."""
    plain = Strategic(kind="strategic")
    return strategy.without_overlay().model_copy(update={"allocate": plain})


def held_constant(static: Model, share: float) -> Model:
    """Return a static model that always holds ``share`` of its risk classes.

    What is not held is where the overlay would have put it, so that a rule and this model differ
    only in when risk was held.
    """
    from jeoul.backtesting.exact import exact_model

    mandate = static.mandate
    made = {
        row: replace(allocation, weights=scaled(mandate, allocation, share))
        for row, allocation in static.allocations.items()
    }
    return exact_model(mandate, static.history, made, static.trace.held_back)


def exposure(model: Model, decided: Reals | None = None) -> Reals:
    """Return, for each row, the share of the risk classes with which its return was earned.

    A scale is decided after a row, filled at the close of the next and earns from the one after.
    ``decided`` is :func:`scale_decided` of the model, where that is known.
    """
    decided = scale_decided(model) if decided is None else decided
    found = np.ones(len(decided))
    found[FILLED:] = decided[:-FILLED]
    return found


def scale_decided(model: Model) -> Reals:
    """Return the share of the risk classes that the decision after each row wanted to hold.

    It is the overlay's scale; where watched latches change weights too, it is measured from the
    target: the risk classes in it, of those in the allocation.
    """
    if model.mandate.effects:
        return _share_wanted(model)
    trace = model.trace
    scales = np.append(1.0, trace.scales)
    seen = np.clip(model.history.clock_seen - trace.tick, 0, len(trace.scales))
    found: Reals = scales[seen]
    return found


def _share_wanted(model: Model) -> Reals:
    mandate, history = model.mandate, model.history
    overlay = mandate.strategy.overlay
    assert overlay is not None
    risky = np.array([*(name in overlay.risk_classes for name in mandate.classes), False])
    found = np.ones(len(history))
    for state in replayed(mandate, history, start(mandate), model.allocations):
        if state.target is not None and state.allocation is not None:
            whole = float(state.allocation.weights[risky].sum())
            share = float(state.target[risky].sum()) / whole if whole > 0.0 else 1.0
            found[state.row] = share if abs(share - 1.0) > _ROUNDING else 1.0
    return found


def whipsaws(
    model: Model, level: Reals, first: int, last: int, decided: Reals | None = None
) -> tuple[int, int]:
    """Return how many cuts were taken back, and how many of them at a higher price.

    An episode begins with the fill of the first cut and ends with the fill that brings the risk
    classes back in full; both lie between the rows ``first`` and ``last``. ``level`` is the index
    of the risk classes by row, ``decided`` is :func:`scale_decided` of the model, where that is
    known.
    """
    known = _carried(level)
    reduced = (scale_decided(model) if decided is None else decided) < 1.0
    fills = np.flatnonzero(np.diff(reduced.astype(np.int8))) + FILLED
    episodes = higher = 0
    sold: int | None = None
    for fill in fills[(fills >= first) & (fills <= last)]:
        if reduced[fill - 1]:
            sold = int(fill)
        elif sold is not None:
            episodes += 1
            higher += bool(known[fill] > known[sold])
            sold = None
    return episodes, higher


def _carried(level: Reals) -> Reals:
    """Return a level with gaps filled by the value before."""
    seen = np.flatnonzero(np.isfinite(level))
    newest = np.searchsorted(seen, np.arange(len(level)), side="right") - 1
    found: Reals = np.where(newest >= 0, level[seen[np.maximum(newest, 0)]], np.nan)
    return found


def models_of(
    strategy: Strategy,
    literal: Strategy,
    mandate: Mandate,
    history: History,
    light: Strategy | None = None,
    step: Callable[[str], None] = lambda _: None,
    shared: SharedAllocations | None = None,
) -> dict[str, Model]:
    """Return the models of all ways for the profile and universe of a mandate.

    ``step`` hears the name of each way as it is done; ``shared`` has the allocations of other
    mandates over the same history.
    """
    from jeoul.backtesting.exact import exact_model

    shared = SharedAllocations(history) if shared is None else shared
    found: dict[str, Model] = {}
    for name, way in ways_of(strategy, literal, light).items():
        own = replace(mandate, strategy=way)
        found[name] = exact_model(own, history, *shared.of(own))
        step(name)
    return found
