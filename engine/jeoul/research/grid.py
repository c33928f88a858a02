"""The variants of a sweep: every combination of the values asked for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from pydantic import ValidationError

from jeoul.errors import UsageError
from jeoul.strategy.schema import Strategy

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


def changed(strategy: Strategy, values: Values) -> Strategy:
    """Return the strategy with several keys changed.

    Raises :class:`UsageError` if a key does not exist or the values do not fit together.
    """
    document = strategy.model_dump(by_alias=True, round_trip=True)
    for key, value in values.items():
        *tables, last = key.split(".")
        place = document
        for table in tables:
            place = place.get(table) if isinstance(place, dict) else None  # type: ignore[assignment]
        if not isinstance(place, dict):
            raise UsageError(f"strategy {strategy.name} has no key {key}; see docs/strategy.md")
        now = place.get(last)
        place[last] = float(value) if isinstance(now, float) and type(value) is int else value
    try:
        return Strategy.model_validate(document)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{label(values)}: {where}: {first['msg']}") from fault
