"""Programs over thousands of funds, few of them held, and peers that solve them in factor form.

Peers get the program written by hand for them, in the form that suits them best: with y = L'w as
variables of their own and purchases for the funds that are held, so that no matrix is n x n.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from jeoul.allocate import Group, PreparedProgram, Program
from jeoul.estimate import FactorEstimate
from jeoul.model.factored import Factored

HERE = Path(__file__).parent
AVERSION, COST, CLASS_CAP, CLASSES, MOST, HELD = 5.0, 0.002, 0.35, 5, 0.02, 60


@dataclass(frozen=True)
class FactorCase:
    """Months of new numbers: estimates, and the weights held before each."""

    program: Program
    estimates: Sequence[FactorEstimate]
    previous: Sequence[np.ndarray]


def factor_case(n: int, factors: int, months: int) -> FactorCase:
    rng = np.random.default_rng(n + factors)
    labels, kind = tuple(f"a{i}" for i in range(n)), np.arange(n) % CLASSES
    loadings = rng.normal(size=(n, factors))
    loadings *= 0.15 / np.sqrt(factors)
    loadings[:, 0] += rng.uniform(0.06, 0.18, n)
    own, mean = rng.uniform(0.005, 0.02, n), rng.normal(0.05, 0.02, n)
    held = np.zeros(n)
    held[rng.choice(n, HELD, replace=False)] = np.minimum(rng.dirichlet(np.full(HELD, 8.0)), MOST)
    program = Program(
        labels=labels,
        risk_aversion=AVERSION,
        upper=MOST,
        groups=tuple(Group(f"class {k}", kind == k, 0.0, CLASS_CAP) for k in range(CLASSES)),
        previous=held / held.sum(),
        turnover_cost=COST,
    )
    estimates, before = [], []
    weights, prepared = held / held.sum(), PreparedProgram(program)
    for month in range(months):
        if month:
            mean = mean + rng.normal(0.0, 0.003, n)
            loadings = loadings * (1.0 + 0.02 * rng.normal(size=loadings.shape))
        known = FactorEstimate(labels, mean, Factored(loadings, own))
        estimates.append(known)
        before.append(weights)
        grown = prepared.solve(known, previous=weights).weights * rng.normal(1.01, 0.05, n)
        weights = np.where(grown > 1e-9, grown, 0.0) / grown[grown > 1e-9].sum()
    return FactorCase(program, estimates, before)


Solver = Callable[[FactorEstimate, np.ndarray], np.ndarray]


def ours(program: Program) -> Solver:
    """Return our solve with all its checks, nothing being kept from the month before."""
    prepared = PreparedProgram(program)
    return lambda one, held: prepared.fresh().solve(one, previous=held).weights


def ours_kept(program: Program) -> Solver:
    prepared = PreparedProgram(program)
    return lambda one, held: prepared.solve(one, previous=held).weights


@dataclass(frozen=True)
class Written:
    """The program of one month over weights, factors and purchases of what is held."""

    p: sparse.csc_matrix
    q: np.ndarray
    equal: sparse.csc_matrix
    equal_to: np.ndarray
    less: sparse.csc_matrix
    less_than: np.ndarray
    low: np.ndarray
    high: np.ndarray


def written(program: Program, one: FactorEstimate, held: np.ndarray) -> Written:
    loadings, own = one.covariance.loadings, one.covariance.own
    (n, factors), places = loadings.shape, np.flatnonzero(held)
    count = len(places)
    # |w - held| is w for what is not held, and 2 buys - (w - held) for what is.
    linear = -one.mean + COST * np.where(held > 0.0, -1.0, 1.0)
    q = np.concatenate([linear, np.zeros(factors), np.full(count, 2 * COST)])
    p = sparse.diags([*(AVERSION * own), *np.full(factors, AVERSION), *np.zeros(count)])
    budget = sparse.hstack([np.ones((1, n)), sparse.csr_matrix((1, factors + count))])
    shared = sparse.hstack(
        [sparse.csr_matrix(loadings.T), -sparse.eye(factors), sparse.csr_matrix((factors, count))]
    )
    members = np.array([group.members for group in program.groups], dtype=float)
    classes = sparse.hstack([members, sparse.csr_matrix((CLASSES, factors + count))])
    pick = sparse.csr_matrix((np.ones(count), (np.arange(count), places)), shape=(count, n))
    bought = sparse.hstack([pick, sparse.csr_matrix((count, factors)), -sparse.eye(count)])
    free = np.full(factors, 1e30)
    return Written(
        sparse.csc_matrix(p),
        q,
        sparse.csc_matrix(sparse.vstack([budget, shared])),
        np.append(1.0, np.zeros(factors)),
        sparse.csc_matrix(sparse.vstack([classes, bought])),
        np.append(np.full(CLASSES, CLASS_CAP), held[places]),
        np.concatenate([np.zeros(n), -free, np.zeros(count)]),
        np.concatenate([np.full(n, MOST), free, np.full(count, 1e30)]),
    )


def piqp(program: Program) -> Solver:
    import piqp as peer

    def run(one: FactorEstimate, held: np.ndarray) -> np.ndarray:
        it = written(program, one, held)
        solver = peer.SparseSolver()
        none = np.full(len(it.less_than), -1e30)
        solver.setup(
            it.p, it.q, it.equal, it.equal_to, it.less, none, it.less_than, it.low, it.high
        )
        solver.solve()
        return np.array(solver.result.x[: len(held)])

    return run


def moreau(program: Program) -> Solver:
    import moreau as peer

    def run(one: FactorEstimate, held: np.ndarray) -> np.ndarray:
        it = written(program, one, held)
        size = len(it.q)
        box = sparse.eye(size, format="csr")
        over, under = it.high < 1e29, it.low > -1e29
        rows = sparse.vstack([it.equal, it.less, box[over], -box[under]], format="csr")
        right = np.concatenate([it.equal_to, it.less_than, it.high[over], -it.low[under]])
        cones = peer.Cones(
            num_zero_cones=len(it.equal_to), num_nonneg_cones=len(right) - len(it.equal_to)
        )
        settings = peer.Settings(device="cpu")
        solver = peer.Solver(it.p.tocsr(), it.q, rows, right, cones=cones, settings=settings)
        return np.asarray(solver.solve().x[: len(held)])

    return run


def clarabel(program: Program) -> Solver:
    import clarabel as peer

    def run(one: FactorEstimate, held: np.ndarray) -> np.ndarray:
        it = written(program, one, held)
        box = sparse.eye(len(it.q), format="csr")
        over, under = it.high < 1e29, it.low > -1e29
        rows = sparse.vstack([it.equal, it.less, box[over], -box[under]], format="csc")
        right = np.concatenate([it.equal_to, it.less_than, it.high[over], -it.low[under]])
        equal = len(it.equal_to)
        cones = [peer.ZeroConeT(equal), peer.NonnegativeConeT(len(right) - equal)]
        settings = peer.DefaultSettings()
        settings.verbose = False
        solver = peer.DefaultSolver(it.p, it.q, rows, right, cones, settings)
        return np.array(solver.solve().x[: len(held)])

    return run


PEERS = {"piqp": piqp, "moreau": moreau, "clarabel": clarabel}


def installed_peers() -> dict[str, Callable[[Program], Solver]]:
    return {name: make for name, make in PEERS.items() if importlib.util.find_spec(name)}


def timed(solver: Solver, given: FactorCase, repeats: int) -> tuple[float, list[np.ndarray]]:
    """Return the median milliseconds of processor time of one solve, and the answers."""
    found, answers = [], []
    for repeat in range(repeats):
        for one, held in zip(given.estimates, given.previous, strict=True):
            start = time.process_time()
            answer = solver(one, held)
            found.append(time.process_time() - start)
            if not repeat:
                answers.append(answer)
    return 1e3 * float(np.median(found)), answers


def peak_mb(n: int, factors: int) -> float:
    """Return the most memory that a process took which solved one program of its own, in MB."""
    code = f"import factor_case; factor_case.solve_one({n}, {factors})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE
    )
    return float(done.stdout)


def solve_one(n: int, factors: int) -> None:
    factor_case(n, factors, 1)
    # What getrusage says of a new process counts the one that it was forked from.
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
