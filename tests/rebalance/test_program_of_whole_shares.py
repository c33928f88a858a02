"""The program for the proven best says what the rules say, of each order that can be tried.

Nothing is solved here. Every order of two or three small funds is written into the columns of the
program with costs worked out by hand: it has to fit exactly where the rules allow it, and to cost
what it costs an account.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from jeoul.highs import silent_highs
from jeoul.rebalance import SharesProblem, cost_of, search
from jeoul.rebalance.local_search import _admitted
from jeoul.rebalance.milp import _distance, _is_allowed, _Program, _program, _range, exact

UNIT = 2.0
FAR = 1e6  # so far that no order is left out as too far to be better
NEAR = 1e-9


def account(**changed: Any) -> SharesProblem:
    """Two funds whose orders have prices of their own, with a fee on each side."""
    problem = SharesProblem(
        target=np.array([33.0, 26.0]),
        price=np.array([10.0, 7.0]),
        buy=np.array([11.0, 8.0]),
        sell=np.array([9.0, 6.0]),
        held=np.array([2, 3]),
        cash=40.0,
        incoming=6.0,
        cash_target=5.0,
        floor=3.0,
        buy_fee=0.125,
        sell_fee=0.25,
        lot=1,
        min_trade=0.0,
        max_trades=2,
        may_sell=True,
        spend_proceeds=True,
        idle_weight=1.5,
    )
    arrays: dict[str, Any] = {k: np.array(v) for k, v in changed.items() if type(v) is list}
    return problem._replace(**{**changed, **arrays})


THREE = {
    "target": [33.0, 26.0, 0.0], "price": [10.0, 7.0, 4.0], "buy": [11.0, 8.0, 5.0],
    "sell": [9.0, 6.0, 3.0], "held": [2, 3, 1], "max_trades": 3,
}  # fmt: skip
RULES: tuple[dict[str, Any], ...] = (
    {},
    {"spend_proceeds": False},
    {"may_sell": False},
    {"lot": 2},
    {"lot": 2, "min_trade": 13.0},
    {"min_trade": 8.0},
    {"min_trade": 8.1, "max_trades": 1},
    {"max_trades": 1},
    {"max_trades": 0},
    {"max_trades": 3},
    {"floor": 40.0, "spend_proceeds": False},
    {"cash": 3.0, "incoming": 0.0, "cash_target": 60.0},
    {"target": [13.0, 5.0], "held": [3, 4]},
    {"min_trade": 14.0},  # the first is 13 from its target, and barred
    THREE,
    {**THREE, "max_trades": 2, "min_trade": 5.0},
)


class Order:
    """What an order of so many shares of a fund costs and moves, worked out by hand."""

    def __init__(self, problem: SharesProblem, i: int, shares: int) -> None:
        price, after = float(problem.price[i]), int(problem.held[i]) + shares
        self.shares, self.worth = shares, shares * price
        self.size = abs(shares) * float(problem.buy[i] if shares > 0 else problem.sell[i])
        self.away = abs(float(problem.target[i]) - after * price)
        if shares > 0:
            self.spent = self.size + self.size * problem.buy_fee
        else:
            self.spent = -(self.size - self.size * problem.sell_fee)
        self.costs = self.spent - self.worth
        if shares < 0 and not problem.spend_proceeds:
            self.spent = 0.0
        gap = abs(float(problem.target[i]) - int(problem.held[i]) * price)
        self.allowed = shares == 0 or (
            gap >= problem.min_trade
            and self.size >= problem.min_trade
            and after >= 0
            and (shares > 0 or problem.may_sell)
        )


def allowed(problem: SharesProblem, orders: list[Order]) -> bool:
    return (
        all(order.allowed for order in orders)
        and sum(order.shares != 0 for order in orders) <= problem.max_trades
        and problem.cash - sum(order.spent for order in orders) >= problem.floor
    )


def columns(problem: SharesProblem, orders: list[Order]) -> Any:
    """Return the columns of a program for some orders, in the order that it documents."""
    cash = problem.cash + problem.incoming - sum(order.worth for order in orders)
    over = max(cash - problem.cash_target, 0.0)
    under = max(problem.cash_target - cash, 0.0)
    money = [
        *(order.away for order in orders),
        *(order.costs for order in orders),
        *(order.spent for order in orders),
        over,
        under,
    ]
    lots = [order.shares / problem.lot for order in orders]
    switches = []
    if problem.min_trade > 0.0 or problem.max_trades < len(orders):
        switches = [*(o.shares > 0 for o in orders), *(o.shares < 0 for o in orders)]
    return np.array([*lots, *(amount / UNIT for amount in money), *switches], dtype=float)


class Checked:
    """A program as one table of rows, against which many columns are checked at once."""

    def __init__(self, program: _Program) -> None:
        self.least, self.most = program.least, program.most
        self.rows = np.array([row for row, _, _ in program.rows])
        self.lower = np.array([lower for _, lower, _ in program.rows])
        self.upper = np.array([upper for _, _, upper in program.rows])

    def fits(self, columns: Any) -> Any:
        """Return of each line of columns whether it is within all bounds and rows."""
        found = columns @ self.rows.T
        within = (columns >= self.least - NEAR) & (columns <= self.most + NEAR)
        rows = (found >= self.lower - NEAR) & (found <= self.upper + NEAR)
        return within.all(axis=1) & rows.all(axis=1)


def everything(problem: SharesProblem, most: int = 4) -> Any:
    """Yield all orders of whole lots, from one lot more than is held to ``most`` bought."""
    lot = problem.lot
    ways = [range(-(held // lot + 1) * lot, most * lot, lot) for held in problem.held.tolist()]
    for shares in product(*ways):
        yield [Order(problem, i, each) for i, each in enumerate(shares)]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: " ".join(rules) or "no rules")
def test_an_order_fits_the_program_where_the_rules_allow_it_and_costs_the_same(rules: Any) -> None:
    problem = account(**rules)
    program, n, best = _program(problem, UNIT, FAR), len(problem.target), np.inf
    checked, tried = Checked(program), {True: 0, False: 0}
    for orders in everything(problem):
        trades = np.array([order.shares for order in orders])
        x, is_allowed = columns(problem, orders), allowed(problem, orders)
        tried[is_allowed] += 1
        assert checked.fits(x[None, :]).tolist() == [is_allowed], trades
        over, under = (x[4 * n : 4 * n + 2] * UNIT).tolist()
        cost = sum(order.away + order.costs for order in orders)
        cost += problem.idle_weight * over + under
        assert abs(float(program.cost @ x) * UNIT - cost) < NEAR, trades
        assert abs(cost_of(problem, trades) - cost) < NEAR, trades
        if is_allowed:
            best = min(best, cost)
            assert not checked.fits(_cheaper(x, n)).any(), trades
    assert min(tried.values()) > 0
    found, proof = exact(problem, search(problem))
    value = problem.cash + problem.incoming + float(problem.held @ problem.price)
    assert proof.objective * value == pytest.approx(cost_of(problem, found))
    assert proof.objective * value <= best + 1e-6  # it may buy more than was tried here
    assert proof.gap <= 1e-7


def _cheaper(x: Any, n: int) -> Any:
    """Return lines in each of which one column says less than it is, or a switch is the other way.

    Neither a distance, a cost, money that is spent nor cash beside its target is less than it is;
    no order is made with its switch off, and no switch is on without one.
    """
    lines = []
    for column in range(n, len(x)):
        line = x.copy()
        line[column] = x[column] - 1e-6 if column < 4 * n + 2 else 1.0 - x[column]
        lines.append(line)
    return np.array(lines)


@pytest.mark.parametrize(
    ("rules", "switches"),
    [
        ({}, 0),
        ({"max_trades": 3}, 0),  # more orders than funds are no rule
        ({"max_trades": 1}, 4),
        ({"min_trade": 0.5}, 4),
    ],
)
def test_a_program_has_switches_where_orders_are_few_or_have_a_least_size(
    rules: Any, switches: int
) -> None:
    program = _program(account(**rules), UNIT, FAR)
    assert len(program.cost) == 10 + switches
    assert np.flatnonzero(program.whole).tolist() == [0, 1, *range(10, 10 + switches)]
    assert program.most[10:].tolist() == [1.0] * switches
    # only what is spent may be below nothing, where a sale brings money
    assert program.least[2:].tolist() == [0.0] * 4 + [-np.inf] * 2 + [0.0] * (2 + switches)
    waits = _program(account(**rules, spend_proceeds=False), UNIT, FAR)
    assert waits.least[2:].tolist() == [0.0] * (8 + switches)


@pytest.mark.parametrize(
    ("target", "held", "reached", "least", "most"),
    # seven lots of 0.1 are 0.7, and a float says that 0.7 holds a little less than seven
    [(0.3, 0, 0.4, 0.0, 7.0), (0.2, 9, 0.0, -7.0, 0.0), (0.2, 9, 0.1, -8.0, 0.0)],
)
def test_rounding_shuts_out_no_lot_that_may_be_better(
    target: float, held: int, reached: float, least: float, most: float
) -> None:
    tenth = [0.1, 7.0]
    problem = account(target=[target, 26.0], held=[held, 0], price=tenth, buy=tenth, sell=tenth)
    lowest, highest = _range(problem, reached)
    assert (lowest[0], highest[0]) == (least, most)


class Told:
    """HiGHS that remembers which solution it was told to begin with."""

    def __init__(self, highs: Any) -> None:
        self.highs, self.begins = highs, list[Any]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.highs, name)

    def setSolution(self, count: int, columns: Any, values: Any) -> None:  # noqa: N802
        self.begins.append((count, columns.tolist(), values.tolist()))
        self.highs.setSolution(count, columns, values)


def test_the_solver_begins_with_the_lots_of_the_trades_that_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told(silent_highs())
    monkeypatch.setattr("jeoul.rebalance.milp.silent_highs", lambda: told)
    exact(account(lot=2), np.array([2, -2]))
    assert told.begins == [(2, [0, 1], [1.0, -1.0])]


@pytest.mark.parametrize(
    ("target", "held", "lot"), [(33.0, 2, 1), (30.0, 2, 1), (7.0, 3, 1), (46.0, 0, 2), (5.0, 1, 3)]
)
def test_between_whole_lots_the_distance_is_no_less_than_the_line_that_joins_theirs(
    target: float, held: int, lot: int
) -> None:
    problem = account(target=[target, 1.0], held=[held, 0], lot=lot)
    program = _Program(np.zeros(10), np.zeros(10), np.zeros(10), np.zeros(10, dtype=bool), [])
    _distance(program, problem, 0, UNIT)
    below = (target - held * 10.0) // (10.0 * lot)  # lots that end at or just below the target

    def least(lots: float) -> float:
        """Return the least distance that the rows leave to so many lots."""
        edges = [float(lower - row[0] * lots) / float(row[2]) for row, lower, _ in program.rows]
        return max(edges) * UNIT

    def away(lots: float) -> float:
        return abs(target - (held + lots * lot) * 10.0)

    assert all(row[2] == 1.0 for row, _, _ in program.rows)
    for lots in (below - 1, below, below + 1, below + 2):
        assert least(lots) == pytest.approx(away(lots))
    for part in (0.25, 0.5, 0.75):
        line = (1.0 - part) * away(below) + part * away(below + 1)
        assert least(below + part) == pytest.approx(line)


def test_the_size_of_one_share_is_that_of_its_side() -> None:
    # a share is bought at 11 and sold at 9
    for least, bought, sold in ((9.0, 1, -1), (9.1, 1, 0), (11.0, 1, 0), (11.1, 0, 0)):
        problem = account(min_trade=least)
        assert _admitted(problem, 0, 1) == bought
        assert _admitted(problem, 0, -1) == sold
        assert _is_allowed(problem, np.array([1, 0])) == bool(bought)
        assert _is_allowed(problem, np.array([-1, 0])) == bool(sold)
        assert _is_allowed(problem, np.array([0, 0]))
