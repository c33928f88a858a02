"""One CSV file of numbers by date or month: read fast, and when that fails read with every fault.

A file that cannot be used as it stands is refused with all its faults (up to twenty are written
out): nothing is dropped, sorted or repaired on the way. An empty cell means not observed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError, Problem
from jeoul.files.faults import shown
from jeoul.files.text import decoded, read_content
from jeoul.model.calendar import Days, Reals

SHOWN = 20  # problems written out per file; the rest is counted
ENOUGH = 1_000  # counted problems after which a file is read no further
MANY = f"{ENOUGH:,} more problems, and the file was read no further"
MOST = 64_000_000  # bytes: thirty years of a thousand funds

_LABEL = {"date": ("2024-06-28", 10), "month": ("2024-06", 7)}
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True, slots=True, eq=False)
class NumberSheet:
    """A table of numbers: one row per date, ascending, one column per name, NaN where empty.

    Months are labelled with their last day. Row ``i`` stands in line ``i + 2`` of the file.
    """

    path: str
    days: Days
    columns: tuple[str, ...]
    values: Reals

    @staticmethod
    def line(row: int) -> int:
        """Return the line of the file in which a row stands."""
        return row + 2


class SheetFaults:
    """The problems of one file, in the order found; the twenty-first and later are counted."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.hidden = 0

    def add(
        self, message: str, remedy: str, line: int | None = None, key: str | None = None
    ) -> None:
        """Note one problem."""
        if len(self.problems) >= SHOWN:
            self.hidden += 1
            return
        self.problems.append(Problem(self.path, message, line=line, key=key, remedy=remedy))

    def refuse(self) -> None:
        """Raise :class:`DataError` with what was noted, if anything was."""
        if self.hidden:
            remedy = "correct these first"
            more = f"{self.hidden} more problems" if self.hidden < ENOUGH else MANY
            self.problems.append(Problem(self.path, more, remedy=remedy))
        if self.problems:
            raise DataError(self.problems)


def read_text(folder: Path, path: str) -> str:
    """Return the text of a file of a market folder, its lines ended as on Unix.

    Raises :class:`DataError` if it is empty or not UTF-8, or as :func:`read_bytes_of` does.
    """
    text = decoded(read_bytes_of(folder, path), path, DataError)
    if not text.strip():
        remedy = "fetch or write it again"
        raise DataError([Problem(path, "the file is empty", line=1, remedy=remedy)])
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def read_bytes_of(folder: Path, path: str) -> bytes:
    """Return the bytes of a file of a market folder.

    Raises :class:`DataError` if it is missing, not a regular file, too large, or if a link leads
    out of the folder: a folder that somebody else made shows nothing but itself.
    """
    place = folder / path
    if not place.exists() and not place.is_symlink():
        remedy = "put it there, or take its [[file]] out of manifest.toml"
        raise DataError([Problem(path, "cannot be read: No such file", remedy=remedy)])
    try:
        inside = place.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        inside = True  # a loop of links; reading it says so
    if not inside:
        remedy = "copy the file into the folder"
        raise DataError([Problem(path, "is a link that leaves the folder", remedy=remedy)])
    return read_content(place, DataError, name=path, most=MOST)


def rows_of(text: str, first: int, faults: SheetFaults) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a CSV text with the line it begins in; ``first`` is that of the text.

    Reading ends where ``faults`` has enough of them.
    """
    reader = csv.reader(io.StringIO(text))
    line = first
    try:
        for cells in reader:
            if faults.hidden >= ENOUGH:
                return
            yield line, cells
            line = first + reader.line_num
    except csv.Error as error:
        faults.add(f"is not a CSV file: {error}", "correct the quotes in it", line)


def read_sheet(folder: Path, path: str, index: str) -> NumberSheet:
    """Return a file's table of numbers.

    ``index`` is the name of the first column and its kind, ``date`` or ``month``.

    Raises :class:`DataError` with every fault of the file: missing or empty, text that is not
    UTF-8, a header that names a column twice or not at all, a row longer or shorter than the
    header, a label that is no date, dates twice or out of order, a cell that is no finite number.
    """
    text = read_text(folder, path)
    faults = SheetFaults(path)
    head, _, body = text.partition("\n")
    header = [name.strip() for _, cells in rows_of(head, 1, faults) for name in cells] or [""]
    _check_header(header, index, faults)
    if not body:
        faults.add("has a header but no rows", "fetch or write it again", line=2)
    faults.refuse()
    return _fast(path, header, body, index) or _slow(path, header, body, index, faults)


def _check_header(header: Sequence[str], index: str, faults: SheetFaults) -> None:
    if header[0] != index:
        remedy = f"name the first column {index}"
        faults.add(f"the first column is {shown(header[0])}", remedy, 1, index)
    if len(header) < 2:
        faults.add("there is no column beside it", "add a column of numbers", 1, header[0])
    for place, name in enumerate(header):
        if not name:
            faults.add(f"column {place + 1} has no name", "name it or remove the column", 1)
        elif name in header[:place]:
            faults.add("the column appears twice", "remove one of them", 1, name)


def _fast(path: str, header: Sequence[str], body: str, index: str) -> NumberSheet | None:
    """Return the sheet if nothing at all is wrong with it."""
    import pandas as pd  # here: what only needs a calendar or a manifest does without

    rows = body.count("\n") + 1
    if body.count(",") != (len(header) - 1) * rows:  # a short row would be padded in silence
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(body),
            names=list(header),
            header=None,
            index_col=False,
            dtype={name: (str if name == index else np.float64) for name in header},
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
        )
        labels = frame[index].to_numpy(dtype=str)
    except ValueError:
        return None
    days = _days(labels, index)
    values = np.ascontiguousarray(frame[list(header[1:])].to_numpy(dtype=np.float64))
    if days is None or len(days) != rows or np.isinf(values).any():
        return None
    if (np.diff(days) <= np.timedelta64(0, "D")).any():
        return None
    return NumberSheet(path, days, tuple(header[1:]), values)


def _days(labels: NDArray[np.str_], index: str) -> Days | None:
    if (np.char.str_len(labels) != _LABEL[index][1]).any():
        return None
    try:
        found = labels.astype("datetime64[D]")
    except ValueError:
        return None
    if index == "month":
        month = found.astype("datetime64[M]")
        found = (month + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    return found


def _slow(
    path: str, header: Sequence[str], body: str, index: str, faults: SheetFaults
) -> NumberSheet:
    """Return the sheet read cell by cell, or raise with every fault of it."""
    days: list[np.datetime64] = []
    rows: list[list[float]] = []
    for line, cells in rows_of(body, 2, faults):
        if not cells:
            faults.add("the line is blank", "remove it", line)
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            faults.add(reason, "complete the row or remove it", line)
            continue
        day = _days(np.array([cells[0]]), index)
        if day is None:
            remedy = f"write it as {_LABEL[index][0]}"
            faults.add(f"{shown(cells[0])} is not a {index}", remedy, line, index)
        else:
            _check_order(days, day[0], cells[0], line, index, faults)
            days.append(day[0])
        rows.append(
            [_number(c, n, line, faults) for c, n in zip(cells[1:], header[1:], strict=True)]
        )
    faults.refuse()
    return NumberSheet(path, np.array(days), tuple(header[1:]), np.array(rows))


def _check_order(
    days: Sequence[np.datetime64],
    day: np.datetime64,
    label: str,
    line: int,
    index: str,
    faults: SheetFaults,
) -> None:
    if days and day == days[-1]:
        faults.add(f"{label} appears twice", "remove one of the two rows", line, index)
    elif days and day < days[-1]:
        faults.add(f"{label} comes after {days[-1]}", "sort the rows by date", line, index)


def _number(cell: str, column: str, line: int, faults: SheetFaults) -> float:
    if not cell.strip():
        return np.nan
    if _NUMBER.fullmatch(cell):
        found = float(cell)
        if np.isfinite(found):
            return found
    faults.add(
        f"{shown(cell)} is not a number", "write the number, or leave the cell empty", line, column
    )
    return np.nan
