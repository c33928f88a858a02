"""The cache of compiled programs spares time and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul.allocate.solver.stored_programs import PROGRAMS
from jeoul.allocate.solver.terms import Shape
from jeoul.cli.programs import leave_behind, take_over


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from jeoul.allocate.solver.form import compile_shape

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(PROGRAMS, "kept", {})
    monkeypatch.setattr(PROGRAMS, "made", [compile_shape(Shape(2, (), False, False))])
    leave_behind()
    return tmp_path / "jeoul" / "programs.npz"


def test_the_next_process_takes_over_what_this_one_compiled(shelf: Path) -> None:
    assert shelf.is_file()
    take_over()
    assert set(PROGRAMS.kept) == {Shape(2, (), False, False)}


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_or_missing_file_means_compiling_anew(shelf: Path, damage: bytes | None) -> None:
    shelf.unlink() if damage is None else shelf.write_bytes(damage)
    take_over()
    assert PROGRAMS.kept == {}


def test_a_folder_that_cannot_be_written_is_done_without(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = shelf.parents[1] / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    leave_behind()
    assert blocked.read_text() == "in the way"
