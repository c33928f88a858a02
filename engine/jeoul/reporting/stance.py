"""The market stance: every latch with its reading, and what it does to the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jeoul.messages import LANGUAGES, say
from jeoul.model.calendar import moment
from jeoul.model.instrument import Universe
from jeoul.pipeline import Model
from jeoul.pipeline.watch import Logged
from jeoul.pipeline.wording import class_name
from jeoul.reporting.facts import TOPICS, Latch, Stance
from jeoul.reporting.overlay_facts import latch_facts
from jeoul.reporting.text import Text
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.watch import FloorEffect, HoldEffect, ScaleEffect, WatchRule

_BUILT_IN = {"vix": "volatility", "trend": "equity", "curve": "volatility"}


def stance(models: Iterable[Model]) -> tuple[Stance, ...]:
    """Return one row for each latch of any of the models, by topic.

    Latches look at the market, not at a portfolio, so that those of the profiles of one strategy
    agree; the loss limit is a profile's own and is not among them.
    """
    found: dict[str, Stance] = {}
    for model in models:
        for row in _rows(model):
            found.setdefault(row.key, row)
    return tuple(sorted(found.values(), key=lambda row: TOPICS.index(row.topic)))


def event_document(event: Logged, text: str) -> dict[str, Any]:
    """Return one transition as JSON values, with its cause as a sentence."""
    return {
        "session": event.session.isoformat(),
        "known_at": moment(event.known_at).isoformat(),
        "executed": None if event.executed is None else event.executed.isoformat(),
        "kind": event.cause.kind,
        "latch": event.latch,
        "cause": text,
        "reading": event.reading,
        "scale": event.scale,
        "state": event.state,
    }


def stance_document(rows: Sequence[Stance], language: str) -> list[dict[str, Any]]:
    """Return the stance as JSON values."""
    return [
        {
            "latch": row.key,
            "topic": row.topic,
            "name": row.latch.name.into(language),
            "reading": row.latch.reading,
            "reading_date": None if row.latch.day is None else row.latch.day.isoformat(),
            "enter": row.latch.enter,
            "exit": row.latch.exit,
            "above": row.latch.rising,
            "on": row.latch.on,
            "since": None if row.latch.since is None else row.latch.since.isoformat(),
            "active": row.active,
            "effect": row.effect.into(language),
            "today": row.today.into(language),
            "evidence": None if row.evidence is None else row.evidence.into(language),
        }
        for row in rows
    ]


def _rows(model: Model) -> list[Stance]:
    rules, params = model.mandate.strategy.overlay, model.mandate.overlay
    if rules is None or params is None:
        return []
    found = []
    for name, latch in zip(params.names.tolist(), latch_facts(model), strict=True):
        watch = rules.watch.get(name)
        if watch is None:
            found.append(_built_in(name, rules, latch))
        else:
            found.append(_watched(name, watch, latch, model.mandate.universe))
    return found


def _built_in(name: str, rules: OverlayRules, latch: Latch) -> Stance:
    scale = f"{latch.scale:z.0%}"
    effect = Text.of("stance.cut", scale=scale)
    if rules.both is not None:
        effect = Text.of("stance.cut_both", scale=scale, both=f"{rules.both:z.0%}")
    return Stance(
        key=name,
        topic=_BUILT_IN[name],
        latch=latch,
        effect=effect,
        today=effect if latch.on else Text.of("stance.nothing"),
        acts=True,
    )


def _watched(name: str, watch: WatchRule, latch: Latch, universe: Universe) -> Stance:
    effect, off = _effect(watch, universe), Text.of("stance.off")
    acts = watch.active and watch.effect.kind != "notify"
    shown = effect if watch.active else Text(f"{off.ko}: {effect.ko}", f"{off.en}: {effect.en}")
    return Stance(
        key=name,
        topic=watch.topic,
        latch=latch,
        effect=shown,
        today=effect if latch.on and acts else Text.of("stance.nothing"),
        acts=acts,
        active=watch.active,
        evidence=None if watch.evidence is None else Text(watch.evidence.ko, watch.evidence.en),
    )


def _effect(watch: WatchRule, universe: Universe) -> Text:
    effect = watch.effect
    if isinstance(effect, ScaleEffect):
        classes = _classes(effect.classes, universe)
        scale = f"{effect.scale:z.0%}"
        return _said("stance.scale", classes, scale=scale)
    if isinstance(effect, FloorEffect):
        classes = _classes([effect.asset_class], universe)
        return _said("stance.floor", classes, weight=f"{effect.weight:z.0%}")
    if isinstance(effect, HoldEffect):
        classes = _classes(effect.classes, universe)
        return _said("stance.hold", classes)
    return Text.of("stance.notify")


def _said(message: str, classes: Text, **detail: object) -> Text:
    return Text(
        say("ko", message, {"classes": classes.ko, **detail}),
        say("en", message, {"classes": classes.en, **detail}),
    )


def _classes(names: Sequence[str], universe: Universe) -> Text:
    found = (", ".join(class_name(universe, n, language) for n in names) for language in LANGUAGES)
    return Text(*found)
