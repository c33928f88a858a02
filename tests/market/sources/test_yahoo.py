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

from jeoul.market.raw.answer import SPLIT_ADJUSTED, Payment, SeriesRequest
from jeoul.market.sources.errors import (
    BadRows,
    EmptyAnswer,
    NetworkRefused,
    RateLimited,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import SourcePlace
from jeoul.market.sources.yahoo import _payments, _read

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


def paid(split: float = 0.0, day: str = "2024-06-27", **dividends: Any) -> Any:
    """Return the result of a chart answer in Yahoo's form with a split and dividends."""
    stamp = int(pd.Timestamp(f"{day} 09:00", tz="Asia/Seoul").timestamp())
    events: dict[str, Any] = {}
    if split:
        entry = {"date": stamp, "numerator": split, "denominator": 1.0, "splitRatio": "?"}
        events["splits"] = {str(stamp): entry}
    if dividends:
        events["dividends"] = {str(stamp): {"date": stamp, **dividends}}
    meta = {"exchangeTimezoneName": "Asia/Seoul"}
    return {"meta": meta, "events": events}


@pytest.mark.parametrize(("new", "old"), [(1, 3), (2, 3), (10, 1), (1281, 1000), (1, 7)])
def test_the_two_numbers_of_a_split_are_found_again(new: int, old: int) -> None:
    assert _payments("X", paid(new / old)) == (Payment(date(2024, 6, 27), 0.0, Fraction(new, old)),)


def test_a_split_that_no_small_numbers_make_is_refused() -> None:
    with pytest.raises(BadRows, match=r"the split of 2024-06-27: .* not a ratio"):
        _payments("X", paid(0.33312345671))


@pytest.mark.parametrize("result", [None, {}, paid(amount=[1])])
def test_payments_of_another_shape_are_that_symbols_fault(result: Any) -> None:
    with pytest.raises(VendorBroken, match="payments of an unknown shape"):
        _payments("X", result)


def test_a_distribution_on_a_holiday_keeps_its_own_day(ask: Any) -> None:
    """1 May 2024 had no session at the KRX; yfinance would pay it on 30 April."""
    answer = ask("HOLIDAY.KS")["HOLIDAY.KS"].answer
    assert [p.day for p in answer.payments] == [date(2024, 4, 29), date(2024, 5, 1)]


def test_a_close_of_zero_is_missing(ask: Any) -> None:
    *_, last = ask("ZERO.KS")["ZERO.KS"].answer.rows
    assert last.close is None


def test_an_odd_symbol_is_its_own_problem_alone(ask: Any) -> None:
    found = ask("NOCURRENCY.KS", "GOOD.KS")
    assert isinstance(found["NOCURRENCY.KS"].answer, VendorBroken)
    assert len(found["GOOD.KS"].answer.rows) > 50


DAYS = pd.DatetimeIndex(["2024-06-26", "2024-06-27"], tz="Asia/Seoul")
FRAME = pd.DataFrame({"Close": [1.0, 2.0], "Volume": [3, 4]}, index=DAYS)
SAID = {"chart": {"result": [{"meta": {"currency": "KRW", "exchangeTimezoneName": "Asia/Seoul"}}]}}
ODD = {
    "without Close": (FRAME.drop(columns="Close"), SAID),
    "without Volume": (FRAME.drop(columns="Volume"), SAID),
    "a row without a day": (FRAME.set_axis(pd.DatetimeIndex([DAYS[0], pd.NaT])), SAID),
    "does not say its currency": (FRAME, {"chart": {"result": [{}]}}),
    "of an unknown shape": (FRAME.astype({"Close": str}), SAID),
}


@pytest.mark.parametrize("said", ODD)
def test_a_frame_that_is_odd_has_a_typed_error(said: str) -> None:
    assert len(_read("X", FRAME, SAID).rows) == 2
    with pytest.raises(VendorBroken, match=said):
        _read("X", *ODD[said])


def test_a_bar_without_a_close_comes_as_one_without_a_close(ask: Any) -> None:
    *earlier, last = ask("NAN.KS")["NAN.KS"].answer.rows
    assert last.day == date(2024, 6, 28)
    assert last.close is None
    assert all(row.close is not None for row in earlier)


@pytest.mark.parametrize(
    "symbol", ["../../v1/account", "A?x=1", "A/B", "", "A" * 30, "@evil.example"]
)
def test_what_is_no_symbol_is_never_asked(tmp_path: Path, vendor: Any, symbol: str) -> None:
    source = protocol.yahoo(SourcePlace(tmp_path, tmp_path, timeout=2.0), vendor.port)
    asked = len(vendor.asked)
    with pytest.raises(UnknownSymbol, match="is not a symbol of yahoo"):
        source.fetch(SeriesRequest(symbol, date(2024, 1, 2), date(2024, 6, 28)))
    assert len(vendor.asked) == asked


def test_no_connection_is_no_delisting(tmp_path: Path) -> None:
    nobody = protocol.yahoo(SourcePlace(tmp_path, tmp_path, timeout=2.0), 9)
    with pytest.raises(NetworkRefused, match="no connection"):
        nobody.fetch(SeriesRequest("GOOD.KS", date(2024, 1, 2), date(2024, 6, 28)))
