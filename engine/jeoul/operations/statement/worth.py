"""A course in the owner's money: values and flows of every session in won, and their sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from functools import reduce
from typing import Any

import numpy as np

from jeoul.account.exchange import CurrencyExchange
from jeoul.errors import DataError, Problem
from jeoul.market.fx import known_rate
from jeoul.model.calendar import Days, Reals
from jeoul.model.money import UNITS
from jeoul.model.series import Series
from jeoul.operations.course import AccountCourse
from jeoul.operations.course.record import Amounts

OWNER = "KRW"
SERIES = {"USD": "usdkrw"}
_EVENING = 21 * 3600  # UTC seconds of a day by which its rate of exchange is known

_MOVING = ("paid_in", "taken_out", "adopted", "fees", "taxes", "dividends", "interest")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccountsWorth:
    """Accounts in won along the sessions of all of them; everything is whole won.

    ``before`` is what the value and the flows of a session would be at the exchange rate of the
    session before: what is left of their change is not of the currency.
    """

    sessions: Days
    value: Amounts
    paid_in: Amounts
    taken_out: Amounts
    adopted: Amounts
    fees: Amounts
    taxes: Amounts
    dividends: Amounts
    interest: Amounts
    before_value: Amounts
    before_flow: Amounts

    @property
    def flow(self) -> Amounts:
        """Return what came in by session, negative where more went out."""
        found: Amounts = self.paid_in - self.taken_out
        return found


def worth_of(course: AccountCourse, sessions: Days, series: Mapping[str, Series]) -> AccountsWorth:
    """Return a course in won along sessions, which include its own.

    The money of a session is counted at the newest rate known on its evening, the same rate for its
    flows; on a session of other exchanges the shares are worth what they were, at the new rate.
    Raises :class:`DataError` where a rate is not known.
    """
    # The newest session of the account by each of these; -1 before its first.
    rows = np.searchsorted(course.sessions, sessions, side="right") - 1
    known = rows >= 0
    own = np.searchsorted(sessions, course.sessions)
    value = np.where(known, course.value[rows], 0)  # row -1 is the last one, and is not known
    flows = {name: np.zeros(len(sessions), dtype=np.int64) for name in _MOVING}
    for name, amounts in flows.items():
        amounts[own] = getattr(course, name)
    if course.currency == OWNER:
        flow = flows["paid_in"] - flows["taken_out"]
        return AccountsWorth(
            sessions=sessions, value=value, before_value=value, before_flow=flow, **flows
        )
    rates = _rates(course, sessions, series, first=own[0])
    home = _home(rates)
    then = _home(np.append(rates[:1], rates[:-1]))
    won = {name: home(amounts) for name, amounts in flows.items()}
    return AccountsWorth(
        sessions=sessions,
        value=home(value),
        before_value=then(value),
        before_flow=then(flows["paid_in"]) - then(flows["taken_out"]),
        **won,
    )


def together(parts: Sequence[AccountsWorth]) -> AccountsWorth:
    """Return the sum of accounts along the same sessions."""
    return reduce(_plus, parts)


def _plus(one: AccountsWorth, other: AccountsWorth) -> AccountsWorth:
    names = (name for name in AccountsWorth.__dataclass_fields__ if name != "sessions")
    sums: dict[str, Any] = {name: getattr(one, name) + getattr(other, name) for name in names}
    return AccountsWorth(sessions=one.sessions, **sums)


def every_session(courses: Sequence[AccountCourse]) -> Days:
    """Return the sessions of all courses, each once."""
    found: Days = np.unique(np.concatenate([course.sessions for course in courses]))
    return found


def rate_on(currency: str, day: date, series: Mapping[str, Series]) -> float:
    """Return what a currency's smallest unit is worth in won on the evening of a day."""
    if currency == OWNER:
        return 1.0
    evening = np.array([day], dtype="datetime64[s]").astype(np.int64) + _EVENING
    return known_rate(series[SERIES[currency]], evening).item() / UNITS[currency]


def exchange_of(course: AccountCourse, series: Mapping[str, Series]) -> CurrencyExchange | None:
    """Return the exchange of an account in foreign money: the rate of each day, without a spread.

    None for an account in won. Raises :class:`DataError` where a rate is not known.
    """
    if course.currency == OWNER:
        return None
    found = _rates(course, course.sessions, series, first=0).tolist()
    days: list[date] = course.sessions.astype(object).tolist()
    rates = {day: Decimal(repr(rate)) for day, rate in zip(days, found, strict=True)}
    return CurrencyExchange(owner=OWNER, account=course.currency, rates=rates, before=rates)


def _rates(
    course: AccountCourse, sessions: Days, series: Mapping[str, Series], *, first: int
) -> Reals:
    """Return won for one of the course's currency at each session, from its first one on."""
    name = SERIES[course.currency]
    if name not in series:
        reason = f"has no series {name}, which the account {course.account} is valued with"
        raise DataError([Problem("market", reason, remedy="choose a folder that has it")])
    evening = sessions.astype("datetime64[s]").astype(np.int64) + _EVENING
    rates = known_rate(series[name], evening)
    missing = np.flatnonzero(np.isnan(rates[first:]))
    if len(missing):
        day = sessions[first + missing[0]]
        reason = f"no rate of the two weeks before {day} is known"
        raise DataError([Problem(name, reason, remedy="choose a folder that covers the account")])
    # Nothing was held before the first row, so that any rate gives the same zero.
    rates[:first] = rates[first]
    return rates


def _home(rates: Reals) -> Callable[[Amounts], Amounts]:
    exact = [Decimal(repr(rate)) / UNITS["USD"] for rate in rates.tolist()]

    def home(amounts: Amounts) -> Amounts:
        pairs = zip(amounts.tolist(), exact, strict=True)
        whole = [(n * rate).to_integral_value(ROUND_FLOOR) if n else 0 for n, rate in pairs]
        return np.array(whole, dtype=np.int64)

    return home
