"""Every number of the rule table decides something: change one, and a worked case notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import JeoulError
from jeoul.korea.accounts import may_hold
from jeoul.korea.cases import read_cases, run_case
from jeoul.korea.orders import order_limits
from jeoul.korea.rulebook import Rulebook

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = [case for file in FILES for case in read_cases(file.read_text("utf-8"), file.name).cases]

ELSEWHERE = {
    "account.holdings": "the table of test_what_an_account_may_hold",
    "account.isa_manager_bars": "the table of test_what_an_account_may_hold",
    "account.leverage_conditions": "said in a step",
    "foreign.refunded": "test_compare: what prices before 2025 lose under the present law",
    "income.brackets": "test_tables, against the published progressive deductions",
    "isa.total_cap": "one won above 100 M never binds: five years of 20 M are 100 M",
    "isa.years_cap": "a sixth year never binds: the total stops at 100 M",
    "order.limit": "test_the_price_limit_of_the_table_is_the_one_that_orders_use",
    "pension.deduction": "one won of a bound changes less than a won",
    "tdf.caps": "test_products",
    "tdf.glide": "test_products",
    "insurance.pension": "test_wages: one won of a bound changes less than a won of premiums",
    "us.return_account": "days and texts are said in a step; months are compared as text",
    "wages.deduction": "test_wages, against the sums that the statute prints at each bound",
    "isa.discretionary": "the reviews a quarter are said in a step",
}


def changed(value: object) -> Iterator[object]:
    """Yield the value with one leaf after the other changed a little. Texts are left alone."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, Decimal):
        yield value + Decimal("0.001")
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from ({**value, key: other} for other in changed(entry))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from ([*value[:place], new, *value[place + 1 :]] for new in changed(entry))
            if isinstance(entry, str) and all(isinstance(other, str) for other in value):
                yield [*value[:place], *value[place + 1 :]]


def noticed(book: Rulebook) -> bool:
    for case in CASES:
        try:
            if not run_case(book, case).ok:
                return True
        except (JeoulError, KeyError, TypeError, ValueError, StopIteration):
            return True
    return False


def test_every_number_of_the_table_decides_a_case(book: Any) -> None:
    unnoticed = [
        (key, value)
        for key, fact in book.facts.items()
        if key not in ELSEWHERE
        for value in changed(fact.value)
        if not noticed(replace(book, facts={**book.facts, key: replace(fact, value=value)}))
    ]
    assert unnoticed == []


def test_the_price_limit_of_the_table_is_the_one_that_orders_use(book: Any) -> None:
    assert order_limits(book, base=1_000_000).upper == 1_000_000 * (1 + book.rate("order.limit"))


HOLDINGS = {
    # product:         general ISA savings IRP, and DC as an IRP
    "etf": "yyyy",
    "kr_equity_etf": "yyyy",
    "krx_other_etf": "yyyy",
    "us_etf": "ynnn",
    "kr_stock": "yynn",
    "us_stock": "ynnn",
    "etn": "yynn",
    "fund": "yyyy",
    "tdf": "yyyy",
    "reit": "yyyy",
    "els": "yynn",
    "dls": "yynn",
    "elb": "yyny",
    "bond": "yyny",
    "coco": "ynnn",
    "short_term_bond": "yynn",
    "rp": "yyny",
    "cma": "ynnn",
    "ima": "ynnn",
    "deposit": "yyny",
}
MANAGED = {
    "brokerage": {"deposit"},
    "trust": {"kr_stock"},
    "discretionary": {
        "kr_stock", "etn", "els", "dls", "elb", "deposit", "bond", "rp", "short_term_bond", "reit",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", HOLDINGS)
def test_what_an_account_may_hold(kind: str, book: Any) -> None:
    accounts = ("general", "isa", "pension_savings", "irp", "dc")
    found = [may_hold(book, account=name, listing="KRX", kind=kind).allowed for name in accounts]
    letters = HOLDINGS[kind] + HOLDINGS[kind][3]
    assert found == [letter == "y" for letter in letters]
    if HOLDINGS[kind][1] == "y":
        for manager, barred in MANAGED.items():
            held = may_hold(book, account="isa", listing="KRX", kind=kind, manager=manager)
            assert held.allowed == (kind not in barred)
