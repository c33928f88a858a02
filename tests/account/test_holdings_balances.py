"""From the amounts in a file of holdings to cash of today, money on its way and foreign money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.account.holding_tables import body, table, told

from jeoul import api
from jeoul.account.holdings import Days
from jeoul.account.holdings.balances import Balances, balances
from jeoul.account.holdings.labels import Money, money_label
from jeoul.account.holdings.money import MoneyEntry, MoneyRows, chosen, column_money

THURSDAY, FRIDAY, MONDAY = date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)
DAYS = Days(api.calendars()["XKRX"], THURSDAY)
MOST = 10**17


def entries(amounts: Mapping[str, str | int], currency: str = "KRW") -> list[MoneyEntry]:
    """Return the entries of labels with an amount each, one to a line."""
    found = []
    for line, (label, amount) in enumerate(amounts.items(), start=1):
        money = money_label(label, currency)
        assert money is not None
        found.append(MoneyEntry(money, label, Decimal(amount), line))
    return found


def come_to(
    amounts: Mapping[str, str | int],
    currency: str = "KRW",
    days: Days = DAYS,
    as_of: date | None = None,
) -> Balances:
    return balances(entries(amounts, currency), currency, days, as_of)


def notes(found: Balances) -> list[tuple[str, dict[str, Any]]]:
    return [(note.kind.removeprefix("holdings."), dict(note.detail)) for note in found.notes]


@pytest.mark.parametrize(
    ("amounts", "cash", "incoming"),
    [
        ({"예수금": 5}, 5, {}),
        ({"예수금": -5}, -5, {}),
        ({"예수금": 0}, 0, {}),
        ({"예수금": 5, "D+1": 9}, 5, {FRIDAY: 4}),
        ({"예수금": 5, "D+1": 3}, 5, {FRIDAY: -2}),
        ({"예수금": 5, "D+2": 9}, 5, {MONDAY: 4}),
        ({"D+2": 9, "예수금": 5, "D+1": 6}, 5, {FRIDAY: 1, MONDAY: 3}),
        ({"예수금": 5, "D+1": 5, "D+2": 9}, 5, {MONDAY: 4}),
        ({"D+1": 9, "예수금": 5}, 5, {FRIDAY: 4}),
        ({"D+2": 9}, 9, {}),
        ({"D+1": 4, "D+2": 9}, 4, {MONDAY: 5}),
        ({"주문가능금액": 7}, 7, {}),
        ({"주문가능금액": 7, "예수금": 5}, 5, {}),
        ({"예수금": 5, "CASH@2026-03-06": 2}, 5, {FRIDAY: 2}),
        ({"예수금": 5, "D+1": 9, "CASH@2026-03-06": 2}, 5, {FRIDAY: 6}),
        ({"CASH@2026-03-06": 2}, None, {FRIDAY: 2}),
        ({"예수금": 5, "예수금(USD)": 3}, 5, {}),
        ({}, None, {}),
    ],
)
def test_the_earliest_balance_is_the_cash_and_what_is_beyond_it_arrives(
    amounts: dict[str, str | int], cash: int | None, incoming: dict[date, int]
) -> None:
    found = come_to(amounts)
    assert (found.cash, found.incoming, found.wrongs) == (cash, incoming, ())
    assert isinstance(found.cash, int | None)
    assert all(type(won) is int for won in found.incoming.values())


def test_dollars_are_counted_in_cents() -> None:
    found = come_to({"예수금": "10.25", "D+1": "11.5"}, "USD")
    assert (found.cash, found.incoming) == (1025, {FRIDAY: 125})


def test_coming_days_are_counted_from_the_day_of_the_file_or_else_from_today() -> None:
    amounts = {"예수금": 5, "D+1": 9}
    assert come_to(amounts, as_of=FRIDAY).incoming == {MONDAY: 4}
    assert come_to(amounts, days=DAYS._replace(today=None), as_of=FRIDAY).incoming == {MONDAY: 4}
    assert come_to(amounts).incoming == {FRIDAY: 4}
    for unknown in (DAYS._replace(calendar=None), DAYS._replace(today=None), Days()):
        found = come_to(amounts, days=unknown)
        assert told(list(found.wrongs)) == [
            (2, "D+1", "the day from which D+1 is counted is not known")
        ]
    beyond = come_to(amounts, as_of=date(2099, 1, 1))
    assert [(wrong.line, wrong.key) for wrong in beyond.wrongs] == [(2, "D+1")]


def test_what_is_said_of_the_cash() -> None:
    row = {"amount": "5", "label": "예수금", "line": "1"}
    assert notes(come_to({"예수금": 5})) == [("cash_row", row)]
    assert notes(come_to({"예수금": 0})) == [("cash_row", row | {"amount": "0"})]
    assert notes(come_to({"예수금": -1})) == [
        ("cash_row", row | {"amount": "-1"}),
        ("overdrawn", {"amount": "-1"}),
    ]
    assert notes(come_to({"D+2": 5}))[1:] == [("cash_traded", {"label": "D+2"})]
    assert notes(come_to({"D+0": 5}))[1:] == []
    able = {"label": "주문가능금액"}
    assert notes(come_to({"주문가능금액": 5}))[1:] == [("orderable", able)]
    assert notes(come_to({"예수금": 5, "주문가능금액": 5}))[1:] == [("orderable_aside", able)]
    assert notes(come_to({})) == [("no_cash", {})]


def test_foreign_money_is_that_of_today_or_else_what_may_be_ordered_with_it() -> None:
    able = ("orderable_foreign", {"label": "USD 주문가능금액"})
    aside = ("orderable_aside", {"label": "USD 주문가능금액"})
    found = come_to({"D+2 예수금(USD)": 30, "예수금(USD)": "10.50", "예수금(EUR)": 7})
    assert found.foreign == {"USD": "10.5", "EUR": "7"}
    found = come_to({"예수금(USD)": 10, "D+2 예수금(USD)": 30, "USD 주문가능금액": 9})
    assert (found.foreign, notes(found)[0]) == ({"USD": "10"}, aside)
    found = come_to({"예수금(EUR)": 7, "USD 주문가능금액": 9})
    assert (found.foreign, notes(found)[0]) == ({"EUR": "7", "USD": "9"}, able)


@pytest.mark.parametrize(
    ("amounts", "wrongs"),
    [
        ({"예수금": 5, "현금": 5},
         [(2, "현금", "is a second row of cash, after 예수금 in line 1")]),
        ({"예수금": 5, "D+0": 5}, [(2, "D+0", "is a second row of cash, after 예수금 in line 1")]),
        ({"D+1": 5, "D+1 예수금": 5},
         [(2, "D+1 예수금", "is a second row of cash, after D+1 in line 1")]),
        ({"예수금(USD)": 5, "USD": 5}, [(2, "USD", "appears twice, after 예수금(USD) in line 1")]),
        ({"예수금": 5, "현금": 5, "Cash": 5},
         [(2, "현금", "is a second row of cash, after 예수금 in line 1"),
          (3, "Cash", "is a second row of cash, after 예수금 in line 1")]),
        ({"예수금": "0.5"}, [(1, "예수금", "0.5 is finer than the smallest unit of KRW")]),
        ({"예수금": 5, "예수금(USD)": "0.001"}, []),
    ],
)  # fmt: skip
def test_each_balance_is_stated_once_and_in_whole_units(
    amounts: dict[str, str], wrongs: list[tuple[int, str, str]]
) -> None:
    found = come_to(amounts)
    assert told(list(found.wrongs)) == wrongs
    assert (found.cash is None) is bool(wrongs)


def test_a_hundredth_of_a_cent_is_too_fine() -> None:
    assert come_to({"예수금": "0.01"}, "USD").cash == 1
    assert come_to({"예수금": "0.001"}, "USD").cash is None


@pytest.mark.parametrize(
    ("named", "amounts", "counts"),
    [
        (None, {"예수금": 5, "현금": 6}, {"예수금": (None, 5), "현금": (None, 6)}),
        ("없는 행", {"예수금": 5, "현금": 6}, {"예수금": (None, 5), "현금": (None, 6)}),
        ("예수금", {"예수금": 5, "현금": 6}, {"예수금": (0, 5)}),
        ("예수금", {"예수금": 5, "D+0": 6}, {"예수금": (0, 5)}),
        ("예수금", {"예수금": 5, "D+1": 6, "D+2": 7},
         {"예수금": (0, 5), "D+1": (1, 6), "D+2": (2, 7)}),
        ("d+1", {"예수금": 5, "D+1": 6, "D+2": 7}, {"D+1": (1, 6), "D+2": (2, 7)}),
        ("D+2", {"예수금": 5, "D+1": 6, "D+2": 7}, {"D+2": (2, 7)}),
        ("주문 가능 금액", {"예수금": 5, "주문가능금액": 6}, {"주문가능금액": (0, 6)}),
        ("예수금", {"예수금": 5, "주문가능금액": 6}, {"예수금": (0, 5)}),
        ("예수금", {"예수금": 5, "예수금(USD)": 6, "USD 주문가능금액": 7, "CASH@2026-03-06": 8},
         {"예수금": (0, 5), "예수금(USD)": (None, 6), "USD 주문가능금액": (None, 7),
          "CASH@2026-03-06": (None, 8)}),
        ("예수금(USD)", {"예수금": 5, "예수금(USD)": 6},
         {"예수금": (0, 5), "예수금(USD)": (None, 6)}),
    ],
)  # fmt: skip
def test_the_row_that_a_person_names_is_the_cash_and_what_settles_later_is_kept(
    named: str | None, amounts: dict[str, str | int], counts: dict[str, tuple[int | None, int]]
) -> None:
    found = {e.label: (e.money.day, int(e.amount)) for e in chosen(entries(amounts), named)}
    assert found == counts
    if named in amounts and named != "예수금(USD)":
        (cash,) = (e for e in chosen(entries(amounts), named) if e.label == named)
        assert cash.money.kind == "cash"


def added(text: str, label: str = "예수금") -> tuple[list[tuple[str | None, int]], list[str]]:
    """Return what an amount comes to: its currency and value, and what is wrong with it."""
    found, money = MoneyRows("KRW"), money_label(label, "KRW")
    assert money is not None
    found.add(money, label, text, 3)
    assert all((wrong.line, wrong.key) == (3, label) for wrong in found.wrongs)
    taken = [(e.money.currency, int(e.amount)) for e in found.entries]
    return taken, [wrong.message for wrong in found.wrongs]


@pytest.mark.parametrize(
    ("label", "text", "currency", "amount"),
    [
        ("예수금", "5", None, 5),
        ("예수금", "0", None, 0),
        ("예수금", "5원", None, 5),
        ("예수금", str(MOST - 1), None, MOST - 1),
        ("예수금", str(1 - MOST), None, 1 - MOST),
        ("예수금(USD)", "5", "USD", 5),
        ("예수금(USD)", "0", "USD", 0),
        ("예수금(USD)", "$5", "USD", 5),
        ("외화예수금", "$5", "USD", 5),
    ],
)
def test_an_amount_of_money_is_taken_in(
    label: str, text: str, currency: str | None, amount: int
) -> None:
    assert added(text, label) == ([(currency, amount)], [])


@pytest.mark.parametrize(
    ("label", "text", "says"),
    [
        ("예수금", "abc", "'abc' is not an amount of money"),
        ("예수금", str(MOST), f"'{MOST}' is not an amount of money"),
        ("예수금", str(-MOST), f"'{-MOST}' is not an amount of money"),
        ("예수금", "$5", "'$5' is written in USD, but is read in KRW"),
        ("예수금(USD)", "5원", "'5원' is written in KRW, but is read in USD"),
        ("외화예수금", "5", "is foreign money without its currency"),
        ("외화예수금", "1", "is foreign money without its currency"),
        ("외화예수금", "5원", "is foreign money without its currency"),
        ("예수금(천원)", "5", "gives its amount in thousands or in another large unit"),
    ],
)
def test_an_amount_whose_unit_is_unclear_is_refused(label: str, text: str, says: str) -> None:
    assert added(text, label) == ([], [says])


def test_no_foreign_money_needs_no_currency() -> None:
    assert added("0", "외화예수금") == ([], [])


CURRENCY = "종목코드,통화,보유수량\n"
VALUE = "종목코드,보유수량,평가금액\n"


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        (f"{CURRENCY}예수금,KRW,5\n", None, 5),
        (f"{CURRENCY}예수금,USD,5\n", "USD", 5),
        (f"{CURRENCY}예수금(USD),USD,5\n", "USD", 5),
        (f"{CURRENCY}예수금(USD),-,5\n", "USD", 5),
        (f"{CURRENCY}외화예수금,USD,5\n", "USD", 5),
        (f"{VALUE}예수금,5,\n", None, 5),
        (f"{VALUE}예수금,5,5\n", None, 5),
        (f"{VALUE}예수금,,5\n", None, 5),
        (f"{VALUE}예수금,-,0\n", None, 0),
        (f"{VALUE}예수금,,5,0\n", None, 5),  # a profit of nothing
        (f"{VALUE}예수금,,,5\n", None, 5),  # beyond the columns
        ("종목코드,보유수량,평가금액(KRW)\n예수금,,5\n", None, 5),
        ("종목코드,보유수량,평가금액(USD)\n예수금(USD),,5\n", "USD", 5),
    ],
)
def test_the_amount_of_a_row_of_money(text: str, currency: str | None, amount: int) -> None:
    found = body(text)
    assert found.wrongs == []
    assert [(of, value) for _, _, of, value in found.amounts] == [(currency, amount)]
    assert found.money.entries[0].line == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{CURRENCY}예수금,기타,5\n", "its currency is given as '기타'"),
        (f"{CURRENCY}예수금(USD),기타,5\n", "its currency is given as '기타'"),
        (f"{CURRENCY}예수금(USD),KRW,5\n", "its currency is given as 'KRW'"),
        (f"{CURRENCY}원화예수금,USD,5\n", "its currency is given as 'USD'"),
        (f"{CURRENCY}외화예수금,KRW,5\n", "its currency is given as 'KRW'"),
        (f"{VALUE}예수금,5,6\n", "does not say one amount of money"),
        (f"{VALUE}예수금,,5,6\n", "does not say one amount of money"),
        (f"{VALUE}예수금,,\n", "does not say one amount of money"),
        (
            "종목코드,보유수량,평가금액(천원)\n예수금,,5\n",
            "in the column 평가금액(천원), which is in",
        ),
        (
            "종목코드,보유수량,평가금액(USD)\n예수금,,5\n",
            "in the column 평가금액(USD), which is in",
        ),
    ],
)
def test_a_row_of_money_that_can_be_read_in_two_ways_is_refused(text: str, says: str) -> None:
    found = body(text)
    ((line, key, message),) = found.wrongs
    assert (line, found.amounts) == (2, [])
    assert f"\n{key}," in text
    assert says in message


def columns(text: str) -> MoneyRows:
    """Return the money in columns of a table, whose heading is that of money."""
    found, read = MoneyRows("KRW"), table(text)
    column_money(read, read.body, found)
    return found


def test_a_column_of_money_has_one_amount() -> None:
    head = "종목코드,보유수량,예수금\n"
    found = columns(f"{head}069500,1\n069500,1,\nSPY,1,5\nSPY,1,5.0\nSPY,2\n")
    assert [(e.label, int(e.amount), e.line) for e in found.entries] == [("예수금", 5, 4)]
    assert (columns(f"{head}SPY,1,-\n").entries, columns(f"{head}SPY,1\n").wrongs) == ([], [])
    differ = columns(f"{head}SPY,1,5\nSPY,1,6\n")
    assert told(differ.wrongs) == [(1, "예수금", "does not say one amount of money")]
    neither = columns(f"{head}SPY,1,abc\nSPY,1,xyz\n")
    assert told(neither.wrongs) == [(2, "예수금", "'abc' is not an amount of money")]
    assert (differ.entries, neither.entries) == ([], [])


def test_money_below_the_header_is_on_its_own_line() -> None:
    found = body("종목코드,보유수량\nSPY,1\n\n예수금,5\n")
    assert [(e.money, e.line) for e in found.money.entries] == [(Money("cash"), 4)]
