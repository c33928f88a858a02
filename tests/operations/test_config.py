"""Configs: every problem at once, no secret in them, and what a timer makes of them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from jeoul import api, assets
from jeoul.account.file import load_account_file
from jeoul.cli.check import check
from jeoul.errors import ConfigError
from jeoul.operations.setup.calendar import missed, rhythm
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.retired import remove_retired
from jeoul.operations.setup.schedule import SYSTEMS, entries, next_runs
from jeoul.rebalance import ONLINE, Tariff
from jeoul.workspace.live import mandate_of

BASE = """schema = 1
name = "a"
profile = "balanced"
state = "s"
[broker]
kind = "paper"
"""


SEOUL = ZoneInfo("Asia/Seoul")


def written(tmp_path: Path, text: Any) -> Any:
    file = tmp_path / "c.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    "name", ["paper", "ticket", "kis-simulation", "kiwoom-simulation", "toss", "ima-example"]
)
def test_the_shipped_configs_load_and_hold_no_secret(name: str) -> None:
    path = assets.root() / "configs" / f"{name}.toml"
    config = load_config(path)
    assert config.state.is_absolute()
    assert "appsecret =" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ('appsecret = "abc"', "c.toml:7: broker.paper.appsecret: is no key|appsecret"),
        ("cash = -1", "-1 is less than 0; write 0 or more"),
        ('fee_rate = "0.5"', "is not a rate"),
        ("fee_least = -1", "c.toml:7: broker.*fee_least"),
        ("fee_fixed = 1.5", "c.toml:7: broker.*fee_fixed"),
        ('spread = "1"', "c.toml:7: broker.*spread: '1' is not a rate"),
        ('fee_rate = "nan"', "c.toml:7: broker.fee_rate: 'nan' is not a rate"),
        ('fee_rate = "sNaN"', "is not a rate"),
        ('fee_rate = "-Infinity"', "is not a rate"),
        ('[data]\nfolder = "~nobodyx/x"', "c.toml:8: data.folder: '~nobodyx/x' .* whole path"),
        ('[schedule]\ntimezone = "Asia/Seol"', "is not a time zone"),
        ('[schedule]\nat = "9:10"', "9:10"),
        ("[safety]\nmax_order = 1.5", "max_order"),
        ('[notify]\non = ["done"]', "'done' is not an outcome; use .*, alarm"),
        ('[notify]\nurls = "mailto://me:secret@example.com"', "urls"),
    ],
)
def test_a_wrong_config_is_refused_by_name(tmp_path: Path, extra: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(written(tmp_path, BASE + extra + "\n"))


COSTS = 'fee_rate = "0.0002"\nfee_least = 300\nfee_fixed = 20\nspread = "0.001"\n'
TICKET = BASE.replace('"paper"', '"ticket"\nholdings = "mine.csv"')
KIS = BASE.replace('"paper"', '"kis"\nmode = "simulation"')


def test_a_paper_account_has_the_costs_of_an_account_file(tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text(f'schema = 1\nname = "x"\ncash = 5\n[costs]\n{COSTS}', "utf-8")
    paper = load_config(written(tmp_path, BASE + COSTS)).settings.broker
    assert paper.tariff(100) == load_account_file(file).costs.tariff(100)
    assert paper.tariff(100) == Tariff(Decimal("0.0002"), 30_000, 2_000, Decimal("0.001"))


@pytest.mark.parametrize("base", [TICKET, KIS])
def test_a_real_broker_has_fees_and_its_fills_hold_the_spread_already(
    tmp_path: Path, base: Any
) -> None:
    fees, _, spread = COSTS.partition("spread")
    broker = load_config(written(tmp_path, base + fees)).settings.broker
    assert broker.tariff(1) == Tariff(Decimal("0.0002"), 300, 20)
    with pytest.raises(ConfigError, match="spread"):
        load_config(written(tmp_path, base + fees + "spread" + spread))


@pytest.mark.parametrize("base", [BASE, TICKET, KIS])
def test_a_config_without_fees_is_charged_what_an_online_order_costs(
    tmp_path: Path, base: Any
) -> None:
    assert load_config(written(tmp_path, base)).settings.broker.tariff(1) == ONLINE


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    text = BASE.replace("schema = 1", "schema = 2").replace('state = "s"', "state = 1")
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, text + "cash = -5\nextra = 1\n"))
    assert len(caught.value.problems) >= 4


@pytest.mark.parametrize("key", ["state", "answers", "broker.holdings"])
def test_the_home_of_nobody_is_refused_by_key(tmp_path: Path, key: str) -> None:
    text = BASE
    if key == "broker.holdings":
        text = text.replace('"paper"', '"ticket"\nholdings = "~nobodyx/mine.csv"')
    elif key == "answers":
        text = text.replace('profile = "balanced"', 'answers = "~nobodyx/a.toml"')
    else:
        text = text.replace('"s"', '"~nobodyx/x"')
    with pytest.raises(ConfigError, match=f"{key}: '~nobodyx/") as caught:
        load_config(written(tmp_path, text + '[schedule]\ntimezone = "Asia/Seol"\n'))
    assert len(caught.value.problems) == 2


def test_pension_accounts_are_told_to_use_the_ticket(tmp_path: Path) -> None:
    text = BASE.replace('kind = "paper"', 'kind = "kis"\nmode = "simulation"')
    with pytest.raises(ConfigError, match="ticket"):
        load_config(written(tmp_path, text.replace('state = "s"', 'state = "s"\naccount = "irp"')))


def test_paths_are_relative_to_the_config(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, BASE)).state == (tmp_path / "s").resolve()


# -- schedules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", ["", 'every = "month"\n', 'every = "week"\n'])
def test_the_next_runs_are_the_exchanges_sessions(tmp_path: Path, every: str) -> None:
    config = load_config(written(tmp_path, BASE + f'[schedule]\n{every}at = "09:20"\n'))
    runs = next_runs(config, api.calendars()["XKRX"], datetime(2026, 2, 12, 12, tzinfo=SEOUL))
    assert [run.date().isoformat() for run in runs[:4]] == [
        "2026-02-13", "2026-02-19", "2026-02-20", "2026-02-23",  # the New Year holidays
    ]  # fmt: skip
    assert all(run.isoformat().endswith("09:20:00+09:00") for run in runs)


def test_a_key_without_effect_is_read_and_named_with_its_line(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, BASE)).retired == ()
    config = load_config(written(tmp_path, BASE + '[schedule]\nat = "09:20"\nevery = "month"\n'))
    (problem,) = config.retired
    assert (problem.line, problem.key) == (9, "schedule.every")
    assert "jeoul check --write" in str(problem)
    with pytest.raises(ConfigError, match=r"schedule\.every"):
        load_config(written(tmp_path, BASE + '[schedule]\nevery = "year"\n'))


def test_the_sessions_between_two_decisions_were_missed() -> None:
    calendar = api.calendars()["XKRX"]
    found = missed(calendar, date(2026, 2, 12), date(2026, 2, 20))
    assert found == [date(2026, 2, 13), date(2026, 2, 19)]
    assert missed(calendar, date(2026, 2, 12), date(2026, 2, 13)) == []
    assert missed(calendar, date(2026, 2, 12), date(2026, 2, 12)) == []


MONTHLY = [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30)]
WEEKLY = [date(2026, 1, 2), date(2026, 1, 9), date(2026, 1, 16), date(2026, 1, 23)]


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (MONTHLY, "month"),
        (MONTHLY[1:], None),  # three months may be chance
        (WEEKLY, "week"),
        ([*MONTHLY, date(2026, 5, 4)], None),  # a timer for every weekday since May
        ([*WEEKLY[:3], date(2026, 1, 20)], None),
        ([date(2026, 1, day) for day in (5, 6, 7, 8)], None),
    ],
)
def test_the_rhythm_of_runs_tells_an_old_timer(decided: list[date], expected: str | None) -> None:
    assert rhythm(api.calendars()["XKRX"], decided) == expected


@pytest.mark.parametrize("system", list(SYSTEMS))
def test_every_timer_knows_its_time_and_the_command(tmp_path: Path, system: str) -> None:
    folder = tmp_path / "with space & <sign>"
    folder.mkdir()
    config = load_config(written(folder, BASE + '[schedule]\nat = "09:10"\n'))
    made = entries(config, "/usr/bin/jeoul", system)
    text = "\n".join(entry.text for entry in made)
    assert "--execute" in text
    if system in ("launchd", "windows"):
        for entry in made:
            ET.fromstring(entry.text.encode())
    marks = {
        "systemd": ["OnCalendar=Mon..Fri *-*-* 09:10:00 Asia/Seoul", "Persistent=true"],
        "cron": ["CRON_TZ=Asia/Seoul", "10 9-15 * * 1-5"],
        "launchd": ["<integer>9</integer>", "StartCalendarInterval"],
        "windows": ["StartWhenAvailable", "T09:10:00+09:00"],
        "github": ['cron: "10 0 * * 1-5"', "concurrency"],
    }
    assert all(mark in text for mark in marks[system]), text


@pytest.mark.parametrize(
    ("hour", "first"), [(8, date(2026, 1, 20)), (9, date(2026, 1, 21)), (15, date(2026, 1, 21))]
)
def test_todays_run_is_the_next_one_until_its_time(tmp_path: Path, hour: int, first: date) -> None:
    config = load_config(written(tmp_path, BASE + '[schedule]\nat = "09:00"\n'))
    now = datetime(2026, 1, 20, hour, tzinfo=SEOUL).astimezone(UTC)
    assert next_runs(config, api.calendars()["XKRX"], now)[0].date() == first


@pytest.mark.parametrize("system", [name for name in SYSTEMS if name != "github"])
def test_an_interpreter_starts_the_module(tmp_path: Path, system: str) -> None:
    config = load_config(written(tmp_path, BASE))
    made = entries(config, "/opt/py/python", system, ["-m", "jeoul"])
    text = "\n".join(entry.text for entry in made)
    words = re.findall(r"[\w./-]+", re.sub(r"<[^>]*>", " ", text))
    place = words.index("/opt/py/python")
    assert words[place : place + 6] == [
        "/opt/py/python", "-m", "jeoul", "run", str(config.path), "--execute",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "zone", "cron"),
    [
        ("08:40", "Asia/Seoul", "40 23 * * 0-4"),
        ("20:00", "America/Los_Angeles", "0 4 * * 2-6"),
        ("09:40", "America/New_York", "40 14 * * 1-5"),
        ("08:00", "Australia/Sydney", "0 22 * * 0-4"),
        ("01:30", "Europe/Berlin", "30 0 * * 1-5"),
        ("00:30", "Europe/Berlin", "30 23 * * 0-4"),
    ],
)
def test_a_workflow_starts_on_the_weekdays_of_the_zone_and_never_early(
    tmp_path: Path, at: str, zone: str, cron: str
) -> None:
    text = BASE + f'[schedule]\nat = "{at}"\ntimezone = "{zone}"\n'
    config = load_config(written(tmp_path, text))
    assert f'cron: "{cron}"' in entries(config, "jeoul", "github")[0].text
    minute, hour, _, _, days = cron.split(" ")
    for week in range(52):
        sunday = datetime(2026, 1, 4, int(hour), int(minute), tzinfo=UTC) + timedelta(weeks=week)
        first = (sunday + timedelta(days=int(days[0]))).astimezone(ZoneInfo(zone))
        late = first.replace(tzinfo=None) - datetime.combine(
            date(2026, 1, 5) + timedelta(weeks=week), time.fromisoformat(at)
        )
        assert timedelta() <= late <= timedelta(hours=1)


@pytest.mark.parametrize("state", ["state", "ledgers/my account", "~/jeoul", "/srv/jeoul"])
def test_a_workflow_keeps_the_folder_that_the_ledger_is_in(tmp_path: Path, state: str) -> None:
    config = load_config(written(tmp_path, BASE.replace('"s"', f'"{state}"')))
    assert f'path: "{state}"' in entries(config, "jeoul", "github")[0].text


def test_an_early_hour_in_seoul_is_the_day_before_in_utc(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, BASE + '[schedule]\nat = "08:40"\n'))
    assert 'cron: "40 23 * * 0-4"' in entries(config, "jeoul", "github")[0].text


# -- a key without effect -------------------------------------------------------------------------

COMMENTED = """# mine
schema = 1
name = "a"     # the account
profile = "balanced"
state = "s"
[schedule]     # when
at = "09:20"
every = "month"    # session | week | month
# the zone
timezone = "Asia/Seoul"
[broker]
kind = "paper"
"""


def removed(tmp_path: Path, text: str) -> str:
    file = tmp_path / "c.toml"
    file.write_bytes(text.encode())
    assert remove_retired(file) == "schedule.every"
    assert load_config(file).retired == ()
    assert remove_retired(file) is None
    return file.read_bytes().decode()


def test_only_the_line_of_the_key_leaves_the_file(tmp_path: Path) -> None:
    line = 'every = "month"    # session | week | month\n'
    assert removed(tmp_path, COMMENTED) == COMMENTED.replace(line, "")
    windows = ("\ufeff" + COMMENTED).replace("\n", "\r\n")
    kept = windows.replace(line.replace("\n", "\r\n"), "")
    assert removed(tmp_path, windows) == kept


@pytest.mark.parametrize(
    ("written_as", "left"),
    [
        ('schedule.every = "week"', ""),
        ('schedule = { every = "week", at = "09:20" }', 'schedule = { at = "09:20" }\n'),
        ('schedule = { at = "09:20", every = "week" }  # x', 'schedule = { at = "09:20" }  # x\n'),
        ("schedule = { every='week' }", ""),
        ('"schedule"."every" = "week"', ""),
    ],
)
def test_however_a_table_is_written(tmp_path: Path, written_as: str, left: str) -> None:
    head, broker = BASE.split("[broker]")
    found = removed(tmp_path, f"{head}{written_as}\n[broker]{broker}")
    assert found == f"{head}{left}[broker]{broker}"


@pytest.mark.posix
def test_the_mode_and_a_link_stay(tmp_path: Path) -> None:
    file = written(tmp_path, COMMENTED)
    file.chmod(0o640)
    (tmp_path / "link.toml").symlink_to(file)
    remove_retired(tmp_path / "link.toml")
    assert (tmp_path / "link.toml").is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert "every" not in file.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_check_names_the_key_and_removes_it_when_asked(tmp_path: Path) -> None:
    file = written(tmp_path, COMMENTED)
    said = CliRunner().invoke(check, [str(file), "--lang", "en"], standalone_mode=False)
    assert f"{file}:8: schedule.every: has no effect" in said.stderr
    assert file.read_text("utf-8") == COMMENTED
    done = CliRunner().invoke(check, ["--write", str(file), "--lang", "en"], standalone_mode=False)
    assert f"{file}: removed schedule.every" in done.stdout
    again = CliRunner().invoke(check, [str(file), "--lang", "en"], standalone_mode=False)
    assert (again.stderr, again.stdout) == ("", f"{file}: config, no problems\n")


@pytest.mark.parametrize("name", ["kis-simulation", "kiwoom-simulation", "toss"])
def test_every_broker_may_reuse_proceeds_and_none_does_unasked(tmp_path: Path, name: str) -> None:
    text = (assets.root() / "configs" / f"{name}.toml").read_text("utf-8")
    file = tmp_path / "c.toml"
    for key, proceeds in (("", "settled"), ('proceeds = "reuse"', "reuse")):
        file.write_text(re.sub(r'proceeds = "settled".*', key, text), "utf-8")
        assert load_config(file).settings.cash.proceeds == proceeds


GLIDING = BASE.replace('profile = "balanced"', 'profile = "balanced"\nstrategy = "target-date"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GLIDING,
            "goal: strategy target-date needs a goal's date for its glide path, and none is given",
        ),
        (
            BASE.replace("state =", "goal = 2040-01-01\nstate ="),
            r"goal: strategy managed has no \[glide\] table",
        ),
    ],
)
def test_a_path_needs_a_goal_and_a_goal_a_path(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        mandate_of(load_config(written(tmp_path, text)))


def test_the_goal_of_a_config_is_the_end_of_the_path(tmp_path: Path) -> None:
    text = GLIDING.replace("state =", "goal = 2041-06-30\nstate =")
    glide = mandate_of(load_config(written(tmp_path, text))).strategy.glide
    assert glide is not None
    assert glide.by == date(2041, 6, 30)
