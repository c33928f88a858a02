"""A batch from file to file: parts on any executor, kept as they come, put together at the end."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from jeoul.batch.job import BatchFiles, BatchJob, PartOrders, RefusedRow, Tally
from jeoul.batch.layout import Layout
from jeoul.batch.station import PartTask, run_part
from jeoul.batch.whole_file import begun, orders_schema, refused_rows, refused_schema
from jeoul.errors import AlreadyRunning
from jeoul.executing import Crew, Here, carry_out
from jeoul.market.cache.lock import locked

_LONGEST = 1_000  # bytes of a mark that is read
_FLYING = 16  # parts on their way: their answers are held until they are kept


HERE = Crew(Here)


class BatchSummary(NamedTuple):
    """What a batch came to: ``tally`` of all accounts, and rows in the file of refused ones."""

    tally: Tally
    refused: int
    rows: int


def run_batch(
    job: BatchJob,
    files: BatchFiles,
    layout: Layout,
    crew: Crew = HERE,
    *,
    step: Callable[[str], None] = lambda _: None,
) -> BatchSummary:
    """Write the orders of all accounts of a file, and what was refused, and return the summary.

    Parts that are done are kept in a folder beside the file of orders until all are: a batch that
    was stopped goes on there, and the files are the same byte for byte. They take the place of
    earlier ones at the end, whole.

    Raises :class:`~jeoul.executing.WorkersDied` if a part keeps killing its workers, and
    :class:`~jeoul.errors.AlreadyRunning` beside another batch into the same file.
    """
    parts = _Parts(files.out.parent / f".{files.out.name}.parts", job.key)
    with _alone(parts.folder, files.out):
        parts.begin()
        scattered = layout.scattered.tobytes()
        todo = [(n, part) for n, part in enumerate(layout.parts) if not parts.has(n)]
        for _ in range(len(layout.parts) - len(todo)):
            step("")
        tasks = [_Numbered(n, PartTask(job, part, scattered)) for n, part in todo]

        def keep(task: _Numbered, answer: PartOrders) -> None:
            parts.keep(task.number, answer)
            step(f"{task.number + 1}")

        carry_out(tasks[:1], _run, HERE, keep)  # compiles what the others then read
        carry_out(tasks[1:], _run, crew._replace(flying=min(crew.flying, _FLYING)), keep)
        return _put_together(job, files, parts, len(layout.parts))


class _Numbered(NamedTuple):
    number: int
    task: PartTask


def _run(numbered: _Numbered) -> PartOrders:
    return run_part(numbered.task)


class _Parts:
    """The folder of finished parts: a file each, there only when it is whole."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self._key = folder, key

    def begin(self) -> None:
        """Drop the parts of another batch."""
        mark = self.folder / "key"
        if self._mark() != self._key:
            for path in self.folder.glob("*.part"):
                path.unlink()
            _replace(mark, self._key.encode())

    def _mark(self) -> str:
        try:
            with (self.folder / "key").open("rb") as file:
                return file.read(_LONGEST).decode("ascii", "replace")
        except FileNotFoundError:
            return ""

    def has(self, number: int) -> bool:
        """Return whether a part is done."""
        return self._path(number).exists()

    def keep(self, number: int, answer: PartOrders) -> None:
        """Keep what was found for a part."""
        head = json.dumps([answer.refused, answer.tally], ensure_ascii=False).encode()
        _replace(self._path(number), head + b"\n" + answer.orders)

    def read(self, number: int) -> tuple[list[RefusedRow], Tally, bytes]:
        """Return what was found for a part."""
        with self._path(number).open("rb") as file:
            refused, tally = json.loads(file.readline())
            return [RefusedRow(*each) for each in refused], Tally(*tally), file.read()

    def drop(self) -> None:
        """Remove the folder; the mark goes first, so that half a folder is never taken for one."""
        (self.folder / "key").unlink()
        shutil.rmtree(self.folder)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}.part"


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a loss of power."""
    part = path.with_suffix(".new")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _put_together(job: BatchJob, files: BatchFiles, parts: _Parts, count: int) -> BatchSummary:
    """Write both files from the parts, in their order, and remove the parts."""
    tally, rows = Tally(), 0
    orders = begun(files.out, orders_schema(job.securities.places))
    refused = begun(files.refused, refused_schema())
    for number in range(count):
        wrong, own, content = parts.read(number)
        orders.add(content)
        refused.add(refused_rows(wrong, files.refused))
        tally, rows = tally.plus(own), rows + len(wrong)
    refused.end()
    orders.end()
    parts.drop()
    return BatchSummary(tally, tally.accounts - tally.planned, rows)


@contextmanager
def _alone(folder: Path, out: Path) -> Iterator[None]:
    try:
        with locked(folder):
            yield
    except AlreadyRunning:
        raise AlreadyRunning(
            f"another batch into {out} is running; wait for it, or give another --out"
        ) from None
