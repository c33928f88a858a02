"""Work on any executor: tasks out, answers in, nothing lost when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from typing import Any, NamedTuple, TypeVar

from jeoul.errors import JeoulError

T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS = 3
"""At one task, before the work is given up; what is done stays done."""


class WorkersDied(JeoulError):
    """Workers kept dying over the same tasks; ``tasks`` says how many there were."""

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks
        super().__init__(
            f"workers died {ATTEMPTS} times over the same {tasks} tasks; give them more memory or "
            "use fewer of them, then run the same command again"
        )


class Crew(NamedTuple):
    """How tasks are carried out: ``executor`` makes a new one, ``flying`` is how many are out."""

    executor: Callable[[], Executor]
    flying: int = 256


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


def carry_out(
    todo: Sequence[T], work: Callable[[T], R], crew: Crew, keep: Callable[[T, R], None]
) -> None:
    """Carry out tasks on an executor, and hand each answer to ``keep`` as it comes.

    ``work`` must be importable by name where the executor runs it. If a worker dies and takes the
    pool with it, the tasks without an answer run again on a fresh pool. If a task fails, no other
    is begun, the answers of those on their way are still kept, and its fault is raised. Raises
    :class:`WorkersDied` if a task keeps killing its workers.

    >>> found = []
    >>> carry_out([1, 2], str, Crew(Here), lambda task, answer: found.append((task, answer)))
    >>> found
    [(1, '1'), (2, '2')]
    """
    pending = list(enumerate(todo))
    failures = dict.fromkeys(range(len(todo)), 0)
    while pending:
        again, failed = [], []
        with crew.executor() as pool:
            for number, task, future in _answers(pool, work, pending, crew.flying):
                fault = _fault(future)
                if fault is None:
                    keep(task, future.result())
                elif _died(fault):
                    again.append((number, task))
                else:
                    failed.append(fault)
        if failed:
            raise failed[0]
        # A dead worker takes innocent tasks with it: alone, the guilty one shows itself.
        if again and len(again) == len(pending):
            for number, _ in again:
                failures[number] += 1
            if max(failures[number] for number, _ in again) >= ATTEMPTS:
                raise WorkersDied(len(again))
        pending = again


def _answers(
    pool: Executor, work: Callable[[T], R], pending: Sequence[tuple[int, T]], flying: int
) -> Iterator[tuple[int, T, Future[R]]]:
    """Yield every task with its finished future, as they finish; only so many are on their way.

    After a fault that is not a worker's death, only those on their way are waited for.
    """
    out: dict[Future[R], tuple[int, T]] = {}
    waiting = list(reversed(pending))
    while waiting or out:
        while waiting and len(out) < flying and not any(future.done() for future in out):
            number, task = waiting.pop()
            out[_submit(pool, work, task)] = (number, task)
        for future in wait(out, return_when=FIRST_COMPLETED).done:
            fault = _fault(future)
            if fault is not None and not _died(fault):
                waiting.clear()
            yield *out.pop(future), future


def _submit(pool: Executor, work: Callable[[T], R], task: T) -> Future[R]:
    try:
        return pool.submit(work, task)
    except BrokenExecutor as fault:  # the pool died while it was being filled
        future: Future[R] = Future()
        future.set_exception(fault)
        return future


def _fault(future: Future[Any]) -> BaseException | None:
    """Return why a finished future has no answer; asking a cancelled one would raise."""
    return CancelledError() if future.cancelled() else future.exception()


def _died(fault: BaseException) -> bool:
    """Return whether a worker died, as against the task having failed."""
    lost = isinstance(fault, BrokenExecutor | CancelledError)
    return lost or type(fault).__name__ == "KilledWorker"  # Dask's own, if there is a Dask
