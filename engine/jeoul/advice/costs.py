"""The funds of one class ranked by what they cost in won."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.instrument import Instrument
from jeoul.model.series import PriceTable
from jeoul.rebalance.ticks import ETF_TICKS

_APART = frozenset({"leveraged", "inverse", "covered_call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FundCost:
    """What one fund costs. ``won`` is None where its fee is unknown.

    ``fee`` is the total fee a year and ``confidence`` how sure it is; ``spread`` the width between
    bid and ask as a share of the price, None where it does not count in ``won``; ``more`` what
    the fund costs beyond the cheapest of its class, None where either is unknown.
    """

    fund: Instrument
    fee: float | None
    confidence: str
    spread: float | None
    won: int | None
    more: int | None


def rank_costs(
    funds: Iterable[Instrument],
    *,
    amount: int,
    years: float,
    spreads: Mapping[str, float] | None = None,
) -> Mapping[str, tuple[FundCost, ...]]:
    """Return the funds by class, the cheapest first, those without a known fee last.

    won = amount x (1 - (1 - fee)^years x (1 - spread)): what fees, and one purchase and one sale
    across the spread, take of the amount while prices stand still. Funds of one class need not
    follow one index: cost alone does not choose between them. A class with one fund is left out.

    >>> from jeoul.strategy.universe import load_universe
    >>> funds = load_universe("krx-core").instruments
    >>> pair = [funds["069500"], funds["102110"]]
    >>> found = rank_costs(pair, amount=10_000_000, years=1)["equity_kr"]
    >>> [(one.fund.code, one.won, one.more) for one in found]
    [('102110', 5000, 0), ('069500', 15000, 10000)]
    """
    if amount <= 0 or years <= 0:
        raise UsageError(f"{amount} won for {years} years cost nothing; give both above zero")
    classes: dict[str, list[Instrument]] = {}
    for fund in funds:
        name = " ".join([fund.asset_class, *sorted(fund.features & _APART)])
        classes.setdefault(name, []).append(fund)
    return {
        name: _ranked(members, amount, years, _comparable(members, spreads or {}))
        for name, members in classes.items()
        if len(members) > 1
    }


def least_spreads(prices: Iterable[PriceTable], exchange: str = "XKRX") -> dict[str, float]:
    """Return the narrowest spread that each ticker of an exchange can have: one tick of its price.

    A fund quoted in steps of 5 won at 10,000 won costs at least 0.05 % to buy and sell, whatever
    its fee is. The true spread is wider when few trade. Tickers without a price are left out.

    >>> from jeoul import api
    >>> found = least_spreads(api.open_market().prices)
    >>> 0.0 < found["069500"] < 0.01
    True
    """
    found = {}
    for table in prices:
        if table.exchange != exchange:
            continue
        for column, ticker in enumerate(table.tickers):
            closes = table.close[:, column]
            seen = closes[np.isfinite(closes)]
            if len(seen):
                last = float(seen[-1])
                tick = next(size for start, size in reversed(ETF_TICKS) if last >= start)
                found[ticker] = tick / last
    return found


def _comparable(members: Sequence[Instrument], spreads: Mapping[str, float]) -> Mapping[str, float]:
    """Return the spreads of a class if every fund with a known fee has one: else none counts."""
    priced = [fund.code for fund in members if fund.expense_ratio is not None]
    return {code: spreads[code] for code in priced} if spreads.keys() >= set(priced) else {}


def _ranked(
    members: Sequence[Instrument], amount: int, years: float, spreads: Mapping[str, float]
) -> tuple[FundCost, ...]:
    won = {
        fund.code: _won(fund.expense_ratio, spreads.get(fund.code), amount, years)
        for fund in members
    }
    ordered = sorted(members, key=lambda f: (won[f.code] is None, won[f.code] or 0, f.code))
    least = won[ordered[0].code]
    return tuple(
        FundCost(
            fund=fund,
            fee=fund.expense_ratio,
            confidence=_confidence(fund),
            spread=spreads.get(fund.code),
            won=paid,
            more=None if paid is None or least is None else paid - least,
        )
        for fund in ordered
        for paid in (won[fund.code],)
    )


def _confidence(fund: Instrument) -> str:
    known = fund.confidence
    return known.get("expense_ratio", known.get("other", "unknown"))


def _won(fee: float | None, spread: float | None, amount: int, years: float) -> int | None:
    if fee is None:
        return None
    kept: float = (1.0 - fee) ** years * (1.0 - (spread or 0.0))
    return math.floor(amount * (1.0 - kept) + 0.5)
