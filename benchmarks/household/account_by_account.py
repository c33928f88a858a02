"""Account by account: every account aims at the household's target by itself.

Each account's target is the household's, within what it may hold, scaled to 1, and for an IRP
scaled down to its cap on risk assets; its whole shares come from the search that jeoul uses for one
account (:func:`jeoul.rebalance.search`). A class is held by the funds that the account already has
of it, and what is lacking by the first that it may buy. New money runs down the waterfall.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from desk import Desk, pure_class
from greedy import chosen, force
from payments import taken_out, waterfall

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import CASH, Account, Aim, Household, Moves, Position
from jeoul.rebalance.problem import SharesProblem
from jeoul.rebalance.searcher import quickest

SCALES = (1.0, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0)
"""Parts of the risk assets that are tried until the caps on them are kept."""

TIGHTENINGS = 6


@dataclass(frozen=True)
class Terms:
    """What may be changed when an account's plan breaks a rule."""

    trades: int
    risk: float = 1.0
    held_back: float = 0.0


def account_by_account(household: Household) -> Moves:
    """Return the plans of all accounts, made one by one."""
    desk = Desk(household, waterfall(household), taken_out(household))
    most = household.policy.max_trades
    limits = {a.id: len(desk.by_account[a.id]) for a in household.accounts}
    plans: dict[str, dict[tuple[str, str], int]] = {}
    for scale in SCALES:
        plans = {a.id: _planned(desk, a, Terms(limits[a.id], scale)) for a in household.accounts}
        while most is not None and sum(map(len, plans.values())) > most:
            name = _smallest(desk, plans)
            limits[name] = len(plans[name]) - 1
            account = desk.accounts[name]
            plans[name] = _planned(desk, account, Terms(limits[name], scale))
        moves = _together(desk, plans)
        if not any(each.rule == "risk" for each in evaluate(household, moves).violations):
            break
    return chosen(household, [_together(desk, plans), Moves(deposits=desk.moves.deposits)])


def _together(desk: Desk, plans: dict[str, dict[tuple[str, str], int]]) -> Moves:
    trades = {key: count for plan in plans.values() for key, count in plan.items()}
    return Moves(trades=trades, deposits=desk.moves.deposits, withdrawals=desk.moves.withdrawals)


def _smallest(desk: Desk, plans: dict[str, dict[tuple[str, str], int]]) -> str:
    """Return the account that has the smallest of all orders."""
    sizes = {
        (name, key): abs(count) * desk.funds[key[1]].price
        for name, plan in plans.items()
        for key, count in plan.items()
    }
    return min(sizes, key=lambda each: (sizes[each], each))[0]


def _planned(desk: Desk, account: Account, terms: Terms) -> dict[tuple[str, str], int]:
    """Return an account's orders; cash is held back until they can be paid at their limits."""
    aim = next(each for each in desk.household.aims if account.id in each.accounts)
    alone = {name: desk.deposits.get(name, 0.0) for name in (account.id,)}
    held_back, risk = terms.held_back, terms.risk
    for _ in range(TIGHTENINGS):
        found = _searched(desk, account, aim, Terms(terms.trades, risk, held_back))
        moves = Moves(
            trades=found,
            deposits=alone,
            withdrawals={account.id: desk.withdrawals.get(account.id, 0.0)},
        )
        broken = {
            each.rule: each.by
            for each in evaluate(desk.household, moves).violations
            if each.where == account.id
        }
        short = max(broken.get("settled_cash", 0.0), broken.get("cash", 0.0))
        if not short and "risk_cap" not in broken:
            return found
        held_back += 1.1 * short
        risk *= 0.98 if "risk_cap" in broken else 1.0
    own = Desk(desk.household, desk.deposits, {account.id: desk.withdrawals.get(account.id, 0.0)})
    force(own)
    return {key: count for key, count in own.trades.items() if count and key[0] == account.id}


def _searched(desk: Desk, account: Account, aim: Aim, terms: Terms) -> dict[tuple[str, str], int]:
    """Return what the search for one account makes of its target."""
    rows = [p for p in desk.by_account[account.id] if p.sellable or p.buyable]
    rows = [p for p in rows if p.shares or p.buyable]
    if not rows:
        return {}
    wanted = _targets(desk, account, aim, rows, terms.risk)
    price = np.array([desk.price(p) for p in rows])
    rate = account.sale_rate if account.gains == "withheld" else 0.0
    tax = np.array([rate * max((lot.gain for lot in p.lots), default=0.0) for p in rows])
    paid_in = desk.deposits.get(account.id, 0.0) * (1.0 - account.exchange)
    taken = desk.withdrawals.get(account.id, 0.0) * (1.0 + account.exchange)
    cash = account.cash + paid_in - taken - terms.held_back - account.order_fee * len(rows)
    problem = SharesProblem(
        target=np.array([wanted[p.fund] for p in rows]),
        price=price,
        buy=price * np.array([1.0 + p.buy_cost if p.buyable else 1e3 for p in rows]),
        sell=price * np.array([1.0 - p.sell_cost for p in rows]) - tax,
        held=np.array([p.shares if p.sellable else 0 for p in rows], dtype=np.int64),
        cash=cash,
        incoming=account.due,
        cash_target=account.buffer,
        floor=min(account.buffer, cash),
        buy_fee=0.0,
        sell_fee=0.0,
        lot=1,
        min_trade=desk.household.policy.min_trade,
        max_trades=min(terms.trades, len(rows)),
        may_sell=True,
        spend_proceeds=account.reuse,
        idle_weight=1.0,
    )
    trades = quickest(problem)
    return {p.key: int(n) for p, n in zip(rows, trades, strict=True) if n}


def _targets(
    desk: Desk, account: Account, aim: Aim, rows: list[Position], risk: float
) -> dict[str, float]:
    """Return won by fund: the aim's weights among what the account may hold, less what is frozen.

    ``rows`` are the positions that can be traded at all.
    """
    frozen = sum(p.shares * desk.price(p) for p in desk.by_account[account.id] if not p.sellable)
    money = max(0.0, desk.worth[account.id] - frozen)
    classes = {pure_class(desk.funds[p.fund]) for p in rows if p.buyable or p.shares}
    weights = {name: aim.weights.get(str(name), 0.0) for name in sorted(map(str, classes))}
    weights.pop("None", None)
    total = sum(weights.values())
    if total <= 0.0:
        return {p.fund: p.shares * desk.price(p) for p in rows}
    weights = {
        name: each / total * (1.0 - aim.weights.get(CASH, 0.0)) for name, each in weights.items()
    }
    weights = _within_cap(desk, account, rows, weights, risk)
    found = dict.fromkeys((p.fund for p in rows), 0.0)
    for name, weight in weights.items():
        _share_out(
            desk, [p for p in rows if pure_class(desk.funds[p.fund]) == name], weight * money, found
        )
    return found


def _within_cap(
    desk: Desk,
    account: Account,
    rows: list[Position],
    weights: dict[str, float],
    risk: float,
) -> dict[str, float]:
    """Return weights with risk assets scaled, and what is freed given to the rest."""
    risky = {
        str(pure_class(desk.funds[p.fund]))
        for p in rows
        if desk.funds[p.fund].risk > 0.0
        or (account.risk_cap is not None and desk.funds[p.fund].capped)
    }
    most = risk * (inf if account.risk_cap is None else account.risk_cap)
    held = sum(weights[name] for name in weights if name in risky)
    scale = min(risk, most / held) if held else 1.0
    freed = held * (1.0 - scale)
    safe = sum(weights[name] for name in weights if name not in risky)
    return {
        name: weight * scale if name in risky else weight * (1.0 + freed / safe)
        for name, weight in weights.items()
    }


def _share_out(desk: Desk, rows: list[Position], amount: float, found: dict[str, float]) -> None:
    """Give a class's money to the funds held of it, the rest to the first that can be bought."""
    for position in sorted(rows, key=lambda p: -p.shares * desk.price(p)):
        found[position.fund] = min(amount, position.shares * desk.price(position))
        amount -= found[position.fund]
    first = next((p for p in sorted(rows, key=lambda p: -p.shares) if p.buyable), None)
    if first is not None:
        found[first.fund] += amount
