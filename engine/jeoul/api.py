"""The public verbs: open, propose, backtest, compare, report. Records in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jeoul import assets
from jeoul.errors import BeyondData, UsageError
from jeoul.market import Market, assemble
from jeoul.market import open_market as read_market
from jeoul.market.calendars import load_calendar
from jeoul.model.calendar import Calendar
from jeoul.model.given import whole
from jeoul.model.history import History
from jeoul.model.instrument import AccountKind, Universe, account_kind
from jeoul.model.session import parse_session, refuse_reversed
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Mandate
from jeoul.pipeline import propose as propose_mandate
from jeoul.pipeline import prove as prove_mandate
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.profile import PROFILES
from jeoul.strategy.universe import load_universe, shipped_universes

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.account.records import AccountRun
    from jeoul.allocate import Proof
    from jeoul.backtesting import Backtest
    from jeoul.files.cache import Cache
    from jeoul.model.decision import Memory, Proposal
    from jeoul.profile import Profile
    from jeoul.reporting.gather import Profiled
    from jeoul.reporting.report import Report
    from jeoul.research.compare import Comparison

__all__ = [
    "account_backtest",
    "backtest",
    "calendars",
    "compare",
    "history",
    "load_strategy",
    "mandate",
    "open_market",
    "propose",
    "prove",
    "report",
    "report_of",
    "report_runs",
    "universe_of",
]

YARDSTICKS = {"krx-core": {"sixty_forty": "sixty-forty"}}
"""The published strategies that a report of a universe compares with, by track."""


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return the shipped calendars by name.

    >>> sorted(calendars())
    ['XKRX', 'XNYS']
    """
    return {name: load_calendar(name) for name in ("XKRX", "XNYS")}


def universe_of(strategy_universe: str) -> Universe:
    """Return the universe that a loaded strategy names: a shipped one, or that of a file."""
    path = Path(strategy_universe)
    if not path.suffix:
        return _universe(strategy_universe, 0, 0)
    known = path.stat()
    return _universe(strategy_universe, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=32)
def _universe(name: str, changed: int, size: int) -> Universe:  # noqa: ARG001  a changed file is read again
    """Return a universe, read once for every state of its file."""
    return load_universe(name)


@cache
def _irp_risk_cap() -> float:
    """Return the largest share of an IRP that risk assets may take, by the newest rule table."""
    from jeoul.korea.tables import load_rules, years

    return float(load_rules(max(years())).rate("irp.risk_cap"))


def open_market(folder: Path | str | None = None, *, cache: Cache | None = None) -> Market:
    """Return the market in a folder, or the embedded simulated sample if no folder is given.

    With a ``cache`` (``jeoul.files.cache.Cache``, a folder for what can be made again) files that
    were read before and have not changed since are not parsed again.

    Raises :class:`~jeoul.errors.DataError` if the folder is not a market folder or its files do
    not say what the manifest says.

    >>> open_market().simulated
    True
    """
    place = assets.data("sample") if folder is None else Path(folder)
    multiples = {
        code: item.multiple
        for name in shipped_universes()
        for code, item in universe_of(name).instruments.items()
    }
    return read_market(place, calendars=calendars(), multiples=multiples, cache=cache)


def mandate(
    strategy: Strategy, profile: str | Profile, account: AccountKind | str = AccountKind.GENERAL
) -> Mandate:
    """Return what a strategy means for a profile in an account kind.

    ``profile`` is a name or what :func:`classify` returned; ``account`` is ``general``, ``isa``,
    ``pension_savings``, ``irp`` or ``dc``, in any case. Raises
    :class:`~jeoul.errors.UsageError` for a profile or account that the strategy or the law does
    not know, ``none`` among them.

    >>> mandate(load_strategy("managed"), "balanced", "irp").risk_cap
    0.7
    """
    name = profile if isinstance(profile, str) else profile.name
    if name not in strategy.profiles:
        known = ", ".join(p for p in PROFILES if p in strategy.profiles)
        raise UsageError(f"strategy {strategy.name} has no profile {name!r}; use one of {known}")
    kind = account_kind(account)
    cap = _irp_risk_cap() if kind.ruled_as is AccountKind.IRP else None
    return Mandate(strategy, name, kind, universe_of(strategy.universe), cap)


def history(strategy: Strategy, snapshot: Snapshot) -> History:
    """Return the panel of a strategy's universe as a snapshot shows it."""
    return assemble(snapshot, universe_of(strategy.universe), calendars())


def propose(
    strategy: Strategy,
    profile: str | Profile,
    account: AccountKind | str,
    snapshot: Snapshot,
    memory: Memory | None = None,
) -> Proposal:
    """Return the target weights of a strategy for a profile and account kind, and why.

    The proposal knows no customer: every account of the same profile and kind gets the same
    weights. They are fractions that sum to 1, ``CASH`` among them. ``memory`` is that of an earlier
    proposal; without it the model is replayed from its first session, with the same result.
    Raises :class:`~jeoul.errors.UsageError` for an unknown profile or account,
    :class:`~jeoul.errors.DataError` if the snapshot does not carry the strategy and
    :class:`~jeoul.errors.Infeasible` if no portfolio satisfies its rules.

    >>> market = open_market()
    >>> day = market.last_session("XKRX")
    >>> found = propose(load_strategy("static"), "balanced", "general", market.as_of(day))
    >>> abs(sum(found.weights.values()) - 1.0) < 1e-9
    True
    """
    return propose_mandate(mandate(strategy, profile, account), snapshot, calendars(), memory)


def prove(strategy: Strategy, proposal: Proposal, snapshot: Snapshot) -> Proof | None:
    """Return how far a proposal's allocation is from the optimum that the other engine finds.

    None where the strategy solves no program. Raises :class:`~jeoul.errors.AllocationError` if the
    other engine has no answer.
    """
    own = mandate(strategy, proposal.profile, proposal.account)
    return prove_mandate(own, snapshot, calendars(), proposal)


def backtest(
    strategy: Strategy,
    profile: str | Profile,
    market: Market,
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    start: date | str | None = None,
    end: date | str | None = None,
) -> Backtest:
    """Return the backtest of a strategy for a profile on a market: unit values after costs.

    ``start`` and ``end`` are dates, or text such as ``"2008-01-02"``; by default the backtest
    begins with the first session that can be invested and ends with the market's last one.
    Raises :class:`~jeoul.errors.UsageError` for an unknown profile or account and
    :class:`~jeoul.errors.BeyondData` for an end before the first session.

    >>> static = load_strategy("static")
    >>> run = backtest(static, "balanced", open_market(), start="2024-01-02", end="2024-12-30")
    >>> print(run.start, run.end, len(run.nav) == len(run.sessions))
    2024-01-02 2024-12-30 True
    """
    from jeoul.backtesting import backtest as run

    first, last = (parse_session(day) if isinstance(day, str) else day for day in (start, end))
    refuse_reversed(first, last)
    snapshot = market.as_of(_last_session(market, strategy.calendar, last), strategy.calendar)
    return run(
        mandate(strategy, profile, account), history(strategy, snapshot), start=first, end=last
    )


def account_backtest(
    strategy: Strategy,
    profile: str | Profile,
    market: Market,
    file: Path | str,
    *,
    account: AccountKind | str | None = None,
    start: date | str | None = None,
    end: date | str | None = None,
) -> AccountRun:
    """Return what an account of a file would have done: whole shares, costs, money in and out.

    The account follows the strategy's targets like a paper account; it begins on the first session
    with something to order, or on ``start``. ``account`` is its kind; by default that of the file,
    or ``general``. Money is in the currency's smallest unit (won, cents).
    Raises :class:`~jeoul.errors.ConfigError` with every problem of the file, and otherwise what
    :func:`backtest` raises.

    >>> file = assets.root() / "configs" / "account-example.toml"
    >>> run = account_backtest(load_strategy("static"), "balanced", open_market(), file,
    ...                        start="2024-01-02", end="2024-03-29")
    >>> sum(day.flows.paid_in for day in run.days)
    11500000
    """
    from jeoul.account.file import kind_of, load_account_file
    from jeoul.account.terms import run_account

    first, last = (parse_session(day) if isinstance(day, str) else day for day in (start, end))
    refuse_reversed(first, last)
    snapshot = market.as_of(_last_session(market, strategy.calendar, last), strategy.calendar)
    settings = load_account_file(Path(file))
    return run_account(
        settings,
        mandate(strategy, profile, kind_of(settings, account)),
        history(strategy, snapshot),
        market,
        calendars()[strategy.calendar],
        start=first,
        end=last,
    )


def compare(one: Backtest, other: Backtest, *, seed: int = 20_261_122) -> Comparison:
    """Return what the second of two backtests does differently, and whether it may be luck.

    The two are compared over the sessions they share, on the same market. ``seed`` draws the
    bootstrap samples: the same seed gives the same intervals.

    >>> market = open_market()
    >>> one, other = (
    ...     backtest(load_strategy(name), "balanced", market, start="2024-01-02", end="2024-12-30")
    ...     for name in ("static", "sixty-forty")
    ... )
    >>> compare(one, other).verdict
    'unclear'
    """
    from jeoul.backtesting.prepared import prepare
    from jeoul.research.compare import compare as contrast

    first = prepare(one.mandate, one.history)
    second = prepare(other.mandate, other.history, like=first)
    return contrast((first, one), (second, other), seed=seed)


def _last_session(market: Market, calendar: str, end: date | None) -> date:
    """Return the newest session of a market that is not later than ``end``."""
    days = market.sessions(calendar)
    place = len(days) if end is None else int(np.searchsorted(days, np.datetime64(end), "right"))
    if place == 0:
        first, last = days[0].astype(object), days[-1].astype(object)
        remedy = f"choose a day from {first} to {last}"
        raise BeyondData(str(end), last.isoformat(), remedy)
    found: date = days[place - 1].astype(object)
    return found


def report(
    strategy: Strategy,
    snapshot: Snapshot,
    profiles: str | Sequence[str] = PROFILES,
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    amount: int = 100_000_000,
    holdings: Holdings | None = None,
) -> Report:
    """Return the report of a strategy on a snapshot: what to do today, why, and what it did so far.

    ``profiles`` is one name or several; ``amount`` is the new money to invest in each, in the
    strategy's currency (won, or dollars). With ``holdings`` the orders are those of that account,
    for one profile. The report writes no file: ``html()`` is the page and ``document()`` the same
    numbers. Raises :class:`~jeoul.errors.UsageError` for a profile or account that the strategy or
    the law does not know, and :class:`~jeoul.errors.HoldingsError` for holdings without cash.

    >>> market = open_market()
    >>> snapshot = market.as_of(market.last_session())
    >>> found = report(load_strategy("static"), snapshot, "balanced", account="isa")
    >>> found.document("en")["profiles"][0]["profile"]
    'balanced'
    """
    amount = whole("the amount", amount)
    names = (profiles,) if isinstance(profiles, str) else tuple(profiles)
    if not names:
        raise UsageError("a report needs a profile; name one or more")
    if holdings is not None and len(names) > 1:
        raise UsageError("an account has one profile; name it")
    runs = report_runs(strategy, snapshot, names, account=account, amount=amount, holdings=holdings)
    return report_of(tuple(runs), strategy, snapshot, amount=amount)


def report_of(
    runs: Sequence[Profiled], strategy: Strategy, snapshot: Snapshot, *, amount: int
) -> Report:
    """Return the report over what :func:`report_runs` yielded for the same arguments."""
    from jeoul.pipeline.inputs import combined_id
    from jeoul.rebalance import ONLINE
    from jeoul.reporting.gather import gather
    from jeoul.reporting.report import Report

    facts = gather(
        runs,
        snapshot,
        calendars()[strategy.calendar],
        amount=amount,
        fee=ONLINE.rate,
        inputs_id=combined_id([run.decision.inputs_id for run in runs]),
    )
    return Report(tuple(runs), facts)


def report_runs(
    strategy: Strategy,
    snapshot: Snapshot,
    profiles: Sequence[str],
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    amount: int,
    holdings: Holdings | None = None,
) -> Iterator[Profiled]:
    """Yield each profile's model, its decision for new money, and what it is measured against.

    ``amount`` is in the strategy's currency; ``holdings`` decide in its place. The yardsticks are
    the same allocation simply held and the published one of the universe, in an ordinary account
    and over the same span.
    """
    from jeoul.account.collar import COLLAR, Collar
    from jeoul.account.holdings import refuse_empty
    from jeoul.account.orders import account_decision
    from jeoul.backtesting import of_model
    from jeoul.model.money import UNITS
    from jeoul.model.portfolio import Portfolio
    from jeoul.pipeline import default_rules, present, run_model
    from jeoul.pipeline.former import moved
    from jeoul.pipeline.touching import findings_along
    from jeoul.rebalance import Fresh
    from jeoul.reporting.gather import Profiled

    panel = history(strategy, snapshot)
    collar = Collar.of(COLLAR, universe_of(strategy.universe).instruments)
    yardsticks = {
        key: run_model(mandate(load_strategy(name), "balanced"), panel)
        for key, name in YARDSTICKS.get(strategy.universe, {}).items()
        if name != strategy.name
    }
    new = Portfolio({}, amount * UNITS[panel.currency], panel.currency)
    portfolio = new if holdings is None else refuse_empty(holdings).portfolio()
    for name in profiles:
        model = run_model(mandate(strategy, name, account), panel)
        findings_along(model.mandate, panel, snapshot, None)  # refuses a history that is wrong
        proposal = present(model, snapshot, calendars()[strategy.calendar])
        own = of_model(model)
        plain = mandate(strategy.without_overlay(), name, account)
        held = {"static": run_model(plain, panel, like=model), **yardsticks}
        yield Profiled(
            model=model,
            decision=account_decision(
                proposal, portfolio, Fresh(), default_rules(proposal), collar=collar
            ),
            strategy=own,
            others={
                key: of_model(other, start=own.start, end=own.end) for key, other in held.items()
            },
            moved=moved(model),
            holdings=holdings,
        )
