"""Feedback: rule sets held at once, what was learned of them, and the words for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from jeoul import api, assets
from jeoul.cli.feedback import feedback as command
from jeoul.errors import ShortHistory, UsageError
from jeoul.research.evidence import Span
from jeoul.research.feedback import (
    EXPERTS,
    as_trials,
    digest_of,
    experts_of,
    feedback,
    losses_of,
    runs_of,
)
from jeoul.research.mixture import mixture, month_ends

MANAGED, LITERAL, LIGHT = (
    api.load_strategy(n) for n in ("managed", "ima-literal", "managed-light")
)
SEED = 1


@pytest.fixture(scope="module")
def mandate() -> Any:
    return api.mandate(MANAGED, "growth")


@pytest.fixture(scope="module")
def runs(sample: Any, mandate: Any) -> Any:
    history = api.history(MANAGED, sample.as_of("2012-12-28"))
    return runs_of(experts_of(MANAGED, LITERAL, LIGHT), mandate, history, Span())


@pytest.fixture(scope="module")
def found(runs: Any, mandate: Any) -> Any:
    return feedback(runs, digest_of(experts_of(MANAGED, LITERAL, LIGHT), mandate), seed=SEED)


def test_a_rule_set_held_alone_is_its_own_backtest(runs: Any) -> None:
    ends = month_ends(runs["default"])
    alone = np.tile([name == "default" for name in runs], (len(ends), 1)).astype(float)
    mixed = mixture(runs, ends, alone).nav
    after = ends[0] + 2  # equal weights until the first fill
    own = runs["default"].nav
    assert np.abs(mixed[after:] / mixed[after] / (own[after:] / own[after]) - 1.0).max() < 1e-12


def test_equal_weights_of_equal_backtests_cost_nothing(runs: Any) -> None:
    same = dict.fromkeys(runs, runs["static"])
    ends = month_ends(runs["static"])
    mixed = mixture(same, ends, np.full((len(ends), len(runs)), 1.0 / len(runs)))
    assert np.abs(mixed.nav / (runs["static"].nav / runs["static"].nav[0]) - 1.0).max() < 1e-12


def test_moving_between_rule_sets_is_paid_for_at_the_close_after_the_month(runs: Any) -> None:
    """From one rule set to another all is sold and bought: twice the value, at the cost."""
    first = runs["static"]
    ends = month_ends(first)
    weights = np.zeros((len(ends), len(runs)))
    weights[:, 0] = 1.0
    weights[5:, 0], weights[5:, 1] = 0.0, 1.0
    fill = int(ends[5]) + 1
    nav = mixture(runs, ends, weights).nav
    cost = first.mandate.strategy.rebalance.cost
    earned = first.nav[fill] / first.nav[fill - 1]
    assert nav[fill] / nav[fill - 1] == pytest.approx(earned * (1.0 - 2.0 * cost), abs=1e-12)


def test_losses_are_fairer_to_the_calm() -> None:
    """Of two with the same mean the one that moves less loses less."""
    returns = np.array([[0.02, 0.06], [0.02, -0.02]])
    calm, wild = losses_of(returns, np.zeros(2), 3.0).sum(axis=0)
    assert calm < wild


def test_the_verdict_is_that_of_equal_weights(found: Any) -> None:
    assert found.verdict == found.gaps["equal"].verdict
    assert found.interval.low <= found.gaps["equal"].cagr <= found.interval.high
    assert set(found.gaps) == {"equal", "default", "static"}


def test_regret_keeps_below_its_bound(found: Any) -> None:
    assert found.learning.experts == EXPERTS
    assert found.learning.regret <= found.learning.bound
    assert len(found.learning.weights) == len(found.learning.months)


def test_weights_of_the_past_do_not_change_with_the_future(runs: Any, found: Any) -> None:
    cut = len(runs["static"].sessions) - 300
    shorter = {
        name: replace(
            run,
            **{
                key: getattr(run, key)[:cut]
                for key in ("sessions", "nav", "cash", "proxy", "turnover", "cost")
            },
        )
        for name, run in runs.items()
    }
    before = feedback(shorter, found.digest, seed=SEED).learning
    assert (before.weights == found.learning.weights[: len(before.weights)]).all()
    assert before.months == found.learning.months[: len(before.months)]


def test_every_rule_set_and_the_mix_count_as_trials(found: Any, runs: Any) -> None:
    trials = as_trials(found, runs, "data")
    assert len({trial.key for trial in trials}) == len(runs) + 1
    assert trials[0].strategy == "managed+feedback"


def test_the_published_rule_sets_are_those_that_are_measured() -> None:
    """The page names each profile's set: what it says was not measured on another one."""
    page = (assets.root() / "docs" / "evidence.md").read_text("utf-8")
    for name in ("managed", "managed-us"):
        strategy = api.load_strategy(name)
        experts = experts_of(strategy, LITERAL, LIGHT)
        for profile in strategy.profiles:
            assert digest_of(experts, api.mandate(strategy, profile))[:12] in page


def test_a_changed_rule_set_has_another_name(mandate: Any) -> None:
    experts = experts_of(MANAGED, LITERAL, LIGHT)
    other = experts | {"trend only": experts["trend only"].replace("overlay.trend.sessions", 210)}
    assert digest_of(experts, mandate) != digest_of(other, mandate)


def test_a_strategy_that_cuts_nothing_has_nothing_to_learn() -> None:
    with pytest.raises(UsageError, match="one rule set"):
        experts_of(api.load_strategy("static"), LITERAL, LIGHT)


def test_a_span_without_a_whole_month_is_refused(sample: Any, mandate: Any) -> None:
    history = api.history(MANAGED, sample.as_of("2012-12-14"))
    days = Span(history.day(len(history) - 8))
    short = runs_of(experts_of(MANAGED, LITERAL, LIGHT), mandate, history, days)
    with pytest.raises(ShortHistory, match="whole month"):
        feedback(short, "x", seed=SEED)


@pytest.mark.parametrize(("lang", "off"), [("en", "Feedback is off"), ("ko", "미사용")])
def test_the_command_says_that_nothing_depends_on_it(tmp_path: Path, lang: str, off: str) -> None:
    words = ["managed", "--profile", "growth", "--to", "2006-12-28", "--lang", lang]
    words += ["--trials", str(tmp_path / "t.sqlite")]
    shown = CliRunner().invoke(command, words, catch_exceptions=False).output
    assert off in shown
    told = json.loads(CliRunner().invoke(command, [*words, "--json"]).stdout)
    assert told["schema"] == "jeoul.feedback/1"
    assert (told["active"], told["simulated"]) == (False, True)
    profile = told["profiles"][0]
    assert profile["trials"] == len(EXPERTS) + 1
    assert profile["verdict"] in {"helped", "no evidence", "hurt"}
    assert sum(profile["months"][-1]["weights"].values()) == pytest.approx(1.0)
