"""The command line takes amounts, kinds of account and dates as people write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.account.file import load_account_file
from jeoul.errors import ConfigError, UsageError
from jeoul.model.instrument import AccountKind, account_kind
from jeoul.operations.setup.config import load_config

pytestmark = pytest.mark.usefixtures("opened_once")
DECIDE = ("decide", "static", "--profile", "balanced", "--as-of", "2024-06-28", "--json")
SPAN = ("backtest", "static", "--profile", "balanced", "--lang", "en", "--json")


@pytest.mark.parametrize("amount", ["3,000,000", "300만", "3e6", "₩3,000,000", "3000000원"])
def test_a_deposit_in_any_spelling_makes_the_same_orders(jeoul: Any, amount: str) -> None:
    plain = json.loads(jeoul(*DECIDE, "--deposit", "3000000").out)
    assert json.loads(jeoul(*DECIDE, "--deposit", amount).out) == plain


def test_money_of_another_currency_is_refused(jeoul: Any) -> None:
    found = jeoul(*DECIDE, "--deposit", "$3,000")
    assert (found.code, "written in USD, but the account is in KRW" in found.err) == (2, True)


@pytest.mark.parametrize("kind", ["irp", "IRP", "Irp"])
def test_kinds_of_account_in_any_case(jeoul: Any, kind: str) -> None:
    found = json.loads(jeoul(*DECIDE, "--deposit", "300만", "--account", kind).out)
    assert found["kind"] == "irp"


def test_a_dc_pension_is_held_to_the_rules_of_an_irp(jeoul: Any) -> None:
    base = (*DECIDE, "--deposit", "300만", "--account")
    irp, dc = (json.loads(jeoul(*base, kind).out) for kind in ("irp", "dc"))
    assert (dc["weights"], dc["orders"]) == (irp["weights"], irp["orders"])
    assert api.mandate(api.load_strategy("managed"), "growth", "DC").risk_cap == 0.7


@pytest.mark.parametrize("kind", ["overseas", "Return"])
def test_accounts_of_a_household_alone_are_called_that(kind: str) -> None:
    with pytest.raises(UsageError, match="occur in a household only; use one of general, isa,"):
        account_kind(kind)


def test_a_config_and_an_account_file_read_the_same(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    text = 'schema = 1\nname = "a"\nprofile = "growth"\nstate = "s"\naccount = "{}"\n'
    broker = '[broker]\nkind = "paper"\ncash = "1억"\ndeposits = {{ 2026-07-01 = "{}" }}\n'
    config.write_text(text.format("ISA") + broker.format("50만원"), "utf-8")
    settings = load_config(config).settings
    assert (settings.account, settings.broker.cash) == (AccountKind.ISA, 100_000_000)  # type: ignore[attr-defined]
    config.write_text(text.format("bank") + broker.format("1,00"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(config)
    said = str(refused.value)
    assert "c.toml:5: account: 'bank' is not a kind of account; use one of general" in said
    assert "'1,00' is not an amount of money; write it as" in said
    account = tmp_path / "account.toml"
    account.write_text('schema = 1\nname = "a"\ncash = 1e7\n', "utf-8")
    assert load_account_file(account).cash == 10_000_000


def test_an_account_file_may_say_its_kind(jeoul: Any, tmp_path: Path) -> None:
    file = tmp_path / "account.toml"
    file.write_text('schema = 1\nname = "mine"\nkind = "Isa"\ncash = "1천만"\n', "utf-8")
    places = ("--account-file", file, "--trials", tmp_path / "trials.sqlite")
    span = (*SPAN, "--from", "2024-01-02", "--to", "2024-03-29", *places)
    found = json.loads(jeoul(*span).out)
    assert (found["account"], found["kind"]) == ("mine", "isa")
    refused = jeoul(*span, "--account", "general")
    assert "the account file mine is of kind isa, not general" in refused.err


def test_reversed_dates_are_called_reversed(jeoul: Any) -> None:
    for command in ("backtest", "guard", "sweep", "compare"):
        more = {"sweep": ("--grid", "rebalance.cost=0,0.01"), "compare": ("sixty-forty",)}
        words = (command, "static", *more.get(command, ()), "--profile", "balanced")
        found = jeoul(*words, "--from", "2024-06-28", "--to", "2024-01-02")
        assert found.code == 2
        assert "--from 2024-06-28 is after --to 2024-01-02: the dates are reversed" in found.err
    with pytest.raises(UsageError, match="start 2024-06-28 is after end 2024-01-02"):
        api.backtest(
            api.load_strategy("static"), "balanced", api.open_market(),
            start="2024-06-28", end="2024-01-02",
        )  # fmt: skip


def test_a_holiday_at_either_end_moves_inwards_and_is_named(jeoul: Any, tmp_path: Path) -> None:
    span = (*SPAN, "--trials", tmp_path / "trials.sqlite")
    found = jeoul(*span, "--from", "2023-12-30", "--to", "2024-06-30")
    metrics = json.loads(found.out)["metrics"]
    assert (metrics["from"], metrics["to"]) == ("2024-01-02", "2024-06-28")
    assert found.err.splitlines() == [
        "--from 2023-12-30 is not a session of XKRX; the span begins on 2024-01-02",
        "--to 2024-06-30 is not a session of XKRX; the span ends on 2024-06-28",
    ]
    empty = jeoul(*span, "--from", "2024-06-29", "--to", "2024-06-30")
    assert (empty.code, "has no session from 2024-06-29 to 2024-06-30" in empty.err) == (2, True)
