"""Pure results that a test session computes once, for tests that are about something else.

A market folder whose files have not changed is read once by the tests that ask for it through
``jeoul.api``. A model follows from its mandate, its history and its memory, so one replay serves
every test of the commands that show it. Tests with the marker ``unspared``, and those in folders
that are not in :data:`MODELLED` or are in :data:`READING`, go without.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.market import Market, open_market
from jeoul.pipeline import run
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.replay import allocations, replay

MODELLED = {"cli", "docs", "goals", "household", "operations", "pages", "reporting", "web"}
READING = {"files", "market", "upgrade"}
MARKETS, MODELS = 6, 48
"""How many of each are kept: a replay of the sample takes a few megabytes."""


class _Kept(dict[Any, Any]):
    """The results that were asked for last."""

    def __init__(self, most: int) -> None:
        self.most = most

    def of(self, key: object, make: Callable[[], Any]) -> Any:
        found = self.pop(key) if key in self else make()
        self[key] = found
        if len(self) > self.most:
            del self[next(iter(self))]
        return found


def _files(folder: Path) -> tuple[object, ...]:
    """Return what changes when a file of a folder does."""
    seen = ((path, path.stat()) for path in sorted(folder.rglob("*")))
    return folder, *((path, s.st_ino, s.st_size, s.st_mtime_ns) for path, s in seen)


def _read_once(kept: _Kept) -> Callable[..., Market]:
    """Return ``open_market``, which reads again only a folder whose files have changed."""

    def opened(folder: Path, **terms: Any) -> Market:
        if not folder.is_dir():
            return open_market(folder, **terms)
        found: Market = kept.of(_files(folder), lambda: open_market(folder, **terms))
        return found

    return opened


def _values(given: object) -> object:
    """Return the fields of a record, without what it computed from them since."""
    if is_dataclass(given) and hasattr(given, "__dict__"):
        return [getattr(given, field.name) for field in fields(given)]
    return dict(given) if isinstance(given, Mapping) else given


def _made_once(function: Callable[..., Any], kept: _Kept) -> Callable[..., Any]:
    """Return a pure function that computes once what it is asked with equal values.

    Windows only say what was computed before.
    """

    def called(*given: Any, **named: Any) -> Any:
        if any(callable(each) for each in (*given, *named.values())):  # it wants to watch
            return function(*given, **named)
        values = [_values(each) for each in given if not isinstance(each, HistoryWindows)]
        asked = pickle.dumps((values, sorted(named.items())))
        return kept.of(hashlib.blake2b(asked).digest(), lambda: function(*given, **named))

    return called


_WAYS: tuple[tuple[object, str, Any, Any], ...] = (
    (api, "read_market", open_market, _read_once(_Kept(MARKETS))),
    (run, "allocations", allocations, _made_once(allocations, _Kept(MODELS))),
    (run, "replay", replay, _made_once(replay, _Kept(MODELS))),
)


def spare(item: pytest.Item) -> None:
    """Let a test share what others read and computed, or have it do so itself."""
    inside = item.path.relative_to(Path(__file__).parent).parts[0]
    own = item.get_closest_marker("unspared") is not None
    for module, name, itself, shared in _WAYS:
        shares = inside not in READING if module is api else inside in MODELLED
        setattr(module, name, shared if shares and not own else itself)
