"""What the model wants an account to hold after a session, and after every one of a history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.errors import Infeasible, ShortHistory
from jeoul.model.calendar import Reals
from jeoul.model.decision import Quote, Target
from jeoul.model.history import History
from jeoul.model.money import UNITS, to_units
from jeoul.model.portfolio import CASH, Reason, Weights
from jeoul.pipeline.allocation import Allocation, allocate, holdable
from jeoul.pipeline.mandate import CURRENT, Mandate
from jeoul.pipeline.replay import State, allocations, states
from jeoul.pipeline.replay import start as first_state
from jeoul.pipeline.scaling import target_of


class Wanted(NamedTuple):
    """What the model wants after a session; no target where it can order nothing that it may.

    ``scale`` is the part of the risk classes that the risk control lets the model hold.
    """

    session: date
    target: Target | None
    scale: float = 1.0


def targets_along(
    mandate: Mandate, history: History, *, start: date, end: date
) -> Iterator[Wanted]:
    """Yield what the model wants after every session of a span, from one replay of the history.

    The same weights, trades and prices as :func:`~jeoul.pipeline.proposing.propose` gives session
    by session, without what explains them. There is no target before the strategy can be invested,
    nor where the funds that have a price satisfy its rules in no mix.
    """
    beginning = first_state(mandate)
    made, _ = allocations(mandate, history, beginning)
    anew: dict[tuple[int, tuple[int, ...]], Allocation | None] = {}
    for state in states(mandate, history, beginning, made):
        day = history.day(state.row)
        if day > end:
            return
        if day >= start:
            yield Wanted(day, _target(mandate, history, state, anew), state.posture.scale)


def _target(
    mandate: Mandate,
    history: History,
    state: State,
    anew: dict[tuple[int, tuple[int, ...]], Allocation | None],
) -> Target | None:
    """Return the target after the row of a state; ``anew`` keeps what was allocated for it."""
    if state.allocation is None or state.held is None:
        return None
    choice = holdable(mandate, history, state.row, proxies=False)
    key = (state.allocation.row, tuple(choice.tolist()))
    if key not in anew:
        try:
            anew[key] = orderable(mandate, history, state, proxies=False)
        except (Infeasible, ShortHistory):
            anew[key] = None
    allocation = anew[key]
    if allocation is None:
        return None
    vector = target_of(mandate, allocation, state.posture, state.held)
    tickers = tickers_on(mandate, history, state.row, proxies=False)
    return target_on(mandate, history, state, by_ticker(vector, tickers), ())


def target_on(
    mandate: Mandate,
    history: History,
    state: State,
    weights: Weights,
    reasons: tuple[Reason, ...],
) -> Target:
    """Return the target that weights by ticker amount to after the row of a state."""
    rules = mandate.strategy.rebalance
    return Target(
        as_of=history.day(state.row),
        executed=history.executed[state.row].astype(object),
        currency=history.currency,
        weights=weights,
        due=state.pending,
        reasons=reasons,
        quotes=quotes_on(history, state.row),
        band=rules.band,
        min_trade=rules.min_trade * UNITS[history.currency],
        risk=mandate.risk,
        risk_cap=mandate.risk_cap,
        graded=mandate.graded,
    )


def orderable(mandate: Mandate, history: History, state: State, *, proxies: bool) -> Allocation:
    """Return the remembered allocation, made anew without members that cannot be ordered now."""
    assert state.allocation is not None
    made = state.allocation
    choice = holdable(mandate, history, state.row, proxies=proxies)
    wanted = made.members if proxies else made.members[np.isin(made.members, choice)]
    if len(wanted) == len(made.members):
        return made
    return allocate(
        mandate,
        history,
        made.row,
        choice,
        previous=None if state.previous is None else state.previous.weights,
    )


def tickers_on(mandate: Mandate, history: History, row: int, *, proxies: bool) -> dict[int, str]:
    """Return the code that an order in each member would name, by its place."""
    found = {}
    for place in mandate.members:
        code = mandate.ticker(int(place), history, row)
        if code is None and proxies:
            code = mandate.allowed[place][0]
        if code is not None:
            found[int(place)] = code
    return found


def by_ticker(vector: Reals, tickers: Mapping[int, str]) -> Weights:
    """Return weights by place as weights by ticker and CASH."""
    found = {code: float(vector[place]) for place, code in tickers.items() if vector[place] > 0.0}
    return {**found, CASH: max(0.0, 1.0 - sum(found.values()))}


def quotes_on(history: History, row: int) -> dict[str, Quote]:
    """Return the newest price of every instrument that has a current one on a row."""
    unit, found = UNITS[history.currency], {}
    first = max(0, row + 1 - CURRENT)
    window = history.prices[first : row + 1]
    seen = np.isfinite(window)
    for column in np.flatnonzero(seen.any(axis=0)):
        place = int(np.flatnonzero(seen[:, column])[-1])
        found[history.codes[column]] = Quote(
            price=to_units(float(window[place, column]), unit), session=history.day(first + place)
        )
    return found
