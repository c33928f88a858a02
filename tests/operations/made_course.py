"""An account's course written out by hand: what it holds, what moved, at which prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import TaxRules
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Reason, Side
from jeoul.model.series import PriceTable, Series
from jeoul.operations.course import AccountCourse
from jeoul.operations.course.record import CourseFill, CoursePayment
from jeoul.operations.statement.taxes import Taxable

MON, TUE, THU, FRI, NEXT = DAYS = tuple(date(2026, 6, day) for day in (1, 2, 4, 5, 8))
BOOK: Rulebook = load_rules(2026)
KINDS = {"A": "krx_other_etf", "B": "kr_equity_etf", "U": "us_etf"}
AMOUNTS = ("paid_in", "taken_out", "adopted", "fees", "taxes", "dividends", "interest")


def course(
    shares: Mapping[str, Sequence[int]],
    prices: Mapping[str, Sequence[float]] | None = None,
    cash: Sequence[int] = (0,) * 5,
    days: Sequence[date] = DAYS,
    fills: Sequence[CourseFill] = (),
    payments: Sequence[CoursePayment] = (),
    **more: Any,
) -> AccountCourse:
    """Return a course along :data:`DAYS`; ``more`` are amounts by session, or other fields."""
    tickers = tuple(shares)
    zeros = [0] * len(days)
    held = np.array(list(shares.values()), dtype=np.int64).T.reshape(len(days), len(tickers))
    given = prices or {}
    close = [given.get(code, [100.0] * len(days)) for code in tickers]
    price = np.array(close, dtype=np.float64).T.reshape(len(days), len(tickers))
    value = more.pop("value", None)
    money = np.array(cash, dtype=np.int64)
    worth = money + np.nan_to_num(price * held).sum(axis=1).astype(np.int64)
    amounts: dict[str, Any] = {
        name: np.array(more.pop(name, zeros), dtype=np.int64) for name in AMOUNTS
    }
    return AccountCourse(
        account=more.pop("account", "main"),
        currency=more.pop("currency", "KRW"),
        sessions=np.array(days, dtype="datetime64[D]"),
        value=worth if value is None else np.array(value, dtype=np.int64),
        cash=money,
        tickers=tickers,
        shares=held,
        prices=price,
        traded=~np.isnan(price),
        unpriced=(np.isnan(price) & (held != 0)).any(axis=1),
        fills=tuple(fills),
        approximate=False,
        payments=tuple(payments),
        **amounts,
    )


def bought(day: date, code: str, shares: int, amount: int, fee: int = 0) -> CourseFill:
    return CourseFill(day, Side.BUY, code, shares, amount, fee, Reason.of("trade.calendar"), "run")


def sold(day: date, code: str, shares: int, amount: int, fee: int = 0) -> CourseFill:
    return CourseFill(day, Side.SELL, code, shares, amount, fee, Reason.of("trade.calendar"), "run")


def table(
    closes: Mapping[str, Sequence[float]],
    exchange: str = "XKRX",
    days: Sequence[date] = DAYS,
    **more: Any,
) -> PriceTable:
    """Return a table of raw closes; ``more`` are its other columns, by ticker."""
    sessions = np.array(days, dtype="datetime64[D]")
    known = sessions.astype("datetime64[s]").astype(np.int64) + 7 * 3600
    adjusted = more.pop("adjusted", "raw")
    others = {
        name: np.array([rows[code] for code in closes], dtype=np.float64).T
        for name, rows in more.items()
    }
    return PriceTable(
        exchange=exchange,
        currency="KRW" if exchange == "XKRX" else "USD",
        adjusted=adjusted,
        tickers=tuple(closes),
        sessions=sessions,
        known_at=known,
        close=np.array(list(closes.values()), dtype=np.float64).T,
        **others,
    )


def taxable(*tables: PriceTable, account: str = "general", **more: Any) -> Taxable:
    return Taxable(
        owner=more.pop("owner", "minsu"),
        kind=account,
        events=PriceEvents(tables, more.pop("unit", 1)),
        rules=TaxRules(book=BOOK, account=account, kinds=KINDS),
        **more,
    )


def rates(
    values: Sequence[float],
    days: Sequence[date] = DAYS,
    at: int = 16 * 3600,
    name: str = "usdkrw",
) -> Series:
    """Return a series of which each value is known at a second of its day, UTC."""
    dates = np.array(days, dtype="datetime64[D]")
    known = dates.astype("datetime64[s]").astype(np.int64) + at
    return Series(name, "KRW per USD", dates, np.array(values, dtype=np.float64), known)
