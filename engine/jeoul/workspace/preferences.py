"""What a person prefers where a command line does not say: data, language, account, profile."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from jeoul.errors import ConfigError, Problem
from jeoul.messages import LANGUAGES

if TYPE_CHECKING:
    from jeoul.files.document import Document

Source = Literal["environment", "user config", "system", "default"]

PROFILES = ("conservative", "balanced", "growth")
DEFAULTS: Mapping[str, str | None] = {
    "data": None,
    "lang": "ko",
    "account": "general",
    "profile": None,
}
"""Every key, with its value where nobody says anything."""
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # as POSIX reads them: the first that is not empty


@dataclass(frozen=True, slots=True)
class Preference:
    """The value of a key, and where it comes from; ``place`` names the variable or the file."""

    value: str | None
    source: Source
    place: str = ""


def variable_of(key: str) -> str:
    """Return the environment variable of a key.

    >>> variable_of("lang")
    'JEOUL_LANG'
    """
    return f"JEOUL_{key.upper()}"


def user_config(environment: Mapping[str, str]) -> Path:
    """Return where the user config is: ``jeoul/config.toml`` in the platform's folder for them.

    That is ``$XDG_CONFIG_HOME`` or ``~/.config``, and ``%APPDATA%`` on Windows.

    >>> user_config({"XDG_CONFIG_HOME": "/home/kim/settings"}).as_posix()
    '/home/kim/settings/jeoul/config.toml'
    """
    base = environment.get("XDG_CONFIG_HOME", "")
    if base:
        return Path(base) / "jeoul" / "config.toml"
    if sys.platform == "win32":
        return Path(click.get_app_dir("jeoul", roaming=True)) / "config.toml"
    return Path(os.path.expanduser("~")) / ".config" / "jeoul" / "config.toml"


def preference(key: str, environment: Mapping[str, str]) -> Preference:
    """Return a preference: the environment counts first, then the user config, then the system.

    Raises :class:`~jeoul.errors.ConfigError` for a value that a key cannot have, and with every
    problem of a user config that has one.
    """
    return preferences(environment)[key]


def preferences(environment: Mapping[str, str]) -> dict[str, Preference]:
    """Return every preference by its key; see :func:`preference`."""
    found = {key: Preference(value, "default") for key, value in DEFAULTS.items()}
    system = system_language(environment)
    if system is not None:
        found["lang"] = system
    return found | _written(user_config(environment)) | _exported(environment)


def _choices(key: str) -> tuple[str, ...] | None:
    """Return the values that a key may have, None for ``data``, which is a folder."""
    from jeoul.model.instrument import AccountKind

    choices = {"lang": LANGUAGES, "account": tuple(map(str, AccountKind)), "profile": PROFILES}
    return choices.get(key)


def _exported(environment: Mapping[str, str]) -> dict[str, Preference]:
    from jeoul.files.faults import did_you_mean, shown
    from jeoul.model.instrument import kind_word

    found, problems = {}, []
    for key in DEFAULTS:
        variable = variable_of(key)
        value = environment.get(variable, "")
        if not value:
            continue
        choices = _choices(key)
        word = kind_word(value) if key == "account" else value.lower()
        if choices is not None and word not in choices:
            wrong = f"{shown(value)} is not a choice"
            problems.append(Problem(variable, wrong, remedy=did_you_mean(value, choices)))
        value = value if choices is None else word
        found[key] = Preference(value, "environment", variable)
    if problems:
        raise ConfigError(problems)
    return found


def _written(file: Path) -> dict[str, Preference]:
    """Return what a user config says; nothing without one."""
    if not os.path.lexists(file):
        return {}
    from jeoul.files.document import parse
    from jeoul.files.toml import check
    from jeoul.workspace.preferences_file import PreferencesFile

    document = parse(file, ConfigError)
    written = check(document, PreferencesFile, ConfigError).model_dump(exclude_none=True)
    if "data" in written:  # relative to the file that names it
        written["data"] = str(file.parent / Path(written["data"]).expanduser())
    return {
        key: Preference(str(value), "user config", _place(document, key))
        for key, value in written.items()
    }


def _place(document: Document, key: str) -> str:
    return f"{document.file}:{document.line((key,))}"


def system_language(environment: Mapping[str, str]) -> Preference | None:
    """Return the language of the system, None where it has none of its own.

    ``C`` and ``POSIX`` are not languages. Anyone who reads neither Korean nor English gets English.
    """
    for variable in _LOCALE:
        name = environment.get(variable, "")
        if name:
            return _spoken(name, variable)
    if sys.platform in ("win32", "darwin"):
        return _spoken(locale.getlocale()[0] or "", sys.platform)
    return None


def _spoken(name: str, place: str) -> Preference | None:
    language = name.partition(".")[0].partition("_")[0].lower()
    if language in ("", "c", "posix"):
        return None
    return Preference("ko" if language in ("ko", "korean") else "en", "system", place)
