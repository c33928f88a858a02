"""A vendor on this machine, and a pool whose processes ask it instead of Yahoo."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jeoul.market.sources.pool import Job, Manners, Pool
from jeoul.market.sources.port import Place, Request

sys.path.insert(0, str(Path(__file__).parent))  # the processes of a pool import it by name

import vendor as protocol

from datetime import date  # isort: skip

FIRST, LAST = date(2024, 1, 2), date(2024, 6, 28)


@pytest.fixture(scope="session")
def vendor() -> Iterator[Any]:
    with protocol.serving() as running:
        yield running


@pytest.fixture
def connect(vendor: Any, tmp_path: Path) -> Any:
    """Return how to connect to the vendor as if it were Yahoo."""
    place = Place(tmp_path / "state", tmp_path, timeout=2.0)
    return partial(protocol.yahoo, place, vendor.port)


@pytest.fixture
def ask(connect: Any) -> Any:
    """Ask the vendor for symbols in one pool; return the answers by symbol."""

    def asked(*symbols: Any, timer: Any = None, **manners: Any) -> Any:
        options = {"timer": timer} if timer else {}
        manners = Manners(**{"at_once": 4, "interval": 0.0, "attempts": 1, **manners})  # type: ignore[assignment]
        jobs = [Job("yahoo", Request(s, FIRST, LAST)) for s in symbols]
        with Pool(
            {"yahoo": connect},
            {"yahoo": manners},  # type: ignore[dict-item]
            chance=random.Random(7),
            **options,
        ) as pool:
            return {done.job.request.symbol: done for done in pool.ask(jobs)}

    return asked
