"""``jeoul guard``: latches need no allocation, and transitions have dates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets

BLOCK = "[[file]]"


def part_of(folder: Path, place: Path, files: Any, rows: int | None = None) -> Path:
    """Copy a market folder with some of its files, of prices only the last ``rows``."""
    head, *blocks = (folder / "manifest.toml").read_text("utf-8").split(BLOCK)
    kept = [b for b in blocks if any(f'path = "{name}"' in b for name in files)]
    place.mkdir()
    (place / "manifest.toml").write_text(head + "".join(BLOCK + b for b in kept), "utf-8")
    for name in files:
        if rows and name.startswith("prices"):
            first, *lines = (folder / name).read_text("utf-8").splitlines()
            (place / name).write_text("\n".join([first, *lines[-rows:]]) + "\n", "utf-8")
        else:
            shutil.copy(folder / name, place / name)
    return place


@pytest.mark.parametrize(
    ("files", "rows"),
    [(["signals.csv"], None), (["signals.csv", "prices-kr.csv", "prices-us.csv"], 60)],
    ids=["signals alone", "prices too short"],
)
def test_latches_need_no_allocation(
    jeoul: Any, tmp_path: Path, files: Any, rows: int | None
) -> None:
    whole = assets.data("sample")
    folder = part_of(whole, tmp_path / "part", files, rows)
    span = ("--profile", "balanced", "--from", "1990-01-02", "--to", "2020-12-31", "--json")
    part = json.loads(jeoul("guard", "managed", "--data", folder, *span).out)["sessions"]
    full = json.loads(jeoul("guard", "managed", *span).out)["sessions"]
    assert [row["session"] for row in part] == [row["session"] for row in full]
    assert [row["latches"]["vix"] for row in part] == [row["latches"]["vix"] for row in full]
    assert any(row["latches"]["vix"] for row in part)
    assert set(part[0]) == {"session", "state", "scale", "latches", "reasons"}


def test_a_transition_was_known_before_it_was_filled(jeoul: Any) -> None:
    base = ("guard", "managed", "--profile", "growth", "--events", "--json")
    events = json.loads(jeoul(*base, "--to", "2012-12-31").out)["events"]
    assert len(events) > 100
    for event in events:
        assert event["session"] <= event["known_at"][:10] < event["executed"]
    turned = [event for event in events if event["latch"] == "vix"]
    assert {event["kind"] for event in turned} == {"overlay.vix_on", "overlay.vix_off"}


def test_the_stance_stands_below_the_sessions(jeoul: Any) -> None:
    out = jeoul("guard", "managed", "--profile", "growth", "--lang", "en").out
    heads, *rows = out.partition("\n\n")[2].splitlines()
    assert heads.split()[:2] == ["Signal", "Topic"]
    assert len(rows) == 18
    assert any(row.split()[:3] == ["Oil", "surge", "Oil"] for row in rows)
