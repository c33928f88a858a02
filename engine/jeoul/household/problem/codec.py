"""Records written as plain JSON values, and read back by their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from math import isfinite
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from jeoul.files.faults import UNKNOWN, Fault, Location, did_you_mean, shown

_PAIR = ("account", "fund", "shares")  # how an entry of a mapping by account and fund is written


def written(value: object) -> Any:
    """Return a record as dicts, lists and plain values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            key: _pairs(getattr(value, key)) if _by_pair(hint) else written(getattr(value, key))
            for key, hint in _hints(type(value)).items()
        }
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [written(each) for each in value]
    return value.value if isinstance(value, StrEnum) else value


def _by_pair(hint: Any) -> bool:
    """Return whether a type is a mapping by account and fund."""
    return get_origin(hint) is Mapping and get_args(hint)[0] is not str


def _pairs(entries: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [dict(zip(_PAIR, (*key, count), strict=True)) for key, count in sorted(entries.items())]


def read(value: object, kind: Any) -> tuple[Any, list[Fault]]:
    """Return the value that a type reads from plain JSON, and every fault found on the way.

    With faults, what is returned is of no use.
    """
    reader = _Reader()
    return reader.value((), value, kind), reader.faults


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def value(self, at: Location, value: object, kind: Any) -> Any:
        if isinstance(kind, UnionType):  # X | None
            return None if value is None else self.value(at, value, get_args(kind)[0])
        origin = get_origin(kind)
        if origin is tuple:
            return self._tuple(at, value, get_args(kind))
        if origin is Mapping:
            return self._mapping(at, value, get_args(kind))
        if is_dataclass(kind):
            return self._record(at, value, kind)
        return self._plain(at, value, kind)

    def _record(self, at: Location, value: object, kind: Any) -> Any:
        if not isinstance(value, Mapping):
            return self._fault(at, f"{shown(value)} is not an object")
        hints = _hints(kind)
        for key in value.keys() - hints.keys():
            self._fault((*at, key), UNKNOWN, did_you_mean(str(key), sorted(hints)))
        for key in hints.keys() - value.keys():
            self._fault((*at, key), "is missing", "write every field")
        before = len(self.faults)
        found = {
            key: self.value((*at, key), value[key], hint)
            for key, hint in hints.items()
            if key in value
        }
        complete = len(found) == len(hints) and len(self.faults) == before
        return kind(**found) if complete else None

    def _tuple(self, at: Location, value: object, kinds: tuple[Any, ...]) -> Any:
        if not isinstance(value, list | tuple):
            return self._fault(at, f"{shown(value)} is not a list")
        if kinds[-1] is Ellipsis:
            kinds = (kinds[0],) * len(value)
        if len(kinds) != len(value):
            return self._fault(at, f"has {len(value)} entries, not {len(kinds)}")
        return tuple(
            self.value((*at, place), each, kind)
            for place, (each, kind) in enumerate(zip(value, kinds, strict=True))
        )

    def _mapping(self, at: Location, value: object, kinds: tuple[Any, ...]) -> Any:
        if kinds[0] is not str:
            return self._pairs(at, value)
        if not isinstance(value, Mapping):
            return self._fault(at, f"{shown(value)} is not an object")
        return {str(key): self.value((*at, key), each, kinds[1]) for key, each in value.items()}

    def _pairs(self, at: Location, value: object) -> Any:
        if not isinstance(value, list):
            return self._fault(at, f"{shown(value)} is not a list")
        found: dict[tuple[str, str], int] = {}
        for place, each in enumerate(value):
            here = (*at, place)
            if not isinstance(each, Mapping) or each.keys() != set(_PAIR):
                self._fault(here, "is not an object of account, fund and shares")
                continue
            account, fund = (self._plain((*here, key), each[key], str) for key in _PAIR[:2])
            if (account, fund) in found:
                self._fault(here, f"{account} {fund} was given before", "give it once")
            found[account, fund] = self._plain((*here, "shares"), each["shares"], int)
        return found

    def _plain(self, at: Location, value: object, kind: Any) -> Any:
        if issubclass(kind, StrEnum):
            known = [each.value for each in kind]
            if value not in known:
                return self._fault(at, f"{shown(value)} is unknown", f"use {', '.join(known)}")
            return kind(value)
        right: dict[Any, Any] = {float: int | float, int: int, str: str, bool: bool}
        if not isinstance(value, right[kind]) or (isinstance(value, bool) and kind is not bool):
            named = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
            return self._fault(at, f"{shown(value)} is not {named[kind]}")
        if kind is float and not isfinite(value):
            return self._fault(at, f"{shown(value)} is not finite")
        return float(value) if kind is float else value

    def _fault(self, at: Location, wrong: str, remedy: str | None = None) -> None:
        self.faults.append(Fault(at, wrong, remedy))


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)
