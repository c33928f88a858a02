"""The example household, planned for real: taxes by the law, sums that add up, one problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jeoul import assets
from jeoul.account.holdings.record import Holdings
from jeoul.household.explaining.answer import AnsweredHousehold, Questions, answer
from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.inputs import read_inputs
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Moves
from jeoul.household.problem.sale_tax import Sale, sale_tax
from jeoul.household.written.file import read_household
from jeoul.korea.cases import Case, run_case
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.tables import load_rules, rules_for
from jeoul.model.portfolio import Side
from jeoul.reporting.household.facts import HouseholdFacts
from jeoul.reporting.household.gather import household_facts, identity
from jeoul.reporting.household.orders import Desk
from jeoul.reporting.household.plan import covered
from jeoul.reporting.household.year_taxes import year_taxes

FILE = assets.root() / "configs" / "household-example.toml"
FAST = Questions(seconds=0.0)


@pytest.fixture(scope="module")
def case(sample: Any) -> tuple[Any, Any, Any]:
    """Return the example, what it names, and the problem that it is."""
    file, day = read_household(FILE), sample.last_session("XKRX")
    inputs = read_inputs(file, on=day)
    book = rules_for(day.year)
    return inputs, book, gather(file, market=sample, as_of=day, book=book, inputs=inputs)


@pytest.fixture(scope="module")
def answered(case: Any) -> AnsweredHousehold:
    _, book, gathered = case
    return answer(gathered.household, FAST, book=book, on=gathered.as_of)


@pytest.fixture(scope="module")
def facts(case: Any, answered: AnsweredHousehold) -> HouseholdFacts:
    inputs, book, gathered = case
    return household_facts(gathered, inputs, book, answered, FAST)


def test_what_is_printed_is_a_plan_and_costs_what_is_printed(
    answered: AnsweredHousehold, facts: HouseholdFacts
) -> None:
    found = evaluate(answered.household, answered.plan.moves)
    assert found.violations == ()
    assert facts.total == pytest.approx(found.cost.total, abs=5)
    assert facts.bound <= facts.total <= facts.total_nothing
    assert sum(len(account.orders) for account in facts.accounts) == answered.plan.moves.count


def test_money_only_leaves_an_account_as_fee_and_tax(facts: HouseholdFacts) -> None:
    for account in facts.accounts:
        assert account.before + account.deposit - account.withdrawal == (
            account.after + account.fees + account.taxes
        )
    whole = facts.value - facts.value_after
    assert whole == facts.fees + facts.withheld


def test_shares_of_the_household_sum_to_one(facts: HouseholdFacts) -> None:
    for column in zip(*facts.exposure.values(), strict=True):
        assert sum(column) == pytest.approx(1.0)


def test_sales_come_first_and_only_ordinary_accounts_are_taxed_at_a_sale(
    facts: HouseholdFacts,
) -> None:
    for account in facts.accounts:
        sides = [order.side for order in account.orders]
        assert sides == sorted(sides, key=lambda side: side is Side.BUY)
        if account.kind != "general":
            assert account.taxes == 0


def test_every_order_has_a_reason_in_both_languages(facts: HouseholdFacts) -> None:
    from jeoul.reporting.reasons import reason_text

    for account in facts.accounts:
        for order in account.orders:
            assert order.reasons
            for reason in order.reasons:
                assert "{" not in reason_text(reason, "ko") + reason_text(reason, "en")


def test_what_needs_lack_together_is_what_the_plan_is_charged_for(
    answered: AnsweredHousehold,
) -> None:
    home = answered.household
    poor = replace(home, needs=tuple(replace(n, amount=3.0 * n.amount) for n in home.needs))
    charged = evaluate(poor, answered.plan.moves).cost.needs / home.policy.shortfall_price
    there = covered(poor, answered.plan.moves)
    lacking = sum(round(need.amount) for need in poor.needs) - sum(there)
    assert lacking > 0
    assert lacking == pytest.approx(charged, abs=2)


def test_the_identity_is_that_of_the_problem(case: Any) -> None:
    home = case[2].household
    assert identity(home) == identity(replace(home))
    dearer = replace(home, policy=replace(home.policy, drift_price=0.03))
    assert identity(dearer) != identity(home)


def sales(random: Random, count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        price = random.randint(1_000, 100_000)
        yield {
            "kind": random.choice(["kr_equity_etf", "krx_other_etf"]),
            "units": random.randint(1, 3_000),
            "buy": Decimal(random.randint(50_000, 20_000_000)) / 100,
            "sell": Decimal(price),
            "base_buy": Decimal(random.randint(50_000, 20_000_000)) / 100,
            "base_sell": Decimal(price * 100 + random.randint(-50_000, 50_000)) / 100,
        }


def test_the_tax_of_a_sale_is_that_of_the_rulebook_to_the_won() -> None:
    book = load_rules(2026)
    for given in sales(Random(1), 1_000):
        found = sale_tax(
            book,
            Sale(
                kind=given["kind"],
                shares=given["units"],
                price=given["sell"],
                cost=given["buy"],
                base=given["base_buy"],
                base_now=given["base_sell"],
            ),
        )
        case = Case("a", "etf.sale", given, {"tax": found.tax, "taxable": found.taxable})
        assert run_case(book, case).ok
        assert found.least == found.tax


def test_the_taxes_of_a_plan_are_those_of_the_rulebook_on_what_it_sells(case: Any) -> None:
    inputs, book, gathered = case
    random = Random(2)
    for _ in range(1_000):
        held, moves, expected = _drawn(random, inputs, gathered, book)
        drawn = replace(inputs, holdings={**inputs.holdings, "general": held})
        desk = Desk(gathered, drawn, book, moves, titles=_titles(gathered), reasons={})
        account = desk.account("general")
        assert {o.code: o.tax for o in account.orders if o.side is Side.SELL} == expected


def _drawn(
    random: Random, inputs: Any, gathered: Any, book: Any
) -> tuple[Holdings, Moves, dict[str, int]]:
    """Return random holdings, random sales of them, and their taxes by `jeoul rules`."""
    universe, expected, trades = inputs.universes["general"], {}, {}
    held = inputs.holdings["general"]
    cost, shares = {}, {}
    for code in sorted(held.shares):
        priced = gathered.prices[code]
        shares[code] = random.randint(1, 500)
        cost[code] = Decimal(random.randint(priced.price // 2, priced.price * 2))
        sold = random.randint(0, shares[code])
        if sold:
            trades["general", code] = -sold
            given = {
                "kind": universe.instruments[code].tax_kind,
                "units": sold,
                "buy": cost[code],
                "sell": Decimal(priced.price),
                "base_buy": cost[code],
                "base_sell": Decimal(priced.price),
            }
            expected[code] = run_case(book, Case("a", "etf.sale", given, {})).got["tax"]
    found = replace(held, shares=shares, cost=cost, tax_base={}, lots={})
    return found, Moves(trades=trades), expected  # type: ignore[return-value]


def _titles(gathered: Any) -> dict[str, Any]:
    from jeoul.reporting.text import Text

    return {name: Text(name, name) for name in gathered.file.accounts}


ABROAD = """
schema = 1
name = "abroad"
state = "state"
[people.minsu]
born = 1992-05-11
wages = 60_000_000
spending = 0
profile = "balanced"
overseas_realised = 1_000_000
[accounts.us]
kind = "overseas"
holdings = "us.csv"
[accounts.pension]
kind = "pension_savings"
opened = 2021-01-15
paid = { 2026 = 3_000_000 }
holdings = "pension.csv"
"""


def test_what_a_plan_adds_to_the_taxes_of_a_year_is_the_law_s(sample: Any, tmp_path: Path) -> None:
    (tmp_path / "abroad.toml").write_text(ABROAD, "utf-8")
    held = "bought,ticker,shares,cost,fx\n2020-03-02,SPY,30,250,1200\n,CASH,100,,\n"
    (tmp_path / "us.csv").write_text(held, "utf-8")
    (tmp_path / "pension.csv").write_text("ticker,shares\nCASH,100000\n", "utf-8")
    file, day = read_household(tmp_path / "abroad.toml"), sample.last_session("XKRX")
    book, inputs = rules_for(day.year), read_inputs(file, on=day)
    gathered = gather(file, market=sample, as_of=day, book=book, inputs=inputs, deposit=2_000_000)
    moves = Moves(trades={("us", "SPY"): -30}, deposits={"pension": 2_000_000.0})
    desk = Desk(gathered, inputs, book, moves, titles=_titles(gathered), reasons={})
    found = {tax.kind: tax for tax in year_taxes(gathered, book, desk)}
    priced = gathered.prices["SPY"]
    gain = round(30 * (priced.won - 250 * 1200))
    alone = settle_overseas(book, gains=(1_000_000,)).tax
    assert found["overseas"].amount == settle_overseas(book, gains=(1_000_000, gain)).tax - alone
    assert found["overseas"].due.isoformat() == f"{day.year + 1}-05-31"
    assert found["credit"].amount == -264_000  # 13.2 % of what is paid in
    assert desk.account("us").taxes == 0


def test_classes_that_no_account_can_hold_are_named(sample: Any, tmp_path: Path) -> None:
    alone = ABROAD.partition("[accounts.pension]")[0]
    (tmp_path / "abroad.toml").write_text(alone, "utf-8")
    (tmp_path / "us.csv").write_text("ticker,shares,cost\nSPY,30,250\nCASH,100,\n", "utf-8")
    file, day = read_household(tmp_path / "abroad.toml"), sample.last_session("XKRX")
    book, inputs = rules_for(day.year), read_inputs(file, on=day)
    gathered = gather(file, market=sample, as_of=day, book=book, inputs=inputs)
    found = answer(gathered.household, FAST, book=book, on=day)
    facts = household_facts(gathered, inputs, book, found, FAST)
    missing = [text.en for text in facts.assumptions if text.en.startswith("No account can hold")]
    assert len(missing) == 1
    assert "Won bonds" in missing[0]
    assert facts.exposure["krw_bond"].target > 0.1
    assert "krw_bond" in {item.key for item, _ in facts.exposures}
