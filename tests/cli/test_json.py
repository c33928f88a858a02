"""stdout is JSON where JSON is asked for, whatever happens: one object, with its schema."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from jeoul import api, assets
from jeoul.cli.main import COMMANDS, cli, main
from jeoul.cli.schemas import BESIDE, ERROR, NAMED, VERSIONS

CONFIGS = assets.root() / "configs"
CONFIG = (
    'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "conservative"\nstate = "state"\n'
    'account = "ISA"\n[broker]\nkind = "paper"\ncash = "2천만원"\n'
)
PLAN = """schema = 1
name = "test"
what = "a test"
start = 2020-01-01
store = "store"
folder = "market"
[[prices]]
path = "prices-kr.csv"
what = "closes"
exchange = "XKRX"
currency = "KRW"
source = "sample"
tickers = ["069500", "148070"]
"""
CASES = """schema = 1
year = 2026
[[case]]
id = "tick"
rule = "order.tick"
given = { kind = "etf", price = 2_001, round = "down" }
expect = { price = 2_000 }
"""
PROMISE = """rule = "pension.receive"
given = { age = 70, amount = 10_000_000 }
"""
FIRM = """schema = 1
name = "firm"
strategy = "static"
register = "register.csv"
holdings = "holdings.csv"
state = "firm-state"
"""
PAID = """year = 2026
[[payments]]
kind = "pension"
income = 10_000_000
national = 400_000
local = 40_000
"""
STATIC = ("static", "--profile", "balanced")
RUN = "mine.static.2025-03-04"
CALLS: dict[str, tuple[str, ...]] = {
    "ask": ("income.wages", "wages=3천만", "--year", "2026"),
    "audit": ("mine.toml", "--quarter", "2025Q1", "--out", "audit"),
    "backtest": (*STATIC, "--from", "2024-01-02", "--account-file", "account.toml"),
    "batch": ("many.csv", "static", "--out", "orders.csv", "--executor", "here"),
    "check": ("static", "mine.toml"),
    "compare": (*STATIC, "--set", "rebalance.cost=0.02", "--from", "2024-01-02"),
    "compare-accounts": ("--years", "2"),
    "config": (),
    "data": (),
    "decide": (*STATIC, "--deposit", "100만"),
    "drill": ("2020", str(CONFIGS / "household-example.toml")),
    "els": (),
    "evidence": ("k-all-weather", "--from", "2008-01-02", "--to", "2010-12-30"),
    "explain": ("jump",),
    "feedback": ("managed", "--profile", "growth", "--to", "2006-12-28"),
    "fetch": ("plan.toml",),
    "firm blocks": ("firm.toml",),
    "firm fees": ("firm.toml", "--month", "2025-03"),
    "firm init": ("new-firm",),
    "firm letters": ("firm.toml", "--quarter", "2025Q1"),
    "firm plan": ("firm.toml", "--as-of", "2025-03-04"),
    "firm show": ("firm.toml",),
    "forward add": ("static", "--records", "records", "--data", str(assets.data("sample"))),
    "forward begin": ("static", "--records", "begun"),
    "forward check": (),
    "forward show": ("static",),
    "glossary": ("ETF",),
    "goals": (str(CONFIGS / "household-example.toml"), "--paths", "200"),
    "guard": ("--profile", "balanced", "--from", "2026-06-29"),
    "health": ("mine.toml",),
    "history": ("mine.toml",),
    "household": (str(CONFIGS / "household-example.toml"), "--fast"),
    "import": ("held.csv",),
    "ledger backup": ("mine.toml", "copy.sqlite"),
    "ledger check": ("mine.toml",),
    "ledger head": ("mine.toml",),
    "ledger restore": ("mine.toml", "kept.sqlite"),
    "letter": ("mine.toml", "--quarter", "2025Q1"),
    "metrics": ("mine.toml", "firm.toml"),
    "new": ("universe", "starter.toml"),
    "init": ("asked",),
    "plan": (str(CONFIGS / "person-example.toml"),),
    "products": ("069500",),
    "promote": (
        *("mine.toml", "--trial", "1", "--trials", "trials.sqlite", "--evidence", "held.csv"),
        *("--why", "first release"),
    ),
    "profile": (str(CONFIGS / "answers-example.toml"),),
    "promises": (*STATIC,),
    "recommend": (str(CONFIGS / "answers-example.toml"), "--as-of", "2026-06-01"),
    "replay": (RUN, "--config", "mine.toml"),
    "report": (*STATIC,),
    "rules": ("cases.toml",),
    "run": ("mine.toml", "--as-of", "2025-03-04"),
    "schedule": ("mine.toml", "--system", "cron"),
    "statement": ("mine.toml",),
    "sweep": (*STATIC, "--grid", "rebalance.cost=0.01,0.02", "--from", "2024-01-02"),
    "taxes": ("promise.toml", "paid.toml"),
}
# Their success needs a broker that loses an order (operations/test_resolve.py), a broker's host
# (operations/test_probe.py), a passphrase (operations/test_encryption.py) or the digest of a plan
# (test_firm.py).
ELSEWHERE = {
    "firm allocate",
    "firm approve",
    "firm reject",
    "resolve",
    "broker probe",
    "ledger encrypt",
    "ledger decrypt",
    "ledger move",
    "ledger passphrase",
    "ledger prepare",
}
ANY_WORDS = {"explain", "glossary", "products"}  # a search takes as many as one types
BY_EXIT_CODE = {"health": {0, 5}}


def every_command() -> Iterator[str]:
    """Yield the commands of the table, a group's own with the group before them."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.commands)
        else:
            yield name


NAMES = sorted({*every_command()} - {"serve"})  # which answers a browser, with pages


def schema_of(name: str) -> str:
    """Return the name of a command's schema, which is that of the command but for a few."""
    return NAMED.get(name, name.replace(" ", "-"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("json")
    example = (CONFIGS / "account-example.toml").read_text("utf-8")
    texts = {
        "mine.toml": CONFIG,
        "plan.toml": PLAN,
        "cases.toml": CASES,
        "paid.toml": PAID,
        "promise.toml": PROMISE,
        "account.toml": example,
        "firm.toml": FIRM,
        "register.csv": "account,profile,type,answers_id\na,balanced,neutral,Q1\n",
        "holdings.csv": "account,ticker,shares\na,CASH,30000000\n",
        "held.csv": "ticker,shares\n069500,30\nCASH,1000000\n",
        "many.csv": "account,kind,profile,ticker,shares\na,isa,growth,CASH,5000000\n",
    }
    for name, text in texts.items():
        (found / name).write_text(text, "utf-8")
    (found / "asked").mkdir()
    for words in (
        ("run", "mine.toml", "--as-of", "2025-03-04", "--execute"),
        ("ledger", "backup", "mine.toml", "kept.sqlite"),
        ("firm", "plan", "firm.toml", "--as-of", "2025-03-04"),
        (
            *("backtest", "static", "--profile", "conservative", "--from", "2020-01-02"),
            *("--trials", "trials.sqlite"),
        ),
        ("forward", "begin", "static", "--records", "records"),
    ):
        assert started(found, *words).returncode == 0
    return found


def started(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own: what a library prints is on the pipe too."""
    place = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state-home")}
    return subprocess.run(
        [sys.executable, "-m", "jeoul", *words],
        cwd=folder,
        env={**os.environ, **place, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )


def only_object(out: bytes) -> dict[str, Any]:
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def keys_on_the_page() -> dict[str, tuple[set[str], set[str]]]:
    """Return the keys of each schema on docs/json.md: those always there, and the others."""
    page = (assets.root() / "docs" / "json.md").read_text("utf-8")
    found = {}
    for section in re.split(r"^## `jeoul\.", page, flags=re.MULTILINE)[1:]:
        name = section.partition("`")[0]
        rows = re.findall(r"^\| `(\w+)`( \?)? \|", section, flags=re.MULTILINE)
        always = {key for key, maybe in rows if not maybe}
        found[name] = always, {key for key, _ in rows}
    return found


def test_the_page_has_every_schema_and_the_table_every_command() -> None:
    forms = {*map(schema_of, NAMES), *BESIDE}
    current = {f"{form}/{VERSIONS.get(form, 1)}" for form in forms}
    assert set(keys_on_the_page()) == current | {ERROR.removeprefix("jeoul.")}
    assert set(VERSIONS) <= forms
    assert set(NAMES) == set(CALLS) | ELSEWHERE


@pytest.fixture
def here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, bytes, str]]:
    """Run the command line in this process, with all that a library writes to the descriptors."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state-home"))

    def run(*words: str) -> tuple[int, bytes, str]:
        monkeypatch.setattr(sys, "argv", ["jeoul", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        ctypes.CDLL(None).fflush(None)  # what C libraries still hold back
        said = capfd.readouterr()
        return int(left.value.code or 0), said.out.encode(), said.err

    return run


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_command_that_works_prints_its_schema(here: Any, name: str) -> None:
    code, out, err = here(*name.split(), *CALLS[name], "--json")
    assert code in BY_EXIT_CODE.get(name, {0}), err
    document = only_object(out)
    schema = schema_of(name)
    form = f"{schema}/{VERSIONS.get(schema, 1)}"
    assert document.pop("schema") == f"jeoul.{form}"
    always, known = keys_on_the_page()[form]
    assert always <= document.keys() <= known, sorted(document.keys() ^ known)
    assert isinstance(document.get("account"), str | None)


def failed(jeoul: Any, *words: str) -> dict[str, Any]:
    outcome = jeoul(*words)
    document: dict[str, Any] = json.loads(outcome.out)
    assert document["schema"] == ERROR
    assert document.keys() == {"schema", "error", "code", "reason", "exit_code", "problems"}
    assert document["exit_code"] == outcome.code != 0
    assert document["reason"] in outcome.err
    return document


READS_ON = frozenset({"metrics"})
"""Commands that write what they can read, and say of each other file why not."""


@pytest.mark.parametrize("name", NAMES)
def test_a_command_that_is_called_wrongly_prints_why(jeoul: Any, name: str) -> None:
    found = failed(jeoul, *name.split(), "--json", "--no-such-option")
    assert "--no-such-option" in found["reason"]
    if name not in ANY_WORDS | READS_ON:
        failed(jeoul, *name.split(), *CALLS.get(name, ()), "too", "many", "words", "--json")


@pytest.mark.parametrize(
    "name",
    sorted(n for n, call in CALLS.items() if ".toml" in str(call) and n not in {"new", *READS_ON}),
)
def test_a_command_whose_file_is_broken_prints_why(
    jeoul: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = [Path(word).name for word in CALLS[name]]
    for word in call:
        if word.endswith(".toml"):
            (tmp_path / word).write_text("= broken\n", "utf-8")
    found = failed(jeoul, *name.split(), *call, "--json")
    assert found["problems"][0]["line"] == 1


def test_no_library_prints_where_no_portfolio_is_feasible(folder: Path) -> None:
    text = (assets.root() / "strategies" / "managed.toml").read_text("utf-8")
    (folder / "tight.toml").write_text(text.replace("max_weight = 0.40", "max_weight = 0.02"))
    words = ("decide", "tight.toml", "--profile", "growth", "--deposit", "1000000")
    done = started(folder, *words, "--json")
    assert done.returncode == 4
    document = only_object(done.stdout)
    assert (document["schema"], document["error"]) == (ERROR, "Conflict")
    assert done.stderr.decode() == f"jeoul: {document['reason']} [Conflict]\n"
    assert started(folder, *words).stdout == b""


def test_the_old_forms_are_printed_for_one_version(jeoul: Any) -> None:
    base = ("decide", *STATIC, "--account", "Irp", "--deposit", "1000000")
    new, old = (json.loads(jeoul(*base, form).out) for form in ("--json=2", "--json=1"))
    assert json.loads(jeoul(*base, "--json").out) == new
    assert (new["account"], new["kind"], old["account"]) == (None, "irp", "irp")
    rows = json.loads(jeoul("guard", "--json=1", *CALLS["guard"]).out)
    assert rows == json.loads(jeoul("guard", "--json", *CALLS["guard"]).out)["sessions"]
    refused = json.loads(jeoul(*base, "--json=3").out)
    assert "there is no version '3'" in refused["reason"]


def keys_of(document: Any) -> set[str]:
    """Return the keys of an object, of the first entry of a list."""
    return set(document[0] if isinstance(document, list) else document)


ORDER_OF_0_1 = {"side", "ticker", "shares", "price", "reason"}
FIGURES_OF_0_1 = {
    *("from", "to", "cagr", "volatility", "max_drawdown", "sharpe"),
    *("turnover", "cost", "proxy_share"),
}


def test_an_old_decision_has_the_keys_of_0_1_and_no_others(jeoul: Any) -> None:
    base = ("decide", *STATIC, "--deposit", "1000000")
    old = json.loads(jeoul(*base, "--json=1").out)
    assert keys_of(old) == {
        *("as_of", "simulated", "strategy", "profile", "account", "known_at", "decided_at"),
        *("executed_at", "allocation", "weights", "overlay", "orders", "cash_after", "cost"),
        *("reasons", "findings", "inputs_id"),
    }
    assert keys_of(old["orders"]) == ORDER_OF_0_1


def test_an_old_report_has_the_keys_of_0_1_and_no_others(jeoul: Any) -> None:
    old = json.loads(jeoul("report", *STATIC, "--json=1").out)
    assert keys_of(old) == {
        *("as_of", "simulated", "strategy", "account", "inputs_id", "stance", "profiles")
    }
    (profile,) = old["profiles"]
    assert keys_of(profile) == {
        *("profile", "allocation", "volatility", "weights", "overlay", "orders", "reasons"),
        *("cost", "backtest", "findings"),
    }
    assert keys_of(profile["orders"]) == ORDER_OF_0_1
    assert keys_of(profile["backtest"]) == FIGURES_OF_0_1


def test_an_old_backtest_has_the_keys_of_0_1_and_no_others(jeoul: Any) -> None:
    example = str(CONFIGS / "account-example.toml")
    call = ("backtest", *STATIC, "--from", "2020-01-02", "--account-file", example)
    old = json.loads(jeoul(*call, "--json=1").out)
    assert {"metrics", "account"} <= keys_of(old)
    assert not keys_of(old) & {"kind", "account_run", "findings", "other_findings"}
    for figures in (old["metrics"], old["account"]):
        assert not keys_of(figures) & {"total_return", "total_turnover", "total_cost"}
    assert keys_of(old["metrics"]) >= FIGURES_OF_0_1


def test_json_takes_no_word_of_the_line(jeoul: Any) -> None:
    found = json.loads(jeoul("guard", "--json", "static", *CALLS["guard"]).out)
    assert found["strategy"] == "static"


def test_a_defect_is_an_object_too(
    jeoul: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "open_market", lambda folder, **_: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["jeoul", "data", "--json"])
    with pytest.raises(ZeroDivisionError):
        main()
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["error"]) == (ERROR, "ZeroDivisionError")
