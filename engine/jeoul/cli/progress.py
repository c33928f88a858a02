"""Progress on stderr, and only where a person watches; the log has every step."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from jeoul.cli.logs import LOGGER
from jeoul.cli.talk import Talk
from jeoul.cli.terminal import Folding, clear, moves

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds of long work before a bar says how far it is."""

_MOST_LOGGED = 1_000  # steps; the sessions of an account are more, and say nothing in a log


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Give a function to call after each of ``total`` steps with what was done.

    On a terminal it moves a bar, unless the command was asked to be quiet or to log there.
    """
    number = 0

    def noted(done: str) -> None:
        nonlocal number
        number += 1
        if total <= _MOST_LOGGED:
            LOGGER.info("%d/%d %s", number, total, done)

    if not is_watched():
        yield noted
        return
    with _bar() as bar:
        task = bar.add_task("", total=total)

        def shown(done: str) -> None:
            noted(done)
            bar.update(task, advance=1, description=done)

        yield shown


@contextmanager
def long_progress() -> Iterator[Callable[[int, int, object], None] | None]:
    """Give a function for work whose length is known on the way, None where nobody watches.

    It is called with how many steps are done, of how many, and what the last one was. A bar comes
    once the work has taken :data:`PATIENCE`: most commands end before, and load no bar.
    """
    if not is_watched():
        yield None
        return
    begun, shown = time.monotonic(), None
    with ExitStack() as stack:

        def step(done: int, total: int, last: object) -> None:
            nonlocal shown
            if shown is None and time.monotonic() - begun >= PATIENCE:
                bar = stack.enter_context(_bar())
                shown = partial(bar.update, bar.add_task("", total=total))
            if shown is not None:
                shown(completed=done, total=total, description=str(last))

        yield step


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed
    from rich.progress import TimeRemainingColumn as Remaining

    clear()
    whole = sys.stderr.whole if isinstance(sys.stderr, Folding) else sys.stderr
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, Elapsed(), Remaining(), console=Console(file=whole), transient=True)


def is_watched() -> bool:
    """Return whether a person watches stderr and wants to see progress there."""
    context = click.get_current_context(silent=True)
    talk = context.obj if context is not None and isinstance(context.obj, Talk) else Talk()
    return moves(sys.stderr) and not talk.is_quiet and not talk.is_verbose
