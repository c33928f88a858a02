"""What issuers and SEIBRO say of a fund, laid beside its prices: base prices, distributions, tax.

A source of prices has a distribution on its ex-date, an issuer names the record date. Whoever is to
hold the fund on that day has bought it two sessions before, so the ex-date is the session before
the record date, and of a record date without trading the one before the last session.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.market.cache.store import RawStore
from jeoul.market.fetching.plan import FetchPlan, PricePlan
from jeoul.market.publication import on_session
from jeoul.market.publishing.columns import FolderColumn, KnownTimes, read_column
from jeoul.market.raw.answer import Payment
from jeoul.model.calendar import Calendar, Days, Reals
from jeoul.model.days import count_until
from jeoul.model.finding import Finding, Severity

NEAR = 3  # sessions by which two sources may differ about the day of one distribution
SAME_AMOUNT = 0.005  # a fraction: sources round differently
_HALF_A_WON = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Issued:
    """What the files of issuers have of a fund; None where they have nothing of a kind."""

    base: FolderColumn | None
    paid: FolderColumn | None
    taxed: FolderColumn | None


class Distribution(NamedTuple):
    """A distribution by its ex-date: so much a share, of which so much is taxed, None if unsaid."""

    session: date
    paid: float
    taxed: float | None


class Merged(NamedTuple):
    """The payments of a fund by ex-date, the taxed part of some, and what was found."""

    payments: Mapping[date, Payment]
    taxable: Mapping[date, float]
    findings: tuple[Finding, ...]


def read_issued(
    store: RawStore,
    plan: FetchPlan,
    sheet: PricePlan,
    ticker: str,
    times: KnownTimes,
    *,
    upto: int | None,
) -> Issued:
    """Return what the files of issuers have of a fund."""
    found = [
        read_column(store, ticker, key, sheet.known, times, upto=upto)
        for key in plan.issued(ticker)
    ]
    return Issued(*found) if found else Issued(None, None, None)


def base_prices(issued: Issued, calendar: Calendar) -> tuple[Days, Reals] | None:
    """Return the sessions with a taxable base price; None without one."""
    if issued.base is None:
        return None
    days, values = issued.base.traded.days, issued.base.traded.close
    seen = on_session(calendar, days) & (values > 0)
    return (days[seen], values[seen]) if seen.any() else None


def distributions_of(issued: Issued, calendar: Calendar) -> tuple[Distribution, ...]:
    """Return the distributions that issuers announced, by ex-date."""
    if issued.paid is None:
        return ()
    taxed: Mapping[date, float] = {}
    if issued.taxed is not None:
        own = issued.taxed.traded
        taxed = dict(zip(own.days.tolist(), own.close.tolist(), strict=True))
    paid = issued.paid.traded
    return tuple(
        Distribution(session, amount, taxed.get(day))
        for day, amount in zip(paid.days.tolist(), paid.close.tolist(), strict=True)
        if (session := ex_date(calendar, day)) is not None
    )


def ex_date(calendar: Calendar, record: date) -> date | None:
    """Return the session on which a fund first trades without a distribution.

    None where the calendar does not reach.
    """
    last = count_until(calendar.sessions, record) - 1
    if last < 1 or np.datetime64(record) > calendar.sessions[-1]:
        return None
    found: date = calendar.sessions[last - 1].astype(object)
    return found


def merged(
    name: str,
    shown: Mapping[date, Payment],
    issued: Sequence[Distribution],
    calendar: Calendar,
    fixed: Collection[date] = (),
) -> Merged:
    """Return payments with what issuers say of them.

    ``shown`` are those of the source of prices, by session; ``issued`` those of the sessions that
    have prices. A distribution that both have stays on the source's day; where the amounts differ
    the issuer's counts, and one that only the issuer has is added, each with a finding. Days that a
    person has corrected, ``fixed``, stay as they are.
    """
    payments = dict(shown)
    taxable: dict[date, float] = {}
    findings: list[Finding] = []
    free = {day for day, payment in shown.items() if payment.dividend > 0}
    for each in issued:
        day = _nearest(free, each.session, calendar)
        if day is None:
            day = each.session
            if day in taxable or (day in shown and shown[day].dividend > 0):
                continue  # one session has one distribution
            added = (("paid", f"{each.paid:,.8g}"),)
            findings.append(
                Finding(
                    day=day,
                    subject=name,
                    kind="gate.issuer_adds",
                    severity=Severity.NOTICE,
                    detail=added,
                )
            )
        free.discard(day)
        old = payments.get(day, Payment(day))
        if day in fixed:
            paid = old.dividend
        else:
            paid = each.paid
            if old.dividend > 0 and _differ(old.dividend, paid):
                detail = (("paid", f"{paid:,.8g}"), ("shown", f"{old.dividend:,.8g}"))
                findings.append(
                    Finding(
                        day=day,
                        subject=name,
                        kind="gate.issuer_differs",
                        severity=Severity.NOTICE,
                        detail=detail,
                    )
                )
            elif old.dividend > 0:
                paid = old.dividend
        payments[day] = old._replace(dividend=paid)
        if each.taxed is not None:
            taxable[day] = min(each.taxed, paid)
    return Merged(payments, taxable, tuple(findings))


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > max(_HALF_A_WON, SAME_AMOUNT * other)


def _nearest(days: Collection[date], wanted: date, calendar: Calendar) -> date | None:
    """Return the nearest of some sessions, at most ``NEAR`` sessions away."""
    at = calendar.index(wanted)
    near = [(abs(calendar.index(day) - at), day) for day in days]
    distance, found = min(near, default=(NEAR + 1, wanted))
    return found if distance <= NEAR else None
