"""A drawn household along paths of its classes: prices, payouts, gains and rooms of each year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.household.drawn import CLASSES, drawn

from jeoul import api
from jeoul.advice.person import Income, Status
from jeoul.household.history.figures import history_figures
from jeoul.household.history.history import household_history
from jeoul.household.history.planned import Planned, do_nothing
from jeoul.household.history.records import HistoryPerson, HouseholdRun, Moment, NewMoney
from jeoul.household.history.seeing import Seen
from jeoul.household.history.stepping import FundTerms, Setting, begin, fund_table
from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, Moves
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
            status=Status(health="employee"),
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


def stepped(
    household: Household, plan: object = do_nothing
) -> tuple[HouseholdRun, list[Household]]:
    one = setting(household)
    begun = begin(household, one)
    seen: list[Household] = []
    see = Seen(household, begun, DAYS[0])

    def watched(moment: Moment) -> Household:
        seen.append(see(moment))
        return seen[-1]

    planned = Planned(begun, watched, plan, frozenset(DAYS[::4]))  # type: ignore[arg-type]
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
    by_year = {DAYS[::4][place].year: found for place, found in enumerate(seen)}
    for name in pensions:
        rooms = {year: _account(found, name).room for year, found in by_year.items()}
        assert rooms[2022] == rooms[2023] == 18_000_000
    isa = next(each for each in household.accounts if each.kind == "isa")
    rooms = {year: _account(found, isa.id).room for year, found in by_year.items()}
    assert rooms[2022] - rooms[2021] in (0.0, 20_000_000)
    assert rooms[2022] <= rooms[2023] <= 100_000_000


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
