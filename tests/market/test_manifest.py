"""The manifest: everything wrong with it at once, each with its line and remedy."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import DataError
from jeoul.market.manifest import read_manifest
from jeoul.market.publication import Known, parse_known

GOOD = """\
schema = 1
last = 2020-04-30

[[file]]
path = "prices-kr.csv"
index = "date"
currency = "KRW"
exchange = "XKRX"
adjusted = "raw"
known = { at = "XKRX close", lag = 0 }

[[file]]
path = "events-kr.csv"
events_of = "prices-kr.csv"

[[file]]
path = "signals.csv"
index = "date"

[file.columns]
vix = { unit = "index points", known = { at = "XNYS close", lag = 0 } }
usdkrw = { unit = "KRW per USD", known = { at = "12:00 America/New_York" } }
is_krx_day = { unit = "flag", known = { at = "in advance" } }

[[file]]
path = "check.csv"
index = "month"
known = { at = "XKRX close", lag = 0 }
"""


def test_files_are_told_apart_by_their_keys(folder: Any) -> None:
    found = read_manifest(folder({}, GOOD))
    assert [f.path for f in found.prices] == ["prices-kr.csv"]
    assert [f.events_of for f in found.events] == ["prices-kr.csv"]
    assert [c.name for c in found.series[0].columns] == ["vix", "usdkrw", "is_krx_day"]
    assert found.cross_checks == ("check.csv",)
    assert found.exchanges == ("XKRX", "XNYS")
    assert not found.simulated


def test_a_simulated_folder_says_so(folder: Any) -> None:
    assert read_manifest(folder({}, "simulated = true\n" + GOOD)).simulated


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("schema = 1", "schema = 2", "manifest.toml:1: schema: schema is not 1; write schema = 1"),
        ("last = 2020-04-30", "last = 'x'", "manifest.toml:2: last: 'x' is not a date; write last"),
        ("last = 2020-04-30", "lst = 2020-04-30", "manifest.toml:2: unknown key 'lst' at the top"),
        ('"KRW"', '"won"', "manifest.toml:7: currency: 'won' is not a currency code; write KRW or"),
        ('"XKRX"\n', '"XTKS"\n', "manifest.toml:8: exchange: 'XTKS' is not a choice; use one of"),
        ('"raw"', '"split"', "manifest.toml:9: adjusted: 'split' is not a choice; use one"),
        ("XKRX close", "noon", "manifest.toml:10: known: 'noon' is not an instant; write known ="),
        ("lag = 0 }\n\n[[file]]\npath = \"events", "lag = -1 }\n\n[[file]]\npath = \"events",
         "manifest.toml:10: known: has the lag -1; give whole days, 0 or more"),
        ("lag = 0 }\n\n[[file]]\npath = \"events", "lag = 9999 }\n\n[[file]]\npath = \"events",
         "manifest.toml:10: known: has the lag 9999; give whole days, 0 or more and at most 3660"),
        ('= "prices-kr.csv"\n\n', '= "prices.csv"\n\n',
         "manifest.toml:14: events_of: 'prices.csv' is not a raw price file; name a [[file]] with"),
        ("New_York", "Newyork", "manifest.toml:22: usdkrw: 'America/Newyork' is not a time zone"),
        ("12:00", "25:00", "manifest.toml:22: usdkrw: '25:00 America/New_York' names no time"),
        ('unit = "flag", ', "", "manifest.toml:23: is_krx_day: has no unit; write { unit"),
        ('"check.csv"', '"../check.csv"', "manifest.toml:26: path: '../check.csv' leaves the"),
        ('"check.csv"', '"signals.csv"', "manifest.toml:26: path: 'signals.csv' appears twice"),
        ('"check.csv"', '["check.csv"]', "manifest.toml:26: path: ['check.csv'] is not text"),
        ('"check.csv"', '"a\\u0000b"', "manifest.toml:26: file.3.path: contains a control"),
        ('events_of = "prices-kr.csv"', "events_of = [1]", "manifest.toml:14: events_of: [1] is"),
        ('"month"', '"week"', "manifest.toml:27: index: 'week' is not a choice; use one"),
        ('path = "signals.csv"\n', "", "manifest.toml:16: path: is missing; write path"),
        ("schema = 1", "schema 1", "manifest.toml:1: is not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_its_line_and_remedy(
    folder: Any, old: str, new: str, expected: str
) -> None:
    assert old in GOOD
    with pytest.raises(DataError) as caught:
        read_manifest(folder({}, GOOD.replace(old, new, 1)))
    assert any(str(p).startswith(expected) for p in caught.value.problems), str(caught.value)
    assert all(p.remedy for p in caught.value.problems)


def test_all_problems_are_listed_at_once(folder: Any) -> None:
    text = GOOD.replace("schema = 1", "schema = 9").replace('"KRW"', '"won"')
    with pytest.raises(DataError) as caught:
        read_manifest(folder({}, text.replace('"month"', '"week"')))
    assert [p.line for p in caught.value.problems] == [1, 7, 27]


@pytest.mark.parametrize("files", ["[1]", "1", "['prices-kr.csv']", "[{}, 1]"])
def test_files_that_are_no_tables_are_refused(folder: Any, files: str) -> None:
    with pytest.raises(DataError, match=r"manifest\.toml:3: file: .*\[\[file\]\] for each CSV"):
        read_manifest(folder({}, f"schema = 1\nlast = 2020-04-30\nfile = {files}\n"))


def test_a_series_that_stands_twice_in_files_without_a_path_is_refused(folder: Any) -> None:
    text = GOOD.replace('path = "signals.csv"\n', "")
    block = text[text.index('[[file]]\nindex = "date"\n\n[file.columns]') :].split("\n\n[[file]]")[
        0
    ]
    with pytest.raises(DataError, match="the series vix is also in"):
        read_manifest(folder({}, f"{text}\n{block}\n"))


def test_a_series_named_in_two_files_is_refused(folder: Any) -> None:
    again = '[[file]]\npath = "b.csv"\nindex = "date"\n[file.columns]\n'
    again += 'vix = { unit = "x", known = { at = "XNYS close" } }\n'
    with pytest.raises(DataError, match=r"the series vix is also in signals\.csv"):
        read_manifest(folder({}, GOOD + again))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"there is no manifest\.toml; give a folder that holds one"
    ):
        read_manifest(tmp_path)
    with pytest.raises(DataError, match="there is no such folder"):
        read_manifest(tmp_path / "nowhere")


def test_a_manifest_that_is_not_utf8_is_refused(folder: Any) -> None:
    path = folder({}, GOOD) / "manifest.toml"
    path.write_bytes(GOOD.encode() + "# 가격".encode("cp949"))
    with pytest.raises(DataError, match=r"manifest\.toml:29: is not UTF-8 text; save it as UTF-8"):
        read_manifest(path.parent)


def test_a_rule_is_a_close_a_clock_time_or_in_advance() -> None:
    assert parse_known("XNYS close", 1) == Known(exchange="XNYS", lag=1)
    assert parse_known("08:30 Asia/Seoul") == Known(clock=time(8, 30), zone="Asia/Seoul")
    assert parse_known("in advance").in_advance
