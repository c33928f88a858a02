"""The terms of a simulated account, and what a fund costs a year inside it."""

from __future__ import annotations

import numpy as np
import simulated_law as law
from simulated_market import Listing
from simulated_people import Person

from jeoul.household.problem.records import Account, EndTax, Gains

GAINS = {"general": Gains.WITHHELD, "overseas": Gains.YEARLY}
UNBOUNDED = 1e10
"""Won that may be paid into an account without a legal limit."""

OF_GROWTH = 0.8
"""Part of a fund's growth in an ordinary account whose tax counts as a yearly drag."""

OF_PENSION = 0.6
"""Part of a pension's income whose tax at withdrawal counts as a yearly drag."""


def account_of(rng: np.random.Generator, kind: str, person: Person) -> Account:
    """Return an account of a person, without its money."""
    pension, abroad = kind in ("pension_savings", "irp"), kind == "overseas"
    paid = person.savings_paid + person.irp_paid
    isa_years, isa_paid = int(rng.integers(0, 5)), rng.uniform(0.0, 1.0)
    room = UNBOUNDED
    if pension:
        room = law.pension_room(paid)
    elif kind == "isa":
        room = law.isa_room(int(round(isa_paid * 20e6 * (isa_years + 1), -4)), isa_years)
    return Account(
        id=kind if person.id == "a" else f"{kind}-{person.id}",
        owner=person.id,
        kind=kind,
        gains=GAINS.get(kind, Gains.SHELTERED),
        reuse=bool(rng.random() >= (0.3 if abroad else 0.1)),
        buffer=float(round(rng.uniform(50e3, 200e3), -3)) if rng.random() < 0.3 else 0.0,
        room=room,
        lock_years=float(max(0, 55 - person.age)) if pension else 0.0,
        order_fee=float(rng.choice([300.0, 1_000.0])) if rng.random() < 0.15 else 0.0,
        exchange=0.001 if abroad else 0.0,
        collar=float(rng.choice([0.0, 0.01, 0.02] if abroad else [0.0, 0.005, 0.01])),
        risk_cap=law.rate("irp.risk_cap") if kind == "irp" else None,
        sale_rate={
            "general": law.with_local(law.rate("tax.withholding")),
            "overseas": law.with_local(law.rate("us.gain_rate")),
        }.get(kind, 0.0),
        settlement=_settlement(rng, person, isa_years) if kind == "isa" else None,
    )


def _settlement(rng: np.random.Generator, person: Person, years: int) -> EndTax:
    low = person.life.wages and person.life.wages <= law.book().won("isa.low_income_wages")
    return EndTax(
        curve=law.settlement("low_income" if low else "general"),
        accrued=float(round(rng.normal(1.2e6, 1.8e6))),
        years=float(max(1, 3 - years)),
    )


def position_rates(kind: str, fund: Listing) -> dict[str, float]:
    """Return what a fund in an account of a kind costs: trades, and drag, income and growth a year.

    An ordinary account pays tax on payouts and on most of the growth of what is taxed at a sale; an
    overseas one the treaty's rate on payouts; pensions a small rate when they pay out. What a tax
    abroad inside a Korean fund costs beyond the credit is drag in each of them.
    """
    payout, growth = fund.payout, fund.growth if fund.tax == "other" else 0.0
    drag, income, grows = fund.cost, 0.0, 0.0
    if not fund.abroad:
        drag += 0.15 * fund.foreign_payout * law.lost_abroad(kind)
    if kind == "general":
        drag += law.with_local(law.rate("tax.withholding")) * (payout + OF_GROWTH * growth)
        income = payout
    elif kind == "overseas":
        drag += 0.15 * payout
        income, grows = payout, fund.growth
    elif kind == "isa":
        grows = payout + growth
    else:
        rate = law.with_local(float(law.book().bands("pension.receipt_rates")[0][1]))
        drag += OF_PENSION * rate * (payout + fund.growth)
    fee = 0.0007 if kind == "overseas" else 0.00014
    return {
        "buy_cost": round(fee + fund.spread, 6),
        "sell_cost": round(fee + fund.spread, 6),
        "drag": round(drag, 7),
        "income": round(income, 6),
        "growth": round(grows, 6),
    }
