"""The answer to a household: its plan, and every explanation that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from math import inf
from typing import TypeVar

from jeoul.errors import SolverFailed
from jeoul.household.explaining.certificate import (
    PlanCertificate,
    WaitingTrades,
    certify_nothing,
    waiting,
)
from jeoul.household.explaining.cure import Cure, deposit_to_cure
from jeoul.household.explaining.deposits import (
    DepositSplit,
    best_account,
    best_source,
    with_transfers,
)
from jeoul.household.explaining.doctor import PlanDiagnosis, diagnose
from jeoul.household.explaining.frontier import FrontierPlan, trade_frontier
from jeoul.household.explaining.reasons import PlanReason, reasons_of
from jeoul.household.explaining.risk_cut import Reachable, reachable
from jeoul.household.explaining.rule_prices import RulePrice, rule_prices
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.fast import plan_fast
from jeoul.household.planning.own_costs import less_costs
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, HouseholdPlan, Moves, PlanStatus
from jeoul.household.year_end.year_end import YearEnd, year_end
from jeoul.korea.rulebook import Rulebook

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked of a household beside its plan.

    ``seconds`` is how long each exact plan may take, 0 for fast plans alone. ``split`` asks what
    each account alone would cost, ``cure`` what deposit brings drift to that level without a sale,
    ``frontier`` what fewer orders do, ``rules`` what each rule costs, ``year_end`` what is left to
    do in the year; ``years`` is how many years ahead are planned, 0 for none.
    """

    seconds: float = 2.0
    split: bool = False
    cure: float | None = None
    frontier: bool = False
    rules: bool = False
    year_end: bool = False
    years: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredHousehold:
    """The plan of a household and what explains it; None and empty for what was not asked.

    ``household`` is the one that was planned: its targets divide what is left after the plan's own
    costs, and a limit on risk that cannot be kept today is raised to what can be reached
    (``reached`` says by what it is forbidden). ``late`` are the questions
    whose search stopped without an answer, by the names of these fields.
    """

    household: Household
    plan: HouseholdPlan
    reached: Reachable
    reasons: tuple[PlanReason, ...] = ()
    certificate: PlanCertificate | None = None
    waiting: WaitingTrades | None = None
    diagnosis: PlanDiagnosis | None = None
    splits: tuple[DepositSplit, ...] = ()
    cure: Cure | None = None
    late: tuple[str, ...] = ()
    frontier: tuple[FrontierPlan, ...] = ()
    prices: tuple[RulePrice, ...] = ()
    year_end: YearEnd | None = None


def answer(
    household: Household,
    asked: Questions,
    *,
    book: Rulebook,
    on: date,
    richer: Household | None = None,
) -> AnsweredHousehold:
    """Return the plan of a household with its explanations, by the law of ``book`` on a day.

    ``richer`` is the household with more new money than any cure needs: what an account takes is
    bounded by the money there is.

    A plan that does nothing comes with the nearest candidates, one that a limit on orders binds
    with what waits, an impossible one with the rules that cannot hold together.
    """
    reached = reachable(household)
    planner = _planner(asked)
    found = _planned(reached, planner, split=asked.split)
    home, plan = found.household, found.plan
    late: list[str] = []

    def searched(name: str, search: Callable[[], _Found], without: _Found) -> _Found:
        """Return what a search finds; one without an end leaves the rest of the answer as it is."""
        try:
            return search()
        except SolverFailed:
            late.append(name)
            return without

    if plan.status is PlanStatus.INFEASIBLE:
        diagnosis = searched("diagnosis", lambda: diagnose(home), None)
        return replace(found, diagnosis=diagnosis, late=tuple(late))
    cured, most = asked.cure, _most(home)
    found = replace(
        found,
        reasons=reasons_of(home, plan),
        certificate=searched("certificate", lambda: certify_nothing(home, plan), None)
        if _is_idle(plan)
        else None,
        waiting=searched("waiting", lambda: waiting(home, plan, planner=planner), None)
        if _is_bound(home, plan)
        else None,
        cure=None
        if cured is None
        else searched("cure", lambda: deposit_to_cure(richer or home, cured), None),
        frontier=searched("frontier", lambda: trade_frontier(home, most, planner=planner), ())
        if asked.frontier
        else (),
        prices=searched("prices", lambda: rule_prices(home, plan, planner=planner), ())
        if asked.rules
        else (),
        year_end=year_end(home, plan, book, on=on) if asked.year_end else None,
    )
    return replace(found, late=tuple(late))


def _planned(reached: Reachable, planner: Planner, *, split: bool) -> AnsweredHousehold:
    """Return the plan of a household, for what is left after its own costs.

    Where nothing turns out to be worth them there are none, and all of the money is divided.
    """
    whole = reached.household
    nothing = evaluate(whole, NOTHING)
    worth = inf if nothing.violations else nothing.cost.total - whole.policy.min_gain
    left = less_costs(whole, plan_fast(whole).moves)
    for home in (whole,) if left == whole else (left, whole):
        splits = tuple(_splits(home, planner)) if split else ()
        free = [each.free for each in splits]
        plan = min(free, key=partial(with_transfers, home)) if free else planner(home, None)
        if plan.cost.total <= worth and not _is_idle(plan):
            break
    plan = replace(plan, nothing=nothing.cost)
    return AnsweredHousehold(household=home, plan=plan, reached=reached, splits=splits)


def quick(household: Household, start: Moves | None) -> HouseholdPlan:
    """Return the fast plan of a household, or its start where that costs less."""
    found = plan_fast(household)
    if start is None:
        return found
    given = evaluate(household, start)
    if given.violations or given.cost.total >= found.cost.total:
        return found
    return replace(found, moves=start, cost=given.cost, status=PlanStatus.UNPROVEN)


def thorough(household: Household, start: Moves | None, *, seconds: float) -> HouseholdPlan:
    """Return the exact plan of a household, searched from its fast plan or a better start.

    It is searched until no other plan saves ``min_gain`` more, as far as the time goes.
    """
    best = quick(household, start).moves
    return plan_exactly(household, best, within=household.policy.min_gain, seconds=seconds)


def _planner(asked: Questions) -> Planner:
    return partial(thorough, seconds=asked.seconds) if asked.seconds > 0.0 else quick


def _splits(household: Household, planner: Planner) -> Iterator[DepositSplit]:
    """Yield where each person's new money goes, or where money that is taken out comes from."""
    for pool in household.pools:
        if pool.amount > 0.0:
            yield best_account(household, pool.amount, pool=pool.id, planner=planner)
    for aim in household.aims:
        if aim.withdrawal > 0.0:
            yield best_source(household, aim.withdrawal, aim=aim.id, planner=planner)


def _is_idle(plan: HouseholdPlan) -> bool:
    moved = (*plan.moves.deposits.values(), *plan.moves.withdrawals.values())
    return not plan.moves.count and not any(moved)


def _is_bound(household: Household, plan: HouseholdPlan) -> bool:
    most = household.policy.max_trades
    return most is not None and plan.moves.count >= most


def _most(household: Household) -> int:
    return household.policy.max_trades or 12
