"""``jeoul evidence``: both forms tell the same, and simulated data say so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.api import kept_studies
from jeoul.api.kept_studies import KeptStudies
from jeoul.files.cache import Cache
from jeoul.files.records import read_record


def test_a_strategy_without_rules_has_one_way_and_the_check_stands_beside(jeoul: Any) -> None:
    out = json.loads(jeoul("evidence", "k-all-weather", "--json", "--to", "2010-12-30").out)
    assert out["simulated"] is True
    (table,) = out["tables"]
    assert [way["way"] for way in table["profiles"][0]["ways"]] == ["static"]
    names = [way["way"] for way in out["korea"]]
    assert names[:3] == ["static", "literal", "default"]
    for way in out["korea"][1:]:
        assert way["less_risk"]["verdict"] in ("helped", "no evidence", "hurt")
        assert way["whipsaws"] <= way["episodes"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_tables(jeoul: Any, language: Any) -> None:
    out = jeoul("evidence", "managed", "--lang", language).out
    assert ("모의 데이터" if language == "ko" else "Simulated data") in out
    assert out.count("managed") == 3


def test_what_is_kept_is_what_a_run_makes(
    jeoul: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("evidence", "static", "--from", "2009-01-02", "--to", "2011-12-29", "--json")
    monkeypatch.setenv("JEOUL_CACHE", str(tmp_path))
    made = jeoul(*asked).out
    kept = {path.name.split("-")[1] for path in tmp_path.glob("evidence-*.kept")}
    assert kept == {"ways", "accounts", "keeps", "proxies", "korea"}
    read: list[Any] = []

    def noted(*asked: Any) -> Any:
        read.append(asked)
        return read_record(*asked)

    monkeypatch.setattr(kept_studies, "read_record", noted)
    assert jeoul(*asked).out == made
    assert len(read) == len(kept)
    # A receipt says what came out of its own run.
    jeoul(*asked, "--write-receipt", tmp_path / "receipt.json")
    assert len(read) == len(kept)


def test_a_change_of_the_rules_or_the_data_is_made_again(sample: Any, tmp_path: Path) -> None:
    strategy = api.load_strategy("static")
    history = api.history(strategy, sample.as_of(date(2010, 6, 30)))
    mandate = api.mandate(strategy, "balanced")
    dearer = api.mandate(strategy.replace("rebalance.cost", 0.002), "balanced")
    later = replace(history, level=history.level * 2.0)
    cache = Cache(tmp_path)
    asked = [
        KeptStudies(cache, history, "a", [mandate], (1,)),
        KeptStudies(cache, history, "b", [mandate], (1,)),
        KeptStudies(cache, history, "a", [mandate], (2,)),
        KeptStudies(cache, history, "a", [dearer], (1,)),
        KeptStudies(cache, later, "a", [mandate], (1,)),
        KeptStudies(cache, history, "a", [mandate, dearer], (1,)),
    ]
    for number, each in enumerate(asked):
        assert each.found("ways", int, partial(int, number)) == number
    for number, each in enumerate(asked):
        assert each.found("ways", int, lambda: -1) == number
    assert KeptStudies(None, history, "a", [mandate], (1,)).found("ways", int, lambda: -1) == -1
