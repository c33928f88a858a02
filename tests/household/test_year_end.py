"""What is left to do before a tax year ends: gains, payments, lines that are near."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.household.small_homes import abroad, home, planned, with_credit, with_new_money

from jeoul.household.problem.records import NOTHING, Curve, Lot, Moves
from jeoul.household.year_end.contributions import contributions
from jeoul.household.year_end.rebuys import harvests
from jeoul.household.year_end.thresholds import thresholds
from jeoul.household.year_end.year_end import year_end
from jeoul.korea import overseas_realise
from jeoul.korea.overseas_realise import realise_gains
from jeoul.korea.tables import load_rules
from jeoul.market.calendars import load_calendar

BOOK = replace(
    load_rules(2026),
    calendars={"XNYS": load_calendar("XNYS"), "XKRX": load_calendar("XKRX")},
)
DECEMBER = date(2026, 12, 10)


def test_a_gain_is_realised_up_to_the_deduction_as_the_law_counts_it() -> None:
    """50 shares that gained 60,000 each: 41 of them bring 2.46 M, as for a single holding."""
    (found,) = harvests(abroad(Lot(50, 60_000.0)), NOTHING, capped=True)
    law = realise_gains(
        BOOK,
        lots=(overseas_realise.OverseasLot(50, Decimal(40), Decimal(1000)),),
        price=Decimal(100),
        fx=Decimal(1000),
    )
    assert [(each.shares, each.gain) for each in found.rebuys] == [
        (law.average_shares, float(law.average_gain))
    ]
    assert found.tax_now == 0.0
    assert found.tax_later == pytest.approx(0.5 * law.average_saves, abs=1_000.0)
    assert found.cost == pytest.approx(41 * 100_000.0 * 0.002)


def test_what_was_realised_already_and_what_the_moves_sell_come_first() -> None:
    home_abroad = abroad(Lot(50, 60_000.0), realised=1_000_000.0)
    (found,) = harvests(home_abroad, Moves(trades={("us", "us"): -10}), capped=True)
    assert found.rebuys[0].shares == 15  # 1 M + 10 x 60,000 are used; 900,000 are left
    assert found.realised == pytest.approx(2_500_000.0)


def test_losses_lower_the_tax_of_a_year_that_is_beyond_the_deduction() -> None:
    (found,) = harvests(abroad(Lot(20, -50_000.0), realised=3_000_000.0), NOTHING)
    assert found.rebuys[0].shares == 10  # the rest of the loss would fall below the deduction
    assert found.tax_now == pytest.approx(-110_000.0)
    assert found.tax_later == pytest.approx(-55_000.0)


def test_lots_are_sold_in_their_order() -> None:
    """The first lot lost money: it goes first, and takes room for 20 more of the second."""
    (found,) = harvests(abroad(Lot(10, -10_000.0), Lot(100, 50_000.0)), NOTHING, capped=True)
    assert found.rebuys[0].shares == 10 + 52
    assert found.gain == pytest.approx(2_500_000.0)


def test_a_gain_that_is_too_small_for_two_orders_is_left() -> None:
    dear = replace(
        abroad(Lot(1, 1_000.0)), policy=replace(abroad(Lot(1, 1.0)).policy, trade_price=3e3)
    )
    assert harvests(dear, NOTHING) == ()


def test_without_a_cap_the_last_share_may_pass_the_deduction_where_it_pays() -> None:
    """Each share gains 2.4 M; with 22 % now against 11 % later a second one never pays."""
    (found,) = harvests(abroad(Lot(5, 2_400_000.0), price=3_000_000.0), NOTHING)
    assert found.rebuys[0].shares == 1
    (found,) = harvests(abroad(Lot(5, 2_600_000.0), price=3_000_000.0), NOTHING)
    assert found.realised > 2_500_000.0
    assert harvests(abroad(Lot(5, 2_600_000.0), price=3_000_000.0), NOTHING, capped=True) == ()


def test_a_payment_that_fills_the_credit_is_worth_its_rate() -> None:
    household = with_new_money(with_credit(home(), "isa"), 1_000_000.0)
    plan = planned(household, Moves(deposits={"isa": 1_000_000.0}))
    first, second = contributions(household, plan, year=2026)
    assert (first.kind, first.amount, first.lapses) == ("planned", 1_000_000.0, True)
    assert first.value == pytest.approx(132_000.0, rel=0.1)
    assert (second.kind, second.account, second.amount) == ("credit", "isa", 5_000_000.0)
    assert second.value == pytest.approx(660_000.0)
    assert second.by == date(2026, 12, 31)


def test_a_line_is_shown_where_something_changes_beyond_it() -> None:
    """A self-employed person with 9.81 M so far; half of 400,000 a year is still to come."""
    levy = Curve((20e6,), (0.0, 0.1), ((10e6, 800_000.0),))
    household = home()
    member = replace(household.members[0], financial=9_810_000.0, income_levy=levy)
    positions = tuple(replace(each, income=0.4) for each in household.positions)
    household = replace(household, members=(member,), positions=positions)
    lines = {
        each.kind: each
        for each in thresholds(household, NOTHING, BOOK, on=date(2026, 7, 2), pensions={"a": 16e6})
    }
    assert set(lines) == {"health", "comprehensive", "pensions"}
    health = lines["health"]
    assert health.used == 9_810_000.0
    assert health.expected == pytest.approx(9_810_000.0 + 400_000.0 * 182 / 365)
    assert health.left == 0.0
    assert health.cost == 800_000.0
    assert lines["comprehensive"].left > 9e6
    assert lines["comprehensive"].filed == date(2027, 5, 31)
    assert lines["comprehensive"].by == date(
        2026, 12, 28
    )  # two sessions before the last of the year
    assert lines["pensions"].limit == 15_000_000.0


def test_a_year_ends_with_its_last_sale() -> None:
    household = abroad(Lot(50, 60_000.0))
    plan = planned(household, NOTHING)
    found = year_end(household, plan, BOOK, on=DECEMBER, capped=True)
    assert found.sell_by == date(2026, 12, 30)
    assert found.harvests
    assert [each.kind for each in found.thresholds] == ["gains_abroad"]
    assert not year_end(household, plan, BOOK, on=date(2026, 12, 31)).harvests
    with pytest.raises(ValueError, match="2026, the year of the rulebook"):
        year_end(household, plan, BOOK, on=date(2027, 1, 4))
