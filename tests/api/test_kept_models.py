"""A report's models and accounts are kept under all that they come from, and never seen in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import jeoul
from jeoul.api.reports import report_of, report_runs
from jeoul.files.cache import Cache
from jeoul.market import Market
from jeoul.pipeline import run as run_module


def pages(sample: Market, cache: Cache | None) -> tuple[str, str]:
    strategy = jeoul.load_strategy("managed")
    snapshot = sample.as_of("2014-06-27", "XKRX")
    names = ("conservative", "balanced", "growth")
    runs = tuple(report_runs(strategy, snapshot, names, amount=1_000_000, cache=cache))
    found = report_of(runs, strategy, snapshot, amount=1_000_000)
    return found.html("en"), str(found.document("ko"))


@pytest.mark.unspared
def test_a_report_is_the_same_whatever_is_kept(
    tmp_path: Path, sample: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = pages(sample, None)
    assert pages(sample, Cache(tmp_path)) == plain
    monkeypatch.delattr(run_module, "replay")  # from here on nothing is replayed
    assert pages(sample, Cache(tmp_path)) == plain
