"""The public verbs: open, propose, backtest, compare, report. Records in between."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul import assets
from jeoul.api.given import portfolio_of, snapshot_of, strategy_of
from jeoul.api.parts import calendars, history, mandate, suitable, universe_of
from jeoul.api.reports import report, report_of, report_runs
from jeoul.errors import BeyondData
from jeoul.market import Market
from jeoul.market import open_market as read_market
from jeoul.model.days import count_until
from jeoul.model.grade_limit import GradeLimit
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.model.session import parse_session, refuse_reversed
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import place as place_account
from jeoul.pipeline import propose as propose_mandate
from jeoul.pipeline import prove as prove_mandate
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.strategy.universe import shipped_universes

if TYPE_CHECKING:
    import pandas as pd

    from jeoul.account.records import AccountRun
    from jeoul.allocate import Proof
    from jeoul.api.given import HoldingsGiven, SnapshotGiven, StrategyGiven
    from jeoul.backtesting import Backtest
    from jeoul.files.cache import Cache
    from jeoul.model.decision import Decision, Memory, Proposal
    from jeoul.model.history import History
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.frontier import Frontier
    from jeoul.profile import Profile
    from jeoul.rebalance import TradeRules
    from jeoul.research.compare import Comparison

__all__ = [
    "account_backtest",
    "backtest",
    "calendars",
    "compare",
    "frontier",
    "history",
    "load_strategy",
    "mandate",
    "open_market",
    "place",
    "propose",
    "prove",
    "report",
    "report_of",
    "report_runs",
    "suitable",
    "universe_of",
]


def open_market(
    folder: Path | str | pd.DataFrame | None = None, *, cache: Cache | None = None
) -> Market:
    """Return the market in a folder or a DataFrame; the embedded simulated sample without either.

    A DataFrame has one row a day and one column of closes a ticker, or is one that
    ``yfinance.download`` returned, whichever its ``group_by`` and ``auto_adjust``. Tickers are
    those of KRX, with or without ``.KS``, and of New York; some indices, such as ``^VIX``, become
    series. ``notes`` of the market say what was taken as what: Close with its dividends and splits
    where Adj Close and Dividends are both there, otherwise Adj Close, otherwise Close. The last row
    counts as a completed session.

    With a ``cache`` (``jeoul.files.cache.Cache``, a folder for what can be made again) files that
    were read before and have not changed since are not parsed again.

    Raises :class:`~jeoul.errors.DataError` if the folder is not a market folder, its files do
    not say what the manifest says, or a DataFrame cannot be understood.

    >>> open_market().simulated
    True
    """
    multiples = {
        code: item.multiple
        for name in shipped_universes()
        for code, item in universe_of(name).instruments.items()
    }
    if folder is None or isinstance(folder, str | Path):
        place = assets.data("sample") if folder is None else Path(folder)
        return read_market(place, calendars=calendars(), multiples=multiples, cache=cache)
    from jeoul.market.frames import open_frame

    return open_frame(folder, calendars=calendars(), multiples=multiples)


def propose(
    strategy: StrategyGiven,
    profile: str | Profile,
    account: AccountKind | str,
    snapshot: SnapshotGiven,
    memory: Memory | None = None,
    *,
    limit: GradeLimit | None = None,
) -> Proposal:
    """Return the target weights of a strategy for a profile and account kind, and why.

    The proposal knows no customer: every account of the same profile and kind gets the same
    weights. They are fractions that sum to 1, ``CASH`` among them. ``strategy`` may be its name or
    its path, ``snapshot`` a market, whose newest session is then decided on. ``memory`` is that of
    an earlier proposal; without it the model is replayed from its first session, with the same
    result. ``limit`` is what the type of an investor may hold (:func:`suitable`). Raises
    :class:`~jeoul.errors.UsageError` for an unknown profile or account,
    :class:`~jeoul.errors.DataError` if the snapshot does not carry the strategy and
    :class:`~jeoul.errors.Infeasible` if no portfolio satisfies its rules.

    >>> found = propose("static", "balanced", "general", open_market())
    >>> abs(sum(found.weights.values()) - 1.0) < 1e-9
    True
    """
    own = mandate(strategy, profile, account, limit=limit)
    seen = snapshot_of(snapshot, own.strategy.calendar)
    return propose_mandate(own, seen, calendars(), memory)


def place(
    proposal: Proposal,
    portfolio: HoldingsGiven,
    *,
    deposit: int = 0,
    withdrawal: int = 0,
    proceeds: Proceeds = SETTLED,
    rules: TradeRules | None = None,
) -> Decision:
    """Return one account's orders, sells first, and why; or no orders, and why.

    ``portfolio`` is a :class:`~jeoul.model.portfolio.Portfolio`, what :func:`read_holdings`
    returned, the path of a holdings file, or a dict or Series of whole shares by ticker with the
    cash as ``CASH``. ``deposit`` and ``withdrawal`` are money beside it, in the currency's smallest
    unit (won, cents); at most one of them is above 0. An account that holds nothing of the universe
    is invested whatever the calendar of the strategy says. Buys are paid from settled cash, and
    what a sale brings is spent once it has settled; with ``proceeds="reuse"``, as Korean brokers
    offer it, buys of the same day spend it too. ``rules`` say what a trade costs and the steps of
    prices; the default is an online order at a Korean broker. A deposit only buys, also on a day on
    which the model trades, where ``jeoul decide --deposit`` and a run take it as cash that came in.

    Every order is taken to be filled at its price, the last close. Raises
    :class:`~jeoul.errors.HoldingsError` for an account that is empty, in another currency or
    without a word about its cash, and :class:`~jeoul.errors.UsageError` for amounts that make no
    sense.

    >>> proposal = propose("static", "balanced", "isa", open_market())
    >>> decision = place(proposal, {"069500": 30, "CASH": 3_000_000})
    >>> sorted({str(order.side) for order in decision.orders}), decision.cash_after >= 0
    (['BUY', 'SELL'], True)
    """
    return place_account(
        proposal,
        portfolio_of(portfolio, proposal.currency, proposal.classes),
        deposit=deposit,
        withdrawal=withdrawal,
        proceeds=proceeds,
        rules=rules,
    )


def prove(strategy: Strategy, proposal: Proposal, snapshot: Snapshot) -> Proof | None:
    """Return how far a proposal's allocation is from the optimum that the other engine finds.

    None where the strategy solves no program. Raises :class:`~jeoul.errors.AllocationError` if the
    other engine has no answer.
    """
    limit = None if proposal.graded is None else proposal.graded.limit
    own = mandate(strategy, proposal.profile, proposal.account, limit=limit)
    return prove_mandate(own, snapshot, calendars(), proposal)


def frontier(
    strategy: StrategyGiven,
    profile: str | Profile,
    snapshot: SnapshotGiven,
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    points: int = 50,
) -> Frontier:
    """Return the efficient frontier of a strategy on a snapshot, and its allocation beside it.

    ``strategy`` may be its name or its path, ``snapshot`` a market, whose newest session is then
    used. ``points`` portfolios run from the least variance to the highest mean inside the
    strategy's bounds for funds and classes; volatility and mean (above cash) are annual fractions.
    The allocation is made on the snapshot's last session, as on a date of the calendar. Raises
    :class:`~jeoul.errors.UsageError` for an unknown profile or account and for a strategy that
    solves no program, and :class:`~jeoul.errors.BadMarketData` for prices that are seriously wrong.

    >>> found = frontier("managed", "balanced", open_market(), points=10)
    >>> calmest, boldest = found.points.volatility[[0, -1]]
    >>> bool(calmest < found.allocation.volatility < boldest)
    True
    """
    from jeoul.pipeline.frontier import frontier_on
    from jeoul.pipeline.touching import findings_along

    own = mandate(strategy, profile, account)
    seen = snapshot_of(snapshot, own.strategy.calendar)
    panel = history(own.strategy, seen)
    findings_along(own, panel, seen, panel.day(len(panel) - 1))
    return frontier_on(own, panel, points=points)


def backtest(
    strategy: StrategyGiven,
    profile: str | Profile,
    market: Market,
    *,
    account: AccountKind | str = AccountKind.GENERAL,
    start: date | str | None = None,
    end: date | str | None = None,
    limit: GradeLimit | None = None,
) -> Backtest:
    """Return the backtest of a strategy for a profile on a market: unit values after costs.

    ``strategy`` may be its name or its path. ``start`` and ``end`` are dates, or text such as
    ``"2008-01-02"``; by default the backtest
    begins with the first session that can be invested and ends with the market's last one.
    ``limit`` is what the type of an investor may hold (:func:`suitable`).
    Raises :class:`~jeoul.errors.UsageError` for an unknown profile or account,
    :class:`~jeoul.errors.BeyondData` for an end before the first session and
    :class:`~jeoul.errors.BadMarketData` for prices that are seriously wrong, as the commands do.

    >>> run = backtest("static", "balanced", open_market(), start="2024-01-02", end="2024-12-30")
    >>> print(run.start, run.end, len(run.nav) == len(run.sessions))
    2024-01-02 2024-12-30 True
    """
    from jeoul.backtesting import backtest as run

    first, last = (parse_session(day) if isinstance(day, str) else day for day in (start, end))
    refuse_reversed(first, last)
    strategy = strategy_of(strategy)
    own, panel = _sound(strategy, profile, account, limit, market, first, last)
    return run(own, panel, start=first, end=last)


def account_backtest(
    strategy: StrategyGiven,
    profile: str | Profile,
    market: Market,
    file: Path | str,
    *,
    account: AccountKind | str | None = None,
    start: date | str | None = None,
    end: date | str | None = None,
    limit: GradeLimit | None = None,
) -> AccountRun:
    """Return what an account of a file would have done: whole shares, costs, money in and out.

    ``strategy`` may be its name or its path. The account follows the strategy's targets like a
    paper account; it begins on the first session with something to order, or on ``start``.
    ``account`` is its kind; by default that of the file, or ``general``. ``limit`` is what the type
    of an investor may hold (:func:`suitable`). Money is in the currency's smallest unit (won,
    cents). Raises :class:`~jeoul.errors.ConfigError` with every problem of the file,
    :class:`~jeoul.errors.UsageError` for payments that an ISA or a pension account could not take,
    and otherwise what :func:`backtest` raises.

    >>> file = assets.root() / "configs" / "account-example.toml"
    >>> run = account_backtest("static", "balanced", open_market(), file,
    ...                        start="2024-01-02", end="2024-03-29")
    >>> sum(day.flows.paid_in for day in run.days)
    11500000
    """
    from jeoul.account.file import kind_of, load_account_file
    from jeoul.account.room_keys import facts_of
    from jeoul.account.rooms import refuse_deposits
    from jeoul.account.terms import run_account
    from jeoul.korea.tables import whole_rules

    first, last = (parse_session(day) if isinstance(day, str) else day for day in (start, end))
    refuse_reversed(first, last)
    strategy = strategy_of(strategy)
    settings = load_account_file(Path(file))
    kind = kind_of(settings, account)
    own, panel = _sound(strategy, profile, kind, limit, market, first, last)
    run = run_account(
        settings,
        own,
        panel,
        market,
        calendars()[strategy.calendar],
        start=first,
        end=last,
    )
    book, facts = whole_rules(), facts_of(settings.opened, settings.paid)
    refuse_deposits(book, own.account, run.terms.deposits, facts)
    return run


def compare(one: Backtest, other: Backtest, *, seed: int = 20_261_122) -> Comparison:
    """Return what the second of two backtests does differently, and whether it may be luck.

    The two are compared over the sessions they share, on the same market. ``seed`` draws the
    bootstrap samples: the same seed gives the same intervals.

    >>> market = open_market()
    >>> one, other = (
    ...     backtest(name, "balanced", market, start="2024-01-02", end="2024-12-30")
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


def _sound(
    strategy: Strategy,
    profile: str | Profile,
    account: AccountKind | str,
    limit: GradeLimit | None,
    market: Market,
    start: date | None,
    end: date | None,
) -> tuple[Mandate, History]:
    """Return what a backtest runs on; raise what :func:`findings_along` does of its prices."""
    from jeoul.pipeline.touching import findings_along

    snapshot = market.as_of(_last_session(market, strategy.calendar, end), strategy.calendar)
    own, panel = mandate(strategy, profile, account, limit=limit), history(strategy, snapshot)
    findings_along(own, panel, snapshot, start)
    return own, panel


def _last_session(market: Market, calendar: str, end: date | None) -> date:
    """Return the newest session of a market that is not later than ``end``."""
    days = market.sessions(calendar)
    place = len(days) if end is None else count_until(days, end)
    if place == 0:
        first, last = days[0].astype(object), days[-1].astype(object)
        remedy = f"choose a day from {first} to {last}"
        raise BeyondData(str(end), last.isoformat(), remedy)
    found: date = days[place - 1].astype(object)
    return found
