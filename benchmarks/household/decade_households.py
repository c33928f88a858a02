"""Freeze the households of the ten years: 200 that are measured, 50 on which a price is set.

    python benchmarks/household/decade_households.py

Each is one of 5 accounts and 12 funds with its person's incomes and what it saves a quarter.
Nothing is frozen, cut or taken out, so that ten years differ by the planner alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from frozen import path_of, write
from simulated import household_of
from simulated_people import Person

from jeoul.household.problem.document import to_document
from jeoul.household.problem.records import Household

SEEDS = {"decade": (5_000, 200), "decade-setting": (6_000, 50)}
YEAR = 2014


def drawn(name: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a set."""
    first, count = SEEDS[name]
    for place in range(count):
        found, people = household_of("5x12", first + place)
        rng = np.random.Generator(np.random.PCG64([20261129, 10, first + place]))
        saved = 0.0 if rng.random() < 0.25 else 2.4e6 * np.exp(0.4 * rng.standard_normal())
        yield {
            "id": f"{name}/{place:03d}",
            "household": to_document(_plain(found)),
            "people": [_person(each) for each in people],
            "saved": {people[0].id: int(round(saved, -4))},
        }


def _plain(found: Household) -> Household:
    return replace(
        found,
        positions=tuple(replace(each, buyable=True, sellable=True) for each in found.positions),
        aims=tuple(replace(each, risk_most=None, withdrawal=0.0) for each in found.aims),
        members=tuple(replace(each, financial=0.0, realised=0.0) for each in found.members),
        policy=replace(found.policy, lock_most=None),
    )


def _person(person: Person) -> dict[str, Any]:
    life = person.life
    return {
        "id": person.id,
        "born": YEAR - person.age,
        "wages": life.wages,
        "other": life.other_income,
        "dependants": life.dependants,
        "health": life.status,
        "financial": round(0.8 * person.financial),
    }


def main() -> None:
    for name in SEEDS:
        lines = list(drawn(name))
        write(path_of(name), lines)
        print(f"{name}: {len(lines)} households, {path_of(name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
