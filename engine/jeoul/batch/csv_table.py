"""A CSV file of any size, read a block at a time by compiled code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.batch.cells import KIND, PROFILE, Bytes, Cells, Columns, text_of
from jeoul.batch.compiled import cell_functions
from jeoul.batch.layout import Cutter, FilePart, Layout
from jeoul.errors import HoldingsError, Problem
from jeoul.files.cells import separator_of
from jeoul.files.faults import did_you_mean, shown
from jeoul.rebalance.problem import Counts

BLOCK = 1_000_000  # bytes read at once
SIZE = 6_000_000  # bytes of a part: some 10,000 accounts of 15 funds
_LONGEST = 65_536  # bytes of a header


class CsvTable:
    """A CSV file with a header that names ``columns`` and no unknown ones.

    Cells are separated by commas, semicolons, tabs or bars, whichever the header has, and may be
    quoted.
    Raises :class:`~jeoul.errors.HoldingsError` for a file that cannot be such a table.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path, self._columns = path, columns.read
        with opened(path) as file:
            head = file.read(_LONGEST)
        line = head.split(b"\n", 1)[0]
        text = _text(path, line.removeprefix(b"\xef\xbb\xbf"))
        self._separator = separator_of(text)
        names = [name.strip().strip('"').lower() for name in text.split(self._separator)]
        check_names(path, names if text.strip() else [], columns)
        self._first = min(len(line) + 1, path.stat().st_size)
        found = [columns.read.index(name) if name in columns.read else -1 for name in names]
        self._place = np.array(found, dtype=np.int64)
        self.width = len(names)

    def layout(self) -> Layout:
        """Return how the file is cut; it is read once."""
        digest, cutter = sha256(), Cutter(SIZE, self._first, 2)
        where, number, last, begun = self._first, 2, np.uint64(0), False
        with opened(self.path) as file:
            digest.update(file.read(self._first))
            rest, whole = b"", False
            while not whole:
                block = file.read(BLOCK)
                digest.update(block)
                whole = not block
                data, rest = _whole_lines(rest + block, whole)
                at, hashes, after, lines, read = self._runs(data, last, whole)
                # The first run of a block can go on with the last account of the one before.
                skip = 1 if begun and len(at) and hashes[0, 0] == last else 0
                cutter.begin(at[skip:, 0] + where, at[skip:, 1] + number, hashes[skip:, 0])
                pairs = hashes[skip:, 1], hashes[skip:, 2]
                cutter.see(*pairs, self._pair_in(data[:read], at[skip:, 0]))
                # A quoted cell that is still open waits for the bytes that close it.
                rest = data[read:] + rest
                where, number, begun = where + read, number + lines, begun or len(at) > 0
                last = after
        return cutter.end(where, digest.hexdigest())

    def _runs(self, data: bytes, last: np.uint64, whole: bool) -> tuple[Any, ...]:
        """Return where accounts begin in some bytes, their hashes, and how far that was read."""
        at = np.zeros((len(data) // 2 + 2, 2), dtype=np.int64)  # a row has two bytes or more
        hashes = np.zeros((len(at), 3), dtype=np.uint64)
        n, after, lines, read = cell_functions().runs_of(
            np.frombuffer(data, dtype=np.uint8), ord(self._separator), self._place, last, whole,
            at, hashes,
        )  # fmt: skip
        return at[:n], hashes[:n], np.uint64(after), lines, read

    def _pair_in(self, block: bytes, at: Counts) -> Callable[[int], tuple[str, str]]:
        ends = [*at[1:].tolist(), len(block)]

        def read(place: int) -> tuple[str, str]:
            cells = self._split(bytearray(block[at[place] : ends[place]]), 1)
            return text_of(cells, 0, KIND), text_of(cells, 0, PROFILE)

        return read

    def read(self, part: FilePart) -> Cells:
        """Return the cells of a part."""
        content = bytearray(part.stop - part.start)
        with opened(self.path) as file:
            file.seek(part.start)
            file.readinto(content)
        return self._split(content, part.line)

    def _split(self, content: bytearray, line: int) -> Cells:
        functions = cell_functions()
        data: Bytes = np.frombuffer(content, dtype=np.uint8)
        most = functions.count_lines(data)
        start, end = (np.zeros((most, len(self._columns)), dtype=np.int32) for _ in range(2))
        rows = np.zeros((most, 2), dtype=np.int64)
        separator = ord(self._separator)
        n = functions.split_rows(data, separator, self._place, line, start, end, rows)
        data.flags.writeable = False  # as other tables' are: one compiled function for all
        return Cells(
            data=data,
            start=start[:n],
            end=end[:n],
            line=rows[:n, 0].copy(),
            width=rows[:n, 1].copy(),
        )


def _whole_lines(content: bytes, whole: bool) -> tuple[bytes, bytes]:
    """Return the whole lines of some bytes, all where no more follow, and the rest."""
    end = len(content) if whole else content.rfind(b"\n") + 1
    return content[:end], content[end:]


def opened(path: Path) -> Any:
    """Return a regular file that is open for reading, or raise what is wrong with it."""
    try:
        if path.is_dir() or (path.exists() and not path.is_file()):
            wrong = "is a folder" if path.is_dir() else "is not a regular file"
            raise HoldingsError([Problem(str(path), wrong, remedy="give a file")])
        return path.open("rb")
    except FileNotFoundError:
        problem = Problem(str(path), "there is no such file", remedy="check the name")
        raise HoldingsError([problem]) from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        wrong = f"cannot be read: {reason}"
        raise HoldingsError(
            [Problem(str(path), wrong, remedy="give a file you may read")]
        ) from None


def check_names(path: Path, names: Sequence[str], columns: Columns) -> None:
    """Raise every column that a table lacks, names twice, or has beside those it may have.

    An unknown column may be a slip of a known one, which would then be left out in silence.
    """
    needed = ", ".join(columns.read[: columns.needed])
    problems = [
        Problem(str(path), f"has no column {name!r}", line=1, remedy=f"needed: {needed}")
        for name in columns.read[: columns.needed]
        if name not in names
    ]
    problems += [
        Problem(str(path), f"names the column {name!r} twice", line=1, remedy="rename one")
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    free = [name for name in columns.known if name not in names]
    problems += [
        Problem(
            str(path),
            f"has an unknown column {shown(name)}" if name else f"column {at} has no name",
            line=1,
            remedy=did_you_mean(name, free) if name else "name it or remove it",
        )
        for at, name in enumerate(names, 1)
        if name not in columns.known
    ]
    if problems:
        raise HoldingsError(problems)


def _text(path: Path, line: bytes) -> str:
    try:
        return line.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        problem = Problem(str(path), "is not UTF-8 text", line=1, remedy="save it as UTF-8")
        raise HoldingsError([problem]) from None
