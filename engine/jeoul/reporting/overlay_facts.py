"""What the overlay reads, when it acted, and in which state it is: facts for the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from jeoul.messages import LANGUAGES
from jeoul.model.calendar import Reals, moment
from jeoul.model.decision import Proposal
from jeoul.overlay import OverlayState, session_date
from jeoul.overlay.path import columns_of
from jeoul.overlay.records import (
    ENTER,
    ENTER_CLOSES,
    EXIT,
    EXIT_CLOSES,
    ON,
    SCALE,
    SIGN,
    SINCE,
    OverlayParams,
)
from jeoul.pipeline import Model
from jeoul.pipeline.clock import readings
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.watch import Logged, event_log
from jeoul.profile import STRATEGIES, choice_head, choice_texts
from jeoul.reporting.charts.scales import runs
from jeoul.reporting.facts import Episode, Latch, Overlay, Transition
from jeoul.reporting.text import Text
from jeoul.strategy.tables.overlay import LossRule

_CUTTING = {
    "overlay.vix_on": "vix",
    "overlay.trend_on": "trend",
    "overlay.curve_on": "curve",
    "overlay.cap": "loss",
}
_UNITS = {"vix": "points", "trend": "percent", "curve": "figure"}


def overlay_facts(model: Model, proposal: Proposal) -> Overlay:
    """Return the overlay's state, latches and history for a report."""
    state = model.state.overlay
    log = event_log(model, silent=_silent(model.mandate))
    return Overlay(
        state=proposal.state,
        name=Text.of(f"facts.state_{proposal.state.lower()}"),
        calm=proposal.scale >= 1.0,
        scale=proposal.scale,
        since=_scale_since(model) if state is not None else None,
        reasons=tuple(r for r in proposal.reasons if r.kind.startswith("overlay.")),
        latches=_latches(model),
        episodes=_episodes(model, log),
        transitions=transitions(model, log),
        insurance=_insurance(model.mandate),
    )


def _scale_since(model: Model) -> date | None:
    trace = model.trace
    if trace.before is None:
        return None
    states = columns_of(trace.before, trace.overlay)
    changed = np.flatnonzero(np.diff(states.scale))
    return session_date(int(states.session[changed[-1] + 1])) if len(changed) else None


def latch_facts(model: Model) -> tuple[Latch, ...]:
    """Return every latch that looks at the market, in the order of the overlay's parameters."""
    params, state = model.mandate.overlay, model.state.overlay
    if params is None or state is None:
        return ()
    seen = readings(model.mandate, model.history)[: model.state.ticks]
    return tuple(
        _latch(model, params, state, place, seen[:, place]) for place in range(seen.shape[1])
    )


def transitions(model: Model, log: Sequence[Logged]) -> tuple[Transition, ...]:
    """Return the log since the model was invested: cuts, steps up and why.

    It lacks the turns of latches that are only watched; ``jeoul guard --events`` has them all.
    """
    trades = model.trace.trades
    if not trades:
        return ()
    begun = model.history.day(trades[0].row)
    return tuple(
        Transition(
            session=event.session,
            known=moment(event.known_at),
            executed=event.executed,
            cause=event.cause,
            scale=event.scale,
        )
        for event in log
        if event.session >= begun
    )


def _silent(mandate: Mandate) -> frozenset[str]:
    """Return the watched latches from which no weight follows."""
    rules = mandate.strategy.overlay
    return frozenset() if rules is None else frozenset(set(rules.watch) - set(mandate.effects))


def _latches(model: Model) -> tuple[Latch, ...]:
    """Return the latches from which a weight can follow, the loss limit last."""
    params = model.mandate.overlay
    if params is None:
        return ()
    silent = _silent(model.mandate)
    shown = zip(params.names.tolist(), latch_facts(model), strict=False)
    return (*(latch for name, latch in shown if name not in silent), *_loss_latch(model))


def _latch(
    model: Model, params: OverlayParams, state: OverlayState, place: int, column: Reals
) -> Latch:
    name, rule, counts = str(params.names[place]), params.rules[place], state.latches[place]
    rows = np.flatnonzero(np.isfinite(column))
    since = int(counts[SINCE])
    return Latch(
        name=latch_name(model.mandate, name),
        reading=float(column[rows[-1]]) if len(rows) else None,
        enter=float(rule[ENTER]),
        exit=float(rule[EXIT]),
        on=bool(counts[ON]),
        since=session_date(since) if since >= 0 else None,
        day=model.history.clock[rows[-1]].astype(object) if len(rows) else None,
        unit=_unit(model.mandate, name),
        rising=bool(rule[SIGN] > 0),
        enter_closes=int(rule[ENTER_CLOSES]),
        exit_closes=int(rule[EXIT_CLOSES]),
        scale=float(rule[SCALE]),
        note=_curve_note(model.mandate) if name == "curve" else None,
    )


def _insurance(mandate: Mandate) -> tuple[Text, ...]:
    """Return what the insurances gave up and saved for this profile, the source first."""
    if not any(mandate.strategy.name in names for names in STRATEGIES.values()):
        return ()
    currency, profile = mandate.universe.currency, mandate.profile
    texts = [choice_texts(language, currency, profile) for language in LANGUAGES]
    heads = [choice_head(language, currency, profile) for language in LANGUAGES]
    lines = [Text(*heads), *(Text(*(found[name] for found in texts)) for name in STRATEGIES)]
    return (*lines, Text.of("insurance.alone"), Text.of("insurance.past"))


def _curve_note(mandate: Mandate) -> Text | None:
    """Return that the VIX alone cuts nothing, where that is so."""
    rules = mandate.strategy.overlay
    alone = rules is not None and rules.curve is not None and rules.vix is None
    return Text.of("insurance.curve_note") if alone else None


def latch_name(mandate: Mandate, name: str) -> Text:
    """Return what people call a latch: its title in the strategy file, or the built-in name."""
    rules = mandate.strategy.overlay
    if rules is not None and name in rules.watch:
        title = rules.watch[name].title
        return Text(title.ko, title.en)
    return Text.of(f"facts.latch_{name}")


def _unit(mandate: Mandate, name: str) -> str:
    rules = mandate.strategy.overlay
    if rules is not None and name in rules.watch:
        return "percent" if rules.watch[name].signal.unit == "percent" else "figure"
    return _UNITS[name]


def _loss_latch(model: Model) -> tuple[Latch, ...]:
    rules, state = model.mandate.strategy.overlay, model.state.overlay
    limit = model.held_mandate.rules.loss_limit
    if rules is None or rules.loss is None or limit is None or state is None or state.peak <= 0.0:
        return ()
    newest = state.navs[(state.head - 1) % len(state.navs)]
    # The cap, slope x (1 - drawdown / limit), leaves 1 by more than a step and comes back to it.
    enter, leave = (limit * (1.0 - cap / rules.loss.slope) for cap in (1.0 - rules.loss.step, 1.0))
    return (
        Latch(
            name=Text.of("facts.latch_loss"),
            reading=1.0 - float(newest) / state.peak,
            enter=enter,
            exit=leave,
            on=state.cap < 1.0,
            day=session_date(state.session),
            unit="percent",
            beyond=True,
            scale=state.cap,
            note=_loss_note(rules.loss, limit, enter, leave),
        ),
    )


def _loss_note(loss: LossRule, limit: float, enter: float, leave: float) -> Text | None:
    """Return how the limit leads to the thresholds; None where the rule never allows everything."""
    if leave < 0.0:
        return None
    return Text.of(
        "facts.loss_note",
        limit=f"{limit:z.0%}",
        full=f"{leave:z.1%}",
        step=f"{loss.step:z.0%}",
        first=f"{enter:z.1%}",
    )


def _episodes(model: Model, log: Sequence[Logged]) -> tuple[Episode, ...]:
    """Return the stretches with less than all of the risk classes, since the model was invested."""
    trace = model.trace
    if trace.before is None or not trace.trades:
        return ()
    states = columns_of(trace.before, trace.overlay)
    begun = model.history.day(trace.trades[0].row)
    log = [event for event in log if event.cause.kind in _CUTTING]
    found: list[Episode] = []
    reduced = (states.scale < 1.0) & (states.session >= (begun - session_date(0)).days)
    for stretch in runs(np.where(reduced, states.scale, np.nan)):
        start, end = session_date(int(states.session[stretch.start])), stretch.stop
        found.append(
            Episode(
                start=start,
                end=session_date(int(states.session[end])) if end < len(reduced) else None,
                scale=float(np.min(states.scale[stretch])),
                name=_cause(log, start),
            )
        )
    return tuple(found)


def _cause(log: Sequence[Logged], start: date) -> Text:
    """Return the name of what began an episode: the newest transition up to its first session."""
    name = "overlay"
    for event in log:
        if event.session > start:
            break
        name = _CUTTING[event.cause.kind]
    return Text.of(f"facts.latch_{name}")
