"""A market read from the cache is the market read from its files, to the last bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import assets
from jeoul.errors import DataError
from jeoul.files.cache import Cache
from jeoul.market import open_market
from jeoul.market.calendars import load_calendar
from jeoul.market.folder import read_folder
from jeoul.market.kept_folder import kept_folder, packed, unpacked
from jeoul.market.manifest import read_manifest


def same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()
        assert one.flags.c_contiguous == other.flags.c_contiguous
    elif is_dataclass(one):
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for part, twin in zip(one, other, strict=True):
            same(part, twin)
    else:
        assert one == other


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def whole(place: Path) -> None:
    manifest = read_manifest(place)
    folder = read_folder(manifest, {name: load_calendar(name) for name in manifest.exchanges})
    same(unpacked(packed(folder)), folder)


def test_the_sample_comes_back() -> None:
    whole(assets.data("sample"))


def test_the_real_market_comes_back(market_folder: Path) -> None:
    whole(market_folder)


FINDINGS = """
[[file]]
path = "findings.csv"
findings_of = "prices-kr.csv"
"""


@pytest.fixture
def place(folder: Any, prices: Any, raw: str) -> Path:
    """A raw folder with events, findings, a frozen close, a refused price and a lost row."""
    still = {(f"2020-02-{day:02}", "148070"): "77" for day in range(1, 30)}
    still |= {(f"2020-03-{day:02}", "148070"): "77" for day in range(3, 20)}
    text = prices({("2020-04-07", "069500"): "0", **still})
    text = text.replace("2020-01-28,", "2020-01-27,100,100\n2020-01-28,")
    findings = (
        "date,subject,kind,severity,detail\n"
        '2020-04-08,069500,finding.stale,serious,"{""sessions"": ""4""}"\n'
    )
    events = "date,ticker,dividend,split\n2020-04-01,069500,1.5,\n2020-04-02,069500,,1/3\n"
    files = {"prices-kr.csv": text, "events-kr.csv": events, "findings.csv": findings}
    found: Path = folder(files, raw + FINDINGS)
    return found


def test_every_kind_of_record_comes_back(place: Path, calendars: Any) -> None:
    folder = read_folder(read_manifest(place), calendars)
    sheet = folder.prices[0]
    assert sheet.refused
    assert sheet.frozen
    assert sheet.events[1].split.denominator == 3
    assert folder.noted
    assert len(sheet.dropped.days)
    same(unpacked(packed(folder)), folder)


def test_the_second_reading_parses_nothing(
    place: Path, calendars: Any, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = read_manifest(place)
    first = kept_folder(manifest, calendars, cache)
    monkeypatch.setattr("jeoul.market.kept_folder.read_folder", lambda *_: 1 / 0)
    same(kept_folder(manifest, calendars, cache), first)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("prices-kr.csv", "2020-03-31,100,", "2020-03-31,101,"),
        ("events-kr.csv", "1/3", "1/2"),
        ("findings.csv", "serious", "notice"),
        ("manifest.toml", "lag = 0", "lag = 1"),
    ],
)
def test_a_changed_file_is_read_again(
    place: Path, calendars: Any, cache: Cache, file: str, old: str, new: str
) -> None:
    before = packed(kept_folder(read_manifest(place), calendars, cache))
    text = (place / file).read_text("utf-8")
    assert old in text
    (place / file).write_text(text.replace(old, new), "utf-8")
    manifest = read_manifest(place)
    after = kept_folder(manifest, calendars, cache)
    assert packed(after) != before
    same(after, read_folder(manifest, calendars))


def test_other_calendars_give_another_folder(place: Path, calendars: Any, cache: Cache) -> None:
    manifest = read_manifest(place)
    before = kept_folder(manifest, calendars, cache)
    real = {"XKRX": load_calendar("XKRX")}
    after = kept_folder(manifest, real, cache)
    assert packed(after) != packed(before)
    same(after, read_folder(manifest, real))


def test_a_file_that_breaks_is_refused_as_without_a_cache(
    place: Path, calendars: Any, cache: Cache
) -> None:
    kept_folder(read_manifest(place), calendars, cache)
    broken = (
        (place / "prices-kr.csv").read_text("utf-8").replace("2020-03-31,100,", "2020-03-31,x,")
    )
    (place / "prices-kr.csv").write_text(broken, "utf-8")
    for used in (None, cache, cache):
        with pytest.raises(DataError, match="is not a number"):
            open_market(place, calendars=calendars, cache=used)
    (place / "prices-kr.csv").unlink()
    with pytest.raises(DataError, match="No such file"):
        open_market(place, calendars=calendars, cache=cache)


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    place: Path, calendars: Any, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = read_manifest(place)

    def reading(*given: Any) -> Any:
        found = read_folder(*given)
        with (place / "prices-kr.csv").open("a") as file:
            file.write("\n")
        return found

    monkeypatch.setattr("jeoul.market.kept_folder.read_folder", reading)
    kept_folder(manifest, calendars, cache)
    assert not [*cache.folder.glob("*")]
