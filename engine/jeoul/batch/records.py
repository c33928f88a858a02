"""Accounts of a batch, the terms of each, and what was planned for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import ONLINE, Tariff

Proposals = Mapping[tuple[str, str], Proposal]
"""Proposals by kind of account and profile."""


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What one account trades under, beside the strategy.

    ``tariff`` is what orders cost. ``risk_cap`` is the most that risk assets may be of its value,
    and ``excluded`` are tickers that it never buys.
    """

    tariff: Tariff = ONLINE
    risk_cap: float | None = None
    excluded: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.risk_cap is not None and not 0.0 <= self.risk_cap <= 1.0:
            raise UsageError(f"a cap of {self.risk_cap} is not a fraction from 0 to 1; correct it")


USUAL_TERMS = BatchTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccount:
    """An account of a batch; ``deposit`` and ``withdrawal`` are beside its portfolio."""

    account: str
    kind: str
    profile: str
    portfolio: Portfolio
    deposit: int = 0
    withdrawal: int = 0
    terms: BatchTerms = field(default=USUAL_TERMS)


class BatchOrder(NamedTuple):
    """One order; ``price`` in the smallest unit, ``reason`` a code of ``jeoul explain``."""

    side: str
    ticker: str
    shares: int
    price: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAccount:
    """The orders of one account, sells first, with their cost and turnover, or why there are none.

    ``held_back`` is the money of purchases that were left out because their funds cost too much
    above net asset value. ``refused`` is the sentence of the error, empty where the account was
    planned.
    """

    account: str
    orders: tuple[BatchOrder, ...] = ()
    cost: int = 0
    turnover: int = 0
    held_back: int = 0
    refused: str = ""
