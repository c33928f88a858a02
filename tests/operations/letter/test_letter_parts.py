"""What a letter says of the accounts together: parts, costs and trades, in numbers by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isnan, nan
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from made_course import DAYS, FRI, MON, NEXT, TUE, bought, course, rates, sold

from jeoul.model.calendar import Days
from jeoul.model.quarter import Quarter
from jeoul.operations.letter.composition import (
    costs_of,
    holdings_on,
    parts_by,
    traded_in,
    trades_of,
)
from jeoul.operations.letter.filing import Filed, content_of, digest_of, file_letter, filed
from jeoul.operations.letter.letter import letter_of
from jeoul.operations.letter.members import LetterAccount, LetterSecurities, won_of
from jeoul.reporting.letter.facts import FilledTrade, QuarterCosts
from jeoul.reporting.text import Text

SERIES = {"usdkrw": rates([1_300.0, 1_310.0, 1_290.0, 1_350.0, 1_400.0])}
BEFORE = date(2026, 5, 29)


def fund(asset_class: str, **more: Any) -> Any:
    known = {"expense_ratio": None, "exposure_currency": None, "hedged": False}
    names = {"name_ko": asset_class, "name_en": asset_class.upper()}
    return SimpleNamespace(asset_class=asset_class, **{**known, **names, **more})


FUNDS = LetterSecurities(
    {
        "A": fund("shares", expense_ratio=0.01, exposure_currency="KRW"),
        "B": fund("bonds", expense_ratio=0.002, exposure_currency="USD", hedged=True),
        "C": fund("gold", exposure_currency="USD"),
        "D": fund("gold", hedged=True),
    }
)


def account(name: str = "home", **more: Any) -> LetterAccount:
    days = more.pop("days", DAYS)
    cash = more.pop("cash", (0,) * len(days))
    own = course(more.pop("shares", {}), more.pop("prices", None), cash, days, **more)
    return LetterAccount(id=name, course=own, audited=None)


def days_of(*days: date) -> Days:
    return np.array(days, dtype="datetime64[D]")


# --- what accounts hold ---------------------------------------------------------------------------

HOME: dict[str, Any] = {
    "shares": {"A": (0, 4, 5, 5, 6)},
    "prices": {"A": (100, 100, 120, 130, 150)},
}


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (MON, [("CASH", 900.0)]),
        (TUE, [("A", 400.0), ("CASH", 500.0)]),
        (date(2026, 6, 3), [("A", 400.0), ("CASH", 500.0)]),  # a holiday: as at the close before
        (NEXT, [("A", 900.0), ("CASH", 250.0)]),
        (date(2026, 6, 9), [("A", 900.0), ("CASH", 250.0)]),
        (date(2026, 5, 31), []),
    ],
)
def test_an_account_holds_what_it_held_after_the_close(
    day: date, found: list[tuple[str, float]]
) -> None:
    home = account(**HOME, cash=(900, 500, 400, 400, 250))
    assert [(code, won) for _, code, won in won_of([home], day, {})] == found


def test_an_account_abroad_is_counted_at_the_rate_of_the_day_and_without_a_price_at_nothing() -> (
    None
):
    shares, prices = {"U": (0, 2), "V": (0, 1)}, {"U": (1, 1_500), "V": (1, nan)}
    us = account("us", shares=shares, prices=prices, cash=(0, 100), days=(MON, TUE), currency="USD")
    found = [(who.id, code, won) for who, code, won in won_of([us], NEXT, SERIES)]
    assert found == [("us", "U", 3_000 * 14.0), ("us", "V", 0.0), ("us", "CASH", 1_400.0)]


@pytest.mark.parametrize(
    ("code", "asset_class", "currency", "name"),
    [
        ("CASH", "cash", "EUR", "Cash"),
        ("A", "shares", "KRW", "SHARES"),
        ("B", "bonds", "EUR", "BONDS"),  # hedged: it moves with the account's own money
        ("C", "gold", "USD", "GOLD"),
        ("D", "gold", "EUR", "GOLD"),
        ("X", "other", "UNKNOWN", "X"),
    ],
)
def test_what_is_known_of_a_security(code: str, asset_class: str, currency: str, name: str) -> None:
    assert FUNDS.asset_class(code) == asset_class
    assert FUNDS.currency(code, "EUR") == currency
    assert str(FUNDS.name(code).en) == name
    assert LetterSecurities({"E": fund("gold")}).currency("E", "EUR") == "UNKNOWN"


def parts(*members: LetterAccount, days: tuple[date, date]) -> list[tuple[str, float, float]]:
    found = parts_by(
        members, days, {}, lambda _, code: FUNDS.asset_class(code), lambda key: Text(key, key)
    )
    return [(each.key, round(each.before, 9), round(each.now, 9)) for each in found]


def test_parts_are_shares_of_the_whole_the_largest_at_the_end_first() -> None:
    home = account(
        shares={"A": (3, 3, 1, 1, 1), "B": (1, 1, 2, 2, 2)}, cash=(100, 100, 100, 100, 200)
    )
    hers = account("hers", shares={"A": (2, 2, 2, 2, 2), "C": (3, 3, 0, 0, 0)})
    assert parts(home, hers, days=(TUE, NEXT)) == [
        ("shares", 0.5, round(3 / 7, 9)),
        ("bonds", 0.1, round(2 / 7, 9)),
        ("cash", 0.1, round(2 / 7, 9)),
        ("gold", 0.3, 0.0),
    ]
    assert parts(home, days=(BEFORE, MON)) == [
        ("shares", 0.0, 0.6),
        ("bonds", 0.0, 0.2),
        ("cash", 0.0, 0.2),
    ]
    assert parts(account(), days=(MON, TUE)) == []


def held(*members: LetterAccount, day: date = NEXT) -> list[tuple[str, str, int, float]]:
    found = holdings_on(members, day, SERIES, FUNDS)
    return [(each.code, each.asset_class, each.value, round(each.share, 9)) for each in found]


def test_holdings_are_those_of_all_accounts_the_largest_first() -> None:
    home = account(shares={"B": (0, 0, 0, 0, 2), "A": (0, 0, 0, 0, 2)}, cash=(0, 0, 0, 0, 50))
    hers = account(
        "hers", shares={"C": (0, 0, 0, 0, 5), "A": (0, 0, 0, 0, 0)}, cash=(0,) * 4 + (50,)
    )
    assert held(home, hers) == [
        ("C", "gold", 500, 0.5),
        ("A", "shares", 200, 0.2),
        ("B", "bonds", 200, 0.2),
        ("CASH", "cash", 100, 0.1),
    ]
    values = [each.value for each in holdings_on([home, hers], NEXT, SERIES, FUNDS)]
    assert {type(each) for each in values} == {int}


def test_what_is_worth_less_than_half_a_won_is_not_named() -> None:
    some = account(shares={"A": (0, 0, 0, 0, 1), "B": (0, 0, 0, 0, 1)},
                   prices={"A": (1,) * 4 + (0.4,), "B": (1,) * 4 + (0.6,)})  # fmt: skip
    assert [(code, value) for code, _, value, _ in held(some)] == [("B", 1)]
    assert held(account()) == []


def test_an_account_that_owes_all_that_it_holds_has_no_shares_of_a_whole() -> None:
    owing = account(shares={"A": (1,) * 5}, cash=(-100,) * 5)
    assert held(owing) == [("A", "shares", 100, 0.0), ("CASH", "cash", -100, 0.0)]
    assert parts(owing, days=(MON, NEXT)) == []


# --- what a quarter cost --------------------------------------------------------------------------


def costs(*members: LetterAccount, trading: int = 30, whole: bool = True) -> QuarterCosts:
    return costs_of(members, days_of(*DAYS), trading, {}, FUNDS, whole=whole)


def test_costs_are_of_the_mean_value_over_the_sessions() -> None:
    """A is worth 200 on average, B 100, C (without a ratio) 60 and money 40."""
    home = account(
        shares={"A": (0, 0, 5, 5, 0), "B": (1, 1, 1, 1, 1), "C": (0, 0, 0, 3, 0)},
        cash=(200, 0, 0, 0, 0),
    )
    found = costs(home)
    assert (found.mean_value, type(found.mean_value)) == (400, int)
    assert found.trading == 30
    assert found.funds_rate == pytest.approx((200 * 0.01 + 100 * 0.002) / 400)
    assert found.unknown == pytest.approx(60 / 400)
    assert found.trading_rate == pytest.approx(30 / 400 / (8 / 365.2425))  # 1 to 8 June
    assert isnan(costs(home, whole=False).trading_rate)


def test_what_nobody_knows_has_no_known_cost() -> None:
    assert costs(account(shares={"X": (1,) * 5})).unknown == 1.0


def test_an_empty_account_costs_nothing() -> None:
    found = costs(account())
    assert (found.mean_value, found.trading_rate, found.funds_rate, found.unknown) == (0, 0, 0, 0)


def trade(side: str, amount: int) -> FilledTrade:
    return FilledTrade(MON, "home", side, "A", Text("A", "A"), 1, amount, cast(Any, None))


@pytest.mark.parametrize(("mean", "turnover"), [(200, 0.2), (1, 40.0), (0, 0.0)])
def test_turnover_is_half_of_what_was_traded(mean: int, turnover: float) -> None:
    traded = [trade("BUY", 30), trade("SELL", 45), trade("BUY", 5)]
    spent = QuarterCosts(mean, 0, 0.0, 0.0, 0.0)
    found = trades_of(traded, spent, days_of(*DAYS), whole=True)
    assert (found.bought, found.sold, found.turnover) == (35, 45, turnover)
    assert found.turnover_rate == pytest.approx(turnover * 365.2425 / 8)
    assert isnan(trades_of(traded, spent, days_of(*DAYS), whole=False).turnover_rate)


def test_trades_are_those_of_the_quarter_by_day_and_account_in_whole_won() -> None:
    us = account("us", days=DAYS, currency="USD", fills=(bought(TUE, "U", 1, 101),))
    home = account(
        fills=(
            bought(MON, "A", 1, 7),
            bought(FRI, "A", 2, 20),
            sold(TUE, "A", 3, 30),
            bought(NEXT, "A", 4, 40),
        )
    )
    found = traded_in([us, home], TUE, FRI, SERIES, FUNDS)
    assert [(each.session, each.account, each.side, each.amount) for each in found] == [
        (TUE, "home", "SELL", 30),
        (TUE, "us", "BUY", 1_323),  # 1.01 dollars at 1,310
        (FRI, "home", "BUY", 20),
    ]
    assert {type(each.amount) for each in found} == {int}


# --- filing ---------------------------------------------------------------------------------------


def test_a_letter_is_filed_once_and_a_changed_one_beside_it(tmp_path: Path) -> None:
    first = file_letter(tmp_path, "2026Q2", "ko", "one", None)
    assert file_letter(tmp_path, "2026Q2", "ko", "one", None) == first
    assert (first.name, first.edition) == ("2026Q2-ko.html", 1)
    names = [
        file_letter(tmp_path, quarter, language, page, None).name
        for quarter, language, page in (
            ("2026Q2", "ko", "two"),
            ("2026Q2", "ko", "three"),
            ("2026Q2", "ko", "three"),
            ("2026Q2", "ko", "one"),
            ("2026Q2", "en", "one"),
            ("2026Q1", "ko", "one"),
        )
    ]
    assert names == [
        "2026Q2-ko.2.html",
        "2026Q2-ko.3.html",
        "2026Q2-ko.3.html",
        "2026Q2-ko.4.html",
        "2026Q2-en.html",
        "2026Q1-ko.html",
    ]
    (tmp_path / "letters" / "notes.html").touch()
    found = filed(tmp_path)
    assert [each.name for each in found] == [
        "2026Q1-ko.html",
        "2026Q2-en.html",
        "2026Q2-ko.html",
        "2026Q2-ko.2.html",
        "2026Q2-ko.3.html",
        "2026Q2-ko.4.html",
    ]
    assert [content_of(each, None) for each in found[2:4]] == [b"one", b"two"]
    assert digest_of(found[2], None).startswith("7692c3ad3540bb80")  # of "one"
    assert filed(tmp_path / "elsewhere") == ()


@pytest.mark.posix
def test_letters_are_for_their_owner_s_eyes_alone(tmp_path: Path) -> None:
    letter = file_letter(tmp_path, "2026Q2", "ko", "one", None)
    assert letter.path.parent.stat().st_mode & 0o777 == 0o700
    assert letter.path.stat().st_mode & 0o777 == 0o600


def test_editions_are_in_the_order_of_their_numbers() -> None:
    letters = [Filed("2026Q2", "ko", number, Path()) for number in (10, 9, 1)]
    assert [each.edition for each in sorted(letters)] == [1, 9, 10]


# --- the letter -----------------------------------------------------------------------------------


def letter(*members: LetterAccount, sessions: Sequence[date], codes: Mapping[str, Any]) -> Any:
    universe: Any = SimpleNamespace(instruments=codes, classes={"shares": None, "gold": None})
    statement: Any = SimpleNamespace(figures=SimpleNamespace(costs=30))
    return letter_of(
        members,
        statement,
        Quarter(2026, 2),
        market=cast(Any, SimpleNamespace(series={})),
        sessions=days_of(*sessions),
        measures=cast(Any, None),
        universes=[universe],
    )


def test_a_letter_compares_the_day_before_the_quarter_with_its_last_session() -> None:
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30))
    home = account(shares={"X": (1, 3, 4)}, cash=(300, 100, 100), days=days,
                   fills=(bought(days[0], "X", 1, 100), bought(days[1], "X", 2, 200),
                          bought(days[2], "X", 1, 100)))  # fmt: skip
    late = account("late", cash=(900,), days=(date(2026, 7, 1),))
    found = letter(home, late, sessions=days[1:], codes={})
    assert [(each.key, each.before, each.now) for each in found.by_class] == [
        ("other", 0.25, 0.8),
        ("cash", 0.75, 0.2),
    ]
    assert [each.key for each in found.classes] == ["other", "cash"]
    assert [(each.key, each.now) for each in found.by_currency] == [("UNKNOWN", 0.8), ("KRW", 0.2)]
    assert [each.code for each in found.holdings] == ["X", "CASH"]
    assert [each.session for each in found.traded] == list(days[1:])
    assert (found.costs.mean_value, found.costs.trading) == (450, 30)  # of 400 and 500
    assert found.costs.trading_rate == pytest.approx(30 / 450 / (91 / 365.2425))
    assert (found.trades.bought, found.managed, found.changed) == (300, (), ())


@pytest.mark.parametrize(
    ("first", "whole", "mean"),
    [
        (date(2026, 3, 31), True, 500),
        (date(2026, 4, 1), False, 500),
        (date(2026, 5, 4), False, 600),
    ],
)
def test_a_year_s_rate_is_of_accounts_that_were_there_before_the_quarter(
    first: date, mean: int, *, whole: bool
) -> None:
    """An account that begins in the quarter costs what its own sessions did."""
    sessions = (date(2026, 4, 1), date(2026, 5, 4), date(2026, 6, 30))
    own = sorted({first, *(day for day in sessions if day >= first)})
    cash = {date(2026, 4, 1): 300, date(2026, 5, 4): 500, date(2026, 6, 30): 700}
    home = account(cash=[cash.get(day, 0) for day in own], days=own)
    found = letter(home, sessions=sessions, codes={})
    assert found.costs.mean_value == mean
    assert [each.value for each in found.holdings] == [700]  # of the last of three sessions
    assert isnan(found.costs.trading_rate) is not whole
    assert isnan(found.trades.turnover_rate) is not whole
