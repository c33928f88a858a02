"""Simulated households for tests: small, and with every rule of the program in play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jeoul.household.problem.records import (
    Account,
    Aim,
    Credit,
    Curve,
    EndTax,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    MoneyPool,
    Need,
    Policy,
    Position,
)

CLASSES = ("equity_kr", "equity_us", "equity_dm", "equity_em", "bond_kr", "bond_us", "gold", "reit")
VOLATILITY = np.array([0.20, 0.16, 0.17, 0.21, 0.04, 0.08, 0.15, 0.18])
TARGET = {
    "equity_kr": 0.12,
    "equity_us": 0.24,
    "equity_dm": 0.08,
    "equity_em": 0.06,
    "bond_kr": 0.22,
    "bond_us": 0.10,
    "gold": 0.08,
    "reit": 0.05,
    "CASH": 0.05,
}
KINDS = ("general", "overseas", "isa", "pension_savings", "irp")
GAINS_LEVY = Curve((2_500_000.0,), (0.0, 0.22))
INCOME = Curve((20e6, 40e6), (0.0, 0.03, 0.12), ((10e6, 400_000.0), (20e6, 1_200_000.0)))


def factors() -> tuple[tuple[float, ...], ...]:
    count = len(CLASSES)
    correlation = 0.5 * np.ones((count, count)) + 0.5 * np.eye(count)
    covariance = correlation * np.outer(VOLATILITY, VOLATILITY)
    values, vectors = np.linalg.eigh(covariance)
    return tuple(
        tuple(float(x) for x in np.sqrt(values[k]) * vectors[:, k]) for k in (-1, -2, -3, -4)
    )


def drawn(
    seed: int, funds: int = 12, kinds: tuple[str, ...] = KINDS, *, fifo: bool = False
) -> Household:
    """Return a simulated household of one person, or of two where a kind comes twice."""
    rng = np.random.default_rng([20261129, funds, len(kinds), seed])
    value = float(np.clip(np.exp(rng.normal(np.log(75e6), 0.9)), 8e6, 1e9))
    listed = tuple(_fund(rng, number) for number in range(funds))
    parts = rng.dirichlet(np.full(len(kinds), 1.5)) * value
    accounts, positions = [], []
    for number, kind in enumerate(kinds):
        name, owner = f"{kind}{number}", f"p{int(kinds[:number].count(kind) > 0)}"
        holdings, cash = _holdings(rng, name, kind, listed, parts[number], fifo=fifo)
        positions += holdings
        accounts.append(_account(rng, name, owner, kind, cash))
    owners = sorted({each.owner for each in accounts})
    deposit = float(rng.choice([0.0, round(value * 0.01), round(value * rng.uniform(0.02, 0.3))]))
    names = tuple(each.id for each in accounts)
    withdrawal = round(value * 0.02) if deposit == 0.0 and rng.random() < 0.3 else 0.0
    aim = Aim(
        id="home",
        accounts=names,
        pools=("new",),
        weights=TARGET,
        factors=factors(),
        risk_most=None,
        withdrawal=float(withdrawal),
    )
    free = tuple(each.id for each in accounts if each.lock_years == 0.0)
    return Household(
        classes=CLASSES,
        funds=listed,
        accounts=tuple(accounts),
        positions=tuple(positions),
        members=tuple(_member(rng, owner, deposit) for owner in owners),
        aims=(aim,),
        pools=(MoneyPool(id="new", amount=deposit, accounts=names),),
        needs=(
            Need(id="reserve", amount=value * 0.1, accounts=free, pools=("new",)),
            Need(id="house", amount=value * rng.uniform(0.1, 0.8), accounts=(names[0], names[-1])),
        ),
        policy=Policy(
            max_trades=int(rng.integers(6, 13)),
            lock_most=float(deposit) * 0.8 if rng.random() < 0.5 else None,
        ),
    )


def _fund(rng: np.random.Generator, number: int) -> Fund:
    first = number % len(CLASSES)
    exposure = {CLASSES[first]: 1.0}
    if number >= len(CLASSES) and rng.random() < 0.4:
        exposure = {CLASSES[first]: 0.6, "bond_kr": 0.35, "CASH": 0.05}
        if CLASSES[first] == "bond_kr":
            exposure = {"bond_kr": 0.95, "CASH": 0.05}
    risky = sum(w for c, w in exposure.items() if c not in ("bond_kr", "bond_us", "CASH"))
    return Fund(
        code=f"F{number:02d}",
        price=float(round(np.exp(rng.normal(np.log(15_000.0), 0.8)))),
        exposure=exposure,
        risk=risky,
        capped=risky > 0.4,
    )


def _holdings(
    rng: np.random.Generator,
    name: str,
    kind: str,
    listed: tuple[Fund, ...],
    money: float,
    *,
    fifo: bool,
) -> tuple[list[Position], float]:
    weights = np.array([TARGET[CLASSES[n % len(CLASSES)]] for n in range(len(listed))])
    weights = weights * rng.uniform(0.2, 2.0, len(listed)) * (rng.random(len(listed)) < 0.75)
    weights *= 0.95 / max(weights.sum(), 1e-9)
    found, left = [], money
    for fund, weight in zip(listed, weights, strict=True):
        if kind == "irp" and fund.risk > 0.7 and rng.random() < 0.3:
            continue
        shares = int(weight * money / fund.price)
        left -= shares * fund.price
        found.append(_position(rng, name, kind, fund, shares, fifo=fifo))
    return found, float(round(max(left, 0.0)))


def _position(
    rng: np.random.Generator, name: str, kind: str, fund: Fund, shares: int, *, fifo: bool
) -> Position:
    lots: tuple[Lot, ...] = ()
    if kind in ("general", "overseas") and shares:
        count = min(shares, 3) if fifo else 1
        sizes = np.full(count, shares // count)
        sizes[0] += shares - sizes.sum()
        gains = fund.price * rng.normal(0.12, 0.2, count)
        floor = 0.0 if kind == "general" else -np.inf
        lots = tuple(
            Lot(int(size), float(max(floor, gain))) for size, gain in zip(sizes, gains, strict=True)
        )
    foreign = kind in ("general", "overseas")
    return Position(
        account=name,
        fund=fund.code,
        shares=shares,
        buyable=bool(rng.random() < 0.9),
        sellable=bool(rng.random() < 0.95),
        lots=lots,
        buy_cost=0.0007,
        sell_cost=0.0009,
        drag=float(rng.uniform(0.0005, 0.006)) + (0.003 if foreign else 0.0),
        income=float(rng.uniform(0.0, 0.04)) if kind in ("general", "overseas") else 0.0,
        growth=float(rng.uniform(0.0, 0.05)) if kind in ("overseas", "isa") else 0.0,
    )


def _account(rng: np.random.Generator, name: str, owner: str, kind: str, cash: float) -> Account:
    gains = {"general": Gains.WITHHELD, "overseas": Gains.YEARLY}.get(kind, Gains.SHELTERED)
    due = float(round(cash * 0.4)) if rng.random() < 0.25 else 0.0
    locked = {"pension_savings": 20.0, "irp": 20.0, "isa": 2.0}.get(kind, 0.0)
    settlement = None
    if kind == "isa":
        curve = Curve((2_000_000.0,), (0.0, 0.099))
        accrued, years = float(rng.uniform(-1e6, 4e6)), float(rng.uniform(1.0, 3.0))
        settlement = EndTax(curve=curve, accrued=accrued, years=years)
    return Account(
        id=name,
        owner=owner,
        kind=kind,
        gains=gains,
        cash=cash - due,
        due=due,
        reuse=bool(rng.random() < 0.8),
        buffer=float(round(cash * 0.2)) if rng.random() < 0.9 else cash + 50_000.0,
        room=float(rng.choice([0.0, 3e6, 18e6])) if kind != "general" else 1e12,
        withdrawable=cash if locked == 0.0 else 0.0,
        lock_years=locked,
        order_fee=500.0 if kind == "overseas" else 0.0,
        exchange=0.002 if kind == "overseas" else 0.0,
        collar=0.01 if kind != "overseas" else 0.0,
        risk_cap=0.7 if kind == "irp" else None,
        sale_rate={"general": 0.154, "overseas": 0.22}.get(kind, 0.0),
        settlement=settlement,
    )


def _member(rng: np.random.Generator, owner: str, deposit: float) -> HouseholdMember:
    together = float(rng.uniform(0.0, 9e6))
    return HouseholdMember(
        id=owner,
        financial=float(rng.choice([0.5e6, 9.9e6, 19.8e6, 30e6])),
        income_levy=INCOME,
        later_financial=float(rng.choice([0.5e6, 9.5e6, 19.5e6])),
        later_levy=INCOME,
        realised=float(rng.choice([0.0, -1e6, 2.4e6, 4e6])),
        gains_levy=GAINS_LEVY,
        pension_room=float(rng.uniform(0.0, 18e6)),
        credit=Credit(
            rate=float(rng.choice([0.132, 0.165])),
            savings=min(6e6, together),
            together=together,
            reachable=min(together, deposit),
        ),
    )


def tiny(seed: int) -> Household:
    """Return a simulated household whose moves can be counted out: four dear funds, few shares."""
    rng = np.random.default_rng([20261130, seed])
    listed = tuple(
        Fund(
            code=f"F{number}",
            price=float(rng.integers(600_000, 2_500_000)),
            exposure={"equity_kr": share, "bond_kr": 1.0 - share},
            risk=share,
            capped=share > 0.4,
        )
        for number, share in enumerate((1.0, 0.9, 0.3, 0.0))
    )
    kinds = tuple(rng.choice(["general", "overseas", "irp", "isa"], 2, replace=False))
    accounts, positions = [], []
    for kind in kinds:
        account = _account(rng, kind, "p0", kind, float(rng.integers(0, 5) * 1_000_000))
        accounts.append(replace(account, withdrawable=0.0, order_fee=500.0))
        for number in rng.choice(4, 2, replace=False):
            shares = int(rng.integers(0, 5))
            lots = tuple(
                Lot(int(size), float(max(gain, 0.0 if kind == "general" else -1e9)))
                for size, gain in zip(
                    (shares // 2, shares - shares // 2), rng.normal(1e5, 3e5, 2), strict=True
                )
                if size and kind in ("general", "overseas")
            )
            position = _position(rng, kind, kind, listed[number], shares, fifo=False)
            positions.append(replace(position, lots=lots))
    aim = Aim(
        id="home",
        accounts=kinds,
        pools=(),
        weights={"equity_kr": 0.6, "bond_kr": 0.35, "CASH": 0.05},
        factors=((0.2, 0.02), (0.01, 0.04)),
        risk_most=0.65 if rng.random() < 0.2 else None,
    )
    return Household(
        classes=("equity_kr", "bond_kr"),
        funds=listed,
        accounts=tuple(accounts),
        positions=tuple(positions),
        members=(replace(_member(rng, "p0", 0.0), later_financial=9.9e6, financial=9.95e6),),
        aims=(aim,),
        policy=Policy(drift_price=0.1, max_trades=int(rng.integers(1, 5)), min_gain=0.0),
    )
