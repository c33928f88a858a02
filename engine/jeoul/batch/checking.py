"""The files of a batch, checked before any work: what it reads, and what it will write."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from tempfile import NamedTemporaryFile

from jeoul.batch.arrow_table import arrow
from jeoul.batch.cells import ACCOUNTS
from jeoul.batch.job import BatchFiles
from jeoul.batch.table import ending, open_table
from jeoul.batch.terms import TERMS
from jeoul.errors import UsageError


def check_files(files: BatchFiles) -> None:
    """Refuse files that a batch could not read or write in the end.

    Raises :class:`~jeoul.errors.UsageError` for an ending that names no format, a file that is
    given twice, a folder, and a place that is not there; what the system says of a place that
    cannot be written; and :class:`~jeoul.errors.HoldingsError` for tables with other columns.
    """
    for out in (files.out, files.refused):
        if ending(out) != ".csv":
            arrow()
        if out.is_dir():
            raise UsageError(f"{out} is a folder; name a file")
        if not out.resolve().parent.is_dir():
            raise UsageError(f"{out.parent} is not a folder; make it first")
    _refuse_same(files)
    for out in (files.out, files.refused):
        _try_to_write(out)
    open_table(files.accounts, ACCOUNTS)
    if files.terms is not None:
        open_table(files.terms, TERMS)


def _refuse_same(files: BatchFiles) -> None:
    outs = [files.out, files.refused]
    read = [files.accounts, *([] if files.terms is None else [files.terms])]
    for one, other in combinations([*outs, *read], 2):
        if one.resolve() == other.resolve() or _is_one_file(one, other):
            raise UsageError("two of the files are the same; give each a name of its own")


def _is_one_file(one: Path, other: Path) -> bool:
    """Return whether two names are of one file, for example because one is a link to the other."""
    return one.exists() and other.exists() and one.samefile(other)


def _try_to_write(out: Path) -> None:
    """Let the system refuse a file, or one beside it that would take its place."""
    if out.exists():
        with out.open("ab"):
            pass
    try:
        with NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}."):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(out)) from None
