"""The target-date fund beside a glide path: its shares, and where it has no counterpart."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul import api
from jeoul.advice.glide import equity_share
from jeoul.cli.backtest import backtest
from jeoul.errors import UsageError
from jeoul.korea.tables import load_rules
from jeoul.research.target_fund import target_fund

BOOK = load_rules(2026)
GLIDES = api.load_strategy("target-date")


@pytest.mark.parametrize("years", [40, 25, 18, 7, 1, 0, -4, -20])
def test_a_fund_holds_what_the_tables_say_in_shares(years: int) -> None:
    fund = target_fund(GLIDES, BOOK)
    assert fund.glide is not None
    assert fund.overlay is not None
    shares = sum(
        share * weight  # type: ignore[misc]
        for name, share in fund.glide.mix(years).items()
        for kind, weight in fund.profiles[name].classes.items()  # type: ignore[index]
        if kind in fund.overlay.risk_classes
    )
    assert shares == pytest.approx(float(equity_share(BOOK, years)), abs=0.005)


def test_a_fund_cuts_nothing_and_has_the_goal_of_the_path() -> None:
    fund = target_fund(GLIDES.towards(date(2037, 3, 2)), BOOK)
    assert fund.glide is not None
    assert fund.glide.by == date(2037, 3, 2)
    assert fund.overlay is not None
    overlay = fund.overlay
    assert (overlay.vix, overlay.trend, overlay.loss) == (None, None, None)


def test_a_strategy_without_a_path_has_no_counterpart() -> None:
    with pytest.raises(UsageError, match="cannot be compared with a target-date fund"):
        target_fund(api.load_strategy("managed"), BOOK)


def test_a_strategy_without_a_share_at_risk_has_no_counterpart() -> None:
    calm = {"krw_bond": 1.0}
    tables = {
        name: rules.model_copy(update={"classes": calm}) for name, rules in GLIDES.profiles.items()
    }
    with pytest.raises(UsageError, match="hold no risk class"):
        target_fund(GLIDES.model_copy(update={"profiles": tables}), BOOK)


@pytest.mark.parametrize(("lang", "word"), [("ko", "TDF"), ("en", "target-date fund")])
def test_a_backtest_shows_the_path_and_the_fund(tmp_path: Path, lang: str, word: str) -> None:
    words = ["target-date", "--profile", "growth", "--goal", "2030-12-31", "--lang", lang]
    words += ["--from", "2015-01-02", "--to", "2017-12-28", "--trials", str(tmp_path / "t.sqlite")]
    said = CliRunner().invoke(backtest, words, catch_exceptions=False).output
    assert word in said
    found: Any = json.loads(CliRunner().invoke(backtest, [*words, "--json"]).output)["glide"]
    assert found["by"] == "2030-12-31"
    assert [round(step["years"]) for step in found["steps"]] == [13, 10, 5, 0]
    assert found["steps"][-1]["at_risk"] == pytest.approx(0.18)
    assert found["fund"]["volatility"] > 0.0
