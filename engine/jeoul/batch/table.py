"""Which reader a file has, by the ending of its name."""

from __future__ import annotations

from pathlib import Path

from jeoul.batch.arrow_table import ArrowTable
from jeoul.batch.cells import Columns
from jeoul.batch.csv_table import CsvTable
from jeoul.errors import UsageError

ENDINGS = (".csv", ".parquet", ".arrow")


def ending(path: Path) -> str:
    """Return the ending that says a file's format.

    Raises :class:`~jeoul.errors.UsageError` for another one.

    >>> ending(Path("orders.Parquet"))
    '.parquet'
    """
    found = path.suffix.lower()
    found = ".arrow" if found == ".feather" else found
    if found not in ENDINGS:
        raise UsageError(f"{path}: the ending does not name a format; use {', '.join(ENDINGS)}")
    return found


def open_table(path: Path, columns: Columns) -> CsvTable | ArrowTable:
    """Return a file as a table with ``columns``; its header is read.

    Raises :class:`~jeoul.errors.HoldingsError` for a file that is not such a table.
    """
    return (CsvTable if ending(path) == ".csv" else ArrowTable)(path, columns)
