"""The files of forward records: one of each strategy, to which lines are only added."""

from __future__ import annotations

import os
from pathlib import Path

from jeoul.errors import DataError
from jeoul.files.text import read_text
from jeoul.research.forward.record import ForwardRecord, read_record

SUFFIX = ".jsonl"


def record_in(folder: Path, strategy: str) -> ForwardRecord | None:
    """Return the record of a strategy in a folder, None where there is none.

    Raises :class:`DataError` for one that was changed.
    """
    file = folder / f"{strategy}{SUFFIX}"
    return read_record(read_text(file, DataError), str(file)) if file.exists() else None


def append_line(folder: Path, strategy: str, line: str) -> tuple[ForwardRecord, Path]:
    """Add a line at the end of a strategy's record; return the record with it, and its file.

    What the file had is read and proved again with the new line before anything is written, and
    the bytes before it stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{strategy}{SUFFIX}"
    before = read_text(file, DataError) if file.exists() else ""
    record = read_record(f"{before}{line}\n", str(file))
    with file.open("ab") as target:
        target.write(f"{line}\n".encode())
        target.flush()
        os.fsync(target.fileno())
    return record, file
