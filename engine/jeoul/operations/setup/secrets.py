"""Secrets: read from the environment, shown to nobody."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jeoul.errors import ConfigError, DataError, Problem
from jeoul.files.text import read_text
from jeoul.operations.setup.brokers import BrokerSettings
from jeoul.operations.setup.spellings import traces

HIDDEN = "[hidden]"
PASSPHRASE = "JEOUL_PASSPHRASE"
"""The variable that may hold the passphrase of an encrypted account."""
TOKENS = "*-token.json"
"""The files of a state folder in which brokers' tokens are kept."""


class Secret:
    """A value that prints as hidden; :meth:`reveal` is called where it is sent, and nowhere else.

    >>> str(Secret("abc")), repr(Secret("abc"))
    ('[hidden]', '[hidden]')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not written anywhere")


def read_secrets(
    names: Sequence[str], file: str, environment: Mapping[str, str] | None = None
) -> dict[str, Secret]:
    """Return the secrets in environment variables, by name.

    Raises :class:`ConfigError` naming every variable that is missing or empty, never a value.
    """
    environment = os.environ if environment is None else environment
    missing = [name for name in names if not environment.get(name)]
    if missing:
        remedy = "set it in the environment that starts jeoul; never write it into a file here"
        raise ConfigError(
            [
                Problem(file, f"the variable {name} is not set", key=name, remedy=remedy)
                for name in missing
            ]
        )
    return {name: Secret(environment[name]) for name in names}


def broker_secrets(
    settings: BrokerSettings, file: str, environment: Mapping[str, str] | None = None
) -> dict[str, Secret]:
    """Return the secrets of a broker's table, by the names of their variables.

    Raises :class:`ConfigError` naming every variable that is missing or that holds what the broker
    cannot take, never a value. So nothing is asked with a key that cannot be right: a broker sends
    a message for each token that is asked for.
    """
    found = read_secrets(settings.variables, file, environment)
    problems = [
        Problem(file, fault[0], key=name, remedy=fault[1])
        for name, secret in found.items()
        if (fault := settings.secret_fault(name, secret.reveal())) is not None
    ]
    if problems:
        raise ConfigError(problems)
    return found


def token_file(kind: str) -> str:
    """Return the name of the file in which a kind of broker keeps its token.

    >>> token_file("kis")
    'kis-token.json'
    """
    return TOKENS.replace("*", kind)


def kept_tokens(state: Path) -> tuple[str, ...]:
    """Return the tokens that a state folder keeps."""
    return tuple(found for file in sorted(state.glob(TOKENS)) if (found := _kept(file)))


def _kept(file: Path) -> str:
    try:
        found = json.loads(read_text(file, DataError))["token"]
    except (DataError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """Return a text with every secret value in it hidden, in any case and encoding.

    Ten characters of a secret in a row are hidden too, because a text may have been cut, and eight
    digits of a number, however they are parted.

    >>> without_secrets("key ABC refused", ["abc"])
    'key [hidden] refused'
    >>> without_secrets("GET /token?secret=a%2fb%3D", ["a/b="])
    'GET /token?secret=[hidden]'
    >>> without_secrets("the key PSABCDEFGHIJ... is not known", ["psabcdefghijklmnopqrstuvwx"])
    'the key [hidden]... is not known'
    >>> without_secrets("account 12345678-01", ["1234567801"])
    'account [hidden]'
    """
    known = traces(tuple(secrets))
    if known is None:
        return text
    for start, end in reversed(known.spans(text)):
        text = f"{text[:start]}{HIDDEN}{text[end:]}"
    return text


def shown(document: Any, secrets: Sequence[str]) -> Any:
    """Return JSON values with every secret in their texts hidden, before JSON escapes any of it.

    >>> shown({"reasons": ['key a"b refused'], "orders": 3}, ['a"b'])
    {'reasons': ['key [hidden] refused'], 'orders': 3}
    """
    if isinstance(document, str):
        return without_secrets(document, secrets)
    if isinstance(document, Mapping):
        return {shown(key, secrets): shown(value, secrets) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [shown(value, secrets) for value in document]
    return document
