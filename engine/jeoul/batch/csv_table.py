"""A CSV file of any size, read a block at a time by compiled code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.batch.cells import KIND, PROFILE, Bytes, Cells, text_of
from jeoul.batch.compiled import cell_functions
from jeoul.batch.layout import Cutter, Layout, Part
from jeoul.errors import HoldingsError, Problem
from jeoul.rebalance.problem import Counts

BLOCK = 1_000_000  # bytes read at once
SIZE = 6_000_000  # bytes of a part: some 10,000 accounts of 15 funds
_LONGEST = 65_536  # bytes of a header


class CsvTable:
    """A CSV file with a header that names ``columns``, of which the first ``needed`` must be there.

    Cells are separated by commas, semicolons or tabs, whichever the header has, and may be quoted.
    Raises :class:`~jeoul.errors.HoldingsError` for a file that cannot be such a table.
    """

    def __init__(self, path: Path, columns: Sequence[str], needed: int) -> None:
        self.path, self._columns = path, tuple(columns)
        with opened(path) as file:
            head = file.read(_LONGEST)
        line = head.split(b"\n", 1)[0]
        text = _text(path, line.removeprefix(b"\xef\xbb\xbf"))
        self._separator = max(",;\t", key=text.count)
        names = [name.strip().strip('"').lower() for name in text.split(self._separator)]
        check_names(path, names, columns[:needed])
        self._first = min(len(line) + 1, path.stat().st_size)
        found = [columns.index(name) if name in columns else -1 for name in names]
        self._place = np.array(found, dtype=np.int64)
        self.width = len(names)

    def layout(self) -> Layout:
        """Return how the file is cut; it is read once."""
        runs = cell_functions().runs_of
        digest, cutter = sha256(), Cutter(SIZE, self._first, 2)
        where, number, last, begun = self._first, 2, np.uint64(0), False
        for block in self._blocks(digest):
            data = np.frombuffer(block, dtype=np.uint8)
            at = np.zeros((len(block) // 2 + 2, 2), dtype=np.int64)  # a row has two bytes or more
            hashes = np.zeros((len(at), 3), dtype=np.uint64)
            n, after, lines = runs(data, ord(self._separator), self._place, last, at, hashes)
            skip = 1 if begun and n and hashes[0, 0] == last else 0
            at, hashes = at[skip:n], hashes[skip:n]
            cutter.begin(at[:, 0] + where, at[:, 1] + number, hashes[:, 0])
            cutter.see(hashes[:, 1], hashes[:, 2], self._pair_in(block, at[:, 0]))
            where, number, begun = where + len(block), number + lines, begun or n > 0
            last = after
        return cutter.end(where, digest.hexdigest())

    def _pair_in(self, block: bytes, at: Counts) -> Callable[[int], tuple[str, str]]:
        def read(place: int) -> tuple[str, str]:
            line = block[at[place] :].split(b"\n", 1)[0] + b"\n"
            cells = self._split(np.frombuffer(line, dtype=np.uint8), 1)
            return text_of(cells, 0, KIND), text_of(cells, 0, PROFILE)

        return read

    def read(self, part: Part) -> Cells:
        """Return the cells of a part."""
        with opened(self.path) as file:
            file.seek(part.start)
            data = np.frombuffer(file.read(part.stop - part.start), dtype=np.uint8)
        return self._split(data, part.line)

    def _split(self, data: Bytes, line: int) -> Cells:
        functions = cell_functions()
        most = functions.count_lines(data)
        start, end = (np.zeros((most, len(self._columns)), dtype=np.int32) for _ in range(2))
        rows = np.zeros((most, 2), dtype=np.int64)
        separator = ord(self._separator)
        n = functions.split_rows(data, separator, self._place, line, start, end, rows)
        return Cells(data, start[:n], end[:n], rows[:n, 0].copy(), rows[:n, 1].copy())

    def _blocks(self, digest: Any) -> Iterator[bytes]:
        """Yield the file behind its header in blocks of whole lines."""
        with opened(self.path) as file:
            digest.update(file.read(self._first))
            rest = b""
            while block := file.read(BLOCK):
                digest.update(block)
                end = block.rfind(b"\n") + 1
                if end:
                    yield rest + block[:end]
                    rest = block[end:]
                else:
                    rest += block
            if rest:
                yield rest


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


def check_names(path: Path, names: Sequence[str], needed: Sequence[str]) -> None:
    """Raise every column that a table lacks or names twice."""
    problems = [
        Problem(str(path), f"has no column {name!r}", line=1, remedy=f"needed: {', '.join(needed)}")
        for name in needed
        if name not in names
    ]
    problems += [
        Problem(str(path), f"names the column {name!r} twice", line=1, remedy="rename one")
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    if problems:
        raise HoldingsError(problems)


def _text(path: Path, line: bytes) -> str:
    try:
        return line.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        problem = Problem(str(path), "is not UTF-8 text", line=1, remedy="save it as UTF-8")
        raise HoldingsError([problem]) from None
