"""Every rule of a household as rows of its own, so that one can be lifted and its excess measured.

The program that plans (:mod:`jeoul.household.program.program`) folds rules into the bounds of its
columns, which is fast; here each rule keeps its name. The program has no cost: what is minimised is
for the caller to say. A set of moves keeps the rows if and only if the evaluator finds no violation
in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jeoul.household.problem.after import CREDITED, aim_money, money_of
from jeoul.household.problem.records import (
    CASH,
    Account,
    Aim,
    Fund,
    Gains,
    Household,
    Moves,
    Position,
)
from jeoul.household.problem.relaxed import HouseholdRule
from jeoul.household.program.rule_rows import ProgramRows

Key = tuple[str, str]
_Sum = tuple[dict[int, float], float]  # by columns, and a constant

UNIT = 10_000.0
"""Won in one unit of the program."""

SLACK = 0.02 / UNIT
"""Units by which a row is kept wide: whole won and shares still fit when floats are added up."""


MOST_EXTRA = 10.0
"""How many times its own money a household may be given beyond a pool."""


DEMANDS = ("class_least", "class_most", "deposit_least", "drift_most")
"""Kinds of demand."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a plan beside its rules.

    ``kind`` is ``class_least`` or ``class_most`` (``where`` is the aim and the class, with a space
    between) or ``deposit_least`` (an account), each of an amount in won; or ``drift_most`` (an
    aim): half the sum of the absolute deviations from the target, as a share of its money.
    """

    kind: str
    where: str
    amount: float

    @property
    def rule(self) -> HouseholdRule:
        """Return the demand's name among the rules."""
        return HouseholdRule(self.kind, self.where)


@dataclass
class RuleProgram:
    """Rows and columns of a household's rules.

    ``bought`` marks what is bought at all. ``slacks`` is the column by which each rule may be
    exceeded, closed at first. ``extra`` is the column of new money beyond that of a pool, None
    unless it was asked for; ``risks`` is what each aim holds of risk assets, in units: by column,
    and before any order.
    """

    household: Household
    rows: ProgramRows = field(default_factory=ProgramRows)
    buys: dict[Key, int] = field(default_factory=dict)
    bought: dict[Key, int] = field(default_factory=dict)
    sells: dict[Key, int] = field(default_factory=dict)
    deposits: dict[str, int] = field(default_factory=dict)
    withdrawals: dict[str, int] = field(default_factory=dict)
    slacks: dict[HouseholdRule, int] = field(default_factory=dict)
    risks: dict[str, _Sum] = field(default_factory=dict)
    extra: int | None = None
    extra_pool: str | None = None

    def moves(self, values: Sequence[float]) -> Moves:
        """Return the moves of a solution."""
        trades = {
            key: round(values[self.buys[key]]) - round(values[self.sells[key]]) for key in self.buys
        }
        return Moves(
            trades={key: count for key, count in trades.items() if count},
            deposits=_won(self.deposits, values),
            withdrawals=_won(self.withdrawals, values),
        )


def rule_program(
    household: Household, demands: Iterable[Demand] = (), *, extra: str | None = None
) -> RuleProgram:
    """Return the rules of a household, and demands, as rows.

    ``extra`` names a pool that gets a column of its own for money beyond what it has.
    """
    made = _Maker(household, tuple(demands), extra)
    return made.program


def _won(columns: Mapping[str, int], values: Sequence[float]) -> dict[str, float]:
    found = {name: round(values[at] * UNIT, 4) for name, at in columns.items()}
    return {name: amount for name, amount in found.items() if amount > 0.1}


class _Maker:
    """Adds the rows of a household, group by group."""

    def __init__(
        self, household: Household, demands: tuple[Demand, ...], extra: str | None
    ) -> None:
        self.household = household
        self.program = RuleProgram(household)
        self.rows = self.program.rows
        self.prices = {fund.code: fund.price / UNIT for fund in household.funds}
        self.funds = {fund.code: fund for fund in household.funds}
        self.marks: dict[tuple[str, Key], int] = {}
        money = sum(money_of(household, each) for each in household.accounts)
        money += sum(pool.amount for pool in household.pools)
        self.most = 2.0 * (money + sum(each.amount for each in demands)) / UNIT + 1.0
        if extra is not None:
            self.most *= MOST_EXTRA
            self.program.extra = self.rows.add_column(0.0, self.most)
            self.program.extra_pool = extra
        for position in household.positions:
            self._position(position)
        self._policy()
        self._money()
        for account in household.accounts:
            self._cash(account)
            self._cap(account)
        for aim in household.aims:
            self._aim(aim)
        for demand in demands:
            self._demand(demand)

    def _rule(self, rule: HouseholdRule, entries: Mapping[int, float], high: float) -> None:
        """Add a row that is at most ``high``, with the excess of its rule."""
        if rule not in self.program.slacks:
            self.program.slacks[rule] = self.rows.add_column(0.0, 0.0)
        self.rows.add_row({**entries, self.program.slacks[rule]: -1.0}, high=high + SLACK)

    def _position(self, position: Position) -> None:
        """Add how many shares are traded, which way, and how large an order has to be."""
        key, where = position.key, " ".join(position.key)
        price, shares = self.prices[position.fund], float(position.shares)
        most = float(int(self.most / price) + 1)
        buy = self.program.buys[key] = self.rows.add_column(0.0, most, whole=True)
        sell = self.program.sells[key] = self.rows.add_column(0.0, shares, whole=True)
        bought = self.marks["buy", key] = self.program.bought[key] = self.rows.add_column(
            0.0, 1.0, whole=True
        )
        sold = self.marks["sell", key] = self.rows.add_column(0.0, 1.0, whole=True)
        self.rows.add_row({buy: 1.0, bought: -most}, high=0.0)
        self.rows.add_row({sell: 1.0, sold: -shares}, high=0.0)
        self.rows.add_row({buy: -1.0, bought: 1.0}, high=0.0)  # a mark is an order, not a thought
        self.rows.add_row({sell: -1.0, sold: 1.0}, high=0.0)
        self.rows.add_row({bought: 1.0, sold: 1.0}, high=1.0)
        if not position.buyable:
            self._rule(HouseholdRule("not_buyable", where), {buy: price}, 0.0)
        if not position.sellable and shares:
            self._rule(HouseholdRule("not_sellable", where), {sell: price}, 0.0)
        least = self.household.policy.min_trade / UNIT
        if least > 0.0:
            rule = HouseholdRule("min_trade")
            self._rule(rule, {bought: least, buy: -price}, 0.0)
            self._rule(rule, {sold: min(least, shares * price), sell: -price}, 0.0)

    def _policy(self) -> None:
        policy = self.household.policy
        if policy.max_trades is not None:
            orders = dict.fromkeys(self.marks.values(), 1.0)
            self._rule(HouseholdRule("max_trades"), orders, float(policy.max_trades))

    def _money(self) -> None:
        """Add what is paid in and taken out, by account, person, pool and for all."""
        household, program = self.household, self.program
        pooled = {name for pool in household.pools for name in pool.accounts}
        for account in household.accounts:
            most = self.most if account.id in pooled else 0.0
            paid = program.deposits[account.id] = self.rows.add_column(0.0, most)
            taken = program.withdrawals[account.id] = self.rows.add_column(0.0, self.most)
            if most:
                self._rule(HouseholdRule("room", account.id), {paid: 1.0}, account.room / UNIT)
            limit = account.withdrawable / UNIT
            self._rule(HouseholdRule("withdrawable", account.id), {taken: 1.0}, limit)
        for pool in household.pools:
            entries = dict.fromkeys((program.deposits[name] for name in pool.accounts), 1.0)
            if pool.id == program.extra_pool and program.extra is not None:
                entries[program.extra] = -1.0
            if pool.amount > 0.0:
                self._rule(HouseholdRule("pool", pool.id), entries, pool.amount / UNIT)
            else:  # having no new money is a fact, not a rule
                self.rows.add_row(entries, high=0.0)
        for member in household.members:
            credited = [
                program.deposits[a.id]
                for a in household.accounts
                if a.owner == member.id and a.kind in CREDITED
            ]
            if credited:
                room = member.pension_room / UNIT
                self._rule(
                    HouseholdRule("pension_room", member.id), dict.fromkeys(credited, 1.0), room
                )
        if household.policy.lock_most is not None:
            locks = [program.deposits[a.id] for a in household.accounts if a.lock_years > 0.0]
            most = household.policy.lock_most / UNIT
            self._rule(HouseholdRule("lock"), dict.fromkeys(locks, 1.0), most)

    def _cash(self, account: Account) -> None:
        """Add that purchases are paid: with settled money today, with all money in the end."""
        spent: dict[int, float] = {}
        payable: dict[int, float] = {}
        brought: dict[int, float] = {}
        fee = account.order_fee / UNIT
        for each in self._in(account):
            price = self.prices[each.fund]
            buy, bought = self.program.buys[each.key], self.marks["buy", each.key]
            sell, sold = self.program.sells[each.key], self.marks["sell", each.key]
            spent |= {buy: price * (1.0 + each.buy_cost), bought: fee}
            payable |= {buy: spent[buy] * (1.0 + account.collar), bought: fee}
            brought |= {sell: price * (1.0 - each.sell_cost), sold: -fee}
            if account.gains is Gains.WITHHELD and account.sale_rate:
                self._withheld(each, account.sale_rate, brought)
        paid = {self.program.deposits[account.id]: 1.0 - account.exchange}
        taken = {self.program.withdrawals[account.id]: 1.0 + account.exchange}
        owed = _less(spent | taken, paid | brought)
        self.rows.add_row(owed, high=(account.cash + account.due) / UNIT + SLACK)
        if not account.reuse or account.due > 0.0 or account.collar > 0.0:
            ready = paid | brought if account.reuse else paid
            rule = HouseholdRule("settled_cash", account.id)
            self._rule(rule, _less(payable, ready), account.cash / UNIT)
        if account.buffer > 0.0:
            self._buffer(account, owed)

    def _withheld(self, position: Position, rate: float, brought: dict[int, float]) -> None:
        """Take the tax off what a sale brings, lot by lot in their order."""
        taxed = [lot for lot in position.lots if lot.shares]
        if len({lot.gain for lot in taxed}) <= 1:
            gain = taxed[0].gain / UNIT if taxed else 0.0
            brought[self.program.sells[position.key]] -= rate * gain
            return
        entries = {self.program.sells[position.key]: 1.0}
        before: tuple[int, float] | None = None
        for lot in taxed:
            part = self.rows.add_column(0.0, float(lot.shares))
            entries[part] = -1.0
            brought[part] = -rate * lot.gain / UNIT
            if before is not None:  # a lot is touched only when the one before it is gone
                full = self.rows.add_column(0.0, 1.0, whole=True)
                self.rows.add_row({part: 1.0, full: -float(lot.shares)}, high=0.0)
                self.rows.add_row({full: before[1], before[0]: -1.0}, high=0.0)
            before = part, float(lot.shares)
        self.rows.add_row(entries, low=0.0, high=0.0)

    def _buffer(self, account: Account, owed: Mapping[int, float]) -> None:
        """Add that an account which spends keeps its buffer."""
        held, buffer = (account.cash + account.due) / UNIT, account.buffer / UNIT
        rule = HouseholdRule("buffer", account.id)
        if held >= buffer:
            self._rule(rule, owed, held - buffer)
            return
        spends = self.rows.add_column(0.0, 1.0, whole=True)
        for each in self._in(account):
            self.rows.add_row({self.marks["buy", each.key]: 1.0, spends: -1.0}, high=0.0)
        taken = self.program.withdrawals[account.id]
        self.rows.add_row({taken: 1.0, spends: -self.most}, high=0.0)
        self._rule(rule, {**owed, spends: buffer}, held)

    def _cap(self, account: Account) -> None:
        """Add that an IRP which buys risk assets is below its cap afterwards."""
        if account.risk_cap is None:
            return
        capped = [each for each in self._in(account) if self.funds[each.fund].capped]
        entries = dict[int, float]()
        for each in capped:
            entries |= self._value(each)
        worth = sum(each.shares * self.prices[each.fund] for each in capped)
        entries[self.program.deposits[account.id]] = -account.risk_cap
        entries[self.program.withdrawals[account.id]] = account.risk_cap
        high = account.risk_cap * money_of(self.household, account) / UNIT - worth
        buys = self.rows.add_column(0.0, 1.0, whole=True)
        for each in capped:
            self.rows.add_row({self.marks["buy", each.key]: 1.0, buys: -1.0}, high=0.0)
        free = worth + SLACK  # how far the row is exceeded at most where nothing is bought
        self._rule(HouseholdRule("risk_cap", account.id), {**entries, buys: free}, high + free)

    def _aim(self, aim: Aim) -> None:
        if aim.withdrawal > 0.0:
            taken = dict.fromkeys((self.program.withdrawals[a] for a in aim.accounts), -1.0)
            self._rule(HouseholdRule("withdrawal", aim.id), taken, -aim.withdrawal / UNIT)
        whole = dict.fromkeys((self.program.withdrawals[a] for a in aim.accounts), 1.0)
        self.rows.add_row(whole, high=aim.withdrawal / UNIT + SLACK)
        entries, held = self.program.risks[aim.id] = self._weighed(aim, lambda fund: fund.risk)
        if aim.risk_most is None:
            return
        whole, money = self.money(aim)
        less = {at: aim.risk_most * by for at, by in whole.items()}
        high = aim.risk_most * money - held
        self._rule(HouseholdRule("risk", aim.id), _less(entries, less), high)

    def _demand(self, demand: Demand) -> None:
        amount = demand.amount / UNIT
        if demand.kind not in DEMANDS:
            raise ValueError(f"{demand.kind!r} is not one of {', '.join(DEMANDS)}")
        if demand.kind == "deposit_least":
            self._rule(demand.rule, {self.program.deposits[demand.where]: -1.0}, -amount)
            return
        aim = next(a for a in self.household.aims if demand.where.split(" ")[0] == a.id)
        if demand.kind == "drift_most":
            self._drift(demand.rule, aim, demand.amount)
            return
        sign = -1.0 if demand.kind == "class_least" else 1.0
        entries, held = self.in_class(aim, demand.where.split(" ", 1)[1])
        signed = {at: sign * by for at, by in entries.items()}
        self._rule(demand.rule, signed, sign * (amount - held))

    def _drift(self, rule: HouseholdRule, aim: Aim, most: float) -> None:
        """Add that half the sum of the absolute deviations is at most a share of the money."""
        total: dict[int, float] = {}
        money = self.money(aim)
        cash, left = money
        for name in self.household.classes:
            entries, before = self.in_class(aim, name)
            self._deviation((entries, before), aim.weights.get(name, 0.0), money, total)
            cash, left = _less(cash, entries), left - before
        self._deviation((cash, left), aim.weights.get(CASH, 0.0), money, total)
        less = {at: most * by for at, by in money[0].items()}
        self._rule(rule, _less(total, less), most * money[1])

    def _deviation(
        self,
        held: _Sum,
        target: float,
        money: _Sum,
        total: dict[int, float],
    ) -> None:
        """Add a column for how far a class is from its target, and half of it to a total."""
        away = self.rows.add_column(0.0, self.most)
        total[away] = 0.5
        off = _less(held[0], {at: target * by for at, by in money[0].items()})
        constant = held[1] - target * money[1]
        self.rows.add_row({**off, away: -1.0}, high=-constant)
        self.rows.add_row({**{at: -by for at, by in off.items()}, away: -1.0}, high=constant)

    def _in(self, account: Account) -> list[Position]:
        return [each for each in self.household.positions if each.account == account.id]

    def _value(self, position: Position) -> dict[int, float]:
        """Return by how much an order changes the value of a position."""
        price = self.prices[position.fund]
        return {self.program.buys[position.key]: price, self.program.sells[position.key]: -price}

    def _weighed(self, aim: Aim, share: Callable[[Fund], float]) -> _Sum:
        """Return a part of every fund's value in an aim: by columns, and before any order."""
        entries: dict[int, float] = {}
        before = 0.0
        for each in self.household.positions:
            part = share(self.funds[each.fund])
            if each.account in aim.accounts and part:
                entries |= {at: part * by for at, by in self._value(each).items()}
                before += part * each.shares * self.prices[each.fund]
        return entries, before

    def in_class(self, aim: Aim, name: str) -> _Sum:
        """Return what an aim holds of a class, looked through."""
        return self._weighed(aim, lambda fund: fund.exposure.get(name, 0.0))

    def money(self, aim: Aim) -> _Sum:
        """Return the money that an aim divides."""
        new = self.program.extra
        entries = {new: 1.0} if new is not None and self.program.extra_pool in aim.pools else {}
        return entries, aim_money(self.household, aim) / UNIT


def _less(one: Mapping[int, float], other: Mapping[int, float]) -> dict[int, float]:
    found = dict(one)
    for at, by in other.items():
        found[at] = found.get(at, 0.0) - by
    return found
