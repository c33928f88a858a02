"""What a plan costs, as columns and rows: tracking, taxes now and later, drag, credit, needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.cost import BREAKS
from jeoul.household.problem.records import LONGEST_LOCK, Aim, Curve, Gains, HouseholdMember, Lot
from jeoul.household.program.inputs import UNIT, Floats, Ints, ProgramInputs
from jeoul.household.program.parts import NONE, FillEquation, Least, LinearTerms, Mark, Parts
from jeoul.household.program.rows import Choices, value_columns


def add_tracking(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add what deviating from each aim costs: its drift, and the square of its factors."""
    for aim in inputs.household.aims:
        _add_tracking(parts, inputs, at, aim)


def _add_tracking(parts: Parts, inputs: ProgramInputs, at: Choices, aim: Aim) -> None:
    household, policy = inputs.household, inputs.household.policy
    money, classes = inputs.aim_money(aim), household.classes
    names = (*classes, "CASH")
    weights = np.array([aim.weights.get(name, 0.0) for name in names])
    inside = inputs.within(aim.accounts)
    reach = inputs.price * (inputs.shares + inputs.buy_most) * inside
    most = np.append(np.abs(inputs.exposure).T @ reach, reach.sum()) + abs(money)
    above = parts.add_columns("above", most + weights * abs(money), cost=policy.drift_price)
    below = parts.add_columns("below", most + weights * abs(money), cost=policy.drift_price)
    for number in range(len(classes)):
        columns, by, held = value_columns(inputs, at, inputs.exposure[:, number] * inside)
        away = [above[number], below[number]]
        rest = weights[number] * money - held
        row_at, row_by = np.concatenate((columns, away)), np.concatenate((by, [-1.0, 1.0]))
        row = parts.add_row("away", row_at, row_by, rest, rest)
        parts.recipes.append(FillEquation(row, above[[number]], below[[number]]))
    signs = np.concatenate((np.ones(len(names)), -np.ones(len(names))))
    rest = money * (1.0 - float(weights.sum()))
    row = parts.add_row("away", np.concatenate((above, below)), signs, rest, rest)
    parts.recipes.append(FillEquation(row, below[-1:], above[-1:]))
    _add_reached(parts, inputs, at, inside.astype(float), (money, weights), above, below)
    if money > 0.0:
        for factor in aim.factors:
            _add_factor(parts, inputs, above[:-1], below[:-1], np.array(factor), money)


def _add_reached(
    parts: Parts,
    inputs: ProgramInputs,
    at: Choices,
    inside: Floats,
    target: tuple[float, Floats],
    above: Ints,
    below: Ints,
) -> None:
    """Add that a class stays as far off as it is unless an order reaches it.

    Whole numbers imply it. Without it the linear relaxation pays for a small part of an order
    only, since an order may be large; so no order counts here for more than what is missing.
    """
    money, weights = target
    invested = inputs.exposure.sum(axis=1)
    shares = np.column_stack((inputs.exposure, -invested)) * inside[:, None]
    values = inputs.price * inputs.shares
    held = values @ shares
    held[-1] += money
    for number, missing in enumerate(money * weights - held):
        share = shares[:, number] * np.sign(missing)
        bought = np.minimum(inputs.price * inputs.buy_most * np.maximum(share, 0.0), abs(missing))
        sold = np.minimum(inputs.price * inputs.sell_most * np.maximum(-share, 0.0), abs(missing))
        buys, sells = np.flatnonzero(bought), np.flatnonzero(sold)
        off = (below if missing > 0.0 else above)[[number]]
        columns = np.concatenate((off, at.buy_use[buys], at.sell_use[sells]))
        by = np.concatenate(([1.0], bought[buys], sold[sells]))
        parts.add_row("reached", columns, by, low=abs(missing))


def _add_factor(
    parts: Parts, inputs: ProgramInputs, above: Ints, below: Ints, loads: Floats, money: float
) -> None:
    uppers = np.concatenate(parts.uppers)
    far = float(100.0 / money * (np.abs(loads) * uppers[above]).sum())
    widths = np.diff((*BREAKS[:-1], max(far, BREAKS[-1])))
    slopes = np.array([low + high for low, high in pairwise(BREAKS)])
    scale = inputs.household.policy.risk_aversion / 2.0 * money / 10_000.0
    up = parts.add_columns("factor_up", widths, cost=scale * slopes)
    down = parts.add_columns("factor_down", widths, cost=scale * slopes)
    used = np.flatnonzero(loads)
    by = 100.0 / money * loads[used]
    ones = np.ones(len(up))
    row_at = np.concatenate((above[used], below[used], up, down))
    row_by = np.concatenate((by, -by, -ones, ones))
    parts.recipes.append(FillEquation(parts.add_row("factor", row_at, row_by, 0.0, 0.0), up, down))


def add_gains(parts: Parts, inputs: ProgramInputs, at: Choices) -> list[LinearTerms]:
    """Add the gains that sales realise, lot by lot, and return them by account.

    Lots of several gains become columns. Where a larger gain never costs less and gains rise in
    the order of sale, the cheapest order is the true one; elsewhere a binary holds each lot back
    until those before it are sold.
    """
    household = inputs.household
    found: list[list[LinearTerms]] = [[] for _ in household.accounts]
    for number, lots in enumerate(inputs.lots):
        if inputs.sell_most[number] > 0.0 and any(lot.gain for lot in lots):
            place = int(inputs.account[number])
            account = household.accounts[place]
            natural = account.gains is Gains.WITHHELD and household.policy.realise <= 1.0
            column = int(at.sell[number])
            found[place].append(_add_gain(parts, column, lots, natural))
    return [_sum(each) for each in found]


def _add_gain(parts: Parts, sell: int, lots: tuple[Lot, ...], natural: bool) -> LinearTerms:
    sizes = np.array([lot.shares for lot in lots], dtype=float)
    gains = np.array([lot.gain for lot in lots])
    reached = np.concatenate(([0.0], np.cumsum(sizes * gains)))
    low, high = float(reached.min()), float(reached.max())
    if len(lots) == 1:
        return LinearTerms(at=np.array([sell]), by=gains, constant=0.0, low=low, high=high)
    columns = parts.add_columns("lot", sizes)
    row_at = np.concatenate(([sell], columns))
    row_by = np.concatenate(([1.0], -np.ones(len(columns))))
    row = parts.add_row("lots", row_at, row_by, 0.0, 0.0)
    parts.recipes.append(FillEquation(row, columns, NONE))
    start = 0
    for number in range(1, len(lots)):
        if natural and gains[number] > gains[number - 1]:
            continue
        mark = parts.add_columns("lot_open", [1.0], whole=True)
        done, left = columns[start:number], columns[number:]
        by = np.concatenate((np.ones(len(done)), [-sizes[start:number].sum()]))
        parts.add_row("lot_full", np.concatenate((done, mark)), by, low=0.0)
        by = np.concatenate((np.ones(len(left)), [-sizes[number:].sum()]))
        parts.add_row("lot_waits", np.concatenate((left, mark)), by, high=0.0)
        parts.recipes.append(Mark(int(mark[0]), left))
        start = number
    return LinearTerms(at=columns, by=gains, constant=0.0, low=low, high=high)


def _sum(terms: Sequence[LinearTerms]) -> LinearTerms:
    if not terms:
        return LinearTerms(NONE, np.zeros(0))
    return LinearTerms(
        at=np.concatenate([each.at for each in terms]),
        by=np.concatenate([each.by for each in terms]),
        constant=sum(each.constant for each in terms),
        low=sum(each.low for each in terms),
        high=sum(each.high for each in terms),
    )


def _moved(terms: LinearTerms, start: float) -> LinearTerms:
    return LinearTerms(
        at=terms.at,
        by=terms.by,
        constant=terms.constant + start,
        low=terms.low + start,
        high=terms.high + start,
    )


def scaled(curve: Curve) -> Curve:
    """Return a curve of won as one of units."""
    steps = tuple((bound / UNIT, height / UNIT) for bound, height in curve.steps)
    return Curve(tuple(bound / UNIT for bound in curve.bounds), curve.slopes, steps)


def add_taxes(parts: Parts, inputs: ProgramInputs, gains: list[LinearTerms]) -> None:
    """Add this year's taxes on what is sold, less the part of a later tax that goes with it."""
    household = inputs.household
    for number, account in enumerate(household.accounts):
        rate = inputs.withheld[number] - household.policy.realise * account.sale_rate
        parts.charge(gains[number].at, rate * gains[number].by)
    rates = np.array([account.sale_rate for account in household.accounts])
    stays = [sum(lot.shares * max(0.0, lot.gain) for lot in lots) for lots in inputs.lots]
    parts.constant += household.policy.realise * float(rates[inputs.account] @ np.array(stays))
    for member in household.members:
        for kind, start, levy, group in (
            (Gains.WITHHELD, member.financial, member.income_levy, "income_now"),
            (Gains.YEARLY, member.realised, member.gains_levy, "gains_now"),
        ):
            own = [gains[number] for number in _accounts_of(inputs, member, kind)]
            curve = scaled(levy)
            parts.add_curve(group, _moved(_sum(own), start / UNIT), curve, 1.0)
            parts.constant -= curve.cost(start / UNIT)


def _accounts_of(inputs: ProgramInputs, member: HouseholdMember, *kinds: Gains) -> list[int]:
    accounts = inputs.household.accounts
    return [n for n, a in enumerate(accounts) if a.owner == member.id and a.gains in kinds]


def add_drag(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add what holding costs over the horizon: of each position, each person, each settlement."""
    household, horizon = inputs.household, inputs.household.policy.horizon
    columns, by, held = value_columns(inputs, at, inputs.rate("drag"))
    parts.charge(columns, horizon * by)
    parts.constant += horizon * held
    for member in household.members:
        owned = np.isin(inputs.account, _accounts_of(inputs, member, *Gains))
        income = _moved(_weighed(inputs, at, inputs.rate("income") * owned), 0.0)
        later = member.later_financial / UNIT
        levy = scaled(member.later_levy)
        parts.add_curve("income_later", _moved(income, later), levy, horizon)
        parts.constant -= horizon * levy.cost(later)
        owned = np.isin(inputs.account, _accounts_of(inputs, member, Gains.YEARLY))
        growth = _weighed(inputs, at, inputs.rate("growth") * owned)
        parts.add_curve("gains_later", growth, scaled(member.gains_levy), horizon)
    for number, account in enumerate(household.accounts):
        end = account.settlement
        if end is not None:
            weights = end.years * inputs.rate("growth") * (inputs.account == number)
            gain = _moved(_weighed(inputs, at, weights), end.accrued / UNIT)
            parts.add_curve("settlement", gain, scaled(end.curve), horizon / end.years)


def _weighed(inputs: ProgramInputs, at: Choices, weights: Floats) -> LinearTerms:
    """Return the weighed value of positions: within what each can be and each account can hold."""
    columns, by, held = value_columns(inputs, at, weights)
    value = weights * inputs.price
    most = inputs.per_account(np.maximum(value, 0.0) * (inputs.shares + inputs.buy_most))
    least = np.minimum(value, 0.0) * (inputs.shares + inputs.buy_most)
    least += np.maximum(value, 0.0) * (inputs.shares - inputs.sell_most)
    best = np.zeros(len(inputs.household.accounts))
    np.maximum.at(best, inputs.account, weights)
    high = float(np.minimum(most, best * inputs.value_most).sum())
    low = float(least.sum())
    return LinearTerms(at=columns, by=by, constant=held, low=low, high=max(low, high))


def add_credit(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add each person's pension credit that is missed, and the price of deposits that lock."""
    household = inputs.household
    years = np.minimum([a.lock_years for a in household.accounts], LONGEST_LOCK)
    parts.charge(at.deposit, household.policy.lock_price * years)
    for member in household.members:
        credit = member.credit
        if credit is None:
            continue
        own = [a.owner == member.id for a in household.accounts]
        kinds = np.array([a.kind for a in household.accounts])
        first = at.deposit[own & (kinds == CREDITED[0])]
        others = at.deposit[own & np.isin(kinds, CREDITED[1:])]
        surely = max(0.0, credit.reachable - credit.together) / UNIT
        most = max(surely, credit.reachable / UNIT)
        missed = parts.add_columns("missed", [most], lower=surely, cost=credit.rate)
        rows = []
        for counted, rest in (
            (others, credit.reachable - credit.savings),
            (np.concatenate((first, others)), credit.reachable),
        ):
            columns = np.concatenate((missed, counted))
            rows.append(parts.add_row("credit", columns, np.ones(len(columns)), rest / UNIT))
        parts.recipes.append(Least(int(missed[0]), np.array(rows)))


def add_needs(parts: Parts, inputs: ProgramInputs, at: Choices) -> None:
    """Add the least total that needs lack: a row for each set of them, as the cuts of a flow."""
    household = inputs.household
    if not household.needs:
        return
    sets = [
        chosen
        for count in range(1, len(household.needs) + 1)
        for chosen in combinations(household.needs, count)
    ]
    most = sum(need.amount for need in household.needs) / UNIT
    lack = parts.add_columns("lack", [most], cost=household.policy.shortfall_price)
    rows = []
    for chosen in sets:
        serving = {name for need in chosen for name in (*need.accounts, *need.pools)}
        weights = np.array([float(a.id in serving) for a in household.accounts])
        paid_in = weights.copy()
        have = float(weights @ inputs.money)
        for pool in household.pools:
            if pool.id in serving:
                have += pool.amount / UNIT
                paid_in -= np.array([float(a.id in pool.accounts) for a in household.accounts])
        moved_in, moved_out = np.flatnonzero(paid_in), np.flatnonzero(weights)
        row_at = np.concatenate((lack, at.deposit[moved_in], at.withdraw[moved_out]))
        row_by = np.concatenate(([1.0], paid_in[moved_in], -weights[moved_out]))
        rest = sum(need.amount for need in chosen) / UNIT - have
        rows.append(parts.add_row("need", row_at, row_by, rest))
    parts.recipes.append(Least(int(lack[0]), np.array(rows)))
