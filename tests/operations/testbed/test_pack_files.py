"""A pack is written whole for its owner alone, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul.errors import DataError, UsageError
from jeoul.operations.testbed.pack import Pack, sums, write_pack


@pytest.mark.posix
def test_a_pack_is_written_whole_for_its_owner_alone(tmp_path: Path) -> None:
    files = {"a.txt": b"one", "evidence/b.txt": b"two"}
    folder = tmp_path / "new" / "pack"
    write_pack(Pack({}, (), files), folder, ["secret"])
    assert {name: (folder / name).read_bytes() for name in files} == files
    assert [path.name for path in folder.parent.iterdir()] == ["pack"]
    for place, mode in ((folder / "a.txt", 0o600), (folder / "evidence", 0o700)):
        assert place.stat().st_mode & 0o777 == mode
    (tmp_path / "empty").mkdir()
    write_pack(Pack({}, (), files), tmp_path / "empty", [])
    assert (tmp_path / "empty" / "a.txt").read_bytes() == b"one"
    lines = sums({"b": b"", "a": b"x"}).decode().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["a", "b"]


def test_a_pack_is_not_written_over_anything_or_with_a_secret(tmp_path: Path) -> None:
    pack = Pack({}, (), {"a.txt": b"key ABC", "b.txt": b"none"})
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for name in ("file", "full"):
        with pytest.raises(UsageError, match="is not empty"):
            write_pack(pack, tmp_path / name, [])
    with pytest.raises(DataError, match="would contain a secret") as found:
        write_pack(pack, tmp_path / "pack", ["abc"])
    assert [problem.file for problem in found.value.problems] == ["a.txt"]
    assert not (tmp_path / "pack").exists()


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = Pack({}, (), {"a.txt": b"one", "a.txt/b.txt": b"two"})
    with pytest.raises(OSError, match=r"a\.txt"):
        write_pack(broken, tmp_path / "pack", [])
    assert list(tmp_path.iterdir()) == []
