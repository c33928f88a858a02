"""When to trade and what to trade: drift, whole shares, fees, ticks, price limits, settlement.

:func:`~jeoul.rebalance.plans.plan_orders` decides the whole shares of an account, by the search
:func:`~jeoul.rebalance.local_search.search`.
"""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.rebalance.costs import (
    ONLINE,
    Affordable,
    Tariff,
    affordable_buys,
    affordable_shares,
    order_fee,
)
from jeoul.rebalance.distance import current_weights, drift, setting_aside
from jeoul.rebalance.local_search import compile_search, search
from jeoul.rebalance.milp import SharesCertificate, certified
from jeoul.rebalance.plans import plan_deposit, plan_orders
from jeoul.rebalance.problem import SharesProblem, cash_after, cost_of
from jeoul.rebalance.records import OrderPlan, TradeRules
from jeoul.rebalance.settlement import (
    Fresh,
    lifted,
    set_off,
    settled,
    settlement_date,
    settlement_days,
    spendable,
    unowed,
)
from jeoul.rebalance.ticks import (
    CENT_TICKS,
    ETF_TICKS,
    SHARE_TICKS,
    PriceLimits,
    Ticks,
    price_limits,
    round_to_tick,
)
from jeoul.rebalance.withdrawal import plan_withdrawal

__all__ = [
    "CENT_TICKS",
    "ETF_TICKS",
    "ONLINE",
    "SHARE_TICKS",
    "Affordable",
    "Fresh",
    "OrderPlan",
    "PriceLimits",
    "SharesCertificate",
    "SharesProblem",
    "Tariff",
    "Ticks",
    "TradeRules",
    "affordable_buys",
    "affordable_shares",
    "cash_after",
    "certified",
    "compile_search",
    "cost_of",
    "current_weights",
    "drift",
    "lifted",
    "order_fee",
    "plan_deposit",
    "plan_orders",
    "plan_withdrawal",
    "price_limits",
    "round_to_tick",
    "search",
    "set_off",
    "setting_aside",
    "settled",
    "settlement_date",
    "settlement_days",
    "spendable",
    "unowed",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
