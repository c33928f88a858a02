"""From the model, its decision and its backtests to the facts of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from jeoul import metrics
from jeoul.backtesting import Backtest
from jeoul.backtesting.beside import beside
from jeoul.messages import LANGUAGES
from jeoul.model.calendar import Calendar, moment
from jeoul.model.decision import Decision, Proposal
from jeoul.model.finding import Finding
from jeoul.model.instrument import Universe
from jeoul.model.measurements import Measurements
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH, Order, Portfolio
from jeoul.model.shown import Brief
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Model
from jeoul.pipeline.frontier import frontier_of
from jeoul.pipeline.inputs import versions
from jeoul.pipeline.wording import class_name
from jeoul.rebalance import ONLINE, order_fee
from jeoul.reporting.account_facts import AccountChange, HeldAccount, TermsFacts
from jeoul.reporting.account_terms import account_terms
from jeoul.reporting.change import change_of, taxed_at_sale
from jeoul.reporting.facts import (
    AssetClass,
    FrontierFacts,
    MarketVolatility,
    OrderFacts,
    PositionFacts,
    ProfileFacts,
    ReportFacts,
    SourceFacts,
)
from jeoul.reporting.held import held_account, held_weights
from jeoul.reporting.measurements import together
from jeoul.reporting.overlay_facts import overlay_facts
from jeoul.reporting.stance import stance
from jeoul.reporting.text import Text
from jeoul.reporting.tracks import tracks

if TYPE_CHECKING:
    from jeoul.account.rooms import PaidFacts
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.backtesting.attained import Attainable
    from jeoul.backtesting.past.record import Past
    from jeoul.korea.rulebook import Rulebook

REALISED_SESSIONS = 252


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Profiled(Brief):
    """One profile of a run: its model, its decision, and the ways it is measured against.

    ``moved`` is by what share of the money the target rule of 0.1.0 would allocate differently.
    ``account`` is the one that decided, None where new money did. ``attainable`` is the one that
    could be had beside the model, None where there was none, and ``past`` what the model's path
    came to by year, month and span.
    """

    model: Model
    decision: Decision
    strategy: Backtest
    others: Mapping[str, Backtest]
    moved: float | None = None
    account: TodaysAccount | None = None
    attainable: Attainable | None = None
    past: Past | None = None


def gather(
    runs: Sequence[Profiled],
    snapshot: Snapshot,
    calendar: Calendar,
    *,
    amount: int,
    inputs_id: str,
    book: Rulebook,
    paid: PaidFacts,
) -> ReportFacts:
    """Return the facts of a report over one strategy, account kind and session.

    ``book`` is the law of the day on which orders are filled, ``paid`` what is known of earlier
    payments into the account.
    """
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
        profiles=tuple(
            _profile(run, _change(run, amount, calendar, book), _frontier(run, runs))
            for run in runs
        ),
        inputs_id=inputs_id,
        market_volatility=_market_volatility(first.measured),
        measured=together([run.decision.proposal.measured for run in runs]),
        stance=stance(run.model for run in runs),
        sources=_sources(snapshot),
        findings=_findings(runs),
        other_findings=min(run.decision.others for run in runs),
        versions=tuple(versions().items()),
        currency=first.currency,
        held=_held(runs[0]),
        terms=(_terms(runs[0], book, paid),),
    )


def _terms(run: Profiled, book: Rulebook, paid: PaidFacts) -> TermsFacts:
    proposal, account = run.decision.proposal, run.account
    deposit = 0 if account is None else account.deposit
    year = proposal.executed.year
    return account_terms(proposal.account, book, proposal.currency, paid, deposit, year)


def _change(run: Profiled, amount: int, calendar: Calendar, book: Rulebook) -> AccountChange | None:
    """Return what a run's orders change in its account, or in new money."""
    currency, account = run.decision.proposal.currency, run.account
    if account is None:
        new = Portfolio({}, amount * UNITS[currency], currency)
        return change_of(run.model, run.decision, new, 0, calendar)
    owed = account.withdrawal
    found = change_of(run.model, run.decision, account.portfolio, owed, calendar)
    if found is None:
        return None
    universe = run.model.mandate.universe
    return replace(found, tax=taxed_at_sale(run.decision, account.holdings, universe, book))


def _held(run: Profiled) -> HeldAccount | None:
    if run.account is None:
        return None
    return held_account(run.account, run.decision.proposal, run.model.mandate.universe)


def _classes(universe: Universe, runs: Sequence[Profiled]) -> tuple[AssetClass, ...]:
    overlay = runs[0].model.mandate.strategy.overlay
    risky = overlay.risk_classes if overlay is not None else []
    held = {run.decision.proposal.classes[code] for run in runs for code in _codes(run)}
    found = [
        AssetClass(
            key=name,
            name=Text(*(class_name(universe, name, language) for language in LANGUAGES)),
            risk=name in risky,
        )
        for name in universe.classes
        if name in held
    ]
    return (*found, AssetClass(key="cash", name=Text.of("facts.class_cash"), risk=False))


def _profile(
    run: Profiled, change: AccountChange | None, frontier: FrontierFacts | None
) -> ProfileFacts:
    decision, model = run.decision, run.model
    proposal, mandate = decision.proposal, model.mandate
    rules = model.held_mandate.rules
    limit = rules.volatility
    title = mandate.strategy.title
    fee = (ONLINE if run.account is None else run.account.tariff).rate
    recent = run.strategy.nav[-REALISED_SESSIONS - 1 :]
    return ProfileFacts(
        profile=proposal.profile,
        name=Text.of(f"profile.{proposal.profile}"),
        positions=_positions(run),
        overlay=overlay_facts(model, proposal),
        tracks=tracks(Text(title.ko, title.en), run.strategy, run.others, run.attainable),
        orders=tuple(_order(o, mandate.universe, fee) for o in decision.orders),
        change=change,
        reasons=tuple(r for r in decision.reasons if not r.kind.startswith("overlay.")),
        expected_volatility=proposal.expected_volatility,
        allocation_volatility=proposal.volatility,
        realised_volatility=metrics.volatility(recent, run.strategy.sessions_per_year),
        realised_sessions=len(recent) - 1,
        volatility_limit=None if limit is None else limit.max,
        loss_limit=rules.loss_limit,
        risk_share=proposal.measured.risk_share,
        efficiency=math.nan if (ratio := proposal.measured.efficiency) is None else ratio,
        expense_ratio=_expense_ratio(proposal, mandate.universe),
        idle_cash=decision.cash_after,
        moved=run.moved,
        why=proposal.why,
        frontier=frontier,
        beside=None if run.attainable is None else beside(run.attainable),
        past=run.past,
    )


def _frontier(run: Profiled, runs: Sequence[Profiled]) -> FrontierFacts | None:
    """Return the frontier of a profile with the allocations of the other profiles beside it."""
    made = run.model.state.allocation
    others = {
        other.decision.proposal.profile: other.model.state.allocation
        for other in runs
        if other is not run and other.model.state.allocation is not None
    }
    found = None if made is None else frontier_of(run.model.held_mandate, made, others)
    if found is None:
        return None
    return FrontierFacts(
        volatility=found.points.volatility,
        mean=found.points.mean,
        allocation=(found.allocation.volatility, found.allocation.mean),
        strategic=(found.strategic.volatility, found.strategic.mean),
        others=tuple(
            (Text.of(f"profile.{name}"), (at.volatility, at.mean))
            for name, at in found.others.items()
        ),
    )


def _codes(run: Profiled) -> set[str]:
    """Return the funds of a run: those of its targets, and those of the account."""
    proposal, account = run.decision.proposal, run.account
    shares = {} if account is None else account.holdings.shares
    return {*proposal.allocation, *proposal.weights, *shares} - {CASH}


def _positions(run: Profiled) -> tuple[PositionFacts, ...]:
    proposal, universe, account = run.decision.proposal, run.model.mandate.universe, _held(run)
    held = {} if account is None else held_weights(account)
    codes = sorted(
        _codes(run),
        key=lambda code: (
            universe.classes.index(proposal.classes[code]),
            -proposal.weights.get(code, 0.0),
            code,
        ),
    )
    funds = [
        PositionFacts(
            code=code,
            name=Text(universe.instruments[code].name_ko, universe.instruments[code].name_en),
            asset_class=proposal.classes[code],
            allocation=proposal.allocation.get(code, 0.0),
            weight=proposal.weights.get(code, 0.0),
            risk_contribution=proposal.contributions.get(code, 0.0),
            held=held.get(code, 0.0 if held else None),
        )
        for code in codes
    ]
    cash = PositionFacts(
        code=CASH,
        name=Text.of("facts.class_cash"),
        asset_class="cash",
        allocation=proposal.allocation[CASH],
        weight=proposal.weights[CASH],
        risk_contribution=0.0,
        held=held.get(CASH),
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
        limit=order.limit,
    )


def _market_volatility(measured: Measurements) -> tuple[MarketVolatility, ...]:
    vix = measured.market_volatility
    if vix is None:
        return ()
    return (MarketVolatility(name=Text("VIX", "VIX"), value=vix.value, day=vix.day),)


def _sources(snapshot: Snapshot) -> tuple[SourceFacts, ...]:
    found = [
        SourceFacts(
            name=Text.of("facts.source_prices", exchange=table.exchange),
            start=table.sessions[0].astype(object),
            end=table.sessions[-1].astype(object),
            note=Text.of(f"facts.source_{table.adjusted.replace('-', '_')}"),
        )
        for table in snapshot.prices
        if len(table.sessions)
    ]
    filled = [series for series in snapshot.series.values() if len(series)]
    if filled:
        found.append(
            SourceFacts(
                name=Text.of("facts.source_series", count=len(filled)),
                start=min(series.dates[0].astype(object) for series in filled),
                end=max(series.dates[-1].astype(object) for series in filled),
            )
        )
    return tuple(found)


def _findings(runs: Sequence[Profiled]) -> tuple[Finding, ...]:
    found = dict.fromkeys(finding for run in runs for finding in run.decision.findings)
    return tuple(sorted(found))
