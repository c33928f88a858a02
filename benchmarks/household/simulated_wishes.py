"""What a simulated household wants: its target, new money, needs, a withdrawal, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from simulated_market import CLASSES, RISKY, factors
from simulated_people import Person

from jeoul.household.problem.after import money_of
from jeoul.household.problem.records import CASH, Account, Aim, Household, MoneyPool, Need

OPEN = ("general", "overseas", "isa")  # kinds whose money can be had before 55
BAND = 0.02  # by how much risk assets may exceed the target after a cut


def wishes(
    rng: np.random.Generator,
    size: str,
    people: Sequence[Person],
    drawn: Household,
    weights: np.ndarray,
) -> Household:
    """Return a drawn household with its aims, pools, needs and limits.

    One in twelve has had its risk assets cut; of those without new money a quarter takes money out.
    No household does both, and what each asks for can be done within its most trades.
    """
    pools = tuple(
        MoneyPool(
            id=f"pool-{each.id}",
            amount=each.pool,
            accounts=tuple(a.id for a in drawn.accounts if a.owner == each.id),
        )
        for each in people
        if each.pool > 0.0
    )
    found = replace(
        drawn,
        accounts=tuple(_drawable(rng, drawn, each) for each in drawn.accounts),
        pools=pools,
    )
    found = replace(found, aims=_aims(rng, size, found, weights))
    needs = _needs(rng, found)
    if rng.random() < 0.4:
        free = max(0.0, _money(found) - needs[0].amount)
        found = replace(
            found, policy=replace(found.policy, lock_most=float(round(0.5 * free * rng.random())))
        )
    found = replace(found, needs=needs)
    forced = rng.random()
    if forced < 1 / 12:
        return _cut(rng, found)
    if forced < 1 / 3 and not pools and len(found.aims) == 1:
        return _withdrawing(rng, found)
    return found


def _money(household: Household) -> float:
    return sum(money_of(household, each) for each in household.accounts)


def _drawable(rng: np.random.Generator, household: Household, account: Account) -> Account:
    worth = money_of(household, account)
    part = {"general": 1.0, "overseas": 1.0, "isa": rng.uniform(0.5, 1.0)}.get(account.kind, 0.0)
    return replace(account, withdrawable=float(round(worth * part)))


def _aims(
    rng: np.random.Generator, size: str, household: Household, weights: np.ndarray
) -> tuple[Aim, ...]:
    """Return one target for all, or in one couple of five a target for each."""
    owners = ("a", "b") if size == "6x20" and rng.random() < 0.2 else (None,)
    return tuple(
        Aim(
            id="household" if owner is None else owner,
            accounts=tuple(a.id for a in household.accounts if owner in (None, a.owner)),
            pools=tuple(p.id for p in household.pools if owner in (None, p.id[-1])),
            weights=_named(weights if owner != "b" else rng.dirichlet(30.0 * weights + 0.2), rng),
            factors=factors(),
        )
        for owner in owners
    )


def _named(weights: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    cash = float(rng.choice([0.005, 0.01, 0.02]))
    found = {
        name: round(float(weight) * (1.0 - cash), 5)
        for name, weight in zip(CLASSES, weights, strict=True)
    }
    return {**found, CASH: round(1.0 - sum(found.values()), 5)}


def _needs(rng: np.random.Generator, household: Household) -> tuple[Need, ...]:
    """Return the reserve of six months, and for one in three a goal, in won of today.

    Nine reserves in ten are near the money that may serve them, or within it; one is what it is.
    """
    worth = {a.id: money_of(household, a) for a in household.accounts}
    open_to = tuple(a.id for a in household.accounts if a.kind in OPEN)
    at_hand = sum(worth[name] for name in open_to)
    new = sum(each.amount for each in household.pools)
    wanted = 6.0 * rng.uniform(1.5e6, 4.0e6)
    if rng.random() < 0.9:
        wanted = min(wanted, rng.uniform(0.2, 1.05) * (at_hand + new))
    reserve = Need(
        id="reserve",
        amount=float(round(wanted, -4)),
        accounts=open_to,
        pools=tuple(each.id for each in household.pools),
    )
    if rng.random() >= 0.35:
        return (reserve,)
    saved_in = tuple(a.id for a in household.accounts if a.kind in ("general", "isa"))
    left = max(0.0, min(sum(worth[name] for name in saved_in), at_hand - reserve.amount))
    goal = Need(
        id="goal",
        amount=float(round(left * rng.uniform(0.2, 1.1), -4)),
        accounts=saved_in,
    )
    return (reserve, goal)


def _cut(rng: np.random.Generator, household: Household) -> Household:
    """Return a household whose risk assets were cut: lower weights, and a row on what is left."""
    scale = rng.uniform(0.4, 0.8)
    return replace(household, aims=tuple(_cut_aim(household, aim, scale) for aim in household.aims))


def _cut_aim(household: Household, aim: Aim, scale: float) -> Aim:
    weights = {
        name: round(part * scale, 5) if name in RISKY else part
        for name, part in aim.weights.items()
    }
    freed = 1.0 - sum(weights.values())
    weights["cash_like"] = round(weights["cash_like"] + freed, 5)
    weights[CASH] = round(1.0 - sum(part for name, part in weights.items() if name != CASH), 5)
    money = sum(money_of(household, a) for a in household.accounts if a.id in aim.accounts)
    money += sum(pool.amount for pool in household.pools if pool.id in aim.pools)
    funds = {each.code: each for each in household.funds}
    held = sorted(
        (p.shares * funds[p.fund].price * funds[p.fund].risk, p.sellable)
        for p in household.positions
        if p.account in aim.accounts
    )
    most = max(1, (household.policy.max_trades or 1) // len(household.aims) - 2)
    sold = sum([value for value, sellable in held if sellable][-most:])
    least = sum(value for value, _ in held) - sold  # what the most trades can bring it down to
    target = sum(part for name, part in weights.items() if name in RISKY)
    return replace(
        aim,
        weights=weights,
        risk_most=round(max(target + BAND, least / money + 0.01), 5),
    )


def _withdrawing(rng: np.random.Generator, household: Household) -> Household:
    """Return a household that takes money out of its ordinary account."""
    aim, account = household.aims[0], household.accounts[0]
    prices = {each.code: each.price for each in household.funds}
    sellable = sorted(
        p.shares * prices[p.fund]
        for p in household.positions
        if p.account == account.id and p.sellable
    )[-4:]
    amount = float(round(rng.uniform(0.1, 0.5) * sum(sellable), -4))
    return replace(household, aims=(replace(aim, withdrawal=amount),))
