"""A plan in which selling and buying back is one of the things that may be done.

A fund that is bought back is a fund of its own in the program: it costs and holds what the first
one does, and has no gain yet. So both ways are paid, both orders are counted, and the gain goes
into the same row as every other sale of the year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.after import After
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    Curve,
    Gains,
    Household,
    HouseholdMember,
    HouseholdPlan,
    Moves,
    Position,
)
from jeoul.household.year_end.rebuys import Rebuy

_AGAIN = "*"  # marks the code of a fund that is bought back
_FORBIDDEN = 1.0  # tax of a won beyond the deduction where it may not be passed


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestPlan:
    """A plan with what it sells and buys back.

    ``moves`` are those of the household, what is bought back taken off; ``cost`` of the ``plan``
    contains all of it. ``gain`` is what the year's sales abroad realise in all.
    """

    plan: HouseholdPlan
    moves: Moves
    rebuys: tuple[Rebuy, ...]
    gain: float


def plan_with_rebuys(
    household: Household,
    start: Moves | None = None,
    *,
    capped: bool = False,
    planner: Planner = plan_exactly,
) -> HarvestPlan:
    """Return the plan of a household that may also sell and buy back where gains are yearly.

    Every plan without that is among those searched, so from the same ``start`` the cost is never
    above the plan's by more than its gap. With ``capped`` a gain beyond the first bound of the levy
    is taken as lost whole: nothing that can be left passes it.
    """
    twins = _with_twins(household)
    searched = _capped(twins) if capped else twins
    found = planner(searched, start)
    cost = evaluate(twins, found.moves).cost
    nothing = evaluate(twins, Moves()).cost
    plan = replace(found, cost=cost, nothing=nothing, bound=min(found.bound, cost.total))
    after = After(twins, found.moves)
    yearly = {each.id for each in household.accounts if each.gains is Gains.YEARLY}
    return HarvestPlan(
        plan=plan,
        moves=_net(found.moves),
        rebuys=tuple(_rebuys(after)),
        gain=sum(after.realised.get(name, 0.0) for name in yearly),
    )


def _with_twins(household: Household) -> Household:
    """Return the household with a second fund for each that can be bought back."""
    yearly = {each.id for each in household.accounts if each.gains is Gains.YEARLY}
    sold = [
        each
        for each in household.positions
        if each.account in yearly and each.shares and each.buyable and each.sellable
    ]
    codes = {each.fund for each in sold}
    funds = tuple(
        replace(each, code=each.code + _AGAIN) for each in household.funds if each.code in codes
    )
    return replace(
        household,
        funds=(*household.funds, *funds),
        positions=(*household.positions, *(_twin(each) for each in sold)),
    )


def _twin(position: Position) -> Position:
    return replace(position, fund=position.fund + _AGAIN, shares=0, lots=(), sellable=False)


def _capped(household: Household) -> Household:
    members = tuple(_within_deduction(each) for each in household.members)
    return replace(household, members=members)


def _within_deduction(member: HouseholdMember) -> HouseholdMember:
    levy = member.gains_levy
    if not levy.bounds:
        return member
    first, *others = levy.slopes
    dear = (first, *(max(each, _FORBIDDEN) for each in others))
    return replace(member, gains_levy=Curve(levy.bounds, dear, levy.steps))


def _net(moves: Moves) -> Moves:
    """Return moves in which a fund that is bought back is the fund itself again."""
    trades: dict[tuple[str, str], int] = {}
    for (account, fund), count in moves.trades.items():
        key = account, fund.removesuffix(_AGAIN)
        trades[key] = trades.get(key, 0) + count
    return replace(moves, trades={key: count for key, count in trades.items() if count})


def _rebuys(after: After) -> Iterator[Rebuy]:
    """Yield what is sold and bought back; its part of the gain is that of its shares."""
    for position in after.positions():
        bought = after.moves.trades.get((position.account, position.fund + _AGAIN), 0)
        sold = -after.traded(position)
        count = min(bought, sold)
        if count > 0:
            gain = sum(lot.shares * lot.gain for lot in after.sold(position))
            yield Rebuy(position.account, position.fund, count, gain * count / sold)
