"""Finding and reading strategy files."""

from __future__ import annotations

import re
from pathlib import Path

from jeoul import assets
from jeoul.errors import Problem, StrategyError
from jeoul.files.document import Document, parse
from jeoul.files.faults import did_you_mean
from jeoul.files.toml import check
from jeoul.model.instrument import Universe
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import MeanVariance
from jeoul.strategy.tables.estimate import BlackLitterman
from jeoul.strategy.tables.momentum import Momentum
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.watch import FloorEffect, HoldEffect, ScaleEffect
from jeoul.strategy.universe import SUFFIX, load_universe, shipped_universes

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def shipped() -> tuple[str, ...]:
    """Return the names of the strategies that come with jeoul.

    >>> "managed" in shipped()
    True
    """
    return tuple(sorted(path.stem for path in (assets.root() / "strategies").glob("*.toml")))


def find_strategy(name: str) -> Path:
    """Return the file of a strategy: a path as it is, or the name of a shipped one."""
    if _NAME.fullmatch(name):
        path = assets.root() / "strategies" / f"{name}.toml"
        if path.is_file():
            return path
    path = Path(name)
    if path.is_file():
        return path
    raise StrategyError(
        [
            Problem(
                name,
                "there is no such file and no shipped strategy of that name",
                remedy=f"use a path or one of {', '.join(shipped())}",
            )
        ]
    )


def load_strategy(name: str) -> Strategy:
    """Return the strategy in a file, or the shipped one of that name, checked with its universe.

    A universe that is named by path lies relative to the strategy file; its own path comes back
    absolute. Raises :class:`StrategyError` with every problem of the file.

    >>> load_strategy("managed").profiles["balanced"].classes["krw_bond"]
    0.33
    """
    path = find_strategy(name)
    document = parse(path, StrategyError, kind="strategy")
    strategy = check(document, Strategy, StrategyError)
    universe, where = _universe(strategy.universe, path.parent, document)
    check_against(strategy, universe, document)
    return strategy.model_copy(update={"universe": where})


def _universe(name: str, folder: Path, document: Document) -> tuple[Universe, str]:
    """Return the universe that a strategy names, and its shipped name or its absolute path."""
    if name.endswith(SUFFIX):
        path = (folder / name).resolve()
        if path.is_file():
            return load_universe(path), str(path)
        reason = f"there is no file {path}"
        remedy = "write the path of a universe from the strategy's folder, or a shipped name"
        raise StrategyError([document.problem(("universe",), reason, remedy)])
    if name in shipped_universes():
        return load_universe(name), name
    known = ", ".join(shipped_universes())
    beside = folder / f"{name}{SUFFIX}"
    remedy = (
        f'write universe = "{beside.name}"'
        if beside.is_file()
        else (f"use one of {known}, or the path of a file such as my-universe.toml")
    )
    reason = f"there is no universe {name!r}"
    raise StrategyError([document.problem(("universe",), reason, remedy)])


def check_against(strategy: Strategy, universe: Universe, document: Document) -> None:
    """Raise :class:`StrategyError` for every name or calendar that the universe does not have."""
    problems = [
        document.problem(
            key,
            f"class {name!r} is not in universe {universe.name}",
            did_you_mean(name, universe.classes),
        )
        for key, name in _classes_named(strategy)
        if name not in universe.classes
    ]
    members = [member.name for member in universe.members]
    problems += [
        document.problem(
            key,
            f"member {key[-1]!r} is not in universe {universe.name}",
            did_you_mean(str(key[-1]), members),
        )
        for key in _members_named(strategy)
        if key[-1] not in members
    ]
    problems += _never_held(strategy, universe, document)
    if strategy.calendar != universe.calendar:
        reason = f"calendar {strategy.calendar} is not that of universe {universe.name}"
        remedy = f'write calendar = "{universe.calendar}"'
        problems.append(document.problem(("calendar",), reason, remedy))
    if problems:
        raise StrategyError(problems)


def _classes_named(strategy: Strategy) -> list[tuple[tuple[str, ...], str]]:
    named: list[tuple[tuple[str, ...], str]] = [
        (("profiles", profile, "classes", name), name)
        for profile, rules in strategy.profiles.items()
        for name in rules.classes
    ]
    if isinstance(strategy.allocate, MeanVariance):
        named += [
            (("allocate", "risk_shares", name), name) for name in strategy.allocate.risk_shares
        ]
    overlay: OverlayRules | None = strategy.overlay
    if overlay is not None:
        named += [(("overlay", "risk_classes"), name) for name in overlay.risk_classes]
        named += [(("overlay", "refuge", name), name) for name in overlay.refuge]
        for label, watch in overlay.watch.items():
            place = ("overlay", "watch", label, "effect")
            if isinstance(watch.effect, FloorEffect):
                named.append(((*place, "asset_class"), watch.effect.asset_class))
            elif isinstance(watch.effect, ScaleEffect | HoldEffect):
                named += [((*place, "classes"), name) for name in watch.effect.classes]
    return named


def _members_named(strategy: Strategy) -> list[tuple[str, ...]]:
    mean, rules = strategy.estimate.mean, strategy.allocate
    found: list[tuple[str, ...]] = []
    if isinstance(mean, BlackLitterman):
        found += [
            ("estimate", "mean", "views", label, "of", name)
            for label, view in mean.views.items()
            for name in view.of
        ]
    if isinstance(rules, Momentum):
        found += [("allocate", *keys) for keys in rules.named()]
    return found


def _never_held(strategy: Strategy, universe: Universe, document: Document) -> list[Problem]:
    """Return the funds of momentum whose class has no weight in a profile: they are never held."""
    rules = strategy.allocate
    if not isinstance(rules, Momentum):
        return []
    classes = {member.name: member.asset_class for member in universe.members}
    return [
        document.problem(
            ("profiles", profile, "classes"),
            f"momentum may hold {name}, but its class {classes[name]} has no weight",
            f"give {classes[name]} a weight above 0",
        )
        for profile, own in strategy.profiles.items()
        for name in rules.held
        if name in classes and not own.classes.get(classes[name])
    ]
