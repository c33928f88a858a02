"""Conflicts planted in a household: rules of which each can be kept, but not all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.household.small_homes import with_account, with_aim

from jeoul.household.problem.after import After, aim_money, exposures, money_of
from jeoul.household.problem.distance import distance
from jeoul.household.problem.records import CASH, NOTHING, Household, MoneyPool
from jeoul.household.problem.relaxed import HouseholdRule
from jeoul.household.program.rule_program import Demand

MUCH = 1e12


@dataclass(frozen=True)
class Planted:
    """A household with a conflict, and the rules that make it."""

    household: Household
    rules: frozenset[HouseholdRule]
    demands: tuple[Demand, ...] = ()


def _open(household: Household, new: float = 0.0) -> Household:
    """Return a household without a cut, a withdrawal, a limit on locks; all money in one pool."""
    names = tuple(each.id for each in household.accounts)
    found = replace(
        household,
        pools=(MoneyPool(id="new", amount=new, accounts=names),),
        policy=replace(household.policy, lock_most=None),
        aims=(
            replace(
                household.aims[0],
                accounts=names,
                pools=("new",),
                risk_most=None,
                withdrawal=0.0,
            ),
        ),
    )
    members = tuple(replace(each, pension_room=MUCH) for each in found.members)
    for name in names:
        found = with_account(found, name, room=MUCH)
    return replace(found, members=members)


def _kind(household: Household, kind: str) -> str:
    return next(each.id for each in household.accounts if each.kind == kind)


def _demands(*asked: Demand) -> tuple[tuple[Demand, ...], frozenset[HouseholdRule]]:
    return asked, frozenset(each.rule for each in asked)


def _isa_room(household: Household) -> Planted:
    home, isa = _open(household, 5e6), _kind(household, "isa")
    asked, rules = _demands(Demand("deposit_least", isa, 2e6))
    home = with_account(home, isa, room=1e6)
    return Planted(home, rules | {HouseholdRule("room", isa)}, asked)


def _pool(household: Household) -> Planted:
    home = _open(household, 3e6)
    names = [each.id for each in home.accounts][:3]
    asked, rules = _demands(*(Demand("deposit_least", name, 1.2e6) for name in names))
    return Planted(home, rules | {HouseholdRule("pool", "new")}, asked)


def _pension_room(household: Household) -> Planted:
    home = _open(household, 5e6)
    names = [_kind(home, kind) for kind in ("pension_savings", "irp")]
    owner = next(each.owner for each in home.accounts if each.id == names[0])
    members = tuple(
        replace(each, pension_room=3e6) if each.id == owner else each for each in home.members
    )
    home = replace(home, members=members)
    asked, rules = _demands(*(Demand("deposit_least", name, 2e6) for name in names))
    return Planted(home, rules | {HouseholdRule("pension_room", owner)}, asked)


def _lock(household: Household) -> Planted:
    home, name = _open(household, 5e6), _kind(household, "pension_savings")
    home = with_account(home, name, lock_years=20.0)
    home = replace(home, policy=replace(home.policy, lock_most=1e6))
    asked, rules = _demands(Demand("deposit_least", name, 2e6))
    return Planted(home, rules | {HouseholdRule("lock")}, asked)


def _withdrawable(household: Household) -> Planted:
    home = _open(household)
    most = 0.2 * min(money_of(home, each) for each in home.accounts)
    rules = {HouseholdRule("withdrawal", home.aims[0].id)}
    for each in home.accounts:
        home = with_account(home, each.id, withdrawable=most, buffer=0.0)
        rules.add(HouseholdRule("withdrawable", each.id))
    positions = tuple(replace(each, sellable=True) for each in home.positions)
    home = with_aim(home, withdrawal=round((len(home.accounts) + 0.5) * most))
    policy = replace(home.policy, max_trades=None)
    return Planted(replace(home, positions=positions, policy=policy), frozenset(rules))


def _withdrawal_without_a_sale(household: Household) -> Planted:
    home = replace(_open(household), policy=replace(household.policy, max_trades=0))
    cash = sum(each.cash + each.due for each in home.accounts)
    for each in home.accounts:
        home = with_account(home, each.id, withdrawable=MUCH, buffer=0.0)
    positions = tuple(replace(each, sellable=True) for each in home.positions)
    money = aim_money(home, home.aims[0])
    home = with_aim(home, withdrawal=round(cash + 0.2 * (money - cash)))
    rules = {HouseholdRule("withdrawal", home.aims[0].id), HouseholdRule("max_trades")}
    return Planted(replace(home, positions=positions), frozenset(rules))


def _risk(household: Household) -> float:
    funds = {each.code: each for each in household.funds}
    return sum(
        each.shares * funds[each.fund].price * funds[each.fund].risk for each in household.positions
    )


def _cut_without_a_sale(household: Household) -> Planted:
    home = replace(_open(household), policy=replace(household.policy, max_trades=0))
    positions = tuple(replace(each, sellable=True) for each in home.positions)
    aim = home.aims[0]
    home = with_aim(home, risk_most=0.5 * _risk(home) / aim_money(home, aim))
    rules = {HouseholdRule("risk", aim.id), HouseholdRule("max_trades")}
    return Planted(replace(home, positions=positions), frozenset(rules))


def _cut_of_what_is_frozen(household: Household) -> Planted:
    """The fund that is frozen alone holds more risk than the limit; all others may go."""
    home, funds = _open(household), {each.code: each for each in household.funds}
    values = {
        each.key: each.shares * funds[each.fund].price * funds[each.fund].risk
        for each in home.positions
    }
    frozen = max(values, key=lambda key: values[key])
    positions = tuple(replace(each, sellable=each.key != frozen) for each in home.positions)
    policy = replace(home.policy, max_trades=None, min_trade=0.0)
    home = replace(home, positions=positions, policy=policy)
    aim = home.aims[0]
    home = with_aim(home, risk_most=0.8 * values[frozen] / aim_money(home, aim))
    rules = {HouseholdRule("risk", aim.id), HouseholdRule("not_sellable", " ".join(frozen))}
    return Planted(home, frozenset(rules))


def _class_against_cut(household: Household) -> Planted:
    home = _open(household)
    pure = {
        name: sum(1 for f in home.funds if f.risk > 0.9 and f.exposure.get(name, 0.0) > 0.9)
        for name in home.classes
    }
    name = max(pure, key=lambda each: pure[each])
    positions = tuple(replace(each, sellable=True, buyable=True) for each in home.positions)
    home = replace(home, positions=positions, policy=replace(home.policy, max_trades=None))
    for each in home.accounts:
        home = with_account(home, each.id, due=0.0, reuse=True, risk_cap=None, buffer=0.0)
    aim = home.aims[0]
    home = with_aim(home, risk_most=0.3)
    demand = Demand("class_least", f"{aim.id} {name}", 0.5 * aim_money(home, aim))
    return Planted(home, frozenset({demand.rule, HouseholdRule("risk", aim.id)}), (demand,))


def _settlement(household: Household) -> Planted:
    """Every account waits for its money, and the class that is asked for has to be bought."""
    home = _open(household)
    for each in home.accounts:
        money = each.cash + each.due + 500_000.0
        home = with_account(home, each.id, cash=0.0, due=money, reuse=False)
    positions = tuple(replace(each, buyable=True) for each in home.positions)
    policy = replace(home.policy, max_trades=None, min_trade=0.0)
    home = replace(home, positions=positions, policy=policy)
    after, aim = After(home, NOTHING), home.aims[0]
    held = {k: v for k, v in exposures(after, aim).items() if k != CASH}
    offered = {
        name: {
            p.account
            for p in home.positions
            for f in home.funds
            if f.code == p.fund and f.exposure.get(name) and f.price < 400_000.0
        }
        for name in held
    }
    name = next(each for each in held if offered[each])
    rules = {HouseholdRule("settled_cash", account) for account in offered[name]}
    demand = Demand("class_least", f"{aim.id} {name}", held[name] + 1_000.0)
    return Planted(home, frozenset(rules | {demand.rule}), (demand,))


def _drift_without_a_trade(household: Household) -> Planted:
    home = replace(_open(household), policy=replace(household.policy, max_trades=0))
    demand = Demand("drift_most", home.aims[0].id, 0.6 * distance(home, NOTHING).drift)
    return Planted(home, frozenset({demand.rule, HouseholdRule("max_trades")}), (demand,))


KINDS: Mapping[str, Callable[[Household], Planted]] = {
    "isa_room": _isa_room,
    "pool": _pool,
    "pension_room": _pension_room,
    "lock": _lock,
    "withdrawable": _withdrawable,
    "withdrawal_without_a_sale": _withdrawal_without_a_sale,
    "cut_without_a_sale": _cut_without_a_sale,
    "cut_of_what_is_frozen": _cut_of_what_is_frozen,
    "class_against_cut": _class_against_cut,
    "settlement": _settlement,
    "drift_without_a_trade": _drift_without_a_trade,
}
