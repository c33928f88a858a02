"""What a shell offers behind Tab: names of strategies, files of TOML, accounts of a household."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from jeoul import assets
from jeoul.errors import ConfigError


def strategies(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the shipped strategies and the files that a typed word may become."""
    shipped = sorted(path.stem for path in (assets.root() / "strategies").glob("*.toml"))
    names = [CompletionItem(name) for name in shipped if name.startswith(typed)]
    return [*names, *_files(typed)]


def configs(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the files that a typed word may become; behind a household's colon its accounts."""
    file, colon, account = typed.rpartition(":")
    if colon and file.endswith(".toml"):
        names = (name for name in _accounts(Path(file)) if name.startswith(account))
        return [CompletionItem(f"{file}:{name}") for name in names]
    return list(_files(typed))


def what_to_score(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return what STRATEGY|CONFIG may become: a strategy, a config, an account of a household."""
    found = [*strategies(context, parameter, typed), *configs(context, parameter, typed)]
    return list({item.value: item for item in found}.values())


def _files(typed: str) -> Iterator[CompletionItem]:
    """Yield the files of TOML and the folders that a typed word may become."""
    start, name = os.path.split(typed)
    try:
        entries = sorted(os.scandir(os.path.expanduser(start) or "."), key=lambda one: one.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(name) and not entry.name.startswith("."):
            if entry.is_dir():
                yield CompletionItem(os.path.join(start, entry.name) + os.sep)
            elif entry.name.endswith(".toml"):
                yield CompletionItem(os.path.join(start, entry.name))


def _accounts(file: Path) -> list[str]:
    """Return the ids of a household's accounts; none for a file that cannot be read."""
    from jeoul.files.document import parse

    try:
        found = parse(file.expanduser(), ConfigError).data.get("accounts", {})
    except ConfigError:
        return []
    return sorted(found) if isinstance(found, dict) else []
