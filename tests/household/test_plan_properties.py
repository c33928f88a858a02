"""What must hold of every plan: scale, and that more freedom or lower prices never cost more."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from tests.household.drawn import drawn

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.records import Credit, Curve, Household, HouseholdPlan, Lot, PlanStatus

GAP = 0.002
SEEDS = range(6)


def small(seed: int) -> Household:
    return drawn(seed, 6, ("general", "isa"))


def planned(household: Household, gap: float = GAP) -> HouseholdPlan:
    start = plan_fast(household)
    allowed = None if start.status is PlanStatus.INFEASIBLE else start.moves
    return plan_exactly(household, allowed, gap=gap, seconds=np.inf, nodes=4_000)


def times(household: Household, factor: float) -> Household:
    """Return a household with all money and every threshold multiplied."""

    def curve(each: Curve) -> Curve:
        steps = tuple((bound * factor, height * factor) for bound, height in each.steps)
        return Curve(tuple(bound * factor for bound in each.bounds), each.slopes, steps)

    def money(each: Any, *names: str, **others: object) -> Any:
        scaled = {name: getattr(each, name) * factor for name in names}
        return replace(each, **scaled, **others)

    policy = household.policy
    most = None if policy.lock_most is None else policy.lock_most * factor
    return replace(
        household,
        funds=tuple(money(each, "price") for each in household.funds),
        accounts=tuple(
            money(
                each, "cash", "due", "buffer", "room", "withdrawable", "order_fee",
                settlement=each.settlement and replace(
                    each.settlement, curve=curve(each.settlement.curve),
                    accrued=each.settlement.accrued * factor,
                ),
            )
            for each in household.accounts
        ),
        positions=tuple(
            replace(each, lots=tuple(Lot(lot.shares, lot.gain * factor) for lot in each.lots))
            for each in household.positions
        ),
        members=tuple(
            money(
                each, "financial", "later_financial", "realised", "pension_room",
                income_levy=curve(each.income_levy), later_levy=curve(each.later_levy),
                gains_levy=curve(each.gains_levy), credit=_credit(each.credit, factor),
            )
            for each in household.members
        ),
        aims=tuple(money(each, "withdrawal") for each in household.aims),
        pools=tuple(money(each, "amount") for each in household.pools),
        needs=tuple(money(each, "amount") for each in household.needs),
        policy=money(policy, "trade_price", "min_trade", "min_gain", lock_most=most),
    )  # fmt: skip


def _credit(credit: Credit | None, factor: float) -> Credit | None:
    if credit is None:
        return None
    return replace(
        credit,
        savings=credit.savings * factor,
        together=credit.together * factor,
        reachable=credit.reachable * factor,
    )


@pytest.mark.parametrize("seed", range(8))
def test_ten_times_the_money_costs_ten_times_as_much(seed: int) -> None:
    household = drawn(seed, 5, ("general", "isa"))
    once, tenfold = (planned(each, 1e-7) for each in (household, times(household, 10.0)))
    assert once.status is tenfold.status
    assert tenfold.cost.total == pytest.approx(10.0 * once.cost.total, rel=1e-6)


def never_worse(before: HouseholdPlan, after: HouseholdPlan) -> None:
    """Within both gaps: the freer plan's bound is not above what the other one reached."""
    if before.status is not PlanStatus.INFEASIBLE:
        assert after.bound <= before.cost.total + 1.0
        slack = (before.cost.total - before.bound) + (after.cost.total - after.bound)
        assert after.cost.total <= before.cost.total + slack + before_gain(before)


def before_gain(plan: HouseholdPlan) -> float:
    """Return what a plan may have left, because less than min_gain is not traded for."""
    return 5_000.0 if plan.moves.count == 0 else 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_more_trades_never_cost_more(seed: int) -> None:
    household = small(seed)
    plans = [
        planned(replace(household, policy=replace(household.policy, max_trades=most)))
        for most in (2, 4, 8, None)
    ]
    for before, after in pairwise(plans):
        never_worse(before, after)


@pytest.mark.parametrize("seed", SEEDS)
def test_wider_rooms_never_cost_more(seed: int) -> None:
    household = small(seed)
    wider = replace(
        household,
        accounts=tuple(replace(each, room=2.0 * each.room + 1e6) for each in household.accounts),
        members=tuple(
            replace(each, pension_room=each.pension_room + 5e6) for each in household.members
        ),
    )
    never_worse(planned(household), planned(wider))


@pytest.mark.parametrize("seed", SEEDS)
def test_lower_fees_never_cost_more(seed: int) -> None:
    household = small(seed)
    cheaper = replace(
        household,
        accounts=tuple(
            replace(each, order_fee=0.0, exchange=each.exchange / 2) for each in household.accounts
        ),
        positions=tuple(
            replace(each, buy_cost=each.buy_cost / 2, sell_cost=each.sell_cost / 2)
            for each in household.positions
        ),
        policy=replace(household.policy, trade_price=household.policy.trade_price / 2),
    )
    never_worse(planned(household), planned(cheaper))
