"""Where long work runs: this process, processes of this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

from jeoul.errors import UsageError
from jeoul.executing import Here

_FORMS = "here, processes, processes:N or tcp://HOST:PORT"
_SCHEMES = ("tcp://", "tls://")


def is_elsewhere(text: str) -> bool:
    """Return whether an executor's workers may be on other machines.

    >>> is_elsewhere("tcp://10.0.0.1:8786"), is_elsewhere("processes:2")
    (True, False)
    """
    return text.startswith(_SCHEMES)


def executor_of(text: str) -> Callable[[], Executor]:
    """Return how to make the executor that an option names.

    Raises :class:`UsageError` for another name, and for a cluster without the extra that it needs.

    >>> type(executor_of("here")()).__name__
    'Here'
    """
    if text == "here":
        return Here
    kind, _, count = text.partition(":")
    if kind == "processes" and (not count or (count.isdecimal() and int(count) > 0)):
        return lambda: _processes(int(count) if count else None)
    if is_elsewhere(text):
        return lambda: _cluster(text)
    raise UsageError(f"{text!r} is not an executor; use {_FORMS}")


def _processes(workers: int | None) -> Executor:
    # Not forked: a child of a process with threads may stand still for ever.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _cluster(address: str) -> Executor:
    try:
        from distributed import Client
    except ImportError as missing:
        raise UsageError(
            f"{address} needs Dask; run pip install -e '.[cluster]' in the checkout, here and on "
            "every node"
        ) from missing
    try:
        client = Client(address, timeout="10s")
    except OSError as fault:
        raise UsageError(f"no scheduler answers at {address} ({fault}); start it first") from fault
    return _Cluster(client)


class _Cluster(Executor):
    """A Dask client as an executor that closes its connection when it is done."""

    def __init__(self, client: Any) -> None:
        self._client = client
        # pure=False, because Dask otherwise takes two tasks with equal arguments for one.
        self._inner: Executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a task to the cluster."""
        return self._inner.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what is on its way, or drop it, and leave the cluster to others."""
        self._inner.shutdown(wait=wait and not cancel_futures)
        self._client.close()
