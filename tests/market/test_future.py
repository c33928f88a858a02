"""The future does not reach the past: cut or scrambled, a snapshot and its digest stay the same."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texts import RAW

from jeoul.market import open_market
from jeoul.market.manifest import Known, read_manifest  # type: ignore[attr-defined]

MANIFEST = (
    RAW
    + texts.prices("XNYS")
    + texts.series(
        "signals.csv",
        vix=("XNYS close", 0),
        fx=("12:00 America/New_York", 0),
        oas=("XNYS close", 7),
    )
    + texts.series("macro.csv", "month", cpi=("08:00 Asia/Seoul", 6))
)

NOISE = ("", "0", "-3", "1", "99999")


def known_later(rule: Known, label: str, morning: np.datetime64) -> bool:
    """Whether a row cannot be known at 08:30 in Seoul on a date, told from label and lag alone."""
    day = np.datetime64(label, "D")
    if len(label) == 7:
        after = (np.datetime64(label, "M") + np.timedelta64(1, "M")).astype("datetime64[D]")
        day = after - np.timedelta64(1, "D")
    arrival = day + np.timedelta64(rule.lag, "D")
    early = rule.zone == "Asia/Seoul" and rule.clock is not None and rule.clock.hour == 8
    return bool(arrival > morning if early else arrival >= morning)


def rewrite(source: Path, target: Path, morning: np.datetime64, change: str, seed: int) -> Path:
    """Copy a folder with everything that is known only after a morning cut off or scrambled."""
    manifest = read_manifest(source)
    noise = Random(seed)
    target.mkdir(exist_ok=True)
    (target / "manifest.toml").write_bytes((source / "manifest.toml").read_bytes())
    rules = {p.path: p.known for p in manifest.prices}
    rules |= {f.path: {c.name: c.known for c in f.columns} for f in manifest.series}  # type: ignore[misc]
    for path, rule in rules.items():
        header, *rows = list(csv.reader((source / path).read_text().splitlines()))
        named = [rule[name] if isinstance(rule, dict) else rule for name in header[1:]]
        kept = [header]
        for label, *cells in rows:
            later = {known: known_later(known, label, morning) for known in set(named)}
            if change == "cut" and all(later.values()):
                continue
            draw = ("",) if change == "cut" else NOISE
            kept.append(
                [label]
                + [
                    noise.choice(draw) if later[known] else cell
                    for known, cell in zip(named, cells, strict=True)
                ]
            )
        (target / path).write_text("".join(",".join(row) + "\n" for row in kept))
    for file in manifest.events:
        lines = (source / file.path).read_text().splitlines()
        past = [x for x in lines[1:] if np.datetime64(x[:10]) < morning]
        if change == "scramble":
            past.append(f"{morning},{lines[1].split(',')[1]},5,50")
        (target / file.path).write_text("\n".join([lines[0], *past]) + "\n")
    return target


def same(one: Any, other: Any) -> None:
    assert one.digest == other.digest
    assert one.findings == other.findings
    for left, right in zip(one.prices, other.prices, strict=True):
        np.testing.assert_array_equal(left.sessions, right.sessions)
        np.testing.assert_array_equal(left.close, right.close)
        np.testing.assert_array_equal(left.known_at, right.known_at)
    assert set(one.series) == set(other.series)
    for name, series in one.series.items():
        np.testing.assert_array_equal(series.values, other.series[name].values)
        np.testing.assert_array_equal(series.known_at, other.series[name].known_at)


cell = st.sampled_from(["", "100", "100", "101", "99", "140", "-1"])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    noise=st.lists(cell, min_size=7, max_size=61),
    place=st.integers(30, 70),
    change=st.sampled_from(["cut", "scramble"]),
    seed=st.integers(0, 2**16),
)
def test_on_small_markets(
    tmp_path: Path, calendars: Any, noise: Any, place: Any, change: Any, seed: Any
) -> None:
    days = {name: calendars[name].sessions for name in ("XKRX", "XNYS")}

    def table(labels: Any, names: Any, start: Any) -> Any:
        rows = [
            [str(d), *(noise[(start + 7 * i + j) % len(noise)] for j in range(len(names)))]
            for i, d in enumerate(labels)
        ]
        return "\n".join(",".join(r) for r in [["date", *names], *rows]) + "\n"

    as_of = days["XKRX"][place]
    korean = table(days["XKRX"], ["069500", "148070"], 0).replace(
        f"\n{as_of},", f"\n{as_of},100.5,99.5\n#"
    )
    weekdays = np.arange("2020-01-02", "2020-05-29", dtype="datetime64[D]")
    files = {
        "manifest.toml": MANIFEST,
        "prices-kr.csv": "\n".join(x for x in korean.splitlines() if x[0] != "#") + "\n",
        "events-kr.csv": f"date,ticker,dividend,split\n{days['XKRX'][20]},069500,40,1\n",
        "prices-us.csv": table(days["XNYS"], ["SPY", "TLT"], 3),
        "signals.csv": table(weekdays[np.is_busday(weekdays)], ["vix", "fx", "oas"], 5),
        "macro.csv": "month,cpi\n2019-12,1\n2020-01,2\n2020-02,3\n2020-03,4\n2020-04,5\n",
    }
    source = tmp_path / "whole"
    source.mkdir(exist_ok=True)
    for name, text in files.items():
        (source / name).write_text(text)
    morning = days["XKRX"][place + 1]
    other = rewrite(source, tmp_path / "other", morning, change, seed)
    day = as_of.astype(object)
    same(
        open_market(source, calendars=calendars).as_of(day),
        open_market(other, calendars=calendars).as_of(day),
    )


@pytest.mark.parametrize(
    ("day", "change"),
    [("2008-10-27", "cut"), ("2020-03-19", "scramble"), ("2023-09-27", "scramble")],
)
def test_on_the_real_market(
    real: Any, market_folder: Path, tmp_path: Path, day: str, change: str
) -> None:
    morning = np.datetime64(real.calendars["XKRX"].after(np.datetime64(day).astype(object)))
    other = rewrite(market_folder, tmp_path / "other", morning, change, 7)
    same(real.as_of(day), open_market(other).as_of(day))


def test_scrambling_the_last_visible_row_is_noticed(
    real: Any, market_folder: Path, tmp_path: Path
) -> None:
    """The comparison can fail: one session earlier, the same change reaches the snapshot."""
    other = rewrite(market_folder, tmp_path / "other", np.datetime64("2020-03-19"), "scramble", 7)
    assert real.as_of("2020-03-19").digest != open_market(other).as_of("2020-03-19").digest
