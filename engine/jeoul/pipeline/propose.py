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
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul.errors import BadMarketData, ShortHistory
from jeoul.market import as_problem, assemble, serious_for
from jeoul.market.history import EXCHANGE_RATE, POLICY_RATE
from jeoul.model.calendar import Calendar, Reals
from jeoul.model.decision import Memory, Proposal, Quote
from jeoul.model.finding import Finding, Severity
from jeoul.model.history import History
from jeoul.model.portfolio import CASH, Reason, Weights
from jeoul.model.snapshot import Snapshot
from jeoul.overlay import STATES, OverlayState, Reading, explain, initial_state, latches_on
from jeoul.pipeline.allocation import (
    COVERAGE,
    Allocation,
    allocate,
    equilibrium,
    estimated_again,
    holdable,
)
from jeoul.pipeline.clock import readings
from jeoul.pipeline.inputs import fingerprint
from jeoul.pipeline.mandate import CURRENT, Mandate
from jeoul.pipeline.memory import recall, remember
from jeoul.pipeline.replay import State, Trace, allocations, replay, start
from jeoul.pipeline.scaling import scaled

UNITS = {"KRW": 1, "USD": 100}  # smallest units of a currency in one


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The model after the last row of a history, and how it came there."""

    mandate: Mandate
    history: History
    state: State
    trace: Trace
    allocations: Mapping[int, Allocation]


def run_model(
    mandate: Mandate,
    history: History,
    memory: Memory | None = None,
    *,
    like: Model | None = None,
) -> Model:
    """Return the model after the last row, from a memory or from the beginning of history.

    ``like`` is a model over the same history from its beginning: if its allocations do not differ
    by the rules, they are shared instead of made again.
    """
    before = start(mandate) if memory is None else recall(mandate, history, memory)
    if like is not None and memory is None and allocates_alike(mandate, like.mandate):
        made, held_back = dict(like.allocations), like.trace.held_back
    else:
        made, held_back = allocations(mandate, history, before)
    state, trace = replay(mandate, history, before, made, held_back)
    return Model(mandate, history, state, trace, made)


def allocates_alike(one: Mandate, other: Mandate) -> bool:
    """Return whether two mandates make the same allocations, whatever their overlays do."""

    def rules(mandate: Mandate) -> tuple[object, ...]:
        strategy, profile = mandate.strategy, mandate.rules
        overlay = strategy.overlay
        return (
            mandate.universe.name,
            mandate.account,
            mandate.risk_cap,
            strategy.estimate,
            strategy.allocate,
            (profile.classes, profile.risk_aversion, profile.volatility),
            (strategy.rebalance.calendar, strategy.rebalance.cash),
            () if overlay is None else tuple(overlay.risk_classes),
        )

    return rules(one) == rules(other)


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
        if model.trace.held_back:
            # The rules were never feasible: the newest attempt says which of them conflict.
            row = model.trace.held_back[-1]
            allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))
        raise ShortHistory(
            f"by {snapshot.as_of} funds and proxies with {mandate.strategy.estimate.min_history} "
            f"sessions of returns cover less than {COVERAGE:.0%} of the strategic weights of "
            f"{mandate.profile} in {mandate.strategy.name}; choose a later date or a longer folder"
        )
    allocation = _orderable(model, proxies=proxies)
    target = scaled(mandate, allocation, state.scale)
    tickers = _tickers(mandate, history, proxies=proxies)
    weights = _by_ticker(target, tickers)
    _stop_if_serious(model, snapshot, tickers)
    executed = history.executed[-1].astype(object)
    overlay = state.overlay
    params = mandate.overlay
    risk = _risk(mandate, history, allocation, target)
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
        scale=state.scale,
        state=STATES[0] if overlay is None else STATES[overlay.mode],
        latches={} if overlay is None or params is None else latches_on(params, overlay),
        due=state.pending,
        reasons=_reasons(model),
        findings=(
            *_model_findings(model, allocation, proxies=proxies),
            *_relevant(mandate, snapshot),
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


class _Risk(NamedTuple):
    contributions: dict[int, float]
    volatility: float
    excess: float


def _risk(mandate: Mandate, history: History, made: Allocation, target: Reals) -> _Risk:
    """Return what a target is expected to do, and which part of its variance each member brings."""
    covariance = estimated_again(mandate, history, made)
    weights = target[made.members]
    pull = covariance @ weights
    variance = float(weights @ pull)
    excess = float(weights @ equilibrium(mandate, made.members, covariance))
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


def _reasons(model: Model) -> tuple[Reason, ...]:
    """Return why the model trades or holds, then what the overlay says of the last sessions."""
    history, state, trace = model.history, model.state, model.trace
    trade = trace.trades[-1] if trace.trades and trace.trades[-1].row == state.row else None
    if trade is None:
        drift = 0.0
        if state.held is not None and state.target is not None:
            drift = 0.5 * float(np.abs(state.held - state.target).sum())
        band = model.mandate.strategy.rebalance.band
        first = Reason.of("trade.hold", drift=f"{drift:.1%}", band=f"{band:.1%}")
    else:
        first = Reason.of(
            f"trade.{trade.cause}", session=history.day(state.row), turnover=f"{trade.turnover:.1%}"
        )
    return (first, *_overlay_reasons(model))


def _overlay_reasons(model: Model) -> tuple[Reason, ...]:
    params, trace, history = model.mandate.overlay, model.trace, model.history
    if params is None or not trace.overlay:
        return ()
    signals = readings(model.mandate, history)
    seen = int(history.clock_seen[-1])
    since = int(history.clock_seen[-2]) if len(history) > 1 else seen - 1
    states: list[OverlayState] = list(trace.overlay)
    found: dict[Reason, None] = {}
    for tick in range(max(since, trace.tick), seen):
        place = tick - trace.tick
        before = states[place - 1] if place else initial_state(params)
        reading = Reading(states[place].session, signals[tick], model.state.nav)
        found |= dict.fromkeys(explain(params, before, states[place], reading))
    return tuple(found)


def _model_findings(model: Model, allocation: Allocation, *, proxies: bool) -> tuple[Finding, ...]:
    mandate, history = model.mandate, model.history
    last = len(history) - 1
    day = history.day(last)
    found: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
    for place in mandate.members:
        member = mandate.universe.members[place]
        code = mandate.ticker(int(place), history, last)
        if code is None:
            kind = "finding.proxy_held" if proxies else "finding.left_out"
            found.append((member.codes[0], kind, (("member", member.name),)))
        elif code != member.codes[0]:
            detail = (("wanted", member.codes[0]), ("member", member.name))
            found.append((code, "finding.substitute", detail))
    for place in allocation.short:
        member = mandate.universe.members[place]
        needed = str(mandate.strategy.estimate.min_history)
        found.append((member.codes[0], "finding.short_history", (("needed", needed),)))
    for relaxation in allocation.relaxed:
        detail = (
            ("declared", f"{relaxation.declared:.1%}"),
            ("used", f"{relaxation.used:.1%}"),
        )
        found.append((relaxation.rule, "finding.yielded", detail))
    return tuple(
        Finding(day, subject, kind, Severity.NOTICE, detail) for subject, kind, detail in found
    )


def _relevant(mandate: Mandate, snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return the snapshot's findings about anything that this mandate reads."""
    read = {POLICY_RATE[mandate.universe.currency], *EXCHANGE_RATE.values()}
    for place in mandate.members:
        member = mandate.universe.members[place]
        read |= {*member.codes, *(proxy.column for proxy in member.proxies)}
    if mandate.overlay is not None:
        read |= set(mandate.overlay.names.tolist())
    return tuple(finding for finding in snapshot.findings if finding.subject in read)


def _stop_if_serious(model: Model, snapshot: Snapshot, tickers: Mapping[int, str]) -> None:
    """Raise :class:`BadMarketData` for serious findings that this decision would rest on.

    Those are about the funds of members that it may hold, in the sessions that the estimate sees.
    """
    mandate, history = model.mandate, model.history
    codes = {mandate.allowed[place][0] for place in tickers} | set(tickers.values())
    lookback = mandate.strategy.estimate.lookback
    oldest = history.day(max(0, len(history) - lookback))
    serious = [finding for finding in serious_for(snapshot, codes) if finding.day >= oldest]
    if serious:
        raise BadMarketData([as_problem(finding) for finding in serious])
