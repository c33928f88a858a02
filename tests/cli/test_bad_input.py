"""Bad input gets one clear message: where, what, the remedy; and its exit code."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets

MANAGED = assets.root() / "strategies" / "managed.toml"
DECIDE = ("decide", "managed", "--profile", "balanced", "--as-of", "2000-03-31")
LAST = "2024-06-28"


def refused(outcome: Any, code: int, *says: str) -> str:
    """Check a refusal: exit code, no traceback, every phrase in the message.

    Nothing is on stdout but the object that says the same, where JSON was asked for.
    """
    assert outcome.code == code, outcome.err
    if outcome.out:
        document = json.loads(outcome.out)
        assert (document["schema"], document["exit_code"]) == ("jeoul.error/1", code)
        assert document["reason"] in outcome.err
    assert outcome.err.startswith(("jeoul: ", "Usage: "))
    assert "Traceback" not in outcome.err
    for phrase in says:
        assert phrase in outcome.err, outcome.err
    return outcome.err  # type: ignore[no-any-return]


# --- strategy files -------------------------------------------------------------------------------


def strategy(tmp_path: Path, before: Any = "", after: Any = "", **_: Any) -> Any:
    text = MANAGED.read_text("utf-8")
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after, 1) if before else text, "utf-8")
    return path


WRONG = [
    (
        "band      = 0.05",
        "bnad      = 0.05",
        ("unknown key 'bnad' in [rebalance]", "'band'?"),
    ),
    ("lookback    = 756", 'lookback    = "756"', ("estimate.lookback",)),
    ("max_weight = 0.40", "max_weight = 1.40", ("allocate.max_weight",)),
    ('calendar = "XKRX"', 'calendar = "XNYS"', ("calendar XNYS is not that of universe",)),
    ("krw_bond = 0.55", "kwr_bond = 0.55", ("kwr_bond", "not in universe")),
    ("krw_bond = 0.55", "krw_bond = 0.45", ("sum to 0.9, not 1", "correct")),
    ("exit  = { at = 22.0", "exit  = { at = 32.0", ("not below enter",)),
    ("panic = { at = 40.0", "panic = { at = 20.0", ("not above enter",)),
    ("cash_like = 0.5, usd_short = 0.5", "cash_like = 0.5, equity_kr = 0.5", ("choose one",)),
    ('universe = "krx-core"', 'universe = "krx-cor"', ("krx-cor",)),
    ("schema   = 1", "schema   = 2", ("schema",)),
    ("[overlay.loss]", "[overlay.lose]", ("unknown key 'lose' in [overlay]",)),
]


@pytest.mark.parametrize(("before", "after", "says"), WRONG, ids=[row[1] for row in WRONG])
@pytest.mark.parametrize("command", ["check", "report"])
def test_a_strategy_with_a_mistake(
    jeoul: Any, tmp_path: Path, command: str, before: str, after: str, says: Any
) -> None:
    path = strategy(tmp_path, before, after)
    message = refused(jeoul(command, path), 2, str(path), ";", *says)
    lines = [
        number for number, line in enumerate(path.read_text().splitlines(), 1) if after in line
    ]
    table = after.startswith(("krw_bond", "exit", "panic", "cash_like"))
    if not table:  # a mistake between keys is told at the table
        assert any(f"{path}:{number}" in message for number in lines), (message, lines)
    else:
        assert f"{path}:" in message


def test_a_code_without_quotes(jeoul: Any, tmp_path: Path) -> None:
    universe = assets.data("universes", "krx-core.toml").read_text("utf-8")
    path = tmp_path / "universe.toml"
    path.write_text(universe.replace('codes     = ["069500"', "codes     = [069500", 1), "utf-8")
    refused(jeoul("check", path), 2, str(path), "069500", "quotes")


def test_a_config_is_checked_with_the_strategy_and_the_answers_that_it_names(
    jeoul: Any, tmp_path: Path
) -> None:
    text = (assets.root() / "configs" / "paper.toml").read_text("utf-8")
    config = tmp_path / "c.toml"
    config.write_text(text.replace('"managed"', '"managd"', 1), "utf-8")
    refused(jeoul("check", config), 2, "managd", "managed")
    profile = re.search(r"^profile.*$", text, re.MULTILINE)
    assert profile is not None
    config.write_text(text.replace(profile[0], 'answers = "mine.toml"', 1), "utf-8")
    refused(jeoul("check", config), 2, "mine.toml", "no such file")


def test_holdings_are_checked_beside_other_files(jeoul: Any, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    right.write_text("ticker,shares\n069500,30\n", "utf-8")
    wrong.write_text("ticker,shares\n069500,1.5\n", "utf-8")
    outcome = jeoul("check", right, "--lang", "en")
    assert outcome.out == f"{right}: holdings, no problems\n"
    korean = jeoul("check", right, "--lang", "ko")
    assert korean.out == f"{right}: 보유 내역, 문제가 없습니다\n"
    path = strategy(tmp_path, "band      = 0.05", "bnad      = 0.05")
    found = jeoul("check", path, wrong)
    assert found.code == 2
    assert "bnad" in found.err
    assert f"{wrong}:2: 069500: 1.5 is not a whole number of shares" in found.err


def test_all_problems_of_all_files_at_once(jeoul: Any, tmp_path: Path) -> None:
    path = strategy(tmp_path, "band      = 0.05", "bnad      = 0.05\ncots = 1")
    absent = tmp_path / "absent.toml"
    outcome = jeoul("check", path, absent)
    refused(outcome, 2, "bnad", "cots", "absent.toml")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", "a = '저울'".encode("cp949"), b"a = ["])
def test_a_strategy_file_that_is_none(jeoul: Any, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    refused(jeoul("check", path), 2, str(path))
    refused(jeoul("report", path, "--json"), 2, str(path))


def test_no_such_strategy_or_a_folder(jeoul: Any, tmp_path: Path) -> None:
    refused(jeoul("report", "manged", "--json"), 2, "manged", "managed", "static")
    refused(jeoul("report", tmp_path, "--json"), 2, str(tmp_path))
    refused(jeoul("check", tmp_path), 2, str(tmp_path))


def project_files() -> Any:
    root = assets.root()
    places = ("configs", "strategies", "data/universes", "data/rules", "tests/korea/cases")
    return [path for place in places for path in sorted((root / place).glob("*.toml"))]


@pytest.mark.parametrize("path", project_files(), ids=lambda path: path.name)
def test_every_file_of_the_project_is_known_and_right(jeoul: Any, path: Path) -> None:
    outcome = jeoul("check", path, "--lang", "en")
    assert outcome.code == 0, outcome.err
    assert outcome.out.endswith("no problems\n")


@pytest.mark.parametrize(
    ("name", "before", "after", "says"),
    [
        ("paper", "[broker]", "[brokr]", ("brokr", "did you mean 'broker'?")),
        ("fetch", "store  =", "stroe  =", ("stroe",)),
        ("account-example", "cash     =", "csah     =", ("csah", "did you mean 'cash'?")),
        ("person-example", "budget  ", "bugdet  ", ("bugdet", "did you mean 'budget'?")),
        ("answers-example", "loss  ", "los  ", ("los", "did you mean 'loss'?")),
    ],
)
def test_a_slip_is_told_by_the_rules_of_its_own_kind(
    jeoul: Any, tmp_path: Path, name: str, before: str, after: str, says: Any
) -> None:
    text = (assets.root() / "configs" / f"{name}.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after, 1), "utf-8")
    assert path.read_text("utf-8") != text
    message = refused(jeoul("check", path), 2, str(path), *says)
    assert "universe" not in message  # advice about another kind of file


def test_a_folder_or_a_file_of_no_kind_is_told_as_such(jeoul: Any, tmp_path: Path) -> None:
    refused(jeoul("check", tmp_path), 2, f"{tmp_path}: is a folder; name the files in it")
    path = tmp_path / "letter.toml"
    path.write_text("dear = 'reader'", "utf-8")
    refused(
        jeoul("check", path),
        2,
        "its keys do not match any kind of file that jeoul checks",
        "person",
    )


def test_no_such_profile_account_or_language(jeoul: Any) -> None:
    refused(jeoul("report", "--profile", "aggressive"), 2, "aggressive", "balanced")
    refused(jeoul("report", "--account", "401k"), 2, "401k", "irp")
    refused(jeoul("report", "--lang", "fr"), 2, "fr", "ko")
    refused(jeoul("reprot"), 2, "reprot")


@pytest.mark.usefixtures("opened_once")
def test_bounds_that_cannot_hold_together_are_named(jeoul: Any, tmp_path: Path) -> None:
    path = strategy(tmp_path, "max_weight = 0.40", "max_weight = 0.06")
    refused(
        jeoul("report", path, "--as-of", "2000-03-31", "--json"),
        4,
        "allocate.max_weight",
        "0.06",
        "together",
        "set ",
    )


@pytest.mark.usefixtures("opened_once")
def test_a_strategy_without_the_profile(jeoul: Any, tmp_path: Path) -> None:
    text = MANAGED.read_text("utf-8")
    start, end = text.index("[profiles.growth]"), text.index("[overlay]")
    path = tmp_path / "mine.toml"
    path.write_text(text[:start] + text[end:], "utf-8")
    refused(jeoul("report", path, "--profile", "growth", "--json"), 2, "growth", "balanced")


@pytest.mark.usefixtures("opened_once")
@pytest.mark.parametrize("account", ["isa", "pension_savings", "irp"])
def test_funds_of_new_york_in_a_korean_account(jeoul: Any, account: str) -> None:
    refused(
        jeoul("report", "managed-us", "--account", account, "--json"), 4, account, "us-core", ";"
    )


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("opened_once")
@pytest.mark.parametrize(
    ("day", "code", "says"),
    [
        ("2024-06-29", 3, "not a session of XKRX; the sessions around it are 2024-06-28"),
        ("2026-07-01", 3, "lies outside the data, which ends on 2026-06-30"),
        ("1980-01-04", 3, "1980-01-04"),
        ("2999-01-04", 3, "2999-01-04"),
        ("1997-01-07", 3, "choose a later date"),
        ("28.06.2024", 2, "write it as 2024-06-28"),
        ("2024-13-01", 2, "write it as"),
        ("2024-06-28T00", 2, "write it as"),
    ],
)
def test_an_as_of_that_cannot_be(jeoul: Any, day: str, code: int, says: str) -> None:
    refused(jeoul("report", "--as-of", day, "--json"), code, says)


@pytest.mark.usefixtures("opened_once")
def test_a_backtest_of_nothing(jeoul: Any) -> None:
    span = ("--from", "2010-01-04", "--to", "2009-01-05")
    refused(jeoul("backtest", "static", "--profile", "balanced", *span), 2, "reversed; swap them")


# --- holdings -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("opened_once")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("ticker,shares\n069500,0.5\n", (":2", "069500", "not a whole number", "round it down")),
        ("ticker,shares\nAAPL,5\n", (":2", "AAPL", "unknown ticker")),
        ("ticker,shares\n69510,5\n", (":2", "one character away from 069500", "write 069500")),
        ("ticker,price\n069500,5\n", (":1", "header", "ticker,shares")),
        ("ticker,shares\n069500,5\n", ("no row of cash", "--cash AMOUNT")),
        ("", ("is empty", "give a file with a header")),
        ("ticker,shares\n", ("without holdings", "cash")),
        (b"ticker,shares\n\xff\xef,1\n", (":2", "is not cp949 text", "UTF-8")),
    ],
)
def test_holdings_that_cannot_be(
    jeoul: Any, tmp_path: Path, content: bytes | str, says: Any
) -> None:
    path = tmp_path / "holdings.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(jeoul(*DECIDE, "--holdings", path, "--json"), 2, *says)


@pytest.mark.usefixtures("opened_once")
def test_a_folder_or_nothing_for_holdings(jeoul: Any, tmp_path: Path) -> None:
    refused(jeoul(*DECIDE, "--holdings", tmp_path, "--json"), 2, str(tmp_path), "is a folder")
    refused(jeoul(*DECIDE, "--holdings", tmp_path / "no.csv"), 2, "no such file", "check the name")
    refused(jeoul(*DECIDE, "--json"), 2, "nothing to decide on", "--holdings, --cash")


@pytest.mark.usefixtures("opened_once")
def test_amounts_that_cannot_be(jeoul: Any) -> None:
    refused(jeoul("report", "--amount", "0", "--json"), 2, "amount")
    refused(jeoul("report", "--amount", "many", "--json"), 2, "amount")
    refused(jeoul(*DECIDE, "--deposit", "-1"), 2, "deposit")
    refused(jeoul(*DECIDE, "--deposit", "1000000", "--fee", "2"), 2, "--fee: '2'", "fraction")
    refused(jeoul(*DECIDE, "--deposit", "1000000", "--fee", "x"), 2, "--fee: 'x'", "fraction")
    refused(jeoul(*DECIDE, "--deposit", str(10**22)), 2, "too large", "split it")


# --- market folders -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six years of the sample: quick to read."""
    place = tmp_path_factory.mktemp("market") / "short"
    shutil.copytree(assets.data("sample"), place)
    for path in place.glob("*.csv"):
        header, *rows = path.read_text("utf-8").splitlines()
        kept = [row for row in rows if "2018-06" < row[:7] < "2024-07"]
        path.write_text("\n".join([header, *kept]) + "\n", "utf-8")
    manifest = (place / "manifest.toml").read_text("utf-8")
    (place / "manifest.toml").write_text(manifest.replace("2026-06-30", LAST), "utf-8")
    return place


@pytest.fixture
def folder(short_folder: Path, tmp_path: Path) -> Path:
    place = tmp_path / "market"
    shutil.copytree(short_folder, place)
    return place


def cell(folder: Path, day: str, ticker: str, value: str, file: str = "prices-kr.csv") -> int:
    """Change one cell and return its line number."""
    path = folder / file
    lines = path.read_text("utf-8").splitlines()
    column = lines[0].split(",").index(ticker)
    number = next(n for n, line in enumerate(lines) if line.startswith(day))
    cells = lines[number].split(",")
    cells[column] = value
    lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return number + 1


def report(folder: Path, *more: Any) -> Any:
    return ("report", "static", "--profile", "balanced", "--data", folder, "--json", *more)


def test_the_folder_is_good_before_it_is_damaged(jeoul: Any, folder: Path) -> None:
    outcome = jeoul(*report(folder))
    assert (outcome.code, outcome.err) == (0, "")


def test_text_in_a_price(jeoul: Any, folder: Path) -> None:
    line = cell(folder, "2024-03-05", "069500", "n/a")
    refused(jeoul(*report(folder)), 3, f"prices-kr.csv:{line}", "069500", "n/a", ";")


def test_dates_out_of_order(jeoul: Any, folder: Path) -> None:
    path = folder / "prices-kr.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[50], lines[51] = lines[51], lines[50]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    refused(jeoul(*report(folder)), 3, "prices-kr.csv:52", ";")


def test_a_missing_column(jeoul: Any, folder: Path) -> None:
    manifest = folder / "manifest.toml"
    text = manifest.read_text("utf-8").replace("kr10y  ", "kr11y  ")
    manifest.write_text(text, "utf-8")
    refused(jeoul(*report(folder)), 3, "signals.csv", "kr11y", ";")


@pytest.mark.parametrize("name", ["prices-kr.csv", "signals.csv", "manifest.toml"])
@pytest.mark.parametrize("content", ["", None, "\udcff"])
def test_a_file_that_is_empty_absent_or_no_text(
    jeoul: Any, folder: Path, name: str, content: str | None
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content, "utf-8", errors="surrogateescape")
    refused(jeoul(*report(folder)), 3, name, ";")


def test_a_folder_where_a_file_should_be(jeoul: Any, folder: Path) -> None:
    for name in ("prices-kr.csv", "manifest.toml"):
        (folder / name).unlink()
        (folder / name).mkdir()
        refused(jeoul(*report(folder)), 3, name, ";")


def test_a_market_that_is_no_folder(jeoul: Any, folder: Path) -> None:
    refused(jeoul(*report(folder / "prices-kr.csv")), 3, "prices-kr.csv", ";")
    refused(jeoul(*report(folder / "absent")), 3, "absent", ";")


def test_a_negative_price_stops_those_who_would_trade_it(jeoul: Any, folder: Path) -> None:
    cell(folder, "2024-06-20", "360750", "-12000")
    refused(jeoul(*report(folder)), 3, "360750", "2024-06-20")


def test_a_negative_price_of_something_else_is_only_told(jeoul: Any, folder: Path) -> None:
    cell(folder, "2024-06-20", "132030", "-12000")  # the substitute of a fund with a price
    assert jeoul(*report(folder)).code == 0
