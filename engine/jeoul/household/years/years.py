"""The years ahead: what is paid into which account, when an ISA ends, which gains to realise.

A rolling plan: each year is decided by the law and the goals as they are known today, and only the
first is acted on; next year the plan is made again. It sees payments, rooms, maturities, credits
and the yearly deduction for gains abroad. It does not see: markets (money grows at the cautious
path), orders and their tax, changes of law, income, family or policy, interest and dividends above
20 M that bar an ISA later, gifts between spouses, receipts of pensions, or anything after its last
year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.needs import flows_until, plan_goals
from jeoul.household.gathering.people import lock_years, standing_of
from jeoul.household.gathering.pieces import PENSIONS
from jeoul.household.problem.records import LONGEST_LOCK
from jeoul.household.years.isa import IsaEvent, best_transfer, closing_saves, reopened
from jeoul.household.years.payments import Places, YearDeposits, place_deposits
from jeoul.household.years.state import YearsState, a_year_later, paid_into, state_of
from jeoul.korea.pieces_gains import isa_pieces, overseas_pieces
from jeoul.korea.rulebook import Rulebook

YEARS = 5
"""Years that are planned by default: two terms of an ISA are not over before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPlan:
    """One person's year, in won.

    ``money`` is what is saved in it, ``deposits`` by account where it goes, ``stays`` what no
    account takes. ``credit`` is what the pension payments earn, ``forgone`` what the year's money
    could have earned beyond it, had neither a goal, the reserve nor the limit on what is locked
    kept it out. ``needed`` is what the household's reserve and goals need of open money at its end.
    ``realise`` are gains abroad to sell within the deduction, which saves ``saves``.
    """

    person: str
    year: int
    age: int
    money: int
    deposits: Mapping[str, int]
    stays: int
    credit: int
    forgone: int
    events: tuple[IsaEvent, ...]
    realise: int
    saves: int
    needed: int


def plan_years(
    gathered: Gathered, book: Rulebook, *, growth: float, years: int = YEARS
) -> tuple[YearPlan, ...]:
    """Return a plan of the years from a household's day on, person by person, year by year.

    ``growth`` is what all money is taken to grow by a year. The first year has what is left of it:
    new money that was given to :func:`~jeoul.household.gathering.gather.gather`, and the flows to
    its end. The law of ``book`` is applied to every year.
    """
    states = {name: state_of(gathered, book, name) for name in gathered.file.people}
    found = []
    for year in range(gathered.as_of.year, gathered.as_of.year + years):
        at = _calendar(gathered, states, year, growth)
        free = at.free
        for name, state in states.items():
            states[name], plan, locked = _year(gathered, book, state, at._replace(free=free))
            free -= locked
            found.append(plan)
    return tuple(found)


class _Year(NamedTuple):
    """A year of the household: its days, each person's savings, and how much of it is free.

    ``open`` is what all have in accounts without a lock, ``needed`` what reserve and goals need of
    it and of the savings, ``free`` what is left and has not been locked yet.
    """

    since: date
    until: date
    first: bool
    money: Mapping[str, float]
    open: float
    needed: float
    free: float
    growth: float


def _calendar(
    gathered: Gathered, states: Mapping[str, YearsState], year: int, growth: float
) -> _Year:
    first = year == gathered.as_of.year
    since, until = gathered.as_of if first else date(year, 1, 1), date(year, 12, 31)
    money = {name: _money(gathered, name, since, until, first=first) for name in states}
    whole = sum(state.unlocked for state in states.values())
    needed = _needed(gathered, since, until)
    free = whole + sum(money.values()) - needed
    return _Year(
        since=since,
        until=until,
        first=first,
        money=money,
        open=whole,
        needed=needed,
        free=free,
        growth=growth,
    )


def _year(
    gathered: Gathered, book: Rulebook, state: YearsState, at: _Year
) -> tuple[YearsState, YearPlan, int]:
    """Return a person's state at the end of a year, what was done in it, and what it locked."""
    file, money = gathered.file, at.money[state.person]
    share = state.unlocked / at.open if at.open > 0.0 else 0.0
    places = _places(gathered, book, state, at)
    deposits = place_deposits(places, round(money + state.bank))
    state = paid_into(state, places.accounts, deposits)
    state, event = _maturity(book, state, places, deposits, (at.since, at.until), at.growth)
    realised = places.standing.person.gains.overseas_realised if at.first else 0
    realise = _realisable(book, state, realised)
    plan = YearPlan(
        person=state.person,
        year=at.until.year,
        age=file.people[state.person].age_on(at.until),
        money=round(money),
        deposits=deposits.by_account,
        stays=deposits.stays,
        credit=deposits.credit,
        forgone=deposits.forgone,
        events=() if event is None else (event,),
        realise=realise,
        saves=int(realise * overseas_pieces(book).slopes[-1]),
        needed=round(at.needed),
    )
    locked = sum(deposits.by_account.get(name, 0) for name, lock in places.locks.items() if lock)
    locked += 0 if event is None else event.transferred
    spent = sum(goal.amount for goal in file.goals.values() if at.since < goal.by <= at.until)
    return a_year_later(state, realise, spent * share, at.growth), plan, locked


def _places(gathered: Gathered, book: Rulebook, state: YearsState, at: _Year) -> Places:
    file, own = gathered.file, gathered.file.accounts_of(state.person)
    born, price = file.people[state.person].born, file.policy.lock_price
    locks = {
        each.id: min(lock_years(book, each, born, at.since), LONGEST_LOCK) * price
        for each in own
        if each.kind in PENSIONS
    }
    outside = at.needed if _no_isa_serves(gathered) else 0.0
    return Places(
        standing=standing_of(book, file, state.person, at.since),
        accounts=own,
        locks=locks,
        isa_room=0 if state.isa is None else state.isa.room(book, at.since.year),
        free=round(min(at.free, state.unlocked + at.money[state.person])),
        max_lock=file.policy.max_lock,
        unshielded=round(max(0.0, outside - state.open)),
    )


def _money(gathered: Gathered, name: str, since: date, until: date, *, first: bool) -> float:
    """Return what a person saves in a year: flows, and new money in the first."""
    own = [flow for flow in gathered.file.flows if flow.person == name]
    start = since if first else since - timedelta(days=1)
    given = sum(
        pool.amount for pool in gathered.household.pools if first and pool.id == f"new:{name}"
    )
    return max(0.0, flows_until(own, start, until) + given)


def _needed(gathered: Gathered, since: date, until: date) -> float:
    """Return what reserve and goals need of the money that is there at the end of a year."""
    file = gathered.file
    later = {name: goal for name, goal in file.goals.items() if goal.by > since}
    goals = plan_goals(later, file.flows, gathered.path, until)
    kept = (file.policy.within_reach or 0) + file.policy.keep_liquid
    return kept + sum(goal.need for goal in goals)


def _no_isa_serves(gathered: Gathered) -> bool:
    """Return whether there are goals, and none of them may be paid from an ISA."""
    file = gathered.file
    kinds = {file.accounts[name].kind for goal in file.goals.values() for name in goal.accounts}
    return bool(kinds) and "isa" not in kinds


def _maturity(
    book: Rulebook,
    state: YearsState,
    places: Places,
    deposits: YearDeposits,
    span: tuple[date, date],
    growth: float,
) -> tuple[YearsState, IsaEvent | None]:
    """Return the state after an ISA whose term is over was kept or opened again.

    What was kept is looked at again every year, and said in the year of its maturity alone.
    """
    isa = state.isa
    since, until = span
    if isa is None or isa.matures(book) > until:
        return state, None
    before = isa.matures(book) <= since
    day = since if before else isa.matures(book)
    if places.standing.person.status.financial_income_taxpayer_last_3y:
        return state, IsaEvent(account=isa.account, day=day, what="barred")
    yearly = sum(amount for name, amount in deposits.by_account.items() if name == isa.account)
    tax = int(isa_pieces(book, isa.kind).at(isa.gain))
    savings = next((each.id for each in places.accounts if each.kind == "pension_savings"), None)
    lock = places.locks.get(savings or "", 0.0)
    transfer = best_transfer(
        book,
        places.standing,
        savings=deposits.savings,
        irp=deposits.irp,
        most=0
        if savings is None
        else min(deposits.lockable if lock else isa.value, isa.value - tax),
        lock_cost=lock,
    )
    saves = closing_saves(book, isa, growth=growth, yearly=yearly) + transfer.credit
    if saves <= 0:
        kept = IsaEvent(account=isa.account, day=day, what="kept", saves=saves)
        return state, None if before else kept
    left = isa.value - tax - transfer.amount
    new = reopened(isa, day, 0)
    moved = min(left, new.room(book, until.year))
    event = IsaEvent(
        account=isa.account,
        day=day,
        what="reopened",
        tax=tax,
        transferred=transfer.amount,
        credit=transfer.credit,
        until=day + timedelta(days=book.won("isa.transfer_days")) if transfer.amount else None,
        moved=moved,
        outside=left - moved,
        saves=saves,
    )
    after = replace(state, isa=reopened(isa, day, moved), open=state.open + left - moved)
    return after, event


def _realisable(book: Rulebook, state: YearsState, realised: int) -> int:
    """Return the gains abroad that the year's deduction still covers."""
    return max(0, min(round(state.abroad_gain), book.won("us.deduction") - realised))
