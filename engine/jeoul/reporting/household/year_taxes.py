"""What a plan changes of each person's taxes of the year, and when that is paid or comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jeoul.household.gathering.gathered import Gathered
from jeoul.household.history.year import Assessment, PersonYear, assess
from jeoul.household.problem.after import After
from jeoul.household.problem.records import Gains
from jeoul.korea.rulebook import Rulebook
from jeoul.reporting.household.facts import PlanYearTax
from jeoul.reporting.household.orders import Desk

_KINDS = {
    "overseas": "overseas",
    "comprehensive": "income",
    "health": "health",
    "credit": "credit",
}


def year_taxes(gathered: Gathered, book: Rulebook, desk: Desk) -> Iterator[PlanYearTax]:
    """Yield by how much a plan changes each person's taxes of the year, with the first day.

    The law is that of :func:`~jeoul.household.history.year.assess`, asked with the plan and
    without. What comes back is below 0.
    """
    for name in gathered.file.people:
        without = assess(book, _year(gathered, name))
        with_plan = assess(book, _year(gathered, name, desk))
        for what, kind in _KINDS.items():
            amount = _sum(with_plan, what) - _sum(without, what)
            if amount:
                day = _first(with_plan, what) or _first(without, what)
                assert day is not None, "an amount has a day"
                yield PlanYearTax(person=name, kind=kind, amount=amount, due=day)


def _sum(found: Assessment, what: str) -> int:
    return sum(each.amount for each in found.payments if each.what == what)


def _first(found: Assessment, what: str) -> date | None:
    return min((each.day for each in found.payments if each.what == what), default=None)


def _year(gathered: Gathered, name: str, desk: Desk | None = None) -> PersonYear:
    """Return a person's year so far, and with what a plan sells and pays in."""
    person, year = gathered.file.people[name], gathered.law_of.year
    paid = {"pension_savings": 0, "irp": 0}
    for account in gathered.file.accounts_of(name):
        if account.kind in paid:
            paid[account.kind] += account.paid.paid.get(year, 0)
            if desk is not None:
                paid[account.kind] += round(desk.moves.deposits.get(account.id, 0.0))
    abroad = 0 if desk is None else round(_abroad(gathered, name, desk))
    return PersonYear(
        year=year,
        income=person.income,
        status=person.status,
        overseas_elsewhere=person.gains.overseas_realised,
        financial=0 if desk is None else _taxable(gathered, name, desk),
        overseas=(abroad,) if abroad else (),
        savings=paid["pension_savings"],
        irp=paid["irp"],
    )


def _abroad(gathered: Gathered, name: str, desk: Desk) -> float:
    """Return the net gain that a plan realises in accounts whose gains the year settles."""
    after = After(gathered.household, desk.moves)
    return sum(
        after.realised.get(account.id, 0.0)
        for account in gathered.household.accounts
        if account.owner == name and account.gains is Gains.YEARLY
    )


def _taxable(gathered: Gathered, name: str, desk: Desk) -> int:
    """Return what of a plan's sales counts as interest and dividends of a person."""
    return sum(
        desk.sale(account, code).taxable
        for account, code in desk.moves.trades
        if gathered.file.accounts[account].owner == name
    )
