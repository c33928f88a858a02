"""A new source of data is one new file, found by its name."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import texts

from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.fetching.asking import asking
from jeoul.market.fetching.plan import read_plan
from jeoul.market.fetching.run import Fetching
from jeoul.market.raw.series import SeriesKey
from jeoul.market.sources import __path__ as shelf
from jeoul.market.sources.port import source_names

BANK = """
from datetime import date

from jeoul.market.raw.answer import AS_TRADED, Fetched, VendorRow

NETWORK = False
KEYS = ("BANK_KEY",)


def connect(place):
    return Bank(place)


class Bank:
    def __init__(self, place):
        self.place = place

    def fetch(self, request):
        row = VendorRow(date(2024, 6, 28), 100.0)
        return Fetched(AS_TRADED, (row,), title=repr(dict(self.place.keys)))
"""
NOW = 1_719_800_000  # 2024-07-01 in Seoul


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "bank.py").write_text(BANK)
    monkeypatch.setattr("jeoul.market.sources.__path__", [*shelf, str(tmp_path)])
    yield
    sys.modules.pop("jeoul.market.sources.bank", None)


@pytest.fixture
def plan(tmp_path: Path, bank: Any) -> Any:
    path = tmp_path / "plan.toml"
    path.write_text(texts.PLAN.replace('"yahoo"', '"bank"'))
    return read_plan(path)


def test_one_file_makes_a_source_that_a_plan_may_name(bank: Any) -> None:
    assert "bank" in source_names()


@pytest.fixture
def fetched(plan: Any, tmp_path: Path) -> Any:
    """Fetch the plan in an environment; return the first outcome and what is stored of it."""

    def run(environment: Any) -> Any:
        calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
        with (
            RawStore(tmp_path / "raw.sqlite3") as store,
            asking(plan, tmp_path, tmp_path, environment, random.Random(1)) as ask,
        ):
            first, *_ = Fetching(plan, store, calendars, lambda: NOW).run(ask)
            return first, store.read(first.key)

    return run


def test_what_it_answers_is_stored(fetched: Any) -> None:
    outcome, raw = fetched({})
    assert outcome.key == SeriesKey("bank", "069500.KS")
    assert outcome.error is None
    assert raw.close.tolist() == [100.0]


def test_a_source_is_given_the_keys_that_it_names_and_no_others(fetched: Any) -> None:
    _, raw = fetched({"BANK_KEY": "ours", "FRED_API_KEY": "of another", "HOME": "/"})
    assert raw.stamp.title == "{'BANK_KEY': 'ours'}"
