"""From the balances that a file states to cash of today and money on its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from jeoul.account.holdings.amounts import shown_number
from jeoul.account.holdings.labels import FOREIGN
from jeoul.account.holdings.money import MoneyEntry, MoneyFault
from jeoul.errors import DataError
from jeoul.model.calendar import Calendar
from jeoul.model.money import UNITS, money_text
from jeoul.model.portfolio import Reason

_ONE = "keep one of them"


class Days(NamedTuple):
    """From which day D+1 and D+2 are counted: the file's, or ``today`` where it states none."""

    calendar: Calendar | None = None
    today: date | None = None


class Balances(NamedTuple):
    """Cash and incoming money in the smallest unit, foreign money, and what is to be said."""

    cash: int | None
    incoming: Mapping[date, int]
    foreign: Mapping[str, str]
    notes: tuple[Reason, ...]
    wrongs: tuple[MoneyFault, ...]


def balances(
    entries: Sequence[MoneyEntry], currency: str, days: Days, as_of: date | None
) -> Balances:
    """Return what the entries of money come to.

    Balances of D+1 and D+2 are cumulative: what arrives on a day is the difference from the one
    before. The earliest balance is the cash; where a file has only 예수금(D+2) that is all that has
    been traded up to today.
    """
    wrongs = [*_twice(entries), *_too_fine(entries, currency)]
    if wrongs:
        return Balances(cash=None, incoming={}, foreign={}, notes=(), wrongs=tuple(wrongs))
    foreign, notes = _foreign(entries)
    units = {entry: int(entry.amount * UNITS[currency]) for entry in entries}
    by_day = sorted((entry for entry in entries if entry.money.kind == "cash"), key=_day)
    orderable = next((entry for entry in entries if entry.money.kind == "orderable"), None)
    incoming = {entry.money.on: units[entry] for entry in entries if entry.money.on is not None}
    first = by_day[0] if by_day else orderable
    if first is None:
        notes.append(Reason.of("holdings.no_cash"))
        return Balances(
            cash=None, incoming=incoming, foreign=foreign, notes=tuple(notes), wrongs=()
        )
    notes += _about_cash(first, orderable, units[first], currency)
    for before, entry in pairwise(by_day):
        more = units[entry] - units[before]
        if not more:
            continue
        on = _session(entry.money.sessions, days, as_of)
        if isinstance(on, str):
            wrongs.append(MoneyFault(entry.line, entry.label, on, "give the day with --as-of DATE"))
        else:
            incoming[on] = incoming.get(on, 0) + more
    return Balances(
        cash=units[first],
        incoming=incoming,
        foreign=foreign,
        notes=tuple(notes),
        wrongs=tuple(wrongs),
    )


def _foreign(entries: Sequence[MoneyEntry]) -> tuple[dict[str, str], list[Reason]]:
    """Return foreign money by its currency, and what is said of what may be ordered with it."""
    abroad = [entry for entry in entries if entry.money.kind == "foreign"]
    found = {
        str(entry.money.currency): shown_number(entry.amount)
        for entry in sorted(abroad, key=_day, reverse=True)  # the balance of today is kept
    }
    notes = []
    for entry in entries:
        if entry.money.kind == "foreign_orderable":
            aside = str(entry.money.currency) in found
            found.setdefault(str(entry.money.currency), shown_number(entry.amount))
            kind = "holdings.orderable_aside" if aside else "holdings.orderable_foreign"
            notes.append(Reason.of(kind, label=entry.label))
    return found, notes


def _day(entry: MoneyEntry) -> int:
    return entry.money.sessions


def _about_cash(
    first: MoneyEntry, orderable: MoneyEntry | None, units: int, currency: str
) -> Iterator[Reason]:
    amount = money_text(units, currency)
    yield Reason.of("holdings.cash_row", amount=amount, label=first.label, line=first.line)
    if first.money.day:
        yield Reason.of("holdings.cash_traded", label=first.label)
    if orderable is not None:
        kind = "holdings.orderable" if orderable is first else "holdings.orderable_aside"
        yield Reason.of(kind, label=orderable.label)
    if units < 0:
        yield Reason.of("holdings.overdrawn", amount=amount)


def _session(day: int, days: Days, as_of: date | None) -> date | str:
    """Return the session ``day`` sessions after the file's, or why it is not known."""
    since = as_of or days.today
    if days.calendar is None or since is None:
        return f"the day from which D+{day} is counted is not known"
    found = since
    try:
        for _ in range(day):
            found = days.calendar.after(found)
    except DataError as error:
        return str(error)
    return found


def _twice(entries: Sequence[MoneyEntry]) -> Iterator[MoneyFault]:
    seen: dict[object, MoneyEntry] = {}
    for entry in entries:
        key = entry.money._replace(day=entry.money.sessions)
        if key in seen:
            before = seen[key]
            cash = entry.money.kind == "cash"
            what = "is a second row of cash" if cash else "appears twice"
            wrong = f"{what}, after {before.label} in line {before.line}"
            yield MoneyFault(entry.line, entry.label, wrong, _ONE)
        seen.setdefault(key, entry)


def _too_fine(entries: Sequence[MoneyEntry], currency: str) -> Iterator[MoneyFault]:
    for entry in entries:
        units = entry.amount * UNITS[currency]
        if entry.money.kind not in FOREIGN and units != units.to_integral_value():
            wrong = f"{entry.amount} is finer than the smallest unit of {currency}"
            yield MoneyFault(entry.line, entry.label, wrong, "round it down")
