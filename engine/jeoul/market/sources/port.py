"""The port that every source of market data stands behind: a request, rows and events, an answer.

One more source is one file in this package: a module with ``NETWORK`` (does it leave the machine,
so that it needs deadlines and patience?) and ``connect(place)``, which returns a :class:`Source`.
Its name in a fetch plan is the name of the module.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from jeoul.errors import UsageError

_PARTS = frozenset({"errors", "plan", "pool", "port", "run"})  # modules here that are no source

AS_TRADED = "as-traded"
SPLIT_ADJUSTED = "split-adjusted"
TOTAL_RETURN = "total-return"
LEVEL = "level"
BASES = (AS_TRADED, SPLIT_ADJUSTED, TOTAL_RETURN, LEVEL)


class Row(NamedTuple):
    """One day as the vendor shows it; None where it shows nothing.

    ``close`` is in the vendor's basis, ``volume`` in shares, ``nav`` the net asset value a share,
    ``benchmark`` the level of the index that a fund tracks.
    """

    day: date
    close: float | None
    volume: float | None = None
    nav: float | None = None
    benchmark: float | None = None


class Payment(NamedTuple):
    """A dividend per share, a split (new shares per old share) or both, on the ex-date."""

    day: date
    dividend: float = 0.0
    split: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for: a vendor's symbol and the first and last day wanted, both included."""

    symbol: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Fetched:
    """The rows and events of one symbol, in the vendor's order, and what it said about them.

    ``basis`` is one of :data:`BASES`: closes as they were traded; closes and dividends restated
    for every split up to the day of fetching (Yahoo); closes that contain dividends; or levels
    that have neither. ``title`` is the vendor's name of the instrument, ``currency`` empty where
    the vendor does not say.
    """

    basis: str
    rows: tuple[Row, ...]
    payments: tuple[Payment, ...] = ()
    currency: str = ""
    title: str = ""
    simulated: bool = False


class Source(Protocol):
    """A place to fetch from."""

    def fetch(self, request: Request) -> Fetched:
        """Return rows and events from ``first`` to ``last``.

        Raises one of the errors of :mod:`jeoul.market.sources.errors`, never an empty answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source works: a folder for what it keeps, one to read from, keys and a time limit.

    ``timeout`` is what a source gives a single request; the deadline over all of it is not the
    source's to keep.
    """

    state: Path
    base: Path
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 10.0


def source_names() -> tuple[str, ...]:
    """Return the names that a fetch plan may use.

    >>> source_names()
    ('csv', 'folder', 'fred', 'sample', 'yahoo')
    """
    package = importlib.import_module(__package__ or "")
    found = {module.name for module in pkgutil.iter_modules(package.__path__)}
    return tuple(sorted(found - _PARTS))


def is_remote(name: str) -> bool:
    """Return whether a source leaves the machine.

    >>> is_remote("yahoo"), is_remote("csv")
    (True, False)
    """
    return bool(_module(name).NETWORK)


def connect(name: str, place: Place) -> Source:
    """Return a source by its name; raise :class:`UsageError` for a name that is none."""
    source: Source = _module(name).connect(place)
    return source


def _module(name: str) -> _SourceModule:
    if name not in source_names():
        known = ", ".join(source_names())
        raise UsageError(f"{name!r} is no source of jeoul; use one of {known}")
    return cast(_SourceModule, importlib.import_module(f"{__package__}.{name}"))


class _SourceModule(Protocol):
    NETWORK: bool

    def connect(self, place: Place) -> Source: ...
