"""The config that a command is given: a file, or an account of a household as FILE:ACCOUNT."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from jeoul.household.written.file import HouseholdFile
    from jeoul.operations.setup.config import Config


def config_at(name: str) -> Config:
    """Return the config in a file, or of an account of a household: ``household.toml:isa``.

    Raises :class:`UsageError` for a household without an account, and for an account that it does
    not have, :class:`ConfigError` for a file that cannot be used.
    """
    from jeoul.operations.household.configs import account_configs
    from jeoul.operations.setup.config import load_config

    file, account = split_address(name)
    household = household_in(file)
    if household is None:
        return load_config(name)
    configs = account_configs(household)
    listed = ", ".join(f"{file}:{each}" for each in configs)
    if account is None:
        raise UsageError(f"{file} is a household; name one of its accounts: {listed}")
    if account not in configs:
        raise UsageError(f"{file} has no account {account!r}; name one of its accounts: {listed}")
    return configs[account]


def configs_in(name: str) -> list[Config]:
    """Return the config in a file, or those of all accounts of a household, by the order of ids.

    ``household.toml:isa`` is one account. Raises what :func:`config_at` raises.
    """
    from jeoul.operations.household.configs import account_configs

    file, account = split_address(name)
    household = None if account is not None else household_in(file)
    return [config_at(name)] if household is None else [*account_configs(household).values()]


def config_of_timer(name: str) -> Config:
    """Return what a timer is made of: a config, or a household as the config of all its accounts.

    Raises :class:`ConfigError` for a file that cannot be used.
    """
    from jeoul.operations.household.configs import account_configs
    from jeoul.operations.setup.config import load_config

    household = household_in(name)
    if household is None:
        return load_config(name)
    first = next(iter(account_configs(household).values()))
    settings = first.settings.model_copy(update={"name": household.name})
    return replace(first, settings=settings, path=household.path, state=household.state)


def household_in(name: str) -> HouseholdFile | None:
    """Return the household in a file, None where the file is of another kind.

    Raises :class:`ConfigError` for a household with problems, and for a file that cannot be read.
    """
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of
    from jeoul.household.written.file import read_household

    if kind_of(parse(name, ConfigError).data) != "household":
        return None
    return read_household(Path(name))


def files_of(name: str | Path) -> tuple[Path, ...]:
    """Return the file that a command is given, and those that a household in it names.

    None of them is there for the name of a shipped strategy. What is wrong with a file is left to
    the command.
    """
    file = Path(split_address(str(name))[0])
    if not file.is_file():
        return ()
    with suppress(ConfigError):
        if (home := household_in(str(file))) is not None:
            named = [
                path for each in home.accounts.values() for path in (each.holdings, each.config)
            ]
            named += [person.answers for person in home.people.values()]
            return (file, *filter(None, named))
    return (file,)


def split_address(name: str) -> tuple[str, str | None]:
    """Return a file and the account behind its colon, if it has one.

    >>> split_address("home.toml:isa"), split_address("C:/home.toml")
    (('home.toml', 'isa'), ('C:/home.toml', None))
    """
    file, mark, account = name.rpartition(":")
    return (file, account) if mark and file.endswith(".toml") else (name, None)
