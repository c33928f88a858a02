"""A sweep on any executor: chunks out, results into one file, nothing lost when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from jeoul.errors import JeoulError
from jeoul.executing import ATTEMPTS, Crew, WorkersDied, carry_out
from jeoul.research.grid import Grid, label, variants
from jeoul.research.ledger import TrialLedger
from jeoul.research.measure import MeasuredVariant
from jeoul.research.store import Results

Work = Callable[["Chunk"], list[MeasuredVariant]]


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


def left(grid: Grid, results: Results) -> list[dict[str, Any]]:
    """Return the variants that a results file does not hold yet."""
    done = results.done()
    return [values for values in variants(grid) if label(values) not in done]


def chunks(about: Chunk, pending: Sequence[Mapping[str, Any]], size: int) -> list[Chunk]:
    """Return the pending variants in chunks of up to ``size``."""
    return [
        Chunk(
            strategy=about.strategy,
            profile=about.profile,
            account=about.account,
            folder=about.folder,
            as_of=about.as_of,
            start=about.start,
            end=about.end,
            digest=about.digest,
            variants=tuple(pending[first : first + size]),
        )
        for first in range(0, len(pending), size)
    ]


def sweep(
    todo: Sequence[Chunk],
    work: Work,
    executor: Callable[[], Executor],
    results: Results,
    ledger: TrialLedger,
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

    def keep(chunk: Chunk, found: Sequence[MeasuredVariant]) -> None:
        _keep(found, results, ledger)
        step(chunk)

    try:
        carry_out(todo, work, Crew(executor), keep)
    except WorkersDied as died:
        raise SweepStopped(
            f"workers died {ATTEMPTS} times over the same {died.tasks} chunks; give them "
            f"more memory or use smaller chunks, then run again: {results.path} goes on "
            "where it stopped"
        ) from died


def _keep(found: Sequence[MeasuredVariant], results: Results, ledger: TrialLedger) -> None:
    # Counted before it is stored: a trial may be counted without a result, never the reverse.
    ledger.record([one.trial for one in found if one.trial is not None])
    results.add(found)
