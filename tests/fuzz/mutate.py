"""Valid files and answers, changed: in their structure, their lines, their bytes."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, time
from random import Random
from typing import Any

from fuzz import odd

Step = Callable[[Random, str], str]
LARGE = 400  # one input in so many is very large


# -- trees ----------------------------------------------------------------------------------------


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a tree: the table or list around it, and its key."""
    waiting = [tree]
    while waiting:
        inner = waiting.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        for key in keys:
            yield inner, key
            if isinstance(inner[key], dict | list):
                waiting.append(inner[key])


def changed(draw: Random, tree: Any) -> Any:
    """Return a copy of a tree with a few places changed."""
    tree = copy.deepcopy(tree)
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        known = list(places(tree))
        if not known:
            return tree
        around, key = draw.choice(known)
        edit = draw.randrange(10)
        if edit > 5:
            around[key] = odd.like(draw, around[key])
        elif edit == 0:
            del around[key]
        elif edit == 1 and isinstance(around, list):
            around.insert(draw.randrange(len(around) + 1), copy.deepcopy(around[key]))
        elif edit == 1:
            around[_misspelt(draw, str(key))] = around.pop(key)
        elif edit == 2:
            other, place = draw.choice(known)
            if place in other if isinstance(other, dict) else place < len(other):
                around[key] = copy.deepcopy(other[place])
        else:
            around[key] = odd.value(draw)
    return tree


def _misspelt(draw: Random, name: str) -> str:
    if len(name) < 2 or draw.random() < 0.2:
        return str(draw.choice(odd.TEXTS))
    place = draw.randrange(len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def toml(tree: dict[str, Any]) -> str:
    """Return a tree as TOML, each key of the top level on a line of its own."""
    return "".join(f"{_text(key)} = {_toml(value)}\n" for key, value in tree.items())


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, int) and value.bit_length() > 10_000:
        return hex(value)  # Python writes no number of more than 4,300 digits
    return str(value).lower()


def _text(value: str) -> str:
    return json.dumps(value).replace("\x7f", "\\u007f")


_LINES = ("[x]\n", "[[x]]\n", "x.y.z = 1\n", "= 1\n", "#\n", "\n")

# -- lines and bytes ------------------------------------------------------------------------------


def of_lines(draw: Random, text: str) -> str:
    """Return a text with lines left out, doubled, swapped or with another value."""
    lines = text.splitlines(keepends=True)
    for _ in range(draw.choice((1, 1, 2, 4))):
        if not lines:
            return text
        place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        edit = draw.randrange(6)
        if edit == 0:
            del lines[place]
        elif edit == 1:
            lines.insert(other, lines[place])
        elif edit == 2:
            lines[place], lines[other] = lines[other], lines[place]
        elif edit == 3:
            lines.insert(place, draw.choice(_LINES))
        else:
            lines[place] = re.sub(
                r"(?<==)[^#\n]*", lambda _: f" {_toml(odd.value(draw))} ", lines[place], count=1
            )
    return "".join(lines)


def of_cells(draw: Random, text: str) -> str:
    """Return a table of cells with cells, rows and columns changed, some of them gently."""
    rows = [line.split(",") for line in text.splitlines()]
    bold = draw.random() < 0.6
    for _ in range(draw.choice((1, 1, 2, 6))):
        if rows and rows[0]:
            draw.choice(_BOLD if bold else _GENTLE)(draw, rows)
    joint = draw.choice((",", ",", ",", ";", "\t")) if bold else ","
    end = draw.choice(("\n", "\n", "\r\n", "\r"))
    return end.join(joint.join(row) for row in rows) + end


Rows = list[list[str]]


def _lose(draw: Random, rows: Rows) -> None:
    del rows[draw.randrange(len(rows))]


def _double(draw: Random, rows: Rows) -> None:
    rows.insert(draw.randrange(len(rows)), list(draw.choice(rows)))


def _shuffle(draw: Random, rows: Rows) -> None:
    draw.shuffle(rows)


def _widen(draw: Random, rows: Rows) -> None:
    row = draw.choice(rows)
    row.insert(draw.randrange(len(row) + 1), _cell(draw))


def _reorder(draw: Random, rows: Rows) -> None:
    rows[0] = draw.sample(rows[0], len(rows[0]))


def _overwrite(draw: Random, rows: Rows) -> None:
    if row := draw.choice(rows):
        row[draw.randrange(len(row))] = _cell(draw)


def _adjust(draw: Random, rows: Rows) -> None:
    if row := draw.choice(rows):
        row[draw.randrange(len(row))] = draw.choice(_USUAL)


_USUAL = ("", "0", "1", "12", "100005", "37120", "99.5", "nan", "inf")
_BOLD = (_lose, _double, _shuffle, _widen, _reorder, _overwrite, _overwrite, _adjust)
_GENTLE = (_adjust, _adjust, _lose)


_STAMPS = ("2026-06-29T00:00:00+09:00", "2026-06-29 15:30", '"1,000"', "nan", "-1")


def _cell(draw: Random) -> str:
    if draw.random() < 0.3:
        return draw.choice(_STAMPS)
    found = odd.scalar(draw)
    return str(found) if abs(found if type(found) is int else 0) < 10**300 else "9" * 4000


def in_bytes(draw: Random, text: str) -> bytes:
    """Return a text as bytes, mostly as they are, else cut, swapped or in another encoding."""
    kind = draw.randrange(14)
    content = text.encode("utf-8", "surrogatepass")
    if kind == 0:
        return content[: draw.randrange(len(content) + 1)]
    if kind == 1:
        return text.encode(draw.choice(("cp949", "utf-16", "utf-8-sig", "utf-32")), "replace")
    if kind == 2 and content:
        place = draw.randrange(len(content))
        return content[:place] + bytes([draw.randrange(256)]) + content[place + 1 :]
    if kind == 3:
        return content + draw.randbytes(draw.choice((1, 9, 300)))
    return content


def large(draw: Random, text: str) -> str:
    """Return what is too much of something."""
    return draw.choice(
        (
            lambda: text * (8_500_000 // max(len(text), 1) + 1),
            lambda: text + "".join(f"k{n} = {n}\n" for n in range(60_000)),
            lambda: text + "x = " + "[" * 20_000 + "\n",
            lambda: ".".join(["a"] * 20_000) + " = 1\n" + text,
            lambda: text + "y = " + "9" * 20_000 + "\n",
            lambda: text[:-1] + "{[" * 5_000,
            lambda: text + "z = " + '"' + "w" * 1_000_000 + '"\n',
        )
    )()


def toml_file(draw: Random, text: str) -> bytes:
    """Return a TOML file made from a valid one."""
    if draw.randrange(LARGE) == 0:
        return large(draw, text).encode()
    if draw.random() < 0.5:
        return in_bytes(draw, of_lines(draw, text))
    return in_bytes(draw, toml(changed(draw, tomllib.loads(text))))


def csv_file(draw: Random, text: str) -> bytes:
    """Return a CSV file made from a valid one."""
    if draw.randrange(LARGE) == 0:
        return large(draw, text).encode()
    return in_bytes(draw, of_cells(draw, text))


def json_body(draw: Random, tree: Any) -> bytes:
    """Return a JSON body made from a valid one."""
    if draw.randrange(LARGE) == 0:
        return large(draw, json.dumps(tree)).encode()
    return in_bytes(draw, _json(changed(draw, tree)))


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, int) and abs(value) > 10**300:
        return "9" * 4000
    return json.dumps(value, default=str)
