"""The program of a household a second time, in cvxpy, as a reader would check it: for tests only.

It is written from :mod:`jeoul.household.problem.cost` and :mod:`jeoul.household.problem.violations`
and shares no code with :mod:`jeoul.household.program.program`. The bounds that a relaxation depends
on, the largest size of an order and of a yearly amount, follow the same formulas. cvxpy is imported
where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, pairwise
from typing import Any

import numpy as np

from jeoul.household.problem.after import CREDITED, aim_money
from jeoul.household.problem.cost import BREAKS
from jeoul.household.problem.records import (
    CASH,
    LONGEST_LOCK,
    Account,
    Aim,
    Curve,
    Gains,
    Household,
    HouseholdMember,
    Need,
)
from jeoul.household.program.reference_amounts import UNIT, Amounts, levy_of


def reference_cost(household: Household, *, whole: bool = True, gap: float = 1e-9) -> float:
    """Return the least cost of a household's moves, in won, as cvxpy and HiGHS find it.

    With ``whole`` off shares and orders may be any numbers: the linear relaxation. Rules that
    cannot hold together give infinity.
    """
    import cvxpy as cp

    model = ReferenceProgram(household, whole)
    problem = cp.Problem(cp.Minimize(model.cost()), model.rules())
    fine = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
    problem.solve(solver=cp.HIGHS, **({"mip_rel_gap": gap} if whole else fine))
    return float(problem.value) * UNIT


@dataclass(frozen=True)
class ReferenceProgram(Amounts):
    """The cost in units and the rules as expressions of cvxpy; the cost comes before the rules."""

    steps: list[Any] = field(default_factory=list)

    def cost(self) -> Any:
        """Return the cost, its parts in the order of :mod:`jeoul.household.problem.cost`."""
        household, policy = self.household, self.household.policy
        total: Any = sum(self._tracking(aim) for aim in household.aims)
        for account in household.accounts:
            at_once = account.sale_rate if account.gains is Gains.WITHHELD else 0.0
            later = policy.realise * account.sale_rate
            total += (at_once - later) * self.gain([account])
        for p in household.positions:
            stays = sum(lot.shares * max(0.0, lot.gain) for lot in p.lots) / UNIT
            total += policy.realise * self.accounts[p.account].sale_rate * stays
        for member in household.members:
            total += self._taxes(member) + self._missed(member)
        total += policy.horizon * self._drag() + self._fees()
        years = self.of_accounts(lambda a: min(a.lock_years, LONGEST_LOCK))
        total += policy.lock_price * years @ self.paid_in
        return total + policy.shortfall_price * self._lacking()

    def _tracking(self, aim: Aim) -> Any:
        import cvxpy as cp

        household, policy = self.household, self.household.policy
        money = aim_money(household, aim) / UNIT
        inside = self.each(lambda p: self.price(p) if p.account in aim.accounts else 0.0)
        held = np.array([self._exposure(name) * inside for name in household.classes])
        wanted = np.array([aim.weights.get(name, 0.0) * money for name in household.classes])
        away = (
            held @ self.bought - held @ self.sold + (held @ self.each(lambda p: p.shares) - wanted)
        )
        cash = money * (1.0 - aim.weights.get(CASH, 0.0)) - wanted.sum() - cp.sum(away)
        total = policy.drift_price * (cp.sum(cp.abs(away)) + cp.abs(cash))
        if money <= 0.0 or not aim.factors:
            return total
        far = cp.abs(100.0 / money * (np.array(aim.factors) @ away))
        slopes = [low + high for low, high in pairwise(BREAKS)]
        square = slopes[0] * cp.sum(far)
        for before, slope, low in zip(slopes, slopes[1:], BREAKS[1:], strict=False):
            square += (slope - before) * cp.sum(cp.pos(far - low))
        return total + policy.risk_aversion / 2.0 * money / 10_000.0 * square

    def _exposure(self, name: str) -> Any:
        return self.each(lambda p: self.funds[p.fund].exposure.get(name, 0.0))

    def _taxes(self, member: HouseholdMember) -> Any:
        total: Any = 0.0
        for kind, start, levy in (
            (Gains.WITHHELD, member.financial, member.income_levy),
            (Gains.YEARLY, member.realised, member.gains_levy),
        ):
            own = [a for a in self.household.accounts if a.owner == member.id and a.gains is kind]
            total += self._levy(levy, self.gain(own), self.gain_range(own), start)
            total -= levy.cost(start) / UNIT
        return total

    def _levy(self, levy: Curve, amount: Any, within: tuple[float, float], start: float) -> Any:
        begin = start / UNIT
        cost, rules = levy_of(self, levy, amount + begin, within[0] + begin, within[1] + begin)
        self.steps.extend(rules)
        return cost

    def _drag(self) -> Any:
        household = self.household
        total: Any = self.value(lambda p: p.drag)
        for member in household.members:
            own = [a for a in household.accounts if a.owner == member.id]
            within = self.weighed_range(own, "income")
            income = self._weighed(own, "income")
            total += self._levy(member.later_levy, income, within, member.later_financial)
            total -= member.later_levy.cost(member.later_financial) / UNIT
            own = [a for a in own if a.gains is Gains.YEARLY]
            within = self.weighed_range(own, "growth")
            total += self._levy(member.gains_levy, self._weighed(own, "growth"), within, 0.0)
        for account in household.accounts:
            end = account.settlement
            if end is not None:
                low, high = self.weighed_range([account], "growth")
                gain = end.years * self._weighed([account], "growth")
                within = (end.years * low, end.years * high)
                total += self._levy(end.curve, gain, within, end.accrued) / end.years
        return total

    def _weighed(self, accounts: Sequence[Account], rate: str) -> Any:
        ids = {a.id for a in accounts}
        return self.value(lambda p: float(getattr(p, rate)) if p.account in ids else 0.0)

    def _fees(self) -> Any:
        order = self.household.policy.trade_price / UNIT
        fee = self.each(lambda p: order + self.accounts[p.account].order_fee / UNIT)
        bought = self.each(lambda p: self.price(p) * p.buy_cost) @ self.bought
        sold = self.each(lambda p: self.price(p) * p.sell_cost) @ self.sold
        moved = self.of_accounts(lambda a: a.exchange) @ (self.paid_in + self.taken)
        return bought + sold + fee @ (self.buys + self.sells) + moved

    def _missed(self, member: HouseholdMember) -> Any:
        import cvxpy as cp

        credit = member.credit
        if credit is None:
            return 0.0
        savings = self._paid(lambda a: a.owner == member.id and a.kind == CREDITED[0])
        others = self._paid(lambda a: a.owner == member.id and a.kind in CREDITED[1:])
        counted = cp.minimum(credit.savings / UNIT, savings) + others
        counted = cp.minimum(credit.together / UNIT, counted)
        return credit.rate * cp.pos(credit.reachable / UNIT - counted)

    def _paid(self, chosen: Any) -> Any:
        return self.of_accounts(lambda a: float(chosen(a))) @ self.paid_in

    def _in(self, accounts: Sequence[str]) -> Any:
        return self._paid(lambda a: a.id in accounts)

    def _taken(self, accounts: Sequence[str]) -> Any:
        return self.of_accounts(lambda a: a.id in accounts) @ self.taken

    def _pensions(self, member: HouseholdMember) -> Any:
        return self._paid(lambda a: a.owner == member.id and a.kind in CREDITED)

    def _lacking(self) -> Any:
        import cvxpy as cp

        needs = self.household.needs
        sets = (combinations(needs, count) for count in range(1, len(needs) + 1))
        excess = [self._excess(chosen) for chosen in chain.from_iterable(sets)]
        return cp.maximum(0.0, *excess) if excess else 0.0

    def _excess(self, chosen: Sequence[Need]) -> Any:
        serving = {name for need in chosen for name in (*need.accounts, *need.pools)}
        serves = self.of_accounts(lambda a: a.id in serving)
        excess: Any = sum(need.amount for need in chosen) / UNIT
        excess -= float(serves @ self.of_accounts(self.money))
        excess -= serves @ (self.paid_in - self.taken)
        for pool in self.household.pools:
            if pool.id in serving:
                excess -= pool.amount / UNIT - self._in(pool.accounts)
        return excess

    def rules(self) -> list[Any]:
        """Return the rules, in the order of :mod:`jeoul.household.problem.violations`."""
        return [
            *self._orders(),
            *self._rooms(),
            *(rule for account in self.household.accounts for rule in self._cash(account)),
            *(rule for account in self.household.accounts for rule in self._cap(account)),
            *self._risk(),
            *self.lot_rules(),
            *self.steps,
        ]

    def _orders(self) -> list[Any]:
        import cvxpy as cp

        most_bought, most_sold = self.each(self.most_bought), self.each(self.most_sold)
        least = self.each(self.least)
        selling = np.minimum(least, self.each(lambda p: p.shares))
        rules = [
            self.bought <= cp.multiply(most_bought, self.buys),
            self.bought >= cp.multiply(least * (most_bought > 0), self.buys),
            self.sold <= cp.multiply(most_sold, self.sells),
            self.sold >= cp.multiply(selling, self.sells),
            self.buys + self.sells <= 1,
        ]
        most_trades = self.household.policy.max_trades
        if most_trades is not None:
            rules.append(cp.sum(self.buys) + cp.sum(self.sells) <= most_trades)
        return rules

    def _rooms(self) -> list[Any]:
        household, policy = self.household, self.household.policy
        rules = [
            *(self._in(pool.accounts) <= pool.amount / UNIT for pool in household.pools),
            *(self._pensions(each) <= each.pension_room / UNIT for each in household.members),
            *(self._taken(aim.accounts) == aim.withdrawal / UNIT for aim in household.aims),
        ]
        if policy.lock_most is not None:
            rules.append(self._paid(lambda a: a.lock_years > 0.0) <= policy.lock_most / UNIT)
        return rules

    def _cash(self, account: Account) -> list[Any]:
        inside = self.each(lambda p: p.account == account.id)
        fee = account.order_fee / UNIT * inside
        paid = inside * self.each(lambda p: self.price(p) * (1.0 + p.buy_cost))
        net = inside * self.each(lambda p: self.price(p) * (1.0 - p.sell_cost))
        spent = paid @ self.bought + fee @ self.buys
        payable = (1.0 + account.collar) * paid @ self.bought + fee @ self.buys
        brought = net @ self.sold - fee @ self.sells
        if account.gains is Gains.WITHHELD:
            brought -= account.sale_rate * self.gain([account])
        number = self.household.accounts.index(account)
        paid_in = self.paid_in[number] * (1.0 - account.exchange)
        out = self.taken[number] * (1.0 + account.exchange)
        ready = account.cash / UNIT + paid_in + (brought if account.reuse else 0.0)
        left = (account.cash + account.due) / UNIT + paid_in + brought - spent - out
        least = np.minimum(self.each(self.least), self.each(lambda p: p.shares))
        fewest = (net * least - fee) * (self.each(self.most_sold) > 0)
        lost = float(np.minimum(fewest, 0.0).sum())
        unready = max(0.0, -account.cash / UNIT - (lost if account.reuse else 0.0))
        short = max(0.0, (account.buffer - account.cash - account.due) / UNIT - lost)
        acting = np.flatnonzero(inside * self.each(self.most_bought))
        takes = self.most_taken(account)
        if not len(acting) and not takes:
            return []
        marked = unready > 0.0 or short > 0.0
        acts: Any = self.mark() if marked else 1.0
        rules = [self.buys[k] <= acts for k in acting] if marked else []
        rules += [self.taken[number] <= takes * acts] if marked and takes else []
        rules += [payable <= ready + unready * (1.0 - acts)] if len(acting) else []
        return [*rules, left + short * (1.0 - acts) >= account.buffer / UNIT]

    def _cap(self, account: Account) -> list[Any]:
        counted = self.each(lambda p: p.account == account.id and self.funds[p.fund].capped)
        bought = np.flatnonzero(counted * self.each(self.most_bought))
        if account.risk_cap is None or not len(bought):
            return []
        number = self.household.accounts.index(account)
        money = self.money(account) + self.paid_in[number] - self.taken[number]
        ids = {p.key for p, yes in zip(self.household.positions, counted, strict=True) if yes}
        over = self.value(lambda p: float(p.key in ids)) - account.risk_cap * money
        held = sum(p.shares * self.price(p) for p in self.household.positions if p.key in ids)
        worst = held - account.risk_cap * (self.money(account) - self.most_taken(account))
        if worst <= 0.0:
            return [over <= 0.0]
        buys = self.mark()
        return [over <= worst * (1.0 - buys), *(self.buys[k] <= buys for k in bought)]

    def _risk(self) -> list[Any]:
        household = self.household
        return [
            self._risk_of(aim) <= aim.risk_most * aim_money(household, aim) / UNIT
            for aim in household.aims
            if aim.risk_most is not None
        ]

    def _risk_of(self, aim: Aim) -> Any:
        risks = {code: fund.risk for code, fund in self.funds.items()}
        return self.value(lambda p: risks[p.fund] if p.account in aim.accounts else 0.0)
