"""Where a config's ledger is, if not in its state folder: a URL that never holds a password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from jeoul.errors import ConfigError, Problem
from jeoul.postgres_url import SCHEMES, read_url, secrets_of_url

PASSWORD = "PGPASSWORD"
"""The variable from which PostgreSQL's own library takes a password."""

_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")
_UNREADABLE = "write %40 for @ and %2F for / in a name, and leave the password out"


def without_secret(text: str) -> str:
    """Return a URL of a server, or the name of a variable, if it holds no password.

    Raises ``ValueError`` otherwise; its words do not repeat the text.
    """
    if _VARIABLE.fullmatch(text):
        return text
    if not text.startswith(SCHEMES):
        raise ValueError(
            "a ledger is in the state folder, or in PostgreSQL; write "
            '"postgresql://USER@HOST/DATABASE", or the variable that holds it, "$JEOUL_LEDGER"'
        )
    found = read_url(text)
    if found is None:
        raise ValueError(f"it is not a URL that PostgreSQL reads; {_UNREADABLE}")
    if found.secrets:
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
    if read_url(value) is not None:
        return value
    wrong = f"the variable {variable} is not set"
    if value:
        wrong = f"the variable {variable} is not a URL of PostgreSQL"
    remedy = "set it to postgresql://USER@HOST/DATABASE in the environment that starts jeoul"
    if value.startswith(SCHEMES):
        remedy = "write %40 for @ and %2F for / in a name or password"
    raise ConfigError([Problem(file, wrong, key="ledger", remedy=remedy)])


def secrets_in(written: str | None, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the passwords of a ledger's server that the environment holds now."""
    if written is None:
        return
    yield environment.get(PASSWORD, "")
    named = _VARIABLE.fullmatch(written)
    if named is not None:
        yield from secrets_of_url(environment.get(named[1], ""))
