"""The table of docs/korea.md: where profile and matrix agree, and what the limit makes of it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.model.portfolio import CASH

DAY = date(2024, 6, 28)
ROW = re.compile(r"^\| (\w+), \S+ \| (kiwoom|yuanta|both) \|(.*)\|$", re.MULTILINE)
PAGE = (assets.root() / "docs" / "korea.md").read_text("utf-8")
ROWS = [
    (profile, matrix, [cell.strip() for cell in rest.split("|")])
    for profile, which, rest in ROW.findall(PAGE)
    for matrix in (("kiwoom", "yuanta") if which == "both" else (which,))
]


def weights(market: Any, profile: str, limit: Any) -> Any:
    managed = api.load_strategy("managed")
    found = api.propose(managed, profile, "general", market.as_of(DAY), limit=limit)
    held = {code: weight for code, weight in found.weights.items() if code != CASH}
    graded = api.mandate(managed, profile, limit=api.suitable(profile)).graded
    assert graded is not None
    return held, graded


def risky(held: Any, graded: Any) -> Any:
    return sum(weight for code, weight in held.items() if graded.grade(code) <= 2)


def test_the_page_has_every_profile_under_both_matrices() -> None:
    assert len(ROWS) == 6


@pytest.mark.parametrize(("profile", "matrix", "cells"), ROWS)
def test_a_row_of_the_page_is_what_comes_out(
    real_market: Any, profile: str, matrix: str, cells: list[str]
) -> None:
    allowed, mean, share, *limited = cells
    free, graded = weights(real_market, profile, None)
    before = risky(free, graded)
    assert graded.mean(free) == pytest.approx(float(mean), abs=0.005)
    assert before == pytest.approx(float(share.strip(" %")) / 100, abs=0.005)
    for mode, said in zip(("portfolio", "product"), limited, strict=True):
        limit = api.suitable(profile, matrix=matrix, mode=mode)  # type: ignore[arg-type]
        assert limit.riskiest == int(allowed)
        after = risky(weights(real_market, profile, limit)[0], graded)
        expected = {"unchanged": before, "none": 0.0}.get(said)
        if expected is None:
            expected = float(said.strip(" %")) / 100
        assert after == pytest.approx(expected, abs=0.005), (mode, said)
