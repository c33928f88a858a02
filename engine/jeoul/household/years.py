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

from jeoul.household.file import HouseholdAccount
from jeoul.household.gathered import Gathered
from jeoul.household.needs import flows_until, plan_goals
from jeoul.household.people import lock_years, standing_of
from jeoul.household.pieces import PENSIONS
from jeoul.household.records import LONGEST_LOCK, Gains
from jeoul.household.year_deposits import Places, YearDeposits, place_deposits
from jeoul.household.years_isa import Isa, IsaEvent, best_transfer, closing_saves, reopened
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
    kept it out. ``realise`` are gains abroad to sell within the deduction, which saves ``saves``.
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
    new money that was given to :func:`~jeoul.household.gather.gather`, and the flows to its end.
    The law of ``book`` is applied to every year.
    """
    states = {name: _start(gathered, book, name) for name in gathered.file.people}
    found = []
    for year in range(gathered.as_of.year, gathered.as_of.year + years):
        whole = sum(_open(state) for state in states.values())
        for name, state in states.items():
            share = _open(state) / whole if whole > 0.0 else 1.0 / len(states)
            states[name], plan = _year(gathered, book, state, _Year(year, share, growth))
            found.append(plan)
    return tuple(found)


class _Year(NamedTuple):
    """A year to plan, and the share of the household's open money that is the person's."""

    year: int
    share: float
    growth: float


@dataclass(frozen=True)
class _State:
    """A person's accounts along the years; ``bank`` is what no account took."""

    person: str
    open: float
    bank: float
    isa: Isa | None
    abroad_value: float
    abroad_gain: float


def _start(gathered: Gathered, book: Rulebook, name: str) -> _State:
    own = gathered.file.accounts_of(name)
    accounts = {each.id: each for each in gathered.household.accounts}
    worth = {each.id: _worth(gathered, each.id) for each in own}
    isa = next((each for each in own if each.kind == "isa"), None)
    abroad = [each.id for each in own if accounts[each.id].gains is Gains.YEARLY]
    gains = [
        lot.shares * lot.gain
        for position in gathered.household.positions
        if position.account in abroad
        for lot in position.lots
    ]
    return _State(
        person=name,
        open=sum(worth[each.id] for each in own if each.kind in ("general", "overseas")),
        bank=0.0,
        isa=None if isa is None else _isa(gathered, book, isa, worth[isa.id]),
        abroad_value=sum(worth[each] for each in abroad),
        abroad_gain=float(sum(gains)),
    )


def _worth(gathered: Gathered, name: str) -> float:
    prices = {fund.code: fund.price for fund in gathered.household.funds}
    account = next(each for each in gathered.household.accounts if each.id == name)
    held = sum(
        position.shares * prices[position.fund]
        for position in gathered.household.positions
        if position.account == name
    )
    return held + account.cash + account.due


def _isa(gathered: Gathered, book: Rulebook, account: HouseholdAccount, value: float) -> Isa:
    end = next(each.settlement for each in gathered.household.accounts if each.id == account.id)
    standing = standing_of(book, gathered.file, account.owner, gathered.as_of)
    return Isa(
        account=account.id,
        kind=account.terms.form or standing.isa_kind,
        opened=account.paid.opened or gathered.as_of,
        paid=sum(account.paid.paid.values()),
        value=round(value),
        gain=round(0.0 if end is None else max(0.0, end.accrued)),
    )


def _year(gathered: Gathered, book: Rulebook, state: _State, at: _Year) -> tuple[_State, YearPlan]:
    file, first = gathered.file, at.year == gathered.as_of.year
    since = gathered.as_of if first else date(at.year, 1, 1)
    until = date(at.year, 12, 31)
    money = _money(gathered, state.person, since, until, first=first)
    needed = _needed(gathered, since, until) * at.share
    places = _places(gathered, book, state, since, needed=needed, money=money)
    deposits = place_deposits(places, round(money + state.bank))
    state = _paid(state, places, deposits)
    state, event = _maturity(book, state, places, deposits, (since, until), at.growth)
    realised = places.standing.person.gains.overseas_realised if first else 0
    realise = _realisable(book, state, realised)
    plan = YearPlan(
        person=state.person,
        year=at.year,
        age=file.people[state.person].age_on(until),
        money=round(money),
        deposits=deposits.by_account,
        stays=deposits.stays,
        credit=deposits.credit,
        forgone=deposits.forgone,
        events=() if event is None else (event,),
        realise=realise,
        saves=int(realise * overseas_pieces(book).slopes[-1]),
        needed=round(needed),
    )
    spent = sum(goal.amount for goal in file.goals.values() if since < goal.by <= until)
    return _grown(state, realise, spent * at.share, at.growth), plan


def _places(
    gathered: Gathered, book: Rulebook, state: _State, since: date, *, needed: float, money: float
) -> Places:
    file, own = gathered.file, gathered.file.accounts_of(state.person)
    born, price = file.people[state.person].born, file.policy.lock_price
    locks = {
        each.id: min(lock_years(book, each, born, since), LONGEST_LOCK) * price
        for each in own
        if each.kind in PENSIONS
    }
    outside = needed if _no_isa_serves(gathered) else 0.0
    return Places(
        standing=standing_of(book, file, state.person, since),
        accounts=own,
        locks=locks,
        isa_room=0 if state.isa is None else state.isa.room(book, since.year),
        free=round(_open(state) + money - needed),
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


def _open(state: _State) -> float:
    return state.open + state.bank + (0 if state.isa is None else state.isa.value)


def _paid(state: _State, places: Places, deposits: YearDeposits) -> _State:
    """Return the state after the year's deposits."""
    kinds = {each.id: each.kind for each in places.accounts}
    general = 0
    isa = state.isa
    for name, amount in deposits.by_account.items():
        if kinds[name] == "isa" and isa is not None:
            isa = replace(isa, paid=isa.paid + amount, value=isa.value + amount)
        elif kinds[name] == "general":
            general += amount
    return replace(state, open=state.open + general, bank=float(deposits.stays), isa=isa)


def _maturity(
    book: Rulebook,
    state: _State,
    places: Places,
    deposits: YearDeposits,
    span: tuple[date, date],
    growth: float,
) -> tuple[_State, IsaEvent | None]:
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
    transfer = best_transfer(
        book,
        places.standing,
        savings=deposits.savings,
        irp=deposits.irp,
        most=min(deposits.lockable, isa.value - tax) if places.locks else 0,
        lock_cost=min(places.locks.values(), default=0.0),
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


def _realisable(book: Rulebook, state: _State, realised: int) -> int:
    """Return the gains abroad that the year's deduction still covers."""
    return max(0, min(round(state.abroad_gain), book.won("us.deduction") - realised))


def _grown(state: _State, realise: int, spent: float, growth: float) -> _State:
    """Return the state a year later: goals are paid, what was realised was bought back."""
    isa = state.isa
    if isa is not None:
        more = round(isa.value * growth)
        isa = replace(isa, value=isa.value + more, gain=isa.gain + more)
    return replace(
        state,
        open=max(0.0, state.open - spent) * (1.0 + growth),
        isa=isa,
        abroad_value=state.abroad_value * (1.0 + growth),
        abroad_gain=state.abroad_gain - realise + state.abroad_value * growth,
    )
