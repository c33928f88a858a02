"""Where a config's ledger is, if not in its state folder: a URL that never holds a password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from jeoul.errors import ConfigError, Problem
from jeoul.postgres import without_password

PASSWORD = "PGPASSWORD"
"""The variable from which PostgreSQL's own library takes a password."""

_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")
_SCHEMES = ("postgresql://", "postgres://")


def without_secret(text: str) -> str:
    """Return a URL of a server, or the name of a variable, if it holds no password.

    Raises ``ValueError`` otherwise; its words do not repeat the text.
    """
    if _VARIABLE.fullmatch(text):
        return text
    if not text.startswith(_SCHEMES):
        raise ValueError(
            "a ledger is in the state folder, or in PostgreSQL; write "
            '"postgresql://USER@HOST/DATABASE", or the variable that holds it, "$JEOUL_LEDGER"'
        )
    if without_password(text)[1] is not None:
        raise ValueError(
            f"a password does not belong in a file; take it out, change it, and set {PASSWORD} or "
            "write it into PostgreSQL's password file"
        )
    return text


LedgerUrl = Annotated[str, AfterValidator(without_secret)]
"""A URL without a password, or the variable that holds one."""


def resolved(written: str, file: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the URL that a config's ``ledger`` comes to, with a variable read.

    Raises :class:`ConfigError` for a variable that is not set or holds something else than a URL of
    PostgreSQL; its value is not shown.

    >>> resolved("$JEOUL_LEDGER", "c.toml", {"JEOUL_LEDGER": "postgresql://me@db/jeoul"})
    'postgresql://me@db/jeoul'
    """
    named = _VARIABLE.fullmatch(written)
    if named is None:
        return written
    variable = named[1]
    value = (os.environ if environment is None else environment).get(variable, "")
    if value.startswith(_SCHEMES):
        return value
    wrong = f"the variable {variable} is not set"
    if value:
        wrong = f"the variable {variable} is not a URL of PostgreSQL"
    remedy = "set it to postgresql://USER@HOST/DATABASE in the environment that starts jeoul"
    raise ConfigError([Problem(file, wrong, key="ledger", remedy=remedy)])


def secrets_in(written: str | None, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the passwords of a ledger's server that the environment holds now."""
    if written is None:
        return
    yield environment.get(PASSWORD, "")
    named = _VARIABLE.fullmatch(written)
    if named is not None:
        yield without_password(environment.get(named[1], ""))[1] or ""
