"""Secrets: read from the environment, shown to nobody."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from jeoul.errors import ConfigError, Problem

HIDDEN = "[hidden]"


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


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """Return a text with every secret value in it hidden.

    >>> without_secrets("key abc refused", ["abc"])
    'key [hidden] refused'
    """
    for value in sorted(secrets, key=len, reverse=True):
        if value:
            text = text.replace(value, HIDDEN)
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
