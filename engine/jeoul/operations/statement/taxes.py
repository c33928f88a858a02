"""What the law makes of an account's trades and distributions, whatever its broker withheld.

The trades of a course pass through the same rules as those of a backtest
(:mod:`jeoul.account.day_taxes`), and the year is assessed by the same function
(:func:`jeoul.household.history.year.assess`). Shares that came without a trade cost their price on
that day: nobody said what was paid for them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.account.day_taxes import DayTaxes
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.account.withholding import Taxed, TaxLedger, TaxRules
from jeoul.advice.person import Income, LegalStatus
from jeoul.household.history.records import PENSIONS
from jeoul.household.history.year import Assessment, PersonYear, assess, of_accounts
from jeoul.korea.rulebook import Rulebook
from jeoul.model.portfolio import Side
from jeoul.operations.course import AccountCourse, CourseFill
from jeoul.reporting.statement.facts import Assessed, YearTax


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxable:
    """How an account is taxed: its owner, its rules, the prices that it met, and its exchange.

    ``paid`` is what its owner says was paid in by year beside the books, ``deposits`` what the
    broker named as deposits, by session. What an account held at first is neither.
    """

    owner: str
    kind: str
    rules: TaxRules
    events: PriceEvents
    exchange: CurrencyExchange | None = None
    paid: Mapping[int, int] = field(default_factory=dict)
    deposits: Mapping[date, int] = field(default_factory=dict)

    def paid_in(self, year: int, end: date) -> int:
        """Return what was paid in during a year, up to a day."""
        booked = (n for day, n in self.deposits.items() if day.year == year and day <= end)
        return self.paid.get(year, 0) + sum(booked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A person whose years are assessed; ``overseas_elsewhere`` are net gains abroad beside."""

    income: Income = field(default_factory=Income)
    status: LegalStatus = field(default_factory=LegalStatus)
    overseas_elsewhere: int = 0


class AccountResults(NamedTuple):
    """An account with what the law looks at in it, and its first session."""

    taxable: Taxable
    taxed: Sequence[Taxed]
    begun: date


def results_of(course: AccountCourse, taxable: Taxable) -> tuple[Taxed, ...]:
    """Return what the law looks at in the trades and distributions of a course.

    Securities that the rules do not know are left out.
    """
    found: list[Taxed] = []
    ledger = TaxLedger()
    for place, day in _eventful(course, taxable):
        session: date = course.sessions[place].astype(object)
        taxes = DayTaxes(taxable.rules, ledger, session, taxable.events, taxable.exchange, parts=1)
        _pass(taxes, course, place, day)
        found += taxes.found
        ledger = taxes.ledger
    return tuple(found)


def years_of(
    accounts: Sequence[AccountResults],
    people: Mapping[str, Payer | None],
    book: Rulebook,
    start: date,
    end: date,
) -> tuple[YearTax, ...]:
    """Return what every year of a span costs each person by the law of ``book``.

    A person who is None is not assessed: only the tax at source is known of one account alone.
    """
    found = []
    for person, payer in people.items():
        mine = [each for each in accounts if each.taxable.owner == person]
        begun = min((each.begun for each in mine), default=end)
        for year in range(max(start, begun).year, end.year + 1):
            assessed = None if payer is None else _assessed(mine, payer, book, year, end)
            whole = end >= date(year, 12, 31)
            found.append(
                YearTax(
                    person=person,
                    year=year,
                    whole=whole,
                    withheld=withheld_in(mine, year, end),
                    assessed=assessed,
                )
            )
    return tuple(found)


def withheld_in(accounts: Iterable[AccountResults], year: int, end: date) -> int:
    """Return the tax at source of accounts in a year up to a day, by the law."""
    taxed = (one for each in accounts for one in each.taxed if one.session <= end)
    return sum(one.tax for one in taxed if one.session.year == year)


def assessed_year(
    accounts: Sequence[AccountResults], payer: Payer, book: Rulebook, year: int, end: date
) -> Assessment:
    """Return what a person owes for a year over all accounts, beyond the tax at source."""
    taxed = [one for each in accounts for one in each.taxed if one.session <= end]
    financial, abroad = of_accounts(taxed, year)
    paid = dict.fromkeys(PENSIONS, 0)
    for each in accounts:
        if each.taxable.kind in paid:
            paid[each.taxable.kind] += each.taxable.paid_in(year, end)
    return assess(
        book,
        PersonYear(
            year=year,
            income=payer.income,
            status=payer.status,
            overseas_elsewhere=payer.overseas_elsewhere,
            financial=financial,
            overseas=abroad,
            savings=paid.pop(PENSIONS[0]),
            irp=sum(paid.values()),
        ),
    )


def _assessed(
    accounts: Sequence[AccountResults], payer: Payer, book: Rulebook, year: int, end: date
) -> Assessed:
    found = assessed_year(accounts, payer, book, year, end)
    return Assessed(
        overseas=found.overseas,
        comprehensive=found.comprehensive,
        health=found.health,
        credit=found.credit,
        total=found.total,
    )


@dataclass(slots=True)
class _Day:
    """What happened in one session, in the order in which the account's day has it."""

    actions: list[CorporateAction] = field(default_factory=list)
    arrived: list[tuple[str, int]] = field(default_factory=list)
    fills: list[CourseFill] = field(default_factory=list)


def _eventful(course: AccountCourse, taxable: Taxable) -> Iterator[tuple[int, _Day]]:
    """Yield the sessions on which something was traded, paid, split or brought in.

    A day between two sessions counts in the later one.
    """
    known = taxable.rules.kinds
    days: dict[int, _Day] = defaultdict(_Day)
    columns = {ticker: column for column, ticker in enumerate(course.tickers)}
    sessions: Sequence[date] = course.sessions.astype(object).tolist()
    moved = np.diff(course.shares, axis=0, prepend=0)
    for fill in course.fills:
        if fill.ticker in known:
            place = bisect_left(sessions, fill.session)
            days[place].fills.append(fill)
            change = fill.shares if fill.side is Side.BUY else -fill.shares
            moved[place, columns[fill.ticker]] -= change
    for row, column in np.argwhere(moved != 0).tolist():
        ticker, count = course.tickers[column], int(moved[row, column])
        if ticker not in known:
            continue
        if _is_split(course, taxable.events, row, column):
            days[row].actions.append(CorporateAction("split", ticker, count, 0))
        elif count > 0:
            days[row].arrived.append((ticker, count))
    for payment in course.payments:
        if payment.ticker in known:
            paid = CorporateAction("dividend", payment.ticker, 0, payment.amount)
            days[bisect_left(sessions, payment.session)].actions.append(paid)
    yield from sorted(days.items())


def _pass(taxes: DayTaxes, course: AccountCourse, place: int, day: _Day) -> None:
    """Let a session pass as an account's day does: actions, sales, purchases."""
    before = course.shares[place - 1] if place else np.zeros(len(course.tickers), dtype=np.int64)
    held = dict(zip(course.tickers, before.tolist(), strict=True))
    # Of one ticker, splits were found first: what is paid is of the shares after them.
    taxes.opening(held, sorted(day.actions, key=lambda each: each.ticker))
    for action in day.actions:
        held[action.ticker] += action.shares
    for ticker, count in day.arrived:
        price = int(np.nan_to_num(course.prices[place, course.tickers.index(ticker)]))
        taxes.purchase(ticker, held[ticker], count, price, count * price)
        held[ticker] += count
    for fill in sorted(day.fills, key=lambda each: each.side is Side.BUY):
        price = round(fill.amount / fill.shares)
        if fill.side is Side.SELL:
            taxes.sale(fill.ticker, fill.shares, price, fill.amount - fill.fee)
            held[fill.ticker] -= fill.shares
        else:
            had = held[fill.ticker]
            taxes.purchase(fill.ticker, had, fill.shares, price, fill.amount + fill.fee)
            held[fill.ticker] += fill.shares


def _is_split(course: AccountCourse, events: PriceEvents, row: int, column: int) -> bool:
    """Return whether a split changed the shares that were held before; without any, none did."""
    held = int(course.shares[row - 1, column]) if row else 0
    if not held:
        return False
    opened = events.openings(course.sessions[row].astype(object), {course.tickers[column]: held})
    return any(action.kind == "split" for action in opened)
