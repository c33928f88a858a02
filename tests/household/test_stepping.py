"""A drawn household along paths of its classes: prices, payouts, gains and rooms of each year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.household.drawn import CLASSES, drawn

from jeoul import api
from jeoul.advice.person import Income, LegalStatus
from jeoul.household.history.figures import history_figures
from jeoul.household.history.history import household_history
from jeoul.household.history.planned import PlanDecider, do_nothing
from jeoul.household.history.records import HistoryPerson, HouseholdHistory, Moment, NewMoney
from jeoul.household.history.seeing import ProblemMaker
from jeoul.household.history.stepping import FundTerms, Setting, begin, fund_table
from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, Lot, Moves
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
KRX = api.calendars()["XKRX"]
DAYS = [
    day
    for day in KRX.sessions.astype(object).tolist()
    if date(2021, 6, 1) <= day <= date(2023, 7, 14) and day.day in (1, 2, 3, 4)
]
YEARS = np.array([(day - DAYS[0]).days / 365.2425 for day in DAYS])


def setting(household: Household, *, growth: float = 0.05, payout: float = 0.02) -> Setting:
    levels = {name: np.exp(growth * YEARS) for name in CLASSES}
    terms = {
        fund.code: FundTerms(tax_kind="krx_other_etf", payout=payout, base=0.8)
        for fund in household.funds
    }
    people = {
        each.id: HistoryPerson(
            id=each.id,
            born=date(1985, 1, 1),
            income=Income(wages=60_000_000),
            status=LegalStatus(health="employee"),
        )
        for each in household.members
    }
    first = household.members[0].id
    return Setting(
        book=BOOK,
        calendar=KRX,
        days=DAYS,
        levels=levels,
        terms=terms,
        people=people,
        flows={day: [NewMoney(first, 500_000)] for day in DAYS[1::4]},
        pays_tax=next(a.id for a in household.accounts if a.kind == "general"),
    )


def test_a_fund_earns_what_its_classes_do_its_payouts_among_it() -> None:
    household = drawn(3)
    one = setting(household)
    table = fund_table(household, one)
    assert table.dividends is not None
    close, paid = table.close[:, 0], table.dividends[:, 0]
    grown = np.prod((close[1:] + paid[1:]) / close[:-1])
    assert grown == pytest.approx(np.exp(0.05 * YEARS[-1]), rel=2e-3)
    months = [(DAYS[place].month, DAYS[place - 1].month) for place in np.flatnonzero(paid)]
    assert {now for now, _ in months} == {1, 4, 7, 10}
    assert table.tax_base is not None
    rise, base = close[-1] - close[0], table.tax_base[-1, 0] - table.tax_base[0, 0]
    assert base == pytest.approx(0.8 * rise, abs=0.01)


def test_a_fund_loses_its_yearly_cost() -> None:
    household = drawn(3)
    free = setting(household, payout=0.0)
    dear = replace(
        free, terms={code: replace(each, cost=0.01) for code, each in free.terms.items()}
    )
    kept = fund_table(household, dear).close[-1, 0] / fund_table(household, free).close[-1, 0]
    assert kept == pytest.approx(0.99 ** YEARS[-1], rel=1e-3)


def stepped(
    household: Household, plan: object = do_nothing, rebuys: tuple[date, ...] = ()
) -> tuple[HouseholdHistory, list[Household]]:
    one = setting(household)
    begun = begin(household, one)
    seen: list[Household] = []
    see = ProblemMaker(household, begun, DAYS[0])

    def watched(moment: Moment) -> Household:
        seen.append(see(moment))
        return seen[-1]

    dates = frozenset(DAYS[::4])
    planned = PlanDecider(begun, watched, plan, dates, rebuys)  # type: ignore[arg-type]
    return household_history(begun, DAYS, planned), seen


def plain(seed: int) -> Household:
    """A household without what the first day alone knows."""
    found = drawn(seed)
    return replace(
        found,
        aims=tuple(replace(each, withdrawal=0.0) for each in found.aims),
        pools=(),
        needs=(),
    )


def test_the_first_problem_is_the_drawn_one() -> None:
    """The same shares, prices and taxable gains, so that its cost is the same but for rounding."""
    household = plain(5)
    _, seen = stepped(household)
    first = seen[0]
    assert [each.shares for each in first.positions] == [
        each.shares for each in household.positions
    ]
    gains = [
        (sum(a.shares * a.gain for a in one.lots), sum(a.shares * a.gain for a in two.lots))
        for one, two in zip(first.positions, household.positions, strict=True)
    ]
    for now, then in gains:
        assert now == pytest.approx(max(0.0, then) if then > 0 else now, rel=1e-3, abs=2_000)
    assert evaluate(first, NOTHING).violations == evaluate(household, NOTHING).violations == ()


def test_a_january_gives_pensions_and_an_isa_their_rooms_back() -> None:
    household = plain(5)
    pensions = [each.id for each in household.accounts if each.kind in CREDITED]
    assert pensions
    _, seen = stepped(household)
    executed = DAYS[1::4]
    by_year = {executed[place].year: found for place, found in enumerate(seen)}
    for name in pensions:
        rooms = {year: _account(found, name).room for year, found in by_year.items()}
        assert rooms[2022] == rooms[2023] == 18_000_000
    isa = next(each for each in household.accounts if each.kind == "isa")
    rooms = {year: _account(found, isa.id).room for year, found in by_year.items()}
    assert rooms[2022] - rooms[2021] in (0.0, 20_000_000)
    assert rooms[2022] <= rooms[2023] <= 100_000_000


def test_a_december_plan_that_is_filled_in_january_looks_at_the_new_year() -> None:
    household = plain(5)
    begun = begin(household, setting(household))
    see = ProblemMaker(household, begun, DAYS[0])
    pension = next(each for each in household.accounts if each.kind in CREDITED)
    paid = {each.id: {2022: 10_000_000, 2023: 0} for each in household.accounts}
    rooms = {}

    def look(moment: Moment) -> Household:
        on = date(2022, 12, 2)
        for executed in (date(2022, 12, 5), date(2023, 1, 2)):
            then = replace(moment, session=on, executed=executed, paid=paid)
            rooms[executed.year] = _account(see(then), pension.id).room
        return see(moment)

    household_history(begun, DAYS[:2], PlanDecider(begun, look, do_nothing, frozenset(DAYS[:1])))
    assert rooms[2023] == 18_000_000
    assert rooms[2022] < rooms[2023]


def test_gains_abroad_within_the_deduction_are_sold_and_bought_back() -> None:
    household = with_a_gain_abroad(plain(5))
    us = next(each.id for each in household.accounts if each.kind == "overseas")
    _, seen = stepped(household)
    sold, again = stepped(household, rebuys=(DAYS[0],))
    assert shares_of(again[1], us) == shares_of(seen[1], us)
    realised = next(iter(sold.assessments.values()))[0].overseas
    assert realised == 0  # within 2.5 M nothing is owed
    assert gains_of(again[1], us) < gains_of(seen[1], us) - 500_000
    assert gains_of(again[1], us) > gains_of(seen[1], us) - 2_600_000


def with_a_gain_abroad(household: Household) -> Household:
    """A household whose account abroad has gains on all that it holds, and can reuse proceeds."""
    prices = {each.code: each.price for each in household.funds}
    abroad = {each.id for each in household.accounts if each.kind == "overseas"}
    return replace(
        household,
        accounts=tuple(
            replace(each, reuse=True, order_fee=0.0, cash=each.cash + 1_000_000.0)
            if each.id in abroad
            else each
            for each in household.accounts
        ),
        positions=tuple(
            replace(
                each,
                shares=max(each.shares, 20),
                lots=(Lot(max(each.shares, 20), 0.3 * prices[each.fund]),),
                buyable=True,
                sellable=True,
            )
            if each.account in abroad
            else each
            for each in household.positions
        ),
        members=tuple(replace(each, realised=0.0) for each in household.members),
    )


def shares_of(household: Household, account: str) -> dict[str, int]:
    return {each.fund: each.shares for each in household.positions if each.account == account}


def gains_of(household: Household, account: str) -> float:
    return sum(
        lot.shares * lot.gain
        for each in household.positions
        if each.account == account
        for lot in each.lots
    )


def _account(household: Household, name: str):  # type: ignore[no-untyped-def]
    return next(each for each in household.accounts if each.id == name)


def test_new_money_can_be_paid_in_and_nobody_loses_a_won() -> None:
    """Everything goes into the first account; what the household has is what came of it."""
    household = plain(7)

    def pay_in(problem: Household) -> Moves:
        pools = {pool.id: pool for pool in problem.pools}
        return Moves(
            deposits={pool.accounts[0]: pool.amount for pool in pools.values() if pool.amount}
        )

    run, _ = stepped(household, pay_in)
    figures = history_figures(run)
    assert figures.paid_in == run.begun + 500_000 * len(DAYS[1::4])
    nothing, _ = stepped(household)
    # only the distributions of those days and taxes differ between waiting and lying in cash
    assert run.days[-1].worth == pytest.approx(nothing.days[-1].worth, rel=2e-3)
    assert run.end.money < nothing.end.money


def test_the_same_household_comes_out_the_same() -> None:
    first, second = (history_figures(stepped(plain(9))[0]) for _ in range(2))
    assert first == second
