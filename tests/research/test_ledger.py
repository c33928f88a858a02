"""The trial ledger only grows, and counts what is different, not what is named differently."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.errors import DataError
from jeoul.research.database import transaction
from jeoul.research.judgement import judge
from jeoul.research.ledger import Trial, TrialLedger, trial_key
from jeoul.research.store import Results


def trial(key: Any, sharpe: Any = 0.03) -> Any:
    return Trial(
        key, "managed", "balanced", "general", date(2001, 1, 2), date(2020, 1, 2), 9, sharpe
    )


def test_the_same_trial_keeps_its_number(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path / "trials.sqlite")
    assert ledger.record([trial("a"), trial("b")]) == [1, 2]
    assert TrialLedger(tmp_path / "trials.sqlite").record([trial("b"), trial("c"), trial("a")]) == [
        2,
        3,
        1,
    ]
    assert ledger.tried().trials == 3


def test_variance_is_that_of_the_ratios_there_are(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path / "trials.sqlite")
    ledger.record([trial("a", 0.02)])
    assert ledger.tried().variance == 0.0
    ledger.record([trial("b", 0.04), trial("c", None)])
    assert ledger.tried() == (ledger.tried().__class__)(3, pytest.approx(0.0002))  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["delete from trials", "update trials set sharpe = 0"])
def test_what_was_tried_cannot_be_untried(tmp_path: Path, statement: str) -> None:
    TrialLedger(tmp_path / "t.sqlite").record([trial("a")])
    connection = sqlite3.connect(tmp_path / "t.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="only grows"):
        connection.execute(statement)
    connection.close()


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    TrialLedger(path)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda i: TrialLedger(path).record([trial(str(i))])[0], range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.sqlite").write_text("date,close\n" * 100)
    with pytest.raises(DataError, match="trial ledger"):
        TrialLedger(tmp_path / "t.sqlite")


FILES = (
    (TrialLedger, "as a trial ledger", "--trials"),
    (lambda path: Results(path, ["n"], {}), "for results", "--out"),
)


@pytest.mark.parametrize(("opened", "use", "option"), FILES)
@pytest.mark.parametrize("fault", ["no folder", "a folder", "under a file", "no database"])
def test_a_file_that_cannot_be_used_is_refused_with_a_remedy(
    tmp_path: Path, opened: Any, use: str, option: str, fault: str
) -> None:
    (tmp_path / "notes.csv").write_text("date,close\n" * 100)
    path = {
        "no folder": Path("/proc/nowhere/t.sqlite"),
        "a folder": tmp_path,
        "under a file": tmp_path / "notes.csv" / "t.sqlite",
        "no database": tmp_path / "notes.csv",
    }[fault]
    if fault == "no folder" and not Path("/proc").exists():
        pytest.skip("this platform has no folder that nobody may write to")
    with pytest.raises(DataError) as refused:
        opened(path)
    (problem,) = refused.value.problems
    assert problem.file == str(path)
    assert f"cannot be used {use}" in problem.message
    assert f"another file with {option}" in problem.remedy  # type: ignore[operator]


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    def noted(texts: Any) -> Any:
        """Write texts into a database with room for three pages; return how many there are."""
        with transaction(tmp_path / "t.sqlite", "for results", "--out") as connection:
            connection.execute("pragma max_page_count = 3")
            connection.execute("create table if not exists notes (text text)")
            connection.executemany("insert into notes values (?)", [(text,) for text in texts])
            return connection.execute("select count(*) from notes").fetchone()[0]

    assert noted(["x"]) == 1
    with pytest.raises(DataError, match=r"disk is full.*the disk has room"):
        noted(["x" * 3000] * 9)
    assert noted([]) == 1


def test_a_ledger_that_can_no_longer_be_written_is_refused(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path / "t.sqlite")
    connection = sqlite3.connect(ledger.path)
    connection.execute("drop table trials")
    connection.close()
    with pytest.raises(DataError, match="no such table"):
        ledger.record([trial("a")])
    with pytest.raises(DataError, match="no such table"):
        ledger.tried()


@pytest.mark.parametrize(
    ("key", "value"),
    [("title", {"ko": "다른 이름", "en": "Another"}), ("topic", "equity"), ("evidence", None)],
)
def test_what_is_told_beside_a_watched_latch_makes_no_new_trial(key: str, value: Any) -> None:
    strategy = api.load_strategy("managed")

    def numbered(changed: Any) -> Any:
        mandate = api.mandate(changed, "balanced", "general")
        return trial_key(mandate, "data", date(2001, 1, 2), date(2020, 1, 2))

    watch = next(iter(strategy.overlay.watch))
    told = strategy.replace(f"overlay.watch.{watch}.{key}", value)
    assert told != strategy
    assert numbered(told) == numbered(strategy)
    assert numbered(strategy.replace(f"overlay.watch.{watch}.active", True)) != numbered(strategy)


def test_a_name_makes_no_new_trial_but_a_number_does() -> None:
    strategy = api.load_strategy("managed")
    span = ("data", date(2001, 1, 2), date(2020, 1, 2))

    def key(
        changed: Any, profile: Any = "balanced", account: Any = "general", span: Any = span
    ) -> Any:
        return trial_key(api.mandate(changed, profile, account), *span)

    own = key(strategy)
    assert key(strategy.replace("name", "mine")) == own
    assert key(strategy.replace("profiles.growth.risk_aversion", 9.0)) == own  # another profile's
    others = {
        key(strategy.replace("overlay.vix.scale", 0.5)),
        key(strategy, profile="growth"),
        key(strategy, account="irp"),
        key(strategy, span=("other data", *span[1:])),
        key(strategy, span=("data", date(2001, 1, 3), span[2])),
    }
    assert len(others | {own}) == 6


def test_every_new_trial_lowers_what_the_first_is_worth(study: Any, tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path / "t.sqlite")
    alone = judge(study.run, study.digest, ledger)
    assert (alone.trial, alone.trials) == (1, 1)
    assert alone.deflated_sharpe == alone.probabilistic_sharpe
    ledger.record([trial(str(i), 0.001 * i) for i in range(40)])
    among = judge(study.run, study.digest, ledger)
    assert (among.trial, among.trials) == (1, 41)
    assert among.deflated_sharpe < alone.deflated_sharpe
    assert among.track_years == alone.track_years
