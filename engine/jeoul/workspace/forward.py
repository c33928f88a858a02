"""The forward records that come with jeoul, and where others lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul import assets

if TYPE_CHECKING:
    from datetime import date

    from jeoul.research.forward import ForwardRecord
    from jeoul.strategy.schema import Strategy

SUFFIX = ".jsonl"


def records_folder(given: Path | None) -> Path:
    """Return the folder of forward records: the one given, or the one that comes with jeoul."""
    return assets.data("forward") if given is None else given


def record_in(folder: Path, strategy: str) -> ForwardRecord | None:
    """Return the record of a strategy in a folder, None where there is none.

    Raises :class:`~jeoul.errors.DataError` for one that was changed.
    """
    from jeoul.errors import DataError
    from jeoul.files.text import read_text
    from jeoul.research.forward import read_record

    file = folder / f"{strategy}{SUFFIX}"
    return read_record(read_text(file, DataError), str(file)) if file.exists() else None


def chosen_on(strategy: Strategy) -> date | None:
    """Return the day from which on a shipped strategy has had its rules, None where none is known.

    A strategy of one's own by the same name has other rules, and no day.
    """
    from jeoul import api
    from jeoul.research.forward import rules_of

    record = record_in(records_folder(None), strategy.name)
    if record is None:
        return None
    mandates = {profile: api.mandate(strategy, profile) for profile in strategy.profiles}
    return record.rules.on if rules_of(mandates) == dict(record.rules.digests) else None


def append_line(folder: Path, strategy: str, line: str) -> tuple[ForwardRecord, Path]:
    """Add a line at the end of a strategy's record; return the record with it, and its file.

    What the file had is read and proved again with the new line before anything is written, and
    the bytes before it stay as they are.
    """
    from jeoul.errors import DataError
    from jeoul.files.text import read_text
    from jeoul.research.forward import read_record

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{strategy}{SUFFIX}"
    before = read_text(file, DataError) if file.exists() else ""
    record = read_record(f"{before}{line}\n", str(file))
    with file.open("ab") as target:
        target.write(f"{line}\n".encode())
        target.flush()
        os.fsync(target.fileno())
    return record, file
