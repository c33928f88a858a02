"""One account, its targets and its trading rules, turned into numbers and back into orders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Literal

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.portfolio import CASH, Order, Portfolio, Reason, Side, signed_amount
from jeoul.rebalance.milp import exact
from jeoul.rebalance.problem import Counts, Reals, SharesProblem, cost_of
from jeoul.rebalance.records import OrderPlan, Searched, TradeRules
from jeoul.rebalance.searcher import quickest
from jeoul.rebalance.ticks import round_to_tick

_MOST_MONEY = 10**14  # beyond it a binary float no longer tells single units apart
_PUT_TO_WORK = 1.001  # a deposit's idle cash weighs more than the dearest overshoot of a target


class Book:
    """One account with its labels sorted, so that the order of the input never matters."""

    def __init__(
        self,
        weights: Mapping[str, float],
        portfolio: Portfolio,
        prices: Mapping[str, int],
        rules: TradeRules,
        frozen: frozenset[str],
        wanted: Collection[str] | None = None,
    ) -> None:
        _check(weights, portfolio, prices)
        self.weights, self.portfolio, self.prices, self.rules = weights, portfolio, prices, rules
        labels = sorted((weights.keys() | portfolio.shares.keys()) - {CASH})
        priced = [label for label in labels if label in prices]
        self.tradable = [
            label for label in priced if label not in frozen and (wanted is None or label in wanted)
        ]
        held = {label: portfolio.shares.get(label, 0) for label in labels}
        worth = {label: held[label] * prices[label] for label in priced}
        self.value = portfolio.value(prices)
        self.frozen_value = self.value - portfolio.money
        self.frozen_value -= sum(worth[label] for label in self.tradable)
        self.kept = tuple(
            Reason.of(f"rebalance.{kind}", ticker=label, shares=held[label])
            for label in labels
            for kind in [self._kept_kind(label, held[label], frozen)]
            if kind is not None
        )
        if self.value > _MOST_MONEY:
            raise UsageError(f"an account of {self.value} units is too large; split it")

    def _kept_kind(self, label: str, held: int, frozen: frozenset[str]) -> str | None:
        wants = self.weights.get(label, 0.0) > 0.0
        if label not in self.prices and (held or wants):
            return "unpriced"
        return "frozen" if label in frozen and (held or wants) else None

    def problem(
        self, targets: Mapping[str, float], cash_target: float, *, deposit: bool, sells: bool
    ) -> SharesProblem:
        """Return the account as numbers; a deposit leaves no cash idle."""
        rules, cash = self.rules, self.portfolio.cash
        price = np.array([self.prices[ticker] for ticker in self.tradable], dtype=np.float64)
        half = float(rules.spread) / 2
        buy, buy_fee = self._order_prices("up"), float(rules.buy_fee) + half
        most = len(price) if rules.max_trades is None else min(rules.max_trades, len(price))
        dearest = float(np.max(buy / price, initial=1.0)) * (1.0 + buy_fee)
        return SharesProblem(
            target=np.array([targets[ticker] for ticker in self.tradable], dtype=np.float64),
            price=price,
            buy=buy,
            sell=self._order_prices("down"),
            held=np.array([self.portfolio.shares.get(t, 0) for t in self.tradable], dtype=np.int64),
            cash=float(cash),
            incoming=float(self.portfolio.incoming),
            cash_target=float(cash_target),
            # The search knows rates; what orders pay beside them is set apart.
            floor=float(min(rules.buffer + most * (rules.min_fee + rules.fixed_fee), cash)),
            buy_fee=buy_fee,
            sell_fee=float(rules.sell_fee) + half,
            lot=rules.lot,
            min_trade=0.0 if deposit else float(rules.min_trade),
            max_trades=most,
            may_sell=sells,
            spend_proceeds=rules.spend_proceeds,
            idle_weight=_PUT_TO_WORK * dearest if deposit else 1.0,
        )

    def _order_prices(self, direction: Literal["down", "up"]) -> Reals:
        found = [round_to_tick(self.prices[t], direction, self.rules.ticks) for t in self.tradable]
        return np.array(found, dtype=np.float64)

    def plan(self, problem: SharesProblem, seconds: float | None) -> OrderPlan:
        """Return the plan for a problem of this account; proven where ``seconds`` are given."""
        trades, certificate = quickest(problem), None
        if seconds is not None:
            trades, certificate = exact(problem, trades, seconds=seconds)
        orders = self._orders(problem, trades)
        cash, fees = self.portfolio.money, 0
        for order in orders:
            cost = self.rules.cost(order)
            cash -= signed_amount(order) + cost
            fees += cost
        return OrderPlan(
            orders=orders,
            cash=cash,
            fees=fees,
            value=self.value,
            objective=float(cost_of(problem, trades)) / self.value if self.value else 0.0,
            kept=self.kept,
            certificate=certificate,
            searched=Searched(problem, trades),
        )

    def _orders(self, problem: SharesProblem, trades: Counts) -> tuple[Order, ...]:
        """Return the orders: sells before buys, the largest first."""
        orders = []
        for i, ticker in enumerate(self.tradable):
            count = int(trades[i])
            if count == 0:
                continue
            side = Side.BUY if count > 0 else Side.SELL
            price = int(problem.buy[i] if count > 0 else problem.sell[i])
            orders.append(
                Order(
                    side=side,
                    ticker=ticker,
                    shares=abs(count),
                    price=price,
                    reason=self._reason(problem, i, count),
                )
            )
        return tuple(
            sorted(orders, key=lambda o: (o.side is Side.BUY, -o.shares * o.price, o.ticker))
        )

    def _reason(self, problem: SharesProblem, i: int, count: int) -> Reason:
        now, after = (
            problem.held[i] * problem.price[i],
            (problem.held[i] + count) * problem.price[i],
        )
        if count > 0:
            kind = "buy_under" if now < problem.target[i] else "buy_idle"
        else:
            kind = "sell_over" if problem.target[i] > 0.0 else "sell_all"
        return Reason.of(
            f"rebalance.{kind}",
            now=f"{now / self.value:z.1%}",
            target=f"{problem.target[i] / self.value:z.1%}",
            after=f"{after / self.value:z.1%}",
        )


def _check(weights: Mapping[str, float], portfolio: Portfolio, prices: Mapping[str, int]) -> None:
    faults = [
        f"the weight of {k} is {w}" for k, w in weights.items() if not (isfinite(w) and w >= 0.0)
    ]
    if not faults and abs(sum(weights.values()) - 1.0) > 1e-6:
        faults.append(f"the weights sum to {sum(weights.values())}, not 1")
    faults += [f"the price of {k} is {p}" for k, p in prices.items() if not _is_count(p) or p < 1]
    faults += [
        f"{n} shares of {k} are held"
        for k, n in portfolio.shares.items()
        if not _is_count(n) or n < 0
    ]
    if not _is_count(portfolio.cash) or portfolio.cash < 0:
        faults.append(f"the cash is {portfolio.cash}")
    if faults:
        raise UsageError(
            "no orders can be made: "
            + "; ".join(faults)
            + "; weights are fractions, prices, shares "
            "and cash whole numbers of 0 or more"
        )


def _is_count(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
