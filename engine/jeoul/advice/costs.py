"""The funds of one class ranked by what they cost in won."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jeoul.errors import UsageError
from jeoul.model.instrument import Instrument

_APART = frozenset({"leveraged", "inverse", "covered_call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FundCost:
    """What one fund costs. ``won`` is None where its fee is unknown.

    ``fee`` is the total fee a year and ``confidence`` how sure it is; ``spread`` the width between
    bid and ask as a share of the price, None where unknown, and then not in ``won``; ``more`` what
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
    known = spreads or {}
    classes: dict[str, list[tuple[Instrument, int | None]]] = {}
    for fund in funds:
        won = _won(fund.expense_ratio, known.get(fund.code), amount, years)
        name = " ".join([fund.asset_class, *sorted(fund.features & _APART)])
        classes.setdefault(name, []).append((fund, won))
    return {name: _ranked(entries, known) for name, entries in classes.items() if len(entries) > 1}


def _ranked(
    entries: Sequence[tuple[Instrument, int | None]], spreads: Mapping[str, float]
) -> tuple[FundCost, ...]:
    ordered = sorted(entries, key=lambda one: (one[1] is None, one[1] or 0, one[0].code))
    least = ordered[0][1]
    return tuple(
        FundCost(
            fund=fund,
            fee=fund.expense_ratio,
            confidence=fund.confidence.get(
                "expense_ratio", fund.confidence.get("other", "unknown")
            ),
            spread=spreads.get(fund.code),
            won=won,
            more=None if won is None or least is None else won - least,
        )
        for fund, won in ordered
    )


def _won(fee: float | None, spread: float | None, amount: int, years: float) -> int | None:
    if fee is None:
        return None
    kept: float = (1.0 - fee) ** years * (1.0 - (spread or 0.0))
    return math.floor(amount * (1.0 - kept) + 0.5)
