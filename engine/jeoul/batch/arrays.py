"""Targets, tariffs, accounts and orders as arrays, which compiled code reads and writes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.rebalance.problem import Counts, Flags, Reals

Places = NDArray[np.int64]

DECIDED, BY_RECORDS = 0, 1
BUY_UNDER, BUY_IDLE, SELL_OVER, SELL_ALL, SELL_TO_PAY = range(5)
REASONS = ("buy_under", "buy_idle", "sell_over", "sell_all", "sell_to_pay")
"""Reasons of orders by number, the last part of ``rebalance.…``."""

MOST = 1e14  # the value from which the records refuse an account


class Aims(NamedTuple):
    """Targets as arrays, one row each; funds are columns in the order of their tickers.

    ``price``, ``buy`` and ``sell`` are 0 where a fund has no price. ``cash_weight`` is that of
    CASH, which is sorted in front of fund ``cash_place``. ``rule`` has a row of band, smallest
    trade, cap on risk assets (below 0 without one) and whether the model trades. ``dear`` funds are
    not bought: they cost too much above their net asset value.
    """

    weight: Reals
    listed: Flags
    risk: Flags
    price: Counts
    buy: Counts
    sell: Counts
    cash_weight: Reals
    rule: Reals
    plain: Flags
    dear: Flags
    cash_place: int


class Tariffs(NamedTuple):
    """Tariffs as arrays: exact fractions of whole numbers, and the rate that the search knows."""

    rate: Counts
    rate_of: Counts
    spread: Counts
    spread_of: Counts
    least: Counts
    fixed: Counts
    known: Reals


class AccountArrays(NamedTuple):
    """Accounts as arrays; ``coming`` has the money on its way of account i, by day, in ``part``."""

    aim: Places
    charge: Places
    held: Counts
    cash: Counts
    deposit: Counts
    withdrawal: Counts
    part: Places
    coming: Counts


class FoundOrders(NamedTuple):
    """Orders of accounts, sells first: ``fund`` and ``shares`` (negative to sell) by place.

    ``held_back`` is the money of purchases that were dropped because their funds are too dear.
    """

    status: Counts
    orders: Counts
    fund: Places
    shares: Counts
    reason: Places
    cost: Counts
    turnover: Counts
    held_back: Counts
