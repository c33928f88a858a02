"""The report of a strategy: each profile decided and measured, then the facts of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from jeoul.api.accounts import Accounts
from jeoul.api.given import holdings_of, snapshot_of, strategy_of
from jeoul.api.kept_models import KeptModels
from jeoul.api.kept_paths import KeptPaths
from jeoul.api.parts import calendars, history, mandate, universe_of
from jeoul.errors import UsageError
from jeoul.model.days import count_before
from jeoul.model.given import whole
from jeoul.model.instrument import AccountKind
from jeoul.model.snapshot import Snapshot
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.profile import PROFILES

if TYPE_CHECKING:
    from jeoul.account.rooms import PaidFacts
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.api.given import HoldingsGiven, SnapshotGiven, StrategyGiven
    from jeoul.backtesting import Backtest
    from jeoul.backtesting.past.record import Past
    from jeoul.files.cache import Cache
    from jeoul.model.calendar import Reals
    from jeoul.model.decision import Proposal, Quote
    from jeoul.model.grade_limit import GradeLimit
    from jeoul.model.portfolio import Reason, Weights
    from jeoul.reporting.account_facts import TermsFacts
    from jeoul.reporting.gather import Profiled
    from jeoul.reporting.household.facts import HouseholdFacts
    from jeoul.reporting.report import Report
    from jeoul.reporting.text import Text

YARDSTICKS = {"krx-core": {"sixty_forty": "sixty-forty"}}
"""The published strategies that a report of a universe compares with, by track."""

DOLLAR = "usdkrw"
"""The series of won per dollar."""


class Restraint(NamedTuple):
    """What the type of the investor may hold, and why new money buys nothing; None without one."""

    limit: GradeLimit | None = None
    stops: Reason | None = None


def report(
    strategy: StrategyGiven,
    snapshot: SnapshotGiven,
    profiles: str | Sequence[str] = PROFILES,
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    amount: int = 100_000_000,
    holdings: HoldingsGiven | None = None,
) -> Report:
    """Return the report of a strategy on a snapshot: what to do today, why, and what it did so far.

    ``strategy`` may be its name or its path, ``snapshot`` a market, whose newest session is then
    reported, and ``holdings`` what :func:`place` takes as a portfolio. ``profiles`` is one name or
    several; ``amount`` is the new money to invest in each, in the strategy's currency (won, or
    dollars). With ``holdings`` the orders of each profile are those of that account. The report
    writes no file: ``html()`` is the page and ``document()`` the same numbers; the page says that
    no questionnaire is behind a named profile. Raises :class:`~jeoul.errors.UsageError` for a
    profile or account that the strategy or the law does not know, and
    :class:`~jeoul.errors.HoldingsError` for holdings without cash.

    >>> import jeoul
    >>> found = report("static", jeoul.open_market(), "balanced", account="isa")
    >>> found.document("en")["profiles"][0]["profile"]
    'balanced'
    """
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.reporting.text import Text

    amount = whole("the amount", amount)
    names = (profiles,) if isinstance(profiles, str) else tuple(profiles)
    if not names:
        raise UsageError("a report needs a profile; name one or more")
    strategy = strategy_of(strategy)
    snapshot = snapshot_of(snapshot, strategy.calendar)
    today = None
    if holdings is not None:
        universe = universe_of(strategy.universe)
        held = holdings_of(holdings, universe.currency, universe.instruments)
        today = TodaysAccount(holdings=held)
    runs = report_runs(strategy, snapshot, names, account=account, amount=amount, today=today)
    notes = (Text.of("diagnosis.nobody"),)
    return report_of(tuple(runs), strategy, snapshot, amount=amount, notes=notes)


def report_of(
    runs: Sequence[Profiled],
    strategy: Strategy,
    snapshot: Snapshot,
    *,
    amount: int,
    notes: Sequence[Text] = (),
    paid: PaidFacts | None = None,
    household: HouseholdFacts | None = None,
    terms: Sequence[TermsFacts] = (),
) -> Report:
    """Return the report over what :func:`report_runs` yielded for the same arguments.

    ``notes`` are said below its title: whose answers are behind the profile. ``paid`` is what is
    known of earlier payments into the account, ``household`` a plan whose orders come first, with
    the ``terms`` of its accounts.
    """
    from jeoul.account.rooms import PaidFacts
    from jeoul.korea.tables import rules_for
    from jeoul.pipeline.inputs import combined_id
    from jeoul.reporting.gather import gather
    from jeoul.reporting.report import Report

    facts = gather(
        runs,
        snapshot,
        calendars()[strategy.calendar],
        amount=amount,
        inputs_id=combined_id([run.decision.inputs_id for run in runs]),
        book=rules_for(runs[0].decision.proposal.executed.year),
        paid=paid or PaidFacts(),
    )
    own = facts.terms if household is None else tuple(terms)
    return Report(tuple(runs), replace(facts, notes=tuple(notes), terms=own), household)


def report_runs(
    strategy: Strategy,
    snapshot: Snapshot,
    profiles: Sequence[str],
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    amount: int,
    today: TodaysAccount | None = None,
    restraint: Restraint | None = None,
    cache: Cache | None = None,
) -> Iterator[Profiled]:
    """Yield each profile's model, its decision for new money, and what it is measured against.

    ``amount`` is in the strategy's currency; the account of ``today`` decides in its place.
    ``restraint`` is what holds for the investor; ``cache`` keeps what can be made again. The
    yardsticks are the same allocation simply held and the published one of the universe, in an
    ordinary account and over the same span.
    """
    from jeoul.account.holdings import Holdings
    from jeoul.account.todays_account import TodaysAccount, decide_today
    from jeoul.backtesting import of_model
    from jeoul.model.money import UNITS
    from jeoul.pipeline import present
    from jeoul.pipeline.touching import findings_along
    from jeoul.reporting.gather import Profiled

    limit, stops = restraint or Restraint()
    panel = history(strategy, snapshot)
    instruments = universe_of(strategy.universe).instruments
    models = KeptModels(panel, snapshot.digest, cache)
    paths = KeptPaths(panel, snapshot.digest, cache, models.windows)
    yardsticks = {
        key: mandate(load_strategy(name), "balanced")
        for key, name in YARDSTICKS.get(strategy.universe, {}).items()
        if name != strategy.name
    }
    new = Holdings("", {}, amount * UNITS[panel.currency], panel.currency)
    asked = today or TodaysAccount(holdings=new, stops=stops)
    quoted: dict[int, Mapping[str, Quote]] = {}
    for name in profiles:
        followed = models.followed(mandate(strategy, name, account, limit=limit))
        model = followed.model
        findings_along(model.mandate, panel, snapshot, None)  # refuses a history that is wrong
        proposal = present(model, snapshot, calendars()[strategy.calendar])
        own = of_model(model)
        plain = mandate(strategy.without_overlay(), name, account, limit=limit)
        others = {"static": paths.backtest(plain, own.start, own.end, like=model)}
        for key, other in yardsticks.items():
            others[key] = paths.backtest(other, own.start, own.end, like=model)
        money = _worth(asked, proposal) or new.cash or 1
        accounts = Accounts(
            prices=snapshot.prices,
            digest=snapshot.digest,
            amount=max(1, money // UNITS[panel.currency]),
            cache=cache,
            quoted=quoted,
        )
        yield Profiled(
            model=model,
            decision=decide_today(proposal, asked, instruments),
            strategy=own,
            others=others,
            moved=paths.moved(model),
            account=today,
            attainable=accounts.beside(own, followed.along),
            past=_past(own, others["static"], followed.held, proposal.weights, snapshot, money),
        )


def _worth(account: TodaysAccount, proposal: Proposal) -> int:
    """Return what an account is worth at the prices of its orders, in smallest units."""
    return account.portfolio.value({code: quote.price for code, quote in proposal.quotes.items()})


def _past(
    own: Backtest,
    plain: Backtest,
    held: Reals,
    weights: Weights,
    snapshot: Snapshot,
    amount: int,
) -> Past:
    """Return the past of a model that held weights by row; ``amount`` is put through the crises."""
    from jeoul.backtesting.past.record import past_of
    from jeoul.market.fx import known_rate

    first = count_before(own.history.sessions, own.sessions[0])
    rows = slice(first, first + len(own.sessions))
    quoted = snapshot.series.get(DOLLAR)
    return past_of(
        own,
        plain if own.mandate.strategy.overlay is not None else None,
        held[rows],
        None if quoted is None else known_rate(quoted, own.history.decided)[rows],
        weights,
        amount=amount,
        simulated=snapshot.simulated,
    )
