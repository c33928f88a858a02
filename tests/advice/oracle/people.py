"""Generated person files of every kind, near every threshold, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

from . import law

YEAR = 2026
PersonFile = dict[str, Any]


def persons(seed: int, count: int) -> list[PersonFile]:
    """Return person files; the kinds come in turn, so a few hundred hold all of them."""
    draw = random.Random(seed)
    kinds = (
        _worker, _near_a_threshold, _without_income, _business, _retiree, _non_resident,
        _farmer, _isa_holder, _both_incomes, _nearly_55,
    )  # fmt: skip
    return [_one(draw, kinds[number % len(kinds)]) for number in range(count)]


def _one(draw: random.Random, kind: Callable[[random.Random], PersonFile]) -> PersonFile:
    person: PersonFile = {
        "year": YEAR,
        "age": draw.randint(20, 54),
        "wages": 0,
        "budget": draw.choice((3, 9, 12, 20, 30, 50)) * 1_000_000,
        "horizon_years": draw.randint(1, 35),
        "growth": draw.choice(("-0.01", "0.02", "0.03", "0.04", "0.05", "0.07")),
    }
    person.update(kind(draw))
    if draw.random() < 0.2:
        person["keep_liquid"] = person["budget"] * draw.randint(1, 4) // 5
    if draw.random() < 0.2:
        person["pension_paid"] = draw.choice((1, 3, 6, 8)) * 1_000_000
    if draw.random() < 0.15 and (person["wages"] or person.get("other_income")):
        person["irp_paid"] = draw.choice((1, 3)) * 1_000_000
    if draw.random() < 0.25:
        person["financial_income"] = draw.choice(
            (1_000_000, 9_000_000, 19_999_999, 20_000_000, 20_000_001, 30_000_000)
        )
        _whole_with(draw, person)
    if draw.random() < 0.1 and "isa" not in person:
        person["financial_income_taxpayer_last_3y"] = True
    if draw.random() < 0.3:
        person["pension_opened"] = _opened(draw, 2015)
    if draw.random() < 0.2 and person["wages"]:
        person["irp_opened"] = _opened(draw, 2018)
    return person


def _whole_with(draw: random.Random, person: PersonFile) -> None:
    """Count interest and dividends above 20 M in the whole, as the tax office does; some do not."""
    financial = person["financial_income"]
    if "comprehensive_income" in person and financial > 20_000_000 and draw.random() < 0.7:
        person["comprehensive_income"] += financial


def as_toml(person: PersonFile) -> str:
    """Return the text of a person file."""
    lines = [f"{key} = {_shown(key, given)}" for key, given in person.items() if key != "isa"]
    if "isa" in person:
        lines += [
            "[isa]",
            *(f"{key} = {_shown(key, given)}" for key, given in person["isa"].items()),
        ]
    return "\n".join(lines)


def _shown(key: str, given: Any) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict):
        return f"{{{', '.join(f'{name} = {amount}' for name, amount in given.items())}}}"
    return f'"{given}"' if key == "kind" else str(given)


def _opened(draw: random.Random, first: int) -> date:
    return date(draw.randint(first, YEAR - 1), draw.randint(1, 12), 15)


def _around(draw: random.Random, threshold: int) -> int:
    return threshold + draw.choice((-1, 0, 1))


def _worker(draw: random.Random) -> PersonFile:
    wages = draw.randint(12, 200) * 1_000_000
    person: PersonFile = {"wages": wages}
    if draw.random() < 0.1:
        person["age"] = draw.randint(14, 18)
    if draw.random() < 0.4:
        person["dependants"] = draw.randint(1, 4)
    if draw.random() < 0.2:
        person["tax_due"] = draw.choice((0, 50_000, 400_000, 899_999, 900_000, 5_000_000))
    if draw.random() < 0.3:
        person["taxable_income"] = wages * 6 // 10
    return person


def _near_a_threshold(draw: random.Random) -> PersonFile:
    thresholds = (
        law.HIGH_CREDIT_WAGES, law.ISA_LOW_WAGES, 33_000_000, 70_000_000, 120_000_000,
        5_000_000, 15_000_000, 45_000_000, 100_000_000,
    )  # fmt: skip
    person: PersonFile = {"wages": _around(draw, draw.choice(thresholds))}
    if draw.random() < 0.3:
        person["dependants"] = draw.randint(1, 3)
    return person


def _without_income(draw: random.Random) -> PersonFile:
    age = draw.choice((17, 18, 19, 25, 40, 54, 55, 63))
    return {"age": age, "comprehensive_income": 0, "horizon_years": draw.randint(1, 30)}


def _business(draw: random.Random) -> PersonFile:
    other = draw.choice(
        (5_000_000, 12_000_000, 30_000_000, _around(draw, law.ISA_LOW_INCOME),
         _around(draw, law.HIGH_CREDIT_INCOME), 80_000_000, 160_000_000)
    )  # fmt: skip
    person: PersonFile = {"other_income": other, "comprehensive_income": other}
    if draw.random() < 0.5:
        person["taxable_income"] = other * 3 // 4
    if draw.random() < 0.3:
        person["dependants"] = draw.randint(1, 3)
    return person


def _retiree(draw: random.Random) -> PersonFile:
    other = draw.choice((0, 6_000_000, 12_000_000, 25_000_000))
    person: PersonFile = {
        "age": draw.randint(55, 78),
        "other_income": other,
        "comprehensive_income": other,
        "horizon_years": draw.randint(1, 15),
    }
    if draw.random() < 0.6:
        person["public_pension"] = draw.choice((0, 6_000_000, 12_000_000, 24_000_000))
    return person


def _non_resident(draw: random.Random) -> PersonFile:
    return {"wages": draw.randint(20, 90) * 1_000_000, "resident": False}


def _farmer(draw: random.Random) -> PersonFile:
    other = _around(draw, draw.choice((10_000_000, law.ISA_LOW_INCOME, 60_000_000)))
    return {"other_income": other, "comprehensive_income": other, "farmer": True}


def _isa_holder(draw: random.Random) -> PersonFile:
    """An ISA opened this year or up to ten years ago, here and there to the day."""
    opened = draw.randint(YEAR - 10, YEAR)
    paid: dict[str, int] = {}
    for year in range(opened, YEAR):
        limit = min(law.ISA_TOTAL, law.ISA_YEARLY * (1 + min(year - opened, 4)))
        left = limit - sum(paid.values())
        paid[str(year)] = draw.choice((0, min(5_000_000, left), left))
    inside = sum(paid.values())
    gained = inside * draw.choice((0, 10, 25)) // 100
    isa: dict[str, Any] = {
        "opened": opened
        if draw.random() < 0.3 or opened == YEAR
        else date(opened, *draw.choice(((1, 5), (11, 27), (11, 28), (11, 29), (12, 15)))),
        "paid": paid,
        "value": inside + gained,
        "gain": gained,
    }
    if draw.random() < 0.3:
        isa["kind"] = draw.choice(("general", "low_income"))
    return {
        "wages": draw.randint(25, 90) * 1_000_000,
        "isa": isa,
        "horizon_years": draw.choice((1, 2, 3, 3, 4, 10, 20)),
    }


def _both_incomes(draw: random.Random) -> PersonFile:
    wages, other = draw.randint(15, 80) * 1_000_000, draw.choice((1, 5, 12, 30)) * 1_000_000
    total = int(law.wage_income(wages)) + other
    return {"wages": wages, "other_income": other, "comprehensive_income": total}


def _nearly_55(draw: random.Random) -> PersonFile:
    """The horizon ends about the age of 55 and about five years from now."""
    horizon = draw.randint(3, 7)
    person: PersonFile = {
        "age": law.PENSION_AGE - horizon + draw.choice((-1, 0, 0, 1, 12, 22)),
        "wages": draw.choice((24, 35, 50, 56, 80)) * 1_000_000,
        "horizon_years": horizon,
    }
    if draw.random() < 0.3:
        person["public_pension"] = draw.choice((0, 9_000_000, 15_000_000))
    return person
