"""A folder takes the place of another: whole before, whole after, and on Linux at every moment."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from jeoul.market.publishing import swap


def folder(place: Any, text: Any) -> Any:
    place.mkdir()
    (place / "file").write_text(text)
    return place


@pytest.mark.parametrize("can", [True, False])
def test_the_new_folder_stands_where_the_old_one_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can: bool
) -> None:
    if not can:
        monkeypatch.setattr(swap, "_exchanged", lambda one, other: False)
    swap.put(folder(tmp_path / "first", "1"), tmp_path / "target")
    swap.put(folder(tmp_path / "second", "2"), tmp_path / "target")
    assert (tmp_path / "target" / "file").read_text() == "2"


@pytest.mark.skipif(sys.platform != "linux", reason="folders change places in one step on Linux")
def test_at_no_moment_is_there_no_folder(tmp_path: Path) -> None:
    target, other = folder(tmp_path / "target", "old"), folder(tmp_path / "other", "new")
    if not swap._exchanged(other, target):
        pytest.skip("this file system cannot exchange two folders")
    done, absent = Event(), []

    def watch() -> None:
        while not done.is_set():
            if not target.exists():
                absent.append(True)

    watcher = Thread(target=watch)
    watcher.start()
    for _ in range(2000):
        swap.put(other, target)
    done.set()
    watcher.join()
    assert absent == []
