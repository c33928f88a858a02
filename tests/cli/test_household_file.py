"""A household's file as a person meets it: asked for, imported, checked."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Jeoul
from tests.cli.test_json import keys_on_the_page

from jeoul import assets
from jeoul.account.holdings import read_holdings
from jeoul.household.written.file import read_household
from jeoul.operations.household.configs import account_configs
from jeoul.profile import load_answers

EXPORT = "종목코드;잔고수량;매입단가\nA069500;1,030;34,100\n예수금;3,000,000원\n"


class Terminal(io.StringIO):
    """What a person types in."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the tests that are not about the first page from making a plan."""
    if "first_page" not in request.node.name:
        monkeypatch.setattr("jeoul.cli.household_new._page", lambda file, page, lang: None)


def test_init_writes_the_first_page_and_says_what_to_do_next(
    jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened_once: None
) -> None:
    monkeypatch.setenv("JEOUL_DATA", str(assets.data("sample")))
    made = jeoul("init", tmp_path, "--lang", "ko")
    page = tmp_path / "household.html"
    assert made.code == 0
    assert f"오늘의 주문안 페이지: {page}" in made.out
    assert f"jeoul household {tmp_path / 'household.toml'}" in made.out
    assert "KODEX 200" in page.read_text("utf-8")
    assert read_household(tmp_path / "household.toml").runs.data == assets.data("sample")
    assert jeoul("init", tmp_path, "--lang", "ko").code == 2  # nothing is overwritten


def test_init_without_a_first_page_still_writes_the_household(
    jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEOUL_DATA", str(tmp_path / "none"))
    made = jeoul("init", tmp_path, "--lang", "en")
    assert made.code == 0
    assert "The first page could not be made: " in made.err
    assert (tmp_path / "household.toml").is_file()
    assert not (tmp_path / "household.html").exists()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_example_checks_without_an_edit(jeoul: Jeoul, tmp_path: Path, lang: str) -> None:
    made = jeoul("new", "household", tmp_path, "--lang", lang)
    assert made.code == 0
    assert jeoul("check", tmp_path / "household.toml").code == 0
    assert jeoul("new", "household", tmp_path).code == 2  # nothing is overwritten


def test_exports_become_holdings_of_accounts_of_their_kinds(jeoul: Jeoul, tmp_path: Path) -> None:
    first, isa = tmp_path / "a.csv", tmp_path / "isa.csv"
    first.write_text(EXPORT, "utf-8")
    isa.write_text("ticker,shares\n148070,3\n", "utf-8")
    words = ("--from", f"general={first}", "--from", isa, "--from", f"general={first}")
    made = jeoul("init", tmp_path / "home.toml", *words, "--lang", "en")
    assert (made.code, "says no cash, so 0 is written" in made.err) == (0, True)
    home = read_household(tmp_path / "home.toml")
    assert {name: each.kind for name, each in home.accounts.items()} == {
        "general": "general",
        "isa": "isa",
        "general-2": "general",
    }
    held = (tmp_path / "holdings" / "general.csv").read_text("utf-8")
    assert held == "ticker,shares,cost,tax_base\n069500,1030,34100,\nCASH,3000000,,\n"


def test_a_new_account_with_nothing_in_it_is_one_of_the_household(
    jeoul: Jeoul, tmp_path: Path
) -> None:
    for name, rows in {"full": EXPORT, "empty": "종목코드;잔고수량\n예수금;0원\n"}.items():
        (tmp_path / f"{name}.csv").write_text(rows, "utf-8")
    exports = [f"--from=general={tmp_path / 'full.csv'}", f"--from=isa={tmp_path / 'empty.csv'}"]
    place = tmp_path / "home.toml"
    assert jeoul("new", "household", place, *exports, "--lang", "en").code == 0
    assert jeoul("check", place).code == 0
    isa = read_household(place).accounts["isa"].holdings
    assert isa is not None
    assert read_holdings(isa).cash == 0


def test_an_export_without_a_kind_is_refused_where_nobody_can_be_asked(
    jeoul: Jeoul, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(EXPORT, "utf-8")
    refused = jeoul("init", tmp_path, "--from", tmp_path / "a.csv", "--lang", "en")
    assert refused.code == 2
    assert "write KIND=FILE with one of general, overseas" in refused.err
    assert not (tmp_path / "household.toml").exists()


def test_a_person_at_a_terminal_is_asked_until_the_answer_can_be_read(
    jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ["92-05-11", "1992-05-11", "6천만", "3000000", ""]
    answers = ["5", "9", "4", "3", "2", "1", "3"]  # there is no ninth choice: it is asked again
    typed = [*facts, *answers, "general, isa", "1억", ""]
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join(typed) + "\n"))
    assert jeoul("init", tmp_path, "--lang", "ko").code == 0
    home = read_household(tmp_path / "household.toml")
    assert home.people["me"].income.wages == 60_000_000
    answered = load_answers(tmp_path / "answers.toml")
    assert (answered.horizon, answered.experience, answered.loss) == ("3y+", "stock", "20")
    assert home.people["me"].answers == tmp_path / "answers.toml"
    assert home.policy.within_reach == 18_000_000
    assert "CASH,100000000" in (tmp_path / "holdings" / "general.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "written"),
    [(["1,234.56"], "1234.56"), (["$1,000"], "1000"), (["₩5만", "-3", "1.234", "7"], "7")],
)
def test_cash_of_an_overseas_account_is_asked_for_in_dollars(
    jeoul: Jeoul,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str],
    written: str,
) -> None:
    """A cent is the smallest unit of dollars; won and parts of a cent are asked for again."""
    facts = ["1992-05-11", "6천만", "3000000", ""]
    answers = ["5", "4", "3", "2", "1", "3"]
    lines = "\n".join([*facts, *answers, "overseas, isa", *typed, "$5", "100만"])
    monkeypatch.setattr(sys, "stdin", Terminal(lines + "\n"))
    made = jeoul("init", tmp_path, "--lang", "en")
    assert made.code == 0
    assert "US dollars" in made.err
    holdings = read_holdings(tmp_path / "holdings" / "overseas.csv", currency="USD")
    assert holdings.cash == round(float(written) * 100)
    assert read_holdings(tmp_path / "holdings" / "isa.csv").cash == 1_000_000


@pytest.mark.parametrize("typed", [[], ["1992-05-11"], ["1992-05-11", "6천만", "3000000", "", "5"]])
def test_what_is_said_where_nothing_more_can_be_typed_is_on_a_line_of_its_own(
    jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{each}\n" for each in typed)))
    stopped = jeoul("init", tmp_path, "--lang", "en")
    assert stopped.code != 0
    last = stopped.err.rstrip("\n").splitlines()[-1]
    assert last.startswith("jeoul: ")


def test_a_check_names_what_is_wrong_with_the_files_that_a_household_names(
    jeoul: Jeoul, tmp_path: Path
) -> None:
    jeoul("init", tmp_path, "--lang", "en")
    place = tmp_path / "household.toml"
    (tmp_path / "holdings" / "isa.csv").write_text("ticker,shares\n069500,1.5\n", "utf-8")
    text = place.read_text("utf-8").replace('"0.000140527" }', '"0.000140527", colar = 0.02 }', 1)
    place.write_text(text, "utf-8")
    found = jeoul("check", place, "--json")
    (problem,) = json.loads(found.out)["problems"]
    assert (found.code, problem["message"]) == (
        2,
        "unknown key 'colar' in [accounts.general.broker]",
    )
    place.write_text(text.replace(", colar = 0.02", ""), "utf-8")
    (problem,) = json.loads(jeoul("check", place, "--json").out)["problems"]
    assert "1.5 is not a whole number of shares" in problem["message"]


@pytest.mark.parametrize("words", [("--uses", "managed"), ("--from", "isa=a.csv")])
def test_options_of_another_kind_of_file_are_refused(
    jeoul: Jeoul, tmp_path: Path, words: tuple[str, str]
) -> None:
    kind = "household" if words[0] == "--uses" else "config"
    assert jeoul("new", kind, tmp_path / "a.toml", *words).code == 2


PAPER = """\
schema = 1
name = "home"
state = "state"
strategy = "static"
lang = "en"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.general]
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
[accounts.isa]
kind = "isa"
broker = { kind = "paper", cash = 20_000_000 }
"""


@pytest.mark.usefixtures("opened_once")
def test_a_household_runs_as_one_and_is_looked_at_account_by_account(
    jeoul: Jeoul, tmp_path: Path
) -> None:
    place = tmp_path / "home.toml"
    place.write_text(PAPER, "utf-8")
    words = ("run", place, "--as-of", "2025-03-04")
    shown = json.loads(jeoul(*words).out)
    assert (shown["schema"], shown["outcome"], shown["account"]) == ("jeoul.run/1", "planned", None)
    assert shown.keys() - {"schema"} <= keys_on_the_page()["run/1"][1]
    done = jeoul(*words, "--execute")
    document = json.loads(done.out)
    assert (done.code, document["run_id"]) == (0, "home.static.2025-03-04")
    assert [each["account"] for each in document["accounts"]] == ["general", "isa"]
    assert {order["account"] for order in document["orders"]} == {"general", "isa"}
    for account in ("general", "isa"):
        assert jeoul("ledger", "check", f"{place}:{account}").code == 0
        assert "home-" in jeoul("history", f"{place}:{account}", "--json").out
    refused = jeoul("history", place)
    assert refused.code == 2
    assert f"{place}:isa" in refused.err
    assert jeoul("history", f"{place}:irp").code == 2
    asked = ("replay", "home-isa.static.2025-03-04", "--config", f"{place}:isa")
    replayed = jeoul(*asked)
    assert (replayed.code, replayed.err) == (0, "")
    place.write_text(PAPER.replace("[accounts.isa]", "[accounts.other]"), "utf-8")
    assert jeoul(*asked).code == 2


def test_a_household_has_one_timer(jeoul: Jeoul, tmp_path: Path) -> None:
    place = tmp_path / "home.toml"
    place.write_text(PAPER, "utf-8")
    made = jeoul("schedule", place, "--system", "systemd")
    assert (made.code, "jeoul-home.timer" in made.out, str(place) in made.out) == (0, True, True)
    assert made.out.count("OnCalendar") == 1


def test_the_timer_of_a_household_starts_again_where_one_account_needs_it(
    jeoul: Jeoul, tmp_path: Path
) -> None:
    place = tmp_path / "home.toml"
    account = '[accounts.toss]\nkind = "general"\nproceeds = "reuse"\n'
    place.write_text(f'{PAPER}{account}broker = {{ kind = "toss", mode = "real" }}\n', "utf-8")
    made = jeoul("schedule", place, "--system", "systemd")
    assert "OnCalendar=Mon..Fri *-*-* 14:50:00 Asia/Seoul" in made.out
    assert " 14:50 KST" in made.out


def test_an_empty_table_of_notifications_sends_them_as_in_a_config(tmp_path: Path) -> None:
    place = tmp_path / "home.toml"
    for table, told in (("", False), ("[notify]\n", True)):
        place.write_text(PAPER + table, "utf-8")
        configs = account_configs(read_household(place))
        assert all((each.settings.notify is not None) == told for each in configs.values())
