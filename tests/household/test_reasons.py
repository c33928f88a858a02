"""Why a plan has each of its orders and deposits, by what the plan costs without it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import (
    home,
    planned,
    with_account,
    with_aim,
    with_credit,
    with_new_money,
)

from jeoul.household.explaining.reasons import PlanReason, reasons_of
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.after import After
from jeoul.household.problem.differences import difference
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, Moves
from jeoul.household.problem.undo import undo


def reason(household: Household, moves: Moves, account: str, fund: str | None) -> PlanReason:
    found = reasons_of(household, planned(household, moves))
    return next(each for each in found if (each.account, each.fund) == (account, fund))


def test_a_purchase_fills_the_class_that_was_short() -> None:
    bought = Moves(trades={("general", "bonds"): 80})
    found = reason(home(), bought, "general", "bonds")
    assert (found.kind, found.asset_class) == ("class_short", "bond")
    assert found.figures == pytest.approx({"target": 0.4, "without": 0.0, "after": 0.4})
    assert found.saves is not None
    assert found.saves.tracking > 0.0 > found.saves.fees


def test_a_sale_of_what_there_is_too_much_of() -> None:
    much = with_aim(home(), weights={"equity": 0.2, "CASH": 0.8})
    found = reason(much, Moves(trades={("general", "stocks"): -60}), "general", "stocks")
    assert (found.kind, found.asset_class) == ("class_over", "equity")


def test_a_sale_that_pays_for_the_class_that_was_short() -> None:
    bare = with_aim(with_account(home(), "general", cash=0.0), weights={"equity": 0.9, "bond": 0.1})
    swap = Moves(trades={("general", "stocks"): -11, ("general", "bonds"): 10})
    found = reason(bare, swap, "general", "stocks")
    assert found.kind in ("pays_for", "class_over")
    assert found.together == (("general", "bonds"),)


def test_stocks_that_only_move_go_where_they_are_taxed_less() -> None:
    """1 M of stocks costs 1 % a year more in the ordinary account than in the ISA."""
    rich = with_account(home(), "isa", cash=1_100_000.0)
    moved = Moves(trades={("general", "stocks"): -100, ("isa", "stocks"): 100})
    for account in ("general", "isa"):
        found = reason(rich, moved, account, "stocks")
        assert found.kind == "better_place"
        assert found.figures["a_year"] == pytest.approx(10_000.0)


def test_the_same_class_in_a_cheaper_fund_of_the_account() -> None:
    household = home()
    other = replace(household.funds[0], code="same")
    cheap = replace(household.positions[0], fund="same", shares=0, lots=(), drag=0.002)
    household = replace(
        household,
        funds=(*household.funds, other),
        positions=(*household.positions, cheap),
    )
    swap = Moves(trades={("general", "stocks"): -100, ("general", "same"): 99})
    found = reason(household, swap, "general", "same")
    assert found.kind == "cheaper"
    assert found.figures["a_year"] == pytest.approx(10_000.0 - 1_980.0)


def test_a_deposit_earns_the_credit() -> None:
    household = with_new_money(with_credit(home(), "isa"), 1_000_000.0)
    found = reason(household, Moves(deposits={"isa": 1_000_000.0}), "isa", None)
    assert found.kind == "credit"
    assert found.figures["saved"] == pytest.approx(132_000.0)


def test_a_sale_makes_the_cash_of_a_withdrawal() -> None:
    leaving = with_aim(home(), withdrawal=1_500_000.0)
    moves = Moves(trades={("general", "stocks"): -60}, withdrawals={"general": 1_500_000.0})
    found = reason(leaving, moves, "general", "stocks")
    assert (found.kind, found.figures) == ("withdrawal", {"taken": 1_500_000.0})
    assert reason(leaving, moves, "general", None).kind == "withdrawal"


def test_a_sale_that_the_overlay_asks_for() -> None:
    cut = with_aim(home(), risk_most=0.2)
    found = reason(cut, Moves(trades={("general", "stocks"): -60}), "general", "stocks")
    assert (found.kind, found.rule) == ("overlay_cut", "risk")
    assert found.figures["over"] == pytest.approx(600_000.0)


@pytest.mark.parametrize("seed", range(3))
def test_every_order_has_a_reason_whose_saving_can_be_evaluated(seed: int) -> None:
    household = drawn(seed, funds=5, kinds=("general", "isa", "irp"))
    plan = plan_exactly(household, seconds=float("inf"), nodes=20)
    found = reasons_of(household, plan)
    orders = [key for key, count in plan.moves.trades.items() if count]
    assert [(each.account, each.fund) for each in found if each.fund] == orders
    for each in found:
        if each.saves is None or each.fund is None or each.kind in ("better_place", "cheaper"):
            continue
        left = undo(household, plan.moves, orders=((each.account, each.fund),))
        assert left.together == each.together
        assert difference(evaluate(household, left.moves).cost, plan.cost) == each.saves
        assert not evaluate(household, left.moves).violations


def test_what_falls_with_a_sale_is_the_smallest_purchase_that_is_enough() -> None:
    bare = with_account(home(), "general", cash=5_000.0)
    moves = Moves(trades={("general", "stocks"): -21, ("general", "bonds"): 20})
    left = undo(bare, moves, orders=(("general", "stocks"),))
    assert left.together == (("general", "bonds"),)
    assert left.forbidden is None
    assert After(bare, left.moves).moves.count == 0


def test_undoing_leaves_what_is_not_named() -> None:
    moves = Moves(trades={("general", "bonds"): 5, ("general", "stocks"): 3})
    assert undo(home(), moves, orders=(("general", "bonds"),)).moves == replace(
        moves, trades={("general", "stocks"): 3}
    )
