"""Frozen records as JSON and back, to the bit: what a cache keeps of a result."""

from __future__ import annotations

import base64
import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UNIONS = (UnionType, typing.Union)
_SEQUENCES = (tuple, Sequence)
_ARRAYS = (np.ndarray, NDArray)  # an alias of its own since NumPy 2.5


def record_text(value: Any) -> bytes:
    """Return records, mappings, tuples, dates, numbers and arrays of floats as JSON.

    >>> record_text((date(2024, 6, 28), np.array([0.5])))
    b'["2024-06-28", "AAAAAAAA4D8="]'
    """
    return json.dumps(_plain(value)).encode()


def read_record(kind: Any, text: bytes) -> Any:
    """Return what :func:`record_text` wrote, of a type; every float has the same bits.

    The type is one of records whose fields have types of these kinds themselves.

    >>> text = record_text({"a": (date(2024, 6, 28), float("inf"))})
    >>> read_record(Mapping[str, tuple[date, float]], text)
    {'a': (datetime.date(2024, 6, 28), inf)}
    """
    return _read(kind, json.loads(text))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        # Bytes rather than digits: shorter, and NaN and -0.0 come back as they were.
        return base64.b64encode(value.astype("<f8").tobytes()).decode()
    return value.isoformat() if isinstance(value, date) else value


def _read(kind: Any, found: Any) -> Any:
    parts, origin = typing.get_args(kind), typing.get_origin(kind)
    if origin in _UNIONS:
        (known,) = (part for part in parts if part is not NoneType)
        return None if found is None else _read(known, found)
    if origin in _SEQUENCES:
        kinds = repeat(parts[0], len(found)) if origin is not tuple or parts[-1] is ... else parts
        return tuple(_read(part, item) for part, item in zip(kinds, found, strict=True))
    if origin is Mapping:
        return {key: _read(parts[1], item) for key, item in found.items()}
    if origin is not None:
        assert origin in _ARRAYS, kind
        return np.frombuffer(base64.b64decode(found), dtype="<f8").astype(np.float64)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        values = zip(_kinds(kind).items(), found, strict=True)
        return kind(**{name: _read(part, item) for (name, part), item in values})
    return date.fromisoformat(found) if kind is date else found


@cache
def _kinds(record: type) -> dict[str, Any]:
    """Return the types of the fields of a record by name, in order."""
    hints = typing.get_type_hints(record)
    names = getattr(record, "_fields", None) or [field.name for field in fields(record)]
    return {name: hints[name] for name in names}
