"""From the model, its decision and its backtests to the facts of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from jeoul.backtest import Backtest, Summary, drawdowns, metrics, summarise
from jeoul.model.calendar import Calendar, moment
from jeoul.model.decision import Decision, Proposal
from jeoul.model.finding import Finding
from jeoul.model.instrument import Universe
from jeoul.model.portfolio import CASH, Order
from jeoul.model.snapshot import Snapshot
from jeoul.overlay import Event, session_date
from jeoul.pipeline import Model
from jeoul.pipeline.clock import readings
from jeoul.pipeline.inputs import versions
from jeoul.pipeline.watch import event_log
from jeoul.rebalance import order_fee
from jeoul.report.facts import (
    AssetClass,
    DataSource,
    Drawdown,
    Episode,
    Latch,
    MarketVolatility,
    OrderFacts,
    Overlay,
    Position,
    ProfileFacts,
    Range,
    ReportFacts,
    Text,
    Track,
)

REALISED_SESSIONS = 252
_Z90 = 1.6448536269514722  # half of the 90 % interval of a normal variable, in standard deviations


@dataclass(frozen=True, slots=True, eq=False)
class Profiled:
    """One profile of a run: its model, its decision, and the ways it is measured against."""

    model: Model
    decision: Decision
    strategy: Backtest
    others: Mapping[str, Backtest]


def gather(
    runs: Sequence[Profiled],
    snapshot: Snapshot,
    calendar: Calendar,
    *,
    amount: int,
    fee: Decimal,
    inputs_id: str,
) -> ReportFacts:
    """Return the facts of a report over one strategy, account kind and session."""
    first = runs[0].decision.proposal
    mandate = runs[0].model.mandate
    universe = mandate.universe
    title = mandate.strategy.title
    return ReportFacts(
        as_of=first.as_of,
        known_at=moment(first.known_at),
        decided_at=moment(first.decided_at),
        executed_at=moment(first.executed_at),
        timezone=calendar.timezone,
        simulated=first.simulated,
        strategy=first.strategy,
        title=Text(title.ko, title.en),
        account=str(first.account),
        amount=amount,
        classes=_classes(universe, runs),
        profiles=tuple(_profile(run, fee) for run in runs),
        inputs_id=inputs_id,
        market_volatility=_market_volatility(snapshot, runs[0].model),
        sources=_sources(snapshot),
        findings=_findings(runs),
        versions=tuple(versions().items()),
    )


def _classes(universe: Universe, runs: Sequence[Profiled]) -> tuple[AssetClass, ...]:
    overlay = runs[0].model.mandate.strategy.overlay
    risky = overlay.risk_classes if overlay is not None else []
    held = {
        run.decision.proposal.classes[code]
        for run in runs
        for code in (*run.decision.proposal.allocation, *run.decision.proposal.weights)
        if code != CASH
    }
    found = [
        AssetClass(key=name, name=Text.of(f"universe.{name}"), risk=name in risky)
        for name in universe.classes
        if name in held
    ]
    return (*found, AssetClass(key="cash", name=Text.of("facts.class_cash"), risk=False))


def _profile(run: Profiled, fee: Decimal) -> ProfileFacts:
    decision, model = run.decision, run.model
    proposal, mandate = decision.proposal, model.mandate
    limit = mandate.rules.volatility
    summary = summarise(run.strategy)
    overlay = mandate.strategy.overlay
    risky = set(overlay.risk_classes) if overlay is not None else set()
    recent = run.strategy.nav[-REALISED_SESSIONS - 1 :]
    return ProfileFacts(
        profile=proposal.profile,
        name=Text.of(f"profile.{proposal.profile}"),
        positions=_positions(proposal, mandate.universe),
        overlay=_overlay(model, proposal),
        tracks=_tracks(run, summary),
        orders=tuple(_order(o, mandate.universe, fee) for o in decision.orders),
        reasons=tuple(r for r in decision.reasons if not r.kind.startswith("overlay.")),
        expected_volatility=proposal.expected_volatility,
        allocation_volatility=proposal.volatility,
        realised_volatility=metrics.volatility(recent, run.strategy.sessions_per_year),
        realised_sessions=len(recent) - 1,
        volatility_limit=None if limit is None else limit.max,
        loss_limit=mandate.rules.loss_limit,
        risk_share=sum(
            w for code, w in proposal.weights.items() if proposal.classes.get(code) in risky
        ),
        efficiency=_ratio(proposal.expected_excess, proposal.expected_volatility),
        expense_ratio=_expense_ratio(proposal, mandate.universe),
        idle_cash=decision.cash_after,
    )


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else math.nan


def _positions(proposal: Proposal, universe: Universe) -> tuple[Position, ...]:
    codes = sorted(
        {*proposal.allocation, *proposal.weights} - {CASH},
        key=lambda code: (
            universe.classes.index(proposal.classes[code]),
            -proposal.weights.get(code, 0.0),
            code,
        ),
    )
    funds = [
        Position(
            code=code,
            name=Text(universe.instruments[code].name_ko, universe.instruments[code].name_en),
            asset_class=proposal.classes[code],
            allocation=proposal.allocation.get(code, 0.0),
            weight=proposal.weights.get(code, 0.0),
            risk_contribution=proposal.contributions.get(code, 0.0),
        )
        for code in codes
    ]
    cash = Position(
        code=CASH,
        name=Text.of("facts.class_cash"),
        asset_class="cash",
        allocation=proposal.allocation[CASH],
        weight=proposal.weights[CASH],
        risk_contribution=0.0,
    )
    return (*funds, cash)


def _expense_ratio(proposal: Proposal, universe: Universe) -> float | None:
    """Return the weighted expense ratio of the funds, None if that of any of them is unknown."""
    ratios = {
        code: universe.instruments[code].expense_ratio for code in proposal.weights if code != CASH
    }
    if any(ratio is None for ratio in ratios.values()):
        return None
    return sum(proposal.weights[code] * (ratio or 0.0) for code, ratio in ratios.items())


def _order(order: Order, universe: Universe, fee: Decimal) -> OrderFacts:
    item = universe.instruments[order.ticker]
    return OrderFacts(
        side=order.side,
        code=order.ticker,
        name=Text(item.name_ko, item.name_en),
        shares=order.shares,
        price=order.price,
        reason=order.reason,
        cost=order_fee(order.shares * order.price, fee),
    )


def _overlay(model: Model, proposal: Proposal) -> Overlay:
    state = model.state.overlay
    return Overlay(
        state=proposal.state,
        name=Text.of(f"facts.state_{proposal.state.lower()}"),
        calm=proposal.scale >= 1.0,
        scale=proposal.scale,
        since=_scale_since(model) if state is not None else None,
        reasons=tuple(r for r in proposal.reasons if r.kind.startswith("overlay.")),
        latches=_latches(model),
        episodes=_episodes(model),
    )


def _scale_since(model: Model) -> date | None:
    states = model.trace.overlay
    for before, after in zip(reversed(states[:-1]), reversed(states[1:]), strict=True):
        if before.scale != after.scale:
            return session_date(after.session)
    return None


def _latches(model: Model) -> tuple[Latch, ...]:
    rules, params, state = model.mandate.strategy.overlay, model.mandate.overlay, model.state.overlay
    if rules is None or params is None or state is None:
        return ()
    seen = readings(model.mandate, model.history)
    found = []
    for place, name in enumerate(params.names.tolist()):
        column = seen[: model.state.ticks, place]
        rows = np.flatnonzero(np.isfinite(column))
        row = params.rules[place]
        since = int(state.latches[place, 5])
        found.append(
            Latch(
                name=Text.of(f"facts.latch_{name}"),
                reading=float(column[rows[-1]]) if len(rows) else None,
                enter=float(row[1]),
                exit=float(row[5]),
                on=bool(state.latches[place, 0]),
                since=session_date(since) if since >= 0 else None,
                day=model.history.clock[rows[-1]].astype(object) if len(rows) else None,
                unit="points" if name == "vix" else "percent",
                rising=bool(row[0] > 0),
                enter_closes=int(row[2]),
                exit_closes=int(row[6]),
                scale=float(row[7]),
            )
        )
    return (*found, *_loss_latch(model))


def _loss_latch(model: Model) -> tuple[Latch, ...]:
    rules, state = model.mandate.strategy.overlay, model.state.overlay
    limit = model.mandate.rules.loss_limit
    if rules is None or rules.loss is None or limit is None or state is None or state.peak <= 0.0:
        return ()
    newest = state.navs[(state.head - 1) % len(state.navs)]
    # The cap falls below 1 where slope x (1 - drawdown / limit) does.
    enter = limit * (1.0 - 1.0 / rules.loss.slope)
    return (
        Latch(
            name=Text.of("facts.latch_loss"),
            reading=1.0 - float(newest) / state.peak,
            enter=enter,
            exit=enter,
            on=state.cap < 1.0,
            day=session_date(state.session),
            unit="percent",
            scale=state.cap,
        ),
    )


def _episodes(model: Model) -> tuple[Episode, ...]:
    """Return the stretches with less than all of the risk classes, since the model was invested."""
    states = model.trace.overlay
    if not states or not model.trace.trades:
        return ()
    begun = model.history.day(model.trace.trades[0].row)
    log = [event for event in event_log(model) if event.cause.kind.endswith(("_on", ".cap"))]
    found: list[Episode] = []
    start, lowest = None, 1.0
    for state in states:
        day = session_date(state.session)
        if state.scale < 1.0 and day >= begun:
            start = start or day
            lowest = min(lowest, state.scale)
        elif start is not None:
            found.append(Episode(start=start, end=day, scale=lowest, name=_cause(log, start)))
            start, lowest = None, 1.0
    if start is not None:
        found.append(Episode(start=start, end=None, scale=lowest, name=_cause(log, start)))
    return tuple(found)


def _cause(log: Sequence[Event], start: date) -> Text:
    """Return the name of what began an episode: the newest transition up to its first session."""
    name = "overlay"
    for event in log:
        if event.session > start:
            break
        kind = event.cause.kind
        name = "loss" if kind == "overlay.cap" else kind.removeprefix("overlay.").removesuffix("_on")
    return Text.of(f"facts.latch_{name}")


def _tracks(run: Profiled, summary: Summary) -> tuple[Track, ...]:
    title = run.model.mandate.strategy.title
    own = _track("strategy", Text(title.ko, title.en), run.strategy, summary)
    others = [
        _track(key, Text.of(f"facts.track_{key}"), other, summarise(other))
        for key, other in run.others.items()
    ]
    return (own, *others, _cash_track(run.strategy))


def _track(key: str, name: Text, run: Backtest, summary: Summary) -> Track:
    low, high = metrics.worst_and_best_year(run.sessions, run.nav)
    # The error of a mean of independent returns: volatility / sqrt(years), on log growth.
    spread = _Z90 * summary.volatility / math.sqrt(run.years)
    return Track(
        key=key,
        name=name,
        sessions=run.sessions,
        nav=run.nav / run.nav[0],
        cagr=summary.cagr,
        cagr_range=Range(
            (1.0 + summary.cagr) * math.exp(-spread) - 1.0,
            (1.0 + summary.cagr) * math.exp(spread) - 1.0,
        ),
        year_range=Range(low, high),
        volatility=summary.volatility,
        max_drawdown=summary.max_drawdown,
        sharpe=summary.sharpe,
        turnover=summary.turnover,
        cost=summary.cost,
        proxy_share=summary.proxy_share,
        drawdowns=tuple(
            Drawdown(start=d.start, trough=d.trough, recovery=d.recovery, depth=d.depth)
            for d in drawdowns(run.sessions, run.nav)
        ),
    )


def _cash_track(span: Backtest) -> Track:
    nav = np.cumprod(np.concatenate(([1.0], 1.0 + span.cash[1:])))
    return Track(
        key="cash",
        name=Text.of("facts.track_cash"),
        sessions=span.sessions,
        nav=nav,
        cagr=metrics.growth_rate(span.sessions, nav),
        volatility=0.0,
        max_drawdown=metrics.max_drawdown(nav),
        sharpe=math.nan,
        turnover=0.0,
        cost=0.0,
        proxy_share=0.0,
    )


def _market_volatility(snapshot: Snapshot, model: Model) -> tuple[MarketVolatility, ...]:
    vix = snapshot.series.get("vix")
    found = []
    if vix is not None and len(vix):
        day = vix.dates[-1].astype(object)
        found.append(MarketVolatility(name=Text("VIX", "VIX"), value=float(vix.values[-1]), day=day))
    return tuple(found)


def _sources(snapshot: Snapshot) -> tuple[DataSource, ...]:
    found = []
    for table in snapshot.prices:
        if len(table.sessions):
            found.append(
                DataSource(
                    name=Text.of("facts.source_prices", exchange=table.exchange),
                    start=table.sessions[0].astype(object),
                    end=table.sessions[-1].astype(object),
                    note=Text.of(f"facts.source_{table.adjusted.replace('-', '_')}"),
                )
            )
    filled = [series for series in snapshot.series.values() if len(series)]
    if filled:
        found.append(
            DataSource(
                name=Text.of("facts.source_series", count=len(filled)),
                start=min(series.dates[0].astype(object) for series in filled),
                end=max(series.dates[-1].astype(object) for series in filled),
            )
        )
    return tuple(found)


def _findings(runs: Sequence[Profiled]) -> tuple[Finding, ...]:
    found = dict.fromkeys(finding for run in runs for finding in run.decision.findings)
    return tuple(sorted(found))
