"""The start before the close of a timer: who needs it, when it is, and that it ends quietly."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import kis_server
import pytest
import rest_account
from kis_desk import DAY
from rest_account import Account
from venues import KIS

from jeoul import api
from jeoul.operations.ledger import ledger_of
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.schedule import SYSTEMS, entries, next_runs
from jeoul.operations.setup.starts import SecondStart, TimerNeeds, timer_needs
from jeoul.operations.told.health import Health, health
from jeoul.operations.told.notify import notify_once

SEOUL = ZoneInfo("Asia/Seoul")
KRX = api.calendars()["XKRX"]
CONFIG = """schema = 1
name = "a"
profile = "balanced"
state = "s"
"""


def written(folder: Path, tables: str) -> Config:
    file = folder / "c.toml"
    file.write_text(CONFIG + tables, "utf-8")
    return load_config(file)


def holding(folder: Path, kind: str, mode: str, proceeds: str, schedule: str = "") -> Config:
    """The config of an account at a broker with an interface."""
    broker = f'[broker]\nkind = "{kind}"\nmode = "{mode}"\n'
    return written(folder, f'{broker}[cash]\nproceeds = "{proceeds}"\n[schedule]\n{schedule}')


@pytest.mark.parametrize(
    ("kind", "mode", "proceeds", "again"),
    [
        ("kis", "simulation", "reuse", True),
        ("kiwoom", "simulation", "reuse", True),
        ("toss", "real", "reuse", True),
        ("kis", "real", "settled", True),  # its real host says a premium that holds a buy back
        ("kis", "simulation", "settled", False),
        ("kiwoom", "real", "settled", False),
        ("toss", "real", "settled", False),
    ],
)
def test_a_timer_starts_again_before_the_close_where_a_run_can_leave_buys(
    tmp_path: Path, kind: str, mode: str, proceeds: str, again: bool
) -> None:
    config = holding(tmp_path, kind, mode, proceeds)
    second = timer_needs([config], KRX).second
    assert (second is not None) == again
    runs = next_runs(config, KRX, datetime(2026, 3, 3, 12, tzinfo=SEOUL), 2, second)
    hours = ["03-03 14:50", "03-04 09:10"] if again else ["03-04 09:10", "03-05 09:10"]
    assert [f"{run:%m-%d %H:%M}" for run in runs] == hours


def test_a_timer_of_several_accounts_starts_again_where_one_of_them_needs_it(
    tmp_path: Path,
) -> None:
    paper = written(tmp_path, '[broker]\nkind = "paper"\n')
    assert timer_needs([paper], KRX) == TimerNeeds()
    (tmp_path / "b").mkdir()
    toss = holding(tmp_path / "b", "toss", "real", "reuse")
    needs = timer_needs([paper, toss, toss], KRX)
    assert needs == TimerNeeds(SecondStart(time(14, 50), "Asia/Seoul"), 600.0)


@pytest.mark.parametrize(
    ("at", "zone", "again"),
    [
        ("08:40", "Asia/Seoul", True),
        ("14:45", "Asia/Seoul", True),
        ("14:50", "Asia/Seoul", False),
        ("16:00", "Asia/Seoul", False),
        ("19:10", "America/New_York", True),
        ("01:00", "America/New_York", False),
    ],
)
def test_the_second_start_is_after_the_first_one_of_the_session(
    tmp_path: Path, at: str, zone: str, again: bool
) -> None:
    schedule = f'at = "{at}"\ntimezone = "{zone}"\n'
    config = holding(tmp_path, "toss", "real", "reuse", schedule)
    assert (timer_needs([config], KRX).second is not None) == again


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Los_Angeles", "Europe/Berlin", "UTC"])
def test_the_second_start_leaves_half_an_hour_in_every_week(zone: str) -> None:
    second = SecondStart(time(14, 50), "Asia/Seoul")
    start = second.weekly(zone)
    for week in range(52):
        for day in range(5):
            session = date(2026, 1, 5) + timedelta(weeks=week, days=day)
            local = second.on(session).astimezone(ZoneInfo(zone))
            assert local.weekday() == start.days[day]
            early = local.replace(tzinfo=None) - datetime.combine(local.date(), start.at)
            assert timedelta() <= early <= timedelta(hours=1)


@pytest.mark.parametrize("system", list(SYSTEMS))
def test_every_timer_can_start_a_second_time(tmp_path: Path, system: str) -> None:
    config = holding(tmp_path, "kiwoom", "real", "reuse")
    needs = timer_needs([config], KRX)
    once, twice = (
        "\n".join(entry.text for entry in entries(config, "jeoul", system, (), needed))
        for needed in (TimerNeeds(), needs)
    )
    marks = {
        "systemd": ["OnCalendar=Mon..Fri *-*-* 14:50:00 Asia/Seoul", "TimeoutStartSec=35min"],
        "cron": ["50 14 * * 1,2,3,4,5 "],
        "launchd": ["<integer>14</integer><key>Minute</key><integer>50</integer>"],
        "windows": ["T14:50:00+09:00", "PT35M"],
        "github": ['cron: "50 5 * * 1,2,3,4,5"'],
    }
    for mark in marks[system]:
        assert mark in twice
        assert mark not in once
    if system in ("launchd", "windows"):
        ET.fromstring(twice.encode())


# -- a second run ----------------------------------------------------------------------------------


class Told:
    """An account at Korea Investment's real host whose runs are told to somebody."""

    def __init__(self, venue: Any, folder: Path) -> None:
        self.account = Account(KIS, venue, folder)
        self.account.truth.holdings, self.account.truth.deposits = {}, [10_000_000] * 3
        self.account.clock.buys = False
        self.said: list[str] = []

    def shows(self, ticker: str, price: int, value: float) -> None:
        """The broker shows a fund's price and value of the moment."""
        self.account.truth.etf_prices[ticker] = {
            "stck_prpr": str(price), "nav": f"{value:.2f}", "prdy_last_nav": f"{value + 1:.2f}",
            "acml_vol": "3719307",
        }  # fmt: skip

    def run(self, clock: str, **request: Any) -> Any:
        """Run at a time of the day on which the orders go out."""
        at = datetime.combine(DAY, time.fromisoformat(clock), SEOUL).timestamp()
        self.account.clock.time = max(at, self.account.clock.time)
        report = self.account.run(proceeds="settled", **request)
        notify_once(self.account.config, report, self.account.clock, self._send)
        return report

    def _send(self, addresses: str, title: str, body: str) -> bool:
        self.said.append(body)
        return True

    def next_morning(self) -> None:
        """Run on the next session, which books what lapsed."""
        self.account.clock.time = datetime(2026, 3, 5, 9, 10, tzinfo=SEOUL).timestamp()
        self.account.truth.today = "20260305"
        self.account.run(proceeds="settled", day=DAY)

    def health(self) -> Health:
        """The health of the account on the morning after, when the run has booked the lapse."""
        config = self.account.config
        now = datetime(2026, 3, 5, 9, 30, tzinfo=SEOUL)
        with closing(ledger_of(config)) as ledger:
            return health(config, KRX, now, ledger, strategy="static", newest=DAY, simulated=False)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setenv("JEOUL_NOTIFY", "json://example.invalid")
    monkeypatch.setattr("rest_account.CONFIG", rest_account.CONFIG + "[notify]\n")
    with kis_server.running("real") as venue:
        yield Told(venue, tmp_path)


def test_a_second_run_that_has_nothing_left_to_do_is_not_told(told: Told) -> None:
    assert told.run("09:10").outcome == "executed"
    assert "that of the day before" in told.said[0]  # which the second run does not ask for
    assert told.run("14:50").outcome == "executed"
    assert len(told.said) == 1


def test_a_second_run_that_sends_what_was_held_back_is_told(told: Told) -> None:
    told.shows("069500", 40_000, 39_500.0)
    assert told.run("09:10").outcome == "planned"
    told.shows("069500", 39_600, 39_500.0)
    assert told.run("14:50").outcome == "executed"
    assert len(told.said) == 2


def test_a_plan_that_a_person_rejected_is_not_told_by_the_second_run(told: Told) -> None:
    first = told.run("09:10", hold=True)
    told.account.run(proceeds="settled", execute=False, reject=first.document["run_id"])
    assert told.run("14:50").outcome == "blocked_rule"
    assert len(told.said) == 1


@pytest.mark.parametrize(
    ("again", "timer"), [((), "once"), (("14:50",), None), (("12:00",), "once")]
)
def test_buys_that_lapse_without_a_run_before_the_close_show_an_old_timer(
    told: Told, again: tuple[str, ...], timer: str | None
) -> None:
    told.shows("069500", 40_000, 39_500.0)
    for clock in ("09:10", *again):
        told.run(clock)
    told.next_morning()
    found = told.health()
    assert found.timer == timer
    assert any("starts a second time before the close" in p for p in found.problems) == (
        timer is not None
    )
    assert found.missed == ()


def test_buys_that_lapse_under_the_kill_switch_show_no_old_timer(told: Told) -> None:
    told.shows("069500", 40_000, 39_500.0)
    told.run("09:10")
    switch = told.account.folder / "state" / "STOP"
    switch.touch()
    assert told.run("14:50").outcome == "blocked_rule"
    switch.unlink()
    told.next_morning()
    assert told.health().timer is None
