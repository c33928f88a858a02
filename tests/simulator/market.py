"""A market made from a seed: closes, splits and dividends of a few funds over a life's sessions."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.model.series import PriceTable
from jeoul.model.valued import Valued

FUNDS = ("069500", "114260", "133690", "360750")
RATIOS = ((2, 1), (5, 1), (1, 5), (3, 2), (1, 2))  # new shares for old ones


@dataclass(frozen=True)
class SimulatedMarket:
    """Prices by session, and what a corporate action of a session does to one share.

    ``splits`` are new shares for old ones and ``dividends`` won a share, both by session.
    """

    days: Sequence[date]
    closes: Sequence[Mapping[str, int]]
    splits: Mapping[int, Mapping[str, tuple[int, int]]]
    dividends: Mapping[int, Mapping[str, int]]
    events: PriceEvents

    prices = ()

    def as_of(self, session: date, calendar: str) -> SimpleNamespace:
        """Return what a run asks of a snapshot: the digest of what a session shows."""
        digest = f"simulated {calendar} {session}"
        seen = SimpleNamespace(digest=digest, valued=Valued())
        return SimpleNamespace(digest=digest, valued=seen.valued, seen=seen)

    def last_session(self, calendar: str) -> date:
        """Return the newest session of all; a life always names its own."""
        return self.days[-1]


def make_market(
    draw: random.Random, days: Sequence[date], action_days: Collection[int]
) -> SimulatedMarket:
    """Return a market with corporate actions on the given sessions and some others."""
    splits: dict[int, dict[str, tuple[int, int]]] = {}
    dividends: dict[int, dict[str, int]] = {}
    closes: list[dict[str, int]] = []
    price = {code: draw.randint(5_000, 60_000) for code in FUNDS}
    for day in range(len(days)):
        if day in action_days or draw.random() < 0.03:
            _act(draw, day, price, splits, dividends)
        price = {
            code: max(int(value * (1 + draw.gauss(0.0003, 0.012))), 200)
            for code, value in price.items()
        }
        closes.append(dict(price))
    return SimulatedMarket(
        days, closes, splits, dividends, _events(days, closes, splits, dividends)
    )


def _act(
    draw: random.Random,
    day: int,
    price: dict[str, int],
    splits: dict[int, dict[str, tuple[int, int]]],
    dividends: dict[int, dict[str, int]],
) -> None:
    for code in draw.sample(FUNDS, 2):
        if draw.random() < 0.5:
            dividends.setdefault(day, {})[code] = draw.randint(1, 3) * price[code] // 200
            continue
        new, old = draw.choice([r for r in RATIOS if 500 < price[code] * r[1] // r[0] < 500_000])
        splits.setdefault(day, {})[code] = (new, old)
        price[code] = price[code] * old // new


def _events(
    days: Sequence[date],
    closes: Sequence[Mapping[str, int]],
    splits: Mapping[int, Mapping[str, tuple[int, int]]],
    dividends: Mapping[int, Mapping[str, int]],
) -> PriceEvents:
    paid = np.zeros((len(days), len(FUNDS)))
    ratios = np.ones((len(days), len(FUNDS)))
    for day, by_code in dividends.items():
        for code, amount in by_code.items():
            paid[day, FUNDS.index(code)] = amount
    for day, by_fund in splits.items():
        for code, (new, old) in by_fund.items():
            ratios[day, FUNDS.index(code)] = new / old
    table = PriceTable(
        exchange="XKRX",
        currency="KRW",
        adjusted="raw",
        tickers=FUNDS,
        sessions=np.array(days, dtype="datetime64[D]"),
        known_at=np.zeros(len(days), dtype=np.int64),
        close=np.array([[row[code] for code in FUNDS] for row in closes], dtype=float),
        dividends=paid,
        splits=ratios,
    )
    return PriceEvents((table,))
