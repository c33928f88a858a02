"""Files of a state folder: their modes, whole or not at all, on disk before their name shows."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.database import EncryptionKey
from jeoul.errors import AlreadyRunning, ConfigError
from jeoul.files.document import Document
from jeoul.model.decision import Memory
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.errors import Sealed
from jeoul.operations.setup import kept as kept_module
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.kept import read_kept, write_kept
from jeoul.operations.setup.lock import account_locked, locked
from jeoul.operations.setup.memory import (
    NAME,
    from_document,
    keep,
    newest_before,
    to_document,
)
from jeoul.operations.setup.passphrase import (
    GIVEN,
    Descriptor,
    checked,
    keep_in_keyring,
    key_for,
    key_of,
    new_key,
    new_passphrase,
    passphrase,
)
from jeoul.operations.setup.private import (
    close_to_others,
    create_private,
    private_folder,
    write_private,
)
from jeoul.operations.setup.replacing import replace_file
from jeoul.operations.setup.retired import MARK, remove_retired, without_key
from jeoul.operations.setup.secrets import Secret

ciphered = pytest.mark.skipif(
    importlib.util.find_spec("sqlcipher3") is None, reason="needs the extra encrypt"
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much of each file had left the process when it was sent to the disk."""
    found: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: found.append(os.fstat(handle).st_size))
    return found


# -- modes -----------------------------------------------------------------------------------------


@pytest.mark.posix
@pytest.mark.parametrize("before", [0o777, 0o701, 0o710, 0o670, 0o750])
def test_a_folder_is_closed_to_all_but_its_owner(tmp_path: Path, before: int) -> None:
    new = tmp_path / "a" / "b"
    private_folder(new)
    assert mode(new) == 0o700
    new.chmod(before)
    private_folder(new)
    assert mode(new) == 0o700


@pytest.mark.posix
def test_what_an_older_version_left_open_is_closed_and_nothing_else(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    for folder in (state, state / "tickets", state / "photos"):
        folder.mkdir()
        folder.chmod(0o755)
    (tmp_path / "elsewhere").write_text("mine")
    elsewhere.chmod(0o644)
    (state / "link").symlink_to(elsewhere)
    modes = {"a": 0o644, "b": 0o601, "c": 0o670, "d": 0o705, "e": 0o744, "tickets/f": 0o640}
    for name, each in modes.items():
        (state / name).write_text(name)
        (state / name).chmod(each)
    (state / "closed").write_text("x")
    (state / "closed").chmod(0o600)
    since = (state / "closed").stat().st_ctime_ns
    close_to_others(state, "tickets", "inputs")
    assert {name: mode(state / name) for name in modes} == {
        "a": 0o600, "b": 0o600, "c": 0o600, "d": 0o700, "e": 0o700, "tickets/f": 0o600,
    }  # fmt: skip
    assert (mode(state), mode(state / "tickets"), mode(state / "photos")) == (0o700, 0o700, 0o755)
    assert mode(elsewhere) == 0o644
    assert (state / "closed").stat().st_ctime_ns == since  # a backup sees no change
    assert not (state / "inputs").exists()


@pytest.mark.posix
def test_a_file_is_private_from_its_first_moment(tmp_path: Path, on_disk: list[int]) -> None:
    create_private(tmp_path / "new")
    assert (mode(tmp_path / "new"), (tmp_path / "new").read_bytes()) == (0o600, b"")
    (tmp_path / "new").write_text("kept")
    create_private(tmp_path / "new")
    assert (tmp_path / "new").read_text() == "kept"
    (tmp_path / "text.partial").write_text("what a crash left")
    for content in ("저울", "저울 second".encode()):
        write_private(tmp_path / "text", content)
        raw = content.encode() if isinstance(content, str) else content
        assert ((tmp_path / "text").read_bytes(), mode(tmp_path / "text")) == (raw, 0o600)
        assert on_disk.pop() == len(raw)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new", "text"]


@pytest.mark.posix
def test_a_file_of_a_person_keeps_its_mode(tmp_path: Path, on_disk: list[int]) -> None:
    place = tmp_path / "c.toml"
    (tmp_path / "c.toml.partial").write_text("longer than what is written now")
    before = os.umask(0o077)
    try:
        for wanted in (0o664, 0o641, 0o600):
            place.write_text("old")
            place.chmod(wanted)
            replace_file(place, b"new")
            assert (place.read_bytes(), mode(place), on_disk.pop()) == (b"new", wanted, 3)
    finally:
        os.umask(before)
    assert [each.name for each in tmp_path.iterdir()] == ["c.toml"]


# -- locks -----------------------------------------------------------------------------------------


@pytest.mark.posix
def test_a_folder_is_locked_for_one_and_free_afterwards(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "tickets").mkdir(parents=True)
    (state / "tickets" / "a").write_text("x")
    (state / "tickets" / "a").chmod(0o644)
    for _ in range(2):
        with locked(state):
            assert mode(state / "tickets" / "a") == 0o600
            assert mode(state / "lock") == 0o600
            with pytest.raises(AlreadyRunning), locked(state):
                raise AssertionError("two runs at once")
    with suppress(ZeroDivisionError), locked(state):
        _ = 1 / 0
    with locked(state):
        pass


def test_an_account_is_locked_by_twenty_four_signs_of_a_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("KIS_ACCOUNT", "12345678-01")
    name = sha256(b"kis 12345678").hexdigest()[:24]
    with account_locked(KisSettings(kind="kis", mode="real")):
        (file,) = (tmp_path / "jeoul" / "locks").iterdir()
        assert file.name == f"kis-{name}.lock"


# -- encrypted files and passphrases ---------------------------------------------------------------


def test_a_plain_file_is_what_was_written_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept_module.MOST == 10**9
    write_kept(tmp_path / "a", b"content", None)
    assert (tmp_path / "a").read_bytes() == read_kept(tmp_path / "a", None) == b"content"
    monkeypatch.setattr(kept_module, "MOST", 6)
    with pytest.raises(OSError, match="a"):
        read_kept(tmp_path / "a", None)
    with pytest.raises(OSError, match="none"):
        read_kept(tmp_path / "none", None)


@ciphered
@pytest.mark.posix
def test_an_encrypted_file_is_read_with_its_key_alone(tmp_path: Path) -> None:
    key = EncryptionKey("correct horse", b"s" * 16)
    (tmp_path / "a.partial").write_bytes(b"what a crash left")
    write_kept(tmp_path / "a", b"content", key)
    write_kept(tmp_path / "a", b"second", key)
    assert read_kept(tmp_path / "a", key) == b"second"
    assert (mode(tmp_path / "a"), b"second" in (tmp_path / "a").read_bytes()) == (0o600, False)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    for other in (EncryptionKey("another horse", b"s" * 16), EncryptionKey("x" * 9, b"t" * 16)):
        with pytest.raises(ValueError, match="cannot be read"):
            read_kept(tmp_path / "a", other)
    with pytest.raises(FileNotFoundError):
        read_kept(tmp_path / "none", key)


def test_a_passphrase_has_eight_signs_at_least() -> None:
    assert checked("12345678", Path()).reveal() == "12345678"
    with pytest.raises(Sealed):
        checked("1234567", Path())
    with pytest.raises(Sealed):
        checked("e\u0301" * 7, Path())  # seven letters, composed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"correct horse\n", "correct horse"),
        (b"correct horse\r\n\r\n", "correct horse"),
        (b" correct horse ", " correct horse "),
        (b"x" * 5_000, "x" * 4_096),
        (b"\xff" * 9, None),
        (b"short\n", None),
    ],
)
def test_a_descriptor_is_read_once(written: bytes, read: str | None) -> None:
    reader, writer = os.pipe()
    os.write(writer, written)
    os.close(writer)
    found = Descriptor(reader)
    if read is None:
        with pytest.raises(Sealed):
            found.secret()
    else:
        assert found.secret().reveal() == read
        assert found.secret().reveal() == read
    os.close(reader)


def test_a_new_passphrase_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JEOUL_NEW_PASSPHRASE", "of this process")
    assert new_passphrase(None).reveal() == "of this process"
    assert new_passphrase(None, {"JEOUL_NEW_PASSPHRASE": "given here"}).reveal() == "given here"
    with pytest.raises(Sealed):
        new_passphrase(None, {})


def config_of(folder: Path, encrypt: str = "") -> Config:
    file = folder / "c.toml"
    text = 'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "s"\n'
    file.write_text(f'{text}{encrypt}\n[broker]\nkind = "paper"\n', "utf-8")
    return load_config(file)


def test_a_passphrase_is_looked_for_where_the_config_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(
        get_password=lambda *place: kept.get(place),
        set_password=lambda service, name, word: kept.update({(service, name): word}),
    ))  # fmt: skip
    monkeypatch.setenv("JEOUL_PASSPHRASE", "of this process")
    here = {"JEOUL_PASSPHRASE": "given here"}
    assert key_of(config_of(tmp_path), here) is None
    given = config_of(tmp_path, 'encrypt = "passphrase"')
    assert key_of(given, here) is not None
    assert passphrase(given, here).reveal() == "given here"
    assert passphrase(given).reveal() == "of this process"
    keep_in_keyring(given, Secret("not asked for"))
    assert kept == {}
    with pytest.raises(Sealed):
        passphrase(given, {})
    ring = config_of(tmp_path, 'encrypt = "keyring"')
    with pytest.raises(Sealed):
        passphrase(ring, {})
    keep_in_keyring(ring, Secret("of the system"))
    assert kept == {("jeoul", str(tmp_path / "s")): "of the system"}
    assert passphrase(ring, {}).reveal() == "of the system"
    assert passphrase(ring, here).reveal() == "given here"
    token = GIVEN.set(SimpleNamespace(secret=lambda: Secret("of a descriptor")))  # type: ignore[arg-type]
    try:
        assert passphrase(given, here).reveal() == "of a descriptor"
    finally:
        GIVEN.reset(token)


def test_the_files_of_a_folder_share_the_salt_of_the_first(tmp_path: Path) -> None:
    secret = Secret("correct horse")
    assert len(new_key(secret).salt) == 16
    assert new_key(secret).salt != new_key(secret).salt
    assert len(key_for(tmp_path, secret).salt) == 16
    for name, beginning in (("a", b"SQLite format 3\0"), ("c", b"c" * 16), ("b", b"b" * 16)):
        (tmp_path / f"{name}.sqlite3").write_bytes(beginning + bytes(4_096 - 16))
    unordered: Any = SimpleNamespace(
        glob=lambda pattern: sorted(tmp_path.glob(pattern), reverse=True)
    )
    assert key_for(unordered, secret).salt == b"b" * 16


# -- the model's memory ----------------------------------------------------------------------------


def memory(day: int, **fields: Any) -> Memory:
    return Memory(
        **{"as_of": date(2026, 3, day), "rules": "r", "clock": None, "overlay": None, "scale": 1.0,
           **fields}
    )  # fmt: skip


def kept_days(state: Path, rules: str = "r") -> list[int]:
    """The days of the memories that a later session finds, newest first."""
    found = []
    before = date(2026, 4, 1)
    while (newest := newest_before(state, rules, before, lambda _: "d")) is not None:
        found.append(newest.as_of.day)
        before = newest.as_of
    return found


def test_the_newest_three_memories_are_kept(tmp_path: Path) -> None:
    for day in (4, 2, 5, 3):
        keep(tmp_path, "r", memory(day, clock=date(2026, 3, 1)), "d")
    assert kept_days(tmp_path) == [5, 4, 3]
    keep(tmp_path, "r", memory(4), "other data")
    assert kept_days(tmp_path) == [5, 3]
    assert newest_before(tmp_path, "r", date(2026, 3, 5), lambda _: "d") == memory(
        3, clock=date(2026, 3, 1)
    )
    assert kept_days(tmp_path, "other rules") == []
    keep(tmp_path, "other rules", memory(9), "d")
    assert kept_days(tmp_path) == []
    (tmp_path / NAME).write_text("{", "utf-8")
    assert kept_days(tmp_path, "other rules") == []


def test_a_memory_is_the_same_from_its_document() -> None:
    one = memory(4, first=date(2026, 3, 2))
    document = to_document(one)
    assert (document["as_of"], document["first"], document["clock"]) == (
        "2026-03-04", "2026-03-02", None,
    )  # fmt: skip
    assert from_document(document) == one
    for other in ({**document, "more": 1}, {}):
        with pytest.raises(KeyError):
            from_document(other)


# -- a key taken out of a config -------------------------------------------------------------------

EVERY = ("schedule", "every")


def taken(text: str, data: dict[str, Any], line: int) -> str:
    return without_key(text, Document("c.toml", data, {EVERY: line}), EVERY)


def test_one_pair_of_a_line_goes_where_another_has_its_name() -> None:
    data = {"schedule": {"every": "week", "other": {"every": "x", "n": 1}}, "a": 1}
    text = 'a = 1\nschedule = { every = "week", other = { every = "x", n = 1 } }\n'
    assert taken(text, data, 2) == 'a = 1\nschedule = { other = { every = "x", n = 1 } }\n'


def test_only_the_line_of_the_key_goes(tmp_path: Path) -> None:
    data = {"a": 1, "schedule": {"every": "week", "at": "09:00"}, "b": 2}
    lines = ["a = 1\n", "b = 2\n", "[schedule]\n", 'every = "week"\n', 'at = "09:00"\n']
    assert taken("".join(lines), data, 4) == "".join([*lines[:3], lines[4]])
    with pytest.raises(ConfigError, match="cannot be removed by itself"):
        taken("".join(lines), data, 5)
    file = tmp_path / "c.toml"
    for mark in (b"", MARK):
        file.write_bytes(mark + "".join(lines).encode())
        assert remove_retired(file) == "schedule.every"
        assert file.read_bytes() == mark + "".join([*lines[:3], lines[4]]).encode()
        assert remove_retired(file) is None
