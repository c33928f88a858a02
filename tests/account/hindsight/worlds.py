"""Small worlds of prices, and an account that is folded day by day as its oracle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from jeoul.account.day import AccountState, DayRules, Due, account_day
from jeoul.account.hindsight.records import TradedDecision, TradedOrder
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import Basis, TaxLedger, TaxRules
from jeoul.korea.tables import load_rules
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Tariff

TICKERS = ("A", "B", "C")
KINDS = {"A": "kr_equity_etf", "B": "krx_other_etf", "C": "krx_other_etf"}
DAYS = np.array(
    [day for day in np.arange("2024-01-02", "2025-06-01", dtype="datetime64[D]")
     if np.is_busday(day)]
)  # fmt: skip
KRX = Calendar("XKRX", "Asia/Seoul", DAYS, *(np.zeros(len(DAYS), dtype=np.int64),) * 2,
               date(2026, 12, 31))  # fmt: skip


def day(place: int) -> date:
    found: date = DAYS[place].astype(object)
    return found


def taxes(account: str = "general") -> TaxRules:
    return TaxRules(book=load_rules(2026), account=account, kinds=KINDS)


def table(close: Any, dividends: Any = None, splits: Any = None, taxable: Any = None) -> PriceTable:
    """A raw table of the three funds; one price for all of it where only numbers are given."""
    shape = (len(DAYS), len(TICKERS))
    full = [None if each is None else np.broadcast_to(np.array(each, dtype=float), shape).copy()
            for each in (close, dividends, splits, taxable)]  # fmt: skip
    none = np.zeros(len(DAYS), dtype=np.int64)
    return PriceTable(
        "XKRX", "KRW", "raw", TICKERS, DAYS, none, full[0], full[1], full[2], None, full[3]  # type: ignore[arg-type]
    )  # fmt: skip


def random_world(rng: np.random.Generator) -> PriceTable:
    """Random walks in whole won with distributions, splits, and sessions without a trade."""
    shape = (len(DAYS), len(TICKERS))
    steps = rng.normal(0.0, 0.02, shape)
    splits = np.ones(shape)
    for column in range(len(TICKERS)):
        splits[rng.integers(5, len(DAYS)), column] = rng.choice([1.0, 2.0, 5.0])
    close = np.rint(40_000 * np.exp(np.cumsum(steps, axis=0)) / np.cumprod(splits, axis=0))
    paid = np.where(rng.random(shape) < 0.02, rng.integers(20, 400, shape), 0).astype(float)
    taxable = np.where(rng.random(shape) < 0.5, np.floor(paid / 2), np.nan)
    quiet = rng.random(shape) < 0.05
    quiet[0] = False
    # A split at an untraded session keeps the price of before it, which the next trade corrects.
    close[quiet & (splits == 1.0)] = np.nan
    return table(close, paid, splits, taxable)


def order(side: str, ticker: str, shares: int, price: int, place: int, cost: int = 0, tax: int = 0
          ) -> TradedOrder:  # fmt: skip
    return TradedOrder(session=day(place), side=Side(side), ticker=ticker, shares=shares,
                       amount=shares * price, cost=cost, tax=tax)  # fmt: skip


def decision(
    orders: Any, shares: Mapping[str, int], cash: int = 0, place: int = 0, value: int = 1_000_000
) -> TradedDecision:
    return TradedDecision(
        session=day(place), cause="rebalance", orders=tuple(orders), shares=shares, cash=cash,
        value=value,
    )  # fmt: skip


def folded(
    held: Mapping[str, int], cash: int, prices: PriceTable, rules: TaxRules, first: int, until: date
) -> int:
    """What an account comes to that holds on after the close of a session, day by day."""
    events = PriceEvents((prices,))
    whole = DayRules(events=events, calendar=KRX, buys=Tariff(), sells=Tariff(), taxes=rules)
    known = {ticker: Basis(Decimal(1), None) for ticker in TICKERS}
    state = AccountState(portfolio=Portfolio(held, cash), ledger=TaxLedger(basis=known))
    for session in DAYS[first + 1 :].astype(object).tolist():
        if session <= until:
            state = account_day(state, session, Due(), [], whole).state
    closing = state.portfolio
    return closing.value(events.prices(closing.shares, until))
