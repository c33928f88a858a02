"""How fast the allocator solves, beside the peers that are installed; every answer is compared.

    python benchmarks/allocation.py [--json]

Minimise -mean'w + 5/2 w'Sigma w + 20 bp |w - previous|_1 with sum 1, 0 <= w <= max(2 %, 4/n) and
five classes of at most 35 %. Every timed call has new means, covariance and current weights:
Ledoit-Wolf of 504 daily returns, means shrunk by half, weights drifted by a month. Returns are
those of the 20 large American stocks that skfolio ships (1990-2022) for n = 20, and for n = 200
mixes of them with noise of their own; without skfolio all are simulated. "bare daqp" is the floor:
the program written by hand for the solver, without any check.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from factor_case import factor_case, installed_peers, ours_kept, peak_mb
from factor_case import ours as factor_ours
from factor_case import timed as factor_timed

from jeoul.allocate import Group, PreparedProgram, Program, family, solve_many
from jeoul.estimate import Estimate, ledoit_wolf

YEAR, WINDOW, MONTH = 252, 504, 21
AVERSION, COST, CLASS_CAP, CLASSES = 5.0, 0.002, 0.35, 5
AGREE = 5e-4


@dataclass(frozen=True)
class Row:
    row: str
    ours_ms: float
    target: str
    met: bool
    peer: str | None = None
    peer_ms: float | None = None
    agreement: float | None = None

    def record(self) -> dict[str, object]:
        ratio = None if self.peer_ms is None else round(self.peer_ms / self.ours_ms, 1)
        return {
            "row": self.row,
            "ours_ms": round(self.ours_ms, 4),
            "peer": self.peer,
            "peer_ms": None if self.peer_ms is None else round(self.peer_ms, 3),
            "ratio": ratio,
            "target": self.target,
            "met": self.met,
            "largest_weight_difference": self.agreement,
        }


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def stocks() -> np.ndarray:
    if installed("skfolio"):
        from skfolio.datasets import load_sp500_dataset

        return load_sp500_dataset().pct_change().dropna().to_numpy()
    rng = np.random.default_rng(0)
    market = rng.standard_t(4, size=(8000, 3)) * 0.006
    return 0.0004 + market @ rng.uniform(0.2, 1.2, (3, 20)) + rng.normal(0, 0.012, (8000, 20))


def universe(n: int) -> np.ndarray:
    real = stocks()
    if n <= real.shape[1]:
        return real[:, :n]
    rng = np.random.default_rng(n)
    mixes = rng.dirichlet(np.full(real.shape[1], 0.15), size=n).T
    own = rng.permuted(real - real.mean(axis=0), axis=0)[:, rng.integers(0, real.shape[1], n)]
    return real @ mixes + 0.7 * own


def estimate(returns: np.ndarray, end: int) -> Estimate:
    window = returns[end - WINDOW : end]
    covariance, _ = ledoit_wolf(window)
    mean = window.mean(axis=0)
    half = (mean + mean.mean()) / 2
    return Estimate(_labels(returns.shape[1]), half * YEAR, covariance * YEAR)


def _labels(n: int) -> tuple[str, ...]:
    return tuple(f"a{i}" for i in range(n))


def program(n: int) -> Program:
    kind = np.arange(n) % CLASSES
    return Program(
        labels=_labels(n),
        risk_aversion=AVERSION,
        upper=max(0.02, 4 / n),
        groups=tuple(Group(f"class {k}", kind == k, 0.0, CLASS_CAP) for k in range(CLASSES)),
        previous=np.full(n, 1 / n),
        turnover_cost=COST,
    )


def drifted(weights: np.ndarray, returns: np.ndarray, end: int) -> np.ndarray:
    grown = np.where(weights > 1e-12, weights, 0.0)
    grown = grown * np.prod(1 + returns[end : end + MONTH], axis=0)
    return grown / grown.sum()


@dataclass(frozen=True)
class Case:
    """Months of new numbers: estimates, and the weights held before each."""

    program: Program
    estimates: Sequence[Estimate]
    previous: Sequence[np.ndarray]


def case(n: int, months: int, *, all_held: bool = False) -> Case:
    returns, rules = universe(n), program(n)
    ends = [len(returns) - MONTH * (months + 2 - k) for k in range(months + 1)]
    found = [estimate(returns, end) for end in ends]
    prepared, held = PreparedProgram(rules), np.full(n, 1 / n)
    before = []
    for one, end in zip(found, ends, strict=True):
        before.append(held)
        held = drifted(prepared.solve(one, previous=held).weights, returns, end)
        if all_held:
            held = 0.5 * held + 0.5 / n
    return Case(rules, found[1:], before[1:])


Solver = Callable[[Estimate, np.ndarray], np.ndarray]


def ours(rules: Program) -> Solver:
    prepared = PreparedProgram(rules)
    return lambda one, held: prepared.solve(one, previous=held).weights


def skfolio(
    rules: Program, frontier: int | None = None
) -> Callable[[Estimate, np.ndarray], object]:
    from skfolio.moments import BaseCovariance, BaseMu
    from skfolio.optimization import MeanRisk, ObjectiveFunction
    from skfolio.prior import EmpiricalPrior

    class Given(BaseMu, BaseCovariance):
        def __init__(self, mean: object = None, covariance: object = None) -> None:
            self.mean, self.covariance = mean, covariance

        def fit(self, x: object, y: object = None) -> Given:  # noqa: ARG002
            self.mu_, self.covariance_ = self.mean, self.covariance
            return self

    n = len(rules.labels)
    x = np.random.default_rng(0).normal(size=(30, n)) / 100
    kinds = [f"c{i % CLASSES}" for i in range(n)]

    def run(one: Estimate, held: np.ndarray) -> object:
        given = Given(one.mean, one.covariance)
        goal = {"objective_function": ObjectiveFunction.MAXIMIZE_UTILITY}
        if frontier is not None:
            goal = {"efficient_frontier_size": frontier}
        else:
            goal |= {"transaction_costs": COST, "previous_weights": held}
        model = MeanRisk(
            risk_aversion=AVERSION / 2,
            prior_estimator=EmpiricalPrior(mu_estimator=given, covariance_estimator=given),
            max_weights=float(rules.upper[0]),
            groups=[list(rules.labels), kinds],
            linear_constraints=[f"c{k} <= {CLASS_CAP}" for k in range(CLASSES)],
            **goal,
        )
        return model.fit(x).weights_

    return run


def _pypfopt(rules: Program, one: Estimate) -> object:
    from pypfopt import EfficientFrontier

    found = EfficientFrontier(
        one.mean, one.covariance, weight_bounds=(0, float(rules.upper[0])), solver="CLARABEL"
    )
    for group in rules.groups:
        member = group.members.astype(float)
        found.add_constraint(lambda w, m=member: m @ w <= CLASS_CAP)
    return found


def pypfopt(rules: Program) -> Solver:
    from pypfopt import objective_functions

    def run(one: Estimate, held: np.ndarray) -> np.ndarray:
        model = _pypfopt(rules, one)
        model.add_objective(objective_functions.transaction_cost, w_prev=held, k=COST)
        model.max_quadratic_utility(risk_aversion=AVERSION)
        return np.asarray(model.weights)

    return run


def pypfopt_frontier(rules: Program, targets: np.ndarray) -> Callable[[Estimate], None]:
    def run(one: Estimate) -> None:
        model = _pypfopt(rules, one)
        for target in targets:
            model.efficient_return(float(target))

    return run


def timed(
    run: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    found = []
    for _ in range(repeats):
        start = clock()
        run()
        found.append(clock() - start)
    return 1e3 * statistics.median(found)


def each(solver: Solver, given: Case, repeats: int) -> tuple[float, list[np.ndarray]]:
    """Return the median milliseconds of one solve over all months, and the answers."""
    answers, found = [], []
    for repeat in range(repeats):
        for one, held in zip(given.estimates, given.previous, strict=True):
            start = time.perf_counter()
            answer = solver(one, held)
            found.append(time.perf_counter() - start)
            if repeat == 0:
                answers.append(np.asarray(answer))
    return 1e3 * statistics.median(found), answers


def bare(rules: Program) -> Solver:
    """Return the floor: the same program written by hand for DAQP, no check of the answer."""
    import daqp

    n = len(rules.labels)
    members = np.array([group.members for group in rules.groups], dtype=float)
    zero, one = np.zeros((n, n)), np.eye(n)
    # Weights, then buys: buys are at least the weights less the weights before.
    rows = np.vstack(
        [
            np.append(np.ones(n), np.zeros(n))[None, :],
            np.hstack([members, np.zeros_like(members)]),
            np.hstack([-one, one]),
        ]
    )
    free = np.full(n, 1e30)
    h = np.block([[zero, zero], [zero, zero]])
    sense = np.zeros(2 * n + len(rows), dtype=np.intc)
    sense[2 * n] = 5
    upper = np.concatenate([rules.upper, free, [1.0], np.full(len(members), CLASS_CAP), free])
    model: list[daqp.Model] = []

    def run(given: Estimate, held: np.ndarray) -> np.ndarray:
        h[:n, :n] = AVERSION * given.covariance
        q = np.concatenate([-given.mean, np.full(n, 2 * COST)])
        lower = np.concatenate([np.zeros(2 * n), [1.0], np.full(len(members), -1e30), -held])
        if model:
            model[0].update(h, q, None, upper, lower)
        else:
            model.append(daqp.Model())
            model[0].setup(h, q, rows, upper, lower, sense)
        return model[0].solve()[0][:n]

    return run


PEERS = {"skfolio": skfolio, "pypfopt": pypfopt}


def solve_rows() -> list[Row]:
    rows = []
    for name, given, limit in (
        ("solve n=20", case(20, 24), 0.10),
        ("solve n=200, all held", case(200, 8, all_held=True), 14.0),
        ("solve n=200, few held", case(200, 8), 2.0),
    ):
        each(ours(given.program), given, 2)
        ms, answers = each(ours(given.program), given, 20)
        target = f"<= {limit:g} ms"
        floor, theirs = each(bare(given.program), given, 20)
        gap = max(float(np.abs(a - b).max()) for a, b in zip(answers, theirs, strict=True))
        rows.append(Row(name, ms, target, ms <= limit, "bare daqp", floor, gap))
        for peer in filter(installed, PEERS):
            peer_ms, theirs = each(PEERS[peer](given.program), given, 1)
            gap = max(float(np.abs(a - b).max()) for a, b in zip(answers, theirs, strict=True))
            rows.append(Row(name, ms, target, ms <= limit, peer, peer_ms, gap))
    return rows


def batch_rows() -> list[Row]:
    """Return 1,000 problems at once, beside a loop and beside the bare solver on the same ones.

    The milliseconds are of the processor: other work on the machine does not count.
    """
    name, limit, count = "1,000 problems at once, n=20", 100.0, 1_000
    given = case(20, 250)
    rounds = -(-count // len(given.estimates))
    estimates = [*given.estimates * rounds][:count]
    held = [*given.previous * rounds][:count]

    def one_by_one(solver: Solver) -> list[np.ndarray]:
        return [np.asarray(solver(one, w)) for one, w in zip(estimates, held, strict=True)]

    def at_once() -> list[np.ndarray]:
        return [found.weights for found in solve_many(given.program, estimates, previous=held)]

    answers = at_once()
    ms = timed(at_once, 7, time.process_time)
    rows = []
    for peer, make in (("one by one", ours), ("bare daqp", bare)):
        solver = make(given.program)
        theirs = one_by_one(solver)
        gap = max(float(np.abs(a - b).max()) for a, b in zip(answers, theirs, strict=True))
        peer_ms = timed(partial(one_by_one, solver), 7, time.process_time)
        rows.append(Row(name, ms, f"<= {limit:g} ms", ms <= limit, peer, peer_ms, gap))
    return rows


def frontier_rows() -> list[Row]:
    given = case(20, 8)
    rules = replace(given.program, previous=None, turnover_cost=0.0)
    aversions = np.geomspace(500.0, 0.5, 50)
    count = iter(range(10**9))

    def run() -> object:
        one = given.estimates[next(count) % len(given.estimates)]
        return family(rules, one, aversions)

    timed(run, 5)
    ms = timed(run, 80)
    one = given.estimates[0]
    ends = family(rules, one, aversions).mean
    rows = []
    if installed("skfolio"):
        peer = skfolio(rules, frontier=50)
        peer_ms = timed(lambda: peer(one, given.previous[0]), 3)
        rows.append(Row("frontier of 50, n=20", ms, "<= 0.5 ms", ms <= 0.5, "skfolio", peer_ms))
    if installed("pypfopt"):
        loop = pypfopt_frontier(rules, np.linspace(ends[0], ends[-1] * (1 - 1e-6), 50))
        peer_ms = timed(lambda: loop(one), 3)
        rows.append(Row("frontier of 50, n=20", ms, "<= 0.5 ms", ms <= 0.5, "pypfopt", peer_ms))
    return rows or [Row("frontier of 50, n=20", ms, "<= 0.5 ms", ms <= 0.5)]


def walk_forward(make: Callable[[Program], Solver], returns: np.ndarray, months: int) -> np.ndarray:
    """Return the weights of every month: estimate, solve, drift."""
    solver, held = make(program(20)), np.full(20, 1 / 20)
    found = []
    for k in range(months):
        end = len(returns) - MONTH * (months + 1 - k)
        weights = np.asarray(solver(estimate(returns, end), held))
        found.append(weights)
        held = drifted(weights, returns, end)
    return np.array(found)


def walk_rows() -> list[Row]:
    name, months, limit = "walk-forward of 240 months with Ledoit-Wolf, n=20", 240, 80.0
    returns = universe(20)

    def run() -> np.ndarray:
        return walk_forward(ours, returns, months)

    answers = run()
    ms = timed(run, 5)
    rows = []
    for peer in filter(installed, PEERS):
        start = time.perf_counter()
        theirs = walk_forward(PEERS[peer], returns, months)
        peer_ms = 1e3 * (time.perf_counter() - start)
        gap = float(np.abs(answers - theirs).max())
        rows.append(Row(name, ms, "<= 80 ms", ms <= limit, peer, peer_ms, gap))
    return rows or [Row(name, ms, "<= 80 ms", ms <= limit)]


def many_rows() -> list[Row]:
    """Return thousands of funds in factor form, few held: processor time, on one core."""
    rows = []
    for n, factors, limit in (
        (2_000, 20, 60.0),
        (2_000, 504, 60.0),
        (10_000, 20, 100.0),
        (10_000, 504, 100.0),
    ):
        given = factor_case(n, factors, 4)
        name = f"solve n={n:,}, {factors} factors"
        factor_timed(factor_ours(given.program), given, 1)
        ms, answers = factor_timed(factor_ours(given.program), given, 3)
        kept_ms, _ = factor_timed(ours_kept(given.program), given, 3)
        target = f"<= {limit:g} ms"
        rows.append(Row(f"{name}, from the month before", kept_ms, target, kept_ms <= limit))
        if factors > 100:  # a sparse solver has n x 504 numbers to factorise: seconds
            rows.append(Row(name, ms, target, ms <= limit))
            continue
        for peer, make in installed_peers().items():
            peer_ms, theirs = factor_timed(make(given.program), given, 1)
            gap = max(float(np.abs(a - b).max()) for a, b in zip(answers, theirs, strict=True))
            rows.append(Row(name, ms, target, ms <= limit, peer, peer_ms, gap))
    return rows


def memory_row() -> dict[str, object]:
    """Return what a process takes that solves one program of 10,000 funds over 504 sessions."""
    peak = peak_mb(10_000, 504)
    return {
        "row": "memory of a process, n=10,000, 504 factors",
        "megabytes": round(peak),
        "target": "<= 300 MB",
        "met": peak <= 300.0,
    }


def receipt_row() -> dict[str, object]:
    """Return how right 1,000 problems are: random windows, sizes, holdings and risk aversions."""
    returns, rng = universe(60), np.random.default_rng(1)
    worst_gap = worst_violation = 0.0
    fell_back = 0
    for _ in range(1000):
        n = int(rng.integers(5, 60))
        columns = rng.choice(60, size=n, replace=False)
        one = estimate(returns[:, columns], int(rng.integers(WINDOW, len(returns))))
        rules = replace(
            program(n),
            risk_aversion=float(rng.uniform(1, 15)),
            previous=rng.dirichlet(np.full(n, float(rng.choice([0.1, 1.0, 20.0])))),
        )
        found = PreparedProgram(rules).solve(one)
        worst_gap, worst_violation = (
            max(worst_gap, found.gap),
            max(worst_violation, found.violation),
        )
        fell_back += found.path != "direct"
    return {
        "row": "1,000 random problems",
        "worst_gap": worst_gap,
        "worst_violation": worst_violation,
        "left_to_the_reference": fell_back,
        "target": "gap and violation <= 1e-9, none falsely infeasible",
        "met": max(worst_gap, worst_violation) <= 1e-9,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print rows as JSON")
    parser.add_argument("--many", action="store_true", help="thousands of funds alone")
    asked = parser.parse_args()
    few = [] if asked.many else [*solve_rows(), *batch_rows(), *frontier_rows(), *walk_rows()]
    rows = [*few, *many_rows()]
    receipts = [memory_row()] if asked.many else [receipt_row(), memory_row()]
    if asked.json:
        print(json.dumps([*(row.record() for row in rows), *receipts], indent=1))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"{'row':52} {'ours ms':>9} {'peer':>10} {'peer ms':>9} {'ratio':>7}  {'target':12} diff")
    for row in rows:
        entry = row.record()
        diff = "" if row.agreement is None else f"{row.agreement:.0e}"
        print(
            f"{row.row:52} {row.ours_ms:9.3f} {row.peer or '':>10} {entry['peer_ms'] or '':>9} "
            f"{entry['ratio'] or '':>7}  {row.target:12} {diff:6} {'met' if row.met else 'missed'}"
        )
    for receipt in receipts:
        print(receipt)
    for row in rows:
        if row.agreement is not None and row.agreement > AGREE:
            sys.exit(f"{row.row}: {row.peer} differs by {row.agreement:.1e}, above {AGREE}")


if __name__ == "__main__":
    main()
