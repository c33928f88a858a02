"""A household along days of our own making: who pays, when, out of which account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jeoul import api
from jeoul.account.day import AccountState, DayOrder, DayRules
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import Basis, TaxLedger, TaxRules
from jeoul.advice.person import Income, LegalStatus
from jeoul.errors import UsageError
from jeoul.household.history.figures import history_figures
from jeoul.household.history.history import household_history
from jeoul.household.history.planned import PlanDecider, do_nothing
from jeoul.household.history.records import (
    Carried,
    HistoryAccount,
    HistoryHousehold,
    HistoryPerson,
    HouseholdHistory,
    Moment,
    NewMoney,
    SessionDecisions,
)
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Tariff

BOOK = load_rules(2026)
KRX = api.calendars()["XKRX"]
DAYS = [
    day
    for day in KRX.sessions.astype(object).tolist()
    if date(2022, 11, 1) <= day <= date(2024, 7, 31)
][::3]
FIRST, LAST = DAYS[0], DAYS[-1]
PRICE = 10_000.0


def day_rules(account: str, kind: str = "krx_other_etf") -> DayRules:
    """One fund that never moves and never pays: what changes hands is money and tax alone."""
    shape = (len(DAYS), 1)
    table = PriceTable(
        "XKRX", "KRW", "raw", ("A",), np.array(DAYS, dtype="datetime64[D]"),
        np.zeros(len(DAYS), dtype=np.int64), np.full(shape, PRICE), np.zeros(shape),
        np.ones(shape), None,
    )  # fmt: skip
    return DayRules(
        events=PriceEvents((table,)), calendar=KRX, buys=Tariff(), sells=Tariff(),
        taxes=TaxRules(book=BOOK, account=account, kinds={"A": kind}),
    )  # fmt: skip


def account(
    name: str,
    kind: str,
    *,
    shares: int = 0,
    cash: int = 0,
    cost: int = 10_000,
    owner: str = "minsu",
    tax_kind: str = "krx_other_etf",
    carried: Carried | None = None,
) -> HistoryAccount:
    held = {"A": shares} if shares else {}
    ledger = TaxLedger({"A": Basis(Decimal(cost), None)} if shares else {})
    return HistoryAccount(
        id=name,
        owner=owner,
        kind=kind,
        rules=day_rules(kind, tax_kind),
        start=AccountState(portfolio=Portfolio(held, cash), ledger=ledger),
        carried=carried or Carried(),
    )


def home(*accounts: HistoryAccount, **keys: object) -> HistoryHousehold:
    people = {
        name: HistoryPerson(
            id=name,
            born=date(1980, 1, 1),
            income=Income(wages=60_000_000),
            status=LegalStatus(health="employee"),
        )
        for name in ("minsu", "jiwoo")
    }
    return HistoryHousehold(
        book=BOOK,
        people=people,
        accounts={each.id: each for each in accounts},
        **{"pays_tax": "general", **keys},  # type: ignore[arg-type]
    )


def once(day: date, decisions: SessionDecisions) -> Callable[[Moment], SessionDecisions]:
    def decide(moment: Moment) -> SessionDecisions:
        return decisions if moment.session == day else SessionDecisions()

    return decide


def sold_on(day: date, name: str, shares: int) -> Callable[[Moment], SessionDecisions]:
    return once(day, SessionDecisions(orders={name: [DayOrder(Side.SELL, "A", shares)]}))


def booked(run: HouseholdHistory) -> list[tuple[str, str, int, date, date]]:
    return [
        (each.person, each.payment.what, each.payment.amount, each.payment.day, each.session)
        for day in run.days
        for each in day.booked
    ]


def test_a_gain_abroad_is_paid_next_may_by_the_account_that_pays_taxes() -> None:
    """10 M of gain less 2.5 M at 22 % is 1.65 M, on the first session from 31 May on."""
    us = account("us", "overseas", shares=2_000, cost=5_000, tax_kind="us_etf")
    run = household_history(
        home(us, account("general", "general", cash=5_000_000)),
        DAYS,
        sold_on(FIRST, "us", 2_000),
    )
    (found,) = booked(run)
    assert found[:4] == ("minsu", "overseas", 1_650_000, date(2023, 5, 31))
    assert found[4] == next(day for day in DAYS if day >= date(2023, 5, 31))
    general, abroad = (each for each in sorted(run.end.accounts, key=lambda each: each.id))
    assert (general.paid_out, general.in_hand) == (1_650_000, 3_350_000)
    assert abroad.in_hand == 20_000_000
    assert run.end.in_hand == 23_350_000
    assert (run.end.money, run.end.unpaid) == (0, 0)  # a tax is not money of its owner


def test_each_person_has_an_own_2_5_million() -> None:
    accounts = [
        account(name, "overseas", shares=1_000, cost=5_000, owner=owner, tax_kind="us_etf")
        for name, owner in (("a", "minsu"), ("b", "jiwoo"))
    ]

    def decide(moment: Moment) -> SessionDecisions:
        if moment.session != FIRST:
            return SessionDecisions()
        return SessionDecisions(orders={n: [DayOrder(Side.SELL, "A", 1_000)] for n in ("a", "b")})

    run = household_history(home(*accounts, account("general", "general")), DAYS, decide)
    assert sorted(each[:3] for each in booked(run)) == [
        ("jiwoo", "overseas", 550_000),
        ("minsu", "overseas", 550_000),
    ]
    assert run.end.unpaid == 1_100_000  # asked for on the way; the account has nothing to pay with


def test_a_credit_comes_back_with_the_wages_of_february() -> None:
    pension = account("pension", "pension_savings")
    flows = {FIRST: [NewMoney("minsu", 6_000_000)]}
    run = household_history(
        home(pension, account("general", "general"), flows=flows),
        DAYS,
        once(FIRST, SessionDecisions(deposits={"pension": 6_000_000})),
    )
    assert [each[1:4] for each in booked(run)] == [("credit", -792_000, date(2023, 2, 28))]
    assert run.end.accounts[1].paid_in == 792_000
    assert history_figures(run).paid_in == 6_000_000  # a refund is not paid in by anybody


def test_an_account_without_cash_sells_what_a_tax_needs() -> None:
    """A year of interest and dividends above 20 M, all of it in funds when the tax is due."""
    rich = account("general", "general", shares=20_000, cost=6_000)
    house = home(rich)
    decide = PlanDecider(house, lambda _: None, do_nothing, ())  # type: ignore[arg-type, return-value]

    def sell_first(moment: Moment) -> SessionDecisions:
        return (
            sold_on(FIRST, "general", 10_000)(moment)
            if moment.session == FIRST
            else SessionDecisions(orders={"general": [DayOrder(Side.BUY, "A", 20_000)]})
            if moment.session < date(2022, 12, 31)
            else decide(moment)
        )

    run = household_history(house, DAYS, sell_first)
    owed = {each[1]: each[2] for each in booked(run)}
    assert {"comprehensive", "health"} <= owed.keys()
    sales = [
        fill
        for day in run.days
        for fill in day.accounts["general"].fills
        if fill.side is Side.SELL and day.session >= date(2023, 5, 31)
    ]
    assert sales
    assert run.days[-1].accounts["general"].owed < owed["comprehensive"]


def test_health_insurance_is_asked_from_november_for_twelve_months() -> None:
    rich = account("general", "general", shares=20_000, cost=6_000)
    run = household_history(home(rich), DAYS, sold_on(FIRST, "general", 10_000))
    months = [each for each in run.assessments["minsu"][0].payments if each.what == "health"]
    assert [each.day for each in months][:2] == [date(2023, 12, 10), date(2024, 1, 10)]
    assert len(months) == 12
    assert len({each.amount for each in months}) == 1


def test_money_in_hand_is_what_is_there_less_every_open_tax() -> None:
    """Sold in the last year of all: its tax was never paid on the way, and counts all the same."""
    us = account("us", "overseas", shares=2_000, cost=5_000, tax_kind="us_etf")
    run = household_history(
        home(us, account("general", "general")), DAYS, lambda _: SessionDecisions()
    )
    assert not booked(run)
    assert run.end.unpaid == 1_650_000
    assert run.end.in_hand == 20_000_000 - 1_650_000


def test_without_an_account_that_pays_taxes_they_are_paid_beside() -> None:
    us = account("us", "overseas", shares=2_000, cost=5_000, tax_kind="us_etf")
    run = household_history(home(us, pays_tax=None), DAYS, sold_on(FIRST, "us", 2_000))
    assert run.end.outside == 1_650_000
    assert run.end.accounts[0].paid_out == 0


def test_an_isa_is_settled_with_what_it_brought_along() -> None:
    """3 M realised before and 1 M now, 2 M free, 9.9 %; opened more than three years ago."""
    carried = Carried(opened=date(2020, 1, 2), gain_so_far=3_000_000)
    isa = account("isa", "isa", shares=100, cost=0, carried=carried)
    run = household_history(
        home(isa, account("general", "general")), DAYS, lambda _: SessionDecisions()
    )
    assert run.end.accounts[0].exit_tax == 198_000
    young = replace(isa, carried=replace(carried, opened=date(2023, 1, 2)))
    run = household_history(
        home(young, account("general", "general")), DAYS, lambda _: SessionDecisions()
    )
    assert run.end.accounts[0].exit_tax == 616_000  # an ordinary account's 15.4 %


def test_money_that_is_asked_for_waits_until_it_is_paid() -> None:
    general = account("general", "general", cash=1_000_000)
    flows = {DAYS[1]: [NewMoney("minsu", -400_000)]}
    run = household_history(
        home(general, flows=flows),
        DAYS,
        once(DAYS[1], SessionDecisions(withdrawals={"general": 400_000})),
    )
    assert [day.money for day in run.days[:3]] == [0, -400_000, 0]
    figures = history_figures(run)
    assert (figures.paid_out, figures.in_hand) == (400_000, 600_000)
    assert all(
        day.worth == 1_000_000 + sum(each.new for each in run.days[: place + 1])
        for place, day in enumerate(run.days)
    )


def test_more_than_there_is_cannot_be_paid_in() -> None:
    isa = account("isa", "isa")
    with pytest.raises(UsageError, match="won more than there are"):
        household_history(
            home(isa, account("general", "general")),
            DAYS,
            once(FIRST, SessionDecisions(deposits={"isa": 1})),
        )


def test_an_account_that_does_not_exist_pays_no_tax() -> None:
    with pytest.raises(UsageError, match="pays_tax is 'nobody'"):
        household_history(home(account("general", "general"), pays_tax="nobody"), DAYS, do_none)


def test_gains_elsewhere_use_up_the_2_5_million() -> None:
    us = account("us", "overseas", shares=2_000, cost=5_000, tax_kind="us_etf")
    house = home(us, account("general", "general", cash=5_000_000))
    rich = replace(house.people["minsu"], overseas_elsewhere=2_500_000)
    house = replace(house, people={**house.people, "minsu": rich})
    run = household_history(house, DAYS, sold_on(FIRST, "us", 2_000))
    assert [each[2] for each in booked(run)] == [2_200_000]


def test_no_more_is_sold_for_a_tax_than_it_needs() -> None:
    """1.65 M are due and 1 M is there: 65 shares of 10,000 won."""
    us = account("us", "overseas", shares=2_000, cost=5_000, tax_kind="us_etf")
    general = account("general", "general", shares=500, cash=1_000_000, tax_kind="kr_equity_etf")
    house = home(us, general)
    planned = PlanDecider(house, lambda _: None, do_nothing, ())  # type: ignore[arg-type, return-value]

    def decide(moment: Moment) -> SessionDecisions:
        sold = sold_on(FIRST, "us", 2_000)
        return sold(moment) if moment.session == FIRST else planned(moment)

    run = household_history(house, DAYS, decide)
    sales = [fill.shares for day in run.days for fill in day.accounts["general"].fills]
    assert sales == [65]
    assert run.end.accounts[1].in_hand == 6_000_000 - 1_650_000


def test_a_pension_is_taxed_on_what_was_credited_and_earned_alone() -> None:
    """3 M credited before and 6 M now, of which the year's 6 M leave 3 M a credit."""
    carried = Carried(credited=3_000_000, paid={2022: 3_000_000})
    pension = account("pension", "pension_savings", cash=3_000_000, carried=carried)
    flows = {FIRST: [NewMoney("minsu", 6_000_000)]}
    run = household_history(
        home(pension, account("general", "general"), flows=flows),
        DAYS,
        once(FIRST, SessionDecisions(deposits={"pension": 6_000_000})),
    )
    assert run.end.accounts[0].exit_tax == 330_000  # 5.5 % of 6 M; the other 3 M are untaxed


def test_pension_accounts_share_their_tax_to_the_won() -> None:
    two = [
        account(name, kind, cash=cash, carried=Carried(credited=cash))
        for name, kind, cash in (("a", "pension_savings", 1_000_003), ("b", "irp", 2_000_000))
    ]
    run = household_history(home(*two, account("general", "general")), DAYS, do_none)
    assert sum(each.exit_tax for each in run.end.accounts) == 165_000


def do_none(moment: Moment) -> SessionDecisions:
    return SessionDecisions()
