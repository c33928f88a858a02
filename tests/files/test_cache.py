"""What a cache gives back: the bytes that were kept, or nothing; and never an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jeoul.files.cache import Cache, kept_or_made


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "jeoul", most_files=3, most_bytes=1_000)


def kept(cache: Cache) -> set[str]:
    return {path.stem for path in cache.folder.glob("*.kept")}


def test_what_is_kept_is_found_whole_and_a_newer_content_takes_its_place(cache: Cache) -> None:
    assert cache.find("prices") is None
    for content in (b"", b"\x00" * 500, b"069500"):
        cache.keep("prices", content)
        assert cache.find("prices") == content
    assert kept(cache) == {"prices"}


@pytest.mark.parametrize("damage", [b"", b"short", b"\xff" * 38])
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(cache: Cache, damage: bytes) -> None:
    cache.keep("prices", b"069500")
    (cache.folder / "prices.kept").write_bytes(damage)
    assert cache.find("prices") is None
    cache.keep("prices", b"069500")
    assert cache.find("prices") == b"069500"


def test_one_changed_bit_is_noticed(cache: Cache) -> None:
    cache.keep("prices", b"069500")
    file = cache.folder / "prices.kept"
    content = file.read_bytes()
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert cache.find("prices") is None


def test_what_was_used_longest_ago_goes_first(cache: Cache) -> None:
    for age, name in enumerate(("one", "two", "three")):
        cache.keep(name, b"-")
        os.utime(cache.folder / f"{name}.kept", (age, age))
    assert cache.find("one") == b"-"
    cache.keep("four", b"-")
    assert kept(cache) == {"one", "three", "four"}


def test_all_of_it_is_bounded_and_what_is_too_large_alone_is_not_kept(cache: Cache) -> None:
    cache.keep("large", b"-" * 600)
    cache.keep("larger", b"-" * 700)
    assert kept(cache) == {"larger"}
    cache.keep("largest", b"-" * 1_000)
    assert kept(cache) == {"larger"}


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "jeoul")
    cache.keep("prices", b"069500")
    assert cache.find("prices") is None


def test_other_files_of_the_folder_are_left_alone(cache: Cache) -> None:
    cache.folder.mkdir()
    for number in range(5):
        (cache.folder / f"{number}.part").write_text("mine")
        cache.keep(str(number), b"-")
    assert len([*cache.folder.glob("*.part")]) == 5


def test_what_a_killed_process_left_half_written_goes_with_the_oldest(cache: Cache) -> None:
    cache.folder.mkdir()
    half = cache.folder / "jeoul-part-x"
    half.write_bytes(b"06")
    os.utime(half, (0, 0))
    for name in ("one", "two", "three"):
        cache.keep(name, b"-")
    assert not half.exists()
    assert kept(cache) == {"one", "two", "three"}


def test_a_disk_that_is_full_leaves_no_part_behind(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache.keep("prices", b"069500")
    monkeypatch.setattr("jeoul.files.cache.os.replace", full)
    cache.keep("prices", b"114260")
    assert cache.find("prices") == b"069500"
    assert len([*cache.folder.iterdir()]) == 1


@pytest.mark.posix
def test_only_its_owner_reads_it(cache: Cache) -> None:
    cache.keep("prices", b"069500")
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert (cache.folder / "prices.kept").stat().st_mode & 0o077 == 0


def test_a_result_is_made_once_and_without_a_name_each_time(cache: Cache) -> None:
    """What nothing says the inputs of must not be kept."""
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    def asked(cache: Cache | None, name: str | None) -> int:
        return kept_or_made(cache, name, make, lambda found: b"%d" % found, int)

    assert [asked(cache, "sum"), asked(cache, "sum")] == [0, 0]
    assert [asked(cache, None), asked(None, "sum"), asked(cache, "sum")] == [1, 2, 0]
    assert kept(cache) == {"sum"}
