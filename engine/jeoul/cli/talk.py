"""How much a command says beside its result: ``-v``, ``--quiet``, and a log without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from jeoul.cli.events import SUFFIX, JsonLines, is_event, is_text
from jeoul.cli.terminal import clear
from jeoul.errors import UsageError

LOGGER = logging.getLogger("jeoul")
LOGGER.addHandler(logging.NullHandler())  # without a log, Python writes errors to stderr itself
_NAMES = re.compile(r"KEY|SECRET|TOKEN|PASS|ACCOUNT|CREDENTIAL|NOTIFY|WEBHOOK|DATABASE|_URLS?$")
_PLAIN = frozenset({"JEOUL_ACCOUNT"})  # the kind of an account
_LINE = "%(asctime)s %(levelname)s %(message)s"
_SHORTEST = 4  # characters; a shorter value would hide half of every line
_QUOTED = re.compile(r'"([^"\n]+)"')
_MOST = 65_536  # characters of a file that are read for the names of variables


@dataclass(slots=True)
class Talk:
    """What a person asked a command to say; the handlers end with the command."""

    words: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    is_quiet: bool = False
    is_verbose: bool = False
    handlers: list[logging.Handler] = field(default_factory=list)

    def log_to(self, handler: logging.Handler, level: int, *, as_json: bool = False) -> None:
        """Send the log to one more place, every line of it without secrets.

        ``as_json`` sends the events alone, as JSON lines.
        """
        secrets = secrets_in(self.words, self.environment)
        handler.setLevel(level)
        handler.setFormatter(JsonLines(secrets) if as_json else _Redacted(secrets))
        handler.addFilter(is_event if as_json else is_text)
        self.handlers.append(handler)
        LOGGER.disabled = False  # a library that configures logging may have switched it off
        LOGGER.addHandler(handler)
        LOGGER.setLevel(min(level, *(each.level for each in self.handlers)))


class _Redacted(logging.Formatter):
    """Lines with the time, in which every secret is hidden."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(fmt=_LINE, datefmt="%Y-%m-%d %H:%M:%S")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        from jeoul.operations.setup.secrets import without_secrets

        return without_secrets(super().format(record), self._secrets)


@contextmanager
def talking(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Talk]:
    """Give what a command line says beside its result; what it logs to is closed afterwards."""
    talk = Talk(words, environment)
    level = LOGGER.level
    try:
        yield talk
    finally:
        for handler in talk.handlers:
            LOGGER.removeHandler(handler)
            handler.close()
        LOGGER.setLevel(level)


def secrets_in(words: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the environment's variables that hold a secret.

    They are those whose name says so, and those that a file on the command line names, or a file
    that it names.

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
    return tuple(sorted(value for value in values if len(value) >= _SHORTEST))


def _quoted(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return _QUOTED.findall(opened.read(_MOST))
    except OSError:
        return []


def notice(text: str) -> None:
    """Say something beside the result: on stderr unless the command is quiet, and in the log."""
    context = click.get_current_context(silent=True)
    talk = context.obj if context is not None else None
    LOGGER.info("%s", text.strip())
    if not (isinstance(talk, Talk) and (talk.is_quiet or talk.is_verbose)):
        click.echo(text, err=True)


def _verbose(context: click.Context, _: click.Parameter, count: int) -> None:
    talk = context.obj
    if count and isinstance(talk, Talk) and not talk.is_verbose:
        talk.is_verbose = True
        clear()
        _one_of_two(talk)
        level = logging.DEBUG if count > 1 else logging.INFO
        talk.log_to(logging.StreamHandler(sys.stderr), level)


def _quiet(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    talk = context.obj
    if is_asked and isinstance(talk, Talk):
        talk.is_quiet = True
        clear()
        _one_of_two(talk)


def _one_of_two(talk: Talk) -> None:
    if talk.is_quiet and talk.is_verbose:
        raise UsageError("use --quiet or -v, not both")


def _log(context: click.Context, _: click.Parameter, file: Path | None) -> None:
    talk = context.obj
    if file is not None and isinstance(talk, Talk):
        handler = logging.FileHandler(file, encoding="utf-8")
        talk.log_to(handler, logging.INFO, as_json=file.suffix == SUFFIX)


def talk_options() -> list[click.Option]:
    """Return the options that every command has, before its name or behind it."""
    shared: dict[str, Any] = {"expose_value": False, "is_eager": True}
    return [
        click.Option(
            ["-v", "--verbose"],
            count=True,
            callback=_verbose,
            help="Log to stderr what is done; -vv logs more.",
            **shared,
        ),
        click.Option(
            ["--quiet"],
            is_flag=True,
            callback=_quiet,
            help="No progress and no notices on stderr; errors remain.",
            **shared,
        ),
        click.Option(
            ["--log"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            callback=_log,
            help="Append a log to this file; secrets are hidden. A .jsonl file gets JSON events.",
            **shared,
        ),
    ]


def with_talk_options(command: click.Command) -> click.Command:
    """Return a copy of a command, and of those inside it, with :func:`talk_options`."""
    made = copy(command)
    made.params = [*command.params, *talk_options()]
    if isinstance(made, click.Group):
        made.commands = {name: with_talk_options(each) for name, each in made.commands.items()}
    return made
