"""The variants of a sweep: every combination of the values asked for."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from jeoul.errors import Problem, StrategyError, UsageError
from jeoul.files.document import Document
from jeoul.files.faults import UNKNOWN, did_you_mean, sentence
from jeoul.files.toml import check
from jeoul.model.instrument import Universe
from jeoul.strategy.load import check_against
from jeoul.strategy.schema import Strategy

_OTHER_DATA = "name a second strategy file and compare the two"
_FIXED = MappingProxyType(
    {"schema": "leave it out", "universe": _OTHER_DATA, "calendar": _OTHER_DATA}
)
"""Keys that would need other data than those that are open."""

Grid = Mapping[str, tuple[Any, ...]]
Values = Mapping[str, Any]


def parse_grid(texts: Sequence[str]) -> Grid:
    """Return the values of each key of ``key=a,b,c``; values are written as in a strategy file.

    Raises :class:`UsageError` for text that is no such list and for a key named twice.

    >>> parse_grid(["overlay.vix.scale=0.5,0.9", "rebalance.calendar='monthly','yearly'"])
    {'overlay.vix.scale': (0.5, 0.9), 'rebalance.calendar': ('monthly', 'yearly')}
    """
    found: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        key, sign, values = text.partition("=")
        key = key.strip()
        if not sign or not key or key in found:
            raise UsageError(f"{text!r} must be KEY=VALUE,VALUE with each key once")
        found[key] = tuple(parse_values(values, text))
        if len(set(map(repr, found[key]))) != len(found[key]) or not found[key]:
            raise UsageError(f"{text!r} lists a value twice, or none; correct it")
    if not found:
        raise UsageError("a sweep needs at least one --grid key=a,b,c")
    return found


def parse_values(values: str, text: str) -> list[Any]:
    """Return values written as in a strategy file; bare words count as text."""
    try:
        return list(tomllib.loads(f"x = [{values}]")["x"])
    except tomllib.TOMLDecodeError:
        words = [word.strip() for word in values.split(",")]
        if all(word.replace("-", "").replace("_", "").isalnum() for word in words):
            return list(words)
    raise UsageError(f"{text!r} has values that no strategy file could hold; write key=0.5,0.9")


def variants(grid: Grid) -> Iterator[dict[str, Any]]:
    """Yield every combination, the last key running fastest.

    >>> [list(v.values()) for v in variants({"a": (1, 2), "b": (3, 4)})]
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def label(values: Values) -> str:
    """Return the canonical text of a variant.

    >>> label({"overlay.vix.scale": 0.5})
    '{"overlay.vix.scale":0.5}'
    """
    return json.dumps(dict(values), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def changed(strategy: Strategy, values: Values, universe: Universe | None = None) -> Strategy:
    """Return the strategy with several keys changed, checked with its universe where one is given.

    Raises :class:`UsageError` with everything that is wrong: keys that do not exist, with their
    likely spelling, and values that do not fit, alone or together.
    """
    try:
        found = _validated(strategy, values)
        if universe is not None:
            check_against(found, universe, Document("", {}, {}))
    except StrategyError as refused:
        said = " | ".join(str(problem).removeprefix(": ") for problem in refused.problems)
        raise UsageError(f"{label(values)}: {said}") from refused
    return found


def check_grid(strategy: Strategy, grid: Grid, universe: Universe) -> None:
    """Raise :class:`UsageError` with every key and value of a grid that no variant can have.

    A value that is refused only because of another key is none of them as long as one combination
    of the grid accepts it.
    """
    faults = []
    for key, values in grid.items():
        for value in values:
            try:
                changed(strategy, {key: value}, universe)
            except UsageError as refused:
                if not (_is_joint(strategy, key, value) and _fits(strategy, grid, key, value)):
                    faults.append(str(refused).removeprefix(f"{label({key: value})}: "))
    if faults:
        raise UsageError("\n".join(dict.fromkeys(faults)))


def counted(rows: Sequence[tuple[Values, str]]) -> dict[str, int]:
    """Return why variants were refused and how many for each reason, the most frequent first.

    ``rows`` are variants with what was said of them. A reason is what is wrong, without the remedy.

    >>> counted([({"a": 1}, '{"a":1}: too low; raise it'), ({"a": 2}, "too low"), ({"a": 3}, "")])
    {'too low': 2}
    """
    reasons = Counter(
        text.removeprefix(f"{label(values)}: ").partition("; ")[0] for values, text in rows if text
    )
    return dict(reasons.most_common())


def _validated(strategy: Strategy, values: Values) -> Strategy:
    document = strategy.model_dump(by_alias=True, round_trip=True)
    problems = [problem for key in values for problem in _put(document, key, values[key])]
    if problems:
        raise StrategyError(problems)
    return check(Document("", document, {}), Strategy)


def _put(document: dict[str, Any], key: str, value: Any) -> list[Problem]:
    """Set a dotted key of a strategy; return why that cannot be done."""
    if key in _FIXED:
        return [Problem("", "cannot be changed here", key=key, remedy=_FIXED[key])]
    *tables, last = key.split(".")
    place: Any = document
    for depth, table in enumerate(tables):
        if isinstance(place, dict) and table not in place:
            where = (*tables[:depth], table)
            said = sentence(where, UNKNOWN)[1]
            return [Problem("", said, remedy=did_you_mean(table, list(place)))]
        place = place[table] if isinstance(place, dict) else None
    if not isinstance(place, dict):
        absent = ".".join(tables)
        return [Problem("", f"the strategy has no table {absent}", key=key, remedy="add it first")]
    now = place.get(last)
    place[last] = float(value) if isinstance(now, float) and type(value) is int else value
    return []


def _is_joint(strategy: Strategy, key: str, value: Any) -> bool:
    """Return whether a value is refused by rules between keys alone, not by its own kind."""
    document = strategy.model_dump(by_alias=True, round_trip=True)
    if _put(document, key, value):
        return False
    try:
        Strategy.model_validate(document)
    except ValidationError as refused:
        return all(fault["type"] == "value_error" for fault in refused.errors())
    return False


def _fits(strategy: Strategy, grid: Grid, key: str, value: Any) -> bool:
    """Return whether any variant with a value is accepted."""
    for values in variants({**grid, key: (value,)}):
        try:
            changed(strategy, values)
        except UsageError:
            continue
        return True
    return False
