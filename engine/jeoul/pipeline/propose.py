"""propose: what the model holds and decides after one session, for nobody in particular.

1. check the snapshot, read the signals
2. step the overlay on every session of its clock since the last one
3. is a trade due: first day, calendar, overlay change, drift of the model?
4. on a calendar date (or the first): estimate and allocate; other trades reuse the last allocation
5. scale the risk classes by the overlay, put what is freed into the refuge
6. the proposal: allocation, weights, reasons, findings, memory

Steps 2 to 5 are one session of :mod:`jeoul.pipeline.replay`; here they run from the memory, or from
the beginning of history without one, to the last session of the snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from jeoul.errors import ShortHistory
from jeoul.market import assemble
from jeoul.model.calendar import Calendar, Reals
from jeoul.model.decision import Memory, Proposal, Quote
from jeoul.model.history import History
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH, Weights
from jeoul.model.snapshot import Snapshot
from jeoul.overlay import STATES, latches_on
from jeoul.pipeline.allocation import COVERAGE, Allocation, allocate, holdable
from jeoul.pipeline.inputs import fingerprint
from jeoul.pipeline.mandate import CURRENT, Mandate
from jeoul.pipeline.memory import remember
from jeoul.pipeline.notes import findings_of, reasons_of, relevant, stop_if_serious
from jeoul.pipeline.run import Model, run_model
from jeoul.pipeline.scaling import target_of


def propose(
    mandate: Mandate,
    snapshot: Snapshot,
    calendars: Mapping[str, Calendar],
    memory: Memory | None = None,
    *,
    proxies: bool = False,
) -> Proposal:
    """Return the proposal after the last session of a snapshot; same inputs, same proposal.

    Without ``memory`` the whole of history is replayed; with the memory of an earlier session only
    what came since, to the same end. A member without a current price is replaced by a substitute
    or left out, with a finding; ``proxies`` lets its proxy stand in instead, as a backtest may and
    an order never.

    Raises :class:`ShortHistory` before the strategy can be invested, :class:`BadMarketData` if a
    serious finding touches an instrument that this proposal holds, :class:`Infeasible` if no
    weights satisfy the rules.
    """
    history = assemble(snapshot, mandate.universe, calendars)
    model = run_model(mandate, history, memory)
    return present(model, snapshot, calendars[mandate.strategy.calendar], proxies=proxies)


def present(
    model: Model, snapshot: Snapshot, calendar: Calendar, *, proxies: bool = False
) -> Proposal:
    """Return the proposal that a model amounts to on the last session of a snapshot."""
    mandate, history, state = model.mandate, model.history, model.state
    if state.allocation is None or state.held is None:
        _raise_infeasible(model)
        raise ShortHistory(
            f"by {snapshot.as_of} funds and proxies with {mandate.strategy.estimate.min_history} "
            f"sessions of returns cover less than {COVERAGE:.0%} of the strategic weights of "
            f"{mandate.profile} in {mandate.strategy.name}; choose a later date or a longer folder"
        )
    allocation = _orderable(model, proxies=proxies)
    target = target_of(mandate, allocation, state.posture, state.held)
    tickers = _tickers(mandate, history, proxies=proxies)
    weights = _by_ticker(target, tickers)
    stop_if_serious(model, snapshot, tickers)
    executed = history.executed[-1].astype(object)
    overlay = state.overlay
    params = mandate.overlay
    risk = _risk(allocation, target)
    return Proposal(
        strategy=mandate.strategy.name,
        profile=mandate.profile,
        account=mandate.account,
        as_of=snapshot.as_of,
        executed=executed,
        known_at=_newest_known(snapshot),
        decided_at=snapshot.decided_at,
        executed_at=int(calendar.closes[calendar.index(executed)]),
        currency=history.currency,
        simulated=snapshot.simulated,
        allocation=_by_ticker(allocation.weights, tickers),
        weights=weights,
        volatility=allocation.volatility,
        contributions={tickers[place]: share for place, share in risk.contributions.items()},
        expected_volatility=risk.volatility,
        expected_excess=risk.excess,
        scale=state.posture.scale,
        effects=state.posture.effects,
        state=STATES[0] if overlay is None else STATES[overlay.mode],
        latches={} if overlay is None or params is None else latches_on(params, overlay),
        due=state.pending,
        reasons=reasons_of(model),
        findings=(
            *findings_of(model, allocation, proxies=proxies),
            *relevant(mandate, snapshot),
        ),
        quotes=_quotes(history),
        classes={code: item.asset_class for code, item in mandate.universe.instruments.items()},
        band=mandate.strategy.rebalance.band,
        min_trade=mandate.strategy.rebalance.min_trade * UNITS[history.currency],
        risk=frozenset(
            code for code, item in mandate.universe.instruments.items() if item.irp == "risk"
        ),
        risk_cap=mandate.risk_cap,
        memory=remember(mandate, history, state),
        inputs=fingerprint(mandate, snapshot.digest),
    )


def _raise_infeasible(model: Model) -> None:
    """Raise :class:`Infeasible` if rules that cannot hold together kept the model out so far."""
    if model.trace.held_back:
        mandate, history, row = model.mandate, model.history, model.trace.held_back[-1]
        allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))


class _Risk(NamedTuple):
    contributions: dict[int, float]
    volatility: float
    excess: float


def _risk(made: Allocation, target: Reals) -> _Risk:
    """Return what a target is expected to do, and which part of its variance each member brings."""
    covariance, weights = made.covariance, target[made.members]
    pull = covariance @ weights
    variance = float(weights @ pull)
    excess = float(weights @ made.means)
    shares = weights * pull / variance if variance > 0.0 else np.zeros(len(weights))
    places = [int(place) for place in made.members]
    held = {p: float(s) for p, s, w in zip(places, shares, weights, strict=True) if w > 0.0}
    return _Risk(held, variance**0.5, excess)


def _orderable(model: Model, *, proxies: bool) -> Allocation:
    """Return the remembered allocation, made anew without members that cannot be ordered now."""
    mandate, history, state = model.mandate, model.history, model.state
    assert state.allocation is not None
    made = state.allocation
    choice = holdable(mandate, history, len(history) - 1, proxies=proxies)
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


def _tickers(mandate: Mandate, history: History, *, proxies: bool) -> dict[int, str]:
    found = {}
    for place in mandate.members:
        code = mandate.ticker(int(place), history, len(history) - 1)
        if code is None and proxies:
            code = mandate.allowed[place][0]
        if code is not None:
            found[int(place)] = code
    return found


def _by_ticker(vector: Reals, tickers: Mapping[int, str]) -> Weights:
    found = {code: float(vector[place]) for place, code in tickers.items() if vector[place] > 0.0}
    return {**found, CASH: max(0.0, 1.0 - sum(found.values()))}


def _newest_known(snapshot: Snapshot) -> int:
    """Return the instant at which the newest row in the snapshot became known."""
    newest = [int(table.known_at[-1]) for table in snapshot.prices if len(table.known_at)]
    newest += [int(series.known_at[-1]) for series in snapshot.series.values() if len(series)]
    return max(newest, default=snapshot.decided_at)


def _quotes(history: History) -> dict[str, Quote]:
    unit, found = UNITS[history.currency], {}
    first = max(0, len(history) - CURRENT)
    for column, code in enumerate(history.codes):
        rows = np.flatnonzero(np.isfinite(history.prices[first:, column]))
        if len(rows):
            row = first + int(rows[-1])
            found[code] = Quote(
                price=round(float(history.prices[row, column]) * unit), session=history.day(row)
            )
    return found
