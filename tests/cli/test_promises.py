"""``jeoul promises`` and ``jeoul forward``, as a person types them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.research.forward import begun, rules_of
from jeoul.strategy.load import shipped

Jeoul = Any
SAMPLE = assets.data("sample")


@pytest.fixture
def account(jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config of a paper account that was run on two sessions."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))
    file = tmp_path / "mine.toml"
    file.write_text(
        'schema = 1\nname = "mine"\nstrategy = "static"\nprofile = "balanced"\n'
        'state = "state"\nlang = "en"\n[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    for day in ("2025-03-04", "2025-04-02"):
        assert jeoul("run", file, "--as-of", day, "--execute").code == 0
    return file


def test_one_account_of_a_household_is_asked_about_as_among_all_of_them(
    jeoul: Jeoul, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))
    file = tmp_path / "home.toml"
    file.write_text(
        'schema = 1\nname = "home"\nstate = "state"\nstrategy = "static"\n'
        '[people."민수"]\nborn = 1992-05-11\nwages = 62_000_000\nprofile = "balanced"\n'
        '[accounts.us]\nkind = "overseas"\nbroker = { kind = "paper", cash = 20_000 }\n',
        "utf-8",
    )
    assert jeoul("run", file, "--as-of", "2026-03-31", "--execute").code == 0
    for command in (("promises",), ("forward", "show")):
        alone = document(jeoul(*command, f"{file}:us", "--json"))
        assert alone == document(jeoul(*command, file, "--json"))


def document(outcome: Any) -> Any:
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_the_promises_of_a_strategy_are_apart_by_the_day_of_its_rules(jeoul: Jeoul) -> None:
    found = document(jeoul("promises", "static", "--profile", "balanced", "--json"))
    assert (found["schema"], found["simulated"]) == ("jeoul.promises/1", True)
    (scored,) = found["scored"]
    assert scored["chosen"] == "2026-11-30"
    assert scored["after"] is None
    before = scored["before"]
    assert before["until"] <= scored["chosen"]
    month = before["ranges"][0]
    assert month["figure"] == "month"
    assert month["interval"][0] < month["share"] < month["interval"][1]
    assert month["hits"] + month["below"] + month["above"] == month["windows"]
    assert [each["figure"] for each in before["ranges"]] == [
        "month", "year", "drawdown", "volatility",
    ]  # fmt: skip
    assert [each["level"] for each in before["calibration"]][3] == 0.5


def test_a_strategy_of_ones_own_has_no_day_of_choice(jeoul: Jeoul, tmp_path: Path) -> None:
    text = (assets.root() / "strategies" / "static.toml").read_text("utf-8")
    own = tmp_path / "static.toml"
    own.write_text(text.replace("quarterly", "yearly").replace("monthly", "yearly"), "utf-8")
    found = document(jeoul("promises", own, "--profile", "growth", "--json"))
    assert found["scored"][0]["chosen"] is None
    said = jeoul("promises", own, "--profile", "growth", "--lang", "en")
    assert "may have known these years" in said.out
    assert "The market is simulated" in said.out


def test_an_account_is_scored_by_its_ledger(jeoul: Jeoul, account: Path) -> None:
    found = document(jeoul("promises", account, "--json"))
    (scored,) = found["scored"]
    assert (scored["account"], scored["before"]) == ("mine", None)
    assert scored["after"]["promises"] == 2
    assert scored["promise"]["session"] == "2025-04-02"
    said = jeoul("promises", account, "--lang", "en")
    assert "too few windows to judge (fewer than 10)" in said.out
    assert "2 decisions from 2025-03-04 to 2025-04-02" in said.out


def test_an_account_that_has_never_run_says_so(jeoul: Jeoul, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(
        'schema = 1\nname = "new"\nstrategy = "static"\nprofile = "balanced"\n'
        'state = "state"\n[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    assert jeoul("promises", file).code == 3


def test_decide_and_report_have_the_promise_that_a_run_keeps(jeoul: Jeoul, account: Path) -> None:
    kept = document(jeoul("promises", account, "--json"))["scored"][0]["promise"]
    day = ("--as-of", "2025-04-02")
    report = document(jeoul("report", "static", "--profile", "balanced", *day, "--json"))
    decided = document(
        jeoul("decide", "static", "--profile", "balanced", "--cash", "20000000", *day, "--json")
    )
    assert decided["promise"] == kept == report["profiles"][0]["promise"]
    old = document(jeoul("report", "static", "--profile", "balanced", *day, "--json=1"))
    assert "promise" not in old["profiles"][0]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A folder with a record of ``static`` that began in the middle of January 2026."""
    loaded = api.load_strategy("static")
    mandates = {str(profile): api.mandate(loaded, profile) for profile in loaded.profiles}
    folder = tmp_path / "records"
    folder.mkdir()
    line = begun(None, "static", rules_of(mandates), on=date(2026, 1, 15), version="0.2.0")
    (folder / "static.jsonl").write_text(f"{line}\n", "utf-8")
    return folder


def test_months_are_written_once_and_in_order(jeoul: Jeoul, records: Path) -> None:
    arguments = ("forward", "add", "static", "--records", records, "--data", SAMPLE, "--json")
    first = document(jeoul(*arguments))
    assert first["added"] == [f"2026-{number:02d}" for number in range(2, 7)]
    text = (records / "static.jsonl").read_bytes()
    second = document(jeoul(*arguments))
    assert (second["added"], second["head"]) == ([], first["head"])
    assert (records / "static.jsonl").read_bytes() == text


def test_before_and_after_the_choice_are_two_tables(jeoul: Jeoul, records: Path) -> None:
    jeoul("forward", "add", "static", "--records", records, "--data", SAMPLE)
    found = document(
        jeoul("forward", "show", "static", "--records", records, "--data", SAMPLE, "--json")
    )
    (record,) = found["records"]
    assert record["before"]["to"] == "2026-01-14"
    assert record["after"]["months"][0]["month"] == "2026-02"
    assert record["simulated"] is True
    said = jeoul("forward", "show", "static", "--records", records, "--lang", "en").out
    assert said.index("Before the rules") < said.index("Since the rules were chosen (5 months")
    assert "Too few months for yearly figures" in said


def test_a_rewritten_month_fails_the_check(jeoul: Jeoul, records: Path) -> None:
    jeoul("forward", "add", "static", "--records", records, "--data", SAMPLE)
    file = records / "static.jsonl"
    head = document(jeoul("forward", "check", file, "--json"))["records"][0]["head"]
    assert jeoul("forward", "check", file, "--head", head).code == 0
    lines = file.read_text("utf-8").splitlines()
    body = json.loads(lines[2])
    body["figures"]["growth"]["return"] += 0.01
    lines[2] = json.dumps(body, separators=(",", ":"))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    refused = jeoul("forward", "check", file)
    assert refused.code == 3
    assert f"{file}:3" in refused.err
    again = jeoul("forward", "add", "static", "--records", records, "--data", SAMPLE)
    assert again.code == 3
    assert jeoul("forward", "show", "static", "--records", records).code == 3


def test_a_record_begins_today_and_only_once(jeoul: Jeoul, tmp_path: Path) -> None:
    begin = ("forward", "begin", "static", "--records", tmp_path)
    assert jeoul(*begin).code == 0
    assert jeoul(*begin).code == 2
    none = jeoul("forward", "add", "managed", "--records", tmp_path, "--data", SAMPLE)
    assert none.code == 2
    assert "no forward record of managed" in none.err or "managed" in none.err


def test_the_records_of_the_package_are_whole(jeoul: Jeoul) -> None:
    found = document(jeoul("forward", "check", "--json"))["records"]
    assert {Path(each["file"]).stem for each in found} == set(shipped())


def test_the_record_of_other_rules_shows_nothing_of_these(
    jeoul: Jeoul, records: Path, tmp_path: Path
) -> None:
    text = (assets.root() / "strategies" / "static.toml").read_text("utf-8")
    own = tmp_path / "static.toml"
    own.write_text(text.replace("monthly", "yearly").replace("quarterly", "yearly"), "utf-8")
    refused = jeoul("forward", "show", own, "--records", records, "--lang", "en")
    assert refused.code == 2
    assert "differ from those of 2026-01-15" in refused.err


def test_a_head_belongs_to_one_record(jeoul: Jeoul) -> None:
    assert jeoul("forward", "check", "--head", "1:abc").code == 2


def test_an_account_shows_the_months_of_its_rules(jeoul: Jeoul, account: Path) -> None:
    found = document(jeoul("forward", "show", account, "--json"))
    (record,) = found["records"]
    assert (record["account"], record["rules_since"]) == ("mine", "2025-03-04")
    assert [each["to"] for each in record["after"]["months"]] == ["2025-04-02"]
    said = jeoul("forward", "show", account, "--lang", "en").out
    assert "rules followed since 2025-03-04" in said
    assert jeoul("ledger", "check", account).code == 0
