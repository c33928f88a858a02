"""A fetch: what is due, asked of its source, past the gates on answers, into the raw store.

Every answer is stored as it comes, so a run that is stopped goes on where it was: what is complete
up to the newest close is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from jeoul.market.cache.store import RawStore
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.fetching.pool import Ask, FetchJob, JobOutcome
from jeoul.market.gates.answer import unique_days
from jeoul.market.gates.gated import SETTLED, finished
from jeoul.market.publication import known_instants, month_ends
from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.raw.corrections import TradedCloses, as_traded
from jeoul.market.raw.series import Raw, SeriesKey
from jeoul.market.sources.errors import EmptyAnswer, SourceError, UnknownSymbol
from jeoul.market.sources.issuers import NAME as ISSUERS
from jeoul.market.sources.port import is_remote
from jeoul.model.calendar import Calendar, Days

OVERLAP = timedelta(days=14)  # asked for again each time, to see what the vendor has changed
SAME = 1e-5  # vendors send single precision: smaller differences are none
_LOOK_BACK = np.timedelta64(90, "D")
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class SeriesOutcome:
    """What became of one series.

    ``added`` counts new days; ``revised`` days whose close (as traded) the vendor has changed, by
    at most ``largest`` as a fraction; ``error`` is set if nothing came. ``second`` says that the
    source is one that carries on a series whose first is behind.
    """

    name: str
    key: SeriesKey
    asked: bool
    added: int = 0
    revised: int = 0
    largest: float = 0.0
    newest: date | None = None
    attempts: int = 0
    error: SourceError | None = None
    second: bool = False


@dataclass(frozen=True, slots=True)
class Fetching:
    """A plan being fetched into a store."""

    plan: FetchPlan
    store: RawStore
    calendars: Mapping[str, Calendar]
    now: Callable[[], int]

    def run(
        self, ask: Ask, names: Sequence[str] = (), *, full: bool = False
    ) -> Iterator[SeriesOutcome]:
        """Yield what became of each series, as the answers come.

        ``names`` narrows the plan to some of its tickers and series; ``full`` asks for the whole
        history again, to see what has changed in it. An answer about the newest days that
        contradicts the store (a new split restates everything before it) is not stored: the whole
        history is asked for instead.
        """
        seconds = self.plan.seconds()
        for outcome in self._run(ask, names, full=full):
            yield replace(outcome, second=outcome.key in seconds)

    def _run(self, ask: Ask, names: Sequence[str], *, full: bool) -> Iterator[SeriesOutcome]:
        keys = {k: n for k, n in self.plan.wanted().items() if not names or n in names}
        jobs = []
        for key, name in keys.items():
            raw = self.store.read(key)
            first = self._start(key) if full else self._first_due(key, raw)
            if first is None:
                yield SeriesOutcome(name, key, asked=False, newest=_newest(raw))
            else:
                jobs.append(self._job(key, first))
        again = []
        for done in ask(jobs):
            key = _key(done)
            raw = self.store.read(key)
            part = done.job.request.first > self._start(key)
            if part and isinstance(done.answer, Fetched) and _contradicts(raw, done.answer):
                again.append(self._job(key, self._start(key)))
            else:
                yield self._store(keys[key], done)
        for done in ask(again):
            yield self._store(keys[_key(done)], done)

    def _job(self, key: SeriesKey, first: date) -> FetchJob:
        last = datetime.fromtimestamp(self.now(), UTC).date() + timedelta(days=1)
        return FetchJob(key.source, SeriesRequest(key.symbol, first, last))

    def _start(self, key: SeriesKey) -> date:
        """Return the first day that a source is ever asked for."""
        second = self.plan.seconds().get(key)
        if second is None or second.days is None:
            return self.plan.start
        today = datetime.fromtimestamp(self.now(), UTC).date()
        return max(self.plan.start, today - timedelta(days=second.days))

    def _first_due(self, key: SeriesKey, raw: Raw | None) -> date | None:
        """Return the first day to ask for, None if the newest final row is stored.

        Files of issuers are read whole each time: one that was put there today may be an old one.
        """
        if raw is None or key.source == ISSUERS:
            return self._start(key)
        newest = _newest(raw)
        due = self._newest_due(key)
        current = newest is not None and due is not None and newest >= due
        if current and finished(raw, self._known(key, raw.days))[-1]:
            return None
        start = self._start(key)
        return start if newest is None else max(newest - OVERLAP, start)

    def _newest_due(self, key: SeriesKey) -> date | None:
        """Return the newest day (or first day of a month) whose row is final by now."""
        when, monthly = self.plan.known(key)
        today = np.datetime64(datetime.fromtimestamp(self.now(), UTC).date())
        days: Days = np.arange(today - _LOOK_BACK, today + _DAY)
        if monthly:
            days = np.unique(days.astype("datetime64[M]")).astype("datetime64[D]")
        elif (exchange := when.rule().exchange) is not None:
            days = days[np.isin(days, self.calendars[exchange].sessions)]
        else:
            days = days[np.is_busday(days)]
        final = days[self._known(key, days) + SETTLED <= self.now()]
        found: date | None = final[-1].astype(object) if len(final) else None
        return found

    def _known(self, key: SeriesKey, days: Days) -> np.ndarray:
        when, monthly = self.plan.known(key)
        if monthly:
            days = month_ends(days)
        return known_instants(when.rule(), days, self.calendars)[0]

    def _store(self, name: str, done: JobOutcome) -> SeriesOutcome:
        key = _key(done)
        if isinstance(done.answer, SourceError):
            stored = self.store.read(key)
            newest = _newest(stored)
            if stored is not None and isinstance(done.answer, UnknownSymbol):
                self.store.record_gone(key, self.now())
            elif (emptied := _emptied(stored, done)) is not None:
                self.store.record(key, emptied, self.now())
                newest = _newest(self.store.read(key))
            return SeriesOutcome(
                name, key, asked=True, newest=newest, attempts=done.attempts, error=done.answer
            )
        before = self.store.read(key)
        fetched, notes = unique_days(_complete(before, done, done.answer))
        self.store.record(key, fetched, self.now(), notes)
        after = self.store.read(key)
        assert after is not None
        added, revised, largest = self._changes(key, before, after)
        return SeriesOutcome(
            name,
            key,
            asked=True,
            added=added,
            revised=revised,
            largest=largest,
            newest=_newest(after),
            attempts=done.attempts,
        )

    def _changes(self, key: SeriesKey, before: Raw | None, after: Raw) -> tuple[int, int, float]:
        """Return how many days are new, how many closes have changed, and by how much at most."""
        new = self._final(key, after)
        if before is None:
            return len(new.days), 0, 0.0
        old = self._final(key, before)
        _, here, there = np.intersect1d(old.days, new.days, assume_unique=True, return_indices=True)
        past, now = old.close[here], new.close[there]
        change = np.abs(now - past) / np.maximum(np.abs(past), 1e-12)
        moved = change > SAME
        largest = float(change.max()) if moved.any() else 0.0
        return len(new.days) - len(here), int(moved.sum()), largest

    def _final(self, key: SeriesKey, raw: Raw) -> TradedCloses:
        return as_traded(raw, finished(raw, self._known(key, raw.days)))


def _key(done: JobOutcome) -> SeriesKey:
    return SeriesKey(done.job.source, done.job.request.symbol)


def _newest(raw: Raw | None) -> date | None:
    """Return the newest day with a close."""
    if raw is None:
        return None
    seen = raw.days[np.isfinite(raw.close)]
    found: date | None = seen[-1].astype(object) if len(seen) else None
    return found


def _complete(stored: Raw | None, done: JobOutcome, answer: Fetched) -> Fetched:
    """Return an answer with an empty row for each day that its source no longer has.

    A vendor may leave out what it still has. A source on this machine is all that there is: what a
    person has taken out of a file or a folder counts no longer, at its ends too.
    """
    if stored is None or is_remote(done.job.source):
        return answer
    shown = {row.day for row in answer.rows}
    gone = (
        VendorRow(day, None) for day in _known_days(stored, done.job.request) if day not in shown
    )
    return replace(answer, rows=tuple(sorted((*answer.rows, *gone), key=lambda row: row.day)))


def _emptied(stored: Raw | None, done: JobOutcome) -> Fetched | None:
    """Return the answer of a source on this machine that has no row of a stored series any more."""
    if stored is None or not isinstance(done.answer, EmptyAnswer) or stored.gone:
        return None
    stamp = stored.stamp
    found = _complete(
        stored,
        done,
        Fetched(
            basis=stamp.basis, rows=(), payments=(), currency=stamp.currency, title=stamp.title
        ),
    )
    return found if found.rows else None


def _known_days(stored: Raw, request: SeriesRequest) -> list[date]:
    """Return the days asked for on which the store has a close."""
    days = stored.days[np.isfinite(stored.close)].tolist()
    return [day for day in days if request.first <= day <= request.last]


def _contradicts(raw: Raw | None, fetched: Fetched) -> bool:
    """Return whether an answer about some days does not fit what the store has of them."""
    if raw is None or not fetched.rows:
        return False
    days = [row.day for row in fetched.rows]
    first, last = min(days), max(days)
    stored = {p.day: p for p in raw.payments if first <= p.day <= last}
    shown = {p.day: p for p in fetched.payments}
    newest = _newest(raw)
    if any(p.split != 1 and p != stored.get(day) for day, p in shown.items()):
        return True
    if any(day not in shown or shown[day] != payment for day, payment in stored.items()):
        return True
    closes = dict(zip(raw.days.tolist(), raw.close.tolist(), strict=True))
    for row in fetched.rows:
        old = closes.get(row.day, np.nan)
        # The newest stored bar may have been fetched while it was being made.
        settled = newest is not None and row.day < newest and np.isfinite(old)
        if settled and (row.close is None or abs(row.close - old) > SAME * abs(old)):
            return True
    return False
