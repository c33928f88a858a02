"""A sweep on any executor: chunks out, results into one file, nothing lost when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass
from typing import Any

from jeoul.errors import JeoulError
from jeoul.research.grid import Grid, label, variants
from jeoul.research.ledger import Ledger
from jeoul.research.measure import Measured
from jeoul.research.store import Results

Work = Callable[["Chunk"], list[Measured]]
_FLYING = 256  # chunks handed to the executor at once
_ATTEMPTS = 3  # at one chunk, before the sweep gives up; what is done stays done


class SweepStopped(JeoulError):
    """Workers kept dying; the results file holds what was done."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some variants of a sweep, and where a worker finds the rest; picklable and small.

    ``strategy`` is the parsed strategy as JSON, ``digest`` that of the data: a worker that sees
    other data refuses.
    """

    strategy: str
    profile: str
    account: str
    folder: str | None
    as_of: str
    start: str | None
    end: str | None
    digest: str
    variants: tuple[Mapping[str, Any], ...]


class Here(Executor):
    """The calling process as an executor: a task runs when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a task now and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as fault:
            future.set_exception(fault)
        return future


def left(grid: Grid, results: Results) -> list[dict[str, Any]]:
    """Return the variants that a results file does not hold yet."""
    done = results.done()
    return [values for values in variants(grid) if label(values) not in done]


def chunks(about: Chunk, pending: Sequence[Mapping[str, Any]], size: int) -> list[Chunk]:
    """Return the pending variants in chunks of up to ``size``."""
    return [
        Chunk(
            about.strategy,
            about.profile,
            about.account,
            about.folder,
            about.as_of,
            about.start,
            about.end,
            about.digest,
            tuple(pending[first : first + size]),
        )
        for first in range(0, len(pending), size)
    ]


def sweep(
    todo: Sequence[Chunk],
    work: Work,
    executor: Callable[[], Executor],
    results: Results,
    ledger: Ledger,
    *,
    step: Callable[[Chunk], None] = lambda _: None,
) -> None:
    """Run chunks on an executor, store what comes back and count every variant as a trial.

    ``work`` must be importable by name where the executor runs it. ``executor`` makes a new one:
    if a worker dies and takes the pool with it, the chunks without an answer run again on a fresh
    pool. If a chunk fails, no other is begun, those on their way are still stored, and its fault
    is raised. ``step`` hears each chunk that is settled. Raises
    :class:`SweepStopped` if a chunk keeps killing its workers.
    """
    pending = list(enumerate(todo))
    failures = dict.fromkeys(range(len(todo)), 0)
    while pending:
        again, failed = [], []
        with executor() as pool:
            for number, chunk, future in _answers(pool, work, pending):
                fault = _fault(future)
                if fault is None:
                    _keep(future.result(), results, ledger)
                    step(chunk)
                elif _died(fault):
                    again.append((number, chunk))
                else:
                    failed.append(fault)
        if failed:
            raise failed[0]
        # A dead worker takes innocent chunks with it: alone, the guilty one shows itself.
        if again and len(again) == len(pending):
            for number, _ in again:
                failures[number] += 1
            if max(failures[number] for number, _ in again) >= _ATTEMPTS:
                raise SweepStopped(
                    f"workers died {_ATTEMPTS} times over the same {len(again)} chunks; give them "
                    f"more memory or use smaller chunks, then run again: {results.path} goes on "
                    "where it stopped"
                )
        pending = again


def _answers(
    pool: Executor, work: Work, pending: Sequence[tuple[int, Chunk]]
) -> Iterator[tuple[int, Chunk, Future[list[Measured]]]]:
    """Yield every chunk with its finished future, as they finish; only so many are on their way.

    After a fault that is not a worker's death, only those on their way are waited for.
    """
    flying: dict[Future[list[Measured]], tuple[int, Chunk]] = {}
    waiting = list(reversed(pending))
    while waiting or flying:
        while waiting and len(flying) < _FLYING and not any(future.done() for future in flying):
            number, chunk = waiting.pop()
            flying[_submit(pool, work, chunk)] = (number, chunk)
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            fault = _fault(future)
            if fault is not None and not _died(fault):
                waiting.clear()
            yield *flying.pop(future), future


def _submit(pool: Executor, work: Work, chunk: Chunk) -> Future[list[Measured]]:
    try:
        return pool.submit(work, chunk)
    except BrokenExecutor as fault:  # the pool died while it was being filled
        future: Future[list[Measured]] = Future()
        future.set_exception(fault)
        return future


def _fault(future: Future[list[Measured]]) -> BaseException | None:
    """Return why a finished future has no answer; asking a cancelled one would raise."""
    return CancelledError() if future.cancelled() else future.exception()


def _died(fault: BaseException) -> bool:
    """Return whether a worker died, as against the task having failed."""
    lost = isinstance(fault, BrokenExecutor | CancelledError)
    return lost or type(fault).__name__ == "KilledWorker"  # Dask's own, if there is a Dask


def _keep(found: Sequence[Measured], results: Results, ledger: Ledger) -> None:
    # Counted before it is stored: a trial may be counted without a result, never the reverse.
    ledger.record([one.trial for one in found if one.trial is not None])
    results.add(found)
