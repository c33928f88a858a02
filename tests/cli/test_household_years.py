"""``jeoul household --years`` as a person meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jeoul import assets
from jeoul.reporting.columns import COLUMNS, width

FILE = assets.root() / "configs" / "household-example.toml"

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_years_ahead_fit_a_terminal(jeoul: Any, lang: str) -> None:
    outcome = jeoul("household", FILE, "--years", "3", "--fast", "--lang", lang)
    assert outcome.code == 0, outcome.err
    assert max(map(width, outcome.out.splitlines())) <= COLUMNS.get()
    assert ("The years ahead" if lang == "en" else "향후 연도별 계획") in outcome.out


def test_the_answer_has_the_years_where_they_are_asked_for(jeoul: Any) -> None:
    asked, plain = (
        json.loads(jeoul("household", FILE, *words, "--fast", "--json").out)
        for words in (("--years", "2", "--lang", "en"), ())
    )
    assert plain["years"] is None
    *said, unseen = asked["years"]
    assert said
    assert "does not see markets" in unseen
