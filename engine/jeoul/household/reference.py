"""The program of a household a second time, in cvxpy, as a reader would check it: for tests only.

It is written from :mod:`jeoul.household.cost` and :mod:`jeoul.household.violations`, shares no code
with :mod:`jeoul.household.program`, and takes fifty times as long to put together. Only the bounds
that a relaxation depends on, the largest size of an order and of a yearly amount, follow the
same formulas. cvxpy is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, pairwise
from typing import Any

from jeoul.household.after import CREDITED, aim_money
from jeoul.household.cost import BREAKS
from jeoul.household.records import (
    CASH,
    LONGEST_LOCK,
    Account,
    Aim,
    Curve,
    Gains,
    Household,
    Member,
    Need,
)
from jeoul.household.reference_amounts import UNIT, Amounts, levy_of


def reference_cost(household: Household, *, whole: bool = True, gap: float = 1e-9) -> float:
    """Return the least cost of a household's moves, in won, as cvxpy and HiGHS find it.

    With ``whole`` off shares and orders may be any numbers: the linear relaxation. Rules that
    cannot hold together give infinity.
    """
    import cvxpy as cp

    model = Reference(household, whole)
    problem = cp.Problem(cp.Minimize(model.cost()), model.rules())
    options = {"mip_rel_gap": gap, "mip_feasibility_tolerance": 1e-9} if whole else {}
    problem.solve(solver=cp.HIGHS, **options)
    return float(problem.value) * UNIT


@dataclass(frozen=True)
class Reference(Amounts):
    """The cost in units and the rules as expressions of cvxpy; the cost comes before the rules."""

    steps: list[Any] = field(default_factory=list)

    def cost(self) -> Any:
        """Return the cost, its parts in the order of :mod:`jeoul.household.cost`."""
        household, policy = self.household, self.household.policy
        total: Any = sum(self._tracking(aim) for aim in household.aims)
        for account in household.accounts:
            gain = self.gain([account])
            at_once = account.sale_rate if account.gains is Gains.WITHHELD else 0.0
            total += (at_once - policy.realise * account.sale_rate) * gain
        for p in household.positions:
            stays = sum(lot.shares * max(0.0, lot.gain) for lot in p.lots) / UNIT
            total += policy.realise * self.accounts[p.account].sale_rate * stays
        for member in household.members:
            total += self._taxes(member) + self._missed(member)
        total += policy.horizon * self._drag() + self._fees()
        for a in household.accounts:
            years = min(a.lock_years, LONGEST_LOCK)
            total += policy.lock_price * years * self.paid_in[a.id]
        return total + policy.shortfall_price * self._lacking()

    def _tracking(self, aim: Aim) -> Any:
        import cvxpy as cp

        household, policy = self.household, self.household.policy
        money = aim_money(household, aim) / UNIT
        inside = [p for p in household.positions if p.account in aim.accounts]
        away: dict[str, Any] = {}
        for name in household.classes:
            held = sum(self.funds[p.fund].exposure.get(name, 0.0) * self.value(p) for p in inside)
            away[name] = held - aim.weights.get(name, 0.0) * money
        invested = sum(away[n] + aim.weights.get(n, 0.0) * money for n in household.classes)
        away[CASH] = money - invested - aim.weights.get(CASH, 0.0) * money
        total = policy.drift_price * sum(cp.abs(each) for each in away.values())
        if money <= 0.0:
            return total
        slopes = [low + high for low, high in pairwise(BREAKS)]
        for factor in aim.factors:
            pairs = zip(factor, household.classes, strict=True)
            far = cp.abs(100.0 / money * sum(load * away[name] for load, name in pairs))
            square = slopes[0] * far
            for before, slope, low in zip(slopes, slopes[1:], BREAKS[1:], strict=False):
                square += (slope - before) * cp.pos(far - low)
            total += policy.risk_aversion / 2.0 * money / 10_000.0 * square
        return total

    def _taxes(self, member: Member) -> Any:
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
        total: Any = sum(p.drag * self.value(p) for p in household.positions)
        for member in household.members:
            own = [a for a in household.accounts if a.owner == member.id]
            within = self.weighed_range(own, "income")
            income = self.weighed(own, "income")
            total += self._levy(member.later_levy, income, within, member.later_financial)
            total -= member.later_levy.cost(member.later_financial) / UNIT
            own = [a for a in own if a.gains is Gains.YEARLY]
            within = self.weighed_range(own, "growth")
            total += self._levy(member.gains_levy, self.weighed(own, "growth"), within, 0.0)
        for account in household.accounts:
            end = account.settlement
            if end is not None:
                low, high = self.weighed_range([account], "growth")
                gain = end.years * self.weighed([account], "growth")
                within = (end.years * low, end.years * high)
                total += self._levy(end.curve, gain, within, end.accrued) / end.years
        return total

    def _fees(self) -> Any:
        total: Any = 0.0
        order = self.household.policy.trade_price / UNIT
        for p in self.household.positions:
            fee = order + self.accounts[p.account].order_fee / UNIT
            total += self.price(p) * p.buy_cost * self.bought[p.key] + fee * self.buys[p.key]
            total += self.price(p) * p.sell_cost * self.sold[p.key] + fee * self.sells[p.key]
        for a in self.household.accounts:
            total += a.exchange * (self.paid_in[a.id] + self.taken[a.id])
        return total

    def _missed(self, member: Member) -> Any:
        import cvxpy as cp

        credit = member.credit
        if credit is None:
            return 0.0
        own = [a for a in self.household.accounts if a.owner == member.id]
        savings = sum(self.paid_in[a.id] for a in own if a.kind == CREDITED[0])
        others = sum(self.paid_in[a.id] for a in own if a.kind in CREDITED[1:])
        counted = cp.minimum(
            credit.together / UNIT, cp.minimum(credit.savings / UNIT, savings) + others
        )
        return credit.rate * cp.pos(credit.reachable / UNIT - counted)

    def _lacking(self) -> Any:
        import cvxpy as cp

        needs = self.household.needs
        sets = (combinations(needs, count) for count in range(1, len(needs) + 1))
        excess = [self._excess(chosen) for chosen in chain.from_iterable(sets)]
        return cp.maximum(0.0, *excess) if excess else 0.0

    def _excess(self, chosen: Sequence[Need]) -> Any:
        serving = {name for need in chosen for name in (*need.accounts, *need.pools)}
        excess: Any = sum(need.amount for need in chosen) / UNIT
        for a in self.household.accounts:
            if a.id in serving:
                excess -= self.money(a) + self.paid_in[a.id] - self.taken[a.id]
        for pool in self.household.pools:
            if pool.id in serving:
                excess -= pool.amount / UNIT - sum(self.paid_in[a] for a in pool.accounts)
        return excess

    def rules(self) -> list[Any]:
        """Return the rules, in the order of :mod:`jeoul.household.violations`."""
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
        rules = []
        for p in self.household.positions:
            for count, use, most, least in (
                (self.bought[p.key], self.buys[p.key], self.most_bought(p), self.least(p)),
                (
                    self.sold[p.key],
                    self.sells[p.key],
                    self.most_sold(p),
                    min(self.least(p), p.shares),
                ),
            ):
                if most:
                    rules += [count <= most * use, count >= least * use]
            rules.append(self.buys[p.key] + self.sells[p.key] <= 1)
        most_trades = self.household.policy.max_trades
        if most_trades is not None:
            orders = sum(self.buys.values()) + sum(self.sells.values())
            rules.append(orders <= most_trades)
        return rules

    def _rooms(self) -> list[Any]:
        household, policy = self.household, self.household.policy
        paid = self.paid_in
        rules = [sum(paid[a] for a in p.accounts) <= p.amount / UNIT for p in household.pools]
        for member in household.members:
            own = [
                paid[a.id]
                for a in household.accounts
                if a.owner == member.id and a.kind in CREDITED
            ]
            rules += [sum(own) <= member.pension_room / UNIT] if own else []
        locked = [paid[a.id] for a in household.accounts if a.lock_years > 0.0]
        if policy.lock_most is not None and locked:
            rules.append(sum(locked) <= policy.lock_most / UNIT)
        for aim in household.aims:
            taken = [self.taken[a] for a in aim.accounts]
            rules.append(sum(taken) == aim.withdrawal / UNIT)
        return rules

    def _cash(self, account: Account) -> list[Any]:
        spent: Any = 0.0
        payable: Any = 0.0
        brought: Any = 0.0
        lost, fee = 0.0, account.order_fee / UNIT
        acting = [self.buys[p.key] for p in self.of_account(account) if self.most_bought(p)]
        for p in self.of_account(account):
            bought = self.bought[p.key] * self.price(p) * (1.0 + p.buy_cost)
            spent += bought + fee * self.buys[p.key]
            payable += bought * (1.0 + account.collar) + fee * self.buys[p.key]
            net = self.price(p) * (1.0 - p.sell_cost)
            brought += net * self.sold[p.key] - fee * self.sells[p.key]
            if self.most_sold(p):
                lost += min(0.0, net * min(self.least(p), p.shares) - fee)
        if account.gains is Gains.WITHHELD:
            brought -= account.sale_rate * self.gain([account])
        paid = self.paid_in[account.id] * (1.0 - account.exchange)
        out = self.taken[account.id] * (1.0 + account.exchange)
        ready = account.cash / UNIT + paid + (brought if account.reuse else 0.0)
        left = (account.cash + account.due) / UNIT + paid + brought - spent - out
        unready = max(0.0, -account.cash / UNIT - (lost if account.reuse else 0.0))
        short = max(0.0, (account.buffer - account.cash - account.due) / UNIT - lost)
        takes = self.most_taken(account)
        if not acting and not takes:
            return []
        acts: Any = self.mark() if unready or short else 1.0
        rules = [acts >= each for each in acting] if unready or short else []
        if takes and (unready or short):
            rules.append(self.taken[account.id] <= takes * acts)
        if acting:
            rules.append(payable <= ready + unready * (1.0 - acts))
        return [*rules, left + short * (1.0 - acts) >= account.buffer / UNIT]

    def _cap(self, account: Account) -> list[Any]:
        counted = [p for p in self.of_account(account) if self.funds[p.fund].capped]
        bought = [self.buys[p.key] for p in counted if self.most_bought(p)]
        if account.risk_cap is None or not bought:
            return []
        money = self.money(account) + self.paid_in[account.id] - self.taken[account.id]
        over = sum(self.value(p) for p in counted) - account.risk_cap * money
        held = sum(p.shares * self.price(p) for p in counted)
        worst = held - account.risk_cap * (self.money(account) - self.most_taken(account))
        if worst <= 0.0:
            return [over <= 0.0]
        buys = self.mark()
        return [over <= worst * (1.0 - buys), *(buys >= each for each in bought)]

    def _risk(self) -> list[Any]:
        rules = []
        for aim in self.household.aims:
            if aim.risk_most is not None:
                inside = [p for p in self.household.positions if p.account in aim.accounts]
                risk = sum(self.funds[p.fund].risk * self.value(p) for p in inside)
                rules.append(risk <= aim.risk_most * aim_money(self.household, aim) / UNIT)
        return rules
