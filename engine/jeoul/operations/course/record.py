"""The records of a course: one row a session, money in the smallest unit of its currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul import metrics
from jeoul.model.calendar import Days, Reals
from jeoul.model.portfolio import Reason, Side

Amounts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CourseFill:
    """What was filled of one order: ``amount`` is shares times price, ``fee`` all its costs."""

    session: date
    side: Side
    ticker: str
    shares: int
    amount: int
    fee: int
    reason: Reason
    run_id: str


class CoursePayment(NamedTuple):
    """A distribution as the books have it: ``ticker`` is "" where they do not say of what."""

    session: date
    ticker: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccountCourse:
    """One account along consecutive sessions, from the first one that its books know.

    Every array has one entry a session; ``shares``, ``prices`` and ``traded`` have one column for
    each of ``tickers``. ``cash`` is all money, settled or on its way, and ``value`` is ``cash``
    and the shares at their prices, both after the close.

    ``paid_in`` and ``taken_out`` are what crossed the border of the account: the money of the
    books' opening, deposits, withdrawals, and what nobody explained. Shares that came or went
    without a trade count at the price of their session. ``adopted`` is the net part of it that
    nobody explained. ``fees`` are all costs of orders, their spread included where the broker says
    it; ``taxes`` what was withheld, ``dividends`` gross of it.

    ``prices`` are the newest raw closes known at each session, divided by the splits since; NaN
    before a ticker's first. ``traded`` says which of them are closes of the session itself.
    ``unpriced`` marks the sessions on which a share is held that has no price yet: ``value``
    leaves it out. ``payments`` are the distributions behind ``dividends``. ``approximate`` says
    that some price is adjusted for dividends, so that nobody could have traded at it.
    """

    account: str
    currency: str
    sessions: Days
    value: Amounts
    cash: Amounts
    paid_in: Amounts
    taken_out: Amounts
    adopted: Amounts
    fees: Amounts
    taxes: Amounts
    dividends: Amounts
    interest: Amounts
    tickers: tuple[str, ...]
    shares: Amounts
    prices: Reals
    traded: Flags
    unpriced: Flags
    fills: tuple[CourseFill, ...]
    approximate: bool
    payments: tuple[CoursePayment, ...] = ()

    @property
    def flows(self) -> Amounts:
        """Return what came in by session, negative where more went out."""
        found: Amounts = self.paid_in - self.taken_out
        return found

    @property
    def unit(self) -> Reals:
        """Return what one unit of the account is worth after each session, 1 before the first."""
        return metrics.unit_values(self.value.astype(np.float64), self.flows.astype(np.float64))

    @property
    def first(self) -> date:
        """Return the first session."""
        day: date = self.sessions[0].astype(object)
        return day

    @property
    def last(self) -> date:
        """Return the last session."""
        day: date = self.sessions[-1].astype(object)
        return day
