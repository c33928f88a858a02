"""Small households by hand, where every answer can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jeoul.household.problem.after import After
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    Account,
    Aim,
    Credit,
    Curve,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    HouseholdPlan,
    Lot,
    MoneyPool,
    Moves,
    PlanStatus,
    Policy,
    Position,
)

STOCKS = Fund(code="stocks", price=10_000.0, exposure={"equity": 1.0}, risk=1.0, capped=True)
BONDS = Fund(code="bonds", price=10_000.0, exposure={"bond": 1.0})
FREE = Policy(max_trades=None, min_trade=0.0, min_gain=0.0, trade_price=0.0)


def home(**changes: Any) -> Household:
    """Return an ordinary account with 100 stocks and 1 M in cash, and an empty ISA.

    The target is 60 % stocks, 40 % bonds. Stocks cost 1 % a year more in the ordinary account.
    """
    found = Household(
        classes=("equity", "bond"),
        funds=(STOCKS, BONDS),
        accounts=(
            Account(
                id="general",
                owner="a",
                kind="general",
                gains=Gains.WITHHELD,
                cash=1_000_000.0,
                room=1e12,
                withdrawable=1e12,
                sale_rate=0.154,
            ),
            Account(id="isa", owner="a", kind="isa", gains=Gains.SHELTERED, room=1e12),
        ),
        positions=(
            Position(
                account="general",
                fund="stocks",
                shares=100,
                lots=(Lot(100, 0.0),),
                buy_cost=0.001,
                sell_cost=0.001,
                drag=0.01,
            ),
            Position(account="general", fund="bonds", buy_cost=0.001, sell_cost=0.001),
            Position(account="isa", fund="stocks", buy_cost=0.001, sell_cost=0.001),
            Position(account="isa", fund="bonds", buy_cost=0.001, sell_cost=0.001),
        ),
        members=(HouseholdMember(id="a"),),
        aims=(
            Aim(
                id="home",
                accounts=("general", "isa"),
                pools=("new",),
                weights={"equity": 0.6, "bond": 0.4, "CASH": 0.0},
            ),
        ),
        pools=(MoneyPool(id="new", amount=0.0, accounts=("general", "isa")),),
        policy=FREE,
    )
    return replace(found, **changes)


def abroad(*lots: Lot, realised: float = 0.0, price: float = 100_000.0) -> Household:
    """Return one account whose gains are settled by the year, with one fund in some lots."""
    shares = sum(lot.shares for lot in lots)
    return Household(
        classes=("equity",),
        funds=(Fund(code="us", price=price, exposure={"equity": 1.0}, risk=1.0),),
        accounts=(
            Account(
                id="us",
                owner="a",
                kind="overseas",
                gains=Gains.YEARLY,
                cash=10_000_000.0,
                sale_rate=0.22,
            ),
        ),
        positions=(
            Position(
                account="us", fund="us", shares=shares, lots=lots, buy_cost=0.001, sell_cost=0.001
            ),
        ),
        members=(
            HouseholdMember(
                id="a", realised=realised, gains_levy=Curve((2_500_000.0,), (0.0, 0.22))
            ),
        ),
        aims=(Aim(id="home", accounts=("us",), pools=(), weights={"equity": 1.0}),),
        policy=FREE,
    )


def with_account(household: Household, name: str, **changes: Any) -> Household:
    """Return a household with one account changed."""
    accounts = tuple(replace(a, **changes) if a.id == name else a for a in household.accounts)
    return replace(household, accounts=accounts)


def with_aim(household: Household, **changes: Any) -> Household:
    """Return a household with its first aim changed."""
    first, *others = household.aims
    return replace(household, aims=(replace(first, **changes), *others))


def with_new_money(household: Household, amount: float) -> Household:
    """Return a household with so much new money in its first pool."""
    first, *others = household.pools
    return replace(household, pools=(replace(first, amount=amount), *others))


def with_credit(household: Household, account: str, **changes: Any) -> Household:
    """Return a household in which an account is pension savings whose payments earn 13.2 %."""
    found = with_account(household, account, kind="pension_savings", **changes)
    credit = Credit(rate=0.132, savings=6e6, together=9e6, reachable=1e6)
    member = replace(found.members[0], pension_room=18e6, credit=credit)
    return replace(found, members=(member,))


def planned(household: Household, moves: Moves) -> HouseholdPlan:
    """Return moves as a plan of unknown quality; they have to be allowed."""
    found = evaluate(household, moves)
    assert not found.violations, found.violations
    return HouseholdPlan(
        moves=moves,
        cost=found.cost,
        nothing=evaluate(household, Moves()).cost,
        bound=0.0,
        status=PlanStatus.UNPROVEN,
    )


def held(household: Household, moves: Moves) -> dict[tuple[str, str], int]:
    """Return the shares of every position after some moves."""
    after = After(household, moves)
    return {each.key: after.shares(each) for each in household.positions}
