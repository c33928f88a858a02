"""``jeoul run household.toml``: all accounts of a household, as one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from jeoul.cli.household_money import flows_by_person
from jeoul.cli.schemas import OutputForm
from jeoul.errors import ConfigError, Problem, UsageError

if TYPE_CHECKING:
    from jeoul.household.written.file import HouseholdFile
    from jeoul.operations.run import RunRequest
    from jeoul.operations.setup.config import Config


def run_file(household: HouseholdFile, request: RunRequest, form: OutputForm) -> int:
    """Run a household, tell whom its file names, and print the report; return the exit code."""
    from jeoul.operations.household.configs import account_configs
    from jeoul.operations.setup.clock import SystemClock
    from jeoul.operations.setup.config import secrets_of
    from jeoul.operations.setup.secrets import shown, without_secrets
    from jeoul.operations.told.notify import notify_once
    from jeoul.workspace.live import run_household

    clock = SystemClock()
    report = run_household(household, request, clock)
    document = report.as_json()
    configs = account_configs(household)
    if request.execute or request.approve:
        told = notify_once(_named(household, configs[min(configs)]), report, clock)
        document |= {"notified": told.sent}
        if told.warning:
            click.echo(told.warning, err=True)
    secrets = tuple(dict.fromkeys(s for config in configs.values() for s in secrets_of(config)))
    for account in document.get("accounts", []):
        for notice in account.get("notices", []):
            click.echo(without_secrets(notice, secrets), err=True)
    form.write(shown(document, secrets))
    return report.exit_code


def run_money(
    household: HouseholdFile, deposit: Sequence[str], withdrawal: Sequence[str]
) -> dict[str, int] | None:
    """Return what ``--deposit`` and ``--withdrawal`` say, in won by person, below 0 for money out.

    None where neither is given. Money without a name is that of the first person.
    """
    if deposit and withdrawal:
        raise UsageError("use --deposit or --withdrawal, not both; enter the net amount")
    first, sign = next(iter(household.people)), -1 if withdrawal else 1
    said = flows_by_person("withdrawal" if withdrawal else "deposit", deposit or withdrawal)
    if None in said and first in said:
        raise UsageError(f"money of {first} is given twice; give the sum")
    for who, won in said.items():
        if won < 0:
            wrong = f"the amount {won} of {who or first} is below zero"
            remedy = "give 0 or more; --deposit pays in and --withdrawal takes out"
            raise ConfigError([Problem(str(household.path), wrong, remedy=remedy)])
    return {who or first: sign * won for who, won in said.items()} or None


def _named(household: HouseholdFile, config: Config) -> Config:
    """Return the config of the account whose ledger keeps what was sent, as the household's."""
    return replace(config, settings=config.settings.model_copy(update={"name": household.name}))
