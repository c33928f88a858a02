"""Trading calendars from the tables of facts in ``data/calendars``.

A table holds what differs from an ordinary week: closures and special hours, each with its source;
``exchanges.toml`` holds the ordinary week by era and how far the facts are confirmed.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from jeoul import assets
from jeoul.errors import DataError, Problem, UsageError
from jeoul.model.calendar import Calendar, Days, Instants
from jeoul.model.zones import utc_offsets

COLUMNS = ("date", "kind", "open", "close", "name", "source", "confidence")
KINDS = ("closure", "early_close", "late_open", "shifted")
CONFIDENCE = ("announced", "agreed", "single", "derived")

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class CalendarFact(NamedTuple):
    """One day on which an exchange does not keep its ordinary hours.

    ``kind`` is one of :data:`KINDS`; a closure has no hours. ``confidence`` is one of
    :data:`CONFIDENCE`: announced by the exchange, agreed by independent sources, a single source,
    or derived from a statute or from practice because nothing is announced yet.
    """

    day: date
    kind: str
    opens: time | None
    closes: time | None
    name: str
    source: str
    confidence: str


@cache
def load_calendar(name: str) -> Calendar:
    """Return the calendar of an exchange, ``"XKRX"`` from 1995 or ``"XNYS"`` from 1990.

    The instants are exact across daylight saving time, eras of other hours, and special hours.
    Raises :class:`UsageError` for another name, :class:`DataError` with everything wrong with a
    table.

    >>> load_calendar("XKRX").is_session(date(2026, 6, 3))  # local elections
    False
    """
    exchange = _exchanges().get(name)
    if exchange is None:
        known = " and ".join(_exchanges())
        raise UsageError(f"there is no calendar named {name!r}; the calendars are {known}")
    return _build(name, exchange, load_facts(name))


@cache
def load_facts(name: str) -> Mapping[date, CalendarFact]:
    """Return the closures and special hours of an exchange by date, each with its source.

    >>> load_facts("XNYS")[date(2025, 11, 28)].closes
    datetime.time(13, 0)
    """
    return MappingProxyType(read_facts(assets.data("calendars", f"{name}.csv")))


def read_facts(path: Path) -> dict[date, CalendarFact]:
    """Return the facts of one table; raise :class:`DataError` with all that is wrong with it."""
    problems: list[Problem] = []
    facts: dict[date, CalendarFact] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows, ())) != COLUMNS:
            remedy = f"the columns are {','.join(COLUMNS)}"
            problems.append(Problem(path.name, "wrong columns", 1, remedy=remedy))
        latest = date.min
        for row in () if problems else rows:
            try:
                fact = _fact(row)
                if fact.day <= latest:
                    raise ValueError(f"{fact.day} does not come after {latest}; sort the rows")
            except ValueError as wrong:
                problems.append(Problem(path.name, str(wrong), rows.line_num))
                continue
            facts[fact.day] = fact
            latest = fact.day
    if problems:
        raise DataError(problems)
    return facts


def _fact(row: list[str]) -> CalendarFact:
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} columns instead of {len(COLUMNS)}")
    text, kind, opens, closes, name, source, confidence = row
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is unknown; the kinds are {', '.join(KINDS)}")
    if confidence not in CONFIDENCE:
        raise ValueError(f"confidence {confidence!r} is unknown; use {', '.join(CONFIDENCE)}")
    if not source:
        raise ValueError("no source is given; every fact needs one")
    day = date.fromisoformat(text)
    if kind == "closure":
        if opens or closes:
            raise ValueError("a closure has no hours; leave open and close empty")
        return CalendarFact(
            day=day,
            kind=kind,
            opens=None,
            closes=None,
            name=name,
            source=source,
            confidence=confidence,
        )
    begin, end = time.fromisoformat(opens), time.fromisoformat(closes)
    if begin >= end:
        raise ValueError(f"the session opens at {opens}, not before it closes at {closes}")
    return CalendarFact(
        day=day, kind=kind, opens=begin, closes=end, name=name, source=source, confidence=confidence
    )


@cache
def _exchanges() -> dict[str, Any]:
    with assets.data("calendars", "exchanges.toml").open("rb") as file:
        return tomllib.load(file)


def _build(name: str, exchange: Mapping[str, Any], facts: Mapping[date, CalendarFact]) -> Calendar:
    days, opens, closes = _ordinary_hours(exchange["hours"])
    held = np.ones(len(days), dtype=bool)
    places = np.searchsorted(days, np.array(list(facts), dtype="datetime64[D]")).tolist()
    problems = []
    for place, fact in zip(places, facts.values(), strict=True):
        if place == len(days) or days[place] != np.datetime64(fact.day):
            wrong = f"{fact.day} is not a trading day of exchanges.toml"
            problems.append(Problem(f"{name}.csv", wrong, remedy="drop it"))
        elif fact.opens is None or fact.closes is None:
            held[place] = False
        else:
            opens[place], closes[place] = _seconds(fact.opens), _seconds(fact.closes)
    if problems:
        raise DataError(problems)
    midnights = days.astype("datetime64[s]").astype(np.int64)
    midnights -= utc_offsets(days, ZoneInfo(exchange["timezone"]))
    found = Calendar(
        name=name,
        timezone=exchange["timezone"],
        sessions=days[held],
        opens=(midnights + opens)[held],
        closes=(midnights + closes)[held],
        confirmed=exchange["confirmed"],
    )
    for column in (found.sessions, found.opens, found.closes):
        column.setflags(write=False)  # the calendar is cached and shared
    return found


def _ordinary_hours(eras: list[dict[str, Any]]) -> tuple[Days, Instants, Instants]:
    """Return the days that would be sessions without closures, and their hours in seconds."""
    begin = np.datetime64(min(era["first"] for era in eras))
    end = np.datetime64(max(era["last"] for era in eras))
    days: Days = np.arange(begin, end + np.timedelta64(1, "D"), dtype="datetime64[D]")
    weekday = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    opens = np.full(len(days), -1, dtype=np.int64)
    closes = opens.copy()
    for era in eras:
        kept = np.isin(weekday, [_WEEK.index(day) for day in era["days"]])
        kept &= (days >= np.datetime64(era["first"])) & (days <= np.datetime64(era["last"]))
        opens[kept] = _seconds(era["open"])
        closes[kept] = _seconds(era["close"])
    trades = opens >= 0
    return days[trades], opens[trades], closes[trades]


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
