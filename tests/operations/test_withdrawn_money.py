"""What people take out as a plan said, to the won and in each account's money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.household.small_homes import home, with_account

from jeoul.household.problem.records import Account, Household
from jeoul.operations.household.asked_money import AskedMoney, MoneyUnderWay
from jeoul.operations.household.money_left import Books, money_left
from jeoul.operations.household.withdrawals import is_raised, keeping, to_take_out

SEEN = {"isa": 70, "us": 7}
RATES = {"isa": 1.0, "us": 14.4}
OWNERS = dict.fromkeys(SEEN, "minsu")


def rest(asked: int, transfers: dict[str, int], rate: float = 14.4, **out: int) -> Any:
    request = AskedMoney.of(asked, date(2026, 6, 26), SEEN)
    told = MoneyUnderWay(requests={"minsu": request}, transfers=transfers, seen=SEEN)
    moved = {name: won - out.get(name, 0) for name, won in SEEN.items()}
    books = Books(moved=moved, rates={**RATES, "us": rate}, owners=OWNERS)
    return to_take_out(told, money_left(told, books), books)


@pytest.mark.parametrize(
    ("transfers", "out", "found"),
    [
        ({"isa": -500, "us": -300}, {}, {"isa": 500, "us": 300}),
        ({"isa": -500, "us": -300}, {"isa": 1}, {"isa": 499, "us": 300}),
        ({"isa": -500, "us": -300}, {"isa": 500}, {"us": 300}),
        ({"isa": -500, "us": -300}, {"us": 10}, {"isa": 500, "us": 156}),  # 144 won have left
        ({"isa": -500, "us": -300}, {"isa": 501}, {}),  # more than was to leave there
        ({"isa": -799, "us": -1}, {"isa": 500}, {"isa": 299, "us": 1}),
        ({"isa": -500, "us": -299}, {}, {}),  # not what is to be taken out
        ({"isa": -500, "us": -299}, {"isa": 1}, {}),
    ],
)
def test_what_is_still_taken_out_is_what_has_not_left_its_account(
    transfers: dict[str, int], out: dict[str, int], found: dict[str, int]
) -> None:
    assert rest(-800, transfers, **out) == found


def test_what_has_left_an_account_abroad_is_whole_won() -> None:
    found = rest(-800, {"isa": -500, "us": -300}, rate=14.03, us=10)  # 140.3 won
    assert found == {"isa": 500, "us": 160}
    assert {type(won) for won in found.values()} == {int}


def test_money_that_comes_in_is_not_taken_out() -> None:
    assert rest(800, {"isa": 800}) == {}
    assert rest(800, {"isa": 800}, isa=-10) == {}


def with_money(**changes: Any) -> Household:
    return with_account(home(), "general", **{"cash": 700.0, "due": 100.0, **changes})


@pytest.mark.parametrize(
    ("won", "exchange", "raised"),
    [(800, 0.0, True), (801, 0.0, False), (640, 0.25, True), (641, 0.25, False)],
)
def test_money_is_raised_once_the_account_has_it_with_what_its_exchange_costs(
    won: int, exchange: float, *, raised: bool
) -> None:
    house = with_money(exchange=exchange)
    assert is_raised(house, {"general": won}) is raised
    assert not is_raised(house, {"general": won, "isa": 1})
    assert not is_raised(house, {"elsewhere": 1})
    assert is_raised(house, {})


def kept(won: int, **changes: float) -> tuple[Account, Account]:
    general, isa = keeping(with_money(**changes), {"general": won}, between=False).accounts
    return general, isa


@pytest.mark.parametrize(
    ("won", "changes", "cash", "due"),
    [
        (500, {}, 200.0, 600.0),
        (500, {"exchange": 0.25}, 75.0, 725.0),
        (701, {}, 0.0, 800.0),
        (500, {"cash": -50.0, "due": 900.0}, -50.0, 900.0),  # a debt is no money to keep
    ],
)
def test_what_is_taken_out_buys_nothing(
    won: int, changes: dict[str, float], cash: float, due: float
) -> None:
    general, isa = kept(won, **changes)
    assert (general.cash, general.due) == (cash, due)
    assert (isa.cash, isa.due) == (0.0, 0.0)


def test_once_raised_money_leaves_the_accounts_that_people_were_told_of_alone() -> None:
    house = with_account(with_money(), "isa", cash=90.0, withdrawable=90.0)
    general, isa = keeping(house, {"general": 500}, between=False).accounts
    assert (general.withdrawable, isa.withdrawable) == (500.0, 0.0)
    assert (isa.cash, isa.due) == (90.0, 0.0)
    general, isa = keeping(house, {"general": 900}, between=False).accounts
    assert (general.withdrawable, isa.withdrawable) == (1e12, 90.0)
    assert kept(500, withdrawable=400.0)[0].withdrawable == 400.0


@pytest.mark.parametrize(
    ("won", "between", "buyable", "sellable"),
    [
        (500, False, (True, True), (True, False)),
        (500, True, (False, False), (False, False)),
        (900, True, (False, False), (True, False)),
        (900, False, (True, True), (True, False)),
    ],
)
def test_between_the_dates_of_the_strategy_funds_are_sold_only_for_what_lacks(
    won: int, buyable: tuple[bool, ...], sellable: tuple[bool, ...], *, between: bool
) -> None:
    house = with_money()
    first, second, *others = house.positions
    house = replace(house, positions=(first, replace(second, sellable=False), *others))
    found = keeping(house, {"general": won}, between=between).positions
    assert tuple(each.buyable for each in found[:2]) == buyable
    assert tuple(each.sellable for each in found[:2]) == sellable
