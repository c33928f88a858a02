"""What moves of a household cost and break, by hand: every figure below can be checked on paper."""

from dataclasses import replace

import pytest

from jeoul.household.problem.cost import lacking, phi
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    NOTHING,
    Account,
    Aim,
    Credit,
    Curve,
    EndTax,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    MoneyPool,
    Moves,
    Need,
    Policy,
    Position,
)

US = Fund(code="US", price=10_000.0, exposure={"equity": 1.0}, risk=1.0, capped=True)
BOND = Fund(code="BOND", price=10_000.0, exposure={"bond": 1.0})
GENERAL = Account(
    id="general", owner="minsu", kind="general", gains=Gains.WITHHELD, sale_rate=0.154, cash=1e6
)
PENSION = Account(
    id="pension",
    owner="minsu",
    kind="pension_savings",
    gains=Gains.SHELTERED,
    room=6e6,
    lock_years=20.0,
)
FREE = Policy(drift_price=0.0, risk_aversion=0.0, trade_price=0.0, horizon=1.0)


def household(**changes: object) -> Household:
    """One person, 10 M of a US fund with a gain of 2,000 won a share, 1 M in cash."""
    held = Position(account="general", fund="US", shares=1_000, lots=(Lot(1_000, 2_000.0),))
    found = Household(
        classes=("equity", "bond"),
        funds=(US, BOND),
        accounts=(GENERAL, PENSION),
        positions=(
            held,
            Position(account="general", fund="BOND"),
            Position(account="pension", fund="BOND"),
        ),
        members=(HouseholdMember(id="minsu", pension_room=18e6),),
        aims=(
            Aim(
                id="all",
                accounts=("general", "pension"),
                pools=(),
                weights={"equity": 0.5, "bond": 0.4, "CASH": 0.1},
            ),
        ),
        policy=FREE,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def sell(count: int) -> Moves:
    return Moves(trades={("general", "US"): -count})


def test_a_sale_is_taxed_now_and_saves_half_of_a_later_tax() -> None:
    cost = evaluate(household(), sell(100)).cost
    assert cost.tax_now == pytest.approx(100 * 2_000 * 0.154)
    assert cost.tax_later == pytest.approx(0.5 * 900 * 2_000 * 0.154)


def test_a_loss_that_is_sold_uses_up_its_relief() -> None:
    loss = Position(account="general", fund="US", shares=10, lots=(Lot(10, -500.0),))
    yearly = replace(GENERAL, gains=Gains.YEARLY, sale_rate=0.22)
    home = household(positions=(loss,), accounts=(yearly,))
    home = replace(home, aims=(replace(home.aims[0], accounts=("general",)),))
    assert evaluate(home, NOTHING).cost.tax_later == 0.0
    assert evaluate(home, sell(10)).cost.tax_later == pytest.approx(0.5 * 10 * 500 * 0.22)


def test_drift_is_the_sum_over_classes_and_cash() -> None:
    home = household(policy=replace(FREE, drift_price=0.02))
    # of 11 M: shares 10 M against 5.5 M, bonds 0 against 4.4 M, cash 1 M against 1.1 M
    assert evaluate(home, NOTHING).cost.tracking == pytest.approx(0.02 * (4.5e6 + 4.4e6 + 0.1e6))


def test_the_variance_of_what_deviates_has_a_price_of_its_own() -> None:
    home = household(policy=replace(FREE, risk_aversion=6.0))
    aim = replace(home.aims[0], factors=((0.11, 0.0),))
    away = 100 * 0.11 * 4.5e6 / 11e6  # per cent of volatility: 4.5
    assert away == pytest.approx(4.5)
    cost = evaluate(replace(home, aims=(aim,)), NOTHING).cost
    assert cost.tracking == pytest.approx(
        3.0 * 11e6 * (9.0 + 1.5 * 8.0) / 10_000
    )  # 3 to 5: slope 8


@pytest.mark.parametrize(("size", "square"), [(0.0, 0.0), (0.5, 0.25), (-3.0, 9.0), (9.0, 77.0)])
def test_the_chords_meet_the_square_at_their_ends(size: float, square: float) -> None:
    assert phi(size) == pytest.approx(square)


def test_gains_cost_more_where_they_lift_the_years_income_over_a_line() -> None:
    levy = Curve((20e6,), (0.0, 0.1), steps=((20e6, 1_000_000.0),))
    member = HouseholdMember(id="minsu", financial=19.9e6, income_levy=levy)
    now = evaluate(household(members=(member,)), sell(100)).cost.tax_now
    assert now == pytest.approx(30_800 + 0.1 * 100_000 + 1_000_000)


def test_a_deposit_saves_the_credit_and_pays_for_its_lock() -> None:
    credit = Credit(rate=0.132, savings=6e6, together=9e6, reachable=5e6)
    member = HouseholdMember(id="minsu", pension_room=18e6, credit=credit)
    home = household(
        members=(member,),
        pools=(MoneyPool(id="minsu", amount=5e6, accounts=("general", "pension")),),
    )
    home = replace(home, aims=(replace(home.aims[0], pools=("minsu",)),))
    cost = evaluate(home, Moves(deposits={"pension": 3e6})).cost
    assert cost.credit_missed == pytest.approx(0.132 * 2e6)
    assert cost.locked == pytest.approx(3e6 * 0.004 * 20)


def test_a_settlement_counts_a_years_part_of_the_tax_at_its_end() -> None:
    curve = Curve((2e6,), (0.0, 0.099))
    isa = replace(
        GENERAL,
        id="isa",
        kind="isa",
        gains=Gains.SHELTERED,
        sale_rate=0.0,
        settlement=EndTax(curve=curve, accrued=1e6, years=2.0),
    )
    position = Position(account="isa", fund="US", shares=1_000, growth=0.10)
    home = household(accounts=(isa,), positions=(position,))
    home = replace(home, aims=(replace(home.aims[0], accounts=("isa",)),))
    # 1 M and two years of 1 M: 1 M above the amount that is free, 99,000 won over two years
    assert evaluate(home, NOTHING).cost.drag == pytest.approx(99_000 / 2)


def test_needs_lack_what_no_account_can_give_them_together() -> None:
    needs = (
        Need(id="reserve", amount=6e6, accounts=("a", "b")),
        Need(id="house", amount=5e6, accounts=("a",)),
    )
    assert lacking(needs, {"a": 7e6, "b": 2e6}) == 2e6
    assert lacking(needs, {"a": 4e6, "b": 9e6}) == 1e6
    assert lacking(needs, {"a": 5e6, "b": 6e6}) == 0.0


@pytest.mark.parametrize(
    ("moves", "rule"),
    [
        (Moves(trades={("general", "US"): -1_001}), "not_held"),
        (Moves(trades={("general", "BOND"): 101}), "settled_cash"),
        (Moves(trades={("pension", "BOND"): 1}), "min_trade"),
        (Moves(trades={("isa", "US"): 1}), "not_allowed"),
        (Moves(deposits={"pension": 1_000}), "room"),
        (Moves(withdrawals={"general": 1_000}), "withdrawable"),
        (Moves(withdrawals={"general": 1_000}), "withdrawal"),
    ],
)
def test_each_rule_is_named(moves: Moves, rule: str) -> None:
    assert rule in {each.rule for each in evaluate(household(), moves).violations}


def test_proceeds_that_have_not_settled_buy_nothing_where_they_may_not_be_reused() -> None:
    moves = Moves(trades={("general", "US"): -300, ("general", "BOND"): 300})
    waiting = household(accounts=(replace(GENERAL, reuse=False), PENSION))
    assert not evaluate(household(), moves).violations
    assert [each.rule for each in evaluate(waiting, moves).violations] == ["settled_cash"]


def test_an_irp_above_its_cap_may_sell_and_buy_nothing_that_counts() -> None:
    irp = replace(GENERAL, kind="irp", risk_cap=0.7)
    position = Position(account="general", fund="US", shares=1_000)
    bonds = Position(account="general", fund="BOND")
    home = household(accounts=(irp, PENSION), positions=(position, bonds))
    assert not evaluate(home, Moves(trades={("general", "US"): -10})).violations
    more = evaluate(home, Moves(trades={("general", "US"): 10}))
    assert [each.rule for each in more.violations] == ["risk_cap"]


def test_selling_out_may_be_smaller_than_the_smallest_order() -> None:
    few = Position(account="general", fund="US", shares=9, lots=(Lot(9, 0.0),))
    home = household(positions=(few,))
    assert not evaluate(home, Moves(trades={("general", "US"): -9})).violations
    assert evaluate(home, Moves(trades={("general", "US"): -8})).violations
