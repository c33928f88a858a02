"""Every text file is read as what it is: regular, bounded, UTF-8, without control characters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jeoul import api, assets
from jeoul.account import read_portfolio
from jeoul.account.holdings import Given, read_holdings
from jeoul.cli.main import main
from jeoul.errors import ConfigError, DataError, HoldingsError, JeoulError
from jeoul.files.text import read_text
from jeoul.market.raw.answer import SeriesRequest
from jeoul.market.sources.csv import CsvFiles
from jeoul.operations.broker.port import BrokerContext
from jeoul.operations.broker.statement import HoldingsStatement
from jeoul.operations.setup.memory import NAME, newest_before
from jeoul.operations.setup.secrets import kept_tokens, token_file

Spoil = Callable[[Path], object]


def _pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path)


def _zero_bytes(path: Path) -> None:
    path.write_bytes(b"ticker,shares\n\0\n")


def _escape(path: Path) -> None:
    path.write_text("date,\x1b[31m069500\n2026-06-30,1\n")


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


SPOILT: dict[str, Spoil] = {
    "a pipe": _pipe,
    "a device without end": _endless,
    "a loop of links": _loop,
    "a zero byte": _zero_bytes,
    "an escape": _escape,
    "a hundred megabytes": _large,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sample with a findings file."""
    place = tmp_path / "market"
    shutil.copytree(assets.data("sample"), place)
    (place / "findings.csv").write_text("date,subject,kind,severity,detail\n")
    with (place / "manifest.toml").open("a") as file:
        file.write('\n[[file]]\npath = "findings.csv"\nfindings_of = "prices-kr.csv"\n')
    return place


@pytest.mark.posix
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
@pytest.mark.parametrize("name", ["prices-kr.csv", "events-us.csv", "findings.csv"])
def test_a_file_of_a_market_folder(folder: Path, name: str, spoil: Spoil) -> None:
    spoil(folder / name)
    with pytest.raises(DataError) as refusal:
        api.open_market(folder)
    assert [p.file for p in refusal.value.problems] == [name]
    assert str(refusal.value).isprintable()


@pytest.mark.posix
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
def test_holdings_and_prices_of_ones_own(tmp_path: Path, spoil: Spoil) -> None:
    spoil(tmp_path / "mine.csv")
    with pytest.raises(JeoulError):
        read_portfolio(tmp_path / "mine.csv")
    with pytest.raises(JeoulError):
        CsvFiles(tmp_path).fetch(SeriesRequest("mine.csv", date(2020, 1, 1), date(2026, 12, 31)))


@pytest.mark.posix
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
def test_a_file_of_the_state_folder_that_is_damaged_is_asked_for_again(
    tmp_path: Path, spoil: Spoil
) -> None:
    for name in (token_file("kis"), NAME):
        spoil(tmp_path / name)
    assert kept_tokens(tmp_path) == ()
    assert newest_before(tmp_path, "key", date(2026, 6, 30), lambda _: None) is None


@pytest.mark.posix
@pytest.mark.parametrize("spoil", [_pipe, _endless, _loop, _large])
def test_a_holdings_file_that_a_config_names(tmp_path: Path, spoil: Spoil) -> None:
    spoil(tmp_path / "h.csv")
    with pytest.raises(DataError):
        HoldingsStatement(
            tmp_path / "h.csv", Given(), None, cast("BrokerContext", SimpleNamespace())
        ).digest()
    with pytest.raises(HoldingsError):
        read_holdings(tmp_path / "h.csv")


@pytest.mark.posix
def test_a_link_does_not_lead_out_of_a_market_folder(folder: Path, tmp_path: Path) -> None:
    private = tmp_path / "private.csv"
    private.write_text("date,secret\n")
    (folder / "signals.csv").unlink()
    (folder / "signals.csv").symlink_to(private)
    with pytest.raises(DataError) as refusal:
        api.open_market(folder)
    assert "signals.csv: is a link that leaves the folder" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.posix
def test_a_link_within_a_market_folder_is_followed(folder: Path) -> None:
    (folder / "signals.csv").rename(folder / "signals-2026.csv")
    (folder / "signals.csv").symlink_to("signals-2026.csv")
    assert "vix" in api.open_market(folder).series


@pytest.mark.posix
def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the file and its opening somebody puts a pipe there."""
    file = tmp_path / "a.toml"
    file.write_text("x = 1\n")
    look = os.stat

    def stat_then_swap(path: Any, **more: Any) -> Any:
        found = look(path, **more)
        if path == file:
            monkeypatch.undo()
            _pipe(file)
        return found

    monkeypatch.setattr(os, "stat", stat_then_swap)
    with pytest.raises(ConfigError, match="is not a regular file"):
        read_text(file)


@pytest.mark.parametrize("text", ['"\\u001b[31m"', '"\\u202e"', '"a\\u0000"', '"\\u009b31m"'])
@pytest.mark.parametrize("key", ["what = {}", "{} = 1", "[x]\ny = [{{ z = {} }}]"])
def test_a_value_or_name_that_would_steer_the_terminal_is_refused(
    folder: Path, text: str, key: str
) -> None:
    manifest = folder / "manifest.toml"
    manifest.write_text(key.format(text) + "\n" + manifest.read_text())
    with pytest.raises(DataError, match="contains a control character") as refusal:
        api.open_market(folder)
    assert str(refusal.value).isprintable()


def test_what_is_typed_is_not_printed_raw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["decide", "\x1b[31m", "--profile", "balanced"], ["data", "\x1b[31m"]):
        monkeypatch.setattr("sys.argv", ["jeoul", *command])
        with pytest.raises(SystemExit):
            main()
        said = capsys.readouterr().err
        assert "\x1b" not in said
        assert said.count("\n") == 1
