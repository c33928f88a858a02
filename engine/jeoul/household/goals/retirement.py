"""A goal of a household that is lived on: what is spent, and what its accounts are by then."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from jeoul.account.exits import pension_age
from jeoul.goals.belief import Belief
from jeoul.goals.levy import GainLevy
from jeoul.goals.retiring import Retiring
from jeoul.goals.saving import BESIDE, Pot
from jeoul.goals.spending import Retirement, orders_of
from jeoul.goals.withdrawing import PayingAccount, PensionLaw
from jeoul.household.goals.cases import GoalCase
from jeoul.household.goals.pots import PENSION, PotFacts
from jeoul.household.written.file import HouseholdFile, HouseholdPerson
from jeoul.korea.pension import pension_start, receipt_limit
from jeoul.korea.pieces_gains import overseas_pieces, sale_pieces
from jeoul.korea.pieces_income import income_pieces
from jeoul.korea.pieces_pension import closing_pieces, receipt_pieces
from jeoul.korea.rulebook import Rulebook

_WHOLE = 1_000_000_000  # won by which a share of the law is measured


def retiring(facts: PotFacts, goal: GoalCase, belief: Belief) -> Retiring | None:
    """Return a goal with its years of retirement, None for one whose money is needed on its day.

    Life is counted by the age of the youngest owner of the goal's accounts. Their public pensions,
    before their own tax, are paid from 65 on. In retirement nobody has wages: what an ordinary
    account realises in a year is taxed by itself. An ISA is settled when its first won is needed,
    and is an ordinary account from then on.
    """
    file = facts.gathered.file
    written = file.goals[goal.case.id]
    if not written.lived_on:
        return None
    people = _owners(file, goal)
    monthly = written.spending or sum(person.spending for person in people)
    day = max(written.by, facts.gathered.as_of)
    youngest = min(people, key=lambda person: person.age_on(day))
    plan = Retirement(
        spending=12.0 * monthly,
        first=min(written.until - 1, youngest.age_on(day)),
        last=written.until,
        years_away=goal.case.steps.years,
        pension=float(sum(person.income.public_pension or 0 for person in people)),
    )
    pots = goal.case.saving().pots
    sources = tuple(_source(facts, pot, plan) for pot in pots)
    limit = float(facts.book.won("pension.separate_limit"))
    return Retiring(
        case=goal.case,
        plan=plan,
        sources=sources,
        orders=orders_of(sources, limit),
        belief=belief,
    )


def _owners(file: HouseholdFile, goal: GoalCase) -> tuple[HouseholdPerson, ...]:
    accounts = file.goals[goal.case.id].accounts
    names = dict.fromkeys(file.accounts[name].owner for name in accounts)
    return tuple(file.people[name] for name in names)


def _source(facts: PotFacts, pot: Pot, plan: Retirement) -> PayingAccount:
    book = facts.book
    if pot.kind == BESIDE:
        return PayingAccount(id=pot.id, kind=pot.kind)
    ordinary = GainLevy(pieces=sale_pieces(book, "krx_other_etf") + income_pieces(book))
    if pot.kind == PENSION:
        law = pension_law(book, plan.first, plan.years)
        return PayingAccount(id=pot.id, kind=pot.kind, pension=law, leave=pot.leave)
    if pot.kind == "overseas":
        abroad = GainLevy(pieces=overseas_pieces(book))
        return PayingAccount(id=pot.id, kind=pot.kind, levy=abroad, leave=pot.leave)
    settle = pot.levy if pot.kind == "isa" else None
    return PayingAccount(id=pot.id, kind=pot.kind, levy=ordinary, settle=settle, leave=pot.leave)


def pension_law(book: Rulebook, first: int, years: int) -> PensionLaw:
    """Return how pension receipts are taxed from an age on, for so many years.

    The first year of receipt is the first of retirement, and never before a pension may start.

    >>> from jeoul.korea.tables import load_rules
    >>> law = pension_law(load_rules(2026), 54, 12)
    >>> [round(share, 3) for share in law.limits[:3]], law.limits[11]
    ([0.0, 0.12, 0.133], inf)
    """
    start, _ = pension_start(book)
    ages = range(first, first + years)
    return PensionLaw(
        receipts=tuple(
            GainLevy(pieces=receipt_pieces(book, pension_age(book, age))) for age in ages
        ),
        outside=GainLevy(pieces=closing_pieces(book)),
        limits=tuple(_limits(book, start - first, years)),
    )


def _limits(book: Rulebook, wait: int, years: int) -> Iterator[float]:
    for year in range(years):
        received = year - max(0, wait) + 1
        if received < 1:
            yield 0.0
            continue
        found = receipt_limit(book, balance=_WHOLE, year=received)
        yield found.limit / _WHOLE if found.limited else inf
