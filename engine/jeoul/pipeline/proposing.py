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
from dataclasses import fields

import numpy as np

from jeoul.errors import ShortHistory
from jeoul.market import assemble
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Memory, Proposal
from jeoul.model.history import History
from jeoul.model.snapshot import Snapshot
from jeoul.overlay import STATES, latches_on
from jeoul.pipeline.allocation import COVERAGE, allocate, holdable
from jeoul.pipeline.along import Step
from jeoul.pipeline.expected import cash_rate_on, expected_of
from jeoul.pipeline.explaining import explanation_of
from jeoul.pipeline.grades import grade_remark, within_grades
from jeoul.pipeline.inputs import fingerprint
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.measuring import measured
from jeoul.pipeline.memory import remember
from jeoul.pipeline.notes import findings_of, reasons_of, remarked, stop_if_serious
from jeoul.pipeline.premiums import of_funds, said_once
from jeoul.pipeline.run import Model, run_model
from jeoul.pipeline.scaling import wanted_of
from jeoul.pipeline.targets import by_ticker, orderable, target_on, tickers_on
from jeoul.pipeline.touching import sort_findings
from jeoul.pipeline.unpriced import never_priced


def propose(
    mandate: Mandate,
    snapshot: Snapshot,
    calendars: Mapping[str, Calendar],
    memory: Memory | None = None,
    *,
    proxies: bool = False,
    step: Step | None = None,
) -> Proposal:
    """Return the proposal after the last session of a snapshot; same inputs, same proposal.

    Without ``memory`` the whole of history is replayed; with the memory of an earlier session only
    what came since, to the same end. A member without a current price is replaced by a substitute
    or left out, with a finding; ``proxies`` lets its proxy stand in instead, as a backtest may and
    an order never. ``step`` hears of every date on which an allocation is made.

    Raises :class:`ShortHistory` before the strategy can be invested, :class:`BadMarketData` if a
    serious finding touches an instrument that this proposal holds, :class:`Infeasible` if no
    weights satisfy the rules.
    """
    history = assemble(snapshot, mandate.universe, calendars)
    model = run_model(mandate, history, memory, step=step)
    return present(model, snapshot, calendars[mandate.strategy.calendar], proxies=proxies)


def _unpriced(mandate: Mandate, history: History) -> str:
    """Return which funds have no row in the data, in words; nothing if all of them have one."""
    codes = never_priced(mandate, history)
    return f", and no price of {codes} is in the data" if codes else ""


def present(
    model: Model, snapshot: Snapshot, calendar: Calendar, *, proxies: bool = False
) -> Proposal:
    """Return the proposal that a model amounts to on the last session of a snapshot."""
    mandate, history, state = model.mandate, model.history, model.state
    if state.allocation is None or state.held is None:
        _raise_infeasible(model)
        raise ShortHistory(
            f"by {snapshot.as_of} funds and proxies with {mandate.strategy.estimate.min_history} "
            f"sessions of returns cover less than {COVERAGE:z.0%} of the strategic weights of "
            f"{mandate.profile} in {mandate.strategy.name}{_unpriced(mandate, history)}; "
            "choose a later date or a longer folder"
        )
    allocation = orderable(mandate, history, state, proxies=proxies)
    wanted = wanted_of(mandate, allocation, state.posture, state.held)
    vector = within_grades(mandate, wanted)
    tickers = tickers_on(mandate, history, state.row, proxies=proxies)
    target = target_on(mandate, history, state, by_ticker(vector, tickers), reasons_of(model))
    limited = grade_remark(mandate, by_ticker(wanted, tickers), target.weights)
    stop_if_serious(model, snapshot, tickers)
    held = np.maximum(vector, allocation.weights) > 0.0
    market = sort_findings(mandate, history, snapshot, tickers, held)
    valued = tuple(of_funds(target, [code for place, code in tickers.items() if held[place]]))
    overlay = state.overlay
    params = mandate.overlay
    risk = expected_of(allocation, vector)
    return Proposal(
        **{field.name: getattr(target, field.name) for field in fields(target)},
        strategy=mandate.strategy.name,
        profile=mandate.profile,
        account=mandate.account,
        known_at=_newest_known(snapshot),
        decided_at=snapshot.decided_at,
        executed_at=int(calendar.closes[calendar.index(target.executed)]),
        simulated=snapshot.simulated,
        allocation=by_ticker(allocation.weights, tickers),
        volatility=allocation.volatility,
        contributions={tickers[place]: share for place, share in risk.contributions.items()},
        expected_volatility=risk.volatility,
        expected_excess=risk.excess,
        cash_rate=cash_rate_on(history, state.row),
        sessions_per_year=history.sessions_per_year,
        scale=state.posture.scale,
        effects=state.posture.effects,
        state=STATES[0] if overlay is None else STATES[overlay.mode],
        latches={} if overlay is None or params is None else latches_on(params, overlay),
        findings=(
            *remarked(history, [] if limited is None else [limited]),
            *findings_of(model, allocation, proxies=proxies),
            *valued,
            *said_once(market.touching, valued),
        ),
        aside=market.aside,
        passed_over=market.older,
        classes={code: item.asset_class for code, item in mandate.universe.instruments.items()},
        memory=remember(mandate, history, state),
        inputs=fingerprint(mandate, snapshot.digest),
        why=explanation_of(model.held_mandate, allocation, tickers),
        measured=measured(
            mandate, snapshot.series, overlay, target.weights, (risk.excess, risk.volatility)
        ),
    )


def _raise_infeasible(model: Model) -> None:
    """Raise :class:`Infeasible` if rules that cannot hold together kept the model out so far."""
    if model.trace.held_back:
        mandate, history, row = model.mandate, model.history, model.trace.held_back[-1]
        allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))


def _newest_known(snapshot: Snapshot) -> int:
    """Return the instant at which the newest row in the snapshot became known."""
    newest = [int(table.known_at[-1]) for table in snapshot.prices if len(table.known_at)]
    newest += [int(series.known_at[-1]) for series in snapshot.series.values() if len(series)]
    return max(newest, default=snapshot.decided_at)
