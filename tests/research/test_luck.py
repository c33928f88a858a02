"""The tests of many rules: against other packages, on rules that are good, and on nothing."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from arch.bootstrap import SPA, StepM, optimal_block_length
from scipy import stats

from jeoul import assets
from jeoul.errors import UsageError
from jeoul.research.blocks import chosen_block, dependence, stretch, student_quantile
from jeoul.research.cpcv import cross_validated, splits
from jeoul.research.luck import cross_validation, luck_document, sweep_luck
from jeoul.research.statistics import moments
from jeoul.research.superior import charged, sharpe_scores, superior

DOCS = assets.root() / "docs"


def series(seed: int, rows: int = 600, rules: int = 6, persistence: float = 0.3) -> Any:
    found = np.random.default_rng(seed).standard_t(5, (rows, rules))
    for row in range(1, rows):
        found[row] += persistence * found[row - 1]
    return found


@pytest.fixture(scope="module")
def nulls() -> ModuleType:
    """The script that measures the tests, as it lies beside the pages."""
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("make_nulls", DOCS / "make_nulls.py")
        assert spec is not None
        assert spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(DOCS))
    return found


@pytest.mark.parametrize("persistence", [-0.3, 0.2, 0.6, 0.9])
def test_blocks_are_those_of_arch(persistence: float) -> None:
    own = series(3, 800, 1, persistence)
    assert chosen_block(own) == pytest.approx(
        float(optimal_block_length(own[:, 0]).stationary.iloc[0]), rel=1e-9
    )


def test_the_quantile_of_few_blocks_is_students() -> None:
    for freedom in (4, 10, 50):
        assert student_quantile(stats.norm.ppf(0.95), freedom) == pytest.approx(
            stats.t.ppf(0.95, freedom), rel=1e-3
        )
    assert stretch(10**9, 1.0) == pytest.approx(1.0, abs=1e-6)
    assert stretch(100, 99.0) == stretch(100, 25.0)  # a history is at least four blocks


@pytest.mark.parametrize("drift", [0.0, 0.12])
def test_p_values_are_those_of_arch(drift: float) -> None:
    """Arch does not widen for few blocks; in 3,000 rows of short blocks that is nothing."""
    own = series(5, 3000) + np.array([drift, 0.0, 0.0, 0.0, -0.3, 0.05])
    found = superior(own, seed=1, block=6.0)
    theirs = SPA(np.zeros(len(own)), -own, block_size=6, reps=1000, seed=2)
    theirs.compute()
    ps = theirs.pvalues
    assert found.spa_lower == pytest.approx(ps["lower"], abs=0.04)
    assert found.spa == pytest.approx(ps["consistent"], abs=0.04)
    assert found.spa_upper == pytest.approx(ps["upper"], abs=0.04)


def test_the_step_down_finds_the_rules_that_arch_finds() -> None:
    own = series(8, 1500) + np.array([0.25, 0.0, 0.2, 0.0, -0.3, 0.0])
    found = superior(own, seed=1, block=5.0)
    theirs = StepM(np.zeros(len(own)), -own, size=0.05, block_size=5, reps=1000, seed=2)
    theirs.compute()
    better = {rule for rule, p in enumerate(found.adjusted) if p <= 0.05}
    assert better == set(theirs.superior_models) == {0, 2}
    assert found.best == 0


def test_a_rule_that_is_the_benchmark_is_not_tested() -> None:
    own = series(2)
    own[:, 3] = 0.0
    found = superior(own, seed=1)
    assert found.tested == 5
    assert found.adjusted[3] == 1.0
    with pytest.raises(UsageError, match="cannot be tested"):
        superior(np.zeros((100, 2)), seed=1)
    with pytest.raises(UsageError, match="at least 20 returns"):
        superior(own[:19], seed=1)


def test_a_bad_rule_does_not_hide_a_good_one() -> None:
    """The reality check loses power to a wild useless rule; the studentised test does not."""
    own = series(4, 800, 2) + np.array([0.2, 0.0])
    own[:, 1] *= 40.0
    own[:, 1] -= own[:, 1].mean()
    found = superior(own, seed=1)
    assert found.spa < 0.05 < found.reality


def test_trials_are_charged() -> None:
    assert charged(0.02, 10, 5) == 0.02
    assert charged(0.02, 10, 1000) == pytest.approx(1.0 - 0.98**100)
    found = [luck_document(series(6), list("abcdef"), trials) for trials in (6, 60)]
    assert found[0]["spa"] == found[0]["spa_all_trials"] < found[1]["spa_all_trials"]
    assert found[0]["verdict"] == "chance"


def test_scores_have_the_sharpe_ratio_as_their_mean_and_its_error() -> None:
    own = np.random.default_rng(3).normal(0.1, 1.0, (5000, 200))
    scores = sharpe_scores(own)
    assert scores.mean(axis=0) == pytest.approx(own.mean(axis=0) / own.std(axis=0))
    # Over 200 histories the ratio scatters as the scores of any one of them say.
    said = scores[:, 0].std() / np.sqrt(5000)
    assert (own.mean(axis=0) / own.std(axis=0)).std() == pytest.approx(said, rel=0.15)


def test_why_there_is_no_test_is_said() -> None:
    assert luck_document(np.zeros((0, 0)), [], 3)["unknown"] == "none"
    assert luck_document(np.zeros((100, 2)), ["a", "b"], 3)["unknown"] == "same"
    assert luck_document(np.ones((10, 2)), ["a", "b"], 3)["unknown"] == "short"


def test_dependence_is_that_of_an_autoregression() -> None:
    assert np.mean([dependence(series(s, 2000, 1, 0.3)[:, 0]) for s in range(20)]) == pytest.approx(
        1.3 / 0.7, rel=0.08
    )
    assert moments(series(1, 2000, 1, 0.3)[:, 0]).dependence > 1.5


def test_splits_are_the_ones_of_a_loop_over_rows() -> None:
    """A row stays if it is further than the gap from every row left out."""
    for split in splits(103, 6, 2, purge=3, embargo=2):
        bounds = np.cumsum([0, 18, 17, 17, 17, 17, 17])
        out = [range(bounds[group], bounds[group + 1]) for group in split.groups]
        left = [
            row
            for row in range(103)
            if all(row < own[0] - 3 or row > own[-1] + 3 + 2 for own in out)
        ]
        assert split.train.tolist() == left


def test_every_path_is_whole_and_out_of_sample() -> None:
    rows, variants = 400, 7
    own = np.arange(rows * variants, dtype=float).reshape(rows, variants) % 13.0
    found = cross_validated(own, groups=8, tested=3, purge=4, embargo=0)
    assert found.paths.shape == (21, rows)
    assert len(found.chosen) == 56
    bounds, seen = np.linspace(0, rows, 9).astype(int), np.zeros(8, dtype=int)
    for split, best in zip(splits(rows, 8, 3, 4, 0), found.chosen, strict=True):
        for group in split.groups:
            cut = slice(bounds[group], bounds[group + 1])
            assert found.paths[seen[group], cut].tolist() == own[cut, best].tolist()
            seen[group] += 1
    assert set(seen) == {21}


def test_a_variant_that_is_truly_better_is_chosen_everywhere() -> None:
    own = series(1, 1200, 5, 0.0)
    own[:, 2] += 0.5
    assert set(cross_validated(own).chosen.tolist()) == {2}
    said = cross_validation(own, own[:, 0], 250.0)
    assert said is not None
    assert said["below"] == 0.0
    assert sweep_luck(own, own[:, 0], list("abcde"), 6)["best"] == "c"
    assert cross_validation(own[:500], own[:500, 0], 250.0) is None


@pytest.fixture
def result(nulls: Any) -> Any:
    """The last full run of the script."""
    if not nulls.RESULT.is_file():
        pytest.skip("no full run yet: python docs/make_nulls.py")
    return json.loads(nulls.RESULT.read_text("utf-8"))


def test_the_page_is_of_these_sources(nulls: Any, result: Any) -> None:
    assert result["simulations"] == 2000
    assert result["sources"] == nulls.sources(), "run python docs/make_nulls.py"
    page = Path(nulls.PAGE).read_text("utf-8")
    assert nulls.table(result["settings"], "test") in page
    assert nulls.table(result["settings"], "interval") in page


def test_every_test_and_interval_keeps_its_band(nulls: Any, result: Any) -> None:
    settings = result["settings"]
    missed = {
        (row.setting, row.key)
        for row in nulls.ROWS
        if not nulls.BAND[row.kind][0] <= settings[row.setting][row.key] <= nulls.BAND[row.kind][1]
    }
    assert missed == {("ratios", "deflated"), ("ratios-white", "deflated")}


@pytest.mark.slow
def test_fewer_simulations_say_the_same(nulls: Any, result: Any) -> None:
    """Within four standard errors of 100 runs of what 2,000 said."""
    settings = result["settings"]
    for name in ("rules-250", "months", "falls"):
        for key, total in nulls.simulate(name, 0, 100).items():
            said = settings[name][key]
            assert total / 100 == pytest.approx(said, abs=4 * np.sqrt(said * (1 - said) / 100))
