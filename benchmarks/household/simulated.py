"""One simulated household out of a size and a seed: its people, accounts, money and wishes.

Every choice is a stated distribution; none of them is fitted to Korean households. The figures of
the law are those of 2026 (:mod:`simulated_law`), the market that of :mod:`simulated_market`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import simulated_law as law
from simulated_holdings import by_class, by_fund, holds, lots
from simulated_market import CLASSES, FUNDS, PROFILES, Listing
from simulated_people import Person, people
from simulated_terms import account_of, position_rates
from simulated_wishes import wishes

from jeoul.household.problem.records import (
    Account,
    Fund,
    Household,
    HouseholdMember,
    Policy,
    Position,
)

CODE = {"2x8": 28, "5x12": 512, "6x20": 620}
MAX_TRADES = {"2x8": 6, "5x12": 10, "6x20": 14}
SPLIT = {"general": 2.0, "overseas": 1.0, "isa": 1.5, "pension_savings": 1.5, "irp": 1.0}


@dataclass
class Draft:
    """A household while it is drawn."""

    rng: np.random.Generator
    size: str
    people: list[Person] = field(default_factory=list)
    prices: dict[str, float] = field(default_factory=dict)

    @property
    def funds(self) -> tuple[Listing, ...]:
        return FUNDS[self.size]


def household(size: str, seed: int) -> Household:
    """Return the household of a size (2x8, 5x12 or 6x20) and a seed."""
    return household_of(size, seed)[0]


def household_of(size: str, seed: int) -> tuple[Household, list[Person]]:
    """Return a household, and its people with what only the law of later years needs."""
    rng = np.random.Generator(np.random.PCG64([20261129, CODE[size], seed]))
    draft = Draft(rng, size)
    draft.people = people(rng, size)
    draft.prices = {
        each.code: float(round(each.price * rng.uniform(0.88, 1.12))) for each in draft.funds
    }
    accounts = _accounts(draft)
    money = float(np.clip(75e6 * np.exp(0.95 * rng.standard_normal()), 8e6, 1_500e6))
    split = rng.dirichlet([SPLIT[each.kind] for each in accounts]) * money
    weights = _weights(rng)
    state = str(rng.choice(["managed", "neglected", "new"], p=[0.5, 0.3, 0.2]))
    counts, cash = _shares(draft, accounts, split, weights, state)
    accounts = _with_cash(rng, accounts, cash)
    positions = _positions(draft, accounts, counts)
    found = Household(
        classes=CLASSES,
        funds=tuple(_fund(each, draft.prices[each.code]) for each in draft.funds),
        accounts=accounts,
        positions=positions,
        members=tuple(_member(each) for each in draft.people),
        aims=(),
        policy=Policy(max_trades=MAX_TRADES[size]),
    )
    return wishes(rng, size, draft.people, found, weights), draft.people


def _accounts(draft: Draft) -> tuple[Account, ...]:
    rng, first = draft.rng, draft.people[0]
    if draft.size == "2x8":
        first.kinds = ("general", str(rng.choice(["isa", "pension_savings"])))
    else:
        first.kinds = ("general", "overseas", "isa", "pension_savings", "irp")
    if draft.size == "6x20":
        draft.people[1].kinds = ("isa",)
    return tuple(account_of(rng, kind, person) for person in draft.people for kind in person.kinds)


def _weights(rng: np.random.Generator) -> np.ndarray:
    profile = PROFILES[str(rng.choice(sorted(PROFILES)))]
    return rng.dirichlet(60.0 * np.array(profile))


def _shares(
    draft: Draft,
    accounts: tuple[Account, ...],
    split: np.ndarray,
    weights: np.ndarray,
    state: str,
) -> tuple[dict[tuple[int, int], int], np.ndarray]:
    """Return shares by account and fund, and the cash of each account."""
    rng, funds = draft.rng, draft.funds
    kinds = tuple(each.kind for each in accounts)
    whole = {
        kind: {
            name for each in funds if holds(kind, each) for name in each.mix if len(each.mix) < 2
        }
        for kind in kinds
    }
    allowed = np.array([[name in whole[kind] for name in CLASSES] for kind in kinds], dtype=float)
    held = by_class(rng, state, split, weights, allowed)
    values = by_fund(rng, held, kinds, funds)
    counts = {
        (row, place): int(value // draft.prices[funds[place].code])
        for (row, place), value in values.items()
    }
    loose = np.maximum(0.005 * split, split - held.sum(axis=1)) if state == "new" else 0.0 * split
    cash = np.round(loose + split * rng.uniform(0.002, 0.03, size=len(split)))
    for row, account in enumerate(accounts):
        if account.risk_cap is not None and rng.random() < 0.8:
            _within_cap(draft, counts, row, account.risk_cap, float(cash[row]))
    return counts, cash


def _classes_of(kind: str, funds: tuple[Listing, ...]) -> set[str]:
    """Return the classes of which an account may hold a fund that is not mixed."""
    return {name for each in funds if holds(kind, each) and len(each.mix) == 1 for name in each.mix}


def _within_cap(
    draft: Draft, counts: dict[tuple[int, int], int], row: int, cap: float, cash: float
) -> None:
    """Move an account that is above its cap on risk assets into the first safe fund."""
    funds, prices = draft.funds, draft.prices
    mine = {place: count for (at, place), count in counts.items() if at == row}
    worth = {place: count * prices[funds[place].code] for place, count in mine.items()}
    risky = [place for place in mine if funds[place].irp == "risk"]
    over = sum(worth[place] for place in risky) - cap * (sum(worth.values()) + cash)
    if over <= 0.0:
        return
    safe = next(place for place, each in enumerate(funds) if each.irp == "safe")
    keep = 1.0 - over / sum(worth[place] for place in risky)
    freed = 0.0
    for place in risky:
        count = int(mine[place] * keep)
        freed += (mine[place] - count) * prices[funds[place].code]
        counts[row, place] = count
    counts[row, safe] = mine.get(safe, 0) + int(freed // prices[funds[safe].code])


def _with_cash(
    rng: np.random.Generator, accounts: tuple[Account, ...], cash: np.ndarray
) -> tuple[Account, ...]:
    found = []
    for account, amount in zip(accounts, cash, strict=True):
        due = float(round(amount * rng.uniform(0.5, 1.0))) if rng.random() < 0.25 else 0.0
        found.append(replace(account, cash=float(amount) - due, due=due))
    return tuple(found)


def _positions(
    draft: Draft, accounts: tuple[Account, ...], counts: dict[tuple[int, int], int]
) -> tuple[Position, ...]:
    rng, found = draft.rng, []
    for row, account in enumerate(accounts):
        first_in = rng.random() < 0.2
        for place, fund in enumerate(draft.funds):
            if not holds(account.kind, fund):
                continue
            shares, price = counts.get((row, place), 0), draft.prices[fund.code]
            drawn = rng.random()
            found.append(
                Position(
                    account=account.id,
                    fund=fund.code,
                    shares=shares,
                    buyable=drawn >= 0.07,  # 5 % frozen, 2 % to be sold only
                    sellable=drawn >= 0.05,
                    lots=lots(rng, account.gains, fund, price, shares, first_in=first_in),
                    **position_rates(account.kind, fund),
                )
            )
    return tuple(found)


def _fund(listing: Listing, price: float) -> Fund:
    return Fund(
        code=listing.code,
        price=price,
        exposure=dict(listing.mix),
        risk=round(listing.risk, 6),
        capped=listing.irp != "safe",
    )


def _member(person: Person) -> HouseholdMember:
    levy = law.financial(person.life)
    pays = bool({"pension_savings", "irp"} & set(person.kinds))
    earns = person.life.status != "dependant"
    paid = person.savings_paid + person.irp_paid
    return HouseholdMember(
        id=person.id,
        financial=person.financial,
        income_levy=levy,
        later_financial=float(round(person.financial * 0.8)),
        later_levy=levy,
        realised=person.realised,
        gains_levy=law.gains_abroad(),
        pension_room=law.pension_room(paid) if pays else 0.0,
        credit=law.credit(
            person.life,
            savings_paid=person.savings_paid,
            irp_paid=person.irp_paid,
            at_hand=person.pool,
        )
        if pays and earns
        else None,
    )
