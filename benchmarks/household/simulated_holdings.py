"""What a simulated household holds: near its target, long neglected, or anything at all."""

from __future__ import annotations

import numpy as np
from simulated_market import CLASSES, Listing, covariance

from jeoul.household.problem.records import Gains, Lot

Pair = tuple[str, str]

ELIGIBLE_ROUNDS = 60


def holds(kind: str, fund: Listing) -> bool:
    """Return whether an account of a kind may hold a fund at all."""
    if kind == "overseas" or fund.abroad:
        return kind == "overseas" and fund.abroad
    return not (kind == "irp" and fund.irp == "barred")


def balanced(
    rng: np.random.Generator, money: np.ndarray, weights: np.ndarray, allowed: np.ndarray
) -> np.ndarray:
    """Return won by account and class that sum to both margins, as far as what is allowed lets.

    Rows and columns of a random matrix are scaled in turn; accounts come last, so that no account
    holds more than it has.
    """
    found = allowed * rng.gamma(0.8, size=allowed.shape)
    wanted = weights * money.sum()
    for _ in range(ELIGIBLE_ROUNDS):
        columns = found.sum(axis=0)
        found *= np.divide(wanted, columns, out=np.zeros_like(wanted), where=columns > 0.0)
        rows = found.sum(axis=1)
        found *= np.divide(money, rows, out=np.zeros_like(money), where=rows > 0.0)[:, None]
    return found


def shock(rng: np.random.Generator, years: float) -> np.ndarray:
    """Return what a won in each class has become after some years."""
    spread = np.linalg.cholesky(covariance() + 1e-12 * np.eye(len(CLASSES)))
    moved = spread @ rng.standard_normal(len(CLASSES)) * np.sqrt(years)
    return np.exp(0.04 * years + moved)


def by_class(
    rng: np.random.Generator,
    state: str,
    money: np.ndarray,
    weights: np.ndarray,
    allowed: np.ndarray,
) -> np.ndarray:
    """Return won by account and class in a state: managed, neglected or new."""
    if state == "managed":
        held = balanced(rng, money * rng.uniform(0.96, 0.995), weights, allowed)
        return held * shock(rng, rng.uniform(0.1, 0.6))
    if state == "neglected":
        noisy = rng.dirichlet(12.0 * weights + 0.1)
        held = balanced(rng, money * rng.uniform(0.85, 0.99), noisy, allowed)
        return held * shock(rng, rng.uniform(1.0, 3.0))
    share = rng.dirichlet(np.ones(len(CLASSES)), size=len(money)) * allowed
    rows = share.sum(axis=1, keepdims=True)
    share = np.divide(share, rows, out=np.zeros_like(share), where=rows > 0.0)
    return share * (money * rng.uniform(0.0, 0.9, size=len(money)))[:, None]


def by_fund(
    rng: np.random.Generator, held: np.ndarray, kinds: tuple[str, ...], funds: tuple[Listing, ...]
) -> dict[tuple[int, int], float]:
    """Return won by account and fund: each class split among the funds that hold only it.

    In half of the accounts that may hold a mixed fund it has a tenth to a half of the account.
    """
    found: dict[tuple[int, int], float] = {}
    for row, kind in enumerate(kinds):
        can = [place for place, fund in enumerate(funds) if holds(kind, fund)]
        for column, name in enumerate(CLASSES):
            among = [place for place in can if funds[place].mix == {name: 1.0}]
            if among:
                parts = rng.dirichlet(np.full(len(among), 0.7))
                for place, part in zip(among, parts, strict=True):
                    found[row, place] = float(held[row, column] * part)
        mixed = [place for place in can if len(funds[place].mix) > 1]
        if mixed and rng.random() < 0.5:
            chosen, part = int(rng.choice(mixed)), rng.uniform(0.1, 0.5)
            mine = [key for key in found if key[0] == row]
            moved = sum(found[key] for key in mine) * part
            for key in mine:
                found[key] *= 1.0 - part
            found[row, chosen] = float(moved)
    return found


def lots(
    rng: np.random.Generator,
    gains: Gains,
    fund: Listing,
    price: float,
    shares: int,
    *,
    first_in: bool,
) -> tuple[Lot, ...]:
    """Return the lots of a holding: one of average cost, or up to three that are sold first in.

    Lots that gain more are sold later, so that the tax is convex in the shares sold.
    """
    if gains is Gains.SHELTERED or not shares:
        return ()
    count = min(shares, int(rng.integers(2, 4))) if first_in else 1
    parts = np.full(count, shares // count)
    parts[: shares % count] += 1
    found = sorted(_gain(rng, gains, fund, price) for _ in range(count))
    return tuple(Lot(int(part), gain) for part, gain in zip(parts, found, strict=True))


def _gain(rng: np.random.Generator, gains: Gains, fund: Listing, price: float) -> float:
    grown = rng.normal(0.12, 0.22)
    gain = price * (1.0 - np.exp(-grown))
    if gains is Gains.YEARLY:
        return round(float(gain), 2)
    if fund.tax == "kr_equity":
        return 0.0
    taxable = price * (1.0 - np.exp(-grown * rng.uniform(0.6, 1.05)))
    return round(max(0.0, float(min(gain, taxable))), 2)
