"""The keys of a strategy as controls: every number, choice and switch that its schema knows.

A key's kind and its bounds come from the schema that editors use too, its value from the strategy.
A table that the strategy does not have is off; its keys are not shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jeoul import assets
from jeoul.strategy.schema import Strategy

Schema = Mapping[str, Any]

_TEXTS = frozenset({"title", "evidence", "topic"})
"""Keys that a person reads."""

_OWN = _TEXTS | {"schema", "name", "universe", "calendar"}
"""Keys at the top of the file on which the strategy rests: changing them makes another one."""


@dataclass(frozen=True, slots=True)
class StrategyKey:
    """One key: ``path`` with dots, its ``value``, and what a browser may enter.

    ``kind`` is ``number``, ``integer``, ``flag`` or ``choice``; ``least`` and ``most`` are the
    bounds of a number, None where there is none.
    """

    path: str
    kind: str
    value: float | int | bool | str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def step(self) -> str:
        """Return the step of a number field: 1 for whole numbers, any otherwise."""
        return "1" if self.kind == "integer" else "any"

    def read(self, text: str | None) -> float | int | bool | str:
        """Return what a field of a form says; a switch that is off is not sent at all.

        Raises ``ValueError`` for what is not a number.
        """
        if self.kind == "flag":
            return text is not None
        if text is None:
            return self.value
        if self.kind == "integer":
            return int(text)
        return float(text) if self.kind == "number" else text


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """The keys of one table, ``overlay.vix`` for instance."""

    table: str
    keys: tuple[StrategyKey, ...]


def groups_of(strategy: Strategy, profile: str) -> tuple[KeyGroup, ...]:
    """Return the keys of a strategy for one profile, by table, in the order of the file."""
    document = strategy.model_dump(mode="json", by_alias=True)
    schema = _schema()
    found: dict[str, list[StrategyKey]] = {}
    for name, value in document.items():
        if name in _OWN or value is None:
            continue
        own = {profile: value[profile]} if name == "profiles" else value
        inside = schema["properties"].get(name, {})
        for key in _keys(name, own, inside):
            found.setdefault(key.path.rpartition(".")[0], []).append(key)
    return tuple(KeyGroup(table, tuple(keys)) for table, keys in found.items())


def keys_of(strategy: Strategy, profile: str) -> Mapping[str, StrategyKey]:
    """Return the same keys by their path."""
    return {key.path: key for group in groups_of(strategy, profile) for key in group.keys}


def _keys(path: str, value: Any, schema: Schema) -> Iterator[StrategyKey]:
    found = _resolved(schema, value)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _TEXTS and inner is not None:
                yield from _keys(f"{path}.{name}", inner, _inside(found, name))
    elif isinstance(value, bool):
        yield StrategyKey(path, "flag", value)
    elif isinstance(value, int | float):
        kind = "integer" if found.get("type") == "integer" else "number"
        least = found.get("minimum", found.get("exclusiveMinimum"))
        yield StrategyKey(
            path=path,
            kind=kind,
            value=value,
            least=least,
            most=found.get("maximum", found.get("exclusiveMaximum")),
        )
    elif isinstance(value, str) and "enum" in found:
        yield StrategyKey(path, "choice", value, choices=tuple(found["enum"]))


def _inside(schema: Schema, name: str) -> Schema:
    """Return the schema of a key of a table, whose keys are named or free."""
    named: Mapping[str, Schema] = schema.get("properties", {})
    if name in named:
        return named[name]
    free: Mapping[str, Schema] = schema.get("patternProperties", {})
    return next(iter(free.values()), schema.get("additionalProperties") or {})


def _resolved(schema: Schema, value: Any) -> Schema:
    """Return the one schema that a value has, where there are several by kind, or none as well."""
    if not isinstance(schema, Mapping):
        return {}
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _resolved(_schema()["$defs"][name], value)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            mapping = schema.get("discriminator", {}).get("mapping", {})
            if isinstance(value, Mapping) and str(value.get("kind")) in mapping:
                return _resolved({"$ref": mapping[str(value["kind"])]}, value)
            options = [each for each in schema[several] if each.get("type") != "null"]
            return _resolved(options[0], value) if options else {}
    return schema


@cache
def _schema() -> Schema:
    found: Schema = json.loads(assets.data("strategy.schema.json").read_text("utf-8"))
    return found
