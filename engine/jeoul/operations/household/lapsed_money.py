"""Requests for which a run has waited long enough, as a whole or in part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from jeoul.operations.household.asked_money import (
    LAPSES,
    REST,
    AskedMoney,
    EndedMoney,
    MoneyUnderWay,
)
from jeoul.operations.household.counted_once import without
from jeoul.operations.household.money_left import Books, amounts_left


def without_lapsed(told: MoneyUnderWay, on: date, books: Books) -> MoneyUnderWay:
    """Return what is under way on a session: what was asked for too long ago is over.

    What has come is that of the oldest days. A schedule that adds to a request every month does not
    put off the end of what it was before.
    """
    over = [name for name, each in told.requests.items() if each.has_lapsed(on)]
    told = without(told, over, books)
    left = amounts_left(told.requests, books)
    overdue = {
        name: won for name, each in told.requests.items() if (won := _overdue(each, left[name], on))
    }
    parts = tuple(
        EndedMoney(
            person=name,
            asked=_part(told.requests[name], won, on, books),
            until=dict(books.moved),
            rest=won,
        )
        for name, won in overdue.items()
    )
    rest = {name: told.requests[name].without_overdue(won) for name, won in overdue.items()}
    return replace(told, requests={**told.requests, **rest}, ended=(*told.ended, *parts))


def _overdue(asked: AskedMoney, left: int, on: date) -> int:
    """Return the won of a request's oldest days that have lapsed and not moved."""
    sign = asked.way
    lapsed = sum(won for day, won in asked.days.items() if on > day + LAPSES)
    won = sign * (lapsed - (asked.amount - left))
    return sign * won if won > REST * abs(asked.wanted) else 0


def _part(asked: AskedMoney, won: int, on: date, books: Books) -> AskedMoney:
    """Return overdue won as a request of their own, of which nothing has come."""
    since = max(day for day in asked.days if on > day + LAPSES)
    return AskedMoney.of(won, since, books.moved)
