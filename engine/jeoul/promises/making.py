"""From a proposal to its promise, and from a history to all that were made along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.metrics import a_year
from jeoul.model.calendar import Reals
from jeoul.model.decision import Proposal
from jeoul.model.history import History
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.expected import cash_rate_on, expected_of
from jeoul.pipeline.inputs import rules_id
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import ModelState, start, states
from jeoul.pipeline.scaling import target_of
from jeoul.promises.law import ENDS, PromiseLaw
from jeoul.promises.promise import Promise, Range, month_of, year_of


class Dated(NamedTuple):
    """When a promise was made, when its trade is filled, and what the past came to by then."""

    session: date
    executed: date
    turnover: float | None
    cost: float | None


def promise_of(proposal: Proposal) -> Promise:
    """Return what a proposal is expected to do: everything in it was known when it was made.

    >>> import jeoul
    >>> market = jeoul.open_market()
    >>> found = promise_of(
    ...     jeoul.propose(
    ...         jeoul.load_strategy("static"), "balanced", "isa", market.as_of("2024-06-28")
    ...     )
    ... )
    >>> found.month[0] < 0.0 < found.month[1], found.drawdown[0] < found.drawdown[1] < 0.0
    (True, True)
    """
    memory = proposal.memory
    past = past_rates(memory.first, memory.as_of, memory.turnover, memory.cost)
    law = PromiseLaw(
        expected=np.array([proposal.cash_rate + proposal.expected_excess]),
        volatility=np.array([proposal.expected_volatility]),
        sessions_per_year=proposal.sessions_per_year,
    )
    return promised(
        law,
        [Dated(proposal.as_of, proposal.executed, *past)],
        strategy=proposal.strategy,
        profile=proposal.profile,
        rules=proposal.memory.rules,
        simulated=proposal.simulated,
    )[0]


def promises_along(
    mandate: Mandate, history: History, made: Mapping[int, RowAllocation], *, simulated: bool
) -> list[Promise]:
    """Return the promise of every session of a history, oldest first.

    ``made`` are the allocations of the mandate along it. Each promise is that of the proposal of
    its session, with proxies where no fund could be held yet: nothing after the session is in it.
    """
    dated, expected, volatility = [], [], []
    for state in states(mandate, history, start(mandate), made):
        if state.allocation is None or state.held is None:
            continue
        vector = target_of(mandate, state.allocation, state.posture, state.held)
        found = expected_of(state.allocation, vector)
        dated.append(_dated(history, state))
        expected.append(cash_rate_on(history, state.row) + found.excess)
        volatility.append(found.volatility)
    law = PromiseLaw(
        expected=np.array(expected),
        volatility=np.array(volatility),
        sessions_per_year=history.sessions_per_year,
    )
    return promised(
        law,
        dated,
        strategy=mandate.strategy.name,
        profile=mandate.profile,
        rules=rules_id(mandate),
        simulated=simulated,
    )


def _dated(history: History, state: ModelState) -> Dated:
    fills = state.fills
    first = None if fills.first is None else history.day(fills.first)
    now, executed = history.day(state.row), history.executed[state.row].astype(object)
    return Dated(now, executed, *past_rates(first, now, fills.turnover, fills.cost))


def promised(
    law: PromiseLaw,
    dated: Sequence[Dated],
    *,
    strategy: str,
    profile: str,
    rules: str,
    simulated: bool,
) -> list[Promise]:
    """Return the promises that the rows of a law stand for, all of the same rules."""
    month, year = month_of(law.sessions_per_year), year_of(law.sessions_per_year)
    months, years = (
        np.column_stack([law.quantile(level, span) for level in ENDS]) for span in (month, year)
    )
    falls, shown = law.drawdown(year), law.volatility_range(year)
    return [
        Promise(
            session=at.session,
            executed=at.executed,
            strategy=strategy,
            profile=profile,
            rules=rules,
            simulated=simulated,
            sessions_per_year=law.sessions_per_year,
            expected=float(law.expected[row]),
            volatility=float(law.volatility[row]),
            month=_range(months[row]),
            year=_range(years[row]),
            drawdown=_range(falls[row]),
            volatility_range=_range(shown[row]),
            turnover=at.turnover,
            cost=at.cost,
        )
        for row, at in enumerate(dated)
    ]


def past_rates(
    first: date | None, now: date, turnover: float, cost: float
) -> tuple[float | None, float | None]:
    """Return sums of all fills since the first as yearly rates; None for less than a year."""
    if first is None:
        return None, None
    span = np.array([first, now], dtype="datetime64[D]")
    found = (a_year(amount, span) for amount in (turnover, cost))
    known = [None if np.isnan(rate) else rate for rate in found]
    return known[0], known[1]


def _range(pair: Reals) -> Range:
    return float(pair[0]), float(pair[1])
