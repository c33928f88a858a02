"""Estimate and allocate on one session: the strategic weights before the overlay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import (
    Estimated,
    Program,
    Relaxation,
    Solution,
    TailLoss,
    max_sharpe,
    min_cvar,
)
from jeoul.errors import Infeasible, ShortHistory, UsageError
from jeoul.estimate import Estimate, FactorEstimate
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored
from jeoul.model.history import History
from jeoul.model.shown import Brief
from jeoul.pipeline.estimation import HistoryWindows, means_of, window_of
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.momentum import MomentumChoice, choose, ready, weights_of
from jeoul.pipeline.programs import prepared_for
from jeoul.pipeline.turnover_limit import solved_within
from jeoul.pipeline.weighing import weighed
from jeoul.strategy.tables.allocate import (
    MaxSharpe,
    MeanVariance,
    MinCvar,
    Weighing,
)
from jeoul.strategy.tables.momentum import Momentum

COVERAGE = 0.90  # of the strategic weight must have a history before the first allocation
NOTHING = 1e-9
UNKEPT = np.zeros((0, 0))
"""Stands for a covariance that is not kept."""
ALIVE = 6  # sessions within which a member must have had a return


class Solved(NamedTuple):
    """A program as it was put, ``previous`` being the weights it knew, and its answer."""

    program: Program
    estimate: Estimated
    previous: Reals | None
    solution: Solution


class Tail(NamedTuple):
    """A program over scenarios, the level of its tail, and the answer."""

    program: Program
    returns: Reals
    level: float
    found: TailLoss


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowAllocation(Brief):
    """Weights on one row, in the order of the mandate's places (CASH last), and their receipt.

    ``members`` are the places that were estimated, ``covariance`` and ``means`` their annual
    covariance and means above cash; ``short`` the places left out for too little history.
    ``solved`` is the program with its answer, None where no program was solved; ``tail`` is that of
    ``min-cvar``, ``choice`` that of momentum.
    """

    row: int
    weights: Reals
    volatility: float
    members: NDArray[np.int64]
    covariance: Covariance
    means: Reals
    short: tuple[int, ...] = ()
    relaxed: tuple[Relaxation, ...] = ()
    solved: Solved | None = None
    tail: Tail | None = None
    choice: MomentumChoice | None = None

    def outlived(self) -> RowAllocation:
        """Return what a later allocation and a replay need of this one.

        Of many funds that is without the covariance and the program, which take 10 MB and more.
        """
        return self.bare() if isinstance(self.covariance, Factored) else self

    def bare(self) -> RowAllocation:
        """Return this one without the covariance and the program."""
        return replace(self, covariance=UNKEPT, means=UNKEPT.ravel(), solved=None)


def allocate(
    mandate: Mandate,
    history: History,
    row: int,
    holdable: NDArray[np.int64],
    *,
    previous: Reals | None = None,
    windows: HistoryWindows | None = None,
) -> RowAllocation:
    """Return the allocation on the history up to ``row``, whatever lies after it.

    With a glide path it is that of the mix of profiles of the row's session.

    ``holdable`` are the places of the members to choose from (:func:`holdable`), ``previous`` the
    allocation before, which the turnover cost is charged against. ``windows`` are those of this
    history, to be shared by several mandates.

    Raises :class:`ShortHistory` if too little of the strategic weight has a history,
    :class:`BadEstimate` if the returns do not give what the strategy estimates from them, and
    :class:`Infeasible` if no weights satisfy the rules.
    """
    if mandate.strategy.glide is not None:
        mandate = mandate.on(history.day(row))
        holdable = holdable[np.isin(holdable, mandate.members)]
    rules = mandate.strategy.estimate
    seen = (windows or HistoryWindows()).at(mandate, history, row, holdable)
    members, short = seen.kept, seen.left_out
    if not len(members):
        raise ShortHistory(
            f"no member of universe {mandate.universe.name} has {rules.min_history} sessions of "
            f"returns by {history.day(row)}; choose a later date or a longer data folder"
        )

    def returns() -> Reals:
        return window_of(mandate, history, row, holdable).returns

    means = means_of(
        mandate,
        members,
        seen.covariance,
        returns,
        cash_rates=history.cash_rate[max(0, row - rules.lookback + 1) : row + 1],
        sessions=history.sessions_per_year,
    )
    estimate = estimated(mandate, members, means, seen.covariance)
    settings = mandate.strategy.allocate
    at_risk = _at_risk(mandate, history, row, members)
    if isinstance(settings, MeanVariance):
        found = _mean_variance(mandate, estimate, members, previous, at_risk)
    elif isinstance(settings, MaxSharpe):
        found = _best_ratio(mandate, estimate, members, at_risk)
    elif isinstance(settings, MinCvar):
        found = _calm_tail(mandate, estimate, members, returns(), at_risk)
    elif isinstance(settings, Momentum):
        choice = choose(settings, mandate, history, row, estimate.labels)
        weights = weights_of(settings, choice, mandate, members)
        found = replace(_ruled(mandate, estimate, members, weights, at_risk), choice=choice)
    elif isinstance(settings, Weighing):
        weights = weighed(mandate, estimate.covariance, members, settings.kind)
        found = _ruled(mandate, estimate, members, weights, at_risk)
    else:
        weights = mandate.split(members) * (1.0 - mandate.strategy.rebalance.cash)
        found = _ruled(mandate, estimate, members, weights, at_risk)
    return replace(found, row=row, short=short)


def estimated(
    mandate: Mandate, members: NDArray[np.int64], means: Reals, covariance: Covariance
) -> Estimated:
    """Return annual means and covariance of some members as what a program is solved on."""
    labels = tuple(mandate.places[place] for place in members)
    if isinstance(covariance, Factored):
        return FactorEstimate(labels, means, covariance)
    return Estimate(labels, means, covariance)


def covered(mandate: Mandate, history: History) -> Reals:
    """Return, for each row, the strategic weight of classes with a member of enough history.

    A class of which the account may hold no fund counts as the one that stands in for it.
    """
    begun = history.begun(mandate.strategy.estimate.min_history)[mandate.members]
    classes = [mandate.classes[place] for place in mandate.members]
    rows, total = np.arange(len(history)), np.zeros(len(history))
    for name, share in mandate.class_weights(frozenset(classes)).items():
        total += share * (rows >= begun[[own == name for own in classes]].min())
    return total


def first_row(mandate: Mandate, history: History) -> int | None:
    """Return the first row on which the strategy can be invested, None if there is none.

    A glide path begins where each profile that it mixes can be.
    """
    enough = np.all([covered(part, history) >= COVERAGE for part in mandate.parts], axis=0)
    enough = enough & ready(mandate, history)
    return int(np.argmax(enough)) if enough.any() else None


def holdable(mandate: Mandate, history: History, row: int, *, proxies: bool) -> NDArray[np.int64]:
    """Return the places of the members that can be held on a row.

    A member needs a return in the last sessions and a fund with a current price; with ``proxies``,
    as in a backtest, its proxies may stand in for the fund.
    """
    if proxies:
        (found,) = holdable_along(mandate, history, (row,))
        return found
    alive = history.lived[row] >= max(0, row - ALIVE + 1)
    return np.array(
        [
            place
            for place in mandate.members
            if alive[place] and mandate.ticker(place, history, row) is not None
        ],
        dtype=np.int64,
    )


def holdable_along(
    mandate: Mandate, history: History, rows: Sequence[int]
) -> list[NDArray[np.int64]]:
    """Return the places of the members that can be held on each row, themselves or by proxies."""
    least = np.maximum(0, np.array(rows) - ALIVE + 1)
    alive = history.lived[list(rows)][:, mandate.members] >= least[:, np.newaxis]
    return [mandate.members[each] for each in alive]


def _mean_variance(
    mandate: Mandate,
    estimate: Estimated,
    members: NDArray[np.int64],
    previous: Reals | None,
    at_risk: tuple[bool, ...] | None,
) -> RowAllocation:
    prepared = prepared_for(mandate, tuple(members.tolist()), at_risk, trades=previous is not None)
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


def _best_ratio(
    mandate: Mandate,
    estimate: Estimated,
    members: NDArray[np.int64],
    at_risk: tuple[bool, ...] | None,
) -> RowAllocation:
    program = prepared_for(mandate, tuple(members.tolist()), at_risk, trades=False).program
    try:
        solution = max_sharpe(program, estimate)
    except UsageError as refused:
        raise Infeasible(str(refused), ("allocate.kind",)) from None
    # At the best ratio the risk aversion that the weights are optimal for is the ratio itself.
    ratio = float(estimate.mean @ solution.weights) / solution.volatility**2
    return _allocation(
        mandate,
        members,
        solution.weights,
        estimate,
        relaxed=solution.relaxed,
        solved=Solved(replace(program, risk_aversion=ratio), estimate, None, solution),
    )


def _calm_tail(
    mandate: Mandate,
    estimate: Estimated,
    members: NDArray[np.int64],
    returns: Reals,
    at_risk: tuple[bool, ...] | None,
) -> RowAllocation:
    settings = mandate.strategy.allocate
    assert isinstance(settings, MinCvar)
    program = prepared_for(mandate, tuple(members.tolist()), at_risk, trades=False).program
    found = min_cvar(program, returns, level=settings.level)
    allocation = _allocation(mandate, members, found.weights, estimate)
    return replace(allocation, tail=Tail(program, returns, settings.level, found))


def _ruled(
    mandate: Mandate,
    estimate: Estimated,
    members: NDArray[np.int64],
    weights: Reals,
    at_risk: tuple[bool, ...] | None,
) -> RowAllocation:
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
    estimate: Estimated,
    *,
    relaxed: tuple[Relaxation, ...] = (),
    solved: Solved | None = None,
) -> RowAllocation:
    whole = np.zeros(len(mandate.places))
    # The solver is exact to about 1e-9: what it leaves below that is nothing.
    whole[members] = np.where(weights > NOTHING, weights, 0.0)
    whole[-1] = 1.0 - whole[:-1].sum()
    return RowAllocation(
        row=-1,
        weights=whole,
        volatility=float(np.sqrt(weights @ estimate.covariance @ weights)),
        members=members,
        covariance=estimate.covariance,
        means=estimate.mean,
        relaxed=relaxed,
        solved=solved,
    )


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
