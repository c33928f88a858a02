"""The terminal of a person: how wide it is, and lines that fit it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO, cast

import click

from jeoul.cli.waiting import Waiting
from jeoul.reporting.columns import COLUMNS, width

_NARROWEST = 20  # columns; less is a mistake in the variable, or a terminal without a size
_ESCAPE = "\x1b"


def room(stream: TextIO | None = None, environment: Mapping[str, str] | None = None) -> int | None:
    """Return how many columns a line on a stream may take, by default on stdout.

    The variable COLUMNS counts first, then the terminal. None without either: a pipe and a file
    take lines of any length.
    """
    named = (os.environ if environment is None else environment).get("COLUMNS", "")
    if named.isdecimal() and int(named) > 0:
        return max(_NARROWEST, int(named))
    stream = sys.stdout if stream is None else stream
    if not is_terminal(stream):
        return None
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return max(_NARROWEST, found) if found else None


def is_terminal(stream: TextIO | None = None) -> bool:
    """Return whether a person watches a stream, by default stdout."""
    stream = sys.stdout if stream is None else stream
    return stream is not None and not stream.closed and stream.isatty()


def moves(stream: TextIO | None) -> bool:
    """Return whether a line on a stream may be written over, which a mark or a bar does.

    A dumb terminal and one without a size only ever take the next line.
    """
    return is_terminal(stream) and os.environ.get("TERM") != "dumb" and room(stream) is not None


def folded(line: str, columns: int) -> str:
    """Return a line broken between its words where it is too long.

    What follows is indented like the line, and two columns more. A word that is longer than a line
    stays whole: it is a path or an address, and somebody will copy it. So does a line that steers
    the terminal.

    >>> print(folded("  ! the newest price is three sessions old", 24))
      ! the newest price is
        three sessions old
    """
    if width(line) <= columns or _ESCAPE in line:
        return line
    body = line.lstrip(" ")
    indent = " " * (len(line) - len(body))
    found, rest = [indent], body.split(" ")
    for place, word in enumerate(rest):
        joined = f"{found[-1]} {word}" if place and found[-1].strip() else found[-1] + word
        if width(joined) > columns and found[-1].strip():
            found.append(f"{indent}  {word}")
        else:
            found[-1] = joined
    return "\n".join(part.rstrip(" ") if part is not found[-1] else part for part in found)


class Folding:
    """A text stream that breaks long lines between words before they reach another stream.

    ``columns`` is None for a terminal without a size, where lines stay as they are.
    """

    def __init__(self, whole: TextIO, columns: int | None, clear: Callable[[], None]) -> None:
        self.whole, self._columns, self.clear = whole, columns, clear

    def write(self, text: str) -> int:
        """Write a text; lines are folded one by one, each as far as it is in this text.

        ``clear`` is called first, for what is on the terminal only for a while.
        """
        self.clear()
        columns = self._columns
        lines = text.split("\n")
        self.whole.write(
            text if columns is None else "\n".join(folded(each, columns) for each in lines)
        )
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Return what the stream itself has: its encoding, its number, whether it is a terminal."""
        return getattr(self.whole, name)


def clear() -> None:
    """Clear away the line that says how long a command has worked."""
    if isinstance(sys.stderr, Folding):
        sys.stderr.clear()


def verbatim(text: str) -> None:
    """Write on stdout what somebody will copy into a file, with its lines as they are."""
    stream = sys.stdout
    click.echo(text, file=stream.whole if isinstance(stream, Folding) else stream)


@contextmanager
def fitted(*, is_raw: bool = False) -> Iterator[None]:
    """Make every line of both streams fit the terminal while a command runs.

    ``is_raw`` leaves them alone: JSON and scripts are read by programs. Where a person watches
    stderr, a line there says how long a command has worked, until it writes something.
    """
    if is_raw:
        yield
        return
    before, waiting = (sys.stdout, sys.stderr), Waiting(sys.stderr if moves(sys.stderr) else None)
    columns = room(sys.stdout)
    token = COLUMNS.set(min(80, columns)) if columns is not None else None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        wide = None if stream is None else room(stream)
        if wide is not None or is_terminal(stream):
            setattr(sys, name, cast("TextIO", Folding(stream, wide, waiting.end)))
    try:
        yield
    finally:
        waiting.end()
        sys.stdout, sys.stderr = before
        if token is not None:
            COLUMNS.reset(token)
