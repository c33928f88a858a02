"""Which message goes out, to whom, and that it goes out once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import StillClock

from jeoul.model.portfolio import Reason
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told import notify as notify_module
from jeoul.operations.told.alarms import AlarmLog
from jeoul.operations.told.ledger_notes import LedgerNotes
from jeoul.operations.told.notify import Delivery, message, notify, notify_once
from jeoul.pipeline.alarms import Alarm

DUE = date(2026, 5, 7)


def config_in(folder: Path, tables: str = "", broker: str = 'kind = "paper"') -> Config:
    file = folder / "c.toml"
    file.write_text(
        'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
        f'{tables}\n[broker]\n{broker}\n[schedule]\nat = "09:10"\n',
        "utf-8",
    )
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


class Post:
    """Where messages go; ``works`` says whether they are delivered."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.works: bool | Exception = True

    def __call__(self, addresses: str, title: str, body: str) -> bool:
        assert addresses == "json://here"
        if isinstance(self.works, Exception):
            raise self.works
        if self.works:
            self.sent.append((title, body))
        return self.works


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setenv("JEOUL_NOTIFY", "json://here")
    return Post()


ALARM = Alarm("k", DUE, Reason.of("alarm.unlisted"))
DONE = RunReport("executed", ("one", "two"), (), {"as_of": str(DUE)})


def test_a_message_has_alarms_then_reasons_orders_and_what_is_asked(tmp_path: Path) -> None:
    order = {"side": "BUY", "ticker": "A", "shares": 2, "price": 5}
    report = replace(DONE, asked=("look",), document={"orders": [order], "simulated": True})
    config = config_in(tmp_path)
    title, body = message(config, report, [ALARM])
    assert (title, body.splitlines()[1:]) == (
        "jeoul a: Executed",
        ["one", "two", "BUY A 2 shares at 5", "Action needed: look", "Simulated data."],
    )
    assert body.startswith("[2026-05-07] To hear of latches")
    title, body = message(config, DONE, [ALARM], outcome=False)
    assert (title, len(body.splitlines())) == ("jeoul a: 1 alert", 1)


def test_what_an_alarm_says_is_not_said_again_among_the_reasons(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    said = message(config, DONE, [ALARM])[1].splitlines()[0].removeprefix("[2026-05-07] ")
    lines = message(config, replace(DONE, reasons=(said, "one")), [ALARM])[1].splitlines()
    assert lines == [f"[2026-05-07] {said}", "one"]


@pytest.mark.parametrize(
    ("tables", "report", "alarms", "outcome", "sent"),
    [
        ("", "executed", (), True, False),
        ("[notify]", "executed", (), True, True),
        ("[notify]", "nothing_to_do", (), True, False),
        ("[notify]", "executed", (), False, False),
        ("[notify]", "executed", (ALARM,), False, True),
        ("[notify]", "nothing_to_do", (ALARM,), True, True),
    ],
)
def test_an_outcome_is_told_where_the_config_lists_it_and_an_alarm_always(
    tmp_path: Path, post: Post, tables: str, report: str, alarms: tuple[Alarm, ...],
    outcome: bool, sent: bool,
) -> None:  # fmt: skip
    config = config_in(tmp_path, tables)
    found = notify(config, RunReport(report), post, alarms, outcome=outcome)
    assert (found.sent, found.warning, len(post.sent)) == (sent, None, sent)


def test_a_failure_is_a_warning_and_stops_nothing(
    tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_in(tmp_path, "[notify]")
    post.works = False
    assert "could not be delivered" in (notify(config, DONE, post).warning or "")
    post.works = ValueError("secret")
    assert (notify(config, DONE, post).warning or "").endswith("(ValueError)")
    post.works = True
    monkeypatch.setattr(notify_module, "_apprise", post)
    assert notify(config, DONE) == Delivery(sent=True)
    monkeypatch.delenv("JEOUL_NOTIFY")
    assert (notify(config, DONE, post).warning or "").startswith("JEOUL_NOTIFY: ")


def test_an_outcome_is_told_again_only_with_another_reason(tmp_path: Path, post: Post) -> None:
    config, clock = config_in(tmp_path, "[notify]"), StillClock()

    def told(report: RunReport) -> bool:
        return notify_once(config, report, clock, post).sent

    assert [told(DONE), told(DONE)] == [True, False]
    assert not told(replace(DONE, reasons=("two",)))
    assert told(replace(DONE, reasons=("two", "three")))
    assert told(replace(DONE, outcome="needs_person"))
    assert told(replace(DONE, document={"as_of": "2026-05-08"}))
    assert told(replace(DONE, document={"as_of": "2026-05-08", "run_id": "r"}))
    assert not told(replace(DONE, document={"as_of": "2026-05-09", "run_id": "r"}))
    assert told(RunReport("needs_person"))
    assert not told(RunReport("nothing_to_do", ("news",)))
    assert not notify_once(config_in(tmp_path), RunReport("blocked_data"), clock, post).sent
    assert len(post.sent) == 6


def test_a_plan_that_a_person_refused_is_not_told(tmp_path: Path, post: Post) -> None:
    config = config_in(tmp_path, "[notify]")
    with closing(open_ledger(config.state / NAME)) as ledger, ledger.transaction():
        for run, event in (("refused", "rejected"), ("other", "lapsed")):
            ledger.append("run_events", 1, run_id=run, event=event, detail="{}")
    for run, sent in (("refused", False), ("other", True)):
        report = RunReport("blocked_rule", ("x",), (), {"run_id": run})
        assert notify_once(config, report, StillClock(), post).sent is sent


def test_an_alarm_waits_until_it_was_delivered_and_is_told_once(tmp_path: Path, post: Post) -> None:
    config, clock = config_in(tmp_path, "[notify]"), StillClock()
    with closing(open_ledger(config.state / NAME)) as ledger:
        AlarmLog(LedgerNotes(ledger, clock, "a", "managed", DUE)).add([ALARM], tell=True)
    post.works = False
    quiet = RunReport("nothing_to_do")
    assert not notify_once(config, quiet, clock, post).sent
    post.works = True
    assert [notify_once(config, quiet, clock, post).sent for _ in range(2)] == [True, False]
    assert post.sent[0][0] == "jeoul a: 1 alert"
    with closing(open_ledger(config.state / NAME)) as ledger:
        assert ledger.rows("SELECT 1 FROM notes WHERE kind = 'told'") == []


def test_a_ledger_that_cannot_be_read_tells_it_again(tmp_path: Path, post: Post) -> None:
    config = config_in(tmp_path, "[notify]")
    (config.state / NAME).write_bytes(b"no ledger" * 200)
    for _ in range(2):
        assert notify_once(config, DONE, StillClock(), post).sent


def test_every_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []

    class Target:
        def add(self, address: str) -> None:
            added.append(address)

        def notify(self, *, title: str, body: str) -> str:
            return title + body

    monkeypatch.setitem(
        __import__("sys").modules, "apprise", cast("Any", SimpleNamespace(Apprise=Target))
    )
    assert notify_module._apprise("one two", "t", "b") is True
    assert added == ["one", "two"]
