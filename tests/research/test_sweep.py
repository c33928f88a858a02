"""A sweep gives the same answers everywhere and loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import prepare, simulated
from jeoul.cli.executors import executor_of
from jeoul.cli.worker import run_chunk
from jeoul.errors import DataError, UsageError
from jeoul.executing import Here
from jeoul.research.grid import changed, label, parse_grid, variants
from jeoul.research.ledger import TrialCount, TrialLedger
from jeoul.research.measure import MeasuredVariant, VariantFigures, figures_of
from jeoul.research.neighbourhood import neighbourhood, page
from jeoul.research.store import Results
from jeoul.research.sweep import Chunk, SweepStopped, chunks, left, sweep
from jeoul.research.walk_choice import judge_choice, sharpe_ratios

GRID = parse_grid(["overlay.vix.scale=0.3,0.6,0.9", "overlay.vix.exit.at=20,22,35"])


@pytest.fixture(scope="module")
def about(study: Any) -> Any:
    history = study.history
    return Chunk(
        strategy=study.strategy.model_dump_json(by_alias=True),
        profile="balanced",
        account="general",
        folder=None,
        as_of=history.day(len(history) - 1).isoformat(),
        start="2010-01-04",
        end=None,
        digest=study.digest,
        variants=(),
    )


def swept(folder: Path, about: Any, executor: Any, size: int = 2, work: Any = run_chunk) -> Any:
    results = Results(folder / "sweep.sqlite", list(GRID), {"data": about.digest})
    ledger = TrialLedger(folder / "trials.sqlite")
    sweep(chunks(about, left(GRID, results), size), work, executor, results, ledger)
    return results, ledger


def spawned(workers: Any = 2) -> Any:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, about: Any) -> Any:
    return swept(tmp_path_factory.mktemp("here"), about, Here)


def test_each_variant_is_the_backtest_of_the_changed_strategy(here: Any, study: Any) -> None:
    rows = {label(row.values): row for row in here[0].rows()}
    assert set(rows) == {label(values) for values in variants(GRID)}
    values = {"overlay.vix.scale": 0.6, "overlay.vix.exit.at": 22}
    run = simulated(
        prepare(study.mandate(changed(study.strategy, values)), study.history),
        start=api.backtest.__kwdefaults__["start"] or study.history.day(0).replace(2010, 1, 4),  # type: ignore[index]
    )
    own = figures_of(run)
    for name, value in rows[label(values)].figures.items():
        assert value == pytest.approx(getattr(own, name), rel=1e-12)


def test_what_the_rules_refuse_is_an_answer(here: Any) -> None:
    refused = [row for row in here[0].rows() if row.refused]
    assert {row.values["overlay.vix.exit.at"] for row in refused} == {35}
    assert len(refused) == 3
    assert "exit" in refused[0].refused
    assert here[1].tried().trials == 6  # what was never run is no trial


def test_the_results_can_be_queried(here: Any) -> None:
    connection = sqlite3.connect(here[0].path)
    found = connection.execute(
        "select avg(sharpe) from results where \"overlay.vix.scale\" = 0.3 and refused = ''"
    ).fetchone()[0]
    connection.close()
    own = [r.figures["sharpe"] for r in here[0].rows() if r.values["overlay.vix.scale"] == 0.3]
    assert found == pytest.approx(sum(v for v in own if v is not None) / 2)


def interrupted(chunk: Any) -> Any:
    if any(values["overlay.vix.scale"] == 0.9 for values in chunk.variants):
        raise KeyboardInterrupt
    return run_chunk(chunk)


def test_a_stopped_sweep_goes_on_where_it_stopped(tmp_path: Path, about: Any, here: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path, about, Here, size=1, work=interrupted)
    part = Results(tmp_path / "sweep.sqlite", list(GRID), {"data": about.digest})
    assert len(part.done()) == 6
    assert len(left(GRID, part)) == 3
    whole, ledger = swept(tmp_path, about, Here)
    assert whole.rows() == here[0].rows()
    assert ledger.tried() == here[1].tried()


def killed_once(chunk: Any) -> Any:
    """Kill this worker, for real, the first time a chunk with scale 0.6 comes along."""
    mark = Path(os.environ["JEOUL_TEST_MARK"])
    if any(values["overlay.vix.scale"] == 0.6 for values in chunk.variants) and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(chunk)


@pytest.mark.posix
def test_a_killed_worker_loses_nothing(
    tmp_path: Path, about: Any, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Workers import their tasks by name: this file has none, so it lends itself a name.
    (tmp_path / "lent_tasks.py").write_text(
        "import os, signal\nfrom pathlib import Path\nfrom typing import Any\n"
        "from jeoul.cli.worker import run_chunk\n" + _source(killed_once)
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("JEOUL_TEST_MARK", str(tmp_path / "killed"))
    import lent_tasks  # type: ignore[import-not-found]

    results, ledger = swept(tmp_path, about, spawned, work=lent_tasks.killed_once)
    assert (tmp_path / "killed").exists()
    assert results.rows() == here[0].rows()
    assert ledger.tried().trials == here[1].tried().trials


def _source(function: Any) -> Any:
    import inspect

    return inspect.getsource(function)


class Broken(Here):
    """A pool whose worker always dies."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        future = Future()  # type: ignore[var-annotated]
        future.set_exception(BrokenExecutor("a worker died"))
        return future


def test_a_chunk_that_always_kills_its_worker_stops_the_sweep(tmp_path: Path, about: Any) -> None:
    with pytest.raises(SweepStopped, match="3 times"):
        swept(tmp_path, about, Broken)


class CancelledOnce(Here):
    """A pool that cancels its first task, as Dask does when it loses a worker."""

    lost = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        if CancelledOnce.lost:
            return super().submit(fn, *args, **kwargs)
        CancelledOnce.lost += 1
        future = Future()  # type: ignore[var-annotated]
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_a_cancelled_chunk_runs_again(tmp_path: Path, about: Any, here: Any) -> None:
    results, _ = swept(tmp_path, about, CancelledOnce)
    assert CancelledOnce.lost == 1
    assert results.rows() == here[0].rows()


class Together(Here):
    """A pool of three: the first task is done when the third is sent, the others a while later."""

    def __init__(self) -> None:
        self.held = []  # type: ignore[var-annotated]

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        future = Future()  # type: ignore[var-annotated]
        self.held.append((future, super().submit(fn, *args, **kwargs)))
        if len(self.held) == 3:
            self.settle(1)
            Timer(0.3, self.settle, [2]).start()
        return future

    def settle(self, count: Any) -> None:
        for _ in range(count):
            future, done = self.held.pop(0)
            fault = done.exception()
            if fault is None:
                future.set_result(done.result())
            else:
                future.set_exception(fault)


def failing(chunk: Any) -> Any:
    if any(values["overlay.vix.scale"] == 0.3 for values in chunk.variants):
        raise ZeroDivisionError(label(chunk.variants[0]))
    return run_chunk(chunk)


def test_a_fault_stops_the_sweep_but_not_what_was_on_its_way(tmp_path: Path, about: Any) -> None:
    """Three chunks of two: the first two hold a variant that fails, the third is kept."""
    with pytest.raises(ZeroDivisionError):
        swept(tmp_path, about, Together, size=2, work=failing)
    assert len(Results(tmp_path / "sweep.sqlite", list(GRID), {"data": about.digest}).done()) == 2


def test_no_chunk_is_begun_after_a_fault(tmp_path: Path, about: Any) -> None:
    begun = []

    def noted(chunk: Any) -> Any:
        begun.append(chunk)
        return failing(chunk)

    with pytest.raises(ZeroDivisionError):
        swept(tmp_path, about, Here, size=1, work=noted)
    assert len(begun) == 1


def test_a_worker_with_other_data_refuses(tmp_path: Path, about: Any) -> None:
    from dataclasses import replace

    with pytest.raises(DataError, match="not the one"):
        swept(tmp_path, replace(about, digest="0" * 64), Here)


def test_a_results_file_belongs_to_one_sweep(here: Any, about: Any) -> None:
    with pytest.raises(UsageError, match="another sweep"):
        Results(here[0].path, ["rebalance.band"], {"data": about.digest})


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_answers(tmp_path: Path, about: Any, here: Any) -> None:
    import distributed

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        results, _ = swept(tmp_path, about, executor_of(cluster.scheduler_address))
    assert results.rows() == here[0].rows()


def test_executors_have_names() -> None:
    assert type(executor_of("here")()) is Here
    for wrong in ("dask", "processes:0", "processes:x", "udp://1.2.3.4:5"):
        with pytest.raises(UsageError, match="is not an executor"):
            executor_of(wrong)


@pytest.mark.parametrize("texts", [["overlay.vix.scale"], ["a=1", "a=2"], ["a=1,1"], ["a=[1"], []])
def test_a_grid_that_is_none_is_refused(texts: Any) -> None:
    with pytest.raises(UsageError):
        parse_grid(texts)


def test_unknown_keys_are_refused(study: Any) -> None:
    with pytest.raises(UsageError, match="unknown key 'vixx'"):
        changed(study.strategy, {"overlay.vixx.scale": 0.5})
    with pytest.raises(UsageError, match="scale"):
        changed(study.strategy, {"overlay.vix.scalee": 0.5})


def test_the_map_shows_the_best_beside_its_neighbours(here: Any, study: Any) -> None:
    values, excess = here[0].excess()
    sharpes = sharpe_ratios(excess, study.history.sessions_per_year)
    found = neighbourhood(values, sharpes)
    best = max(r.figures["sharpe"] for r in here[0].rows() if not r.refused)
    assert max(one.best for one in found) == pytest.approx(best, rel=1e-5)
    best = sharpes.max()
    own = [one for one in found if one.key == "overlay.vix.scale"]
    assert [one.value for one in own] == [0.3, 0.6, 0.9]
    assert max(one.beside for one in own) == best  # type: ignore[type-var]
    assert all(one.worst <= one.median <= one.best for one in found)
    html = page(found, "<managed>", "en")
    assert "&lt;managed&gt;" in html
    assert html.count("<svg") == 2


def test_variants_are_judged_on_the_sessions_that_they_share(tmp_path: Path) -> None:
    """The first was invested 40 sessions before the others, and was good in these alone."""
    noise = np.random.default_rng(0).normal(0.0, 0.01, (100, 3)).astype(np.float32)
    noise -= noise.mean(axis=0)
    noise[:, 2] += 0.005
    lucky = np.concatenate([0.02 + 0.001 * noise[:40, 1], noise[:, 0]])
    results = Results(tmp_path / "s.sqlite", ["n"], {})
    series = (lucky, noise[:, 1], noise[:, 2])
    results.add(
        MeasuredVariant(label({"n": n}), None, None, "", own) for n, own in enumerate(series)
    )
    values, excess = results.excess()
    assert [one["n"] for one in values] == [0, 1, 2]
    np.testing.assert_array_equal(excess, noise)
    judged = judge_choice(values, excess, TrialCount(3, 0.0), 250.0)
    assert judged["best"] == {"n": 2}
    assert judged["overfitting"] < 0.5
    found = neighbourhood(values, sharpe_ratios(excess, 250.0))
    assert max(found, key=lambda one: one.best).value == 2
    assert max(one.best for one in found) == judged["sharpe"]


def test_a_results_file_of_before_a_figure_existed_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Results(path, ["n"], {})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("alter table results drop column total_return")
    again = Results(path, ["n"], {})
    figures = VariantFigures(0.5, float("nan"), 0.1, -0.2, float("nan"), float("nan"), 0.03)
    again.add([MeasuredVariant(label({"n": 1}), figures, None)])
    (row,) = Results(path, ["n"], {}).rows()
    assert row.figures["total_return"] == 0.03
    assert row.figures["cagr"] is None  # of a span shorter than a year
