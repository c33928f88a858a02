"""Why a plan has each of its orders and deposits: what it would cost to leave it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jeoul.household.explaining.candidates import main_class
from jeoul.household.problem.after import After, aim_money
from jeoul.household.problem.differences import difference, largest
from jeoul.household.problem.distance import deviations
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import CASH, Aim, Household, HouseholdPlan, Moves, PlanCost
from jeoul.household.problem.undo import Key, Undone, undo

_OF_CAUSE = {
    "drag": "cheaper",
    "tax_later": "gain_realised",
    "tax_now": "loss_realised",
    "credit_missed": "credit",
    "needs": "need",
}
_NOTICED = 1.0  # won below which nothing is a reason
_OF_RULE = {"risk": "overlay_cut", "risk_cap": "risk_cap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReason:
    """Why an order or a deposit is in a plan.

    ``fund`` is None for money paid in or taken out. ``kind`` is one of

    - ``class_short``, ``class_over``: it brings ``asset_class`` closer to its target; figures
      ``target``, ``without`` and ``after`` are shares of the aim's money.
    - ``pays_for``: its proceeds pay the orders of ``together``, which bring ``asset_class`` closer;
      the same figures.
    - ``better_place``: what it holds is taxed less in another account; ``a_year`` won less a year.
    - ``cheaper``: the same class in another fund, or less of it, costs ``a_year`` won less a year.
    - ``credit``: the pension credit; ``saved`` won.
    - ``need``: money for the reserve or a goal; ``saved`` as a need is priced.
    - ``gain_realised``, ``loss_realised``: tax that is saved by selling now; ``saved`` won.
    - ``withdrawal``: the money that is taken out; ``taken`` won.
    - ``overlay_cut``, ``risk_cap``: a rule on risk assets would be broken by ``over`` won.
    - ``neutral``: it makes no difference of a won where this money is.
    - ``needed``: another rule, ``rule``, would be broken.

    ``saves`` is the cost of the plan without it, and without the orders of ``together`` that fall
    with it, less that of the plan; it is None where the rest would break a rule.
    """

    account: str
    fund: str | None
    kind: str
    figures: Mapping[str, float] = field(default_factory=dict)
    asset_class: str | None = None
    rule: str | None = None
    saves: PlanCost | None = None
    together: tuple[Key, ...] = ()


def reasons_of(household: Household, plan: HouseholdPlan) -> tuple[PlanReason, ...]:
    """Return a reason for each order, deposit and withdrawal of a plan, in the order of its moves.

    Each is found by evaluating the plan without it, so what it says is true of this plan.
    """
    return tuple(_reasons(household, plan))


def _reasons(household: Household, plan: HouseholdPlan) -> Iterator[PlanReason]:
    for key, count in plan.moves.trades.items():
        if count:
            yield _of_order(household, plan, key)
    for account, amount in plan.moves.deposits.items():
        if amount > 0.0:
            left = undo(household, plan.moves, deposits=(account,))
            yield _named(household, plan, (account, None), left)
    for account, amount in plan.moves.withdrawals.items():
        if amount > 0.0:
            figures = {"taken": amount}
            yield PlanReason(account=account, fund=None, kind="withdrawal", figures=figures)


def _of_order(household: Household, plan: HouseholdPlan, key: Key) -> PlanReason:
    """Return the reason of an order: with the opposite orders of its class if it only moves it."""
    partners = _opposite(household, plan.moves, key)
    moved = undo(household, plan.moves, orders=(key, *partners))
    if partners and moved.forbidden is None:
        saves = difference(evaluate(household, moved.moves).cost, plan.cost)
        if largest(saves) == "drag":
            return PlanReason(
                account=key[0],
                fund=key[1],
                kind="better_place" if any(a != key[0] for a, _ in partners) else "cheaper",
                figures={"a_year": saves.drag / household.policy.horizon},
                saves=saves,
                together=(*partners, *moved.together),
            )
    return _named(household, plan, key, undo(household, plan.moves, orders=(key,)))


def _named(
    household: Household, plan: HouseholdPlan, key: tuple[str, str | None], left: Undone
) -> PlanReason:
    account, fund = key
    if left.forbidden is not None:
        return _of_rule(plan, key, left)
    saves = difference(evaluate(household, left.moves).cost, plan.cost)
    cause = largest(saves)
    if getattr(saves, cause) < _NOTICED:
        return PlanReason(account=account, fund=fund, kind="neutral", saves=saves)
    if cause in _OF_CAUSE:
        saved = float(getattr(saves, cause))
        yearly = {"a_year": saved / household.policy.horizon}
        return PlanReason(
            account=account,
            fund=fund,
            kind=_OF_CAUSE[cause],
            figures=yearly if cause == "drag" else {"saved": saved},
            saves=saves,
            together=left.together,
        )
    aim = next(each for each in household.aims if account in each.accounts)
    name, figures = _class_that_moves(household, plan.moves, left.moves, aim)
    return PlanReason(
        account=account,
        fund=fund,
        kind=_of_class(plan.moves, key, left, figures),
        figures=figures,
        asset_class=name,
        saves=saves,
        together=left.together,
    )


def _of_rule(plan: HouseholdPlan, key: tuple[str, str | None], left: Undone) -> PlanReason:
    fault = left.forbidden
    assert fault is not None, "only asked where a rule forbids the rest"
    taken = plan.moves.withdrawals.get(key[0], 0.0)
    if taken and fault.rule in ("cash", "settled_cash"):
        kind, figures = "withdrawal", {"taken": taken}
    else:
        kind, figures = _OF_RULE.get(fault.rule, "needed"), {"over": fault.by}
    return PlanReason(
        account=key[0],
        fund=key[1],
        kind=kind,
        figures=figures,
        rule=fault.rule,
        together=left.together,
    )


def _of_class(
    moves: Moves, key: tuple[str, str | None], left: Undone, figures: Mapping[str, float]
) -> str:
    """Return whether a class was short or over, or whether the order pays for one that was."""
    account, fund = key
    selling = fund is not None and moves.trades.get((account, fund), 0) < 0
    short = figures["without"] < figures["target"]
    if left.together and (selling or fund is None) and short:
        return "pays_for"
    return "class_short" if short else "class_over"


def _class_that_moves(
    household: Household, moves: Moves, without: Moves, aim: Aim
) -> tuple[str, Mapping[str, float]]:
    """Return the class that the orders bring closest to its target, by shares of the money."""
    now, then = (deviations(After(household, each), aim) for each in (moves, without))
    name = max(household.classes, key=lambda each: abs(then[each]) - abs(now[each]), default=CASH)
    money, target = aim_money(household, aim), aim.weights.get(name, 0.0)
    return name, {
        "target": target,
        "without": target + then[name] / money,
        "after": target + now[name] / money,
    }


def _opposite(household: Household, moves: Moves, key: Key) -> tuple[Key, ...]:
    """Return the orders the other way in the same class, if they undo more than half of an order.

    Then the order does not change how much of the class is held, but where it is held.
    """
    price = {fund.code: fund.price for fund in household.funds}
    main = {fund.code: main_class(fund) for fund in household.funds}
    aim = next(each for each in household.aims if key[0] in each.accounts)
    value = {
        each: count * price[each[1]]
        for each, count in moves.trades.items()
        if count and each[0] in aim.accounts and main[each[1]] == main[key[1]]
    }
    if 2.0 * abs(sum(value.values())) > abs(value[key]):
        return ()
    return tuple(each for each, won in value.items() if won * value[key] < 0.0)
