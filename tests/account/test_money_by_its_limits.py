"""Exchanged money, limit prices and the keys of account files: each limit and both its sides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from jeoul.account.collar import Collar
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.file import AccountFile, CostSettings, FlowSettings, kind_of
from jeoul.account.money_keys import Money, NoMoney, WonAmount
from jeoul.account.room_keys import Opened, Paid, facts_of
from jeoul.errors import UsageError
from jeoul.model.amount import MOST
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import Order, Reason, Side
from jeoul.rebalance import CENT_TICKS, ETF_TICKS, Tariff, TradeRules

DAY = date(2024, 6, 28)


def bank(spread: str = "0") -> CurrencyExchange:
    """Won and dollars: 14 won a cent at the open, 13.805 after the close."""
    return CurrencyExchange(
        owner="KRW",
        account="USD",
        rates={DAY: Decimal("1380.5")},
        before={DAY: Decimal(1400)},
        spread=Decimal(spread),
    )


@pytest.mark.parametrize(
    ("verb", "spread", "amount", "found"),
    [
        ("home", "0.02", 1_000, 13_805),
        ("home", "0.02", 999, 13_791),  # 13,791.195
        ("away", "0.02", 1_400, 100),
        ("away", "0.02", 1_399, 99),
        ("bought", "0", 1_400, 100),
        ("bought", "0.02", 1_414, 100),
        ("bought", "0.02", 1_413, 99),
        ("sold", "0", 100, 1_400),
        ("sold", "0.02", 100, 1_386),
        ("sold", "0.02", 99, 1_372),  # 1,372.14
        ("cost", "0", 1_400, 100),
        ("cost", "0.02", 1_386, 100),
        ("cost", "0.02", 1_387, 101),
        ("cost", "0.02", 0, 0),
    ],
)
def test_an_exchange_pays_half_the_spread_and_never_rounds_for_the_owner(
    verb: str, spread: str, amount: int, found: int
) -> None:
    given = getattr(bank(spread), verb)(amount, DAY)
    assert (given, type(given)) == (found, int)


def test_a_spread_is_a_fraction() -> None:
    free = CurrencyExchange(owner="KRW", account="USD", rates={}, before={DAY: Decimal(1400)})
    assert free.spread == 0
    assert free.bought(1_400, DAY) == 100
    assert [bank(spread).spread for spread in ("0", "0.999")] == [Decimal(0), Decimal("0.999")]
    for refused in ("-0.001", "1", "1.5"):
        with pytest.raises(UsageError, match="fraction"):
            bank(refused)


@pytest.mark.parametrize(
    ("side", "price", "width", "worth", "limit"),
    [
        (Side.BUY, 36_415, "0.02", None, 37_140),  # 37,143 on a step of 5
        (Side.BUY, 36_415, "0.02", 36_200.4, 36_920),  # 36,924 from the value
        (Side.BUY, 36_415, "0.02", 36_200.6, 36_925),  # 36,925 from 36,201
        (Side.BUY, 36_415, "0.02", 40_000.0, 37_140),  # the close is the lower
        (Side.BUY, 36_415, "0.02", 30_000.0, 36_415),  # never below the price of the order
        (Side.BUY, 10_000, "0.50", None, 13_000),  # never beyond the limit of the day
        (Side.SELL, 36_415, "0.02", None, 35_690),  # 35,686 on a step of 5
        (Side.SELL, 36_415, "0.02", 30_000.0, 35_690),  # a discount keeps nobody in
        (Side.SELL, 10_000, "0.50", None, 7_000),
        (Side.SELL, 2_001, "0.0004", None, 2_000),
        (Side.SELL, 2_003, "0.0004", None, 2_003),  # 2,002 would be 2,005 on its step
        (Side.SELL, 3, "0.9", None, 3),
    ],
)
def test_a_limit_lies_around_the_close_and_a_buy_starts_from_a_lower_value(
    side: Side, price: int, width: str, worth: float | None, limit: int
) -> None:
    order = Order(side, "A", 1, price, Reason("x"))
    found = Collar(Decimal(width), {"A": 1.0}).limit(order, TradeRules(ticks=ETF_TICKS), worth)
    assert (found, type(found)) == (limit, int)


def test_a_fund_of_several_times_its_index_has_a_wider_day() -> None:
    wide = Collar(Decimal("0.99"), {"A": 2.0, "B": -1.0, "C": 4.0})
    rules = TradeRules(ticks=CENT_TICKS)
    limits = {
        (side, code): wide.limit(Order(side, code, 1, 100, Reason("x")), rules)
        for side in Side
        for code in "ABC"
    }
    assert [limits[Side.BUY, code] for code in "ABC"] == [160, 130, 199]
    assert [limits[Side.SELL, code] for code in "ABC"] == [40, 70, 1]
    assert Collar.of(0.0, {}) is None
    assert Collar.of(0.02, {}) == Collar(Decimal("0.02"), {})


def taken(key: Any, given: Any) -> Any:
    """Return what a key makes of a value, None where it refuses it."""
    try:
        return TypeAdapter(key).validate_python(given)
    except ValidationError:
        return None


@pytest.mark.parametrize(
    ("key", "given", "found"),
    [
        (NoMoney, 0, 0),
        (NoMoney, -1, None),
        (NoMoney, 1e6, 1_000_000),
        (NoMoney, 1.5, None),
        (NoMoney, float("nan"), None),
        (NoMoney, float("inf"), None),
        (NoMoney, Decimal(7), 7),
        (NoMoney, "100만", 1_000_000),
        (NoMoney, MOST, MOST),
        (NoMoney, MOST + 1, None),
        (NoMoney, float(MOST) * 2, None),
        (Money, 0, None),
        (Money, 1, 1),
        (Money, "0", None),
        (Money, "$5", 5),
        (WonAmount, -5, -5),
        (WonAmount, -MOST, -MOST),
        (WonAmount, -MOST - 1, None),
        (WonAmount, "5원", 5),
        (WonAmount, "$5", None),
        (Opened, 1900, date(1900, 12, 31)),
        (Opened, 1899, None),
        (Opened, 2999, date(2999, 12, 31)),
        (Opened, 3000, None),
        (Opened, True, None),
        (Opened, DAY, DAY),
        (Paid, {"2024": 5, "1999": "1만"}, {"2024": 5, "1999": 10_000}),
        (Paid, {"2124": 5}, None),
        (Paid, {"02024": 5}, None),
        (Paid, {"2024": -1}, None),
    ],
)
def test_a_key_takes_whole_money_and_days_within_their_limits(
    key: Any, given: Any, found: Any
) -> None:
    assert taken(key, given) == found


def test_an_amount_remembers_the_currency_it_was_written_in() -> None:
    assert (taken(Money, "$5").currency, taken(Money, "5").currency) == ("USD", None)
    assert type(taken(Money, 1e6)) is int


def test_what_a_file_says_of_payments_is_by_year() -> None:
    found = facts_of(DAY, {"2023": 1, "2024": 2})
    assert (found.opened, found.paid) == (DAY, {2023: 1, 2024: 2})


def file(**keys: Any) -> AccountFile:
    given = {"schema": 1, "name": "x", "cash": 1, **keys}
    return AccountFile.model_validate(given, strict=False)


def test_an_account_file_takes_each_key_up_to_its_limit() -> None:
    plain = file()
    assert (plain.parts, plain.interest, plain.proceeds, plain.paid) == (1, "none", "settled", {})
    assert [file(parts=parts).parts for parts in (1, 1_000_000)] == [1, 1_000_000]
    assert [file(interest=text).interest for text in ("none", "market", "0.03")] == [
        "none", "market", "0.03",
    ]  # fmt: skip
    for refused in (
        {"parts": 0}, {"parts": 1_000_001}, {"cash": 0}, {"interest": "high"}, {"schema": 2},
        {"schema": 0}, {"interest": "1"}, {"costs": {"fee_rate": "0.1"}},
        {"costs": {"spread": "1"}},
        {"kind": "garage"}, {"costs": {"fee_fixed": -1}}, {"exchange": {"owner": "USD"}},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            file(**refused)


def test_costs_are_charged_in_the_smallest_unit_of_the_account() -> None:
    costs = CostSettings(fee_rate="0.0999", fee_least=2, fee_fixed=3, spread="0.01")
    assert costs.tariff(100) == Tariff(Decimal("0.0999"), 200, 300, Decimal("0.01"))
    usual = CostSettings().tariff(1)
    assert usual == Tariff(Decimal("0.000140527"), 0, 0, Decimal(0))


def test_a_schedule_may_end_on_the_day_it_begins() -> None:
    day = {"amount": 5, "every": "once", "from": DAY}
    assert FlowSettings.model_validate({**day, "to": DAY}).end == DAY
    assert FlowSettings.model_validate(day).end is None
    with pytest.raises(ValidationError):
        FlowSettings.model_validate({**day, "to": date(2024, 6, 27)})


def test_a_kind_is_that_of_the_file_or_that_asked_for_and_not_two() -> None:
    general, isa = AccountKind.GENERAL, AccountKind.ISA
    assert kind_of(file(), None) is general
    assert kind_of(file(), "ISA") is isa
    assert kind_of(file(kind="isa"), None) is isa
    assert kind_of(file(kind="isa"), "isa") is isa
    with pytest.raises(UsageError, match="of kind isa, not general"):
        kind_of(file(kind="isa"), "general")
