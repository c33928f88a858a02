"""What a firm's advice costs its clients: accrued exactly, charged in whole won a month."""

from __future__ import annotations

from calendar import isleap, monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from jeoul.firm.keys import Accrual


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryFee:
    """The fee of one client for one month, in won.

    ``rate`` is the last one of the month. ``accrued`` is exact; ``charge`` is in whole won, and
    ``carried`` what is not charged yet, from 0 to below 1. ``base`` is the mean value of the days
    that were counted.
    """

    account: str
    rate: Decimal
    days: int
    base: int
    accrued: Fraction
    charge: int
    carried: Fraction


class FeeSpan(NamedTuple):
    """Calendar days, both ends included, on which a value and a yearly rate count."""

    first: date
    last: date
    value: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class ValuedDays:
    """What an account was worth after each session, in won, and its yearly rate from then on."""

    sessions: Sequence[date]
    values: Sequence[int]
    rates: Sequence[Decimal]

    def spans(self, until: date) -> Iterator[FeeSpan]:
        """Yield value by value the calendar days on which it counts: a session until the next."""
        ends = [*self.sessions[1:], max(until, self.sessions[-1]) + timedelta(days=1)]
        for first, after, value, rate in zip(
            self.sessions, ends, self.values, self.rates, strict=True
        ):
            if first <= until:
                yield FeeSpan(first, min(after - timedelta(days=1), until), value, rate)


def month_fee(
    account: str, valued: ValuedDays, accrual: Accrual, month: date
) -> AdvisoryFee | None:
    """Return the advisory fee of an account for the month of a day, None before it began.

    ``daily``: each calendar day accrues value x rate / days of its year, with the value and the
    rate of the last session. ``month_end``: each month accrues its last value x rate / 12.
    Everything accrued since the account began is rounded down to the won, and a month is charged
    what that adds to the months before: nobody ever pays more than has accrued, and the sum of all
    charges is less than one won below it. A new rate changes no month before it. A negative value
    accrues nothing.

    >>> days, rate = [date(2024, 5, 31), date(2024, 6, 28)], Decimal("0.006")
    >>> valued = ValuedDays(days, [10_000_000, 20_000_000], [rate, rate])
    >>> fee = month_fee("a", valued, "month_end", date(2024, 6, 1))
    >>> fee.charge, fee.base
    (10000, 20000000)
    """
    first = month.replace(day=1)
    last = date(first.year, first.month, monthrange(first.year, first.month)[1])
    if valued.sessions[0] > last:
        return None
    accrue = _by_day if accrual == "daily" else _by_month
    before, _, _ = accrue(valued, valued.sessions[0], first - timedelta(days=1))
    now, days, worth = accrue(valued, first, last)
    total = before + now
    return AdvisoryFee(
        account=account,
        rate=[span.rate for span in valued.spans(last)][-1],
        days=days,
        base=worth // days if days else 0,
        accrued=now,
        charge=int(total) - int(before),
        carried=total - int(total),
    )


def _by_day(valued: ValuedDays, first: date, last: date) -> tuple[Fraction, int, int]:
    """Return what accrued from a day to another, the days counted and the sum of their values."""
    sums: dict[tuple[Decimal, int], int] = defaultdict(int)
    counted = 0
    for span in valued.spans(last) if first <= last else ():
        for start, end in _by_year(max(span.first, first), span.last):
            days = (end - start).days + 1
            sums[span.rate, 366 if isleap(start.year) else 365] += days * max(span.value, 0)
            counted += days
    parts = (Fraction(rate) * worth / days for (rate, days), worth in sums.items())
    return sum(parts, Fraction(0)), counted, sum(sums.values())


def _by_year(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield a span in parts that lie in one year each, nothing of an empty span."""
    turns = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    for start, after in pairwise([first, *turns, last + timedelta(days=1)]):
        if start < after:
            yield start, after - timedelta(days=1)


def _by_month(valued: ValuedDays, first: date, last: date) -> tuple[Fraction, int, int]:
    """Return what accrued at the month ends from a day to another, their number and values."""
    ends = list(_month_ends(first, last))
    accrued, worth = Fraction(0), 0
    for end in ends:
        spans = list(valued.spans(end))
        if spans:
            worth += max(spans[-1].value, 0)
            accrued += Fraction(spans[-1].rate) * max(spans[-1].value, 0) / 12
    return accrued, len(ends), worth


def _month_ends(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        end = date(day.year, day.month, monthrange(day.year, day.month)[1])
        if end <= last:
            yield end
        day = end + timedelta(days=1)
