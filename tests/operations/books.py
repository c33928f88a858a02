"""A ledger that a test writes as a run would, and a market of a few sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from jeoul import api
from jeoul.market.market import Market
from jeoul.model.portfolio import Reason, Side
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse, course_of
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import Fill, Ledger, Transaction, book
from jeoul.operations.ledger.books import CASH, EXTERNAL, fill_legs

DAYS = tuple(date(2026, 6, day) for day in (1, 2, 4, 5, 8))  # the third is a holiday
CALENDAR = api.calendars()["XKRX"]


def market(
    closes: Any, splits: Any = None, tickers: tuple[str, ...] = ("A", "B"), adjusted: str = "raw"
) -> Market:
    """A market with the closes of five sessions."""
    days = np.array(DAYS, dtype="datetime64[D]")
    close = np.array(closes, dtype=np.float64)
    split = None if splits is None else np.array(splits, dtype=np.float64)
    known = np.zeros(len(days), dtype=np.int64)
    table = PriceTable("XKRX", "KRW", adjusted, tickers, days, known, close, None, split)
    return cast(
        Market, SimpleNamespace(prices=(table,), source="made", sessions=lambda _name: days)
    )


STILL = market([[100.0, 50.0]] * 5)


@dataclass
class Books:
    """A ledger that a test writes as a run would."""

    ledger: Ledger
    count: int = 0

    def move(self, day: date, kind: str, legs: dict[tuple[str, str], int], note: str = "") -> None:
        self.count += 1
        with self.ledger.transaction():
            moved = Transaction(f"{kind}:{self.count}", kind, day, legs, note)
            book(self.ledger, self.count, moved)

    def pay(self, day: date, amount: int, kind: str = "deposit") -> None:
        self.move(day, kind, {(CASH, "KRW"): amount, (EXTERNAL, "KRW"): -amount})

    def trade(
        self, day: date, side: Side, ticker: str, count: int, price: int, fee: int,
        ordered: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """Freeze a run with one order, of ``ordered`` shares at a price, and book its fill."""
        self.count += 1
        shares, planned = ordered or (count, price)
        order = PlannedOrder(side, ticker, shares, planned, None, Reason.of("trade.calendar"))
        document = {"weights": {"CASH": 1.0}}
        plan = RunPlan("main", f"s{self.count}", day, day, "made", document, (order,))
        fill = Fill(side, ticker, count, count * price, fee, day, day)
        name, txn = f"{plan.run_id}.01", f"fill:{self.count}"
        with self.ledger.transaction():
            freeze(self.ledger, self.count, plan)
            book(self.ledger, self.count, Transaction(txn, "fill", day, fill_legs(fill, "KRW")))
            self.ledger.append(
                "fills", self.count, intent=name, txn=txn, filled=count, shares=count,
                amount=count * price, fee=fee, session=day.isoformat(),
            )  # fmt: skip

    def course(self, along: Market = STILL) -> AccountCourse:
        return course_of(self.ledger, account="main", market=along, calendar=CALENDAR)
