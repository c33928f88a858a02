"""Households as documents: nothing is lost on the way, and everything wrong is named at once."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from typing import Any

import pytest

from jeoul.errors import InputError
from jeoul.household.problem.document import (
    from_document,
    moves_document,
    moves_from,
    plan_document,
    plan_from,
    to_document,
)
from jeoul.household.problem.records import (
    Account,
    Aim,
    Credit,
    Curve,
    EndTax,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    HouseholdPlan,
    Lot,
    MoneyPool,
    Moves,
    Need,
    PlanCost,
    PlanStatus,
    Policy,
    Position,
)

COUPLE = Household(
    classes=("equity", "bond"),
    funds=(
        Fund(code="069500", price=37_125.0, exposure={"equity": 1.0}, risk=1.0, capped=True),
        Fund(code="MIX", price=11_000.0, exposure={"equity": 0.5, "bond": 0.5}, risk=0.5),
    ),
    accounts=(
        Account(id="general", owner="minsu", kind="general", gains=Gains.WITHHELD, cash=5e5),
        Account(
            id="isa",
            owner="jiyeon",
            kind="isa",
            gains=Gains.SHELTERED,
            room=2e7,
            settlement=EndTax(curve=Curve((2e6,), (0.0, 0.099)), accrued=1.0, years=2.0),
        ),
    ),
    positions=(
        Position(account="general", fund="069500", shares=3, lots=(Lot(2, 0.0), Lot(1, 50.5))),
        Position(account="isa", fund="MIX", buyable=False),
    ),
    members=(
        HouseholdMember(
            id="minsu", credit=Credit(rate=0.165, savings=1.0, together=2.0, reachable=0.5)
        ),
        HouseholdMember(id="jiyeon", income_levy=Curve((2e7,), (0.0, 0.08), ((2e7, 1_626_960.0),))),
    ),
    aims=(
        Aim(
            id="home",
            accounts=("general", "isa"),
            pools=("new",),
            weights={"equity": 0.6, "bond": 0.38, "CASH": 0.02},
            factors=((0.16, 0.01),),
            risk_most=0.7,
        ),
    ),
    pools=(MoneyPool(id="new", amount=1e6, accounts=("isa",)),),
    needs=(Need(id="reserve", amount=9e6, accounts=("general",), pools=("new",)),),
    policy=Policy(max_trades=None, lock_most=1e6),
)


def faults_of(document: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        from_document(document, "home.json")
    return [str(problem) for problem in caught.value.problems]


def test_a_household_comes_back_from_json_as_it_was() -> None:
    text = json.dumps(to_document(COUPLE))
    assert from_document(json.loads(text)) == COUPLE


def test_moves_and_a_plan_come_back_from_json_as_they_were() -> None:
    moves = Moves(trades={("isa", "MIX"): 3, ("general", "069500"): -1}, deposits={"isa": 2e5})
    plan = HouseholdPlan(
        moves=moves,
        cost=PlanCost(fees=1.5),
        nothing=PlanCost(),
        bound=1.0,
        status=PlanStatus.WITHIN_GAP,
    )
    assert moves_from(json.loads(json.dumps(moves_document(moves)))) == moves
    assert plan_from(json.loads(json.dumps(plan_document(plan)))) == plan


@pytest.mark.parametrize(
    ("status", "bound"), [(PlanStatus.INFEASIBLE, math.inf), (PlanStatus.UNPROVEN, -math.inf)]
)
def test_a_bound_that_json_cannot_write_comes_back(status: PlanStatus, bound: float) -> None:
    plan = HouseholdPlan(
        moves=Moves(), cost=PlanCost(), nothing=PlanCost(), bound=bound, status=status
    )
    text = json.dumps(plan_document(plan), allow_nan=False)
    assert plan_from(json.loads(text)) == plan


def test_keys_that_are_missing_misspelt_or_of_another_type_are_all_named() -> None:
    document = to_document(COUPLE)
    del document["policy"]["horizon"]
    document["accounts"][0]["csah"] = 1.0
    document["funds"][1]["price"] = "11000"
    document["positions"][0]["shares"] = 3.5
    document["accounts"][1]["gains"] = "taxed"
    assert sorted(faults_of(document)) == [
        "home.json: accounts.0.csah: unknown key; did you mean 'cash'?",
        "home.json: accounts.1.gains: 'taxed' is unknown; use withheld, yearly, sheltered",
        "home.json: funds.1.price: '11000' is not a number",
        "home.json: policy.horizon: is missing; write every field",
        "home.json: positions.0.shares: 3.5 is not a whole number",
    ]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("positions", 0, "account"), "isaa", "there is no account 'isaa'"),
        (("positions", 0, "fund"), "69500", "there is no fund '69500'"),
        (("positions", 0, "lots"), [], "sum to 0 shares, not 3"),
        (("funds", 1, "exposure"), {"equity": 0.5, "bond": 0.4}, "sums to 0.900000, not 1"),
        (("aims", 0, "weights"), {"gold": 1.0}, "there is no class 'gold'"),
        (("aims", 0, "accounts"), ["general"], "account isa is in none"),
        (("accounts", 1, "owner"), "jiyeong", "there is no member 'jiyeong'"),
        (("accounts", 1, "settlement", "years"), 0.0, "is below 1"),
        (("members", 1, "income_levy", "slopes"), [0.1, 0.08], "so that the curve is not convex"),
        (("members", 1, "income_levy", "slopes"), [0.1], "one slope more than bounds"),
        (("aims", 0, "factors"), [[0.16]], "has 1 loadings for 2 classes"),
        (("schema",), "jeoul.household/1", "is not jeoul.household-problem/1"),
    ],
)
def test_what_cannot_be_a_household_is_refused_by_name(
    path: tuple[str | int, ...], value: object, fault: str
) -> None:
    document = deepcopy(to_document(COUPLE))
    at: Any = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert any(fault in each for each in faults_of(document))
