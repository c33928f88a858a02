"""One run at a time on an account of a broker, whichever state folders its configs have."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul.errors import AlreadyRunning
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.ticket import TicketSettings
from jeoul.operations.setup.brokers import broker_settings
from jeoul.operations.setup.lock import account_locked, account_number

SECOND = "KIS_ACCOUNT_2"


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("KIS_ACCOUNT", "12345678")
    return tmp_path / "jeoul" / "locks"


def kis(account: str = "KIS_ACCOUNT") -> KisSettings:
    return KisSettings(kind="kis", mode="simulation", account=account)


def test_two_configs_of_one_account_number_never_run_at_once(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECOND, "12345678")
    with account_locked(kis()), pytest.raises(AlreadyRunning), account_locked(kis(SECOND)):
        pass
    with account_locked(kis(SECOND)):
        assert len(list(locks.iterdir())) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("kis", "12345678", "12345678-01"),
        ("kiwoom", "1234567811", "1234-5678"),
        ("toss", "12345678901", "123-45-678901"),
    ],
)
def test_a_number_is_the_same_account_however_it_is_written(
    kind: str, one: str, other: str, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = broker_settings(kind)
    first, second = (
        table.model_validate({"kind": kind, "mode": "real", "account": name})
        for name in ("KIS_ACCOUNT", SECOND)
    )
    monkeypatch.setenv("KIS_ACCOUNT", one)
    monkeypatch.setenv(SECOND, other)
    with account_locked(first), pytest.raises(AlreadyRunning), account_locked(second):
        pass
    assert len(list(locks.iterdir())) == 1


def test_accounts_of_other_numbers_do_not_wait_for_each_other(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECOND, "87654321")
    with account_locked(kis()), account_locked(kis(SECOND)):
        assert len(list(locks.iterdir())) == 2


def test_the_number_is_not_in_the_name_of_the_lock(locks: Path) -> None:
    with account_locked(kis()):
        assert not any("12345678" in path.name for path in locks.iterdir())


def test_a_broker_without_account_numbers_has_no_such_lock(locks: Path) -> None:
    ticket = TicketSettings(kind="ticket", holdings="a.csv")
    with account_locked(ticket), account_locked(ticket):
        assert not locks.exists()
    assert account_number(ticket) is None


def test_a_number_that_is_not_set_is_refused_later_and_locks_nothing(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIS_ACCOUNT")
    with account_locked(kis()), account_locked(kis()):
        assert not locks.exists()
