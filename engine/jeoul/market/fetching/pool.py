"""Many requests at once in processes of their own, each with a deadline that always holds.

A vendor's library may wait for ever: a thread cannot be stopped, a process can. The processes are
kept for the next request (a library takes seconds to load, and one session with the vendor is more
polite than many); one that misses a deadline is killed and replaced.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from typing import NamedTuple, Protocol

from jeoul.market.raw.answer import Fetched, SeriesRequest
from jeoul.market.sources.errors import (
    NetworkRefused,
    RateLimited,
    SourceError,
    Stalled,
    VendorBroken,
)
from jeoul.market.sources.port import Source

Connect = Callable[[], Source]
Answer = Fetched | SourceError

_STARTUP = 60.0


class Timer(Protocol):
    """The clock and the sleeper of a pool."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a vendor is asked: how many at once, how often, how long, how many times.

    ``interval`` seconds lie between two requests to one vendor; ``deadline`` bounds one request,
    from the moment a process takes it; ``backoff`` is the longest first pause after a failure that
    may pass, doubled each time up to ``longest`` and shortened at random to half of it;
    ``give_up`` requests in a row that found no connection end the rest unasked.
    """

    at_once: int = 2
    interval: float = 0.5
    deadline: float = 30.0
    attempts: int = 4
    backoff: float = 2.0
    longest: float = 60.0
    give_up: int = 3


class FetchJob(NamedTuple):
    """One request to one source."""

    source: str
    request: SeriesRequest


class JobOutcome(NamedTuple):
    """What became of a job, and after how many tries."""

    job: FetchJob
    answer: Answer
    attempts: int


Ask = Callable[[Sequence[FetchJob]], Iterator[JobOutcome]]


def pause(attempt: int, manners: Manners, chance: random.Random) -> float:
    """Return the seconds to wait after failure number ``attempt``, from 1.

    Uniform between half and all of ``backoff x 2 ** (attempt - 1)``, at most ``longest``: a common
    outage must not bring everybody back at the same moment.

    >>> round(pause(3, Manners(backoff=2.0), random.Random(1)), 2)
    4.54
    """
    most = min(manners.longest, manners.backoff * 2.0 ** (attempt - 1))
    return most * (0.5 + 0.5 * chance.random())


@dataclass(slots=True)
class _Waiting:
    job: FetchJob
    attempts: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    task: _Waiting | None = None
    until: float = 0.0


@dataclass(slots=True)
class _Vendor:
    """What the pool remembers about one source."""

    next_start: float = 0.0
    running: int = 0
    refusals: int = 0
    queue: deque[_Waiting] = field(default_factory=deque)


class RequestPool:
    """Processes that ask remote sources; use it in a ``with`` block."""

    def __init__(
        self,
        sources: Mapping[str, Connect],
        manners: Mapping[str, Manners],
        *,
        timer: Timer = time,
        chance: random.Random,
    ) -> None:
        self._sources = dict(sources)
        self._manners = dict(manners)
        self._timer = timer
        self._chance = chance
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []
        self._context = _context()

    def __enter__(self) -> RequestPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in [*self._idle, *self._busy]:
            _end(worker)
        self._idle, self._busy = [], []

    def ask(self, jobs: Sequence[FetchJob]) -> Iterator[JobOutcome]:
        """Yield every job with its answer, in the order in which the answers come."""
        vendors: dict[str, _Vendor] = {}
        for job in jobs:
            vendors.setdefault(job.source, _Vendor()).queue.append(_Waiting(job))
        while any(vendor.queue or vendor.running for vendor in vendors.values()):
            yield from self._hopeless(vendors)
            self._start(vendors)
            for worker in self._finished(vendors):
                done = self._judge(worker, vendors)
                if done is not None:
                    yield done

    def _hopeless(self, vendors: Mapping[str, _Vendor]) -> Iterator[JobOutcome]:
        """End what is left for a vendor that cannot be reached at all."""
        for name, vendor in vendors.items():
            while vendor.queue and vendor.refusals >= self._manners[name].give_up:
                task = vendor.queue.popleft()
                reason = "not asked: no connection to this source"
                refused = NetworkRefused(name, task.job.request.symbol, reason)
                yield JobOutcome(task.job, refused, task.attempts)

    def _start(self, vendors: Mapping[str, _Vendor]) -> None:
        for name, vendor in vendors.items():
            manners = self._manners[name]
            while vendor.queue and vendor.running < manners.at_once:
                now = self._timer.monotonic()
                task = min(vendor.queue, key=lambda waiting: waiting.not_before)
                if max(task.not_before, vendor.next_start) > now:
                    break
                vendor.queue.remove(task)
                vendor.running += 1
                vendor.next_start = now + manners.interval * (0.5 + self._chance.random())
                self._hand(task)

    def _hand(self, task: _Waiting) -> None:
        worker = self._idle.pop() if self._idle else self._new()
        worker.task = task
        worker.until = self._timer.monotonic() + self._manners[task.job.source].deadline
        task.attempts += 1
        self._busy.append(worker)
        worker.pipe.send((task.job.source, task.job.request))

    def _finished(self, vendors: Mapping[str, _Vendor]) -> list[_Worker]:
        """Wait until an answer, a deadline or the next start is due; return who is through."""
        now = self._timer.monotonic()
        due = [worker.until for worker in self._busy]
        for name, vendor in vendors.items():
            if vendor.queue and vendor.running < self._manners[name].at_once:
                first = min(task.not_before for task in vendor.queue)
                due.append(max(first, vendor.next_start))
        span = max(min(due, default=now) - now, 0.0)
        if not self._busy:
            self._timer.sleep(span)
            return []
        ready = wait([worker.pipe for worker in self._busy], timeout=span)
        now = self._timer.monotonic()
        found = [w for w in self._busy if w.pipe in ready or w.until <= now]
        self._busy = [worker for worker in self._busy if worker not in found]
        return found

    def _judge(self, worker: _Worker, vendors: Mapping[str, _Vendor]) -> JobOutcome | None:
        """Return the job as done, or put it back to wait for another try."""
        task = worker.task
        assert task is not None
        answer = self._receive(worker, task)
        vendor, manners = vendors[task.job.source], self._manners[task.job.source]
        vendor.running -= 1
        refused = isinstance(answer, NetworkRefused)
        vendor.refusals = vendor.refusals + 1 if refused else 0
        if not isinstance(answer, SourceError) or not answer.retry:
            return JobOutcome(task.job, answer, task.attempts)
        if task.attempts >= manners.attempts:
            return JobOutcome(task.job, answer, task.attempts)
        rest = self._timer.monotonic() + pause(task.attempts, manners, self._chance)
        task.not_before = rest
        if isinstance(answer, RateLimited):  # the vendor means all of us, not this symbol
            vendor.next_start = max(vendor.next_start, rest)
        vendor.queue.append(task)
        return None

    def _receive(self, worker: _Worker, task: _Waiting) -> Answer:
        symbol, source = task.job.request.symbol, task.job.source
        try:
            if worker.pipe.poll():
                answer: Answer | Exception = worker.pipe.recv()
                worker.task = None
                self._idle.append(worker)
                if isinstance(answer, (Fetched, SourceError)):
                    return answer
                raise answer
        except (EOFError, OSError):
            _end(worker)
            return VendorBroken(source, symbol, "the process that asked it died")
        _end(worker)
        return Stalled(source, symbol, f"no answer in {self._manners[source].deadline:g} s")

    def _new(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self._sources), daemon=True
        )
        process.start()
        theirs.close()
        try:  # loading a vendor's library counts against no request
            ready = ours.poll(_STARTUP) and ours.recv()
        except EOFError:
            ready = False
        if not ready:
            process.kill()
            reason = "call this below `if __name__ == '__main__':`, as multiprocessing asks"
            raise RuntimeError(f"a process that asks sources did not start; {reason}")
        return _Worker(process, ours)


def _context() -> BaseContext:
    """Return how processes start: forked from one that has the libraries, where that works."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(["yfinance", "httpx", __name__])
    return context


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _serve(pipe: Connection, sources: Mapping[str, Connect]) -> None:
    """Answer requests until the other end goes away."""
    connected: dict[str, Source] = {}
    pipe.send(True)
    while True:
        try:
            name, request = pipe.recv()
        except EOFError:
            return
        answer: Answer | Exception
        try:
            if name not in connected:
                connected[name] = sources[name]()
            answer = connected[name].fetch(request)
        except SourceError as error:
            answer = error
        except Exception as error:  # a defect of ours: it belongs to the process that asked
            kind = type(error).__name__  # its words may hold an address, and so a key
            answer = RuntimeError(f"{name}: {request.symbol}: {kind}")
        pipe.send(answer)
