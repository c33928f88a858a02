"""Simulated households for tests: drawn from a seed, with every field of the records in use.

Nothing in them was ever observed: prices, gains, incomes and shocks are drawn, and the rates are
round figures near the Korean ones. ``draw("middle", 7)`` is the same household on every machine
with the same numpy. Not for the benchmark: its households are frozen in ``benchmarks/household``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from jeoul.household.records import (
    CASH,
    Account,
    Aim,
    Credit,
    Curve,
    Fund,
    Gains,
    Household,
    Lot,
    Member,
    Need,
    Policy,
    Pool,
    Position,
    Settlement,
)

SIZES = ("small", "middle", "large")
CLASSES = ("kr", "us", "dev", "em", "kr_bond", "us_bond", "gold", "reit")
RISKY = ("kr", "us", "dev", "em", "gold", "reit")
VOLATILITY = (0.20, 0.17, 0.16, 0.21, 0.05, 0.10, 0.16, 0.18)
EQUITIES = 4
GROWTH = {"kr": 0.0, "kr_bond": 0.01, "us_bond": 0.02}
YIELD = {"kr": 0.018, "kr_bond": 0.03, "us_bond": 0.035, "gold": 0.0, "reit": 0.045}
PROFILES = (
    (0.05, 0.08, 0.02, 0.01, 0.45, 0.20, 0.04, 0.02),
    (0.08, 0.15, 0.05, 0.03, 0.32, 0.15, 0.06, 0.04),
    (0.11, 0.22, 0.08, 0.05, 0.22, 0.12, 0.08, 0.05),
    (0.13, 0.32, 0.10, 0.08, 0.13, 0.07, 0.08, 0.05),
    (0.15, 0.40, 0.14, 0.12, 0.05, 0.03, 0.06, 0.04),
)
KOREAN = (
    ("KR1", "kr", 37_000), ("US1", "us", 21_500), ("KB1", "kr_bond", 108_000),
    ("UB1", "us_bond", 12_300), ("GO1", "gold", 24_800), ("DE1", "dev", 14_900),
    ("EM1", "em", 11_200), ("RE1", "reit", 9_800), ("KB2", "kr_bond", 1_085_000),
    ("US2", "us", 96_000), ("KR2", "kr", 12_700), ("UB2", "us_bond", 9_400),
    ("GO2", "gold", 131_000), ("DE2", "dev", 18_700),
)  # fmt: skip
MIXED = (
    ("TDF", {"kr": 0.1, "us": 0.4, "dev": 0.2, "kr_bond": 0.3}, 13_400, True),
    ("SAFE", {"us": 0.4, "kr_bond": 0.5, CASH: 0.1}, 11_900, False),
)
AMERICAN = (
    ("VTI", "us", 412_000), ("VEA", "dev", 71_000), ("BND", "us_bond", 104_000),
    ("VWO", "em", 63_000),
)  # fmt: skip
KINDS = {
    "small": (("general", "isa"), ("general", "pension_savings")),
    "middle": (("general", "overseas", "isa", "pension_savings", "irp"),),
    "large": (("general", "overseas", "isa", "pension_savings", "irp", "isa"),),
}
FUNDS = {"small": (8, 0, 0), "middle": (9, 0, 3), "large": (14, 2, 4)}
MAX_TRADES = {"small": 6, "middle": 10, "large": 14}
LATER = Curve((20_000_000.0, 50_000_000.0), (0.0, 0.099, 0.23))
HEALTH = Curve(
    (20_000_000.0,), (0.0, 0.12), ((10_000_000.0, 480_000.0), (20_000_000.0, 1_200_000.0))
)
ABROAD = Curve((2_500_000.0,), (0.0, 0.22))
STATES = ("managed", "neglected", "new")


@dataclass(frozen=True)
class _Sheet:
    """The funds of a draw, its accounts by kind, and what each is worth in won."""

    funds: tuple[Fund, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    owners: tuple[str, ...]
    worth: NDArray[np.float64]
    state: str


def draw(size: str, seed: int, *, state: str | None = None) -> Household:
    """Return the simulated household of a size and a seed."""
    rng = np.random.Generator(np.random.PCG64([20261129, SIZES.index(size), seed]))
    sheet = _sheet(rng, size, state)
    weights = _target(rng)
    accounts = tuple(_account(rng, sheet, at) for at in range(len(sheet.names)))
    positions = _positions(rng, sheet, weights)
    pools = _pools(rng, accounts, float(sheet.worth.sum()))
    members = tuple(_member(rng, name, accounts, pools) for name in sorted(set(sheet.owners)))
    most = MAX_TRADES[size]
    return Household(
        classes=CLASSES,
        funds=sheet.funds,
        accounts=accounts,
        positions=positions,
        members=members,
        aims=_aims(rng, sheet, accounts, positions, pools, weights),
        pools=pools,
        needs=_needs(rng, accounts, pools, float(sheet.worth.sum())),
        policy=Policy(
            max_trades=most,
            trade_price=float(rng.choice([0.0, 3_000.0], p=[0.1, 0.9])),
            lock_most=0.5 * float(sheet.worth.sum()) if rng.random() < 0.2 else None,
        ),
    )


def factors() -> tuple[tuple[float, ...], ...]:
    """Return the four largest factors of the covariance of the classes."""
    sizes = np.array(VOLATILITY)
    alike = np.full((len(CLASSES), len(CLASSES)), 0.15)
    alike[:EQUITIES, :EQUITIES] = 0.7
    np.fill_diagonal(alike, 1.0)
    values, vectors = np.linalg.eigh(alike * np.outer(sizes, sizes))
    loadings = (vectors * np.sqrt(values)).T[::-1][:4]
    return tuple(tuple(float(each) for each in row) for row in loadings)


def _sheet(rng: Generator, size: str, state: str | None) -> _Sheet:
    options = KINDS[size]
    kinds = options[int(rng.integers(len(options)))]
    korean, mixed, american = FUNDS[size]
    drift = {"price": lambda base: float(round(base * rng.uniform(0.88, 1.12) / 5) * 5)}["price"]
    single = KOREAN[: 8 if size == "small" else korean]
    funds = [
        Fund(code=code, price=drift(base), exposure={name: 1.0}, risk=float(name in RISKY),
             capped=name in RISKY)
        for code, name, base in (*single, *AMERICAN[:american])
    ]  # fmt: skip
    funds += [
        Fund(code=code, price=drift(base), exposure=mix, capped=capped,
             risk=sum(share for name, share in mix.items() if name in RISKY))
        for code, mix, base, capped in MIXED[:mixed]
    ]  # fmt: skip
    chosen = state or str(rng.choice(STATES, p=[0.5, 0.3, 0.2]))
    total = float(np.exp(rng.normal(np.log(75e6), 0.94)))
    names = tuple(f"{kind}{at}" if kinds.count(kind) > 1 else kind for at, kind in enumerate(kinds))
    owners = tuple("minsu" if at < len(KINDS["middle"][0]) else "jiwoo" for at in range(len(kinds)))
    worth = rng.dirichlet(np.full(len(kinds), 2.0)) * total
    return _Sheet(tuple(funds), kinds, names, owners, worth, chosen)


def _target(rng: Generator) -> dict[str, float]:
    base = np.array(PROFILES[int(rng.integers(len(PROFILES)))])
    near = rng.dirichlet(base * 200.0) * base.sum()
    weights = {name: float(each) for name, each in zip(CLASSES, near, strict=True)}
    return {**weights, CASH: 1.0 - sum(weights.values())}


def _account(rng: Generator, sheet: _Sheet, at: int) -> Account:
    kind, worth = sheet.kinds[at], float(sheet.worth[at])
    gains = {"general": Gains.WITHHELD, "overseas": Gains.YEARLY}.get(kind, Gains.SHELTERED)
    cash = worth * float(rng.uniform(0.5, 0.9) if sheet.state == "new" else rng.uniform(0, 0.06))
    due = cash * float(rng.uniform(0.2, 1.0)) if rng.random() < 0.25 else 0.0
    settlement = None
    if kind == "isa":
        settlement = Settlement(
            curve=Curve((2_000_000.0,), (0.0, 0.099)),
            accrued=float(rng.uniform(0, 4_000_000)),
            years=float(rng.uniform(1.0, 3.0)),
        )
    elif kind in ("pension_savings", "irp"):
        settlement = Settlement(curve=Curve(slopes=(0.033,)), accrued=0.0, years=3.0)
    locked = kind in ("isa", "pension_savings", "irp")
    return Account(
        id=sheet.names[at], owner=sheet.owners[at], kind=kind, gains=gains,
        cash=float(round(cash - due)), due=float(round(due)),
        reuse=bool(rng.random() > (0.3 if kind == "overseas" else 0.1)),
        buffer=float(rng.choice([0.0, 10_000.0, 50_000.0])),
        room=_room(rng, kind), withdrawable=0.0 if locked else worth,
        lock_years={"isa": 2.0, "pension_savings": 23.0, "irp": 30.0}.get(kind, 0.0),
        order_fee=float(rng.choice([0.0, 1_400.0])) if kind == "overseas" else 0.0,
        exchange=0.002 if kind == "overseas" else 0.0,
        collar=float(rng.choice([0.0, 0.01])),
        risk_cap=0.7 if kind == "irp" else None,
        sale_rate={"general": 0.154, "overseas": 0.22}.get(kind, 0.0), settlement=settlement,
    )  # fmt: skip


def _room(rng: Generator, kind: str) -> float:
    if kind == "isa":
        return float(rng.choice([0.0, rng.uniform(0, 20e6), 20e6]))
    if kind in ("pension_savings", "irp"):
        return 18_000_000.0
    return 1e12


def _spread(rng: Generator, sheet: _Sheet, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the won by account and class: near the target as a whole, uneven by account."""
    totals = sheet.worth * (0.3 if sheet.state == "new" else 0.97)
    wanted = np.array([weights[name] for name in CLASSES])
    seed = rng.gamma(0.4, size=(len(totals), len(CLASSES))) + 1e-3
    columns = wanted / wanted.sum() * totals.sum()
    for _ in range(30):
        seed *= (totals / seed.sum(axis=1))[:, None]
        seed *= columns / seed.sum(axis=0)
    years = {"managed": rng.uniform(0.1, 0.6), "neglected": rng.uniform(1, 3), "new": 0.5}
    shock = np.exp(rng.normal(0.0, VOLATILITY) * np.sqrt(years[sheet.state]))
    noise = np.exp(rng.normal(0.0, 0.6 if sheet.state == "neglected" else 0.05, seed.shape))
    moved: NDArray[np.float64] = seed * shock * noise
    return moved


def _positions(
    rng: Generator, sheet: _Sheet, weights: Mapping[str, float]
) -> tuple[Position, ...]:
    won = _spread(rng, sheet, weights)
    american = {code for code, _, _ in AMERICAN}
    found = []
    for at, kind in enumerate(sheet.kinds):
        funds = [f for f in sheet.funds if (f.code in american) == (kind == "overseas")]
        if kind == "overseas":
            won[at] *= won[at].sum() and sheet.worth[at] * 0.9 / won[at].sum()
        for fund in funds:
            if kind == "irp" and fund.code == "GO2":
                continue
            value = _value_in(fund, funds, won[at])
            found.append(_position(rng, sheet.names[at], kind, fund, value))
    return tuple(found)


def _value_in(fund: Fund, funds: Sequence[Fund], won: NDArray[np.float64]) -> float:
    if len(fund.exposure) > 1:
        return 0.0
    (name,) = fund.exposure
    peers = sum(1 for each in funds if each.exposure == fund.exposure)
    return float(won[CLASSES.index(name)]) / peers


def _position(
    rng: Generator, account: str, kind: str, fund: Fund, value: float
) -> Position:
    shares = int(value / fund.price) if value > 100_000 else 0
    name = max(fund.exposure, key=lambda each: fund.exposure[each])
    paid, grows = YIELD.get(name, 0.018), GROWTH.get(name, 0.04)
    frozen = rng.random() < 0.05
    drag = {"general": 0.154 * (paid + 0.8 * grows), "overseas": 0.15 * paid}.get(kind, 0.0)
    taxed = {"overseas": grows}.get(kind, paid + grows)
    return Position(
        account=account, fund=fund.code, shares=shares,
        buyable=not frozen, sellable=not (frozen and rng.random() < 0.5),
        lots=_lots(rng, kind, name, fund.price, shares),
        buy_cost=0.00014 + 0.0005 + (0.0009 if kind == "overseas" else 0.0),
        sell_cost=0.00014 + 0.0005 + (0.0009 if kind == "overseas" else 0.0),
        drag=drag + float(rng.uniform(0.0005, 0.004)),
        income=paid + grows * 0.8 if kind == "general" else 0.0,
        growth=0.0 if kind == "general" else taxed,
    )  # fmt: skip


def _lots(rng: Generator, kind: str, name: str, price: float, shares: int) -> tuple[Lot, ...]:
    if kind not in ("general", "overseas") or not shares:
        return ()
    parts = 1 if rng.random() < 0.7 else int(rng.integers(2, 5))
    cuts = sorted(int(each) for each in rng.integers(0, shares + 1, parts - 1))
    sizes = np.diff([0, *cuts, shares])
    found = []
    for size in (int(each) for each in sizes if each):
        gain = price - price / float(np.exp(rng.normal(0.12, 0.22)))
        if kind == "general":
            gain = 0.0 if name == "kr" else max(0.0, gain)
        found.append(Lot(size, round(gain, 2)))
    return tuple(found)


def _member(
    rng: Generator, name: str, accounts: Sequence[Account], pools: Sequence[Pool]
) -> Member:
    mine = [each for each in accounts if each.owner == name]
    kinds = {each.kind for each in mine}
    pension = bool(kinds & {"pension_savings", "irp"})
    together = float(rng.choice([0.0, 9e6, rng.uniform(0, 9e6)]))
    savings = min(6e6, together)
    money = sum(pool.amount for pool in pools)
    usable = together if "irp" in kinds else savings
    heavy = rng.random() < 0.08
    return Member(
        id=name,
        financial=float(rng.uniform(15e6, 40e6) if heavy else rng.uniform(0, 9.9e6)),
        income_levy=HEALTH if rng.random() < 0.3 else LATER,
        later_financial=float(rng.uniform(0, 12e6)),
        later_levy=LATER,
        realised=float(rng.choice([0.0, rng.uniform(-2e6, 5e6)])),
        gains_levy=ABROAD,
        pension_room=float(rng.uniform(5e6, 18e6)),
        credit=Credit(
            rate=float(rng.choice([0.132, 0.165])), savings=savings, together=together,
            reachable=min(usable, money),
        ) if pension else None,
    )  # fmt: skip


def _pools(rng: Generator, accounts: Sequence[Account], total: float) -> tuple[Pool, ...]:
    amount = float(
        rng.choice([0.0, rng.lognormal(np.log(8e5), 0.4), rng.uniform(3e6, 20e6)],
                   p=[0.25, 0.45, 0.30])
    )  # fmt: skip
    if not amount:
        return ()
    owners = sorted({each.owner for each in accounts})
    share = {"minsu": 1.0} if len(owners) == 1 else {"minsu": 0.7, "jiwoo": 0.3}
    return tuple(
        Pool(
            id=f"new-{owner}",
            amount=float(round(min(amount, total) * share[owner])),
            accounts=tuple(each.id for each in accounts if each.owner == owner),
        )
        for owner in owners
    )


def _aims(
    rng: Generator, sheet: _Sheet, accounts: Sequence[Account], positions: Sequence[Position],
    pools: Sequence[Pool], weights: Mapping[str, float],
) -> tuple[Aim, ...]:  # fmt: skip
    """Return one target for all, or for a couple now and then one each."""
    owners = sorted({each.owner for each in accounts})
    groups = [(owner,) for owner in owners] if rng.random() < 0.3 else [tuple(owners)]
    prices = {fund.code: fund for fund in sheet.funds}
    found = []
    for group in groups:
        names = tuple(each.id for each in accounts if each.owner in group)
        held = [each for each in positions if each.account in names]
        risk = sum(p.shares * prices[p.fund].price * prices[p.fund].risk for p in held)
        worth = sum(p.shares * prices[p.fund].price for p in held)
        worth += sum(each.cash + each.due for each in accounts if each.id in names)
        free = sum(each.cash for each in accounts if each.id in names and each.withdrawable)
        cut = rng.random() < 0.15
        taken = rng.random() < 0.15
        found.append(
            Aim(
                id="+".join(group),
                accounts=names,
                pools=tuple(pool.id for pool in pools if pool.accounts[0] in names),
                weights=weights,
                factors=factors() if rng.random() < 0.95 else (),
                risk_most=max(0.25, 0.85 * risk / worth) if cut else None,
                withdrawal=float(round(free * rng.uniform(0.2, 1.5))) if taken else 0.0,
            )
        )
    return tuple(found)


def _needs(
    rng: Generator, accounts: Sequence[Account], pools: Sequence[Pool], total: float
) -> tuple[Need, ...]:
    if rng.random() < 0.5:
        return ()
    open_ = tuple(each.id for each in accounts if not each.lock_years)
    served = tuple(each.id for each in accounts if each.lock_years <= 3.0)
    banks = tuple(pool.id for pool in pools)
    reserve = Need(id="reserve", amount=total * float(rng.uniform(0.05, 0.3)), accounts=open_,
                   pools=banks)  # fmt: skip
    if rng.random() < 0.5:
        return (reserve,)
    goal = Need(id="house", amount=total * float(rng.uniform(0.1, 0.6)), accounts=served,
                pools=banks)  # fmt: skip
    return reserve, goal
