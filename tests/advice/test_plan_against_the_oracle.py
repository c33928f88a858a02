"""``jeoul plan`` beside a simulation that knows the statutes and nothing of the engine.

200 generated persons: people without income, non-residents, farmers, retirees, every age of an ISA,
incomes around every threshold. The oracle searches every split by a grid and its corners.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from jeoul.advice.best_split import SAME
from jeoul.advice.person_file import read_person
from jeoul.advice.plan import PersonPlan, make_plan
from jeoul.advice.plan_value import YearSplit, worth
from jeoul.advice.situation import TaxSituation, situation
from jeoul.korea.tables import load_rules

from . import oracle

BOOK = load_rules(2026)
DAY = date(2026, 11, 28)
PERSONS = oracle.persons(seed=7, count=200)
CUTS = 200  # won: every tax is cut to tens, in each account and each year of receipts


@cache
def planned(number: int) -> tuple[TaxSituation, PersonPlan]:
    person = read_person(oracle.as_toml(PERSONS[number]), "person.toml")
    return situation(BOOK, person, DAY), make_plan(BOOK, person, DAY)


def paid(person: Mapping[str, Any], split: YearSplit) -> oracle.Result:
    return oracle.value(person, theirs(split), DAY)


def theirs(split: YearSplit) -> oracle.Split:
    return oracle.Split(split.pension_savings, split.irp, split.isa, split.general)


def numbers() -> Any:
    return pytest.mark.parametrize("first", range(0, len(PERSONS), 20))


@numbers()
def test_a_plan_is_worth_what_the_simulation_pays_out(first: int) -> None:
    for number in range(first, first + 20):
        here, plan = planned(number)
        found, truth = worth(here, plan.split), paid(PERSONS[number], plan.split)
        assert truth.terminal - CUTS <= found.terminal <= truth.terminal, PERSONS[number]
        ordinary = oracle.Split(0, 0, 0, here.person.budget)
        least = truth.terminal - oracle.value(PERSONS[number], ordinary, DAY).terminal
        assert plan.value <= least + CUTS, PERSONS[number]


@numbers()
def test_no_split_of_an_exhaustive_search_pays_more(first: int) -> None:
    for number in range(first, first + 20):
        _, plan = planned(number)
        _, best = oracle.best(PERSONS[number], DAY)
        truth = paid(PERSONS[number], plan.split)
        assert truth.terminal >= best.terminal - SAME, PERSONS[number]


@numbers()
def test_no_credit_is_promised_above_the_tax_that_is_due(first: int) -> None:
    for number in range(first, first + 20):
        here, plan = planned(number)
        credit = sum(pour.credit for pour in plan.pours)
        assert credit <= here.due.national * 11 // 10, PERSONS[number]
        assert credit == pytest.approx(paid(PERSONS[number], plan.split).credit, abs=20)
        if not here.person.status.resident or not here.working:
            assert credit == 0


def test_the_persons_are_of_every_kind() -> None:
    kinds = {
        "without income": lambda p: not p["wages"] and not p.get("other_income"),
        "abroad": lambda p: not p.get("resident", True),
        "farmer": lambda p: p.get("farmer", False),
        "retired": lambda p: p["age"] >= 60 and not p["wages"],
        "with an ISA": lambda p: "isa" in p,
        "with dependants": lambda p: p.get("dependants", 0) > 0,
        "with a public pension": lambda p: p.get("public_pension") is not None,
        "with the tax told": lambda p: "tax_due" in p,
        "crossing 20 M": lambda p: p.get("financial_income", 0) > 20_000_000,
    }
    counts = {name: sum(map(holds, PERSONS)) for name, holds in kinds.items()}
    assert min(counts.values()) >= 2, counts
