"""Where money goes, and what each account alone would cost instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jeoul.errors import UsageError
from jeoul.household.planning.exact import plan_exactly
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


_Closed = Callable[[Household, str], Household]


def _shut(close: Callable[[Account], Account], among: Sequence[str]) -> _Closed:
    """Return what closes every account among some but one."""

    def closed(household: Household, left_open: str) -> Household:
        changed = (
            close(each) if each.id in among and each.id != left_open else each
            for each in household.accounts
        )
        return replace(household, accounts=tuple(changed))

    return closed


def _split(
    household: Household, amount: float, accounts: Sequence[str], closed: _Closed, planner: Planner
) -> DepositSplit:
    plans = {name: planner(closed(household, name), None) for name in accounts}
    # any account alone is one of the free choices: the best of them is where the free plan begins
    able = [plan for plan in plans.values() if plan.status is not PlanStatus.INFEASIBLE]
    start = min(able, key=lambda plan: plan.cost.total).moves if able else None
    free = planner(household, start)
    for name, plan in plans.items():
        if (
            plan.cost.total > free.cost.total
            and not evaluate(closed(household, name), free.moves).violations
        ):  # the free plan uses this account only
            plans[name] = replace(plan, moves=free.moves, cost=free.cost, status=free.status)
    alone = sorted(_alone(free, plans), key=lambda each: (each.regret is None, each.regret or 0.0))
    return DepositSplit(amount=amount, free=free, alone=tuple(alone))


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
