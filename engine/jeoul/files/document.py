"""A parsed TOML file that still knows where every key stands; nothing of it is checked yet.

pydantic is not imported here: a command that only reads answers starts without it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jeoul.errors import Problem, StrategyError
from jeoul.files.faults import Fault, Location, sentence
from jeoul.files.kinds import KINDS, another_kind
from jeoul.files.text import CONTROL, Refusal, read_text

__all__ = ["MOST_FAULTS", "Document", "Refusal", "parse", "parse_text"]

MOST_FAULTS = 20  # of a file; how many more there are is said behind them
_DEEPEST = 64  # tables and lists within one another
_LARGEST = 1 << 63
_MOST_KEYS = 5_000  # of one table; five times the ETFs of Korea
_MOST_VALUES = 250_000
"""Of a file, before it is parsed: 5,000 funds with all their facts take fewer, 8 MB a minute."""
_DOTTED = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"")[ \t]*\.[ \t]*){64}""")

_HEADER = re.compile(r"^\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_LONGEST = 1_000  # characters of a line in which a key is looked for
_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PAIR = re.compile(rf"^\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(_NAME)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'")
_BARE_CODE = re.compile(r"(?<![\w.\"'+:-])(0\d{5}|\d{4}[A-Z]\d)(?![\w.\"':-])")
_APART = re.compile(  # texts and comments, also one that is never closed: linear in any text
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_OTHERS = frozenset({".csv", ".tsv", ".xlsx", ".xls", ".json", ".html", ".htm", ".pdf"})
_QUOTE_CODES = "write codes in quotes"
_FOREIGN_KEY = re.compile(r"[\w-]*[^\W\x00-\x7f][\w-]*")  # TOML 1.0 takes A-Z without quotes


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML file that still knows on which line every key stands."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Location, int]

    def line(self, location: Sequence[str | int]) -> int | None:
        """Return the line of a key, or of the nearest table around it.

        >>> Document("a.toml", {"x": {"y": 1}}, {("x",): 3}).line(("x", "y"))
        3
        """
        for length in range(len(location), 0, -1):
            found = self.lines.get(tuple(location[:length]))
            if found is not None:
                return found
        return None

    def problem(
        self, location: Sequence[str | int], message: str, remedy: str | None = None
    ) -> Problem:
        """Return a problem at a key of this file."""
        key, said = sentence(tuple(location), message)
        return Problem(self.file, said, line=self.line(location), key=key, remedy=remedy)

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """Return faults as problems in the order of their lines, the first 20 and a count."""
        found = sorted(faults, key=lambda fault: self.line(fault.key) or 0)
        told = [self.problem(*fault) for fault in found[:MOST_FAULTS]]
        if more := len(found) - len(told):
            told.append(Problem(self.file, f"… and {more:,} more problems"))
        return told


def parse(
    path: Path | str,
    error: Refusal = StrategyError,
    *,
    name: str | None = None,
    kind: str | None = None,
    parse_float: Callable[[str], Any] = float,
) -> Document:
    """Return a TOML file parsed but not yet checked, with the line of every key.

    Raises ``error`` when the file cannot be read, is not UTF-8 or is not TOML; see
    :func:`parse_text`. ``name`` is what messages call the file.
    """
    file = name or str(path)
    text = read_text(path, error, name=file)
    return parse_text(text, file, error, kind=kind, parse_float=parse_float)


def parse_text(
    text: str,
    file: str,
    error: Refusal = StrategyError,
    *,
    kind: str | None = None,
    parse_float: Callable[[str], Any] = float,
) -> Document:
    """Return a TOML text parsed but not yet checked, with the line of every key.

    ``kind`` is what the reader wants (:data:`jeoul.files.kinds.KINDS`); a file that is clearly of
    another kind is refused in one sentence.

    Raises ``error`` when it is not TOML; a code written without quotes is named as such, because
    ``069500`` is not a number of TOML and ``360750`` would be taken for one. Raises it too for
    what no person writes and no reader could bear: integers beyond 64 bits, more than 64 tables
    or lists within one another, more than 5,000 keys in a table, more than 250,000 in a file with
    its values and tables. What comments and texts have in them does not count.
    """
    if (values := _values(text)) > _MOST_VALUES:
        wrong = f"has about {values:,} keys, values and tables"
        raise error([Problem(file, wrong, remedy=f"keep at most {_MOST_VALUES:,}")])
    if line := _dotted_line(text):
        raise error([_too_deep(file, line)])
    try:
        document = Document(file, tomllib.loads(text, parse_float=parse_float), _key_lines(text))
    except RecursionError:
        raise error([_too_deep(file, None)]) from None
    except ValueError as failure:
        if Path(file).suffix.lower() in _OTHERS:
            remedy = "give a file that is written in TOML"
            raise error([Problem(file, "is not a TOML file", remedy=remedy)]) from None
        # a syntax error, or digits that Python refuses to convert
        raise error(_syntax_problems(file, text, str(failure))) from None
    if problem := _unbearable(document):
        raise error([problem])
    if kind is not None and (other := another_kind(document.data, kind)) is not None:
        said = f"holds {KINDS[other].called}, not {KINDS[kind].called}"
        raise error([Problem(file, said, remedy=KINDS[kind].remedy)])
    return document


def _values(text: str) -> int:
    """Return about how many keys, values and tables a text has, by the marks around them."""
    counted = sum(map(text.count, "=,["))
    if counted <= _MOST_VALUES:
        return counted
    return sum(map(_APART.sub('""', text).count, "=,["))


def _dotted_line(text: str) -> int | None:
    for number, line in _statements(text):
        if line.count(".") >= _DEEPEST and _DOTTED.search(
            _QUOTED.sub('""', line).partition("#")[0]
        ):
            return number
    return None


def _too_deep(file: str, line: int | None) -> Problem:
    wrong = f"has more than {_DEEPEST} tables or lists within one another"
    return Problem(file, wrong, line=line, remedy="write it flatter")


def _unbearable(document: Document) -> Problem | None:
    """Return a problem for what :func:`parse_text` refuses in values, found without recursion."""
    waiting: list[tuple[Location, object]] = [((), document.data)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            return document.problem(place, "is a number beyond 64 bits", "correct the value")
        if any(isinstance(text, str) and CONTROL.search(text) for text in (value, *place[-1:])):
            return document.problem(place, "contains a control character", "remove it")
        if isinstance(value, dict) and len(value) > _MOST_KEYS:
            remedy = f"keep at most {_MOST_KEYS:,}"
            return document.problem(place, f"has {len(value):,} keys", remedy)
        if isinstance(value, dict | list):
            if len(place) > _DEEPEST:
                return _too_deep(document.file, document.line(place))
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend(((*place, key), deeper) for key, deeper in inner)
    return None


def _syntax_problems(file: str, text: str, failure: str) -> list[Problem]:
    bare = [
        Problem(
            file,
            f"{code} without quotes is not the code of a fund",
            line=number,
            remedy=f'{_QUOTE_CODES}: "{code}"',
        )
        for number, line in _statements(text)
        for code in _BARE_CODE.findall(_QUOTED.sub('""', line).partition("#")[0])
    ]
    if bare:
        return bare
    at = _AT_LINE.search(failure)
    lines = text.splitlines()
    line = int(at[1]) if at and at[1] else max(1, len(lines))
    written = _QUOTED.sub("", lines[line - 1]).partition("#")[0] if line <= len(lines) else ""
    names = _FOREIGN_KEY.findall(written[:_LONGEST])  # it takes quadratic time
    if names and not {'"', "'"} & set(written):  # an open quote is another mistake
        wrong, quoted = f"the name {names[0]} has no quotes", f'write it in quotes: "{names[0]}"'
        return [Problem(file, wrong, line=line, remedy=quoted)]
    message = _AT_LINE.sub("", failure).strip()
    message = message[:1].lower() + message[1:]
    return [Problem(file, f"is not TOML: {message}", line=line, remedy="correct this line")]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that stand outside multi-line strings."""
    closing: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if closing is not None:
            closing = None if closing in line else closing
            continue
        yield number, line
        for mark in ('"""', "'''"):
            # An odd number of marks leaves a string open behind this line.
            if line.count(mark) % 2:
                closing = mark


def _key_lines(text: str) -> dict[Location, int]:
    lines: dict[Location, int] = {}
    table: Location = ()
    counts: dict[Location, int] = {}
    for number, whole in _statements(text):
        line = whole[:_LONGEST]
        if header := _HEADER.match(line):
            name = _inside_arrays(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                name = (*name, counts[name])
            table = name
            _note_above(lines, table, number)
            lines[table] = number
        elif pair := _PAIR.match(line):
            whole_key = (*table, *_parts(pair[1]))
            _note_above(lines, whole_key, number)
            lines.setdefault(whole_key, number)
    return lines


def _note_above(lines: dict[Location, int], key: Location, number: int) -> None:
    """Note the tables above a key that no header of their own has opened before.

    ``[profiles.growth]`` is where ``profiles`` begins in a file without ``[profiles]``.
    """
    for length in range(1, len(key)):
        lines.setdefault(key[:length], number)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _inside_arrays(parts: tuple[str, ...], counts: Mapping[Location, int]) -> Location:
    """Return a header's path with the index of the array element it stands in."""
    name: Location = ()
    for part in parts[:-1]:
        name = (*name, part)
        if name in counts:
            name = (*name, counts[name])
    return (*name, parts[-1])
