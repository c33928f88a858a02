"""Starter files work at once, and a universe of one's own works in every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.pipeline.content import content_of
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe, shipped_universes

pytestmark = pytest.mark.usefixtures("opened_once")

DAY = ("--as-of", "2004-06-30")
SPAN = ("--from", "2003-01-02", "--to", "2004-06-30")
OWN = """
schema   = 1
name     = "own"
calendar = "XKRX"
currency = "KRW"
[class_names]
growth_assets = { ko = "성장자산", en = "Growth assets" }
[members.home]
class = "growth_assets"
codes = ["069500"]
[members.abroad]
class = "growth_assets"
codes = ["360750"]
[members."국고채"]
class = "국내채권"
codes = ["148070"]
[members.money]
class = "short_term"
codes = ["459580"]
"""


@pytest.fixture
def starters(jeoul: Any, tmp_path: Path) -> Path:
    for kind in ("universe", "strategy", "config"):
        found = jeoul("new", kind, tmp_path, "--lang", "en")
        assert (found.code, found.err) == (0, "")
        assert str(tmp_path / f"my-{kind}.toml") in found.out
    return tmp_path


@pytest.fixture
def own(jeoul: Any, tmp_path: Path) -> Path:
    """A strategy over a universe of one's own, of which only classes and codes are known."""
    (tmp_path / "funds").mkdir()
    (tmp_path / "funds" / "own.toml").write_text(OWN, "utf-8")
    place = tmp_path / "mine.toml"
    assert jeoul("new", "strategy", place, "--uses", tmp_path / "funds" / "own.toml").code == 0
    return place


def test_the_three_starters_check_decide_report_and_backtest_without_an_edit(
    jeoul: Any, starters: Path
) -> None:
    mine = starters / "my-strategy.toml"
    assert jeoul("check", *sorted(starters.glob("*.toml"))).code == 0
    for account in ("general", "isa", "pension_savings", "irp"):
        base = (mine, "--profile", "balanced", "--account", account, "--json")
        decided = json.loads(jeoul("decide", *base, "--deposit", "10000000", *DAY).out)
        assert decided["orders"]
        assert decided["findings"] == []
    shown = jeoul("report", mine, *DAY, "--out", starters / "page")
    assert (shown.code, len(list((starters / "page").glob("*.html")))) == (0, 1)
    tested = jeoul("backtest", mine, "--profile", "growth", *SPAN, "--trials", starters / "t")
    assert tested.code == 0
    shown = jeoul("run", starters / "my-config.toml", *DAY)
    assert (shown.code, "BUY" in shown.out) == (0, True)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_starter_works_alone(jeoul: Any, tmp_path: Path, lang: str) -> None:
    for kind in ("strategy", "config"):
        place = tmp_path / f"{kind}-{lang}" / "a.toml"
        place.parent.mkdir()
        assert jeoul("new", kind, place, "--lang", lang).code == 0
        assert jeoul("check", place).code == 0


@pytest.mark.parametrize("universe", shipped_universes())
def test_a_strategy_can_be_begun_over_every_shipped_universe(
    jeoul: Any, tmp_path: Path, universe: str
) -> None:
    place = tmp_path / "a.toml"
    assert jeoul("new", "strategy", place, "--uses", universe).code == 0
    strategy = load_strategy(str(place))
    assert strategy.universe == universe
    assert strategy.calendar == load_universe(universe).calendar


def test_nothing_is_overwritten_and_two_candidates_are_asked_about(
    jeoul: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.toml").write_text(OWN, "utf-8")
    refused = jeoul("new", "universe", tmp_path / "a.toml")
    assert (refused.code, (tmp_path / "a.toml").read_text("utf-8")) == (2, OWN)
    (tmp_path / "b.toml").write_text(OWN, "utf-8")
    asked = jeoul("new", "strategy", tmp_path)
    assert asked.code == 2
    assert "a.toml, b.toml; choose by --uses" in asked.err
    assert jeoul("new", "universe", tmp_path / "c.txt").code == 2


def test_a_universe_is_found_from_the_strategy_s_folder(own: Path, monkeypatch: Any) -> None:
    assert 'universe = "funds/own.toml"' in own.read_text("utf-8")
    monkeypatch.chdir("/")
    assert api.mandate(load_strategy(str(own)), "balanced").universe.name == "own"


def test_moving_the_files_or_renaming_the_universe_changes_no_content(own: Path) -> None:
    def digest(place: Path) -> str:
        return content_of(api.mandate(load_strategy(str(place)), "balanced")).digest

    before = digest(own)
    moved = own.parent / "elsewhere"
    moved.mkdir()
    (moved / "renamed.toml").write_bytes((own.parent / "funds" / "own.toml").read_bytes())
    text = own.read_text("utf-8").replace("funds/own.toml", "renamed.toml")
    (moved / "mine.toml").write_text(text, "utf-8")
    assert digest(moved / "mine.toml") == before
    (moved / "renamed.toml").write_text(OWN.replace("360750", "379800"), "utf-8")
    assert digest(moved / "mine.toml") != before


def test_classes_of_one_s_own_reach_check_decide_report_compare_and_sweep(
    jeoul: Any, own: Path, tmp_path: Path
) -> None:
    assert jeoul("check", own).code == 0
    report = jeoul("report", own, *DAY, "--out", tmp_path / "page", "--lang", "en")
    assert report.code == 0
    (page,) = (tmp_path / "page").glob("*.html")
    text = page.read_text("utf-8")
    for name in ("Growth assets", "국내채권", "short term"):
        assert name in text
    assert text.index("Growth assets") < text.index("국내채권") < text.index("short term")
    base = ("--profile", "balanced", *SPAN, "--trials", tmp_path / "trials", "--json")
    change = "profiles.balanced.classes={ growth_assets = 1.0 }"
    compared = jeoul("compare", own, "--set", change, *base)
    assert compared.code == 0, compared.err
    swept = jeoul(
        "sweep", own, "--grid", "rebalance.band=0.02,0.05", *base, "--out", tmp_path / "s"
    )
    assert swept.code == 0, swept.err
    assert json.loads(swept.out)["refused"] == 0


def test_a_fund_of_which_nothing_is_known_is_treated_with_caution(jeoul: Any, own: Path) -> None:
    base = (own, "--profile", "balanced", "--deposit", "10000000", *DAY, "--lang", "en", "--json")
    for account in ("general", "isa"):
        found = json.loads(jeoul("decide", *base, "--account", account).out)
        unverified = {f["subject"] for f in found["findings"] if "worst case" in f["message"]}
        assert unverified == {"069500", "360750", "148070", "459580"}
    for account in ("pension_savings", "irp"):
        assert jeoul("decide", *base, "--account", account).code == 4
    mandate = api.mandate(load_strategy(str(own)), "balanced", "irp")
    assert mandate.risk == {"069500", "360750", "148070", "459580"}
    facts = mandate.universe.instruments["069500"]
    assert (facts.tax_kind, facts.name_ko, facts.expense_ratio) == ("krx_other_etf", "069500", None)


def test_two_universes_are_compared_on_their_common_span(
    jeoul: Any, own: Path, tmp_path: Path
) -> None:
    base = ("--profile", "balanced", "--to", "2004-06-30", "--trials", tmp_path / "t")
    found = json.loads(jeoul("compare", own, "static", *base, "--json").out)
    alone = [
        json.loads(jeoul("backtest", name, *base, "--json").out)["metrics"]["from"]
        for name in (own, "static")
    ]
    assert found["start"] == max(alone)
    assert found["end"] == "2004-06-30"
    assert found["currencies"] == ["KRW", "KRW"]
    assert {"home", "국고채", "kr_large"} <= found["weights"].keys()


def test_a_changed_row_of_a_universe_is_another_trial(
    jeoul: Any, own: Path, tmp_path: Path
) -> None:
    base = (own, "--profile", "balanced", *SPAN, "--trials", tmp_path / "t", "--json")
    first = json.loads(jeoul("backtest", *base).out)["trial"]
    assert json.loads(jeoul("backtest", *base).out)["trial"] == first
    universe = own.parent / "funds" / "own.toml"
    universe.write_text(OWN.replace("360750", "379800"), "utf-8")
    assert json.loads(jeoul("backtest", *base).out)["trial"] != first


def test_a_sweep_stays_in_one_universe(jeoul: Any, tmp_path: Path) -> None:
    base = ("--profile", "balanced", *SPAN, "--trials", tmp_path / "t", "--out", tmp_path / "s")
    found = jeoul("sweep", "static", "--grid", 'universe="us-core"', *base, "--json")
    assert found.code == 2
    assert "universe" in json.loads(found.out)["reason"]


def test_two_exchanges_are_compared_on_the_sessions_that_both_have(
    jeoul: Any, tmp_path: Path
) -> None:
    base = ("--profile", "balanced", *SPAN, "--trials", tmp_path / "t", "--lang", "en")
    shown = jeoul("compare", "static", "managed-us", *base)
    assert shown.code == 0
    assert "From 2003-01-02 to 2004-06-30" in shown.out
    assert "in KRW, the second in USD" in shown.out


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_config_for_a_glide_path_has_a_goal_to_change(
    jeoul: Any, tmp_path: Path, lang: str
) -> None:
    place = tmp_path / "mine.toml"
    jeoul("new", "config", place, "--uses", "target-date", "--lang", lang)
    assert "goal     = 2050-12-31" in place.read_text("utf-8")
    assert jeoul("check", place).code == 0
