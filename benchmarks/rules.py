"""What the Korean rulebook costs, and whether the yearly plan finds the best split.

    python benchmarks/rules.py [--json]

No open engine has these rules, so floors stand in the place of peers: for the case files the time
that reading their TOML takes, for the plan an exhaustive grid over every split of the same money,
whose best value the plan must reach.
"""

import json
import platform
import sys
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from jeoul.advice.best_split import SAME
from jeoul.advice.person import Income, Person
from jeoul.advice.plan import make_plan
from jeoul.advice.plan_value import YearSplit, worth
from jeoul.advice.situation import situation
from jeoul.korea.cases import read_cases, run_case
from jeoul.korea.gains import Gain
from jeoul.korea.income import financial_income
from jeoul.korea.isa import settle_isa
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.tables import load_rules
from jeoul.market.calendars import load_calendar

CASES = sorted((Path(__file__).parents[1] / "tests" / "korea" / "cases").glob("*.toml"))
REPEATS = 9
MILLION = 1_000_000

PERSON = Person(
    year=2026,
    age=40,
    budget=24 * MILLION,
    horizon_years=20,
    growth=Decimal("0.05"),
    income=Income(wages=60_000_000),
)
DAY = date(2026, 11, 28)


def took(run, times=1):
    """Return the median cost of one call in milliseconds."""
    costs = []
    for _ in range(REPEATS):
        start = perf_counter()
        for _ in range(times):
            run()
        costs.append((perf_counter() - start) / times * 1000)
    return median(costs)


def grid(book, person, step=MILLION):
    """Return the best value over every split of the budget in steps, by trying them all."""
    here, room = situation(book, person, DAY), person.budget // step
    best = None
    for savings, irp, isa in product(range(19), range(10), range(21)):
        if savings + irp > 18 or savings + irp + isa > room:
            continue
        rest = person.budget - (savings + irp + isa) * step
        found = worth(here, YearSplit(savings * step, irp * step, isa * step, rest)).terminal
        best = found if best is None else max(best, found)
    return best


def measure():
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    book = replace(load_rules(2026), calendars=calendars)
    gains = tuple(Gain("krx_other_etf", 1_000_000 - 100_000 * n) for n in range(20))
    texts = [file.read_text("utf-8") for file in CASES]

    def cases():
        found = [case for text in texts for case in read_cases(text, "bench").cases]
        return [run_case(book, case) for case in found]

    outcomes = cases()
    assert all(outcome.ok for outcome in outcomes), "a case fails"
    rows = [
        row(
            "isa.settle, 20 results",
            took(lambda: settle_isa(book, kind="general", years_held=3, results=gains), 200),
            "<= 0.20 ms",
            0.20,
        ),
        row(
            "pension.credit",
            took(lambda: pension_credit(book, wages=60_000_000, pension_savings=6_000_000), 200),
            "<= 0.20 ms",
            0.20,
        ),
        row(
            "income.financial",
            took(lambda: financial_income(book, financial=50_000_000, other_income=MILLION), 200),
            "<= 0.20 ms",
            0.20,
        ),
    ]
    floor = took(lambda: [tomllib.loads(text) for text in texts])
    rows.append(
        row(f"{len(outcomes)} cases, read and run", took(cases), "<= 10 x floor", 10 * floor, floor)
    )
    rows.extend(plans(book))
    return rows


def plans(book):
    people = [replace(PERSON, horizon_years=years) for years in (3, 10, 20)]
    for person in people:
        plan, best = make_plan(book, person, DAY), grid(book, person)
        ordinary = worth(situation(book, person, DAY), YearSplit(general=person.budget)).terminal
        assert plan.value + ordinary >= best - SAME, "the grid has found a better split"
    start = perf_counter()
    grid(book, PERSON)
    exhaustive = (perf_counter() - start) * 1000
    return [
        row(
            "plan, 24 M won", took(lambda: make_plan(book, PERSON, DAY)), "<= 50 ms", 50, exhaustive
        )
    ]


def row(name, cost, target, most, floor=None):
    return {
        "row": name,
        "ours_ms": cost,
        "peer": None,
        "floor_ms": floor,
        "ratio": None if floor is None else floor / cost,
        "target": target,
        "met": cost <= most,
    }


if __name__ == "__main__":
    rows = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(rows))
    else:
        print(
            f"Python {platform.python_version()}; the plan equals the best of the grid or beats it"
        )
        for entry in rows:
            floor = "" if entry["floor_ms"] is None else f"   floor {entry['floor_ms']:.2f} ms"
            met = "met" if entry["met"] else "MISSED"
            print(f"{entry['row']:<28}{entry['ours_ms']:>9.3f} ms   {entry['target']} {met}{floor}")
