"""Letters of an encrypted account are encrypted like everything else in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul.database import plain
from jeoul.errors import DataError, UsageError
from jeoul.operations.encryption import decrypt, encrypt
from jeoul.operations.letter.filing import content_of, file_letter, filed
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.passphrase import key_of
from jeoul.operations.setup.secrets import PASSPHRASE
from jeoul.workspace.letter import filed_under

CONFIG = """
schema = 1
name = "mine"
strategy = "static"
profile = "balanced"
state = "state"
encrypt = "passphrase"
[broker]
kind = "paper"
"""
HOUSEHOLD = """
schema = 1
name = "home"
strategy = "static"
state = "state"
encrypt = "passphrase"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.general]
owner = "minsu"
kind = "general"
broker = { kind = "paper", cash = 10_000_000 }
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    pytest.importorskip("sqlcipher3")
    monkeypatch.setenv(PASSPHRASE, "correct horse battery")
    (tmp_path / "mine.toml").write_text(CONFIG, "utf-8")
    return load_config(tmp_path / "mine.toml")


def test_a_letter_is_encrypted_and_made_plain_with_its_account(config: Config) -> None:
    file_letter(config.state, "2024Q2", "ko", "<p>planted</p>", None)
    encrypt(config)
    (letter,) = filed(config.state)
    assert not plain(letter.path)
    assert b"planted" not in letter.path.read_bytes()
    key = key_of(config)
    assert content_of(letter, key) == b"<p>planted</p>"
    assert file_letter(config.state, "2024Q2", "ko", "<p>planted</p>", key).edition == 1
    assert not plain(file_letter(config.state, "2024Q2", "ko", "<p>other</p>", key).path)
    decrypt(config)
    assert [each.path.read_bytes() for each in filed(config.state)] == [
        b"<p>planted</p>",
        b"<p>other</p>",
    ]


def test_a_letter_of_another_key_cannot_be_read(config: Config) -> None:
    letter = file_letter(config.state, "2024Q2", "ko", "page", None)
    with pytest.raises(DataError, match=r"2024Q2-ko\.html cannot be read"):
        content_of(letter, key_of(config))


def test_the_letters_of_an_encrypted_household_are_not_filed_together(tmp_path: Path) -> None:
    (tmp_path / "household.toml").write_text(HOUSEHOLD, "utf-8")
    with pytest.raises(UsageError, match=r"give .*household\.toml:ACCOUNT"):
        filed_under(str(tmp_path / "household.toml"))
