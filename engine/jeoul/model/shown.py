"""How a record looks in a notebook: short as text, a table as a page, a frame, a picture, a file.

A record says only which of its fields matter. Frames, pages and pictures are made by the layer that
knows every record, which is found by its name when one is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LONGEST = 300
"""The most characters of a record's text."""

_SHOWING = "jeoul.api.showing"
# A name and not an import: it lies above every record, and a record alone loads none of it.
_TEXT = 60  # characters of one value inside a record
_FEW = 4  # items of a collection that are written out


class Path(Protocol):
    """A path of :mod:`pathlib`, which no record loads."""

    def __fspath__(self) -> str:
        """Return the path as text."""
        ...


class Brief:
    """A record whose text is one short line, however much it holds."""

    __slots__ = ()

    def __repr__(self) -> str:
        return line(type(self).__name__, self._brief())

    def __str__(self) -> str:
        return repr(self)

    def _brief(self) -> Mapping[str, object]:
        """Return what the text of the record says, by name: all fields unless a record chooses."""
        if not is_dataclass(self):
            return {}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.repr}


class Shown(Brief):
    """A record that a notebook shows as a table."""

    __slots__ = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the record as a pandas DataFrame: rows by their labels, raw numbers."""
        found: pd.DataFrame = _showing().frame(self)
        return found

    def export(self, path: Path | str) -> None:
        """Write the record to a file; its ending says how: .csv, .parquet, .xlsx or .html.

        The first three hold :meth:`to_frame`, the last what a notebook shows. Parquet and Excel
        need the extra ``jeoul[export]``. Raises :class:`~jeoul.errors.UsageError` for another
        ending and for a library that is missing.
        """
        _showing().export(self, path)

    def _repr_html_(self) -> str:
        found: str = _showing().page(self)
        return found


class Drawn(Shown):
    """A record that a notebook also shows as a picture."""

    __slots__ = ()

    def plot(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Return matplotlib axes with a picture of the record, drawn into ``ax`` where given.

        Needs the extra ``jeoul[plot]``. ``lang`` is ``ko`` or ``en``, by default that of
        ``jeoul.set_language``. Raises :class:`~jeoul.errors.UsageError` if matplotlib is missing.
        """
        found: Axes = _showing().draw(self, ax, lang)
        return found


def line(name: str, values: Mapping[str, object]) -> str:
    """Return a name with values in brackets, on one line of at most :data:`LONGEST` characters.

    >>> line("Order", {"ticker": "069500", "shares": 30})
    "Order(ticker='069500', shares=30)"
    >>> line("Portfolio", {"shares": {str(code): 1 for code in range(100)}})
    "Portfolio(shares={'0': 1, '1': 1, '2': 1, … 97 more})"
    """
    parts: list[str] = []
    room = LONGEST - len(name) - len("(, …)")
    for key, value in values.items():
        part = f"{key}={short(value)}"
        room -= len(part) + 2
        if room < 0:
            parts.append("…")
            break
        parts.append(part)
    return f"{name}({', '.join(parts)})"


def short(value: object) -> str:
    """Return a value as short text: the beginning of a text or a collection, the shape of an array.

    >>> short("x" * 100)[-3:], short((1, 2)), short(0.1 + 0.2)
    ("…x'", '(1, 2)', '0.3')
    """
    shape = getattr(value, "shape", None)
    if shape:  # an array or a frame; numpy itself is not loaded for this
        return f"<{' x '.join(f'{length:,}' for length in shape)} values>"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, tuple | list | set | frozenset):
        return _items(value)
    return _single(value)


def _single(value: object) -> str:
    if isinstance(value, Enum):
        return repr(value.value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, date) or hasattr(value, "__fspath__"):
        return str(value)
    if is_dataclass(value) and not isinstance(value, Brief):
        return _named(value)  # its own text may be of any length
    text = repr(value)
    if len(text) <= _TEXT:
        return text
    return f"{text[: _TEXT - 3]}…{text[-2:]}" if isinstance(value, str) else _named(value)


def _named(value: object) -> str:
    return f"{type(value).__name__}(…)"


def _mapping(value: Mapping[Any, object]) -> str:
    return _between("{}", [f"{short(key)}: {_inner(item)}" for key, item in _first(value.items())],
                    len(value))  # fmt: skip


def _items(value: Collection[Any]) -> str:
    ends = "()" if isinstance(value, tuple) else "[]" if isinstance(value, list) else "{}"
    return _between(ends, [_inner(item) for item in _first(value)], len(value))


def _inner(value: object) -> str:
    """Return an item of a collection: a record or a collection is only named there."""
    if isinstance(value, Brief) or is_dataclass(value):
        return _named(value)
    if isinstance(value, Mapping | tuple | list | set | frozenset) and len(value) > _FEW:
        return f"<{len(value)} items>"
    return short(value)


def _first(value: Collection[Any]) -> list[Any]:
    found = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
    return found if len(found) <= _FEW else found[: _FEW - 1]


def _between(ends: str, parts: list[str], count: int) -> str:
    more = [f"… {count - len(parts)} more"] if count > len(parts) else []
    if ends == "()" and count == 1:
        return f"({parts[0]},)"
    return ends[0] + ", ".join([*parts, *more]) + ends[1]


def _showing() -> Any:
    return importlib.import_module(_SHOWING)
