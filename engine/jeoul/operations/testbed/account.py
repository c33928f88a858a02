"""One account as an auditor looks at it: its course, runs, orders and rules in one quarter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.model.calendar import Calendar, Reals, moment
from jeoul.model.days import count_before, count_until
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH
from jeoul.model.quarter import Quarter
from jeoul.operations.course import AccountCourse, course_of
from jeoul.operations.desk.intents import Run, all_runs
from jeoul.operations.desk.promotions import EvidenceFile, KeptPromotion, evidence_of, promotions
from jeoul.operations.ledger import Head, Ledger, proven
from jeoul.operations.setup.config import Config
from jeoul.operations.testbed.attendance import Attended, attendance
from jeoul.operations.testbed.changes import RuleChange, rule_changes
from jeoul.operations.testbed.rebalancing import LoggedOrder, rebalancing_log
from jeoul.pipeline import Mandate

MandateOf = Callable[[Run], Mandate]
"""The mandate that a run followed, from what was kept of its rules."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AuditedAccount:
    """What the ledger of an account says of a quarter, proven before it was read.

    ``mandate`` is that of its last decision up to the quarter's end. ``course`` begins with the
    account and ends with the quarter, ``known`` are all runs up to its end; ``runs``, ``orders``,
    ``changes``, ``promoted`` and ``attended`` are of the quarter.
    ``ordered`` is how many orders each run decided on, ``head`` the newest row of the whole ledger.
    """

    config: Config
    mandate: Mandate
    course: AccountCourse
    known: tuple[Run, ...]
    runs: tuple[Run, ...]
    ordered: Mapping[str, int]
    orders: tuple[LoggedOrder, ...]
    changes: tuple[RuleChange, ...]
    promoted: tuple[KeptPromotion, ...]
    evidence: tuple[EvidenceFile, ...]
    attended: tuple[Attended, ...]
    head: Head

    @property
    def name(self) -> str:
        """Return the name of the account."""
        return self.config.settings.name

    @property
    def group(self) -> tuple[str, str]:
        """Return the profile and the currency, which accounts have to share to be added up."""
        return self.mandate.profile, self.course.currency


def audited(
    ledger: Ledger,
    config: Config,
    mandate_of: MandateOf,
    market: Market,
    calendars: Mapping[str, Calendar],
    quarter: Quarter,
) -> AuditedAccount | None:
    """Return an account in a quarter; None if it had not decided anything by the quarter's end.

    Raises :class:`LedgerError` for a ledger that fails its check, and :class:`DataError` where the
    market ends before the quarter does.
    """
    proof = proven(ledger)
    name = config.settings.name
    known = [run for run in all_runs(ledger, name) if run.session <= quarter.last]
    if not known:
        return None
    mandate = mandate_of(known[-1])
    calendar = calendars[mandate.strategy.calendar]
    last_session(market, calendar, quarter)
    course = until(course_of(ledger, account=name, market=market, calendar=calendar), quarter.last)
    tables = tuple(table for table in market.prices if table.exchange == calendar.name)
    events = PriceEvents(tables, UNITS[course.currency])
    changed = [change for change in rule_changes(ledger, known) if change.session in quarter]
    promoted = _promoted(ledger, changed, quarter, ZoneInfo(calendar.timezone))
    files = {each["sha256"] for kept in promoted for each in kept.detail["evidence"]}
    days = [day for day in _days(course) if day in quarter and day >= known[0].session]
    return AuditedAccount(
        config=config,
        mandate=mandate,
        course=course,
        known=tuple(known),
        runs=tuple(run for run in known if run.session in quarter),
        ordered=_ordered(ledger),
        orders=rebalancing_log(
            ledger, [run for run in known if run.executed in quarter], events.close
        ),
        changes=tuple(changed),
        promoted=promoted,
        evidence=tuple(each for each in evidence_of(ledger) if each.sha256 in files),
        attended=attendance(ledger, name, known, days),
        head=proof.head,
    )


def until(course: AccountCourse, last: date) -> AccountCourse:
    """Return a course up to a day, that day included."""
    rows = slice(0, count_until(course.sessions, last))
    arrays: dict[str, Any] = {
        name: value[rows]
        for name in course.__dataclass_fields__
        if isinstance(value := getattr(course, name), np.ndarray)
    }
    fills = tuple(fill for fill in course.fills if fill.session <= last)
    return replace(course, **arrays, fills=fills)


def weights_on(course: AccountCourse, day: date) -> dict[str, float] | None:
    """Return what an account held after the close of a day, as fractions of its value.

    None for a day without a session, and where the account was worth nothing.
    """
    row = count_before(course.sessions, day)
    if row == len(course.sessions) or course.sessions[row] != np.datetime64(day):
        return None
    value = float(course.value[row])
    if value <= 0.0:
        return None
    worth: Reals = course.shares[row] * np.nan_to_num(course.prices[row])
    found = {
        ticker: float(amount) / value
        for ticker, amount in zip(course.tickers, worth, strict=True)
        if amount
    }
    return found | {CASH: float(course.cash[row]) / value}


def _ordered(ledger: Ledger) -> Mapping[str, int]:
    rows = ledger.rows("SELECT run_id, COUNT(*) AS orders FROM intents GROUP BY run_id")
    return {row["run_id"]: row["orders"] for row in rows}


def _promoted(
    ledger: Ledger, changed: Iterable[RuleChange], quarter: Quarter, zone: ZoneInfo
) -> tuple[KeptPromotion, ...]:
    """Return the promotions that a quarter's changes rest on, and those written down in it."""
    used = {change.promoted.seq for change in changed if change.promoted is not None}
    return tuple(
        kept
        for kept in promotions(ledger)
        if kept.seq in used or moment(kept.at).astimezone(zone).date() in quarter
    )


def last_session(market: Market, calendar: Calendar, quarter: Quarter) -> date:
    """Return the last session of a quarter; raise :class:`DataError` if the market ends before.

    A quarter that the calendar does not reach has none, however far the market goes.
    """
    last = calendar.at_or_before(quarter.last)
    newest = market.last_session(calendar.name)
    if newest < last or last < quarter.first:
        raise DataError(
            f"the market data end on {newest}, before the end of {quarter} ({quarter.last}); fetch "
            "newer prices, or choose an earlier quarter"
        )
    return last


def _days(course: AccountCourse) -> list[date]:
    found: list[date] = course.sessions.astype(object).tolist()
    return found
