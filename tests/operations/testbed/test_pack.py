"""An audit pack is whole, the same every time, and holds no secret."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
from collections.abc import Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bench import DAY, NEXT, Bench
from click.testing import CliRunner
from harness import proposal, sessions

from jeoul import api
from jeoul.cli.audit import audit
from jeoul.errors import DataError, UsageError
from jeoul.model.quarter import Quarter, quarter_of
from jeoul.operations.testbed.account import last_session
from jeoul.operations.testbed.sheets import sheet

QUARTER = f"{DAY.year}Q{(DAY.month + 2) // 3}"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A paper account of ten sessions; `jeoul audit` only reads it."""
    found = Bench(tmp_path_factory.mktemp("bench"))
    for day in sessions(10):
        found.run(day)
    return found


def made(bench: Bench, out: Path, *words: str) -> Any:
    command = [str(bench.folder / "config.toml"), "--quarter", QUARTER, "--out", str(out), *words]
    found = CliRunner().invoke(audit, command, standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def files(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def table(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8"))))


def test_the_same_ledger_gives_the_same_bytes_and_is_not_written_to(
    bench: Bench, tmp_path: Path
) -> None:
    with closing(bench.ledger()) as ledger:
        before = ledger.head()
    made(bench, tmp_path / "one")
    made(bench, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    with closing(bench.ledger()) as ledger:
        assert ledger.head() == before


def test_what_happens_after_the_quarter_changes_the_head_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.folder.mkdir()
    days = sessions(24)
    last = [day for day in days if f"{day.year}Q{(day.month + 2) // 3}" == QUARTER][-1]
    bench.plans[last] = proposal(last, {"069500": 0.5, "114260": 0.3}, due=True)
    for day in days[:2] + days[days.index(last) - 1 : days.index(last) + 1]:
        bench.run(day)  # the orders of the last one are filled in the next quarter
    made(bench, tmp_path / "before")
    for day in days[days.index(last) + 1 :]:
        bench.run(day)
    made(bench, tmp_path / "after")
    before, after = files(tmp_path / "before"), files(tmp_path / "after")
    assert {name for name in before if before[name] != after[name]} == {"ledger.json", "SHA256SUMS"}
    decided = table(tmp_path / "after", "runs.csv")[-1]
    assert (decided["session"], int(decided["orders"]) > 0) == (str(last), True)
    assert {row["run"] for row in table(tmp_path / "after", "rebalancing.csv")}.isdisjoint(
        {decided["run"]}
    )


def test_the_hashes_are_those_of_every_other_file(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    found = files(tmp_path / "pack")
    lines = [line.split("  ", 1) for line in found["SHA256SUMS"].decode().splitlines()]
    listed = {name: digest for digest, name in lines}
    others = {name: content for name, content in found.items() if name != "SHA256SUMS"}
    assert listed == {name: hashlib.sha256(text).hexdigest() for name, text in others.items()}


def test_the_standard_library_checks_it_with_the_line_of_the_readme(
    bench: Bench, tmp_path: Path
) -> None:
    made(bench, tmp_path / "pack")
    (line,) = (
        line.strip()
        for line in (tmp_path / "pack" / "README.txt").read_text("utf-8").splitlines()
        if "python3 -c" in line
    )

    def checked() -> str:
        found = subprocess.run(
            line, shell=True, cwd=tmp_path / "pack", capture_output=True, text=True, check=True
        )
        return found.stdout

    assert "False" not in checked()
    assert checked().count("True") == len(files(tmp_path / "pack")) - 1
    place = tmp_path / "pack" / "daily.csv"
    place.write_bytes(place.read_bytes().replace(b"0", b"1", 1))
    assert "daily.csv False" in checked()


def test_the_daily_value_is_that_of_the_books_at_the_closes(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    daily = [row for row in table(tmp_path / "pack", "daily.csv") if row["scope"] == "account"]
    assert [daily[0]["session"], daily[0]["value"], daily[0]["paid_in"]] == [
        str(DAY), "50000000", "50000000",
    ]  # fmt: skip
    ordered = table(tmp_path / "pack", "rebalancing.csv")
    assert sum(int(row["fee"]) for row in ordered) == sum(int(row["fees"]) for row in daily)
    unit = [float(row["unit"]) for row in daily]
    value = [int(row["value"]) for row in daily]
    assert unit == pytest.approx([each / 50_000_000 for each in value])  # nothing else came in
    grown = [float(row["return"]) for row in daily]
    assert grown[1:] == pytest.approx([b / a - 1.0 for a, b in pairwise(unit)])


def test_every_row_of_the_pack_has_the_cells_of_its_header(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    for name in ("daily.csv", "rebalancing.csv"):
        header, *rows = csv.reader(io.StringIO((tmp_path / "pack" / name).read_text("utf-8")))
        assert rows
        assert {len(row) for row in rows} == {len(header)}


def test_every_order_and_session_of_the_quarter_is_there(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    ordered = table(tmp_path / "pack", "rebalancing.csv")
    with closing(bench.ledger()) as ledger:
        assert len(ordered) == len(ledger.rows("SELECT 1 FROM intents"))
    runs = table(tmp_path / "pack", "runs.csv")
    assert [row["session"] for row in runs] == [str(day) for day in sessions(10)]
    assert float(runs[0]["gap_after"]) < 0.02 < float(runs[0]["gap_before"])
    looked = {row["session"]: row["status"] for row in table(tmp_path / "pack", "sessions.csv")}
    assert [looked[str(day)] for day in sessions(10)] == ["decided"] * 10
    assert set(looked.values()) == {"decided", "missing"}  # nobody ran it to the quarter's end


def test_figures_are_of_the_ledger_and_of_a_backtest_before_it(
    bench: Bench, tmp_path: Path
) -> None:
    made(bench, tmp_path / "pack")
    found = {(row["scope"], row["span"]): row for row in table(tmp_path / "pack", "figures.csv")}
    assert set(found) == {
        ("account", "quarter"), ("account", "since_start"),
        ("profile", "quarter"), ("profile", "since_start"), ("rules", "before"),
    }  # fmt: skip
    before = found["rules", "before"]
    assert before["source"] == "backtest"
    assert before["to"] == str(DAY)
    assert int(before["sessions"]) > 2_000
    own = found["account", "quarter"]
    assert own["return"] == found["profile", "quarter"]["return"]  # it is its only account
    for name in ("deviation", "market_beta", "information_ratio", "tracking_error"):
        assert float(own[f"{name}_error"]) > 0.0, name


def test_it_says_that_the_market_is_simulated(bench: Bench, tmp_path: Path) -> None:
    said = made(bench, tmp_path / "pack", "--lang", "en")
    assert said.startswith("Simulated data")
    assert "The market is simulated" in (tmp_path / "pack" / "README.txt").read_text("utf-8")
    assert json.loads((tmp_path / "pack" / "pack.json").read_text("utf-8"))["simulated"] is True


def test_a_secret_that_reached_the_ledger_is_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path / "home")
    bench.folder.mkdir()
    bench.tables += '\n[notify]\nurls = "JEOUL_NOTIFY"'
    monkeypatch.setenv("JEOUL_NOTIFY", "mailto://planted:hush@example.invalid")
    bench.run()
    with closing(bench.ledger()) as ledger, ledger.transaction():
        (first, *_) = ledger.rows("SELECT intent FROM intents")
        ledger.append(
            "order_events", ledger.head().at, intent=first["intent"], state="closed",
            order_id=None, detail='{"why": "to MAILTO://planted:hush@example.invalid"}',
        )  # fmt: skip
    with pytest.raises(DataError, match=r"order-events\.csv: would contain a secret"):
        made(bench, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_nothing_in_it_names_a_place_on_this_machine(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    for name, content in files(tmp_path / "pack").items():
        assert str(bench.folder).encode() not in content, name


@pytest.mark.posix
def test_only_its_owner_may_read_it(bench: Bench, tmp_path: Path) -> None:
    made(bench, tmp_path / "pack")
    for path in (tmp_path / "pack", *(tmp_path / "pack").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_folder_with_something_in_it_is_left_alone(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        made(bench, tmp_path / "pack")
    assert list(files(tmp_path / "pack")) == ["mine.txt"]


@pytest.mark.parametrize(
    ("quarter", "error"),
    [
        ("2024-Q2", "is not a quarter; write it as 2024Q2"),
        ("2024Q5", "is not a quarter"),
        ("2019Q1", "no account of .* has a decision up to the end of 2019Q1"),
    ],
)
def test_another_quarter_is_refused(bench: Bench, tmp_path: Path, quarter: str, error: str) -> None:
    words = [str(bench.folder / "config.toml"), "--quarter", quarter, "--out", str(tmp_path / "p")]
    found = CliRunner().invoke(audit, words, standalone_mode=False)
    assert isinstance(found.exception, UsageError)
    with pytest.raises(UsageError, match=error):
        raise found.exception


def test_a_quarter_that_the_data_do_not_cover_is_refused(bench: Bench, tmp_path: Path) -> None:
    words = [str(bench.folder / "config.toml"), "--quarter", "2026Q3", "--out", str(tmp_path / "p")]
    found = CliRunner().invoke(audit, words, standalone_mode=False)
    assert isinstance(found.exception, DataError)
    assert "before the end of 2026Q3" in str(found.exception)


def test_a_quarter_beyond_the_calendar_is_not_the_last_one_that_it_has() -> None:
    calendar = api.calendars()["XKRX"]
    last = calendar.label(len(calendar) - 1)
    there: Any = SimpleNamespace(last_session=lambda _: last)
    assert last_session(there, calendar, quarter_of(last)) == last
    with pytest.raises(DataError, match=r"before the end of 2099Q1 \(2099-03-31\)"):
        last_session(there, calendar, Quarter(2099, 1))


def test_a_text_that_a_spreadsheet_would_compute_stays_a_text() -> None:
    assert sheet(["a"], [["=1+1"], ["+x"], ["@x"], [-1.5]]) == b"a\n'=1+1\n'+x\n'@x\n-1.5\n"


def test_a_stopped_session_is_told_with_its_reason(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "home")
    bench.folder.mkdir()
    bench.run()
    (bench.folder / "state" / "STOP").touch()
    bench.run(NEXT)
    made(bench, tmp_path / "pack")
    looked = {row["session"]: row for row in table(tmp_path / "pack", "sessions.csv")}
    assert looked[str(NEXT)]["status"] == "stopped"
    assert "kill switch" in looked[str(NEXT)]["detail"]
