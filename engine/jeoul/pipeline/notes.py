"""Why the model trades or holds, what a reader should know of it, and what stops it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from jeoul.allocate.program import KEYS
from jeoul.errors import BadMarketData
from jeoul.market import as_problem, serious_for
from jeoul.market.history import POLICY_RATE
from jeoul.model.finding import Finding, Severity
from jeoul.model.history import History
from jeoul.model.portfolio import Reason
from jeoul.model.snapshot import Snapshot
from jeoul.overlay import explain
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.clock import readings
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.momentum_reasons import momentum_reasons
from jeoul.pipeline.overdue import overdue
from jeoul.pipeline.replay import calendar_rows, overlay_step
from jeoul.pipeline.run import Model
from jeoul.pipeline.touching import oldest
from jeoul.pipeline.turnover_limit import binds
from jeoul.pipeline.wording import effect_reasons, glide_reasons, of_active, worded
from jeoul.strategy.tables.allocate import Programmed

Remark = tuple[str, str, tuple[tuple[str, str], ...]]
"""A finding before it has its day: subject, kind and detail."""

_ROUNDING = 1e-6  # with which a program meets its volatility ceiling


def reasons_of(model: Model) -> tuple[Reason, ...]:
    """Return why the model trades or holds, then what the overlay says of the last sessions."""
    history, state, trace = model.history, model.state, model.trace
    trade = trace.trades[-1] if trace.trades and trace.trades[-1].row == state.row else None
    if trade is None:
        drift = 0.0
        if state.held is not None and state.target is not None:
            drift = 0.5 * float(np.abs(state.held - state.target).sum())
        band = model.mandate.strategy.rebalance.band
        first = Reason.of("trade.hold", drift=f"{drift:z.1%}", band=f"{band:z.1%}")
    else:
        first = Reason.of(
            f"trade.{trade.cause}",
            session=history.day(state.row),
            turnover=f"{trade.turnover:z.1%}",
        )
    made = state.allocation
    mixed = () if made is None else glide_reasons(model.mandate, history.day(made.row))
    return (
        first,
        *mixed,
        *momentum_reasons(model.mandate, history, made),
        *_overlay_reasons(model),
        *effect_reasons(model.mandate, state.posture.effects),
    )


def _overlay_reasons(model: Model) -> tuple[Reason, ...]:
    """Return what the overlay says of the clock sessions since the row before."""
    params, trace, seen = model.held_mandate.overlay, model.trace, model.history.clock_seen
    if params is None:
        return ()
    since = int(seen[-2]) if len(seen) > 1 else 0
    newest = range(max(0, since - trace.tick), len(trace.overlay))
    found: dict[Reason, None] = {}
    for place in newest:
        said = worded(model.mandate, explain(params, *overlay_step(trace, place)))
        found |= dict.fromkeys(of_active(model.mandate, said))
    return (*found, *overdue(model))


def findings_of(model: Model, allocation: RowAllocation, *, proxies: bool) -> tuple[Finding, ...]:
    """Return what a reader should know of a proposal: substitutes, what was left out or yielded."""
    mandate, history = model.held_mandate, model.history
    found = list(_funds(mandate, history, proxies=proxies))
    for place in allocation.short:
        member = mandate.universe.members[place]
        needed = str(mandate.strategy.estimate.min_history)
        found.append((member.codes[0], "finding.short_history", (("needed", needed),)))
    dates = calendar_rows(history, mandate.strategy.rebalance.calendar)
    missed = [history.day(row).isoformat() for row in dates[dates > allocation.row]]
    if missed:
        detail = (("dates", str(len(missed))), ("newest", missed[-1]))
        found.append((f"profiles.{mandate.profile}", "finding.held_back", detail))
    found += [(name, "finding.no_signal", ()) for name in _unread(model)]
    if not np.isfinite(history.cash_rate[-1]):
        rate = POLICY_RATE[history.currency]
        found.append((rate, "finding.no_cash_rate", ()))
    aim = mandate.rules.volatility
    if aim is not None and allocation.volatility < aim.min:
        detail = (("found", f"{allocation.volatility:z.1%}"), ("least", f"{aim.min:z.1%}"))
        found.append((f"profiles.{mandate.profile}", "finding.calm", detail))
    if aim is not None and allocation.volatility > aim.max * (1.0 + _ROUNDING):
        detail = (("found", f"{allocation.volatility:z.1%}"), ("most", f"{aim.max:z.1%}"))
        found.append((f"profiles.{mandate.profile}", "finding.restless", detail))
    found += _short_classes(mandate, allocation)
    found += _yielded(allocation)
    return remarked(history, found)


def remarked(history: History, found: Iterable[Remark]) -> tuple[Finding, ...]:
    """Return remarks as findings of the last session of a history."""
    day = history.day(len(history) - 1)
    return tuple(
        Finding(day=day, subject=subject, kind=kind, severity=Severity.NOTICE, detail=detail)
        for subject, kind, detail in found
    )


def _yielded(allocation: RowAllocation) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Return the rules that gave way, and the turnover limit where it bound."""
    found: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
    limit = KEYS["turnover"]
    for relaxation in allocation.relaxed:
        kind = "turnover_yielded" if relaxation.rule == limit else "yielded"
        detail = (
            ("declared", f"{relaxation.declared:z.1%}"),
            ("used", f"{relaxation.used:z.1%}"),
        )
        found.append((relaxation.rule, f"finding.{kind}", detail))
    solved = allocation.solved
    if solved is None or any(each.rule == limit for each in allocation.relaxed):
        return found
    program = solved.program
    if binds(program, solved.solution.weights, solved.previous):
        found.append((limit, "finding.turnover_bound", (("most", f"{program.turnover_max:z.1%}"),)))
    return found


def _funds(mandate: Mandate, history: History, *, proxies: bool) -> Iterator[Remark]:
    """Yield what a reader should know of the fund that an order in each member would name."""
    for place in mandate.members:
        member = mandate.universe.members[place]
        code = mandate.ticker(int(place), history, len(history) - 1)
        if code is None:
            kind = "finding.proxy_held" if proxies else "finding.left_out"
            yield member.codes[0], kind, (("member", member.name),)
            continue
        if code != member.codes[0]:
            detail = (("wanted", member.codes[0]), ("member", member.name))
            yield code, "finding.substitute", detail
        if facts := mandate.universe.instruments[code].unverified:
            yield code, "finding.unverified", (("facts", ", ".join(facts)),)


def _short_classes(mandate: Mandate, allocation: RowAllocation) -> list[Remark]:
    """Return the classes whose remaining funds cannot hold their strategic weight."""
    settings = mandate.strategy.allocate
    if not isinstance(settings, Programmed):
        return []
    classes = [mandate.classes[place] for place in allocation.members]
    invested = 1.0 - mandate.strategy.rebalance.cash
    found: list[Remark] = []
    for name, share in mandate.class_weights(frozenset(classes)).items():
        most = settings.max_weight * classes.count(name)
        wanted = invested * max(0.0, share - settings.class_band)
        if most < wanted:
            detail = (("wanted", f"{wanted:z.1%}"), ("most", f"{most:z.1%}"))
            found.append(
                (f"profiles.{mandate.profile}.classes.{name}", "finding.class_short", detail)
            )
    return found


def _unread(model: Model) -> tuple[str, ...]:
    """Return the latches that have never had a reading."""
    params = model.mandate.overlay
    if params is None or not len(params.names):
        return ()
    never = np.isnan(readings(model.mandate, model.history)).all(axis=0)
    return tuple(params.names[never].tolist())


def stop_if_serious(model: Model, snapshot: Snapshot, tickers: Mapping[int, str]) -> None:
    """Raise :class:`BadMarketData` for serious findings that this decision would rest on.

    Those are about the funds of members that it may hold, in the sessions that the estimate sees.
    """
    mandate, history = model.mandate, model.history
    codes = {mandate.allowed[place][0] for place in tickers} | set(tickers.values())
    first = oldest(mandate, history)
    serious = [finding for finding in serious_for(snapshot, codes) if finding.day >= first]
    if serious:
        raise BadMarketData([as_problem(finding) for finding in serious])
