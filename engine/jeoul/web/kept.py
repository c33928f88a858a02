"""Answers that take seconds: made once in the background, and shown at once afterwards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """What was made for each name, for the newest state of what it rests on.

    One thread makes them, in the order in which they were first asked for. A page that asks again
    while it waits does not start over. What is asked for is begun by :meth:`begin`, when the page
    that asked is on its way: the work would slow the page down, and would not be done in time.
    """

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jeoul")
        self._made: dict[str, tuple[str, Future[Any]]] = {}
        self._asked: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._lock = Lock()

    def ask(self, name: str, state: str, make: Callable[[], T], *, wait: float = 0.0) -> Future[T]:
        """Return the answer of a name in a state; ``done()`` says whether it is there.

        ``wait`` is how many seconds a page waits for an answer that was asked for before it.
        """
        with self._lock:
            known = self._made.get(name)
            if known is None or known[0] != state:
                if known is not None:
                    known[1].cancel()
                future: Future[T] = Future()
                self._made[name] = (state, future)
                self._asked.append((future, make))
                return future
        future = known[1]
        if wait and not future.done():
            with suppress(TimeoutError):
                future.exception(timeout=wait)
        return future

    def begin(self) -> None:
        """Begin to make what was asked for."""
        with self._lock:
            for future, make in self._asked:
                self._worker.submit(_make, future, make)
            self._asked.clear()

    def close(self) -> None:
        """Give up what has not begun."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _make(future: Future[T], make: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        made = make()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(made)
