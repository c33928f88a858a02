"""A firm's clients along their sessions, from what each morning's plan says that they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import DataError, UsageError

if TYPE_CHECKING:
    from jeoul.firm.advisory import AdvisoryFee
    from jeoul.market import Market
    from jeoul.model.calendar import Calendar
    from jeoul.model.portfolio import Portfolio
    from jeoul.operations.course import AccountCourse
    from jeoul.operations.course.record import CourseFill
    from jeoul.operations.firm.books import FirmBooks
    from jeoul.workspace.firm import FirmFile


def parse_month(text: str) -> date:
    """Return the first day of a month written as ``2024-06``; raise :class:`UsageError` else.

    >>> parse_month("2024-06")
    datetime.date(2024, 6, 1)
    """
    year, mark, month = text.partition("-")
    plain = mark and year.isascii() and month.isascii() and (year + month).isdigit()
    if plain and len(year) == 4 and len(month) == 2 and 1 <= int(month) <= 12 and int(year) >= 1900:
        return date(int(year), int(month), 1)
    raise UsageError(f"{text!r} is not a month; write it as 2024-06")


def market_of(firm: FirmFile, folder: Path | None) -> tuple[Market, Calendar]:
    """Return the market of a firm and the calendar of its strategy."""
    from jeoul import api
    from jeoul.workspace.firm import strategy_of
    from jeoul.workspace.kept import user_cache

    place = folder or (None if firm.keys.data is None else firm.beside(firm.keys.data))
    market = api.open_market(place, cache=user_cache())
    return market, api.calendars()[strategy_of(firm, firm.keys.strategy).calendar]


def holdings_by_day(books: FirmBooks) -> Mapping[str, Mapping[date, Portfolio]]:
    """Return what each account held after the close of each session that was planned.

    Where a session has several plans, the newest one counts.
    """
    from jeoul.operations.firm.plans import portfolio_in

    found: dict[str, dict[date, Portfolio]] = {}
    for event in books.plans():
        session = date.fromisoformat(event.content["session"])
        for client in event.content["clients"]:
            if client["held"] is not None:
                held = portfolio_in(client["held"])
                found.setdefault(client["account"], {})[session] = held
    return found


def fills_by_account(books: FirmBooks) -> Mapping[str, list[CourseFill]]:
    """Return what each account got of the blocks, in the order of the plans."""
    from jeoul.model.portfolio import Side
    from jeoul.operations.course.record import CourseFill
    from jeoul.operations.firm.plans import named_plan

    found: dict[str, list[CourseFill]] = {}
    for event in books.allotments():
        plan = named_plan(books, event.plan)  # alone: the books have a plan for each morning
        executed = date.fromisoformat(plan.document["executed"])
        for key, its in event.content["blocks"].items():
            side, ticker = key.split(" ")
            for each in its:
                if not each["shares"]:
                    continue
                orders = plan.orders(each["account"])
                reason = next(o.reason for o in orders if (o.side, o.ticker) == (side, ticker))
                fill = CourseFill(
                    session=executed,
                    side=Side(side),
                    ticker=ticker,
                    shares=each["shares"],
                    amount=each["amount"],
                    fee=each["fee"],
                    reason=reason,
                    run_id=event.plan,
                )
                found.setdefault(each["account"], []).append(fill)
    return found


def courses_of(firm: FirmFile, market: Market, calendar: Calendar) -> Mapping[str, AccountCourse]:
    """Return the course of every account that a plan knows, with its part of the blocks.

    Raises :class:`DataError` where the market does not reach back to the first plan.
    """
    from jeoul.operations.course import course_of_files

    with firm.books() as books:
        held, fills = holdings_by_day(books), fills_by_account(books)
    last = market.last_session(calendar.name)
    found = {}
    for account, days in held.items():
        known = {day: portfolio for day, portfolio in days.items() if day <= last}
        if not known:
            continue
        its = [fill for fill in fills.get(account, ()) if min(known) < fill.session <= last]
        found[account] = course_of_files(
            known, account=account, market=market, calendar=calendar, fills=its
        )
    return found


def rates_by_day(books: FirmBooks) -> Mapping[str, Mapping[date, Decimal]]:
    """Return the yearly advisory rate of each account by the session of the plan that has it."""
    found: dict[str, dict[date, Decimal]] = {}
    for event in books.plans():
        session = date.fromisoformat(event.content["session"])
        for client in event.content["clients"]:
            found.setdefault(client["account"], {})[session] = Decimal(client["fee"])
    return found


def rates_along(rates: Mapping[date, Decimal], sessions: Sequence[date]) -> list[Decimal]:
    """Return the rate of the last plan up to each session, of the first one before any.

    >>> rates = {date(2024, 6, 3): Decimal(1), date(2024, 6, 5): Decimal(2)}
    >>> rates_along(rates, [date(2024, 6, day) for day in (1, 4, 5)])
    [Decimal('1'), Decimal('1'), Decimal('2')]
    """
    days, at, found = sorted(rates), 0, []
    for session in sessions:
        while at + 1 < len(days) and days[at + 1] <= session:
            at += 1
        found.append(rates[days[at]])
    return found


def fees_of(firm: FirmFile, month: date, folder: Path | None) -> Sequence[AdvisoryFee]:
    """Return the advisory fee of every account for a month.

    From the session of a plan on the rate is the one that the plan has, so that a later plan
    changes no month before it. Raises :class:`UsageError` for
    a month before the first plan, :class:`DataError` for one that the market does not reach.
    """
    from calendar import monthrange

    from jeoul.firm.advisory import ValuedDays, month_fee

    market, calendar = market_of(firm, folder)
    end = month.replace(day=monthrange(month.year, month.month)[1])
    last = market.last_session(calendar.name)
    if last < calendar.at_or_before(end):
        raise DataError(
            f"the market data end on {last}, before the last session of {month:%Y-%m}; update "
            "them, or name an earlier month"
        )
    with firm.books() as books:
        rates = rates_by_day(books)
    found = []
    for account, course in courses_of(firm, market, calendar).items():
        sessions = course.sessions.astype(object).tolist()
        days = ValuedDays(sessions, course.value.tolist(), rates_along(rates[account], sessions))
        fee = month_fee(account, days, firm.keys.advisory.accrual, month)
        if fee is not None:
            found.append(fee)
    if not found:
        raise UsageError(f"no plan is as old as {month:%Y-%m}; name a later month")
    return sorted(found, key=lambda fee: fee.account)
