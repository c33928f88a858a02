"""The log of a command, which shows no secret: where it goes, and its lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jeoul.postgres_url import names_database, read_url, secrets_of_url

LOGGER = logging.getLogger("jeoul")
LOGGER.addHandler(logging.NullHandler())  # without a log, Python writes errors to stderr itself
_NAMES = re.compile(r"KEY|SECRET|TOKEN|PASS|ACCOUNT|CREDENTIAL|NOTIFY|WEBHOOK|DATABASE|_URLS?$")
_PLAIN = frozenset({"JEOUL_ACCOUNT"})  # the kind of an account
_LINE = "%(asctime)s %(levelname)s %(message)s"
_SHORTEST = 4  # characters; a shorter value would hide half of every line
_QUOTED = re.compile(r'"([^"\n]+)"')
_MOST = 65_536  # characters of a file that are read for the names of variables


class Redacted(logging.Formatter):
    """Lines with the time, in which every secret is hidden."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(fmt=_LINE, datefmt="%Y-%m-%d %H:%M:%S")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        from jeoul.operations.setup.secrets import without_secrets

        return without_secrets(super().format(record), self._secrets)


def secrets_in(words: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the environment's variables that hold a secret.

    They are those whose name says so, and those that a file on the command line names, or a file
    that it names. Of URLs of databases, in the environment or on the line, it is the passwords.

    >>> secrets_in([], {"KIS_APP_SECRET": "abcd1234", "HOME": "/home/kim"})
    ('abcd1234',)
    """
    named = {name for name in environment if _NAMES.search(name) and name not in _PLAIN}
    waiting = [Path(word.partition(".toml")[0] + ".toml") for word in words if ".toml" in word]
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        texts = _quoted(file)
        named |= {text for text in texts if text in environment and text.isupper()}
        waiting += [file.parent / text for text in texts if text.endswith(".toml")]
    values = {environment[name] for name in named}
    for text in (*words, *environment.values()):
        if names_database(text) and ((found := read_url(text)) is None or found.secrets):
            values |= {text, *secrets_of_url(text)}
    return tuple(sorted(value for value in values if len(value) >= _SHORTEST))


def _quoted(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return _QUOTED.findall(opened.read(_MOST))
    except OSError:
        return []
