"""Twelve faults of a vendor: each ends in its own type, in time; a healthy answer comes whole."""

from __future__ import annotations

import time
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import vendor as protocol

from jeoul.market.raw.answer import SPLIT_ADJUSTED, Payment, Request
from jeoul.market.sources.errors import (
    BadRows,
    EmptyAnswer,
    NetworkRefused,
    RateLimited,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import Place
from jeoul.market.sources.yahoo import _payments

FAULTS = {
    "E404.KS": UnknownSymbol,
    "E429.KS": RateLimited,
    "E500.KS": VendorBroken,
    "EJSON500.KS": VendorBroken,  # yfinance: "possibly delisted; no timezone found"
    "HTML.KS": VendorBroken,
    "CUT.KS": VendorBroken,
    "RESET.KS": NetworkRefused,
    "STALL.KS": Stalled,
    "DRIP.KS": Stalled,  # no single read times out: only the deadline ends it
    "EMPTY.KS": EmptyAnswer,
}
DEADLINE = 4.0


def test_every_fault_is_told_apart_within_its_deadline(ask: Any) -> None:
    started = time.monotonic()
    found = ask(*FAULTS, "GOOD.KS", deadline=DEADLINE, at_once=6)
    taken = time.monotonic() - started
    assert {symbol: type(done.answer) for symbol, done in found.items() if symbol in FAULTS} == (
        FAULTS
    )
    assert len(found["GOOD.KS"].answer.rows) > 50
    assert taken < 2 * DEADLINE + 10  # two rounds of six, and starting a process


def test_a_healthy_answer_has_closes_dividends_currency_and_title(ask: Any) -> None:
    answer = ask("GOOD.KS")["GOOD.KS"].answer
    assert answer.basis == SPLIT_ADJUSTED
    assert answer.currency == "KRW"
    assert answer.title == "A Fund"
    assert answer.payments == (Payment(date(2024, 4, 29), 50.0, Fraction(1)),)
    days = [row.day for row in answer.rows]
    assert days == [moment.date() for moment in protocol.sessions()]
    assert [row.close for row in answer.rows] == protocol.prices(len(days))
    assert answer.rows[0].volume == 100_000


@pytest.mark.parametrize(("new", "old"), [(1, 3), (2, 3), (10, 1), (1281, 1000), (1, 7)])
def test_the_two_numbers_of_a_split_are_found_again(new: int, old: int) -> None:
    frame = pd.DataFrame(
        {"Dividends": [0.0], "Stock Splits": [new / old]}, index=[pd.Timestamp("2024-06-27")]
    )
    assert list(_payments("X", frame)) == [Payment(date(2024, 6, 27), 0.0, Fraction(new, old))]


def test_a_split_that_no_small_numbers_make_is_refused() -> None:
    frame = pd.DataFrame(
        {"Dividends": [0.0], "Stock Splits": [0.33312345671]}, index=[pd.Timestamp("2024-06-27")]
    )
    with pytest.raises(BadRows, match=r"the split of 2024-06-27: .* not a ratio"):
        list(_payments("X", frame))


def test_a_bar_without_a_close_comes_as_one_without_a_close(ask: Any) -> None:
    *earlier, last = ask("NAN.KS")["NAN.KS"].answer.rows
    assert last.day == date(2024, 6, 28)
    assert last.close is None
    assert all(row.close is not None for row in earlier)


@pytest.mark.parametrize(
    "symbol", ["../../v1/account", "A?x=1", "A/B", "", "A" * 30, "@evil.example"]
)
def test_what_is_no_symbol_is_never_asked(tmp_path: Path, vendor: Any, symbol: str) -> None:
    source = protocol.yahoo(Place(tmp_path, tmp_path, timeout=2.0), vendor.port)
    asked = len(vendor.asked)
    with pytest.raises(UnknownSymbol, match="is not a symbol of Yahoo"):
        source.fetch(Request(symbol, date(2024, 1, 2), date(2024, 6, 28)))
    assert len(vendor.asked) == asked


def test_no_connection_is_no_delisting(tmp_path: Path) -> None:
    nobody = protocol.yahoo(Place(tmp_path, tmp_path, timeout=2.0), 9)
    with pytest.raises(NetworkRefused, match="no connection"):
        nobody.fetch(Request("GOOD.KS", date(2024, 1, 2), date(2024, 6, 28)))
