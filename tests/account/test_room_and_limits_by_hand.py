"""What may still be paid in, and what one account may not hold: worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jeoul.account.restriction import (
    UNRESTRICTED,
    Moved,
    Restriction,
    weights_capped,
    weights_within,
    words_of,
)
from jeoul.account.rooms import (
    PaidFacts,
    Room,
    refuse_beyond,
    refuse_deposits,
    room_in,
    with_booked,
)
from jeoul.account.tax_rules import rate_abroad, tax_rules
from jeoul.errors import UsageError
from jeoul.korea.tables import load_rules
from jeoul.model.instrument import AccountKind
from jeoul.strategy.universe import load_universe

BOOK = load_rules(2026)
ISA, PENSION = AccountKind.ISA, AccountKind.PENSION_SAVINGS
M = 1_000_000


@pytest.mark.parametrize(
    ("kind", "year", "opened", "paid", "left", "sure"),
    [
        (PENSION, 2026, None, {}, 18 * M, False),
        (PENSION, 2026, None, {2025: 9 * M}, 18 * M, True),
        (PENSION, 2026, None, {2026: 17 * M}, M, True),
        (PENSION, 2026, None, {2026: 18 * M}, 0, True),
        (PENSION, 2026, None, {2026: 19 * M}, 0, True),
        (AccountKind.IRP, 2026, None, {2026: 1}, 18 * M - 1, True),
        (ISA, 2026, None, {2024: 40 * M, 2026: M}, 59 * M, False),
        (ISA, 2026, None, {2024: 101 * M}, 0, False),
        (ISA, 2026, date(2026, 12, 31), {}, 20 * M, True),
        (ISA, 2026, date(2025, 1, 1), {2026: M, 2027: 5 * M}, 39 * M, True),
        (ISA, 2030, date(2026, 1, 2), {2029: M}, 99 * M, True),
        (ISA, 2024, date(2024, 1, 2), {}, 20 * M, True),
    ],
)
def test_the_room_of_a_year_is_what_the_law_leaves(
    kind: AccountKind, year: int, opened: date | None, paid: Any, left: int, sure: bool
) -> None:
    found = room_in(BOOK, kind, year, PaidFacts(opened=opened, paid=paid))
    assert found == Room(kind=kind, year=year, left=left, sure=sure)


def test_nothing_is_paid_into_an_account_before_it_is_opened() -> None:
    with pytest.raises(UsageError, match="correct opened"):
        room_in(BOOK, ISA, 2026, PaidFacts(opened=date(2027, 1, 1)))


@pytest.mark.parametrize(
    ("opened", "booked", "paid"),
    [
        (None, {2025: 2, 2026: 1}, {2025: 7, 2026: 1}),
        (date(2026, 3, 1), {2025: 2, 2026: 1}, {2025: 5, 2026: 1}),
        (date(2025, 3, 1), {2024: 9, 2025: 2}, {2025: 7}),
        (None, {0: 3}, {2025: 5, 0: 3}),
    ],
)
def test_what_the_books_saw_counts_beside_what_was_said(
    opened: date | None, booked: Any, paid: Any
) -> None:
    assert with_booked(PaidFacts(opened=opened, paid={2025: 5}), booked).paid == paid


def test_a_payment_may_fill_the_room_to_the_won() -> None:
    room = Room(kind=ISA, year=2026, left=10, sure=True)
    refuse_beyond(room, 10)
    refuse_beyond(None, 11)
    with pytest.raises(UsageError, match=r"11 is more than .* takes in 2026, 10; pay the rest"):
        refuse_beyond(room, 11)


@pytest.mark.parametrize(
    ("deposits", "facts", "opened"),
    [
        ({}, PaidFacts(), None),
        ({date(2025, 5, 2): 0}, PaidFacts(), None),
        ({date(2025, 5, 2): -5}, PaidFacts(), None),
        ({date(2025, 5, 2): 0, date(2025, 6, 2): 1}, PaidFacts(), date(2025, 6, 2)),
        ({date(2025, 6, 2): 1, date(2024, 6, 3): 1}, PaidFacts(), date(2024, 6, 3)),
        ({date(2025, 6, 2): 1}, PaidFacts(opened=date(2023, 1, 2)), date(2023, 1, 2)),
        # what went out makes no room
        ({date(2025, 5, 2): 20 * M, date(2025, 6, 2): -5 * M}, PaidFacts(), date(2025, 5, 2)),
    ],
)
def test_an_account_is_opened_with_its_first_payment(
    deposits: Any, facts: PaidFacts, opened: date | None
) -> None:
    assert refuse_deposits(BOOK, ISA, deposits, facts) == opened


@pytest.mark.parametrize(
    ("kind", "deposits", "facts"),
    [
        (ISA, {date(2025, 5, 2): 20 * M + 1}, PaidFacts()),
        (ISA, {date(2025, 5, 2): 20 * M, date(2025, 6, 2): 1}, PaidFacts()),
        (ISA, {date(2025, 5, 2): 20 * M + 1, date(2025, 6, 2): -5 * M}, PaidFacts()),
        (ISA, {date(2026, 1, 2): 40 * M, date(2025, 5, 2): 1}, PaidFacts()),
        (ISA, {date(2025, 5, 2): 1}, PaidFacts(opened=date(2025, 1, 2), paid={2025: 20 * M})),
        (PENSION, {date(2025, 5, 2): 18 * M + 1}, PaidFacts()),
    ],
)
def test_payments_beyond_the_room_of_their_year_are_refused(
    kind: AccountKind, deposits: Any, facts: PaidFacts
) -> None:
    with pytest.raises(UsageError, match="pay the rest into another account, or next year"):
        refuse_deposits(BOOK, kind, deposits, facts)


def test_an_account_without_a_limit_takes_anything() -> None:
    many = {date(2025, 5, 2): 10**12}
    assert refuse_deposits(BOOK, AccountKind.GENERAL, many, PaidFacts()) is None


def test_a_fund_of_american_shares_pays_the_rate_of_the_treaty_inside() -> None:
    funds = load_universe("krx-core").instruments
    abroad = {code: rate_abroad(BOOK, fund) for code, fund in funds.items()}
    assert {rate for rate in abroad.values() if rate} == {Decimal("0.15")}
    assert all(bool(abroad[c]) == (f.asset_class == "equity_us") for c, f in funds.items())
    rules = tax_rules(BOOK, funds, "general")
    assert rules.foreign == {code: rate for code, rate in abroad.items() if rate}
    assert tax_rules(BOOK, load_universe("us-core").instruments, "general").foreign == {}


def restricted(weights: Any, excluded: Any = (), **caps: str) -> Any:
    limits = {code: Decimal(share) for code, share in caps.items()}
    classes = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
    found, moved = weights_within(weights, classes, Restriction(frozenset(excluded), limits))
    return {code: round(weight, 12) for code, weight in found.items()}, moved


@pytest.mark.parametrize(
    ("weights", "excluded", "caps", "found", "moved"),
    [
        ({"a": 0.2, "b": 0.3}, "a", {}, {"a": 0.0, "b": 0.5}, [("a", 0.2, False)]),
        ({"a": 0.2, "b": 0.3}, "z", {}, {"a": 0.2, "b": 0.3}, []),
        ({"a": 0.0, "b": 0.3}, "a", {}, {"a": 0.0, "b": 0.3}, []),
        ({"a": 0.2}, "", {"a": "0.2"}, {"a": 0.2}, []),
        # alone in its class, and not taken by the other class: cash
        ({"a": 0.2, "d": 0.3}, "a", {}, {"a": 0.0, "d": 0.3, "CASH": 0.2}, [("a", 0.2, True)]),
        (
            {"a": 0.2, "d": 0.3, "CASH": 0.5}, "", {"a": "0.05"},
            {"a": 0.05, "d": 0.3, "CASH": 0.65}, [("a", 0.15, True)],
        ),
        # a member without weight takes nothing
        ({"a": 0.2, "b": 0.0}, "a", {}, {"a": 0.0, "b": 0.0, "CASH": 0.2}, [("a", 0.2, True)]),
        # in proportion to their weights, each up to its own cap
        ({"a": 0.4, "b": 0.2, "c": 0.4}, "a", {}, {"a": 0.0, "b": 1 / 3, "c": 2 / 3},
         [("a", 0.4, False)]),
        ({"a": 0.4, "b": 0.2, "c": 0.4}, "a", {"b": "0.25"}, {"a": 0.0, "b": 0.25, "c": 0.75},
         [("a", 0.4, False)]),
        ({"a": 0.3, "b": 0.2, "c": 0.4}, "a", {"b": "0.3"}, {"a": 0.0, "b": 0.3, "c": 0.6},
         [("a", 0.3, False)]),
        ({"a": 0.3, "b": 0.2, "c": 0.4}, "a", {"b": "0.35"}, {"a": 0.0, "b": 0.3, "c": 0.6},
         [("a", 0.3, False)]),
        ({"a": 0.3, "b": 0.2, "c": 0.4}, "a", {"b": "0.25", "c": "0.9"},
         {"a": 0.0, "b": 0.25, "c": 0.65}, [("a", 0.3, False)]),
        ({"a": 0.4, "b": 0.2, "c": 0.4}, "a", {"b": "0.25", "c": "0.5"},
         {"a": 0.0, "b": 0.25, "c": 0.5, "CASH": 0.25}, [("a", 0.4, True)]),
        ({"a": 0.4, "b": 0.15, "c": 0.45}, "", {"a": "0.1", "b": "0.2"},
         {"a": 0.1, "b": 0.2, "c": 0.7}, [("a", 0.3, False)]),
        # each class by itself
        ({"a": 0.1, "b": 0.4, "d": 0.2, "e": 0.3}, "ad", {},
         {"a": 0.0, "b": 0.5, "d": 0.0, "e": 0.5}, [("a", 0.1, False), ("d", 0.2, False)]),
        ({"a": 0.3, "b": 0.3, "c": 0.4}, "ab", {}, {"a": 0.0, "b": 0.0, "c": 1.0},
         [("a", 0.3, False), ("b", 0.3, False)]),
    ],
)  # fmt: skip
def test_what_a_fund_may_not_have_goes_to_its_class_and_then_to_cash(
    weights: Any, excluded: str, caps: Any, found: Any, moved: Any
) -> None:
    weights_now, gone = restricted(weights, excluded, **caps)
    assert weights_now == pytest.approx(found, abs=1e-11)
    assert [(m.ticker, round(m.weight, 12), m.to_cash) for m in gone] == moved


def test_weights_that_keep_a_restriction_are_the_same_object() -> None:
    weights = {"a": 0.4, "CASH": 0.6}
    limits = Restriction(frozenset({"b"}), {"a": Decimal("0.4")})
    assert weights_within(weights, {"a": "x"}, limits)[0] is weights
    assert weights_within(weights, {"a": "x"}, UNRESTRICTED) == (weights, ())
    assert weights == {"a": 0.4, "CASH": 0.6}


def test_the_classes_are_gone_through_in_order() -> None:
    codes = [f"{number}" for number in range(9)]
    classes = {code: f"class {9 - int(code)}" for code in codes}
    _, moved = weights_within(dict.fromkeys(codes, 1 / 9), classes, Restriction(frozenset(codes)))
    assert [each.ticker for each in moved] == codes[::-1]
    assert moved[0] == Moved("8", 1 / 9, True)


def test_a_restriction_says_what_it_is() -> None:
    both = Restriction(frozenset({"b", "a"}), {"d": Decimal("0.1"), "c": Decimal("0.2")})
    assert both.document() == {"excluded": ["a", "b"], "caps": {"c": "0.2", "d": "0.1"}}
    assert list(both.document()["caps"]) == ["c", "d"]
    assert [both.most(code) for code in "ace"] == [Decimal(0), Decimal("0.2"), None]
    assert not Restriction()
    assert Restriction(frozenset({"a"}))
    assert Restriction(caps={"a": Decimal(0)})
    assert words_of(" a;b| c,,") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("weights", "cap", "found"),
    [
        ({"a": 0.5, "b": 0.25, "CASH": 0.25}, 0.75, {"a": 0.5, "b": 0.25, "CASH": 0.25}),
        ({"a": 0.4, "b": 0.2, "CASH": 0.4}, 0.3, {"a": 0.2, "b": 0.1, "CASH": 0.7}),
        ({"a": 0.8, "c": 0.05, "CASH": 0.15}, 0.4, {"a": 0.4, "c": 0.15, "CASH": 0.45}),
        ({"a": 0.6, "b": 0.4}, 0.7, {"a": 0.42, "b": 0.28, "CASH": 0.3}),
        ({"a": 1.0, "CASH": 0.0}, 0.7, {"a": 0.7, "CASH": 0.3}),
        ({"a": 1.0, "c": 0.0}, 0.25, {"a": 0.25, "c": 0.0, "CASH": 0.75}),
    ],
)
def test_risk_comes_down_to_its_cap_in_proportion(weights: Any, cap: float, found: Any) -> None:
    capped = weights_capped(weights, frozenset("ab"), cap)
    assert capped == pytest.approx(found)
    assert sum(capped.values()) == pytest.approx(1.0)
    assert (capped is weights) == (found == weights)
