"""Keys of a config at their edges, and what outcomes, ledger URLs and kinds of brokers come to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import ConfigError
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.kiwoom.settings import KiwoomSettings
from jeoul.operations.broker.rest.settings import digits_of, is_allowed
from jeoul.operations.broker.ticket import TicketSettings
from jeoul.operations.broker.toss.settings import TossSettings
from jeoul.operations.setup.brokers import (
    UnknownBrokerSettings,
    broker_kinds,
    broker_settings,
)
from jeoul.operations.setup.config import Config, load_config, secrets_of
from jeoul.operations.setup.ledger_url import resolved, secrets_in, without_secret
from jeoul.operations.setup.lock import account_number
from jeoul.operations.setup.outcome import OUTCOMES, RunReport

HEAD = 'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "s"\n'
PAPER = '[broker]\nkind = "paper"\n'


def config(folder: Path, text: str) -> Config:
    file = folder / "c.toml"
    file.write_text(text, "utf-8")
    return load_config(file)


# -- keys ------------------------------------------------------------------------------------------


def test_what_a_config_leaves_out(tmp_path: Path) -> None:
    settings = config(tmp_path, HEAD + PAPER).settings
    assert (settings.cash.reserve, settings.minimum) == (0, 0)
    assert (settings.schedule.at, settings.schedule.timezone) == ("09:10", "Asia/Seoul")
    assert (settings.notify, settings.data.folder, settings.broker.price_collar) == (
        None, None, None,
    )  # fmt: skip
    found = config(tmp_path, HEAD + PAPER)
    assert (found.folder, found.retired, found.state) == (None, (), tmp_path / "s")
    assert config(tmp_path, HEAD + PAPER + '[data]\nfolder = "m"\n').folder == tmp_path / "m"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (PAPER, None),
        (PAPER.replace("[broker]", 'answers = "a.toml"\n[broker]'), "either profile or answers"),
        (f'{PAPER}[firm]\nname = "F"\n', "a firm decides on answers"),
        ('account = "isa"\n[broker]\nkind = "toss"\n', "no orders for isa accounts"),
        ('account = "isa"\n[broker]\nkind = "kis"\nmode = "real"\n', None),
        ('account = "isa"\n' + PAPER, None),
        (f'{PAPER}[notify]\non = ["executed", "alarm"]\n', None),
        (f"{PAPER}[notify]\n", None),
        (f'{PAPER}[notify]\non = ["alarm", "bored"]\n', "bored"),
        (f'{PAPER}[notify]\non = "alarm"\n', "notify"),
        (f"notify = 5\n{PAPER}", "notify"),
        (f'{PAPER}[schedule]\ntimezone = "Asia/Soul"\n', "Asia/Soul"),
        (f'{PAPER}[schedule]\ntimezone = "Asia/Tokyo"\n', None),
    ],
)
def test_keys_that_go_together(tmp_path: Path, keys: str, said: str | None) -> None:
    if said is None:
        config(tmp_path, HEAD + keys)
    else:
        with pytest.raises(ConfigError, match=said):
            config(tmp_path, HEAD + keys)


def test_one_of_profile_and_answers_is_given(tmp_path: Path) -> None:
    bare = HEAD.replace('profile = "balanced"\n', "")
    with pytest.raises(ConfigError, match="either profile or answers"):
        config(tmp_path, bare + PAPER)
    firm = f'answers = "a.toml"\n{PAPER}[firm]\nname = "F"\n'
    assert config(tmp_path, bare + firm).settings.answers == "a.toml"


def test_a_path_in_the_home_of_nobody_is_a_problem(tmp_path: Path) -> None:
    text = HEAD.replace('"s"', '"~nobody-of-that-name/s"') + PAPER
    with pytest.raises(ConfigError, match="home folder that does not exist"):
        config(tmp_path, text)


def test_a_retired_key_is_named(tmp_path: Path) -> None:
    found = config(tmp_path, f'{HEAD}{PAPER}[schedule]\nevery = "week"\n')
    assert [problem.key for problem in found.retired] == ["schedule.every"]


# -- secrets that a config names -------------------------------------------------------------------


def test_the_secrets_of_a_config_are_those_of_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {
        "KIS_APPKEY": "key", "KIS_APPSECRET": "", "KIS_ACCOUNT": "12345678",
        "JEOUL_NOTIFY": "a://x b://y", "JEOUL_PASSPHRASE": "correct horse", "PGPASSWORD": "pg",
        "LEDGER": "postgresql://me:inside@db/jeoul",
    }  # fmt: skip
    broker = '[broker]\nkind = "kis"\nmode = "real"\n'
    plain = config(tmp_path, HEAD + broker)
    assert secrets_of(plain, environment) == ("key", "12345678")
    told = config(tmp_path, f"{HEAD}{broker}[notify]\n")
    assert secrets_of(told, environment)[2:] == ("a://x b://y", "a://x", "b://y")
    sealed = config(tmp_path, f'{HEAD}encrypt = "passphrase"\n{broker}')
    assert secrets_of(sealed, environment)[2:] == ("correct horse",)
    served = config(tmp_path, f'{HEAD}ledger = "$LEDGER"\n{broker}')
    assert secrets_of(served, environment)[2:4] == ("pg", "inside")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "kis-token.json").write_text('{"token": "abc"}', "utf-8")
    assert secrets_of(plain, environment)[2:] == ("abc",)
    monkeypatch.setenv("KIS_APPKEY", "of this process")
    assert secrets_of(plain)[0] == "of this process"
    assert secrets_of(plain, {}) == ("abc",)


def test_where_a_ledger_is(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://me@db/jeoul"
    assert (without_secret(url), without_secret("${LEDGER}")) == (url, "${LEDGER}")
    for wrong in ("mysql://db", "postgresql://me:word@db/jeoul", "postgresql://%zz@db/x", "ledger"):
        with pytest.raises(ValueError, match=r"ledger|password|URL") as error:
            without_secret(wrong)
        assert "word@" not in str(error.value)
    assert resolved(url, "c.toml", {}) == url
    assert resolved("${LEDGER}", "c.toml", {"LEDGER": url}) == url
    monkeypatch.setenv("LEDGER", url)
    assert resolved("$LEDGER", "c.toml") == url
    for environment, said in (
        ({}, "LEDGER is not set"), ({"LEDGER": "db"}, "LEDGER is not a URL"),
        ({"LEDGER": "postgresql://%zz@db/x"}, "%40"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=said):
            resolved("$LEDGER", "c.toml", environment)
    assert list(secrets_in(None, {"PGPASSWORD": "pg"})) == []
    assert list(secrets_in(url, {"PGPASSWORD": "pg"})) == ["pg"]
    written = {"PGPASSWORD": "pg", "LEDGER": "postgresql://me:word@db/jeoul"}
    assert list(secrets_in("$LEDGER", written)) == ["pg", "word"]


# -- outcomes --------------------------------------------------------------------------------------


def test_each_outcome_has_its_exit_code() -> None:
    """Scripts and timers of people tell outcomes by them."""
    assert dict(OUTCOMES) == {
        "nothing_to_do": 0, "planned": 0, "executed": 0,
        "blocked_data": 3, "blocked_rule": 4, "needs_person": 5,
    }  # fmt: skip
    report = RunReport("blocked_rule", ("why",), ("look",), {"more": 1})
    assert report.as_json() == {
        "outcome": "blocked_rule", "exit_code": 4, "reasons": ["why"], "asked": ["look"], "more": 1,
    }  # fmt: skip


# -- brokers ---------------------------------------------------------------------------------------


def test_kinds_of_brokers_are_the_modules_that_are_brokers() -> None:
    kinds = ("kis", "kiwoom", "paper", "ticket", "toss")
    assert broker_kinds() == kinds
    assert [broker_settings(kind).__name__ for kind in ("kis", "toss")] == [
        "KisSettings", "TossSettings",
    ]  # fmt: skip
    for kind in ("rest", "hours", "port", "nothing", None, 5, ["kis"]):
        assert broker_settings(kind) is UnknownBrokerSettings


@pytest.mark.parametrize(
    ("written", "key"),
    [("12345678-01", "12345678"), ("1234567801", "12345678"), ("12345678", "12345678"), ("", None)],
)
def test_eight_digits_name_an_account(
    monkeypatch: pytest.MonkeyPatch, written: str, key: str | None
) -> None:
    for settings, variable in (
        (KisSettings(kind="kis", mode="real"), "KIS_ACCOUNT"),
        (KiwoomSettings(kind="kiwoom", mode="real"), "KIWOOM_ACCOUNT"),
    ):
        monkeypatch.setenv(variable, written)
        assert account_number(settings) == key
    assert account_number(TicketSettings(kind="ticket", holdings="x")) is None
    assert TossSettings(kind="toss").account_key("170-12345678") == "17012345678"
    assert TossSettings(kind="toss").account_key("none") == "none"


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("https://a.kr", True),
        ("https://a.kr/", False),
        ("http://127.0.0.1:1", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("https://127.0.0.1:8080", False),
        ("http://127.0.0.1", False),
        ("http://127.0.0.1:", False),
        ("http://127.0.0.1:x", False),
        ("http://127.0.0.2:80", False),
        ("http://localhost:80@b.kr:80", False),
        ("localhost:80", False),
        ("http://::80", False),
    ],
)
def test_secrets_go_to_the_official_host_or_to_this_machine(host: str, allowed: bool) -> None:
    assert is_allowed(host, "https://a.kr") is allowed


def test_a_host_is_that_of_the_mode() -> None:
    real, simulated = (KisSettings(kind="kis", mode=mode) for mode in ("real", "simulation"))
    assert real.address == "https://openapi.koreainvestment.com:9443"
    assert simulated.address == "https://openapivts.koreainvestment.com:29443"
    here = KisSettings(kind="kis", mode="real", host="http://127.0.0.1:9")
    assert here.address == "http://127.0.0.1:9"
    with pytest.raises(ValueError, match="not a host of the real mode"):
        KisSettings(kind="kis", mode="real", host=simulated.address)
    assert digits_of("a1-2 3") == "123"


@pytest.mark.parametrize(
    ("mode", "proceeds", "held"),
    [
        ("real", "settled", True), ("real", "reuse", True),
        ("simulation", "settled", False), ("simulation", "reuse", True),
    ],
)  # fmt: skip
def test_buys_wait_for_money_or_for_a_lower_premium(mode: Any, proceeds: Any, held: bool) -> None:
    settings = KisSettings(kind="kis", mode=mode, fill_wait=7.0, keys_until=date(2026, 5, 1))
    assert settings.may_hold_buys(proceeds) is held
    other = KiwoomSettings(kind="kiwoom", mode=mode)
    assert other.may_hold_buys(proceeds) is (proceeds == "reuse")
    assert (settings.sales_watched, settings.keys_end_on) == (7.0, date(2026, 5, 1))
    assert not TicketSettings(kind="ticket", holdings="x").may_hold_buys(proceeds)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TOSS_ACCOUNT", "12345678", None),
        ("TOSS_ACCOUNT", "1234567", "account number"),
        ("TOSS_ACCOUNT", "1" * 20, None),
        ("TOSS_ACCOUNT", "1" * 21, "account number"),
        ("TOSS_CLIENT_ID", "1234567", None),
        ("TOSS_CLIENT_ID", "a\tb", "a space"),
        ("TOSS_CLIENT_ID", "a b", "a space"),
        ("TOSS_CLIENT_ID", "é", "a space"),
    ],
)
def test_what_is_wrong_with_the_value_of_a_variable(
    name: str, value: str, said: str | None
) -> None:
    fault = TossSettings(kind="toss").secret_fault(name, value)
    assert (fault is None) == (said is None)
    if fault is not None and said is not None:
        assert said in fault[0]
        assert value not in fault[0]
