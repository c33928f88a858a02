"""``jeoul evidence``: both forms tell the same, and simulated data say so."""

from __future__ import annotations

import json
from typing import Any

import pytest


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
