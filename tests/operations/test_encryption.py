"""An account that is encrypted at rest: nothing of it can be read, and nothing of it is lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from harness import (
    in_child,
    make_config,
    make_runner,
    paper_rules,
    plain_in,
    proposal,
    sessions,
    weights_of,
)

from jeoul import database
from jeoul.cli.health import health
from jeoul.cli.history import history
from jeoul.cli.ledger import ledger as ledger_commands
from jeoul.cli.replay import replay
from jeoul.cli.resolve import resolve
from jeoul.cli.run import run
from jeoul.cli.schedule import schedule
from jeoul.database import (
    DatabaseError,
    EncryptionKey,
    IntegrityError,
    KeyMismatch,
    OperationalError,
    connect,
    plain,
    refused,
)
from jeoul.operations import encryption
from jeoul.operations.broker.port import Ids
from jeoul.operations.encryption import change_passphrase, decrypt, encrypt
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger import NAME, backup, ledger_of, open_ledger, proven, restore
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import Config, load_config, secrets_of
from jeoul.operations.setup.passphrase import GIVEN, Descriptor, checked, key_of
from jeoul.operations.setup.secrets import PASSPHRASE, Secret

WORD, OTHER = "correct horse battery", "staple 배터리 2027"
CASH = 20_123_457  # no other number of the account looks like it
ASKED = 'encrypt = "passphrase"'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain account of the command line that has traded, and its backup."""
    folder = tmp_path_factory.mktemp("plain")
    file = folder / "mine.toml"
    file.write_text(
        'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "conservative"\n'
        f'state = "state"\nlang = "en"\n[broker]\nkind = "paper"\ncash = {CASH}\n',
        "utf-8",
    )
    call(run, file, "--as-of", "2025-03-04", "--execute")
    return file


@pytest.fixture
def account(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A plain account whose config asks for encryption, with the passphrase in its variable."""
    shutil.copytree(made.parent, tmp_path / "own")
    file = tmp_path / "own" / made.name
    file.write_text(f"{ASKED}\n" + file.read_text("utf-8"), "utf-8")
    monkeypatch.setenv(PASSPHRASE, WORD)
    return load_config(file)


def call(command: Any, *arguments: str | Path) -> Any:
    found = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


def readable(config: Config) -> list[str]:
    """The files below an account's folder in which its holdings can be read."""
    found = plain_in(config.path.parent, str(CASH))
    return [path for path in found if path != str(config.path)]


def head_of(config: Config) -> str:
    with closing(ledger_of(config)) as ledger:
        return proven(ledger).head.hash


@pytest.mark.posix
def test_holdings_are_found_in_no_file_during_a_run_and_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, WORD)
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    day = sessions()[0]
    seen: dict[str, set[str]] = {}
    for extra in ("", ASKED):
        draw = random.Random(5)
        folder = tmp_path / (extra or "plain").partition(" ")[0]
        folder.mkdir()
        config, found = make_config(folder, extra), set[str]()

        def look(step: str, folder: Path = folder, found: set[str] = found) -> None:
            # in a process of its own: to close a file here would end SQLite's locks on it
            if in_child(lambda: os._exit(1 if plain_in(folder) or _beside(folder) else 0)):
                found.add(step)

        rules = paper_rules(Ids.UNIQUE, draw)
        plans = {day: proposal(day, weights_of(draw))}
        runner = make_runner(config, rules, plans, checkpoint=look)
        report = runner.run(RunRequest(as_of=day, execute=True))
        assert report.outcome == "executed", report.reasons
        runner.broker.close()
        look("after")
        seen[extra] = found
    assert seen[""]  # they are there to be found
    assert seen[ASKED] == set()


def _beside(folder: Path) -> list[str]:
    """The temporary files beside an account's folder in which its holdings can be read."""
    files = (path for path in folder.parent.iterdir() if path.is_file())
    return [str(path) for path in files if b"069500" in path.read_bytes()]


def test_encrypting_leaves_nothing_to_read_and_changes_nothing(account: Config) -> None:
    shutil.copy2(account.state / NAME, account.state / f"{NAME}.before-restore-1")
    with closing(open_ledger(account.state / NAME)) as ledger:
        before = proven(ledger).head.hash
    assert readable(account)
    assert encrypt(account) == 5  # ledger, the one kept beside it, paper account, memory, inputs
    assert readable(account) == []
    assert head_of(account) == before
    assert encrypt(account) == 0
    again = json.loads(
        call(run, account.path, "--as-of", "2025-03-04", "--execute", "--adopt").stdout
    )
    assert again["outcome"] == "executed"
    past = json.loads(call(history, account.path, "--json").stdout)["entries"]
    name = next(entry["run_id"] for entry in past if "run_id" in entry)
    assert (
        json.loads(call(replay, name, "--config", account.path, "--json").stdout)["source"]
        == "archive"
    )
    assert readable(account) == []
    assert not list(account.state.glob("*.zip"))


def test_decrypting_gives_the_plain_account_back(account: Config) -> None:
    with closing(open_ledger(account.state / NAME)) as ledger:
        before = proven(ledger).head.hash
    memory = (account.state / "memory.json").read_bytes()
    inputs = {path.name: path.read_bytes() for path in (account.state / "inputs").iterdir()}
    encrypt(account)
    assert decrypt(account) == 4
    with closing(open_ledger(account.state / NAME)) as ledger:
        assert proven(ledger).head.hash == before
    assert (account.state / "memory.json").read_bytes() == memory
    assert {p.name: p.read_bytes() for p in (account.state / "inputs").iterdir()} == inputs


def test_another_passphrase_takes_the_place_of_the_first(
    account: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(account)
    before = head_of(account)
    monkeypatch.setenv("JEOUL_NEW_PASSPHRASE", OTHER)
    said = json.loads(call(ledger_commands, "passphrase", account.path, "--json").stdout)
    assert {"account": "mine", "files": 4, "done": "changed"}.items() <= said.items()
    with pytest.raises(Sealed, match="does not open"):
        head_of(account)
    monkeypatch.setenv(PASSPHRASE, OTHER)
    assert head_of(account) == before


def killed_at(work: Callable[[], object], place: int, *, before: bool) -> bool:
    """Run a conversion in a process that dies beside its nth replacement; return if it died."""
    left = [place]
    replaced = os.replace

    def replace(source: Any, target: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and before:
            os.kill(os.getpid(), signal.SIGKILL)
        replaced(source, target)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def child() -> None:
        pytest.MonkeyPatch().setattr(os, "replace", replace)
        work()

    status = in_child(child)
    assert os.WIFSIGNALED(status) or status == 0
    return os.WIFSIGNALED(status)


@pytest.mark.posix
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("conversion", ["encrypt", "decrypt", "passphrase"])
def test_a_killed_conversion_leaves_each_file_old_or_new_and_goes_on(
    account: Config, monkeypatch: pytest.MonkeyPatch, conversion: str, before: bool
) -> None:
    with closing(open_ledger(account.state / NAME)) as ledger:
        head = proven(ledger).head.hash
    if conversion != "encrypt":
        encrypt(account)
    conversions: dict[str, Callable[[], object]] = {
        "encrypt": lambda: encrypt(account),
        "decrypt": lambda: decrypt(account),
        "passphrase": lambda: change_passphrase(account, Secret(OTHER)),
    }
    work = conversions[conversion]
    key_of(account).of(account.state / NAME)
    plain_before = set(readable(account))
    deaths = 0
    while killed_at(work, 1 if before and deaths else deaths + 1, before=before):
        deaths += 1
        if conversion == "encrypt":
            assert set(readable(account)) <= plain_before  # no new plain copy
        if deaths > 3:
            break
    assert deaths >= 1
    work()
    assert not list(account.state.glob("*.converting*"))
    if conversion == "decrypt":
        with closing(open_ledger(account.state / NAME)) as ledger:
            assert proven(ledger).head.hash == head
        return
    if conversion == "passphrase":
        monkeypatch.setenv(PASSPHRASE, OTHER)
    assert head_of(account) == head
    assert readable(account) == []


@pytest.mark.posix
def test_a_copy_that_a_killed_decryption_left_is_gone_after_the_next_run(account: Config) -> None:
    encrypt(account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_compare", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        assert os.WIFSIGNALED(in_child(lambda: decrypt(account)))
    assert list(account.state.glob("*.converting*"))
    call(run, account.path, "--as-of", "2025-03-04")
    assert not list(account.state.glob("*.converting*"))
    assert readable(account) == []


def test_a_copy_with_other_rows_never_takes_the_place_of_the_original(account: Config) -> None:
    whole = (account.state / NAME).read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        real = database._compare

        def spoiled(connection: Any, table: str) -> None:
            if table == "meta":
                connection.execute("UPDATE fresh.meta SET value = '1' WHERE name = 'cash'")
            real(connection, table)

        patch.setattr(database, "_compare", spoiled)
        with pytest.raises(Sealed, match=r"paper\.sqlite3 cannot be converted"):
            encrypt(account)
    assert plain(account.state / "paper.sqlite3")
    assert (account.state / NAME).read_bytes() != whole  # the ledger was done before
    assert encrypt(account) == 3


COMMANDS: dict[str, tuple[Any, ...]] = {
    "history": (history,),
    "health": (health,),
    "resolve": (resolve, "--forget-clock"),
    "check": (ledger_commands, "check"),
    "head": (ledger_commands, "head"),
    "backup": (ledger_commands, "backup"),
    "decrypt": (ledger_commands, "decrypt"),
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_or_missing_passphrase_is_said_with_its_remedy(
    sealed: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, lang: str
) -> None:
    text = sealed.path.read_text("utf-8").replace('lang = "en"', f'lang = "{lang}"')
    file = sealed.path.with_name(f"{lang}.toml")
    file.write_text(text, "utf-8")
    command, *first = COMMANDS[name]
    last = [tmp_path / "copy"] if name == "backup" else []
    for given, remedy in ((None, "--passphrase-fd N"), ("not the right one", "ledger passphrase")):
        monkeypatch.delenv(PASSPHRASE, raising=False)
        if given is not None:
            monkeypatch.setenv(PASSPHRASE, given)
        arguments = [*first, file] if command is ledger_commands else [file, *first]
        with pytest.raises(LedgerError, match=remedy) as caught:
            call(command, *arguments, *last)
        assert caught.value.exit_code == 5
        assert given is None or given not in str(caught.value)
        assert ("비밀번호" in str(caught.value)) == (lang == "ko")


@pytest.fixture(scope="module")
def sealed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An encrypted account; tests only read it."""
    folder = tmp_path_factory.mktemp("sealed") / "own"
    shutil.copytree(made.parent, folder)
    file = folder / made.name
    file.write_text(f"{ASKED}\n" + file.read_text("utf-8"), "utf-8")
    config = load_config(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PASSPHRASE, WORD)
        encrypt(config)
    return config


@pytest.mark.parametrize(("given", "said"), [(None, "no passphrase"), ("wrong one", "not open")])
def test_a_run_with_a_wrong_passphrase_is_an_outcome(
    sealed: Config, monkeypatch: pytest.MonkeyPatch, given: str | None, said: str
) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)
    if given is not None:
        monkeypatch.setenv(PASSPHRASE, given)
    found = call(run, sealed.path, "--execute", "--as-of", "2025-03-04")
    document = json.loads(found.stdout)
    assert (document["outcome"], found.return_value) == ("needs_person", 5)
    assert said in document["reasons"][0]


def test_plain_files_of_an_account_that_asks_for_encryption_are_refused(account: Config) -> None:
    with pytest.raises(LedgerError, match="jeoul ledger encrypt CONFIG"):
        call(history, account.path)


def test_an_encrypted_ledger_of_a_config_that_does_not_say_so_is_refused(sealed: Config) -> None:
    file = sealed.path.with_name("silent.toml")
    file.write_text(sealed.path.read_text("utf-8").replace(ASKED, ""), "utf-8")
    with pytest.raises(LedgerError, match='write encrypt = "passphrase" into the config'):
        call(history, file)
    with pytest.raises(LedgerError, match="does not ask for encryption"):
        call(ledger_commands, "encrypt", file)


def test_a_short_passphrase_is_refused(account: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "seven77")
    with pytest.raises(Sealed, match="shorter than 8"):
        encrypt(account)


def test_a_passphrase_is_hidden_wherever_it_could_be_shown(sealed: Config) -> None:
    assert WORD in secrets_of(sealed, {PASSPHRASE: WORD})
    key = key_of(sealed, {PASSPHRASE: WORD})
    assert repr(key) == "EncryptionKey([hidden])"
    with pytest.raises(TypeError):
        key.__reduce__()
    derived = key.of(sealed.state / NAME)
    with pytest.raises(Sealed) as caught:
        open_ledger(sealed.state / NAME, key=key_of(sealed, {PASSPHRASE: "another one"}))
    cause = caught.value.__cause__
    while cause is not None:
        assert WORD not in str(cause)
        assert derived[2:66] not in str(cause)
        cause = cause.__cause__


def test_a_file_descriptor_gives_the_passphrase_and_comes_first(
    sealed: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "the wrong one")
    reading, writing = os.pipe()
    os.write(writing, f"{WORD}\n".encode())
    os.close(writing)
    found = call(ledger_commands, "head", sealed.path, "--passphrase-fd", str(reading))
    os.close(reading)
    assert found.stdout.startswith(head_line(sealed))
    assert GIVEN.get() is None  # the next command is asked again
    with pytest.raises(Sealed, match="descriptor 9999"):
        Descriptor(9999).secret()


def head_line(config: Config) -> str:
    with closing(open_ledger(config.state / NAME, key=key_of(config, {PASSPHRASE: WORD}))) as found:
        return f"{found.head().seq}:"


def test_a_passphrase_is_the_same_however_a_system_composes_its_letters() -> None:
    composed = "나의 비밀번호 2027"
    taken_apart = unicodedata.normalize("NFD", composed)
    assert taken_apart != composed
    assert checked(taken_apart, Path()).reveal() == composed


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    entries: dict[tuple[str, str], str] = {}

    def put(service: str, name: str, value: str) -> None:
        entries[service, name] = value

    fake = SimpleNamespace(
        get_password=lambda service, name: entries.get((service, name)), set_password=put
    )
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return entries


def test_the_systems_keyring_keeps_the_passphrase(
    account: Config, keyring: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = account.path
    file.write_text(file.read_text("utf-8").replace('"passphrase"', '"keyring"'), "utf-8")
    config = load_config(file)
    encrypt(config)
    assert keyring == {("jeoul", str(config.state)): WORD}
    monkeypatch.delenv(PASSPHRASE)
    before = head_of(config)
    change_passphrase(config, Secret(OTHER))
    assert keyring == {("jeoul", str(config.state)): OTHER}
    assert head_of(config) == before
    keyring.clear()
    with pytest.raises(Sealed, match="keyring set jeoul"):
        head_of(config)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Sealed, match="keyring cannot be read"):
        head_of(config)


def test_a_timer_is_handed_the_variable_and_never_the_passphrase(
    sealed: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, WORD)
    shown = call(schedule, sealed.path).stdout
    assert f"{PASSPHRASE}: ${{{{ secrets.{PASSPHRASE} }}}}" in shown
    assert WORD not in shown


def test_without_the_extra_one_sentence_says_how_to_install_it(
    account: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    database._drivers.cache_clear()
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(LedgerError, match=r"pip install 'jeoul\[encrypt\]'"):
        call(ledger_commands, "encrypt", account.path)
    monkeypatch.undo()
    database._drivers.cache_clear()


def test_a_backup_has_the_ledgers_key_and_comes_back(account: Config, tmp_path: Path) -> None:
    encrypt(account)
    head, copy = head_of(account), tmp_path / "copy.sqlite3"
    call(ledger_commands, "backup", account.path, copy)
    assert plain_in(tmp_path) == [] or not plain(copy)
    call(ledger_commands, "restore", account.path, copy)
    assert head_of(account) == head
    assert readable(account) == []
    assert not list(account.state.glob("restore.partial*"))


def test_a_backup_that_is_encrypted_otherwise_is_refused(
    account: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, target = tmp_path / "plain-copy", account.state / NAME
    with closing(open_ledger(target)) as ledger:
        backup(ledger, copy)
    encrypt(account)
    with pytest.raises(LedgerError, match="is not encrypted, but this account is"):
        call(ledger_commands, "restore", account.path, copy)
    assert readable(account) == []
    own = tmp_path / "encrypted-copy"
    with closing(ledger_of(account)) as ledger:
        backup(ledger, own)
    other = EncryptionKey(OTHER, bytes(16))
    with pytest.raises(Sealed, match=f"{own}: the passphrase does not open"):
        restore(own, target, "mine", other)
    with pytest.raises(Sealed, match=f"{own} is encrypted"):
        restore(own, target, "mine")


def test_errors_of_the_other_driver_are_those_of_sqlite(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "a.sqlite3", EncryptionKey(WORD, bytes(16)))) as found:
        found.execute("CREATE TABLE kept (value INTEGER UNIQUE) STRICT")
        found.execute("INSERT INTO kept VALUES (1)")
        with pytest.raises(IntegrityError):
            found.execute("INSERT INTO kept VALUES (1)")
        with pytest.raises(OperationalError):
            found.executescript("SELECT * FROM nothing")
        with pytest.raises(OperationalError):
            found.execute("SELECT abs(-9223372036854775808)").fetchone()
        assert found.execute("PRAGMA temp_store").fetchone() == (2,)  # memory


def test_a_file_opens_in_any_sqlcipher_with_the_passphrase_itself(sealed: Config) -> None:
    from sqlcipher3 import dbapi2

    with closing(dbapi2.connect(str(sealed.state / NAME))) as found:
        found.execute(f"PRAGMA key = '{WORD}'")
        assert found.execute("SELECT count(*) FROM chain").fetchone()[0] > 0


def test_a_file_and_a_key_that_do_not_go_together_are_told_apart(
    sealed: Config, made: Path
) -> None:
    key = EncryptionKey(WORD, bytes(16))
    whys = {}
    for name, path, used in (
        ("plain", made.parent / "state" / NAME, key),
        ("wrong", sealed.state / NAME, EncryptionKey(OTHER, bytes(16))),
    ):
        with pytest.raises(KeyMismatch) as caught:
            connect(path, used)
        whys[name] = caught.value.why
    assert whys == {"plain": "plain", "wrong": "wrong"}
    with closing(connect(sealed.state / NAME)) as found, pytest.raises(DatabaseError) as refusal:
        found.execute("SELECT * FROM chain")
    assert refused(refusal.value, sealed.state / NAME, None).why == "missing"


@pytest.mark.posix
def test_a_second_look_at_an_open_file_does_not_end_the_locks_on_it(account: Config) -> None:
    """The system drops every lock of a process on a file when it closes one of its handles."""
    import fcntl

    encrypt(account)

    def another_program() -> None:
        with (account.state / NAME).open("r+b") as file:
            try:  # the bytes that SQLite locks to say that somebody reads
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
            except OSError:
                os._exit(3)

    with closing(ledger_of(account)):
        key_of(account)  # looks for the salt of the account's files
        assert os.waitstatus_to_exitcode(in_child(another_program)) == 3
    assert in_child(another_program) == 0


def test_a_ledger_in_use_is_not_converted(account: Config) -> None:
    # by the same driver: locks of one process do not keep two of them apart
    with closing(database._with_key(account.state / NAME, None, 1.0, named=False)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM chain").fetchone()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(encryption, "export", _impatient)
            with pytest.raises(Sealed, match="in use by another program"):
                encrypt(account)
        reader.execute("COMMIT")
    assert encrypt(account) == 4


def _impatient(*args: Any) -> None:
    real = database._with_key
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_with_key", lambda p, k, _, *, named: real(p, k, 0.1, named=named))
        database.export(*args)
