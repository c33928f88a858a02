"""What moves cost, in won, by cause; a plan minimises the sum.

The cost of moves, in won; n = shares after the moves, v = n x price, H = horizon:

- tracking: per aim, drift_price x sum over classes and CASH of abs(exposure - weight x V)
  + risk_aversion / 2 x V x sum over factors of phi(y) / 10,000, where V is the aim's money
  (:func:`money_of`), y = 100 x the factor's loading of the deviations / V, and phi(y) stands for
  y^2 by the chords between :data:`BREAKS`; the last one goes on. CASH is what is not in positions.
- tax_now: sale_rate x gain sold where gains are withheld; per member income_levy(financial + those
  gains) - income_levy(financial), and gains_levy(realised + net gains sold of accounts whose gains
  are settled by the year) - gains_levy(realised).
- tax_later: realise x sale_rate x the gain of what stays; a loss costs that much where it is sold,
  the relief that is used up.
- drag: H x (sum of v x drag + per member later_levy(later_financial + sum of v x income, in every
  account of theirs)
  - later_levy(later_financial), + per member gains_levy(sum of v x growth of accounts whose gains
  are settled by the year), + per settlement curve(accrued + years x sum of v x growth) / years),
  where a settlement is at least a year away.
- fees: cost x value traded, order_fee an order, exchange x money moved.
- credit_missed: rate x (reachable - credited), not below 0; credited = min(together, min(savings,
  paid into pension savings) + paid into other accounts that the credit knows).
- locked: deposit x lock_price x min(lock_years, 25).
- needs: shortfall_price x the least total that needs lack (:func:`lacking`).
- trades: trade_price an order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from jeoul.household.problem.after import (
    CREDITED,
    After,
    aim_money,
    exposures,
    supplies_of,
    withheld_of,
)
from jeoul.household.problem.records import (
    LONGEST_LOCK,
    Aim,
    Gains,
    HouseholdMember,
    Need,
    PlanCost,
)

BREAKS = (0.0, 0.2, 0.5, 1.0, 1.75, 3.0, 5.0, 8.0)
"""Per cent of volatility between which the square of the tracking error is a straight line."""


def cost_of(after: After) -> PlanCost:
    """Return the cost of a household's moves, by cause."""
    household = after.household
    policy = household.policy
    moves = after.moves
    return PlanCost(
        tracking=sum(_tracking(after, aim) for aim in household.aims),
        tax_now=_tax_now(after),
        tax_later=policy.realise * _tax_later(after),
        drag=policy.horizon * _drag(after),
        fees=_fees(after),
        credit_missed=sum(_missed(after, member) for member in household.members),
        locked=sum(
            after.deposit(each.id) * policy.lock_price * min(each.lock_years, LONGEST_LOCK)
            for each in household.accounts
        ),
        needs=policy.shortfall_price * lacking(household.needs, supplies_of(after)),
        trades=policy.trade_price * moves.count,
    )


def lacking(needs: Sequence[Need], supplies: Mapping[str, float]) -> float:
    """Return the least total that needs lack when each won serves one need.

    ``supplies`` are won by account or pool. By the theorem of the minimum cut it is the largest
    excess, over the sets of needs, of what a set sums to above all that may serve any of it.

    >>> house = Need(id="house", amount=100.0, accounts=("general",))
    >>> reserve = Need(id="reserve", amount=50.0, accounts=("general", "isa"))
    >>> lacking((house, reserve), {"general": 90.0, "isa": 20.0})
    40.0
    """
    most = 0.0
    for count in range(1, len(needs) + 1):
        for chosen in combinations(needs, count):
            serving = {name for need in chosen for name in (*need.accounts, *need.pools)}
            have = sum(max(0.0, supplies.get(name, 0.0)) for name in serving)
            most = max(most, sum(need.amount for need in chosen) - have)
    return most


def phi(deviation: float) -> float:
    """Return the square of a deviation in per cent by its chords; it is never below the square.

    >>> phi(0.2), phi(0.35), phi(-1.0)
    (0.04, 0.145, 1.0)
    """
    size = abs(deviation)
    for low, high in pairwise(BREAKS):
        if size <= high or high == BREAKS[-1]:
            return round(low * low + (size - low) * (low + high), 12)
    raise AssertionError("the last chord has no end")


def _tracking(after: After, aim: Aim) -> float:
    policy, money = after.household.policy, aim_money(after.household, aim)
    held = exposures(after, aim)
    away = {name: value - aim.weights.get(name, 0.0) * money for name, value in held.items()}
    drift = policy.drift_price * sum(map(abs, away.values()))
    if money <= 0.0 or not aim.factors:
        return drift
    classes = after.household.classes
    error = sum(
        phi(100.0 / money * sum(load * away[c] for load, c in zip(factor, classes, strict=True)))
        for factor in aim.factors
    )
    return drift + policy.risk_aversion / 2.0 * money * error / 10_000.0


def _tax_now(after: After) -> float:
    total = sum(withheld_of(after, each) for each in after.household.accounts)
    for member in after.household.members:
        gains = sum(after.realised.get(a.id, 0.0) for a in after.of_owner(member, Gains.WITHHELD))
        total += member.income_levy.cost(member.financial + gains)
        total -= member.income_levy.cost(member.financial)
        net = sum(after.realised.get(a.id, 0.0) for a in after.of_owner(member, Gains.YEARLY))
        total += member.gains_levy.cost(member.realised + net)
        total -= member.gains_levy.cost(member.realised)
    return total


def _tax_later(after: After) -> float:
    total = 0.0
    for position in after.positions():
        rate = after.accounts[position.account].sale_rate
        kept = sum(lot.shares * max(0.0, lot.gain) for lot in position.lots)
        sold = sum(lot.shares * lot.gain for lot in after.sold(position))
        total += rate * (kept - sold)
    return total


def _drag(after: After) -> float:
    household = after.household
    total = after.weighed((each.id for each in household.accounts), "drag")
    for member in household.members:
        owned = (each.id for each in household.accounts if each.owner == member.id)
        income = after.weighed(owned, "income")
        total += member.later_levy.cost(member.later_financial + income)
        total -= member.later_levy.cost(member.later_financial)
        growth = after.weighed((a.id for a in after.of_owner(member, Gains.YEARLY)), "growth")
        total += member.gains_levy.cost(growth)
    for account in household.accounts:
        end = account.settlement
        if end is not None:
            gain = end.accrued + end.years * after.weighed((account.id,), "growth")
            total += end.curve.cost(gain) / end.years
    return total


def _fees(after: After) -> float:
    total = 0.0
    for position in after.positions():
        count = after.traded(position)
        rate = position.buy_cost if count > 0 else position.sell_cost
        if count:
            total += abs(count) * after.price(position) * rate
            total += after.accounts[position.account].order_fee
    for account in after.household.accounts:
        moved = after.deposit(account.id) + after.withdrawn(account.id)
        total += account.exchange * moved
    return total


def _missed(after: After, member: HouseholdMember) -> float:
    credit = member.credit
    if credit is None:
        return 0.0
    paid = dict.fromkeys(CREDITED, 0.0)
    for account in after.household.accounts:
        if account.owner == member.id and account.kind in paid:
            paid[account.kind] += after.deposit(account.id)
    first, *others = CREDITED
    counted = min(credit.savings, paid[first]) + sum(paid[name] for name in others)
    return credit.rate * max(0.0, credit.reachable - min(credit.together, counted))
