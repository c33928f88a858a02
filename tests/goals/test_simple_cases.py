"""Cases with a known answer: no risk, a lognormal with a closed form, money that is moved once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import log, sqrt
from statistics import NormalDist

import numpy as np
import pytest

from jeoul.goals.belief import Belief, certain
from jeoul.goals.chance import chance_of, share_reached, simulate
from jeoul.goals.law import Law, Steps, drift_of
from jeoul.goals.levy import GainLevy
from jeoul.goals.saving import (
    PlannedSaving,
    Pot,
    Saving,
    SavingRoom,
    along,
    growth,
    outcomes,
    saving_of,
)
from jeoul.korea.pieces import Pieces

PATHS = 10_000
STEPS = Steps(on=date(2026, 11, 30), by=date(2033, 11, 30))
MONTHLY = [
    PlannedSaving(date(2026 + (11 + k) // 12, (11 + k) % 12 + 1, 25), 1_200_000) for k in range(84)
]


def _reached(saving: Saving, amount: float, law: Law, seed: int) -> float:
    drawn = simulate(
        Belief(law=law, drift=law.drift),
        "lognormal",
        np.random.default_rng(seed),
        paths=PATHS,
        steps=saving.steps.count,
    )
    found = outcomes(saving, growth(drawn.returns(saving.steps.span)))
    return share_reached(amount, found)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("wanted", [0.8, 1.0, 1.3, 1.8])
def test_a_sum_that_is_left_alone_reaches_its_goal_as_often_as_the_lognormal_says(
    seed: int, wanted: float
) -> None:
    law = Law(drift=drift_of(0.05, 0.12), volatility=0.12)
    saving = saving_of(STEPS, [Pot(id="a", kind="general", value=1e8, untaxed=1e8)], ())
    years = STEPS.years
    exact = 1.0 - NormalDist(law.drift * years, law.volatility * sqrt(years)).cdf(log(wanted))

    found = _reached(saving, wanted * 1e8, law, seed)

    assert abs(found - exact) <= 3.0 * sqrt(exact * (1.0 - exact) / PATHS)


def test_over_many_seeds_two_standard_errors_hold_as_often_as_they_should() -> None:
    law = Law(drift=drift_of(0.04, 0.08), volatility=0.08)
    saving = saving_of(STEPS, [Pot(id="a", kind="general", value=1e8, untaxed=1e8)], ())
    exact = 1.0 - NormalDist(law.drift * STEPS.years, 0.08 * sqrt(STEPS.years)).cdf(log(1.25))
    error = sqrt(exact * (1.0 - exact) / PATHS)

    found = np.array([_reached(saving, 1.25e8, law, seed) for seed in range(40)])

    assert np.mean(np.abs(found - exact) <= 2.0 * error) >= 0.87
    assert abs(found.mean() - exact) <= 2.0 * error / sqrt(40)


def test_money_without_a_return_is_what_was_paid_in_to_the_won() -> None:
    saving = saving_of(STEPS, [Pot(id="a", kind="general", value=3_333_333.0)], MONTHLY)
    simulation = simulate(certain(0.0), "history", np.random.default_rng(1), paths=9, steps=84)

    found = outcomes(saving, growth(simulation.returns(STEPS.span)))

    assert set(found.tolist()) == {84 * 1_200_000 + 3_333_333.0}


@pytest.mark.parametrize(("amount", "sure"), [(100_800_000, 1.0), (100_800_001, 0.0)])
def test_without_risk_a_goal_is_reached_for_certain_or_not_at_all(amount: int, sure: float) -> None:
    saving = saving_of(STEPS, [Pot(id="a", kind="general")], MONTHLY)
    rng = np.random.default_rng(1)
    simulation = simulate(certain(0.0), "history", rng, paths=9, steps=84)

    found = chance_of(saving, amount, simulation, rng)

    assert (found.low, found.probability, found.high) == (sure, sure, sure)


def test_a_rate_without_risk_compounds_from_the_end_of_the_month_of_each_payment() -> None:
    steps = Steps(on=date(2026, 12, 31), by=date(2028, 12, 31))
    saving = saving_of(
        steps, [Pot(id="a", kind="general")], [PlannedSaving(date(2027, 12, 31), 1_000_000)]
    )
    simulation = simulate(certain(0.03), "history", np.random.default_rng(1), paths=1, steps=24)

    (found,) = outcomes(saving, growth(simulation.returns(steps.span))).tolist()

    assert found == pytest.approx(1_000_000 * 1.03 ** (steps.years / 2.0), rel=1e-9)


def test_the_gain_alone_is_taxed_and_a_loss_saves_nothing() -> None:
    tax = GainLevy(pieces=Pieces(slopes=(Decimal("0.154"),)))
    saving = saving_of(
        STEPS, [Pot(id="a", kind="general", value=100.0, untaxed=80.0, levy=tax)], ()
    )

    rise, fall = outcomes(saving, growth(np.log([[1.5] + [1.0] * 83, [0.5] + [1.0] * 83])))

    assert rise == pytest.approx(150.0 - 0.154 * 70.0)
    assert fall == pytest.approx(50.0)


def test_buying_and_selling_cost_once_each() -> None:
    pot = Pot(id="a", kind="general", value=1_000.0, untaxed=1_000.0, enter=0.01, leave=0.02)
    saving = saving_of(STEPS, [pot], [PlannedSaving(date(2027, 1, 4), 100.0)])

    (found,) = outcomes(saving, growth(np.zeros((1, 84))))

    assert found == pytest.approx((1_000.0 + 99.0) * 0.98)


def test_an_isa_takes_its_room_and_the_ordinary_account_the_rest() -> None:
    isa = Pot(id="isa", kind="isa", room=SavingRoom(by_year={2026: 3e6, 2027: 2e6}, carried=True))
    rest = Pot(id="general", kind="general")
    days = [date(2026, 12, 25), date(2027, 1, 25), date(2027, 2, 25), date(2028, 3, 27)]
    saving = saving_of(STEPS, [isa, rest], [PlannedSaving(day, 2e6) for day in days])

    assert saving.untaxed[-1].tolist() == [5e6, 3e6, 0.0]


def test_the_room_of_a_pension_is_lost_with_its_year() -> None:
    pension = Pot(id="pension", kind="pension", room=SavingRoom(by_year={2026: 3e6, 2027: 2e6}))
    saving = saving_of(STEPS, [pension], [PlannedSaving(date(2027, 5, 25), 4e6)])

    assert [pot.id for pot in saving.pots] == ["pension", "beside"]
    assert saving.untaxed[-1].tolist() == [2e6, 2e6]


@pytest.mark.parametrize("left", [1.0, 0.0, -1.0])
def test_an_account_is_never_overdrawn(left: float) -> None:
    taken = PlannedSaving(date(2027, 1, 25), left - 3e6)
    saving = saving_of(STEPS, [Pot(id="a", kind="general", value=3e6, untaxed=3e6)], [taken])
    nothing = np.zeros((1, STEPS.count))
    assert outcomes(saving, growth(nothing)).tolist() == [max(left, 0.0)]
    assert along(saving, nothing, [1, 84])[0, 1] == max(left, 0.0)


def test_what_is_there_along_the_way_ends_with_the_outcome() -> None:
    tax = GainLevy(pieces=Pieces(slopes=(Decimal("0.154"),)))
    pot = Pot(id="a", kind="general", value=2e7, untaxed=1e7, levy=tax, leave=0.001)
    saving = saving_of(STEPS, [pot], MONTHLY)
    returns = np.random.default_rng(3).normal(0.003, 0.02, (50, 84))

    found = along(saving, returns, [0, 42, 84])

    assert found[:, 0].tolist() == pytest.approx([2e7 * 0.999 - 0.154 * (2e7 * 0.999 - 1e7)] * 50)
    assert found[:, 2] == pytest.approx(outcomes(saving, growth(returns)))
