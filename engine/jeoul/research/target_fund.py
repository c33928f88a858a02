"""A plain target-date fund as a yardstick: the same funds, a published path, no risk rules."""

from __future__ import annotations

from typing import Literal

from jeoul.advice.glide import path_points
from jeoul.errors import UsageError
from jeoul.korea.rulebook import Rulebook
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import Strategic
from jeoul.strategy.tables.glide import GlidePoint, GlideRules
from jeoul.strategy.tables.profile import ProfileRules

_SHARES: Literal["growth"] = "growth"
_REST: Literal["conservative"] = "conservative"


def target_fund(strategy: Strategy, book: Rulebook) -> Strategy:
    """Return what a target-date fund of the same date would hold of a strategy's classes.

    The share in shares follows ``tdf.glide`` of the rule tables, which keeps the caps of qualified
    funds. The risk classes are in the proportions of the strategy's boldest profile, the others in
    those of its most cautious one; the weights are held as they are, traded on the same dates at
    the same cost, and nothing cuts them. It is a yardstick and not the record of any fund.

    Raises :class:`UsageError` for a strategy without a glide path, or without risk classes.

    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.strategy.load import load_strategy
    >>> fund = target_fund(load_strategy("target-date"), load_rules(2026))
    >>> fund.glide.mix(0.0)
    {'conservative': 0.6, 'growth': 0.4}
    """
    if strategy.glide is None or strategy.overlay is None:
        raise UsageError(
            f"strategy {strategy.name} has no [glide] or no [overlay] with risk_classes, so it "
            "cannot be compared with a target-date fund; use a strategy such as target-date"
        )
    risky = frozenset(strategy.overlay.risk_classes)
    ordered = sorted(strategy.profiles.values(), key=lambda rules: _share(rules, risky))
    points = [
        GlidePoint(years=float(left), mix={_SHARES: float(share), _REST: 1.0 - float(share)})
        for left, share in path_points(book)
    ]
    return strategy.without_overlay().model_copy(
        update={
            "name": "target-date-fund",
            "glide": GlideRules(by=strategy.glide.by, points=points),
            "allocate": Strategic(kind="strategic"),
            "profiles": {
                _SHARES: _only(ordered[-1], risky, inside=True),
                _REST: _only(ordered[0], risky, inside=False),
            },
        }
    )


def _share(rules: ProfileRules, risky: frozenset[str]) -> float:
    return sum(share for name, share in rules.classes.items() if name in risky)


def _only(rules: ProfileRules, risky: frozenset[str], *, inside: bool) -> ProfileRules:
    kept = {name: share for name, share in rules.classes.items() if (name in risky) is inside}
    whole = sum(kept.values())
    if whole <= 0.0:
        kind = "risk" if inside else "other"
        raise UsageError(
            f"the profiles hold no {kind} class, so they cannot be compared with a target-date "
            "fund; set risk_classes to classes that a profile holds"
        )
    return ProfileRules(classes={name: share / whole for name, share in kept.items()})
