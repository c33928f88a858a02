"""A ledger on a PostgreSQL server: rights, accounts beside one another, locks, and a way there."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import servers
from bench import DAY as FIRST
from bench import NEXT, Bench
from harness import in_child
from servers import OWNER, RUN, Database, ask, fresh, shared

from jeoul.database import DatabaseError, IntegrityError
from jeoul.errors import AlreadyRunning, ConfigError, UsageError
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    NAME,
    Transaction,
    balances,
    book,
    check,
    keep_checkpoint,
    ledger_of,
    move_ledger,
    open_ledger,
    open_server_ledger,
    prepare,
)
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.setup.config import load_config, secrets_of
from jeoul.postgres import Server

pytestmark = pytest.mark.server

DAY = date(2026, 3, 4)
ROOT = Path(__file__).parents[2]


def deposit(ledger: Any, name: str, amount: int = 5) -> None:
    legs = {("assets:cash", "KRW"): amount, ("equity:external", "KRW"): -amount}
    with ledger.transaction():
        book(ledger, 1, Transaction(name, "deposit", DAY, legs))


def until(condition: Callable[[], bool]) -> None:
    """Wait until something of another thread or process is true."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def database() -> Database:
    return fresh()


# Rights


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE postings SET amount = amount + 1",
        "DELETE FROM chain",
        "TRUNCATE chain CASCADE",
        "DROP TABLE notes",
        "ALTER TABLE chain DISABLE TRIGGER ALL",
        "CREATE TABLE jeoul.more (x int)",
        "INSERT INTO chain VALUES ('another', 1, 1, 'notes', 'x', 'y')",
    ],
)
def test_the_role_of_a_run_can_only_add_rows_of_its_account(statement: str) -> None:
    with closing(shared().open("rights")) as ledger:
        server: Any = ledger.store
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner|row-level"):
            server.server.execute(statement)


@pytest.mark.parametrize("verb", ["UPDATE chain SET at = 1", "DELETE FROM chain", "TRUNCATE chain"])
def test_the_owner_of_the_tables_cannot_change_rows_by_mistake(
    database: Database, verb: str
) -> None:
    import psycopg

    with closing(database.open()) as ledger:
        deposit(ledger, "one")
    cascade = " CASCADE" if verb.startswith("TRUNCATE") else ""
    with (
        psycopg.connect(database.url(OWNER), options="-c search_path=jeoul") as owner,
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"),
    ):
        owner.execute((verb + cascade).encode())


@pytest.mark.parametrize("role", ["postgres", OWNER, servers.TAMPER])
def test_a_run_refuses_a_role_that_may_change_rows(role: str) -> None:
    with pytest.raises(LedgerError, match="may change rows"):
        open_server_ledger(shared().url(role), "a")


def test_a_right_that_is_given_later_and_a_rule_that_is_missing_are_found(
    database: Database,
) -> None:
    with closing(database.open()) as ledger:
        ask(f"GRANT UPDATE ON jeoul.postings TO {RUN}", database.name)
        ask(f"GRANT UPDATE (detail) ON jeoul.notes TO {RUN}", database.name)
        ask("DROP TRIGGER fills_kept ON jeoul.fills", database.name)
        assert check(ledger).faults == (
            "the role may UPDATE rows of notes",
            "the role may UPDATE rows of postings",
            "rule fills_kept of fills: is missing",
        )
        assert not prepare(database.url(OWNER), RUN)  # takes the right away
        assert "may UPDATE" not in " ".join(check(ledger).faults)


def test_a_database_that_was_not_prepared_is_named_as_such() -> None:
    with pytest.raises(LedgerError, match="has no ledgers yet"):
        open_server_ledger(Database("postgres").url(), "a")
    with pytest.raises(LedgerError, match="does not let us in"):
        open_server_ledger(Database("nowhere").url(), "a")
    with pytest.raises(LedgerError, match="has no role nobody_at_all"):
        prepare(shared().url(OWNER), "nobody_at_all")


def test_a_newer_schema_is_refused(database: Database) -> None:
    ask("INSERT INTO jeoul.version VALUES (99)", database.name)
    with pytest.raises(LedgerError, match="use the newer jeoul"):
        database.open()


# Accounts


def test_accounts_have_chains_of_their_own(database: Database) -> None:
    with closing(database.open("one")) as one, closing(database.open("two")) as two:
        deposit(one, "x", 5)
        deposit(two, "x", 7)
        assert (one.head().seq, two.head().seq) == (3, 3)
        assert balances(one)["assets:cash", "KRW"] == 5
        assert balances(two)["assets:cash", "KRW"] == 7
        database.tamper("one", "UPDATE postings SET amount = 6 WHERE amount = 5")
        assert check(one).faults
        assert check(two).faults == ()


def test_two_rows_cannot_follow_the_same_row(database: Database) -> None:
    """Whatever the locks do, the tables hold one chain: a fork is refused."""
    with closing(database.open()) as ledger:
        deposit(ledger, "x")
        row = (9, 1, "notes", "0" * 64, "f" * 64)
        server: Any = ledger.store
        with pytest.raises(IntegrityError, match="chain_ledger_prev_key"):
            server.server.execute(
                "INSERT INTO chain (seq, at, kind, prev, hash) VALUES (?, ?, ?, ?, ?)", row
            )


def _work(url: str, worker: int, accounts: int, times: int) -> None:
    for round_ in range(times):
        for number in range(accounts):
            account = f"account-{(number * 7 + worker * 13) % accounts}"
            with closing(open_server_ledger(url, account)) as ledger:
                deposit(ledger, f"{worker}:{round_}", 1 + worker)


def test_workers_at_once_lose_and_double_nothing(database: Database) -> None:
    """Eight here; fifty on a thousand accounts are in benchmarks/ledger.py."""
    workers, accounts = 8, 12
    context = multiprocessing.get_context("fork")
    with context.Pool(workers) as pool:
        pool.starmap(_work, [(database.url(), each, accounts, 1) for each in range(workers)])
    for number in range(accounts):
        with closing(database.open(f"account-{number}")) as ledger:
            assert check(ledger).faults == ()
            assert ledger.head().seq == 3 * workers
            assert balances(ledger)["assets:cash", "KRW"] == sum(range(1, workers + 1))


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable", "read committed"])
def test_the_newest_row_is_seen_whatever_isolation_the_server_prefers(
    database: Database, isolation: str
) -> None:
    """What saw the rows of before its lock would follow one that is not the newest any more."""
    ask(f"ALTER DATABASE {database.name} SET default_transaction_isolation = '{isolation}'")
    ask(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    with closing(database.open()) as one, closing(database.open()) as two:
        waiting = threading.Thread(target=deposit, args=(two, "second"))
        with one.transaction():
            waiting.start()
            until(lambda: bool(ask("SELECT 1 FROM pg_locks WHERE NOT granted", database.name)))
            legs = {("assets:cash", "KRW"): 5, ("equity:external", "KRW"): -5}
            book(one, 1, Transaction("first", "deposit", DAY, legs))
        waiting.join()
        assert one.head() == two.head()
        assert one.head().seq == 6
        assert check(one).faults == ()


def test_a_server_that_only_follows_another_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Server.execute

    def follows(server: Server, query: str, values: Any = ()) -> Any:
        return execute(server, query.replace("pg_is_in_recovery()", "true"), values)

    monkeypatch.setattr(Server, "execute", follows)
    with pytest.raises(LedgerError, match="is a standby server"):
        database.open()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP POLICY chain_own ON jeoul.chain",
        "ALTER POLICY chain_own ON jeoul.chain USING (true)",
        "ALTER POLICY notes_own ON jeoul.notes WITH CHECK (true)",
        "CREATE POLICY more ON jeoul.chain USING (true)",
        "ALTER TABLE jeoul.chain DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE jeoul.chain DISABLE TRIGGER chain_kept",
        "CREATE OR REPLACE FUNCTION jeoul.append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$",
        "CREATE OR REPLACE FUNCTION jeoul.json_extract(document text, place text) RETURNS text "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT NULL::text $$",
    ],
)
def test_a_run_refuses_a_database_that_may_show_it_another_account(
    database: Database, statement: str
) -> None:
    with closing(database.open("another")) as other:
        deposit(other, "x")
        ask(statement, database.name)
        assert any(fault.startswith("rule ") for fault in check(other).faults)
    with pytest.raises(LedgerError, match="does not protect its ledgers as it should: rule "):
        database.open()


def test_a_trigger_of_ones_own_is_named_and_stops_no_run(database: Database) -> None:
    ask(
        "CREATE FUNCTION public.told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; "
        "END $$; CREATE TRIGGER told AFTER INSERT ON jeoul.chain FOR EACH ROW "
        "EXECUTE FUNCTION public.told()",
        database.name,
    )
    with closing(database.open()) as ledger:
        deposit(ledger, "x")
        assert check(ledger).faults == ("rule told of chain: does not belong to a ledger",)


def test_a_connection_that_a_pooler_gave_to_another_account_writes_nothing(
    database: Database,
) -> None:
    with closing(database.open("one")) as one, closing(database.open("two")) as two:
        deposit(two, "x")
        server: Any = one.store
        server.server.execute("SELECT set_config('jeoul.ledger', 'two', false)")
        with pytest.raises(LedgerError, match="is shared with another account"):
            deposit(one, "y")
        assert two.head().seq == 3


@pytest.mark.parametrize("reached", ["before", "after", "nobody"])
def test_a_commit_without_an_answer_is_asked_about(
    database: Database, monkeypatch: pytest.MonkeyPatch, reached: str
) -> None:
    """The connection is lost before the server commits, or after it, or the server stays away."""
    commit = Server.commit

    def lost(server: Server) -> None:
        if reached == "after":
            commit(server)
        database.cut()
        if reached == "nobody":
            ask(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        commit(server)

    with closing(database.open()) as ledger:
        deposit(ledger, "x")
        monkeypatch.setattr(Server, "commit", lost)
        words = {
            "before": "no row was saved",
            "after": "the rows were saved",
            "nobody": "it is not known whether",
        }
        with pytest.raises(LedgerError, match=words[reached]):
            deposit(ledger, "y")
    monkeypatch.undo()
    if reached == "nobody":
        ask(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")
    with closing(database.open()) as again:
        assert again.head().seq == (6 if reached == "after" else 3)
        assert check(again).faults == ()


def test_a_commit_that_the_server_turns_into_a_rollback_is_an_error(database: Database) -> None:
    """PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed."""
    row: Any = {"txn": "none", "account": "a", "commodity": "KRW", "amount": 1}
    with closing(database.open()) as ledger:
        with (
            pytest.raises(LedgerError, match="answered ROLLBACK to COMMIT"),
            ledger.transaction(),
            contextlib.suppress(IntegrityError),
        ):
            ledger.append("postings", 1, **row)
        assert ledger.head().seq == 0


# Runs


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.ledger_url = database.url()
    return found


def test_a_run_holds_the_account_on_every_machine(bench: Bench, database: Database) -> None:
    with closing(database.open("main")) as elsewhere:
        elsewhere.store.hold()
        with pytest.raises(AlreadyRunning, match="another run holds the ledger"):
            bench.run()
    assert bench.run().outcome == "executed"


def test_a_run_goes_on_from_another_folder(bench: Bench, tmp_path: Path) -> None:
    """A file belongs to its folder, because a copy of it could send the same orders again."""
    assert bench.run(FIRST).outcome == "executed"
    shutil.move(tmp_path / "state", tmp_path / "elsewhere")
    shutil.copytree(tmp_path / "elsewhere", tmp_path / "state")
    assert bench.run(NEXT).outcome in ("nothing_to_do", "executed")


@pytest.mark.parametrize("step", ["after-plan", "after-sending", "after-submit", "before-finish"])
def test_a_server_that_goes_away_ends_the_run_and_loses_nothing(
    bench: Bench, database: Database, step: str
) -> None:
    runner = bench.runner()
    runner.checkpoint = lambda reached: database.cut() if reached == step else None
    from jeoul.operations.run import RunRequest

    report = runner.run(RunRequest(as_of=FIRST, execute=True))
    runner.broker.close()
    assert report.outcome == "needs_person"
    assert any("cannot be used" in reason for reason in report.reasons), report.reasons
    assert bench.run(FIRST).outcome == "executed"
    with closing(bench.ledger()) as ledger:
        assert check(ledger).faults == ()
        sent = ledger.rows("SELECT order_id FROM order_events WHERE state = 'acknowledged'")
        assert len(sent) == len(ledger.rows("SELECT 1 FROM intents")) > 0


def test_a_server_that_stops_for_real_ends_a_run_with_an_outcome(tmp_path: Path) -> None:
    place = Path(f"/tmp/jeoul-stop-{os.getpid()}")
    script = ROOT / ".ci" / "postgresql"
    subprocess.run([script, "start", place], check=True, capture_output=True)
    stopped = False
    try:
        socket = str(place / "socket")
        for query in (f"CREATE ROLE {RUN} LOGIN", "CREATE DATABASE stops"):
            import psycopg

            with psycopg.connect(host=socket, user="postgres", autocommit=True) as owner:
                owner.execute(query.encode())
        prepare(f"postgresql://postgres@/stops?host={socket}", RUN)
        bench = Bench(tmp_path)
        bench.ledger_url = f"postgresql://{RUN}@/stops?host={socket}"
        assert bench.run(FIRST).outcome == "executed"
        subprocess.run([script, "stop", place], check=True, capture_output=True)
        stopped = True
        report = bench.run(NEXT)
        assert report.outcome == "needs_person"
        assert "does not let us in" in report.reasons[0]
    finally:
        if not stopped:
            subprocess.run([script, "stop", place], check=True, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


# The way from a file to a server


def test_a_ledger_moves_with_every_hash_and_the_run_goes_on(
    bench: Bench, database: Database, tmp_path: Path
) -> None:
    url, bench.ledger_url = bench.ledger_url, None
    assert bench.run(FIRST).outcome == "executed"
    with closing(bench.ledger()) as before:
        head, held = before.head(), balances(before)
    bench.ledger_url = url
    report = bench.run(NEXT)
    assert report.outcome == "needs_person"
    assert "jeoul ledger move" in report.reasons[0]
    proof, kept = move_ledger(bench.config())
    assert proof.head == head
    assert kept.name == f"{NAME}.moved-1"
    with closing(bench.ledger()) as after:
        assert balances(after) == held
    assert bench.run(FIRST).outcome == "executed"  # the same run, and no order again
    assert bench.run(NEXT).outcome in ("executed", "nothing_to_do")
    with closing(bench.ledger()) as after:
        assert check(after, head).faults == ()


@pytest.mark.posix
def test_a_move_that_is_killed_is_gone_on_with(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, bench.ledger_url = bench.ledger_url, None
    bench.run(FIRST)
    with closing(bench.ledger()) as before:
        head = before.head()
    bench.ledger_url = url
    config = bench.config()
    for place in ("copy_rows", "_renamed"):

        def dies(where: str = place) -> None:
            from jeoul.operations.ledger import moving

            monkeypatch.setattr(moving, where, lambda *_: os._exit(9))
            move_ledger(config)

        assert os.WEXITSTATUS(in_child(dies)) == 9
        time.sleep(0.2)
    assert move_ledger(config)[0].head == head
    with pytest.raises(LedgerError, match="on the server already"):
        move_ledger(config)


def test_rows_that_a_reader_keeps_beside_the_file_are_moved_with_it(
    bench: Bench, database: Database
) -> None:
    """SQLite leaves the newest rows in the ``-wal`` while somebody has the file open."""
    url, bench.ledger_url = bench.ledger_url, None
    config = bench.config()
    bench.run(FIRST)
    with closing(sqlite3.connect(config.state / NAME)) as reader:
        reader.execute("SELECT * FROM notes").fetchall()
        bench.run(NEXT)
        with closing(bench.ledger()) as before:
            head = before.head()
        bench.ledger_url = url
        with pytest.raises(LedgerError, match="is open in another process"):
            move_ledger(bench.config())
    proof, kept = move_ledger(bench.config())
    assert proof.head == head
    with closing(open_ledger(kept)) as old:
        assert old.head() == head
        assert check(old).faults == ()


def test_a_reader_that_comes_while_the_rows_are_moved_loses_none(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jeoul.operations.ledger import moving

    url, bench.ledger_url = bench.ledger_url, None
    bench.run(FIRST)
    bench.ledger_url = url
    config = bench.config()
    readers: list[Any] = []
    whole = moving.copy_rows

    def with_a_reader(*ledgers: Any) -> None:
        readers.append(sqlite3.connect(config.state / NAME))
        readers[-1].execute("SELECT * FROM notes").fetchall()
        whole(*ledgers)

    monkeypatch.setattr(moving, "copy_rows", with_a_reader)
    with pytest.raises(LedgerError, match="is open in another process"):
        move_ledger(config)
    assert (config.state / NAME).exists()
    readers[-1].close()
    proof, kept = move_ledger(config)
    with closing(open_ledger(kept)) as old:
        assert old.head() == proof.head


def test_what_commands_read_is_the_same_after_a_move(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from jeoul.cli.main import cli

    def read(config: Path) -> list[Any]:
        found = []
        for words in (["history", str(config)], ["ledger", "check", str(config)]):
            said = CliRunner().invoke(cli, [*words, "--json="], catch_exceptions=False)
            found.append(json.loads(said.output))
        with closing(bench.ledger()) as ledger:
            for table, columns in {"chain": ("hash",), **COLUMNS}.items():
                rows = ledger.rows(f"SELECT seq, {', '.join(columns)} FROM {table} ORDER BY seq")
                found.append([list(row) for row in rows])
        return found

    url, bench.ledger_url = bench.ledger_url, None
    for day in (FIRST, NEXT):
        bench.run(day)
    with closing(bench.ledger()) as ledger:
        assert keep_checkpoint(ledger, every=1)
    config = bench.config().path
    before = read(config)
    kept = sorted(path.name for path in bench.config().state.iterdir())
    bench.ledger_url = url
    move_ledger(bench.config())
    assert read(config) == before
    after = {path.name.replace(".moved-1", "") for path in bench.config().state.iterdir()}
    assert after >= {name for name in kept if not name.endswith(("-wal", "-shm"))}


def test_another_ledger_on_the_server_is_not_written_over(bench: Bench) -> None:
    url, bench.ledger_url = bench.ledger_url, None
    bench.run(FIRST)
    bench.ledger_url = url
    config = bench.config()
    with closing(open_server_ledger(str(url), "main")) as there:
        deposit(there, "other")
    with pytest.raises(LedgerError, match="has another ledger"):
        move_ledger(config)
    assert (config.state / NAME).exists()


def test_the_commands_prepare_a_database_and_move_a_ledger_there(
    bench: Bench, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from jeoul.cli.main import cli

    def said(*words: str) -> Any:
        found = CliRunner().invoke(cli, [*words, "--json="], catch_exceptions=False)
        return json.loads(found.output)

    url, bench.ledger_url = bench.ledger_url, None
    bench.run(FIRST)
    bench.ledger_url = url
    config = str(bench.config().path)
    prepared = said("ledger", "prepare", database.url(OWNER), "--role", RUN)
    assert (prepared["role"], prepared["new"]) == (RUN, False)
    moved = said("ledger", "move", config)
    assert set(moved) == {"schema", "account", "rows", "head", "kept"}
    checked = said("ledger", "check", config, "--since", moved["head"])
    assert (checked["rows"], checked["compared"]) == (moved["rows"], True)
    assert said("ledger", "head", config)["head"] == moved["head"]
    with pytest.raises(UsageError, match="a password does not belong"):
        said("ledger", "prepare", "postgresql://me:hunter2@db/jeoul", "--role", RUN)
    with pytest.raises(UsageError, match="is on a server"):
        said("ledger", "restore", config, config)


# Secrets


def test_a_password_comes_from_the_environment_and_is_in_no_message(
    bench: Bench, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "hunter2-of-the-ledger"
    bench.ledger_url = "$JEOUL_LEDGER"
    for url in (
        f"postgresql://{RUN}:{secret}@/{database.name}?host={servers.folder()}",
        f"postgresql://{RUN}:{secret}@127.0.0.1:1/{database.name}",
        f"postgresql://{RUN}@/{database.name}?host={servers.folder()}&password={secret}&odd=1",
    ):
        monkeypatch.setenv("JEOUL_LEDGER", url)
        report = bench.run()
        assert secret not in str(report.as_json())
        assert secret in secrets_of(bench.config())
    monkeypatch.setenv("JEOUL_LEDGER", f"postgresql://{RUN}:a@{secret}@host:port:{secret}/x")
    with pytest.raises(ConfigError, match="JEOUL_LEDGER is not a URL of PostgreSQL") as refused:
        bench.run()
    assert secret not in str(refused.value)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    kept = ask("SELECT COUNT(*) FROM jeoul.notes WHERE detail LIKE '%hunter2%'", database.name)
    assert kept == [(0,)]


def test_a_variable_that_is_not_set_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JEOUL_LEDGER", raising=False)
    bench.ledger_url = "$JEOUL_LEDGER"
    with pytest.raises(ConfigError, match="JEOUL_LEDGER is not set"):
        ledger_of(bench.config())


def test_a_password_in_a_config_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for url in ("postgresql://me:hunter2@db/jeoul", "postgresql://db/jeoul?password=hunter2"):
        file.write_text(
            'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "state"\n'
            f'ledger = "{url}"\n[broker]\nkind = "paper"\n',
            "utf-8",
        )
        with pytest.raises(ConfigError, match="a password does not belong in a file") as refused:
            load_config(file)
        assert "hunter2" not in str(refused.value)
