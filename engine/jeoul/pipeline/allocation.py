"""Estimate and allocate on one session: the strategic weights before the overlay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import (
    Group,
    Prepared,
    Program,
    Relaxation,
    Solution,
    equal_weight,
    inverse_volatility,
    risk_parity,
)
from jeoul.errors import ShortHistory
from jeoul.estimate import (
    Estimate,
    aligned_window,
    annualised,
)
from jeoul.model.calendar import Reals
from jeoul.model.history import History, Origin
from jeoul.model.portfolio import Weights
from jeoul.pipeline.estimation import covariance_of, means_of
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.turnover_limit import solved_within
from jeoul.strategy.tables.allocate import MeanVariance, Weighing

COVERAGE = 0.90  # of the strategic weight must have a history before the first allocation
_NOTHING = 1e-9
_ALIVE = 6  # sessions within which a member must have had a return


class Solved(NamedTuple):
    """A program as it was put, ``previous`` being the weights it knew, and its answer."""

    program: Program
    estimate: Estimate
    previous: Reals | None
    solution: Solution


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Weights on one row, in the order of the mandate's places (CASH last), and their receipt.

    ``members`` are the places that were estimated, ``covariance`` and ``means`` their annual
    covariance and means above cash; ``short`` the places left out for too little history.
    ``solved`` is the program with its answer, None where no program was solved.
    """

    row: int
    weights: Reals
    volatility: float
    members: NDArray[np.int64]
    covariance: Reals
    means: Reals
    short: tuple[int, ...] = ()
    relaxed: tuple[Relaxation, ...] = ()
    solved: Solved | None = None


def allocate(
    mandate: Mandate,
    history: History,
    row: int,
    holdable: NDArray[np.int64],
    *,
    previous: Reals | None = None,
) -> Allocation:
    """Return the allocation on the history up to ``row``, whatever lies after it.

    ``holdable`` are the places of the members to choose from (:func:`holdable`), ``previous`` the
    allocation before, which the turnover cost is charged against.

    Raises :class:`ShortHistory` if too little of the strategic weight has a history,
    :class:`BadEstimate` if the returns do not give what the strategy estimates from them, and
    :class:`Infeasible` if no weights satisfy the rules.
    """
    rules = mandate.strategy.estimate
    window = aligned_window(
        history.returns[max(0, row - rules.lookback + 1) : row + 1, holdable], rules.min_history
    )
    members = holdable[list(window.kept)]
    short = tuple(int(place) for place in holdable[list(window.left_out)])
    if not len(members):
        raise ShortHistory(
            f"no member of universe {mandate.universe.name} has {rules.min_history} sessions of "
            f"returns by {history.day(row)}; choose a later date or a longer data folder"
        )
    estimate = annualised(
        tuple(mandate.places[place] for place in members),
        np.zeros(len(members)),
        covariance_of(mandate, window.returns),
        sessions=history.sessions_per_year,
    )
    means = means_of(
        mandate,
        members,
        estimate.covariance,
        window.returns,
        cash_rates=history.cash_rate[max(0, row - rules.lookback + 1) : row + 1],
        sessions=history.sessions_per_year,
    )
    estimate = replace(estimate, mean=means)
    settings = mandate.strategy.allocate
    at_risk = _at_risk(mandate, history, row, members)
    if isinstance(settings, MeanVariance):
        found = _mean_variance(mandate, estimate, members, previous, at_risk)
    elif isinstance(settings, Weighing):
        weights = _weighed(mandate, estimate, members, settings.kind)
        found = _ruled(mandate, estimate, members, weights, at_risk)
    else:
        weights = mandate.split(members) * (1.0 - mandate.strategy.rebalance.cash)
        found = _ruled(mandate, estimate, members, weights, at_risk)
    return replace(found, row=row, short=short)


def covered(mandate: Mandate, history: History) -> Reals:
    """Return, for each row, the strategic weight of classes with a member of enough history.

    A class of which the account may hold no fund counts as the one that stands in for it.
    """
    depth = np.cumsum(np.isfinite(history.returns[:, mandate.members]), axis=0)
    enough = depth >= mandate.strategy.estimate.min_history
    classes = [mandate.classes[place] for place in mandate.members]
    total = np.zeros(len(history))
    for name, share in mandate.class_weights(frozenset(classes)).items():
        total += share * enough[:, [own == name for own in classes]].any(axis=1)
    return total


def first_row(mandate: Mandate, history: History) -> int | None:
    """Return the first row on which the strategy can be invested, None if there is none."""
    ready = covered(mandate, history) >= COVERAGE
    return int(np.argmax(ready)) if ready.any() else None


def holdable(mandate: Mandate, history: History, row: int, *, proxies: bool) -> NDArray[np.int64]:
    """Return the places of the members that can be held on a row.

    A member needs a return in the last sessions and a fund with a current price; with ``proxies``,
    as in a backtest, its proxies may stand in for the fund.
    """
    alive = (history.origin[max(0, row - _ALIVE + 1) : row + 1] != Origin.NONE).any(axis=0)
    return np.array(
        [
            place
            for place in mandate.members
            if alive[place] and (proxies or mandate.ticker(place, history, row) is not None)
        ],
        dtype=np.int64,
    )


def _mean_variance(
    mandate: Mandate,
    estimate: Estimate,
    members: NDArray[np.int64],
    previous: Reals | None,
    at_risk: tuple[bool, ...] | None,
) -> Allocation:
    prepared = _prepared(mandate, tuple(members.tolist()), at_risk, previous is not None)
    held = None if previous is None else previous[members]
    program, solution, yielded = solved_within(prepared, estimate, held)
    return _allocation(
        mandate,
        members,
        solution.weights,
        estimate,
        relaxed=(*solution.relaxed, *yielded),
        solved=Solved(program, estimate, held, solution),
    )


@lru_cache(maxsize=64)  # in thirty years of months the members change a few times
def _prepared(
    mandate: Mandate, held: tuple[int, ...], at_risk: tuple[bool, ...] | None, trades: bool
) -> Prepared:
    """Return the program over some members; with ``trades`` it is told the weights before."""
    settings = mandate.strategy.allocate
    assert isinstance(settings, MeanVariance)
    members = np.array(held)
    groups, risky = _class_groups(mandate, held)
    present = frozenset(mandate.classes[place] for place in members)
    invested = sum(mandate.class_weights(present).values())
    budget = (1.0 - mandate.strategy.rebalance.cash) * invested
    if len(members) < len(mandate.members):
        # What the funds at hand may not hold between them stays in cash.
        most = settings.max_weight
        room = (min(group.upper, most * int(group.members.sum())) for group in groups)
        budget = min(budget, sum(room))
    limit = mandate.rules.volatility
    if at_risk is not None and mandate.risk_cap is not None:
        cap = Group(f"account.{mandate.account}.risk", np.array(at_risk), 0.0, mandate.risk_cap)
        groups = (*groups, cap)
    anchored = settings.kind == "tracking" or settings.pull > 0.0
    program = Program(
        labels=tuple(mandate.places[place] for place in held),
        objective=settings.kind,
        target=mandate.split(members) * budget if anchored else None,
        pull=settings.pull,
        risk_aversion=mandate.rules.risk_aversion,
        upper=np.full(len(members), settings.max_weight),
        groups=groups,
        budget=budget,
        turnover_cost=settings.turnover,
        previous=np.zeros(len(held)) if trades else None,
        volatility_max=None if limit is None else limit.max,
        yielding=risky,
        turnover_max=settings.turnover_max if trades else None,
        min_position=settings.min_position,
        max_positions=settings.max_positions,
        keys={"volatility": f"profiles.{mandate.profile}.volatility.max"},
    )
    return Prepared(program, solver="clarabel" if settings.engine == "cvxpy" else "auto")


def _weighed(mandate: Mandate, estimate: Estimate, members: NDArray[np.int64], kind: str) -> Reals:
    """Return the weights of a simple rule over the members of classes with a strategic weight."""
    classes = [mandate.classes[place] for place in members]
    shares = mandate.class_weights(frozenset(classes))
    held = np.flatnonzero([name in shares for name in classes])
    covariance = estimate.covariance[np.ix_(held, held)]
    budget = 1.0 - mandate.strategy.rebalance.cash
    weights = np.zeros(len(members))
    if kind == "risk-parity":
        weights[held] = risk_parity(covariance, budget=budget)
    elif kind == "inverse-volatility":
        weights[held] = inverse_volatility(covariance, budget=budget)
    else:
        weights[held] = equal_weight(len(held), budget=budget)
    return weights


def _ruled(
    mandate: Mandate,
    estimate: Estimate,
    members: NDArray[np.int64],
    weights: Reals,
    at_risk: tuple[bool, ...] | None,
) -> Allocation:
    """Return the allocation of weights that no program chose, under the cap on risk assets."""
    if at_risk is not None and mandate.risk_cap is not None:
        weights = _capped(weights, np.array(at_risk), mandate.risk_cap)
    return _allocation(mandate, members, weights, estimate)


def _capped(weights: Reals, risky: NDArray[np.bool_], cap: float) -> Reals:
    """Return weights whose risky part is scaled down to the cap.

    The safe members take what is freed in proportion; without any it stays in cash.
    """
    at_risk, safe = float(weights[risky].sum()), float(weights[~risky].sum())
    if at_risk <= cap:
        return weights
    grown = (safe + at_risk - cap) / safe if safe > 0.0 else 0.0
    found: Reals = weights * np.where(risky, cap / at_risk, grown)
    return found


def _allocation(
    mandate: Mandate,
    members: NDArray[np.int64],
    weights: Reals,
    estimate: Estimate,
    *,
    relaxed: tuple[Relaxation, ...] = (),
    solved: Solved | None = None,
) -> Allocation:
    whole = np.zeros(len(mandate.places))
    # The solver is exact to about 1e-9: what it leaves below that is nothing.
    whole[members] = np.where(weights > _NOTHING, weights, 0.0)
    whole[-1] = 1.0 - whole[:-1].sum()
    return Allocation(
        row=-1,
        weights=whole,
        volatility=float(np.sqrt(weights @ estimate.covariance @ weights)),
        members=members,
        covariance=estimate.covariance,
        means=estimate.mean,
        relaxed=relaxed,
        solved=solved,
    )


def _class_groups(
    mandate: Mandate, members: tuple[int, ...]
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Return bounds around each class's strategic weight, and the names of those that may yield.

    A class that lacks members has no lower bound above what its remaining funds may hold.
    """
    settings = mandate.strategy.allocate
    assert isinstance(settings, MeanVariance)
    present = frozenset(mandate.classes[place] for place in members)
    shares: Weights = mandate.class_weights(present)
    invested = 1.0 - mandate.strategy.rebalance.cash
    overlay = mandate.strategy.overlay
    risky = overlay.risk_classes if overlay is not None else []
    whole = Counter(mandate.classes[place] for place in mandate.members)
    groups = []
    for name in sorted(present):
        share = shares.get(name, 0.0)
        own = np.array([mandate.classes[place] == name for place in members])
        lower = invested * max(0.0, share - settings.class_band) if share else 0.0
        if int(own.sum()) < whole[name]:
            lower = min(lower, settings.max_weight * int(own.sum()))
        groups.append(
            Group(
                name=f"profiles.{mandate.profile}.classes.{name}",
                members=own,
                lower=lower,
                upper=invested * min(1.0, share + settings.class_band) if share else 0.0,
            )
        )
    names = tuple(g.name for g in groups if g.name.rpartition(".")[2] in risky)
    return tuple(groups), names


def _at_risk(
    mandate: Mandate, history: History, row: int, members: NDArray[np.int64]
) -> tuple[bool, ...] | None:
    """Return which members count towards a cap on risk assets, None without such a cap.

    Judged by the funds that would be ordered on the row.
    """
    if mandate.risk_cap is None:
        return None
    codes = [
        mandate.ticker(int(place), history, row) or mandate.allowed[place][0] for place in members
    ]
    return tuple(mandate.universe.instruments[code].irp == "risk" for code in codes)
