"""The people of a simulated household: what they earn, paid in and already realised this year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simulated_law as law


@dataclass
class Person:
    """A simulated person, and what they have paid and earned this year."""

    id: str
    age: int
    life: law.Life
    savings_paid: int
    irp_paid: int
    financial: float
    realised: float
    pool: float = 0.0
    kinds: tuple[str, ...] = ()


def people(rng: np.random.Generator, size: str) -> list[Person]:
    """Return one person, or a couple for the largest size, with new money for three in four."""
    found = [_person(rng, "a", ("employee", "self_employed"), (0.85, 0.15))]
    if size == "6x20":
        statuses = ("employee", "self_employed", "dependant")
        found.append(_person(rng, "b", statuses, (0.6, 0.1, 0.3)))
    for person in found:
        drawn = rng.random()
        if drawn >= 0.25:
            amount = 0.8e6 * np.exp(0.4 * rng.standard_normal())
            amount = amount if drawn < 0.70 else rng.uniform(3e6, 20e6)
            person.pool = float(round(amount, -3))
    return found


def _person(
    rng: np.random.Generator, name: str, statuses: tuple[str, ...], odds: tuple[float, ...]
) -> Person:
    status = str(rng.choice(statuses, p=odds))
    income = int(round(48e6 * np.exp(0.45 * rng.standard_normal()), -5))
    life = law.Life(
        wages=income if status == "employee" else 0,
        status=status,
        dependants=int(rng.integers(0, 3)),
        other_income=income if status == "self_employed" else 0,
    )
    paid = [
        int(round(most * float(np.clip(rng.uniform(-0.8, 1.25), 0.0, 1.0)), -4))
        for most in (6e6, 3e6)
    ]
    drawn = rng.random()
    financial = rng.uniform(15e6, 40e6) if drawn < 0.08 else rng.uniform(0.0, 3e6)
    if 0.08 <= drawn < 0.14:
        financial = rng.uniform(8e6, 10.5e6)
    realised = 0.0 if rng.random() < 0.6 else rng.normal(1.5e6, 2e6)
    return Person(
        id=name,
        age=int(rng.integers(25, 61)),
        life=life,
        savings_paid=paid[0],
        irp_paid=paid[1],
        financial=float(round(financial)),
        realised=float(round(realised)),
    )
