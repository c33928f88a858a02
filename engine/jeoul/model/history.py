"""The panel that every later stage reads: one row per session of the deciding calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jeoul.model.blocks import blocks_of
from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.shown import Shown


class Origin(IntEnum):
    """Where a member's return of a session comes from."""

    NONE = 0  # nothing is known of the member
    FUND = 1  # the preferred fund's own prices
    SUBSTITUTE = 2  # a substitute's own prices
    PROXY = 3  # another series


@dataclass(frozen=True, eq=False, repr=False)
class History(Shown):
    """Returns, prices and signals up to one decision, labelled by member.

    Rows are the sessions of ``calendar``. ``level`` is each member's total-return index in the
    account's currency, carried over a session without a price; ``returns`` its simple return, NaN
    where no price was seen that session. ``origin`` says what each return rests on
    (:class:`Origin`). ``prices`` holds the last close of every instrument as traded (NaN where
    there is none that session), by position in ``codes``. ``cash_rate`` is the interest earned on
    cash over each session, as a decimal fraction, NaN where no rate is known. The decision after a
    row is made at its ``decided`` instant and filled at the close of its ``executed`` session.

    The clock of the overlay has one entry per New York session in order: ``clock`` (labels),
    ``clock_known`` (instants) and ``clock_row``, the number of rows known at that instant.
    ``signals`` maps a series name to its value on each clock session, NaN where there is none.
    ``simulated`` says that the prices are simulated, not a real market's. ``nav`` holds the net
    asset values of the instruments like ``prices`` their closes, None where the data have none.
    """

    calendar: str
    currency: str
    sessions: Days
    executed: Days
    decided: Instants
    members: tuple[str, ...]
    level: Reals
    returns: Reals
    origin: NDArray[np.int8]
    codes: tuple[str, ...]
    prices: Reals
    cash_rate: Reals
    clock: Days
    clock_known: Instants
    clock_row: NDArray[np.int64]
    signals: Mapping[str, Reals]
    sessions_per_year: float
    simulated: bool = False
    nav: Reals | None = None

    def __len__(self) -> int:
        return len(self.sessions)

    def day(self, row: int) -> date:
        """Return the session label of a row."""
        found: date = self.sessions[row].astype(object)
        return found

    def until(self, row: int) -> History:
        """Return the history that the decision after ``row`` sees: that row is the last one."""
        seen = int(self.clock_seen[row])
        rows = slice(0, row + 1)
        return History(
            calendar=self.calendar,
            currency=self.currency,
            sessions=self.sessions[rows],
            executed=self.executed[rows],
            decided=self.decided[rows],
            members=self.members,
            level=self.level[rows],
            returns=self.returns[rows],
            origin=self.origin[rows],
            codes=self.codes,
            prices=self.prices[rows],
            cash_rate=self.cash_rate[rows],
            clock=self.clock[:seen],
            clock_known=self.clock_known[:seen],
            clock_row=self.clock_row[:seen],
            signals={name: values[:seen] for name, values in self.signals.items()},
            sessions_per_year=self.sessions_per_year,
            simulated=self.simulated,
            nav=None if self.nav is None or self.valued_from > row else self.nav[rows],
        )

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Return the session label of every row."""
        return tuple(self.sessions.astype(object).tolist())

    @cached_property
    def valued_from(self) -> int:
        """Return the first row with a net asset value of any fund, else the number of rows."""
        if self.nav is None:
            return len(self)
        rows = np.flatnonzero(np.isfinite(self.nav).any(axis=1))
        return int(rows[0]) if len(rows) else len(self)

    @cached_property
    def valued(self) -> NDArray[np.int32]:
        """Return, for each row and code, the newest row up to it with a value; -1 before any."""
        known = np.zeros(self.prices.shape, dtype=np.bool_)
        return _newest(known if self.nav is None else np.isfinite(self.nav))

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """Return the column of every instrument in ``prices``."""
        return {code: column for column, code in enumerate(self.codes)}

    @cached_property
    def priced(self) -> NDArray[np.int32]:
        """Return, for each row and code, the newest row up to it with a price; -1 before any."""
        return _newest(np.isfinite(self.prices))

    @cached_property
    def lived(self) -> NDArray[np.int32]:
        """Return, for each row and member, the newest row up to it with a return; -1 before any."""
        return _newest(self.origin != Origin.NONE)

    def begun(self, returns: int) -> NDArray[np.int64]:
        """Return the first row by which each member has so many returns, else the row count."""
        if returns not in self._begun:
            self._begun[returns] = _first_with(np.isfinite(self.returns), returns)
        return self._begun[returns]

    @cached_property
    def _begun(self) -> dict[int, NDArray[np.int64]]:
        return {}

    @cached_property
    def clock_seen(self) -> NDArray[np.int64]:
        """Return, for each row, how many clock sessions its decision has seen."""
        return np.searchsorted(self.clock_known, self.decided, side="right").astype(np.int64)


def _first_with(seen: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    found = np.full(seen.shape[1], len(seen), dtype=np.int64)
    for part in blocks_of(seen.shape[1]):
        enough = np.cumsum(seen[:, part], axis=0) >= count
        found[part] = np.where(enough.any(axis=0), enough.argmax(axis=0), len(seen))
    return found


def _newest(seen: NDArray[np.bool_]) -> NDArray[np.int32]:
    rows = np.arange(len(seen), dtype=np.int32)[:, np.newaxis]
    found = np.empty(seen.shape, dtype=np.int32)
    for part in blocks_of(seen.shape[1]):
        there = np.where(seen[:, part], rows, np.int32(-1))
        np.maximum.accumulate(there, axis=0, out=found[:, part])
    return found
