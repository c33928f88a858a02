"""One piece of work that a person began on a page: it goes on while they look at others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Generic, TypeVar

from jeoul.errors import AlreadyRunning, JeoulError

T = TypeVar("T")
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is: the steps that are done, of how many, and the last of them."""

    done: int
    total: int
    name: str = ""


class Job(Generic[T]):
    """A kind of work that is done one at a time, with the outcome of the last.

    Its thread does not keep the server from ending: what is begun here can be stopped at any time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._progress = Progress(0, 0)
        self._future: Future[T] | None = None

    @property
    def running(self) -> bool:
        """Return whether work has begun that has not ended."""
        return self._future is not None and not self._future.done()

    @property
    def progress(self) -> Progress:
        """Return how far the newest work is."""
        return self._progress

    @property
    def result(self) -> T | None:
        """Return what the last work came to, None before its end and where it failed."""
        ended = self._future is not None and self._future.done() and self.error is None
        return self._future.result() if self._future is not None and ended else None

    @property
    def error(self) -> BaseException | None:
        """Return what ended the last work early."""
        ended = self._future is not None and self._future.done()
        return self._future.exception() if self._future is not None and ended else None

    def begin(self, work: Callable[[Step], T], total: int = 1) -> None:
        """Begin work, which calls its argument with a name after each of ``total`` steps.

        Raises :class:`AlreadyRunning` while the work before is going on.
        """
        with self._lock:
            if self.running:
                raise AlreadyRunning("this task is already running; wait until it has ended")
            self._progress = Progress(0, total)
            future: Future[T] = Future()
            self._future = future
        Thread(target=self._run, args=(work, future), daemon=True, name="jeoul job").start()

    def _run(self, work: Callable[[Step], T], future: Future[T]) -> None:
        try:
            found = work(self._step)
        except JeoulError as error:
            future.set_exception(error)
        except BaseException as error:
            future.set_exception(error)
            raise
        else:
            future.set_result(found)

    def _step(self, name: str) -> None:
        self._progress = Progress(self._progress.done + 1, self._progress.total, name)
