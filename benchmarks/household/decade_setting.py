"""The ten years that a frozen household is stepped through: days, class levels, funds, people."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import simulated_law as law
from frozen import path_of
from simulated_market import FUNDS, Listing
from simulated_terms import OF_PENSION

from jeoul import api
from jeoul.account.exits import draw_pension, pension_age
from jeoul.advice.person import Income, LegalStatus
from jeoul.household.history.history import household_history
from jeoul.household.history.planned import PlanDecider
from jeoul.household.history.records import (
    PENSIONS,
    HistoryPerson,
    HouseholdHistory,
    Moment,
    NewMoney,
)
from jeoul.household.history.seeing import ProblemMaker
from jeoul.household.history.stepping import FundTerms, Setting, begin
from jeoul.household.problem.after import money_of
from jeoul.household.problem.document import from_document
from jeoul.household.problem.records import Household, Moves
from jeoul.korea.tables import load_rules
from jeoul.strategy.load import load_strategy

FIRST, LAST = date(2014, 6, 30), date(2024, 6, 28)
LAW = 2026
OF_OCTOBER = 9
"""Month of the decision whose orders are the last to be filled in its year."""
TAX_KINDS = {"kr_equity": "kr_equity_etf", "other": "krx_other_etf"}
ABROAD = Decimal("0.15")


@dataclass(frozen=True)
class Case:
    """A frozen household, its people, and won that each saves a quarter."""

    id: str
    household: Household
    people: Mapping[str, HistoryPerson]
    saved: Mapping[str, int]


def cases(name: str) -> list[Case]:
    """Return the frozen households of a set."""
    with gzip.open(path_of(name), "rt", encoding="utf-8") as file:
        return [_case(json.loads(line)) for line in file]


def _case(line: dict[str, Any]) -> Case:
    return Case(
        id=line["id"],
        household=from_document(line["household"], line["id"]),
        people={each["id"]: _person(each) for each in line["people"]},
        saved=line["saved"],
    )


def _person(facts: dict[str, Any]) -> HistoryPerson:
    return HistoryPerson(
        id=facts["id"],
        born=date(facts["born"], 7, 1),
        income=Income(
            wages=facts["wages"],
            other=facts["other"],
            dependants=facts["dependants"],
            financial=facts["financial"],
        ),
        status=LegalStatus(health=facts["health"]),
    )


@cache
def market() -> tuple[Sequence[date], Mapping[str, np.ndarray]]:
    """Return the days of the ten years, and the level of each class on them.

    Days are the last session of every quarter and the one after it.
    """
    opened = api.open_market(os.environ["JEOUL_MARKET"])
    strategy = load_strategy("managed")
    history = api.history(strategy, opened.as_of(LAST, "XKRX"))
    sessions = [each.astype(object) for each in history.sessions]
    inside = [place for place, day in enumerate(sessions) if FIRST <= day <= LAST]
    at = [place for place in inside if _asked(sessions, place)]
    days = [sessions[place] for place in at]
    largest: dict[str, Any] = {}
    for member in api.universe_of("krx-core").members:
        best = largest.get(member.asset_class)
        if best is None or member.reference > best.reference:
            largest[member.asset_class] = member
    return days, {
        name: history.level[at, history.members.index(member.name)]
        for name, member in largest.items()
    }


def _asked(sessions: Sequence[date], place: int) -> bool:
    """Return whether a session is the last of a quarter or the first of the next."""
    day = sessions[place]
    after = sessions[place + 1] if place + 1 < len(sessions) else None
    before = sessions[place - 1]
    return after is None or _quarter(day) != _quarter(after) or _quarter(before) != _quarter(day)


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def growth_after_plans(classes: Sequence[str]) -> np.ndarray:
    """Return by how much each class grew from one decision to the next, a row a quarter."""
    _, levels = market()
    found = np.column_stack([levels[name][::2] for name in classes])
    return found[1:] / found[:-1] - 1.0


def terms_of(listing: Listing) -> FundTerms:
    """Return how a simulated fund is taxed, what it pays out and what it costs."""
    abroad = ABROAD if listing.foreign_payout and not listing.abroad else Decimal(0)
    return FundTerms(
        tax_kind="us_etf" if listing.abroad else TAX_KINDS[listing.tax],
        payout=listing.payout,
        cost=listing.cost,
        base=0.0 if listing.tax == "kr_equity" else 1.0,
        abroad=abroad,
    )


def with_receipts(household: Household, case: Case, day: date) -> Household:
    """Return a household whose pensions cost a year what the law will take of their receipts.

    The tables of a simulated account count 5.5 %. Receipts above 15 M a year cost more at the
    margin; that margin is the law's, for each person's pensions drawn as they are on a day.
    """
    listed = {each.code: each for each in FUNDS["5x12"]}
    more = {name: _margin(household, person, day) for name, person in case.people.items()}
    accounts = {each.id: each for each in household.accounts}
    return replace(
        household,
        positions=tuple(
            replace(
                each,
                drag=each.drag
                + OF_PENSION
                * (more[accounts[each.account].owner] - _counted())
                * (listed[each.fund].payout + listed[each.fund].growth),
            )
            if accounts[each.account].kind in PENSIONS
            else each
            for each in household.positions
        ),
    )


def _counted() -> float:
    return law.with_local(float(law.book().bands("pension.receipt_rates")[0][1]))


def _margin(household: Household, person: HistoryPerson, day: date) -> float:
    """Return the tax of a further won that a person's pensions pay: of a quarter more of them."""
    value = sum(
        money_of(household, each)
        for each in household.accounts
        if each.owner == person.id and each.kind in PENSIONS
    )
    if value < 1e6:
        return _counted()
    book, age = law.book(), pension_age(law.book(), person.age_on(day))
    now, then = (
        draw_pension(book, credited=round(part * value), earnings=0, age=age).tax
        for part in (1.0, 1.25)
    )
    return max(0.0, then - now) / (0.25 * value)


def stepped(
    case: Case, plan: Callable[[Household], Moves], *, rebuys: bool = False
) -> HouseholdHistory:
    """Return a household's ten years under a plan.

    With ``rebuys`` the plan whose orders are filled in October is followed by what the question of
    the year's end answers: gains abroad that are left of the yearly deduction are sold and bought
    back.
    """
    days, levels = market()
    decisions = days[::2][:-1]
    setting = Setting(
        book=load_rules(LAW),
        calendar=api.calendars()["XKRX"],
        days=days,
        levels=levels,
        terms={each.code: terms_of(each) for each in FUNDS["5x12"]},
        people=case.people,
        flows={
            day: [NewMoney(person, amount) for person, amount in case.saved.items() if amount]
            for day in decisions
        },
        pays_tax="general",
    )
    history = begin(case.household, setting)
    seen = ProblemMaker(drawn=case.household, history=history, first=days[0])

    def see(moment: Moment) -> Household:
        return with_receipts(seen(moment), case, moment.session)

    october = frozenset(each for each in decisions if rebuys and each.month == OF_OCTOBER)
    planned = PlanDecider(history, see, plan, frozenset(decisions), october)
    return household_history(history, days, planned)
