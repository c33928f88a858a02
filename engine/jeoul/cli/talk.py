"""How much a command says beside its result: ``-v``, ``--quiet``, and a log without secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.terminal import clear
from jeoul.errors import UsageError

if TYPE_CHECKING:
    import logging


@dataclass(slots=True)
class Talk:
    """What a person asked a command to say; the handlers end with the command."""

    words: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    is_quiet: bool = False
    is_verbose: bool = False
    handlers: list[logging.Handler] = field(default_factory=list)
    level: int | None = None  # of the log before

    def log_to(self, handler: logging.Handler, level: int, *, as_json: bool = False) -> None:
        """Send the log to one more place, every line of it without secrets.

        ``as_json`` sends the events alone, as JSON lines.
        """
        from jeoul.cli.events import JsonLines, is_event, is_text
        from jeoul.cli.logs import LOGGER, Redacted, secrets_in

        secrets = secrets_in(self.words, self.environment)
        handler.setLevel(level)
        handler.setFormatter(JsonLines(secrets) if as_json else Redacted(secrets))
        handler.addFilter(is_event if as_json else is_text)
        self.handlers.append(handler)
        LOGGER.disabled = False  # a library that configures logging may have switched it off
        LOGGER.addHandler(handler)
        if self.level is None:
            self.level = LOGGER.level
        LOGGER.setLevel(min(level, *(each.level for each in self.handlers)))

    def log(self, level: str, text: str, *words: object) -> None:
        """Write a line to the log, where somebody asked for one: ``level`` is a method of loggers.

        Loading ``logging`` takes longer than a help page.
        """
        if self.handlers:
            from jeoul.cli.logs import LOGGER

            getattr(LOGGER, level)(text, *words)

    def end(self) -> None:
        """Close the places of the log."""
        if not self.handlers:
            return
        from jeoul.cli.logs import LOGGER

        for handler in self.handlers:
            LOGGER.removeHandler(handler)
            handler.close()
        LOGGER.setLevel(self.level or 0)


@contextmanager
def talking(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Talk]:
    """Give what a command line says beside its result; what it logs to is closed afterwards."""
    talk = Talk(words, environment)
    try:
        yield talk
    finally:
        talk.end()


def notice(text: str) -> None:
    """Say something beside the result: on stderr unless the command is quiet, and in the log."""
    context = click.get_current_context(silent=True)
    talk = context.obj if context is not None else None
    if isinstance(talk, Talk):
        talk.log("info", "%s", text.strip())
    if not (isinstance(talk, Talk) and (talk.is_quiet or talk.is_verbose)):
        click.echo(text, err=True)


def _verbose(context: click.Context, _: click.Parameter, count: int) -> None:
    talk = context.obj
    if count and isinstance(talk, Talk) and not talk.is_verbose:
        import logging

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


def _log(context: click.Context, _: click.Parameter, file: str | None) -> None:
    talk = context.obj
    if file is not None and isinstance(talk, Talk):
        import logging

        from jeoul.cli.events import SUFFIX

        handler = logging.FileHandler(file, encoding="utf-8")
        talk.log_to(handler, logging.INFO, as_json=file.endswith(SUFFIX))


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
            type=click.Path(dir_okay=False),
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
