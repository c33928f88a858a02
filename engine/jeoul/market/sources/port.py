"""The port of every source of market data: connect to it, ask it.

One more source is one file in this package: a module with ``NETWORK`` (does it leave the machine,
so that it needs deadlines and patience?), ``KEYS`` (the environment variables that hold the keys
its vendor asks for) and ``connect(place)``, which returns a :class:`Source`. Its name in a fetch
plan is the name of the module.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from jeoul.errors import UsageError
from jeoul.market.raw.answer import Fetched, SeriesRequest

_PARTS = frozenset({"cells", "errors", "port", "spans", "web"})  # modules here that are not sources


class Source(Protocol):
    """A place to fetch from."""

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return rows and events from ``first`` to ``last``.

        Raises one of the errors of :mod:`jeoul.market.sources.errors`, never an empty answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class SourcePlace:
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

    >>> source_names()[:9]
    ('bis', 'bls', 'cboe', 'csv', 'ecos', 'folder', 'fred', 'fredgraph', 'issuers')
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


def key_names(name: str) -> tuple[str, ...]:
    """Return the environment variables that hold the keys of a source's vendor.

    >>> key_names("fred"), key_names("csv")
    (('FRED_API_KEY',), ())
    """
    return tuple(_module(name).KEYS)


def connect(name: str, place: SourcePlace) -> Source:
    """Return a source by its name; raise :class:`UsageError` for a name that is none."""
    source: Source = _module(name).connect(place)
    return source


def _module(name: str) -> _SourceModule:
    if name not in source_names():
        known = ", ".join(source_names())
        raise UsageError(f"{name!r} is not a source of jeoul; use one of {known}")
    return cast(_SourceModule, importlib.import_module(f"{__package__}.{name}"))


class _SourceModule(Protocol):
    NETWORK: bool
    KEYS: tuple[str, ...]

    def connect(self, place: SourcePlace) -> Source: ...
