"""Text in a terminal: Korean letters are two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import zip_longest

COLUMNS: ContextVar[int] = ContextVar("COLUMNS", default=80)
"""How many columns a line of text may take; the command line sets what the terminal has."""


def width(text: str) -> int:
    """Return how many columns a text takes.

    >>> width("ISA 계좌")
    8
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return a text filled up to a number of columns, or cut with an ellipsis where it is longer.

    >>> pad("국내주식", 10) + "|", pad("KODEX 미국S&P500TR", 12), pad("12", 4, right=True)
    ('국내주식  |', 'KODEX 미국S…', '  12')
    """
    if width(text) > columns:
        kept = ""
        for letter in text:
            if width(kept + letter) >= columns:
                break
            kept += letter
        text = kept + "…"
    space = " " * (columns - width(text))
    return space + text if right else text + space


def wrapped(text: str, indent: str = "", columns: int | None = None) -> list[str]:
    """Return a text as lines that fit, broken between words; a longer word is cut.

    ``columns`` is the width of a line, by default that of :data:`COLUMNS`.

    >>> wrapped("a plan for every account", "  ", columns=12)
    ['  a plan for', '  every', '  account']
    """
    room, lines = (COLUMNS.get() if columns is None else columns) - width(indent), [""]
    for word in text.split():
        rest = word
        while rest:
            joined = f"{lines[-1]} {rest}" if lines[-1] else rest
            if width(joined) <= room:
                lines[-1], rest = joined, ""
            elif lines[-1]:
                lines.append("")
            else:
                fitting = _fitting(rest, room)
                lines[-1], rest = fitting, rest[len(fitting) :]
                lines.append("")
    return [indent + line for line in lines if line]


def _fitting(text: str, room: int) -> str:
    taken = ""
    for letter in text:
        if width(taken + letter) > room:
            break
        taken += letter
    return taken


def table(rows: Sequence[Sequence[str]], widths: Sequence[int], indent: str = "  ") -> list[str]:
    """Return rows of cells as lines: the first column to the left, figures to the right.

    Where the widths do not fit :data:`COLUMNS`, each figure gets what it needs, and the first
    column is wrapped in what is left.

    >>> table([("목표", "12.0%"), ("현재", "9.1%")], (8, 8))
    ['  목표        12.0%', '  현재         9.1%']
    """
    first, *others = _fitting_widths(rows, widths, COLUMNS.get() - width(indent))
    lines = []
    for name, *figures in rows:
        parts = wrapped(name, columns=first) or [""]
        cells = [pad(cell, room, right=True) for cell, room in zip(figures, others, strict=True)]
        lines += [
            (indent + " ".join([pad(part, first), *(cells if last else ())])).rstrip()
            for part, last in ((part, place == len(parts)) for place, part in enumerate(parts, 1))
        ]
    return lines


def _fitting_widths(
    rows: Sequence[Sequence[str]], widths: Sequence[int], room: int
) -> Sequence[int]:
    """Return the widths, narrower where all of them with a space between do not fit."""
    if sum(widths) + len(widths) - 1 <= room:
        return widths
    needed = [max(map(width, column)) for column in zip_longest(*rows, fillvalue="")]
    others = [min(pair) for pair in zip(widths[1:], needed[1:], strict=True)]
    return [max(8, room - sum(others) - len(others)), *others]
