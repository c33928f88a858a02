"""Alarms of an account: found once, told until they were delivered, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from timer import TimerClock

from jeoul import api
from jeoul.cli.health import health
from jeoul.cli.history import history
from jeoul.errors import DataError
from jeoul.messages import LANGUAGES
from jeoul.operations.desk.guards import STOP
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.operations.told import alarms as alarms_module
from jeoul.operations.told.alarms import missed_reason
from jeoul.operations.told.expiry import expiry_alarms, expiry_reasons
from jeoul.operations.told.notify import notify_once
from jeoul.pipeline import run_model
from jeoul.pipeline.alarms import overlay_alarms
from jeoul.reporting.reasons import reason_text
from jeoul.strategy.load import load_strategy

CONFIG = """schema = 1
name = "mine"
strategy = "managed"
profile = "balanced"
state = "state"
lang = "{lang}"
{tables}
[broker]
kind = "paper"
cash = 30_000_000
[notify]
{notify}
"""
APRIL = [date(2025, 4, day) for day in (11, 14, 15, 16, 17, 18, 21, 22)]
"""The sessions decided on around two steps up and the end of a VIX alarm of the sample."""


class Account:
    """A paper account on the sample, with what was sent to its owner."""

    def __init__(self, folder: Path, lang: str = "en", tables: str = "", notify: str = "") -> None:
        self.file = folder / "mine.toml"
        self.file.write_text(CONFIG.format(lang=lang, tables=tables, notify=notify), "utf-8")
        self.sent: list[tuple[str, str]] = []
        self.works = True
        self.clock = TimerClock()

    @property
    def config(self) -> Any:
        return load_config(self.file)

    def run(self, day: date, **request: Any) -> Any:
        calendars = api.calendars()
        self.clock.start(calendars["XKRX"], day)
        mandate = api.mandate(load_strategy("managed"), "balanced")
        runner = Runner(self.config, mandate, api.open_market(), calendars, self.clock)
        report = runner.run(RunRequest(as_of=day, **{"execute": True, **request}))
        notify_once(self.config, report, self.clock, self._send)
        return report

    def _send(self, addresses: str, title: str, body: str) -> bool:
        if self.works:
            self.sent.append((title, body))
        return self.works

    def alarms(self) -> list[str]:
        """The keys of every alarm in the ledger, in order."""
        ledger = open_ledger(self.config.state / NAME)
        rows = ledger.rows("SELECT detail FROM notes WHERE kind = 'alarm' ORDER BY seq")
        ledger.close()
        return [json.loads(row["detail"])["key"] for row in rows]


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JEOUL_NOTIFY", "json://example.invalid")


def expected(days: Sequence[date]) -> list[str]:
    """The alarms of the overlay on these sessions."""
    strategy = load_strategy("managed")
    found = api.history(strategy, api.open_market().as_of(days[-1]))
    model = run_model(api.mandate(strategy, "balanced"), found)
    return [alarm.key for alarm in overlay_alarms(model, days[0])]


def lines(sent: Sequence[tuple[str, str]]) -> list[str]:
    """Every line of an alarm that was told."""
    return [line for _, body in sent for line in body.splitlines() if line.startswith("[20")]


def test_each_alarm_is_told_once_also_where_nothing_is_traded(tmp_path: Path) -> None:
    account = Account(tmp_path)
    for day in APRIL:
        account.run(day)
        account.run(day)
    keys = expected(APRIL)
    assert {"rise.2025-04-14", "latch.vix.2025-04-21", "rise.2025-04-22"} <= set(keys)
    assert account.alarms() == keys
    told = lines(account.sent)
    assert len(told) == len(set(told)) == len(keys)
    quiet = [title for title, _ in account.sent if "alert" in title]
    assert quiet == ["jeoul mine: 1 alert"]  # the VIX alarm ends before anything is bought
    assert any("[2025-04-21] VIX closed at" in body for _, body in account.sent)


def test_a_run_after_a_gap_tells_what_happened_in_it_and_names_it(tmp_path: Path) -> None:
    account = Account(tmp_path, lang="ko")
    account.run(APRIL[0])
    account.run(APRIL[-1], execute=False)  # its memory is newer than the last decision
    account.sent.clear()
    report = account.run(APRIL[-1])
    assert set(account.alarms()) == {*expected(APRIL), "missed.2025-04-21"}
    (message,) = account.sent
    assert "6개 거래일의 점검이 완료되지 않았습니다: 2025-04-14 … 2025-04-21" in message[1]
    assert report.reasons[0].startswith("6개 거래일의 점검이 완료되지 않았습니다")
    assert message[1].count("6개 거래일") == 1
    assert "한 단계 늘립니다" in message[1]


def test_an_alarm_that_was_not_delivered_is_told_by_the_next_run(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.run(APRIL[0])
    account.sent.clear()
    account.works = False
    account.run(APRIL[1])
    account.works = True
    account.run(APRIL[2])
    assert any("[2025-04-14] Risk assets go back up one step" in line
               for line in lines(account.sent))  # fmt: skip


def test_a_crash_before_the_message_loses_no_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(tmp_path)
    account.run(APRIL[0])
    with monkeypatch.context() as dying:
        dying.setattr("jeoul.operations.stages.freeze_plan", _die)
        with pytest.raises(SystemExit):
            account.run(APRIL[1])
    account.sent.clear()
    account.run(APRIL[1])
    assert account.alarms() == expected(APRIL[:2])
    assert len(lines(account.sent)) == len(account.alarms())


def _die(*_: object) -> None:
    raise SystemExit


def test_the_kill_switch_does_not_silence_alarms(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.run(APRIL[0])
    (account.config.state / STOP).touch()
    for day in APRIL[1:4]:
        assert account.run(day).outcome == "blocked_rule"
    assert account.alarms() == expected(APRIL[:4])  # no session was missed: each run said why
    assert len(lines(account.sent)) == len(set(lines(account.sent)))


def test_a_list_without_alarm_is_kept_and_says_once_how_to_add_it(tmp_path: Path) -> None:
    account = Account(tmp_path, notify='on = ["executed"]')
    for day in APRIL[:2]:
        account.run(day)
    assert [line for line in lines(account.sent) if "to notify.on" in line] == lines(account.sent)
    assert len(lines(account.sent)) == 1
    account.file.write_text(
        account.file.read_text("utf-8").replace('["executed"]', '["executed", "alarm"]'), "utf-8"
    )
    account.run(APRIL[2])
    assert len(lines(account.sent)) == 1  # what it did not want to hear then is not told now


def test_a_retired_key_is_told_once_with_its_line(tmp_path: Path) -> None:
    account = Account(tmp_path, tables='[schedule]\nevery = "month"')
    notices = [account.run(day).document["notices"] for day in APRIL[:2]]
    assert [len(found) for found in notices] == [1, 0]
    assert f"{account.file}:8: schedule.every" in notices[0][0]
    assert sum("schedule.every" in line for line in lines(account.sent)) == 1


def test_alarms_of_a_market_that_cannot_decide_wait_for_the_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(tmp_path)
    account.run(APRIL[0])
    with monkeypatch.context() as broken:
        broken.setattr("jeoul.operations.run.assemble", _no_data)
        assert account.run(APRIL[1]).outcome == "blocked_data"
    report = account.run(APRIL[2])
    assert account.alarms() == expected(APRIL[:3])
    assert report.reasons[0].startswith("No run decided on 1 session: 2025-04-14.")


def _no_data(*_: object) -> None:
    raise DataError("nothing to see")


def test_keys_are_an_alarm_a_month_before_they_end_and_when_they_have(tmp_path: Path) -> None:
    config = Account(tmp_path).config
    assert list(expiry_alarms(config, date(2026, 5, 1))) == []  # a paper account has no keys
    file = tmp_path / "kis.toml"
    broker = '[broker]\nkind = "kis"\nmode = "simulation"\nkeys_until = 2026-05-31\n[notify]'
    text = config.path.read_text("utf-8")
    file.write_text(text[: text.index("[broker]")] + broker, "utf-8")
    live = load_config(file)
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1)]
    keys = [[alarm.key for alarm in expiry_alarms(live, day)] for day in days]
    assert keys == [[], *[["keys_end.2026-05-31"]] * 2, ["keys_ended.2026-05-31"]]
    assert live.settings.broker.keys_end_on == date(2026, 5, 31)


def test_a_password_and_a_certificate_are_heard_of_before_they_end(tmp_path: Path) -> None:
    config = Account(tmp_path).config
    file = tmp_path / "ending.toml"
    ends = (
        "[expiry]\nkeys_issued = 2025-06-10\npassword_changed = 2026-03-01\n"
        "certificate_until = 2026-07-01\n"
    )
    file.write_text(config.path.read_text("utf-8") + ends, "utf-8")
    live = load_config(file)
    days = {
        date(2026, 5, 10): [],
        date(2026, 5, 11): ["keys_end.2026-06-10"],
        date(2026, 5, 18): ["keys_end.2026-06-10", "password_end.2026-06-01"],
        date(2026, 6, 2): [
            "keys_end.2026-06-10", "password_ended.2026-06-01", "certificate_end.2026-07-01",
        ],
        date(2026, 7, 2): [
            "keys_ended.2026-06-10", "password_ended.2026-06-01", "certificate_ended.2026-07-01",
        ],
    }  # fmt: skip
    for day, keys in days.items():
        assert [alarm.key for alarm in expiry_alarms(live, day)] == keys
        texts = [
            reason_text(reason, lang) for reason in expiry_reasons(live, day) for lang in LANGUAGES
        ]
        assert len(set(texts)) == 2 * len(keys)
    document = CliRunner().invoke(health, [str(file), "--json"], standalone_mode=False)
    found = json.loads(document.stdout)
    assert (found["keys_until"], found["password_until"], found["certificate_until"]) == (
        "2026-06-10", "2026-06-01", "2026-07-01",
    )  # fmt: skip


def test_few_missed_sessions_are_named_one_by_one() -> None:
    few = missed_reason([date(2026, 1, day) for day in (5, 6, 7, 8, 9)])
    assert "2026-01-05, 2026-01-06, 2026-01-07, 2026-01-08, 2026-01-09" in reason_text(few, "en")
    assert alarms_module.NAMED == 5


def test_the_history_shows_alarms(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.run(APRIL[0])
    account.run(APRIL[1])
    listed = json.loads(CliRunner().invoke(history, [str(account.file), "--json"]).stdout)[
        "entries"
    ]
    found = [entry for entry in listed if entry.get("note") == "alarm"]
    assert [entry["key"] for entry in found] == expected(APRIL[:2])
    assert "Risk assets go back up one step" in found[-1]["text"]
    assert found[-1]["text"] in CliRunner().invoke(history, [str(account.file)]).stdout


def test_health_is_a_document_and_an_exit_code(tmp_path: Path) -> None:
    account = Account(tmp_path)
    never = CliRunner().invoke(health, [str(account.file), "--json"], standalone_mode=False)
    assert (never.return_value, json.loads(never.stdout)["last_run"]) == (5, None)
    newest = api.open_market().last_session()
    account.run(newest)
    found = CliRunner().invoke(health, [str(account.file), "--json"], standalone_mode=False)
    document = json.loads(found.stdout)
    assert document["schema"] == "jeoul.health/1"
    assert (document["last_decided"], document["missed"]) == (str(newest), [])
    assert found.return_value == document["exit_code"] == 0
    (account.config.state / STOP).touch()
    stopped = CliRunner().invoke(health, [str(account.file)], standalone_mode=False)
    assert stopped.return_value == 4
    assert f"Last decided session: {newest}" in stopped.stdout
