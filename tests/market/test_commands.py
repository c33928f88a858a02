"""``jeoul fetch`` and ``jeoul data`` on the sample: what they say, write and return."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from texts import PLAN

from jeoul.cli.data import data
from jeoul.cli.fetch import fetch
from jeoul.errors import AlreadyRunning, DataError
from jeoul.market import open_market
from jeoul.market.cache.store import RawStore

SAMPLE = PLAN.replace('"yahoo"\nsuffix   = ".KS"', '"sample"').replace("2024-", "2020-")
SIGNALS = """
[[series]]
path    = "signals.csv"
what    = "signals"
index   = "date"
[series.columns]
vix = { source = "sample", symbol = "vix", unit = "p", known = { at = "XNYS close" } }
"""


OWN = """
[[prices]]
path     = "own.csv"
what     = "my own"
exchange = "XKRX"
currency = "KRW"
source   = "csv"
tickers  = ["102110"]
symbols  = { "102110" = "mine.csv" }
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def ran(*options: Any, signals: Any = SIGNALS, more: Any = "") -> Any:
        plan = tmp_path / "plan.toml"
        plan.write_text(SAMPLE + signals + more)
        places = ["--store", tmp_path / "store", "--out", tmp_path / "market"]
        arguments = [str(part) for part in (plan, *places, *options)]
        return CliRunner().invoke(fetch, arguments)

    return ran


def test_a_fetch_says_what_came_and_where_it_is(run: Any, tmp_path: Path) -> None:
    result = run("--lang", "en")
    assert result.exit_code == 0
    assert "3 series: 3 requested, 0 already up to date, 0 failed" in result.stdout
    assert "SIMULATED" in result.stdout
    assert (tmp_path / "market" / "manifest.toml").read_text().count("simulated = true") == 1


def test_json_on_stdout_and_nothing_else(run: Any) -> None:
    document = json.loads(run("--json").stdout)
    assert [entry["error"] for entry in document["series"]] == [None] * 3
    assert re.fullmatch("[0-9a-f]{64}", document["snapshot"])
    assert document["serious"] == []


def test_what_could_not_be_fetched_is_named_and_the_rest_is_written(run: Any) -> None:
    result = run("--lang", "en", signals=SIGNALS.replace('"vix"', '"nobody"'))
    assert result.exit_code == 3
    said = "sample nobody: the folder has no such ticker; correct the symbol in the plan"
    assert said in " ".join(result.stdout.split())
    assert "no rows yet: vix" in result.stdout
    assert "market folder" in result.stdout


def test_a_serious_finding_stops_and_says_what_releases_it(run: Any, tmp_path: Path) -> None:
    rows = ["2024-06-26,35000", "2024-06-27,35100", "2024-06-28,3510000"]
    (tmp_path / "mine.csv").write_text("\n".join(["date,close", *rows, ""]))
    result = run("--lang", "en", more=OWN)
    assert result.exit_code == 3
    assert "102110, 2024-06-28: moves from 35,100 to 3,510,000, about 100 times" in result.stdout
    assert "correct the close with [[correct]]" in result.stdout
    correction = (
        '\n[[correct]]\nticker = "102110"\ndate = 2024-06-28\nclose = 35100.0\n'
        'reason = "a typing mistake"\n'
    )
    assert run("--lang", "en", more=OWN + correction).exit_code == 0


def test_a_dividend_on_a_holiday_goes_to_the_next_session(run: Any, tmp_path: Path) -> None:
    rows = ["2024-06-05,35000,", "2024-06-06,,50", "2024-06-07,35100,20"]  # Memorial Day
    (tmp_path / "mine.csv").write_text("\n".join(["date,close,dividend", *rows, ""]))
    assert json.loads(run("--json", more=OWN).stdout)["serious"] == []
    events = (tmp_path / "market" / "events-own.csv").read_text().splitlines()
    assert events[1:] == ["2024-06-07,102110,70,1"]


def test_a_split_on_a_holiday_belongs_to_no_session(run: Any, tmp_path: Path) -> None:
    rows = ["2024-06-05,35000,", "2024-06-06,,2", "2024-06-07,17550,"]
    (tmp_path / "mine.csv").write_text("\n".join(["date,close,split", *rows, ""]))
    serious = json.loads(run("--json", more=OWN).stdout)["serious"]
    assert ("gate.payment_day", "2024-06-06") in {(f["kind"], f["date"]) for f in serious}


def test_a_close_repeated_over_a_long_holiday_is_no_suspension(run: Any, tmp_path: Path) -> None:
    """Chuseok 2025: closed from 10-03 to 10-09, five weekdays."""
    open_days = [f"2025-09-{day}" for day in (22, 23, 24, 25, 26, 29, 30)]
    rows = [f"{day},35000,90000" for day in [*open_days, "2025-10-01", "2025-10-02"]]
    rows += [f"2025-10-{day:02d},35000,0" for day in (3, 6, 7, 8, 9)]
    (tmp_path / "mine.csv").write_text("\n".join(["date,close,volume", *rows, ""]))
    assert json.loads(run("--json", more=OWN).stdout)["serious"] == []
    rows += [f"2025-10-{day},35000,0" for day in (10, 13, 14, 15, 16)]
    (tmp_path / "mine.csv").write_text("\n".join(["date,close,volume", *rows, ""]))
    (found,) = json.loads(run("--json", more=OWN).stdout)["serious"]
    assert (found["kind"], found["date"]) == ("gate.suspended", "2025-10-10")


def test_without_a_key_fred_is_not_asked_and_the_summary_says_how_to_get_one(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    series = """
[[series]]
path  = "rates.csv"
what  = "rates"
index = "date"

[series.columns]
us10y = { source = "fred", symbol = "DGS10", unit = "percent", known = { at = "XNYS close" } }
"""
    result = run("--lang", "en", "--only", "us10y", "--only", "vix", more=series)
    assert result.exit_code == 3
    assert "fred DGS10: needs a key: ask for one at fred.stlouisfed.org" in result.stdout
    assert "fred.stlouisfed.org" in result.stdout


def test_two_fetches_into_one_store_do_not_mix(run: Any, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / "store").mkdir()
    with (tmp_path / "store" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = run()
    assert isinstance(result.exception, AlreadyRunning)
    assert run().exit_code == 0


def test_only_what_is_asked_for(run: Any) -> None:
    document = json.loads(run("--only", "vix", "--json").stdout)
    assert [entry["name"] for entry in document["series"]] == ["vix"]
    assert "069500" in document["missing"]
    assert "GLD" in str(run("--only", "GLD").exception)


def test_a_snapshot_is_restored(run: Any, tmp_path: Path) -> None:
    digest = json.loads(run("--json").stdout)["snapshot"]
    written = {p.name: p.read_bytes() for p in (tmp_path / "market").iterdir()}
    (tmp_path / "market" / "prices-kr.csv").write_text("lost")
    assert run("--restore", digest[:8]).exit_code == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "market").iterdir()} == written


MONTHLY = """
[[series]]
path  = "rates.csv"
what  = "rates"
index = "month"
[series.columns]
rate = { source = "csv", symbol = "rate.csv", unit = "percent", known = { at = "XNYS close" } }
"""


def contents(folder: Any) -> Any:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_makes_no_folder_leaves_the_one_before(run: Any, tmp_path: Path) -> None:
    assert run().exit_code == 0
    before = contents(tmp_path / "market")
    (tmp_path / "rate.csv").write_text("date,close\n2024-06-27,3.5\n2024-06-28,3.5\n")
    refusal = run(more=MONTHLY).exception  # daily rows in a file by month
    assert isinstance(refusal, DataError)
    assert "nothing was replaced" in refusal.problems[0].message
    assert str(refusal.problems[1]).startswith("rates.csv:3: month: 2024-06 appears twice")
    assert contents(tmp_path / "market") == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["market", "store"]
    with RawStore(tmp_path / "store" / "raw.sqlite3") as store:
        assert len(store.snapshots()) == 1


def test_a_series_may_have_any_name_that_a_plan_allows(run: Any, tmp_path: Path) -> None:
    names = ("KRW=X", "a^b", "a.b")
    head, line = MONTHLY.strip().rsplit("\n", 1)
    for n, name in enumerate(names):
        (tmp_path / f"{n}.csv").write_text(f"date,close\n2024-06-01,{n}\n")
        head += "\n" + line.replace("rate =", f'"{name}" =').replace("rate.csv", f"{n}.csv")
    assert run(more=f"\n{head}\n").exit_code == 0
    series = open_market(tmp_path / "market").series
    assert [float(series[name].values[0]) for name in names] == [0.0, 1.0, 2.0]


def test_a_broken_file_or_folder_of_ones_own_stops_nothing_else(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text('date,close\n2024-06-28,"35000\n' + "#" * 200_000)
    other = OWN.replace("own.csv", "other.csv").replace('"csv"', '"folder"')
    other = other.replace("102110", "114260").replace("mine.csv", "nowhere/114260")
    result = run("--json", more=OWN + other)
    errors = {entry["name"]: entry["error"] for entry in json.loads(result.stdout)["series"]}
    assert errors["102110"] == errors["114260"] == "BadRows"
    assert {errors[name] for name in ("069500", "148070", "vix")} == {None}
    assert (tmp_path / "market" / "prices-kr.csv").is_file()


@pytest.mark.posix
def test_a_folder_that_is_a_link_is_written_where_the_link_leads(run: Any, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "market").symlink_to(tmp_path / "elsewhere")
    assert run().exit_code == run("--full").exit_code == 0
    assert (tmp_path / "market").is_symlink()
    assert (tmp_path / "elsewhere" / "manifest.toml").is_file()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_data_shows_every_column_and_draws_them(run: Any, tmp_path: Path, lang: str) -> None:
    run()
    picture = tmp_path / "data.html"
    folder = str(tmp_path / "market")
    result = CliRunner().invoke(data, [folder, "--lang", lang, "--out", str(picture)])
    assert result.exit_code == 0
    for name in ("069500", "148070", "vix", "XKRX", "2020-01-02", "2026-06-30"):
        assert name in result.stdout
    page = picture.read_text("utf-8")
    assert f'<html lang="{lang}">' in page
    drawn = re.findall(r"<svg class=.chart lanes.*?</svg>", page, re.DOTALL)
    marks = [mark for svg in drawn for mark in ET.fromstring(svg).iter()]
    lanes = [mark.text for mark in marks if mark.get("class") == "tick"]
    assert lanes == [*("069500", "148070"), *("069500", "148070"), "vix"]  # prices, values, signal
    assert len([mark for mark in marks if mark.get("class") == "span s1"]) == 5


def test_data_of_a_damaged_folder_names_the_ticker_and_the_day(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(
        "schema = 1\nlast = 2024-06-28\n[[file]]\npath = 'p.csv'\nindex = 'date'\n"
        "currency = 'KRW'\nexchange = 'XKRX'\nadjusted = 'raw'\nknown = { at = 'XKRX close' }\n"
    )
    rows = ["2024-06-24,100", "2024-06-25,101", "2024-06-28,300"]
    (tmp_path / "p.csv").write_text("\n".join(["date,069500", *rows, ""]))
    result = CliRunner().invoke(data, [str(tmp_path), "--json"])
    document = json.loads(result.stdout)
    (column,) = document["columns"]
    assert column["gaps"] == [["2024-06-26", "2024-06-27"]]
    assert (column["rows"], column["missing"], column["serious"]) == (3, 2, 1)
    (serious,) = [f for f in document["findings"] if f["severity"] == "serious"]
    assert (serious["subject"], serious["date"]) == ("069500", "2024-06-28")
