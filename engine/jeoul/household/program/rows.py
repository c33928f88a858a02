"""What a plan may do, as columns and rows: orders, money in and out, cash, caps on risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.records import Aim
from jeoul.household.program.inputs import UNIT, Floats, Ints, ProgramInputs
from jeoul.household.program.parts import NONE, LinearTerms, Mark, Parts


@dataclass(frozen=True)
class Choices:
    """Where the columns that are decided are: by position, and by account."""

    buy: Ints
    sell: Ints
    buy_use: Ints
    sell_use: Ints
    deposit: Ints
    withdraw: Ints


def add_choices(parts: Parts, inputs: ProgramInputs) -> Choices:
    """Add the columns of orders and money moved, each with what it costs by itself."""
    policy = inputs.household.policy
    order = inputs.order_fee + policy.trade_price / UNIT
    buys, sells = inputs.buy_most, inputs.sell_most
    return Choices(
        buy=parts.add_columns("buy", buys, cost=inputs.buy_cost * inputs.price, whole=True),
        sell=parts.add_columns("sell", sells, cost=inputs.sell_cost * inputs.price, whole=True),
        buy_use=parts.add_columns("buy_use", np.minimum(buys, 1.0), cost=order, whole=True),
        sell_use=parts.add_columns("sell_use", np.minimum(sells, 1.0), cost=order, whole=True),
        deposit=parts.add_columns("deposit", inputs.deposit_most, cost=inputs.exchange),
        withdraw=parts.add_columns("withdraw", inputs.withdraw_most, cost=inputs.exchange),
    )


def add_order_rows(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add what makes an order: its smallest and largest size, one side, no more than so many."""
    buys, sells = inputs.buy_most > 0.0, inputs.sell_most > 0.0
    for group, amount, use, most, least, may in (
        ("buy", at.buy, at.buy_use, inputs.buy_most, inputs.buy_lowest, buys),
        ("sell", at.sell, at.sell_use, inputs.sell_most, inputs.sell_lowest, sells),
    ):
        parts.add_pairs(f"{group}_least", amount[may], use[may], -least[may], low=0.0)
        ratio = -1.0 / most[may]
        parts.add_pairs(f"{group}_most", use[may], amount[may], ratio, low=0.0)
    both = buys & sells
    ones = np.ones(int(both.sum()))
    parts.add_pairs("one_side", at.sell_use[both], at.buy_use[both], ones, high=1.0)
    used = np.concatenate((at.buy_use[buys], at.sell_use[sells]))
    most_trades = inputs.household.policy.max_trades
    high = np.inf if most_trades is None else float(most_trades)
    parts.add_row("max_trades", used, np.ones(len(used)), high=high)


def add_money_rows(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add what bounds the money paid in and taken out: pools, pensions, locks, withdrawals."""
    household = inputs.household
    accounts = household.accounts

    def row(group: str, columns: Ints, chosen: list[bool], most: float, least: float) -> None:
        where = columns[np.array(chosen, dtype=bool)]
        if len(where) or least > 0.0:
            parts.add_row(group, where, np.ones(len(where)), least / UNIT, most / UNIT)

    for pool in household.pools:
        row("pool", at.deposit, [a.id in pool.accounts for a in accounts], pool.amount, -np.inf)
    for member in household.members:
        pensions = [a.owner == member.id and a.kind in CREDITED for a in accounts]
        row("pension_room", at.deposit, pensions, member.pension_room, -np.inf)
    if household.policy.lock_most is not None:
        locked = [a.lock_years > 0.0 for a in accounts]
        row("lock", at.deposit, locked, household.policy.lock_most, -np.inf)
    for aim in household.aims:
        if aim.withdrawal:
            of_aim = [a.id in aim.accounts for a in accounts]
            row("withdrawal", at.withdraw, of_aim, aim.withdrawal, aim.withdrawal)


def add_cash_rows(
    parts: Parts, inputs: ProgramInputs, at: Choices, gains: list[LinearTerms]
) -> None:
    """Add what an account can pay: its buys from settled money, everything in the end."""
    for number in range(len(inputs.household.accounts)):
        _add_cash_rows(parts, inputs, at, number, gains[number])


def _add_cash_rows(
    parts: Parts, inputs: ProgramInputs, at: Choices, number: int, gain: LinearTerms
) -> None:
    account = inputs.household.accounts[number]
    buys = np.flatnonzero((inputs.account == number) & (inputs.buy_most > 0.0))
    sells = np.flatnonzero((inputs.account == number) & (inputs.sell_most > 0.0))
    fee = account.order_fee / UNIT
    net = inputs.price[sells] * (1.0 - inputs.sell_cost[sells])
    brought_at = np.concatenate((at.sell[sells], at.sell_use[sells], gain.at))
    rate = inputs.withheld[number]
    brought_by = np.concatenate((net, np.full(len(sells), -fee), -rate * gain.by))
    paid = inputs.price[buys] * (1.0 + inputs.buy_cost[buys])
    buy_at = np.concatenate((at.buy[buys], at.buy_use[buys]))
    fees = np.full(len(buys), fee)
    money_at = np.array([at.deposit[number], at.withdraw[number]])
    money_by = np.array([1.0 - account.exchange, -1.0 - account.exchange])
    lost = float(np.minimum(net * inputs.sell_lowest[sells] - fee, 0.0).sum())
    cash, total = inputs.cash[number], inputs.cash[number] + inputs.due[number]
    taken = [at.withdraw[number]] if inputs.withdraw_most[number] > 0.0 else []
    need = account.buffer / UNIT - total
    unready = max(0.0, -cash - (lost if account.reuse else 0.0))
    short = max(0.0, need - lost)
    mark_at = NONE
    if (unready or short) and (len(buys) or taken):
        mark_at = parts.add_columns("acts", [1.0], whole=True)
        watched = np.concatenate((at.buy_use[buys], np.array(taken, dtype=np.int64)))
        parts.recipes.append(Mark(int(mark_at[0]), watched))
        most = np.concatenate((np.ones(len(buys)), inputs.withdraw_most[[number] * len(taken)]))
        for column, size in zip(watched, most, strict=True):
            pair = np.array([mark_at[0], column])
            parts.add_row("acts_if", pair, np.array([size, -1.0]), low=0.0)
    if len(buys):
        spent = np.concatenate((-paid * (1.0 + account.collar), -fees))
        reuse = slice(None) if account.reuse else slice(0)
        pay_at = (buy_at, money_at[:1], brought_at[reuse], mark_at)
        pay_by = (spent, money_by[:1], brought_by[reuse], np.full(len(mark_at), -unready))
        low = -cash - unready
        columns, by = _merged(np.concatenate(pay_at), np.concatenate(pay_by))
        parts.add_row("settled_cash", columns, by, low)
    if len(buys) or taken:
        end_at = (buy_at, money_at, brought_at, mark_at)
        end_by = (np.concatenate((-paid, -fees)), money_by, brought_by)
        marks = np.full(len(mark_at), -short)
        columns, by = _merged(np.concatenate(end_at), np.concatenate((*end_by, marks)))
        parts.add_row("cash", columns, by, need - short)


def _merged(columns: Ints, by: Floats) -> tuple[Ints, Floats]:
    """Return each column once: a share sold brings money and a gain that is taxed."""
    order = np.argsort(columns, kind="stable")
    columns, by = columns[order], by[order]
    first = np.flatnonzero(np.concatenate(([True], columns[1:] != columns[:-1])))
    return columns[first], np.add.reduceat(by, first)


def value_columns(
    inputs: ProgramInputs, at: Choices, weights: Floats
) -> tuple[Ints, Floats, float]:
    """Return columns, coefficients and constant of the positions' weighed value after the moves."""
    value = weights * inputs.price
    buys = np.flatnonzero((value != 0.0) & (inputs.buy_most > 0.0))
    sells = np.flatnonzero((value != 0.0) & (inputs.sell_most > 0.0))
    columns = np.concatenate((at.buy[buys], at.sell[sells]))
    by = np.concatenate((value[buys], -value[sells]))
    return columns, by, float(value @ inputs.shares)


def add_cap_rows(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add the caps: of an IRP on the funds it counts if any is bought, of an aim on its risk."""
    for number, account in enumerate(inputs.household.accounts):
        if account.risk_cap is not None:
            _add_account_cap(parts, inputs, at, number, account.risk_cap)
    for aim in inputs.household.aims:
        if aim.risk_most is not None:
            _add_aim_cap(parts, inputs, at, aim, aim.risk_most)


def _add_account_cap(
    parts: Parts, inputs: ProgramInputs, at: Choices, number: int, most: float
) -> None:
    counted = inputs.capped & (inputs.account == number)
    buys = np.flatnonzero(counted & (inputs.buy_most > 0.0))
    if not len(buys):
        return
    columns, by, held = value_columns(inputs, at, counted.astype(float))
    columns = np.concatenate((columns, [at.deposit[number], at.withdraw[number]]))
    by = np.concatenate((by, [-most, most]))
    high = most * inputs.money[number] - held
    over = most * inputs.withdraw_most[number] - high
    if over > 0.0:
        mark = parts.add_columns("risk_bought", [1.0], whole=True)
        parts.recipes.append(Mark(int(mark[0]), at.buy_use[buys]))
        for column in at.buy_use[buys]:
            pair = np.array([mark[0], column])
            parts.add_row("risk_bought_if", pair, np.array([1.0, -1.0]), low=0.0)
        columns, by = np.concatenate((columns, mark)), np.concatenate((by, [over]))
        high += over
    parts.add_row("risk_cap", columns, by, high=high)


def _add_aim_cap(parts: Parts, inputs: ProgramInputs, at: Choices, aim: Aim, most: float) -> None:
    weights = inputs.risk * inputs.within(aim.accounts)
    columns, by, held = value_columns(inputs, at, weights)
    parts.add_row("risk", columns, by, high=most * inputs.aim_money(aim) - held)
