"""An account that follows a strategy, after every tax, beside the same account before tax."""

from __future__ import annotations

from datetime import date

import pytest

from jeoul import api
from jeoul.account.file import AccountFile
from jeoul.account.tax_rules import tax_rules
from jeoul.account.terms import AccountPlan, plan_account, run_plan
from jeoul.account.withholding import TaxRules
from jeoul.advice.person import Income
from jeoul.household.history.figures import assumptions, history_figures
from jeoul.household.history.follow import follow
from jeoul.household.history.records import Carried, HistoryPerson, HouseholdHistory
from jeoul.korea.tables import load_rules
from jeoul.market import Market
from jeoul.pipeline import Mandate
from jeoul.strategy.load import load_strategy

BOOK = load_rules(2026)
OWNER = HistoryPerson(id="owner", born=date(1980, 1, 1), income=Income(wages=60_000_000))
FLOWS = {
    "deposits": [{"amount": 500_000, "every": "month", "from": date(2021, 2, 25)}],
    "withdrawals": [{"amount": 3_000_000, "every": "once", "from": date(2023, 6, 1)}],
}


def planned(sample: Market, kind: str, **keys: object) -> tuple[AccountPlan, Mandate]:
    strategy = load_strategy("managed")
    mandate = api.mandate(strategy, "balanced", kind)
    history = api.history(strategy, sample.as_of(date(2024, 6, 28), "XKRX"))
    settings = AccountFile.model_validate(
        {"schema": 1, "name": "x", "cash": 10_000_000, "interest": "market", **keys}, strict=False
    )
    plan = plan_account(
        settings, mandate, history, sample, api.calendars()["XKRX"], start=date(2021, 1, 4)
    )
    return plan, mandate


def run(sample: Market, kind: str, **keys: object) -> HouseholdHistory:
    plan, mandate = planned(sample, kind, **keys)
    return follow(plan, tax_rules(BOOK, mandate.universe.instruments, kind), OWNER, Carried())


def test_where_nothing_is_taxed_it_is_the_account_before_tax(sample: Market) -> None:
    """In pension savings no tax arises on the way: the same days to the won, flows among them."""
    plan, mandate = planned(sample, "pension_savings", **FLOWS)
    before = run_plan(plan)
    rules = tax_rules(BOOK, mandate.universe.instruments, "pension_savings")
    after = follow(plan, rules, OWNER, Carried())
    worth = [day.accounts["account"].worth for day in after.days]
    assert worth == [day.worth for day in before.days]
    assert sum(day.new for day in after.days) == sum(
        day.flows.paid_in - day.flows.paid_out for day in before.days
    )


def test_an_ordinary_account_ends_with_what_its_taxes_leave(sample: Market) -> None:
    found = run(sample, "general")
    figures = history_figures(found)
    assert figures.withheld > 0
    costs = found.end.accounts[0].fees
    last_sales = figures.withheld - sum(
        each.tax for day in found.days for each in day.accounts["account"].taxed
    )
    assert figures.in_hand == figures.worth - costs - last_sales
    assert figures.gain == figures.in_hand - 10_000_000


def test_a_pension_counts_its_credits_and_is_drawn_after_tax(sample: Market) -> None:
    found = run(sample, "pension_savings")
    figures = history_figures(found)
    assert figures.credit == 792_000  # 13.2 % of the 6 M that the credit knows of 10 M
    earned = figures.worth - 10_000_000 + 6_000_000 - found.end.accounts[0].fees
    abroad = sum(each.foreign for day in found.days for each in day.accounts["account"].taxed)
    assert abroad > 0  # of it the law credits 55 %, with the local tax that goes with it
    assert figures.exit_tax == pytest.approx(0.055 * earned - 0.55 * 1.1 * abroad, abs=1_000)
    assert figures.in_hand == (
        figures.worth - found.end.accounts[0].fees - figures.exit_tax + figures.credit
    )


def test_gains_abroad_are_paid_by_the_account_on_31_may(sample: Market) -> None:
    """Every fund is called American here, so that each year's gains are netted."""
    plan, mandate = planned(sample, "general", cash=200_000_000)
    kinds = dict.fromkeys(mandate.universe.instruments, "us_etf")
    rules = TaxRules(book=BOOK, account="overseas", kinds=kinds)
    found = follow(plan, rules, OWNER, Carried())
    booked = [each for day in found.days for each in day.booked]
    taxes = [each for each in booked if each.payment.what == "overseas"]
    assert taxes
    assert {(each.payment.day.month, each.payment.day.day) for each in taxes} == {(5, 31)}
    assert all(each.session >= each.payment.day for each in taxes)
    paid = sum(day.accounts["account"].flows.paid_out for day in found.days)
    owed = found.days[-1].accounts["account"].owed
    assert paid + owed == sum(each.payment.amount for each in taxes)
    assert sum(day.new for day in found.days) == 200_000_000


def test_money_is_worth_the_same_before_and_after_a_tax_is_booked(sample: Market) -> None:
    """What leaves the account for tax is neither a deposit nor a withdrawal of its owner."""
    figures = history_figures(run(sample, "general", cash=200_000_000))
    assert (figures.paid_in, figures.paid_out) == (200_000_000, 0)


def test_what_was_assumed_is_said(sample: Market) -> None:
    kinds = {each.kind for each in assumptions(run(sample, "isa"))}
    assert {"tax_assumed.law", "tax_assumed.isa", "tax_assumed.health"} <= kinds
    assert "tax_assumed.pension" not in kinds
