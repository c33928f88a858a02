"""Files of an account that are encrypted and decrypted one by one, without a driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jeoul.database import DatabaseError, KeyMismatch, OperationalError
from jeoul.operations import encryption
from jeoul.operations.errors import Sealed
from jeoul.operations.setup.config import Config, load_config


def config_in(folder: Path, tables: str = "") -> Config:
    file = folder / "mine.toml"
    text = 'schema = 1\nname = "mine"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
    file.write_text(f'{text}{tables}\n[broker]\nkind = "paper"\nfee_rate = "0.01"\n', "utf-8")
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


class Sealing:
    """Files that are plain or sealed with a key by their text, and what was asked of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.kept: list[str] = []
        self.rung: list[object] = []
        self.exports: Callable[[Path, object, Path, object], None] = self._export
        patch.setattr(encryption, "plain", lambda path: path.read_text() == "plain")
        patch.setattr(encryption, "encrypted", lambda path: path.read_text().startswith("key "))
        patch.setattr(encryption, "connect", self._connect)
        patch.setattr(encryption, "export", self._exported)
        patch.setattr(encryption, "passphrase", lambda _: "old")
        patch.setattr(encryption, "key_for", lambda _, secret: f"key {secret}")
        patch.setattr(encryption, "new_key", lambda secret: f"key {secret}")
        patch.setattr(encryption, "keep_in_keyring", lambda _, secret: self.rung.append(secret))
        patch.setattr(encryption, "read_kept", lambda path, _: path.read_bytes())
        patch.setattr(encryption, "write_kept", self._write)
        self.said = ["ok"]

    def _connect(self, path: Path, key: object) -> Any:
        if key is not None and path.read_text() != key:
            raise KeyMismatch("driver" if path.read_text() == "key odd" else "wrong", path)
        rows = [(each,) for each in self.said]
        return SimpleNamespace(close=lambda: None, execute=lambda _: rows)

    def _exported(self, path: Path, old: object, copy: Path, new: object) -> None:
        self.exports(path, old, copy, new)

    def _export(self, _: Path, __: object, copy: Path, key: object) -> None:
        assert copy.exists()  # for its owner's eyes before anything is in it
        copy.write_text("plain" if key is None else str(key))

    def _write(self, path: Path, _: bytes, key: object) -> None:
        self.kept.append(path.name)
        path.write_text("plain" if key is None else str(key))


NAMES = ("ledger.sqlite3", "paper.sqlite3", "a.sqlite3", "z.sqlite3", "m.sqlite3")


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> Sealing:
    return Sealing(monkeypatch)


@pytest.fixture
def account(tmp_path: Path) -> Config:
    config = config_in(tmp_path, 'encrypt = "passphrase"')
    for name in (*NAMES, "memory.json"):
        (config.state / name).write_text("plain")
    for folder, names in (
        ("inputs", ("5.zip", "3.zip", "4.zip", "1.zip")),
        ("letters", ("q.html", "b.html", "k.html")),
    ):
        (config.state / folder).mkdir()
        for name in names:
            (config.state / folder / name).write_text("plain")
    for name in ("ledger.sqlite3-wal", "x.sqlite3.partial", "ledger.sqlite3.converting-journal"):
        (config.state / name).write_text("left")
    (config.state / "empty.sqlite3").touch()
    (config.state / "folder.sqlite3").mkdir()
    return config


def texts(config: Config) -> set[str]:
    return {
        (config.state / name).read_text()
        for name in (*NAMES, "memory.json", "inputs/1.zip", "letters/b.html")
    }


def test_every_file_is_sealed_unsealed_and_sealed_otherwise(
    account: Config, sealing: Sealing
) -> None:
    assert encryption.encrypt(account) == 13
    assert (texts(account), sealing.rung) == ({"key old"}, ["old"])
    assert sealing.kept == [
        "memory.json",
        "1.zip",
        "3.zip",
        "4.zip",
        "5.zip",
        "b.html",
        "k.html",
        "q.html",
    ]
    assert not list(account.state.glob("*.converting*"))
    assert encryption.encrypt(account) == 0
    assert encryption.change_passphrase(account, cast("Any", "new")) == 13
    assert (texts(account), sealing.rung[-1]) == ({"key new"}, "new")
    (account.state / "paper.sqlite3").write_text("key old")
    (account.state / "inputs" / "1.zip").write_text("key old")
    (account.state / "memory.json").write_text("key old")
    assert encryption.change_passphrase(account, cast("Any", "new")) == 3
    (account.state / "ledger.sqlite3").write_text("plain")
    for name in ("memory.json", "inputs/1.zip"):
        (account.state / name).write_text("plain")
    for path in [*account.state.glob("*.sqlite3"), *account.state.glob("*/*")]:
        if path.is_file() and path.read_text() == "key new":
            path.write_text("key old")
    assert encryption.decrypt(account) == 10


def test_files_are_converted_by_name_in_whatever_order_the_folder_lists_them(
    account: Config, sealing: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Path.glob
    for backwards in (False, True):
        monkeypatch.setattr(
            Path, "glob", lambda path, text, b=backwards: sorted(listed(path, text), reverse=b)
        )
        found = [path.name for path in encryption._kept(account.state)]
        assert found[1:] == [
            "1.zip", "3.zip", "4.zip", "5.zip", "b.html", "k.html", "q.html",
        ]  # fmt: skip
        databases = [path.name for path in encryption._databases(account.state)]
        assert databases == sorted(NAMES)


def test_a_wrong_passphrase_changes_nothing(account: Config, sealing: Sealing) -> None:
    (account.state / "paper.sqlite3").write_text("key other")
    with pytest.raises(Sealed) as wrong:
        encryption.encrypt(account)
    assert wrong.value.why == "wrong"
    assert (account.state / "a.sqlite3").read_text() == "plain"
    (account.state / "paper.sqlite3").write_text("key odd")
    with pytest.raises(Sealed) as driver:
        encryption.encrypt(account)
    assert (driver.value.why, sealing.kept) == ("driver", [])


def test_an_account_that_does_not_ask_for_it_is_not_encrypted(
    tmp_path: Path, sealing: Sealing
) -> None:
    with pytest.raises(Sealed) as refused:
        encryption.encrypt(config_in(tmp_path))
    assert (refused.value.why, sealing.rung) == ("not_asked", [])


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OperationalError("database is locked"), "busy"),
        (OperationalError("disk I/O error"), "failed"),
        (DatabaseError("odd"), "failed"),
        (OSError("full"), "failed"),
        (KeyMismatch("driver", "x"), "driver"),
    ],
)
def test_a_file_that_cannot_be_converted_stays_and_leaves_no_copy(
    account: Config, sealing: Sealing, error: Exception, why: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    sealing.exports = fails
    with pytest.raises(Sealed) as failed:
        encryption.encrypt(account)
    assert (failed.value.why, failed.value.detail["path"]) == (
        why,
        str(account.state / "a.sqlite3"),
    )
    assert texts(account) == {"plain"}
    assert not list(account.state.glob("*.converting*"))


def test_a_copy_that_is_not_whole_never_takes_the_place_of_the_original(
    account: Config, sealing: Sealing
) -> None:
    sealing.said = ["row 3 missing from index", "row 4 missing too"]
    with pytest.raises(Sealed) as failed:
        encryption.encrypt(account)
    assert "row 3 missing" in str(failed.value.detail["fault"])
    assert texts(account) == {"plain"}
