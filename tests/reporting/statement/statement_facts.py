"""A household of two accounts, made by hand: every figure is chosen."""

from __future__ import annotations

from datetime import date, timedelta
from math import nan
from typing import Any

from jeoul.reporting.statement.facts import (
    AccountFacts,
    Assessed,
    DayValue,
    DecisionsDone,
    Drift,
    Inflation,
    Missed,
    Paying,
    Returns,
    ReturnWindow,
    SpanFigures,
    StatementFacts,
    Weight,
    YearTax,
)
from jeoul.reporting.text import Text

START, END = date(2024, 1, 2), date(2026, 6, 30)
KODEX = Text("KODEX 200", "KODEX 200")
SPY = Text("SPDR S&P 500 & <더>", "SPDR S&P 500 & <more>")
CASH = Text("예수금", "Cash")


def returns(**changed: Any) -> Returns:
    given = {
        "time_weighted": 0.0512, "total_return": 0.1324, "money_weighted": 0.0433,
        "money_return": 0.1117, "currency": 0.021, "inflation": 0.06, "days": 911,
    }  # fmt: skip
    return Returns(**{**given, **changed})


def figures(**changed: Any) -> SpanFigures:
    given: dict[str, Any] = {
        "start": START, "end": END, "opening": 0, "value": 61_234_567, "paid_in": 60_000_000,
        "taken_out": 5_000_000, "costs": 12_345, "taxes": 6_789, "distributions": 765_432,
        "interest": 0, "unexplained": 0, "currency_gain": 987_654, "returns": returns(),
    }  # fmt: skip
    return SpanFigures(**{**given, **changed})


def windows() -> tuple[ReturnWindow, ...]:
    short = returns(time_weighted=nan, money_weighted=nan, total_return=-0.0123)
    return (
        ReturnWindow("1m", date(2026, 5, 30), short),
        ReturnWindow("1y", date(2025, 6, 30), returns(inflation=None)),
        ReturnWindow("3y", date(2023, 6, 30), None),
        ReturnWindow("all", START, returns()),
    )


def general() -> AccountFacts:
    missed = Missed(date(2026, 6, 1), "BUY", "069500", KODEX, 30, 10, "closed")
    return AccountFacts(
        id="general", title=Text("일반", "Ordinary"), kind="general", currency="KRW",
        source="ledger", session=END, figures=figures(value=41_234_567, currency_gain=0),
        windows=windows(),
        drift=Drift(
            session=date(2026, 6, 1), drift=0.035, with_others=False,
            weights=(Weight("069500", KODEX, 0.6, 0.635), Weight("CASH", CASH, 0.4, 0.365)),
        ),
        done=DecisionsDone(
            runs=7, orders=12, whole=11, planned=9_000_000, filled=8_800_000, slippage=4_321,
            missed=(missed,),
        ),
        income=(Paying("069500", KODEX, 120, 572.0, 68_640),), unpriced=("005930",),
        approximate=True,
    )  # fmt: skip


def overseas() -> AccountFacts:
    return AccountFacts(
        id="us", title=Text("해외", "US account"), kind="overseas", currency="USD", source="files",
        session=END, figures=figures(value=20_000_000, unexplained=-120_000), windows=(),
        drift=None, done=None, income=None, unpriced=(), approximate=False,
    )  # fmt: skip


def statement_facts(**changed: Any) -> StatementFacts:
    """A couple's statement with everything that a page can show."""
    days = [START + timedelta(days=91 * number) for number in range(10)]
    path = tuple(
        DayValue(day, 50_000_000 + 1_000_000 * n, 50_000_000, 1.0 + n / 50)
        for n, day in enumerate(days)
    )
    given: dict[str, Any] = {
        "name": "ours", "title": "우리 집", "simulated": True, "source": "sample",
        "figures": figures(), "windows": windows(), "accounts": (general(), overseas()),
        "left_out": ("pension",), "undated": ("us",),
        "inflation": Inflation("cpi_kr", "KR", None), "rates": "usdkrw",
        "taxes": (
            YearTax("minsu", 2025, True, 12_000, Assessed(220_000, 0, None, 990_000, -770_000)),
            YearTax("minsu", 2026, False, 0, Assessed(0, 0, 0, 0, 0)),
        ),
        "law": 2026, "path": path,
    }  # fmt: skip
    return StatementFacts(**{**given, **changed})
