"""A person of 32 with 1.2 M a month and a house to pay by 2033: what may lock comes after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.household.homes import home

from jeoul.household.gathering.gather import gather
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.records import Moves
from jeoul.korea.tables import load_rules
from jeoul.market import Market

PEOPLE = """\
[people.minsu]
born = 1994-01-11
wages = 62_000_000
profile = "balanced"
health = "employee"
"""
MORE = """\
[goals.house]
amount = {amount}
by = 2033-11-30
from = ["general", "isa"]

[[flows]]
amount = 1_200_000
every = "month"
from = 2026-07-25

[policy]
within_reach = 0
"""
ROWS = {
    "general": "ticker,shares\nCASH,500000\n",
    "isa": "ticker,shares\nCASH,100000\n",
    "pension": "ticker,shares\nCASH,0\n",
    "irp": "ticker,shares\nCASH,0\n",
}


@pytest.mark.parametrize("amount", [90_000_000, 100_000_000, 101_000_000, 140_000_000])
def test_pensions_take_at_most_what_the_goal_leaves_over(
    sample: Market, tmp_path: Path, amount: int
) -> None:
    file = home(
        tmp_path,
        *ROWS,
        people=PEOPLE,
        more=MORE.format(amount=amount),
        **ROWS,
    )
    found = gather(
        file,
        market=sample,
        as_of=sample.last_session(),
        book=load_rules(2026),
        deposit=1_200_000,
    )
    needed = sum(need.amount for need in found.household.needs)
    left = max(0.0, 500_000 + 100_000 + 1_200_000 - needed)
    plan = plan_exactly(found.household, seconds=20.0, gap=0.0001)
    locked = sum(plan.moves.deposits.get(name, 0.0) for name in ("pension", "irp"))
    assert locked <= left + 1.0
    assert locked <= found.household.policy.lock_most + 1.0  # type: ignore[operator]
    # 13.2 % of what could have been credited and was not
    assert plan.cost.credit_missed == pytest.approx(0.132 * (1_200_000 - locked), abs=1.0)
    assert (locked > 0.0) == (left > 0.0)
    assert plan.moves != Moves()
