"""The commands of a live account, as a person types them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from jeoul import assets
from jeoul.cli.history import history
from jeoul.cli.ledger import ledger
from jeoul.cli.replay import replay
from jeoul.cli.run import run
from jeoul.cli.schedule import schedule
from jeoul.errors import AlreadyRunning, UsageError
from jeoul.messages import catalogue
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.outcome import OUTCOMES
from jeoul.operations.told import notify


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    file = folder / "mine.toml"
    file.write_text(
        'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "conservative"\n'
        'state = "state"\nlang = "en"\n[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    call(run, file, "--as-of", "2025-03-04", "--execute")
    return file


def call(command: Any, *arguments: str | Path) -> Any:
    found = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


def test_a_run_is_one_json_object_and_its_exit_code(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(config.read_text("utf-8"), "utf-8")
    dry = call(run, other, "--as-of", "2025-03-04")
    assert dry.return_value == 0
    assert json.loads(dry.stdout)["outcome"] == "planned"
    done = json.loads(call(run, config, "--as-of", "2025-03-04", "--execute").stdout)
    assert (done["outcome"], done["exit_code"], done["simulated"]) == ("executed", 0, True)
    assert done["notified"] is False
    again = json.loads(call(run, config, "--as-of", "2025-03-04", "--execute").stdout)
    assert again == done
    assert sum(done["weights"].values()) == pytest.approx(1.0, abs=1e-9)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was sent to the addresses of the environment."""
    sent = []
    monkeypatch.setenv("JEOUL_NOTIFY", "json://example.invalid")
    monkeypatch.setattr(notify, "_apprise", lambda *parts: sent.append(parts) is None)  # type: ignore[func-returns-value]
    return sent


def told_config(folder: Any, config: Any, extra: Any = "") -> Any:
    file = folder / "told.toml"
    file.write_text(config.read_text("utf-8") + f"{extra}[notify]\n", "utf-8")
    return file


def notified(config: Any, *arguments: Any) -> Any:
    return json.loads(call(run, config, *arguments, "--execute").stdout)["notified"]


@pytest.mark.parametrize("folder", ["gone", "empty", "half"])
def test_a_market_that_cannot_be_opened_is_an_outcome_like_any_other(
    config: Path, tmp_path: Path, post: Any, folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "manifest.toml").write_text("schema = ", "utf-8")
    broken = told_config(tmp_path, config, f'[data]\nfolder = "{folder}"\n')
    found = call(run, broken, "--execute")
    document = json.loads(found.stdout)
    assert found.return_value == document["exit_code"] == 3
    assert (document["outcome"], document["notified"]) == ("blocked_data", True)
    assert document["reasons"][0] in post[0][2]
    listed = json.loads(call(history, broken, "--json").stdout)["entries"]
    assert [(e["outcome"], e["session"]) for e in listed] == [("blocked_data", document["as_of"])]
    again = json.loads(call(run, broken, "--execute").stdout)
    assert again == document | {"notified": False}
    assert len(post) == 1


def test_prices_of_the_wrong_exchange_are_an_outcome_too(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new-york"
    folder.mkdir()
    text = assets.data("sample", "manifest.toml").read_text("utf-8")
    tables = text.split("[[file]]")
    kept = [tables[0], *(t for t in tables[1:] if 'path = "prices-us.csv"' in t)]
    (folder / "manifest.toml").write_text("[[file]]".join(kept), "utf-8")
    shutil.copy(assets.data("sample", "prices-us.csv"), folder)
    other = tmp_path / "other.toml"
    other.write_text(f'{config.read_text("utf-8")}[data]\nfolder = "new-york"\n', "utf-8")
    found = call(run, other, "--execute")
    assert found.return_value == 3
    assert "has no prices of XKRX" in json.loads(found.stdout)["reasons"][0]


def test_an_hourly_timer_tells_the_same_result_once(
    config: Path, tmp_path: Path, post: Any
) -> None:
    file = told_config(tmp_path, config)
    starts = [("--as-of", "2025-03-04")] * 3 + [("--as-of", "2025-03-05")]
    told = [notified(file, *start) for start in starts]
    assert told == [True, False, False, False]  # nothing to do is not told
    assert "Executed" in post[0][1]


def test_a_key_without_effect_is_named_on_stderr(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    text = config.read_text("utf-8").replace('"mine"', '"old"')
    file.write_text(text + '[schedule]\nevery = "month"\n', "utf-8")
    line = text.count("\n") + 2
    starts = [(), (), ("--execute",), ("--execute",)]
    said = [call(run, file, "--as-of", "2025-03-04", *start) for start in starts]
    named = [f"{file}:{line}: schedule.every" in found.stderr for found in said]
    assert named == [True, True, True, False]  # a dry run keeps no note of it
    assert all(json.loads(found.stdout)["outcome"] for found in said)


def test_what_could_not_be_delivered_is_told_again(
    config: Path, tmp_path: Path, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = told_config(tmp_path, config)
    with monkeypatch.context() as broken:
        broken.setattr(notify, "_apprise", lambda *parts: False)
        assert not notified(file, "--as-of", "2025-03-04")
    assert notified(file, "--as-of", "2025-03-04")


def test_history_and_replay_speak_of_it(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = json.loads(call(history, config, "--json").stdout)["entries"]
    first = next(entry for entry in listed if "run_id" in entry)  # other tests may leave notes
    assert first["run_id"] == "mine.static.2025-03-04"
    assert first["reasons"]
    assert "mine.static.2025-03-04" in call(history, config).stdout
    monkeypatch.chdir(config.parent)
    found = call(replay, "mine.static.2025-03-04", "--json")
    assert json.loads(found.stdout)["same"] is True
    assert found.return_value == 0
    with pytest.raises(UsageError, match="no run"):
        call(replay, "mine.static.1999-01-04")
    with pytest.raises(UsageError, match="no config here"):
        call(replay, "other.static.2025-03-04")


def test_the_ledger_is_proven_copied_and_put_back(config: Path, tmp_path: Path) -> None:
    head = call(ledger, "head", config).stdout.strip()
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", head)
    assert head in call(ledger, "check", config, "--head", head).stdout
    call(ledger, "backup", config, tmp_path / "copy.sqlite3")
    restored = json.loads(call(ledger, "restore", config, tmp_path / "copy.sqlite3").stdout)
    assert restored["kept"].endswith("before-restore-1")
    assert call(ledger, "head", config).stdout.strip() == head
    with pytest.raises(UsageError, match="not a head"):
        call(ledger, "check", config, "--head", "12:34")
    with pytest.raises(LedgerError, match="there is no backup"):
        call(ledger, "restore", config, tmp_path / "none.sqlite3")


@pytest.mark.parametrize("fault", ["text", "cut", "changed", "empty"])
def test_a_bad_backup_is_left_aside_for_another(config: Path, tmp_path: Path, fault: str) -> None:
    copy = tmp_path / "copy.sqlite3"
    call(ledger, "backup", config, copy)
    if fault == "text":
        copy.write_text("no ledger at all " * 100, "utf-8")
    elif fault == "empty":
        copy.write_bytes(b"")
    elif fault == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    else:
        found = open_ledger(copy)
        cast("Any", found.store).connection.execute("DROP TRIGGER postings_no_update")
        cast("Any", found.store).connection.execute(
            "UPDATE postings SET amount = 1 WHERE account = 'trading'"
        )
        found.close()
    head = call(ledger, "head", config).stdout
    with pytest.raises(LedgerError, match="choose another backup") as caught:
        call(ledger, "restore", config, copy)
    assert "jeoul ledger restore" not in str(caught.value)
    assert call(ledger, "head", config).stdout == head


def test_a_tampered_ledger_fails_its_check_with_exit_code_5(config: Path) -> None:
    place = config.parent / "state" / NAME
    before = place.read_bytes()
    found = open_ledger(place)
    cast("Any", found.store).connection.execute("DROP TRIGGER postings_no_update")
    cast("Any", found.store).connection.execute(
        "UPDATE postings SET amount = amount - 1 WHERE account = 'trading'"
    )
    found.close()
    with pytest.raises(LedgerError, match="was changed after it was written") as caught:
        call(ledger, "check", config)
    assert caught.value.exit_code == 5
    place.write_bytes(before)
    call(ledger, "check", config)


def test_a_second_start_leaves_with_75(config: Path) -> None:
    with locked(config.parent / "state"), pytest.raises(AlreadyRunning) as caught:
        call(run, config, "--as-of", "2025-03-05")
    assert caught.value.exit_code == 75


def test_a_schedule_is_written_for_every_system(config: Path, tmp_path: Path) -> None:
    found = json.loads(call(schedule, config, "--json").stdout)
    assert set(found["entries"]) == {"systemd", "cron", "launchd", "windows", "github"}
    call(schedule, config, "--out", tmp_path / "timers")
    names = sorted(path.name for path in (tmp_path / "timers").iterdir())
    assert names == [
        "jeoul-mine.cron", "jeoul-mine.plist", "jeoul-mine.service", "jeoul-mine.timer",
        "jeoul-mine.xml", "jeoul-mine.yml",
    ]  # fmt: skip


def test_without_a_program_the_timers_start_the_interpreter(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["/lib/jeoul/__main__.py"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    text = call(schedule, config, "--system", "cron").stdout
    assert f"{tmp_path / 'python'} -m jeoul run {config} --execute" in text
    program = tmp_path / "jeoul"
    program.touch(0o755)
    assert f"{program} run {config} --execute" in call(schedule, config, "--system", "cron").stdout


def test_both_languages_say_the_same_things() -> None:
    ours = {
        lang: {k: v for k, v in catalogue(lang).items() if k.startswith("operations.")}
        for lang in ("ko", "en")
    }
    assert set(ours["ko"]) == set(ours["en"])
    for key, text in ours["en"].items():
        places = set(re.findall(r"{(\w+)", text))
        assert places == set(re.findall(r"{(\w+)", ours["ko"][key])), key
    assert all(f"operations.outcome_{name}" in ours["en"] for name in OUTCOMES)


@pytest.mark.parametrize("damage", ["header", "page", "empty"])
def test_a_damaged_ledger_is_an_outcome_of_every_command(
    config: Any, tmp_path: Path, damage: Any
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(config.read_text("utf-8"), "utf-8")
    shutil.copytree(config.parent / "state", tmp_path / "state")
    place = tmp_path / "state" / NAME
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        pages = [page for (page,) in connection.execute("SELECT rootpage FROM sqlite_master")]
    whole = bytearray(place.read_bytes())
    for page in [1] if damage == "header" else pages:
        if page > 1 or damage == "header":
            whole[(page - 1) * size : (page - 1) * size + 200] = b"\xff" * 200
    place.write_bytes(b"" if damage == "empty" else whole)
    stopped = json.loads(call(run, file, "--execute").stdout)
    assert (stopped["outcome"], stopped["exit_code"]) == ("needs_person", 5)
    assert "damaged" in stopped["reasons"][0]
    for command, arguments in (
        (history, (file,)),
        (ledger, ("check", file)),
        (ledger, ("head", file)),
        (ledger, ("backup", file, tmp_path / "copy")),
        (replay, ("mine.static.2025-03-04", "--config", file)),
    ):
        with pytest.raises(LedgerError, match="damaged"):
            call(command, *arguments)
