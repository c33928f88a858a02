"""Living on savings: closed forms, the law's own amounts, and the order of years and accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.goals.belief import ObservedMix, believe, certain
from jeoul.goals.case import SavingCase
from jeoul.goals.levy import GainLevy
from jeoul.goals.retiring import Retiring, retire
from jeoul.goals.saving import Pot
from jeoul.goals.spending import (
    PayingOrder,
    Retirement,
    Turn,
    early_years,
    orders_of,
    spend,
    yearly,
)
from jeoul.goals.withdrawing import AccountPaths, PayingAccount
from jeoul.household.goals.retirement import pension_law
from jeoul.korea.gains import Gain
from jeoul.korea.isa import settle_isa
from jeoul.korea.pension_withdraw import PensionAccount, withdraw_pension
from jeoul.korea.pieces_gains import isa_pieces, sale_pieces
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
CASH = PayingAccount(id="cash", kind="general")
FUND = PayingAccount(
    id="fund", kind="general", levy=GainLevy(pieces=sale_pieces(BOOK, "krx_other_etf")), leave=0.001
)
PENSION = PayingAccount(id="pension", kind="pension", pension=pension_law(BOOK, 60, 40))
ALONE = PayingOrder("alone", (Turn(0),))
FLAT = Retirement(spending=10e6, first=60, last=95, inflation=0.0)


def money(*values: float, paths: int = 1) -> Any:
    return np.tile([float(value) for value in values], (paths, 1))


def growing(rate: float, years: int = 40) -> Any:
    return np.full((1, years), 1.0 + rate)


@pytest.mark.parametrize("years", [1, 12, 34])
def test_without_return_money_lasts_as_often_as_it_divides(years: int) -> None:
    held = money(years * FLAT.spending)
    found = spend([CASH], held, held, FLAT, ALONE, growing(0.0))
    assert found.lasted.tolist() == [years]
    assert found.probability == 0.0


@pytest.mark.parametrize("rate", [0.01, 0.04, 0.07])
def test_an_annuity_due_lasts_to_the_won(rate: float) -> None:
    """Paid at the beginning of 35 years, 10 M are worth 10 M x (1 - v^35) / (1 - v) today."""
    discount = 1.0 / (1.0 + rate)
    worth = FLAT.spending * (1.0 - discount**35) / (1.0 - discount)
    for less, lasts in ((0.0, 35), (100.0, 34)):
        held = money(worth - less)
        found = spend([CASH], held, held, FLAT, ALONE, growing(rate))
        assert found.lasted.tolist() == [lasts]
    assert found.left[0] == 0.0


def test_prices_that_rise_like_returns_change_nothing() -> None:
    rising = replace(FLAT, inflation=0.03)
    held = money(20.5 * FLAT.spending)
    one = spend([CASH], held, held, FLAT, ALONE, growing(0.0)).lasted
    other = spend([CASH], held, held, rising, ALONE, growing(0.03)).lasted
    assert one.tolist() == other.tolist() == [20.0]


def test_the_years_before_retirement_make_life_dearer() -> None:
    away = replace(FLAT, inflation=0.02, years_away=10.0)
    assert away.needed(0) == pytest.approx(10e6 * 1.02**10)
    assert away.needed(3) == pytest.approx(10e6 * 1.02**13)


def test_a_public_pension_pays_from_its_age_on() -> None:
    plan = replace(FLAT, pension=4e6, pension_from=65)
    assert [plan.needed(year) for year in (4, 5)] == [10e6, 6e6]
    assert replace(plan, pension=99e6).needed(30) == 0.0


@given(st.floats(10e6, 900e6), st.floats(0.0, 1.0), st.floats(1e6, 80e6))
def test_every_won_arrives_is_tax_or_cost_or_stays(value: float, part: float, need: float) -> None:
    account = AccountPaths(FUND, np.array([value]), np.array([value * part]))
    account.open_year(0)
    arrived = account.take(np.array([need]))
    gone = value - account.value
    assert gone[0] * (1.0 - FUND.leave) == pytest.approx((arrived + account.tax)[0], abs=0.1)
    assert arrived[0] <= need
    if account.value[0] > 1.0:
        assert arrived[0] == pytest.approx(need, abs=0.1)


@settings(deadline=None)
@given(
    st.integers(20, 900).map(lambda x: x * 1_000_000),
    st.integers(0, 60).map(lambda x: x * 1_000_000),
    st.integers(1, 60).map(lambda x: x * 1_000_000),
    st.integers(0, 12),
)
def test_a_pension_pays_what_the_law_leaves_of_it(
    value: int, uncredited: int, need: int, year: int
) -> None:
    """What is taken, put to the law's own amounts, leaves what arrived: to a few won of rounding.

    The law may find comprehensive taxation cheaper; the pieces never do.
    """
    uncredited = min(uncredited, value)
    account = AccountPaths(PENSION, np.array([float(value)]), np.array([float(uncredited)]))
    account.open_year(year)
    arrived = float(account.take(np.array([float(need)]))[0])
    taken = min(value, round(value - float(account.value[0])))
    exact = withdraw_pension(
        BOOK,
        account=PensionAccount(uncredited=uncredited, credited=value - uncredited),
        amount=taken,
        age=60 + year,
        year=year + 1,
        years_joined=20,
    )
    assert exact.net > arrived - 60
    if exact.how != "comprehensive":
        assert exact.net < arrived + 2_200  # of two taxes, each not collected below 1,000 won


def test_an_isa_is_settled_once_when_its_first_won_is_needed() -> None:
    isa = PayingAccount(
        id="isa", kind="isa", levy=FUND.levy, settle=GainLevy(pieces=isa_pieces(BOOK, "general"))
    )
    account = AccountPaths(isa, np.array([50e6]), np.array([30e6]))
    account.open_year(0)
    account.take(np.array([10e6]))
    results = (Gain("fund", 20_000_000),)
    exact = settle_isa(BOOK, kind="general", years_held=5, results=results).tax
    assert account.tax[0] == pytest.approx(exact, abs=30)
    account.open_year(1)
    account.take(np.array([10e6]))
    assert account.tax[0] == pytest.approx(exact, abs=30)


def test_bad_years_first_end_sooner() -> None:
    """The same returns in the other order: without spending nothing would differ."""
    returns = np.concatenate([np.full(10, 0.90), np.full(25, 1.06)])
    both = np.vstack([returns, returns[::-1]])
    held = money(250e6, paths=2)
    early, late = spend([CASH], held, held, FLAT, ALONE, both).lasted
    idle = replace(FLAT, spending=0.0)
    saved = spend([CASH], held, held, idle, ALONE, both).left
    assert early < late
    assert saved[0] == pytest.approx(saved[1])


def test_the_first_ten_years_decide_most() -> None:
    rng = np.random.default_rng(7)
    factors = np.exp(rng.normal(0.03, 0.12, size=(4000, 35)))
    held = money(260e6, paths=4000)
    found = spend([CASH], held, held, FLAT, ALONE, factors)
    worst, best = early_years(found, factors)
    assert worst < found.probability < best


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.floats(5e6, 40e6))
def test_spending_less_never_ends_sooner(seed: int, spending: float) -> None:
    rng = np.random.default_rng(seed)
    factors = np.exp(rng.normal(0.03, 0.1, size=(50, 35)))
    value, basis = money(2e8, 1e8, paths=50), money(1.5e8, 0.0, paths=50)
    order = orders_of([FUND, PENSION], 15e6)[0]
    more, less = (
        spend([FUND, PENSION], value, basis, replace(FLAT, spending=each), order, factors)
        for each in (spending, 0.9 * spending)
    )
    assert (less.lasted >= more.lasted).all()


def test_within_its_limit_a_pension_is_never_taxed_at_the_higher_rate_first() -> None:
    within = orders_of([FUND, PENSION], 15e6)[2]
    assert within.turns == (Turn(1, 15e6), Turn(0), Turn(1))
    value, basis = money(4e8, 4e8), money(4e8, 0.0)
    plan = replace(FLAT, spending=30e6, last=61)
    found = spend([FUND, PENSION], value, basis, plan, within, growing(0.0))
    assert found.tax[0] == pytest.approx(0.055 * 15e6, rel=0.01)


def test_accounts_abroad_and_an_isa_pay_after_ordinary_ones() -> None:
    kinds = ("pension", "isa", "general", "overseas")
    sources = [
        replace(PENSION if kind == "pension" else CASH, id=kind, kind=kind) for kind in kinds
    ]
    last = orders_of(sources, 15e6)[0]
    assert [sources[turn.place].id for turn in last.turns] == [
        "general", "overseas", "isa", "pension",
    ]  # fmt: skip
    assert len(orders_of([PENSION], 15e6)) == len(orders_of([CASH], 15e6)) == 1


def test_a_pension_before_its_age_costs_the_lump_rate() -> None:
    young = replace(PENSION, pension=pension_law(BOOK, 50, 20))
    account = AccountPaths(young, np.array([1e8]), np.array([0.0]))
    account.open_year(0)
    account.take(np.array([10e6]))
    assert account.tax[0] / (1e8 - account.value[0]) == pytest.approx(0.165)
    assert pension_law(BOOK, 50, 20).limits[:6] == (0.0,) * 5 + (0.12,)
    assert pension_law(BOOK, 50, 20).limits[15] == inf


def test_years_are_whole() -> None:
    assert yearly(np.zeros((2, 35))).shape == (2, 2)


def asked(belief: Any, spending: float = 12e6, **plan: Any) -> Retiring:
    pots = (Pot(id="fund", kind="general", value=2e8, untaxed=2e8),)
    case = SavingCase(id="old", amount=1, on=date(2026, 6, 30), by=date(2031, 6, 30), pots=pots)
    sources = (replace(FUND, leave=0.0), replace(CASH, id="beside", kind="beside"))
    given_plan = replace(FLAT, spending=spending, years_away=case.steps.years, **plan)
    return Retiring(
        case=case, plan=given_plan, sources=sources, orders=orders_of(sources, 15e6), belief=belief
    )


def test_money_that_is_certain_has_one_answer() -> None:
    found = retire(asked(certain(0.0)), paths=100, seed=1)
    assert (found.chance.probability, found.chance.low, found.chance.high) == (0.0, 0.0, 0.0)
    assert found.steady == 60 + 16
    assert found.ages == (76, 76)
    enough = retire(asked(certain(0.0), last=76), paths=100, seed=1)
    assert (enough.chance.probability, enough.ages) == (1.0, (None, None))


def test_the_interval_holds_the_probability_and_the_seed_decides() -> None:
    months = np.random.default_rng(2).normal(0.003, 0.03, 240)
    belief = believe(ObservedMix(excess=months, riskless=0.02, anchor=0.05))
    found, again, other = (retire(asked(belief), paths=2000, seed=seed) for seed in (1, 1, 2))
    assert found == again
    assert found.chance.low <= found.chance.probability <= found.chance.high
    assert 0.05 < found.chance.high - found.chance.low < 0.95
    assert abs(found.chance.probability - other.chance.probability) < 0.05
    assert abs(found.chance.probability - found.lognormal) < 0.05
