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
    while it waits does not start over.
    """

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jeoul")
        self._made: dict[str, tuple[str, Future[Any]]] = {}
        self._lock = Lock()

    def ask(self, name: str, state: str, make: Callable[[], T], *, wait: float = 0.0) -> Future[T]:
        """Return the answer of a name in a state; ``done()`` says whether it is there.

        ``wait`` is how many seconds it may take before the page is shown without it.
        """
        with self._lock:
            known = self._made.get(name)
            if known is None or known[0] != state:
                if known is not None:
                    known[1].cancel()
                known = (state, self._worker.submit(make))
                self._made[name] = known
        future: Future[T] = known[1]
        if wait and not future.done():
            with suppress(TimeoutError):
                future.exception(timeout=wait)
        return future

    def close(self) -> None:
        """Give up what has not begun."""
        self._worker.shutdown(wait=False, cancel_futures=True)
