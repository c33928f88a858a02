"""The simple planners keep every rule, by the checker that shares no code with them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import check
import pytest
from adapters import ADAPTERS
from frozen import SETS, documents
from payments import taken_out, waterfall

from jeoul.household.problem.document import from_document, moves_document
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("planner", ADAPTERS)
def test_every_plan_passes_the_checker_at_the_cost_that_the_evaluator_gives(
    name: str, planner: str
) -> None:
    traded = 0
    step = 250 if planner == "account_by_account" else 50  # its search takes seconds on a busy core
    for label, document in islice(documents(name), 0, None, step):
        household = from_document(document, label)
        moves = ADAPTERS[planner](household)
        cost, faults = check.judge(document, moves_document(moves))
        assert not faults, label
        assert cost["total"] == pytest.approx(evaluate(household, moves).cost.total, abs=1e-6)
        traded += moves.count
    assert traded or planner != "greedy"


def with_money(amount: float) -> Household:
    """Return a household of five accounts with new money, no need and nothing locked away."""
    household = from_document(dict(documents("5x12"))["5x12/001"])
    member = household.members[0]
    assert member.credit is not None
    credit = replace(member.credit, savings=6e6, together=9e6, reachable=9e6)
    accounts = tuple(
        replace(each, room=4e6) if each.kind == "isa" else replace(each, room=1.8e7)
        for each in household.accounts
    )
    pool = replace(household.pools[0], amount=amount) if household.pools else None
    assert pool is not None
    return replace(
        household,
        accounts=accounts,
        pools=(pool,),
        needs=(),
        members=(replace(member, credit=credit, pension_room=1.8e7),),
        policy=replace(household.policy, lock_most=None),
    )


def test_new_money_runs_through_pension_savings_irp_isa_and_the_ordinary_account() -> None:
    household = with_money(20e6)
    paid = waterfall(household)
    assert {kind: paid.get(kind, 0.0) for kind in ("pension_savings", "irp", "isa", "general")} == {
        "pension_savings": 6e6,
        "irp": 3e6,
        "isa": 4e6,
        "general": 7e6,
    }


def test_money_that_a_need_would_lack_is_not_locked() -> None:
    household = with_money(5e6)
    reserve = from_document(dict(documents("5x12"))["5x12/001"]).needs[0]
    worth = sum(each.cash + each.due for each in household.accounts if each.id in reserve.accounts)
    prices = {fund.code: fund.price for fund in household.funds}
    worth += sum(
        p.shares * prices[p.fund] for p in household.positions if p.account in reserve.accounts
    )
    pools = tuple(each.id for each in household.pools)
    needy = replace(household, needs=(replace(reserve, amount=worth + 4e6, pools=pools),))
    assert waterfall(needy)["pension_savings"] == pytest.approx(1e6, abs=2)


def test_a_withdrawal_is_paid_and_risk_assets_are_cut_even_by_doing_nothing() -> None:
    forced = [
        found
        for label, document in documents("5x12")
        if evaluate(found := from_document(document, label), moves=NOTHING).violations
    ]
    assert len(forced) > 30
    for household in forced[:10]:
        moves = ADAPTERS["nothing"](household)
        assert moves.count <= household.policy.max_trades
        assert not evaluate(household, moves).violations
        asked = sum(aim.withdrawal for aim in household.aims)
        assert sum(taken_out(household).values()) == pytest.approx(asked)
