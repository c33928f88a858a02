"""The accounts that a command is asked about: that of a config, or those of a household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import ConfigError

if TYPE_CHECKING:
    from jeoul.household.written.file import HouseholdFile
    from jeoul.operations.setup.config import Config
    from jeoul.pipeline import Mandate


@dataclass(frozen=True, slots=True)
class AccountAsked:
    """One account: its name in its ledger, its config, and the mandate that it follows."""

    name: str
    config: Config
    mandate: Mandate


def accounts_asked(name: str) -> list[AccountAsked] | None:
    """Return the accounts of a config, of ``FILE:ACCOUNT`` or of a whole household.

    None where the file is of another kind, or a name and no file: it may be a strategy. Raises
    :class:`ConfigError` for a file that cannot be used.
    """
    from jeoul.workspace.configs import config_at, household_in
    from jeoul.workspace.live import mandate_of

    file = name if Path(name).is_file() else name.rpartition(":")[0]
    if not Path(file).is_file() or not _is_account(file):
        return None
    household = household_in(file)
    if household is None:
        config = config_at(name)
        return [AccountAsked(config.settings.name, config, mandate_of(config))]
    every = _of_household(household)
    if file == name:
        return every
    state = config_at(name).state
    return [account for account in every if account.config.state == state]


def with_ledgers(accounts: Sequence[AccountAsked]) -> list[AccountAsked]:
    """Return the accounts that have run, or all where none has: reading them says what to do."""
    from jeoul.operations.ledger import has_ledger

    found = [account for account in accounts if has_ledger(account.config)]
    return found or [*accounts]


def _of_household(household: HouseholdFile) -> list[AccountAsked]:
    """Return the accounts of a household, each with its own universe."""
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.workspace.live import household_mandate

    configs = account_configs(household)
    known = with_configs(household, configs)
    return [
        AccountAsked(config.settings.name, config, household_mandate(known, name, config, None))
        for name, config in configs.items()
    ]


def _is_account(file: str) -> bool:
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of

    return kind_of(parse(file, ConfigError).data) in ("config", "household")
