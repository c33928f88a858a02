"""Korea's own fears: the loss limit through the crisis of 1997, and a latch on Korean volatility.

No rule of a shipped strategy was made on either. The setting was fixed before it was measured:

- Half of the money is in the KOSPI and half in won bonds, restored monthly, with the loss limit of
  the balanced profile. Bonds are par bonds of five years at the ten-year yield, which is known from
  October 2000 on. Before, their half is cash at the policy rate (from May 1999; without interest
  before that, which is too little by the double-digit rates of those years, for the rule and for
  holding alike).
- The latch takes the literal rule of the VIX (on at 30 after one close, off at 20 after five, half
  of the shares while on) and reads the implied volatility of KOSPI 200. That series lies elsewhere
  than the VIX, so both levels are multiplied by the ratio of the two medians over 2000 to 2002, the
  first three years of the series, and rounded to whole points. The rule is counted from 2003 on:
  nothing of its span was used for its levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.model.history import History
from jeoul.pipeline import Model
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.run import SharedAllocations
from jeoul.research.evidence import Span
from jeoul.research.evidence_strategies import ways_of
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.base import Threshold, Title
from jeoul.strategy.tables.watch import LevelOf, ScaleEffect, WatchRule

CRISIS = Span(date(1996, 1, 1), date(2003, 12, 31))
SINCE = Span(date(2003, 1, 1))
PROFILE = "balanced"
IMPLIED, AMERICAN = "kospi200_iv", "vix"
KNOWN = (np.datetime64("2000-01-01"), np.datetime64("2002-12-31"))
"""The years whose medians set the levels of the latch."""
WAYS = ("static", "literal", "loss limit only")
LATCH = "KOSPI volatility"


class Levels(NamedTuple):
    """The implied volatility of KOSPI 200 at which the latch goes on and off, in percent a year."""

    enter: float
    exit: float


def levels_of(history: History, literal: Strategy) -> Levels | None:
    """Return the levels of the latch; None without both series in the years that set them."""
    rule = None if literal.overlay is None else literal.overlay.vix
    own, other = (_median(history, name) for name in (IMPLIED, AMERICAN))
    if rule is None or own is None or other is None:
        return None
    return Levels(*(float(round(level.at * own / other)) for level in (rule.enter, rule.exit)))


def fears(
    mandate: Mandate, literal: Strategy, history: History, levels: Levels | None
) -> Mapping[str, Model]:
    """Return the models of KOSPI and bonds: held, the literal VIX rule, loss limit, the latch.

    ``mandate`` is that of :func:`~jeoul.research.single_index.with_bonds`. Without levels the
    latch is left out.
    """
    ways = ways_of(mandate.strategy, literal)
    chosen = {name: ways[name] for name in WAYS}
    if levels is not None:
        chosen[LATCH] = _latched(ways["static"], ways["literal"], levels)
    from jeoul.backtesting.exact import exact_model

    shared = SharedAllocations(history)
    found: dict[str, Model] = {}
    for name, strategy in chosen.items():
        own = Mandate(strategy, mandate.profile, mandate.account, mandate.universe)
        found[name] = exact_model(own, history, *shared.of(own))
    return found


def _latched(static: Strategy, literal: Strategy, levels: Levels) -> Strategy:
    """Return the strategy with the literal rule's closes and scale on the Korean series."""
    overlay = literal.overlay
    assert overlay is not None
    rule = overlay.vix
    assert rule is not None
    latch = WatchRule(
        title=Title(ko="KOSPI 200 내재변동성", en="Implied volatility of KOSPI 200"),
        topic="volatility",
        signal=LevelOf(kind="level", series=IMPLIED),
        enter=Threshold(at=levels.enter, closes=rule.enter.closes),
        exit=Threshold(at=levels.exit, closes=rule.exit.closes),
        effect=ScaleEffect(kind="scale", classes=overlay.risk_classes, scale=rule.scale),
    )
    made = overlay.model_copy(update={"vix": None, "watch": {IMPLIED: latch}})
    return static.model_copy(update={"overlay": made})


def _median(history: History, name: str) -> float | None:
    inside = (history.clock >= KNOWN[0]) & (history.clock <= KNOWN[1])
    values = history.signals[name][inside] if name in history.signals else np.zeros(0)
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else None
