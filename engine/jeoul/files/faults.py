"""What is wrong with a table that a person wrote, in words that can be acted on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple
from unicodedata import normalize

from jeoul.postgres_url import without_url_secrets

Location = tuple[str | int, ...]
UNKNOWN = "unknown key"
"""What is wrong with a key that a table does not have."""
_LOOKED_AT = 2_000  # characters: a password is hidden before a text is cut, and no URL is longer


class Fault(NamedTuple):
    """A key below the table, what is wrong with it, and what to do."""

    key: Location
    wrong: str
    remedy: str | None = None

    def __str__(self) -> str:
        """Return key, fault and remedy in one line."""
        key, wrong = sentence(self.key, self.wrong)
        said = wrong if key is None else f"{key}: {wrong}"
        return said if self.remedy is None else f"{said}; {self.remedy}"


def sentence(key: Location, wrong: str) -> tuple[str | None, str]:
    """Return the key that a message begins with, and the message.

    The message about an unknown key names the key and its table by itself.

    >>> sentence(("rebalance", "bnad"), UNKNOWN)
    (None, "unknown key 'bnad' in [rebalance]")
    >>> sentence(("rules", 1, "x"), UNKNOWN)[1], sentence(("x",), UNKNOWN)[1]
    ("unknown key 'x' in [[rules]]", "unknown key 'x' at the top level")
    """
    if wrong != UNKNOWN or not key:
        return _cut(".".join(map(str, key))) or None, wrong
    names = _cut(".".join(part for part in key[:-1] if isinstance(part, str)))
    listed = len(key) > 1 and isinstance(key[-2], int)
    table = f"[[{names}]]" if listed else f"[{names}]"
    place = f"in {table}" if names else "at the top level"
    return None, f"{UNKNOWN} {shown(key[-1])} {place}"


def shown(value: object) -> str:
    """Return a value as a message shows it, in at most 60 characters and without a password.

    >>> shown("x" * 100)[-5:], shown(1 << 20_000)
    ('xx...', 'a number of 20001 bits')
    >>> shown(["postgresql://me:secret@db/jeoul"])
    "['postgresql://me@db/jeoul']"
    """
    if isinstance(value, str):
        value = value[:_LOOKED_AT]
    if isinstance(value, date):  # TOML has dates of its own, so they are shown as a file has them
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a number of {value.bit_length()} bits"
    return _cut(without_url_secrets(str(value) if isinstance(value, Decimal) else repr(value)))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the remedy for a name that is none of the known ones.

    >>> did_you_mean("genaral", ("general", "farmer")), did_you_mean("x", ("general", "farmer"))
    ("did you mean 'general'?", 'use one of general, farmer')
    """
    if (meant := likely(name, known)) is not None:
        return f"did you mean {meant!r}?"
    return f"use one of {', '.join(known)}" if known else "remove it"


def likely(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that another one looks like, None if it looks like none.

    >>> likely("soucres", ["year", "sources"]), likely("colour", ["year", "sources"])
    ('sources', None)
    >>> likely("보유수랑", ["보유주수", "보유수량"])
    '보유수량'
    """
    # A wrong letter of a syllable is one of two or three, and not the whole syllable.
    letters = {normalize("NFD", each): each for each in known}
    close = get_close_matches(normalize("NFD", name), letters, n=1) if len(name) <= 60 else []
    return letters[close[0]] if close else None
