"""The watched latches as people know them: their titles and units in the reasons.

A detail ``title_ko`` fills ``{title}`` of a Korean message, ``title_en`` of an English one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from jeoul.messages import LANGUAGES, known_text, say
from jeoul.model.instrument import Universe
from jeoul.model.portfolio import Reason
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.watch import (
    FloorEffect,
    HoldEffect,
    ScaleEffect,
    WatchRule,
)


def class_name(universe: Universe, name: str, language: str) -> str:
    """Return what people call a class: as its universe says, as jeoul does, or its own key.

    >>> from jeoul.strategy.universe import load_universe
    >>> class_name(load_universe("krx-core"), "gold", "en")
    'Gold'
    >>> class_name(load_universe("krx-core"), "my_class", "en")
    'my class'
    """
    if name in universe.class_names:
        return universe.class_names[name][LANGUAGES.index(language)]
    return known_text(language, f"universe.{name}") or name.replace("_", " ")


def worded(mandate: Mandate, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the overlay's reasons, those of watched latches by their titles."""
    rules = mandate.strategy.overlay
    watched = {} if rules is None else rules.watch
    found = []
    for reason in reasons:
        detail = dict(reason.detail)
        watch = watched.get(detail.get("latch", ""))
        found.append(reason if watch is None else _worded(watch, reason.kind, detail))
    return tuple(found)


def of_active(mandate: Mandate, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons without those of inactive latches: nothing follows from them."""
    rules = mandate.strategy.overlay
    watched = {} if rules is None else rules.watch
    idle = {name for name, watch in watched.items() if not watch.active}
    return tuple(reason for reason in reasons if dict(reason.detail).get("latch") not in idle)


def glide_reasons(mandate: Mandate, day: date) -> tuple[Reason, ...]:
    """Return which mix of profiles a glide path names on a day, nothing without one.

    >>> from jeoul import api
    >>> glides = api.mandate(api.load_strategy("target-date").towards(date(2040, 1, 1)), "growth")
    >>> dict(glide_reasons(glides, date(2025, 1, 1))[0].detail)["mix_en"]
    'balanced 50%, growth 50%'
    """
    glide = mandate.strategy.glide
    if glide is None:
        return ()
    years = glide.years_left(day)
    mix = glide.mix_for(mandate.profile, years)
    names = {f"mix_{language}": mix_text(mix, language) for language in LANGUAGES}
    kind = "glide.ahead" if years >= 0.0 else "glide.over"
    return (Reason.of(kind, by=glide.by, years=f"{abs(years):.1f}", **names),)


def mix_text(mix: Mapping[str, float], language: str) -> str:
    """Return a mix of profiles in words, whole percents."""
    return ", ".join(
        f"{say(language, f'profile.{name}')} {share:z.0%}" for name, share in mix.items()
    )


def effect_reasons(mandate: Mandate, effects: Iterable[str]) -> tuple[Reason, ...]:
    """Return what each effect that is on does to the weights."""
    return tuple(_effect_reason(mandate.universe, mandate.effects[name]) for name in effects)


def _worded(watch: WatchRule, kind: str, detail: Mapping[str, str]) -> Reason:
    unit = watch.signal.unit
    return Reason.of(
        kind.replace("overlay.latch_", "overlay.watch_"),
        latch=detail["latch"],
        reading=_figure(float(detail["reading"]), unit),
        threshold=_figure(float(detail["threshold"]), unit),
        closes=detail["closes"],
        title_ko=watch.title.ko,
        title_en=watch.title.en,
    )


def _effect_reason(universe: Universe, watch: WatchRule) -> Reason:
    title = {"title_ko": watch.title.ko, "title_en": watch.title.en}
    effect = watch.effect
    if isinstance(effect, ScaleEffect):
        scale = f"{effect.scale:z.0%}"
        names = _names(universe, effect.classes)
        return Reason.of("overlay.effect_scale", **title, scale=scale, **names)
    if isinstance(effect, FloorEffect):
        weight, names = f"{effect.weight:z.0%}", _names(universe, [effect.asset_class])
        return Reason.of("overlay.effect_floor", **title, weight=weight, **names)
    assert isinstance(effect, HoldEffect)
    return Reason.of("overlay.effect_hold", **title, **_names(universe, effect.classes))


def _names(universe: Universe, classes: Sequence[str]) -> dict[str, str]:
    return {
        f"classes_{language}": ", ".join(class_name(universe, name, language) for name in classes)
        for language in LANGUAGES
    }


def _figure(value: float, unit: str) -> str:
    return f"{value:+z.1%}" if unit == "percent" else f"{value:.2f}"
