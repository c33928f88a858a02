"""Where money goes, and what each account alone would cost instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jeoul.errors import UsageError
from jeoul.household.planning.exact import plan_exactly, status_of
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Account, Household, HouseholdPlan, PlanStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What it would cost more to use one account only.

    ``moved`` is what the account takes or gives then; what it has no room for stays at the bank.
    ``regret`` is the difference of both plans' costs, None where the account alone cannot do it;
    the difference of the best plans lies between ``least`` and ``most``.
    """

    account: str
    moved: float = 0.0
    regret: float | None = None
    least: float | None = None
    most: float | None = None
    plan: HouseholdPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositSplit:
    """The plan with the free choice of accounts, and each account alone, cheapest first."""

    amount: float
    free: HouseholdPlan
    alone: tuple[Alone, ...]


def best_account(
    household: Household,
    amount: float,
    *,
    pool: str | None = None,
    planner: Planner = plan_exactly,
) -> DepositSplit:
    """Return how new money is split, and what paying it into one account only would cost.

    ``amount`` takes the place of what the pool has, the first one where none is named; the
    household is one that was gathered with it, since what a credit can reach depends on it. Raises
    :class:`UsageError` for a pool that the household does not have.
    """
    found = [each for each in household.pools if pool in (None, each.id)]
    if not found:
        raise UsageError(f"the household has no pool {pool}; name one it has")
    chosen = found[0]
    pools = tuple(
        replace(each, amount=amount) if each.id == chosen.id else each for each in household.pools
    )
    home = replace(household, pools=pools)
    closed = _shut(lambda account: replace(account, room=0.0), chosen.accounts)
    return _split(home, amount, chosen.accounts, closed, planner)


def best_source(
    household: Household,
    amount: float,
    *,
    aim: str | None = None,
    planner: Planner = plan_exactly,
) -> DepositSplit:
    """Return where a withdrawal comes from, and what taking it from one account only would cost.

    ``amount`` takes the place of what the aim has to give, the first one where none is named.
    Raises :class:`UsageError` for an unknown aim.
    """
    found = [each for each in household.aims if aim in (None, each.id)]
    if not found:
        raise UsageError(f"the household has no aim {aim or 'at all'}; name one it has")
    chosen = found[0]
    aims = tuple(
        replace(each, withdrawal=amount) if each.id == chosen.id else each
        for each in household.aims
    )
    home = replace(household, aims=aims)
    closed = _shut(lambda account: replace(account, withdrawable=0.0), chosen.accounts)
    return _split(home, amount, chosen.accounts, closed, planner)


_Closed = Callable[[Household, Collection[str]], Household]


def _shut(close: Callable[[Account], Account], among: Sequence[str]) -> _Closed:
    """Return what closes every account among some but those that are named."""

    def closed(household: Household, left_open: Collection[str]) -> Household:
        changed = (
            close(each) if each.id in among and each.id not in left_open else each
            for each in household.accounts
        )
        return replace(household, accounts=tuple(changed))

    return closed


def _split(
    household: Household, amount: float, accounts: Sequence[str], closed: _Closed, planner: Planner
) -> DepositSplit:
    plans = {name: planner(closed(household, {name}), None) for name in accounts}
    # any account alone is one of the free choices: the best of them is where the free plan begins
    able = [plan for plan in plans.values() if plan.status is not PlanStatus.INFEASIBLE]
    start = min(able, key=lambda plan: plan.cost.total).moves if able else None
    free = _simplest(household, planner(household, start), able)
    while small := _small(household, free):
        simpler = _simplest(household, free, [planner(_without(household, small), None)])
        if simpler is free:
            break
        free = simpler
    for name, plan in plans.items():
        if (
            plan.cost.total > free.cost.total
            and not evaluate(closed(household, {name}), free.moves).violations
        ):  # the free plan uses this account only
            plans[name] = replace(plan, moves=free.moves, cost=free.cost, status=free.status)
    alone = sorted(_alone(free, plans), key=lambda each: (each.regret is None, each.regret or 0.0))
    return DepositSplit(amount=amount, free=free, alone=tuple(alone))


def with_transfers(household: Household, plan: HouseholdPlan) -> float:
    """Return the cost of a plan and of making its transfers, in won.

    A transfer is an act of a person, as an order is, and has the price of one: nobody moves
    3,357 won to save 868.
    """
    made = len(plan.moves.deposits) + len(plan.moves.withdrawals)
    return plan.cost.total + household.policy.trade_price * made


def _simplest(
    household: Household, free: HouseholdPlan, others: Sequence[HouseholdPlan]
) -> HouseholdPlan:
    """Return the cheapest plan with its transfers; the bound is that of the free one."""
    near = household.policy.min_trade  # what stays at the bank differs by less than an order
    alike = [plan for plan in others if abs(_moved(plan) - _moved(free)) < near]
    best = min([free, *alike], key=lambda plan: with_transfers(household, plan))
    if best is free:
        return free
    proven = free.status is not PlanStatus.UNPROVEN
    status = status_of(best.cost.total, free.bound) if proven else free.status
    return replace(best, bound=free.bound, status=status)


def _small(household: Household, plan: HouseholdPlan) -> str | None:
    """Return the account of the smallest transfer of several, if it is below any order.

    It may be that of a person whose money is not the one that is split.
    """
    moved = {**plan.moves.deposits, **plan.moves.withdrawals}
    small = min(moved, key=lambda name: moved[name], default=None)
    if small is None or len(moved) < 2 or moved[small] >= household.policy.min_trade:
        return None
    return small


def _without(household: Household, name: str) -> Household:
    """Return a household in which no money goes into an account or out of it."""
    accounts = (
        replace(each, room=0.0, withdrawable=0.0) if each.id == name else each
        for each in household.accounts
    )
    return replace(household, accounts=tuple(accounts))


def _moved(plan: HouseholdPlan) -> float:
    return sum(plan.moves.deposits.values()) - sum(plan.moves.withdrawals.values())


def _alone(free: HouseholdPlan, plans: Mapping[str, HouseholdPlan]) -> Iterator[Alone]:
    for name, plan in plans.items():
        if plan.status is PlanStatus.INFEASIBLE:
            yield Alone(account=name, plan=plan)
            continue
        moved = plan.moves.deposits.get(name, 0.0) + plan.moves.withdrawals.get(name, 0.0)
        yield Alone(
            account=name,
            moved=moved,
            regret=plan.cost.total - free.cost.total,
            least=max(0.0, plan.bound - free.cost.total),
            most=max(0.0, plan.cost.total - free.bound),
            plan=plan,
        )
