"""How much new money brings a household back to its target without selling anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from jeoul.errors import SolverFailed, UsageError
from jeoul.household.problem.distance import distance
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import LONGEST_LOCK, Household, MoneyPool, Moves
from jeoul.household.program.rule_program import UNIT, Demand, RuleProgram, rule_program
from jeoul.household.program.rule_rows import ProgramSolution, Solver

_GAP = 0.05  # of the cost of spending the deposit: which way is second to how much
_PART = 0.2  # won by which a row may be short: less than a rule on money forgives


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """The smallest new money that brings an aim's drift to a level, and what it buys.

    ``deposit`` is in whole won, with what the pool has already; ``bound`` is what no plan of whole
    shares can do with less. ``moves`` sell nothing; of the ways to spend it, the cheapest by
    fees, orders, yearly costs and locks, within a twentieth; taxes of later years that depend on
    more than one fund, and credits, are for a plan with the deposit in it.
    """

    deposit: float
    bound: float
    drift: float
    moves: Moves


def deposit_to_cure(household: Household, drift: float, *, pool: str | None = None) -> Cure | None:
    """Return the smallest deposit that brings drift to a level without a sale.

    Drift is half the sum of the absolute deviations, as a share of the money with the deposit in
    it. The money comes through ``pool``, the first one of the household where none is named, and is
    for the aim that the pool belongs to; every rule holds, rooms and settled cash among them. None
    where no deposit up to ten times the household's money can do it: something is held that no
    purchase outweighs. Raises :class:`UsageError` without such a pool, and
    :class:`SolverFailed` where HiGHS finds nothing in time.

    A deviation x - t(V + D) is linear in the deposit D, so this is one program and no search.
    """
    chosen = next((each for each in household.pools if pool in (None, each.id)), None)
    if chosen is None:
        raise UsageError(f"the household has no pool {pool}; name one it has")
    aim = next(each for each in household.aims if chosen.id in each.pools)
    home = _with_pool(household, chosen, 0.0)
    demand = Demand("drift_most", aim.id, drift)
    program = rule_program(home, (demand,), extra=chosen.id)
    found = _cheapest(program)
    if found is None:
        return None
    moves = _whole_won(program.moves(found.values))
    deposit = sum(moves.deposits.get(name, 0.0) for name in chosen.accounts)
    deposit = max(deposit, ceil(found.cost * UNIT - _PART))
    cured = _with_pool(household, chosen, deposit)
    faults = evaluate(cured, moves).violations
    if faults:
        raise SolverFailed("highs", f"its deposit breaks {faults[0].rule} by {faults[0].by}")
    return Cure(
        deposit=deposit,
        bound=found.bound * UNIT,
        drift=distance(cured, moves).drift,
        moves=moves,
    )


def _cheapest(program: RuleProgram) -> ProgramSolution | None:
    """Return the least new money that is enough without a sale, spent where it costs least."""
    assert program.extra is not None, "the program was made with a column of new money"
    solver = Solver(program.rows)
    for sell in program.sells.values():
        solver.bound(sell, 0.0, 0.0)
    least = solver.least({program.extra: 1.0})
    if least is None:
        return None
    solver.bound(program.extra, 0.0, least.values[program.extra] + _PART / UNIT)
    spent = solver.least(_costs(program), gap=_GAP)
    return least if spent is None else ProgramSolution(spent.values, least.cost, least.bound)


def _costs(program: RuleProgram) -> dict[int, float]:
    """Return what purchases and deposits cost: fees, orders, yearly costs, money that locks."""
    household = program.household
    policy = household.policy
    accounts = {each.id: each for each in household.accounts}
    prices = {fund.code: fund.price for fund in household.funds}
    costs = {}
    for each in household.positions:
        rate = each.buy_cost + policy.horizon * each.drag
        costs[program.buys[each.key]] = prices[each.fund] / UNIT * rate
        order = policy.trade_price + accounts[each.account].order_fee
        costs[program.bought[each.key]] = order / UNIT
    for name, column in program.deposits.items():
        lock = policy.lock_price * min(accounts[name].lock_years, LONGEST_LOCK)
        costs[column] = lock + accounts[name].exchange
    return costs


def _whole_won(moves: Moves) -> Moves:
    """Return moves whose deposits are whole won, up: whole shares would lack a won otherwise."""
    paid = {name: float(ceil(amount - _PART)) for name, amount in moves.deposits.items()}
    return replace(moves, deposits=paid)


def _with_pool(household: Household, pool: MoneyPool, amount: float) -> Household:
    pools = tuple(
        replace(each, amount=amount) if each.id == pool.id else each for each in household.pools
    )
    return replace(household, pools=pools)
