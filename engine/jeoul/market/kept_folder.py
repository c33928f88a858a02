"""A market folder as arrays that a cache keeps, so that a later process need not parse its files.

What is kept lies under the digest of everything that it came from: the bytes of every file, the
manifest and the calendars as read, the source and the libraries. Rows, findings and errors are
those of :func:`~jeoul.market.folder.read_folder`, which reads what is not kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.errors import DataError
from jeoul.files import blocks
from jeoul.files.blocks import Array
from jeoul.files.cache import Cache
from jeoul.files.source_stamp import library_stamp, source_stamp
from jeoul.market.events import PriceEvent
from jeoul.market.findings_file import Noted
from jeoul.market.folder import Dropped, Folder, PriceSheet, SeriesColumn, read_folder
from jeoul.market.frozen import Frozen
from jeoul.market.manifest import Manifest
from jeoul.market.sheet import read_bytes_of
from jeoul.model.calendar import Calendar
from jeoul.model.finding import Finding, Severity
from jeoul.model.series import PriceTable, Series

_RECORDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        Folder,
        PriceSheet,
        PriceTable,
        Dropped,
        PriceEvent,
        Frozen,
        SeriesColumn,
        Series,
        Noted,
        Finding,
    )
}
_VALUES: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "severity": (Severity, str, Severity),
    "date": (date, date.isoformat, date.fromisoformat),
    "ratio": (Fraction, str, Fraction),
}
SOURCES = (
    *("files", "market", "model", "assets.py", "errors.py", "messages.py", "postgres_url.py"),
)
"""The packages and modules of jeoul that have a part in what a folder becomes."""

LIBRARIES = ("numpy", "pandas")
"""The libraries that do."""


def kept_folder(
    manifest: Manifest, calendars: Mapping[str, Calendar], cache: Cache | None
) -> Folder:
    """Return the price tables and series of a market folder, from the cache if they are there.

    Raises :class:`DataError` with the problems of all files at once; a folder that has problems is
    never kept.
    """
    if cache is None:
        return read_folder(manifest, calendars)
    name = _name(manifest, calendars)
    content = None if name is None else cache.find(name)
    if content is not None:
        return unpacked(content)
    found = read_folder(manifest, calendars)
    if name is not None and name == _name(manifest, calendars):  # no file changed meanwhile
        cache.keep(name, packed(found))
    return found


def packed(folder: Folder) -> bytes:
    """Return a folder as bytes: a line of JSON with the records, then their arrays one by one."""
    arrays: list[Array] = []
    records = _plain(folder, arrays)
    return blocks.packed(records, arrays)


def unpacked(content: bytes) -> Folder:
    """Return the folder that bytes stand for, the inverse of :func:`packed`."""
    found: Folder = _record(*blocks.unpacked(content))
    return found


def _name(manifest: Manifest, calendars: Mapping[str, Calendar]) -> str | None:
    """Return under which name a folder is kept, None if not all of its files can be read."""
    stamps = (source_stamp(*SOURCES), library_stamp(*LIBRARIES))
    if None in stamps:
        return None
    found = sha256(repr((stamps, sys.version)).encode())
    found.update(repr(replace(manifest, folder=Path())).encode())
    for name in manifest.exchanges:
        calendar = calendars[name]
        found.update(repr((name, calendar.timezone, calendar.confirmed)).encode())
        for instants in (calendar.sessions, calendar.opens, calendar.closes):
            found.update(np.ascontiguousarray(instants).tobytes())
    paths = [file.path for file in manifest.prices]
    paths += [file.path for file in manifest.events]
    paths += [file.path for file in manifest.tax_bases]
    paths += [file.path for file in manifest.navs]
    paths += [file.path for file in manifest.series]
    paths += [file.path for file in manifest.findings]
    for path in paths:
        try:
            content = read_bytes_of(manifest.folder, path)
        except DataError:
            return None  # reading the folder says what is wrong
        found.update(sha256(content).digest())
    return f"market-{found.hexdigest()}"


def _plain(value: Any, arrays: list[Array]) -> Any:
    """Return a value as JSON, its arrays moved to a list; what has a type of its own is named."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if type(value).__name__ in _RECORDS:
        parts = [getattr(value, f.name) for f in fields(value)] if is_dataclass(value) else value
        return {type(value).__name__: [_plain(part, arrays) for part in parts]}
    if isinstance(value, tuple):
        return [_plain(part, arrays) for part in value]
    for name, (kind, written, _) in _VALUES.items():
        if isinstance(value, kind):
            return {name: written(value)}
    return value


def _record(value: Any, arrays: list[Array]) -> Any:
    """Return the value that JSON stands for, the inverse of :func:`_plain`."""
    if isinstance(value, list):
        return tuple(_record(part, arrays) for part in value)
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind in _RECORDS:
        return _RECORDS[kind](*_record(content, arrays))
    return arrays[content] if kind == "array" else _VALUES[kind][2](content)
