"""``jeoul els`` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Jeoul

TERMS = 'name = "mine"\ncoupon = 0.07\nbarriers = [0.9, 0.8]\nmonths = 6\nknock_in = 0.5\n'

pytestmark = pytest.mark.usefixtures("opened_once")


def test_without_anything_it_shows_the_h_share_els(jeoul: Jeoul) -> None:
    out = jeoul("els", "--lang", "en").out
    assert "barriers 90-90-85-85-80-70 %, knock-in 50%" in out
    assert "loss at maturity: 5,048,256 won paid" in out
    data = json.loads(jeoul("els", "--json", "--principal", "1억").out)
    assert data["example"]["paid"] == 50_482_564


def test_own_terms_on_every_issue_and_on_drawn_paths(jeoul: Jeoul, tmp_path: Path) -> None:
    (tmp_path / "els.toml").write_text(TERMS, "utf-8")
    words = ("els", tmp_path / "els.toml", "--series", "SPY,EEM", "--paths", "20")
    found = jeoul(*words, "--lang", "en")
    assert found.code == 0
    assert "These windows overlap" in found.out
    assert "Simulated: 20 paths" in found.out
    assert "simulated sample market" in found.out
    data = json.loads(jeoul(*words, "--json").out)
    assert data["series"] == ["SPY", "EEM"]
    history = data["history"]
    assert sum(history["redeemed"].values()) + history["untouched"] <= 1.0 + 1e-9
    assert data["drawn"]["paths"] == 20


def test_one_issue_day_by_day(jeoul: Jeoul) -> None:
    found = jeoul("els", "--series", "SPY", "--issued", "2010-01-04", "--lang", "en")
    assert "Issued 2010-01-04" in found.out
    assert "observed 2010-07-0" in found.out


def test_what_cannot_be_followed_is_refused_in_korean(jeoul: Jeoul, tmp_path: Path) -> None:
    (tmp_path / "els.toml").write_text(TERMS, "utf-8")
    found = jeoul("els", tmp_path / "els.toml", "--lang", "ko")
    assert (found.code, found.out) == (2, "")
    assert "--series SPY,kospi200처럼" in found.err
    assert "지수의 수준이 아닙니다" in jeoul("els", "--series", "us10y", "--lang", "ko").err
