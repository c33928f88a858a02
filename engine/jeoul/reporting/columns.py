"""Text in a terminal: Korean letters are two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

COLUMNS = 80


def width(text: str) -> int:
    """Return how many columns a text takes.

    >>> width("ISA 계좌")
    8
    """
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


def wrapped(text: str, indent: str = "", columns: int = COLUMNS) -> list[str]:
    """Return a text as lines that fit, broken between words; a longer word is cut.

    >>> wrapped("a plan for every account", "  ", columns=12)
    ['  a plan for', '  every', '  account']
    """
    room, lines = columns - width(indent), [""]
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

    >>> table([("목표", "12.0%"), ("현재", "9.1%")], (8, 8))
    ['  목표        12.0%', '  현재         9.1%']
    """
    lines = []
    for row in rows:
        cells = [
            pad(cell, columns, right=place > 0)
            for place, (cell, columns) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + " ".join(cells)).rstrip())
    return lines
