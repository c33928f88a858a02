"""What a US fund pays out is financial income of its owner, like a distribution at home."""

from __future__ import annotations

import pytest

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    NOTHING,
    Account,
    Aim,
    Curve,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    Position,
)


@pytest.mark.parametrize("gains", [Gains.WITHHELD, Gains.YEARLY])
def test_a_payout_that_crosses_twenty_million_costs_the_step_wherever_it_is_held(
    gains: Gains,
) -> None:
    household = Household(
        classes=("equity_us",),
        funds=(Fund(code="VTI", price=400_000.0, exposure={"equity_us": 1.0}),),
        accounts=(Account(id="abroad", owner="minsu", kind="overseas", gains=gains),),
        positions=(
            Position(account="abroad", fund="VTI", shares=100, lots=(Lot(100, 0.0),), income=0.013),
        ),
        members=(
            HouseholdMember(
                id="minsu",
                later_financial=19_900_000.0,
                later_levy=Curve(steps=((20_000_000.0, 1_626_960.0),)),
            ),
        ),
        aims=(Aim(id="all", accounts=("abroad",), pools=(), weights={"equity_us": 1.0}),),
    )
    # 40 M x 1.3 % = 520,000 won a year on top of 19.9 M, over three years
    assert evaluate(household, NOTHING).cost.drag == pytest.approx(3 * 1_626_960.0)
