"""Money that is to be taken out stays where people were told to take it from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from tests.household.drawn import drawn

from jeoul.household.problem.records import Household
from jeoul.operations.household.asked_money import AskedMoney, MoneyUnderWay
from jeoul.operations.household.money_left import Books, money_left
from jeoul.operations.household.withdrawals import is_raised, keeping, to_take_out

SEEN = {"general": 9, "isa": 7}
ASKED = AskedMoney(amount=-800, since=date(2026, 6, 26), before=SEEN, left=-800)
TOLD = MoneyUnderWay(requests={"minsu": ASKED}, transfers={"general": -500, "isa": -300}, seen=SEEN)


def left(told: MoneyUnderWay = TOLD, **out: int) -> Mapping[str, int]:
    """What is still taken out of the accounts once some has been."""
    books = Books(
        moved={name: won - out.get(name, 0) for name, won in SEEN.items()},
        rates=dict.fromkeys(SEEN, 1.0),
        owners=dict.fromkeys(SEEN, "minsu"),
    )
    return to_take_out(told, money_left(told, books), books)


def test_what_has_left_an_account_is_no_more_to_take() -> None:
    assert left() == {"general": 500, "isa": 300}
    assert left(general=200) == {"general": 300, "isa": 300}
    assert left(general=500) == {"isa": 300}


def test_money_that_left_elsewhere_is_planned_again() -> None:
    assert left(isa=400) == {}
    assert left(general=500, isa=300) == {}
    assert left(replace(TOLD, transfers={})) == {}


def test_a_deposit_is_not_taken_out() -> None:
    asked = replace(ASKED, amount=800, left=800)
    assert left(replace(TOLD, requests={"minsu": asked}, transfers={"isa": 800})) == {}


def home(cash: float, due: float) -> Household:
    found = drawn(3, 6, ("general", "isa"))
    first, *others = found.accounts
    first = replace(first, id=first.id, cash=cash, due=due, withdrawable=9_000.0, exchange=0.0)
    return replace(found, accounts=(first, *others))


def test_settled_money_that_is_taken_out_buys_nothing() -> None:
    before = home(cash=700.0, due=100.0)
    name = before.accounts[0].id
    assert is_raised(before, {name: 800})
    kept = keeping(before, {name: 500}, between=False)
    assert (kept.accounts[0].cash, kept.accounts[0].due) == (200.0, 600.0)
    assert kept.accounts[0].withdrawable == 500.0
    assert kept.positions == before.positions
    still = keeping(before, {name: 500}, between=True).positions
    assert not any(each.buyable or each.sellable for each in still)


def test_what_lacks_is_still_sold_for() -> None:
    before = home(cash=700.0, due=100.0)
    name = before.accounts[0].id
    assert not is_raised(before, {name: 801})
    kept = keeping(before, {name: 801}, between=True)
    assert (kept.accounts[0].cash, kept.accounts[0].due) == (0.0, 800.0)
    assert kept.accounts[0].withdrawable == 9_000.0
    assert [each.sellable for each in kept.positions] == [e.sellable for e in before.positions]
    assert not any(each.buyable for each in kept.positions)
