"""The content of rules: what may change without anybody asking, and what may not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.pipeline import content as content_module
from jeoul.pipeline.content import MODEL, KeyChange, changes, content_of, universe_digest
from jeoul.strategy.load import load_strategy, shipped

MANAGED = (assets.root() / "strategies" / "managed.toml").read_text("utf-8")


def content(text: str, folder: Path, profile: str = "balanced", account: str = "general") -> Any:
    file = folder / "mine.toml"
    file.write_text(text, "utf-8")
    return content_of(api.mandate(load_strategy(str(file)), profile, account))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# The thresholds were chosen beforehand", "# Another comment"),
        ('en = "Risk-managed allocation"', 'en = "Another title"'),
        ("Not measured; it only tells.", "Another text."),
        ("lookback    = 756 ", "lookback = 756 "),
        (
            "max_weight = 0.40                      # of any one fund\n"
            "class_band = 0.05                      # around the strategic class weights below\n",
            "class_band = 0.05\nmax_weight = 0.40\n",
        ),
        (
            "[profiles.growth]                      # 성장 포트폴리오\n",
            "[profiles.growth]\n# 성장 포트폴리오\n",
        ),
        ("risk_aversion = 2.0", "risk_aversion = 2.1"),  # of growth: another profile's rule
        ("stale        = 3 ", "stale = 3 "),
        ("[overlay.watch.oil_surge]", "[overlay.watch.crude_surge]"),  # only alerts
        ("enter    = { at = 0.05 }", "enter    = { at = 0.06 }"),  # switched off
    ],
)
def test_what_changes_no_decision_changes_no_content(tmp_path: Path, old: Any, new: Any) -> None:
    assert old in MANAGED
    assert content(MANAGED.replace(old, new), tmp_path).digest == content(MANAGED, tmp_path).digest


def test_a_key_at_its_default_is_no_change(tmp_path: Path) -> None:
    without = MANAGED.replace("lookback    = 756 ", "# lookback: by default ")
    assert "lookback    =" not in without
    assert content(without, tmp_path).digest == content(MANAGED, tmp_path).digest


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("scale = 0.90", "scale = 0.85", KeyChange("overlay.vix.scale", 0.9, 0.85)),
        ("max_weight = 0.40", "max_weight = 0.35", KeyChange("allocate.max_weight", None, 0.35)),
        ("lookback    = 756", "lookback = 500", KeyChange("estimate.lookback", None, 500)),
        ("risk_aversion = 3.0", "risk_aversion = 3.1",
         KeyChange("profiles.balanced.risk_aversion", 3.0, 3.1)),
    ],
)  # fmt: skip
def test_a_changed_key_is_named_with_both_values(
    tmp_path: Path, old: Any, new: Any, change: Any
) -> None:
    before, now = content(MANAGED, tmp_path), content(MANAGED.replace(old, new), tmp_path)
    assert changes(before, now) == (change,)
    assert before.digest != now.digest


def test_a_watched_latch_that_is_put_to_work_is_a_change(tmp_path: Path) -> None:
    old, new = 'active   = false\nevidence = { ko = "원/달러', 'evidence = { ko = "원/달러'
    assert old in MANAGED
    found = changes(content(MANAGED, tmp_path), content(MANAGED.replace(old, new), tmp_path))
    assert {change.key.rpartition(".watch.")[2].split(".")[0] for change in found} == {"fx_surge"}
    assert KeyChange("overlay.watch.fx_surge.effect.kind", None, "hold") in found


def test_profile_account_universe_and_engine_are_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(MANAGED, tmp_path)
    assert [c.key for c in changes(before, content(MANAGED, tmp_path, account="isa"))] == [
        "account"
    ]
    other = content(MANAGED, tmp_path, profile="growth")
    assert {"profile"} <= {c.key for c in changes(before, other)}
    monkeypatch.setattr(content_module, "MODEL", MODEL + 1)
    assert changes(before, content(MANAGED, tmp_path)) == (KeyChange("model", MODEL, MODEL + 1),)


def test_a_fact_that_moves_no_order_is_no_change_and_a_row_that_does_is() -> None:
    universe = api.universe_of("krx-core")
    code = universe.members[0].codes[0]

    def with_row(**facts: Any) -> Any:
        item = dataclasses.replace(universe.instruments[code], **facts)
        return dataclasses.replace(universe, instruments={**universe.instruments, code: item})

    same = universe_digest(universe)
    assert universe_digest(with_row(name_en="X", expense_ratio=0.1, risk_grade=1)) == same
    assert universe_digest(with_row(multiple=2.0)) != same
    assert universe_digest(dataclasses.replace(universe, members=universe.members[::-1])) != same


def test_what_an_older_ledger_did_not_keep_is_not_compared(tmp_path: Path) -> None:
    now = content(MANAGED, tmp_path)
    assert changes(dataclasses.replace(now, universe=None, model=None), now) == ()


@pytest.mark.parametrize("name", shipped())
def test_a_strategy_written_with_every_default_has_the_same_content(name: Any) -> None:
    strategy = load_strategy(name)
    whole = type(strategy).model_validate(strategy.model_dump(by_alias=True))
    for profile in strategy.profiles:
        pair = [content_of(api.mandate(each, profile)).digest for each in (strategy, whole)]
        assert pair[0] == pair[1]
