"""A strategy in an account comparison: its backtest, fund by fund, in every kind of account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import UsageError
from jeoul.model.days import count_before

if TYPE_CHECKING:
    from jeoul.advice.compare import Hold
    from jeoul.advice.holding import FundQuote, HeldRoute
    from jeoul.advice.routes import Route
    from jeoul.advice.saver import SaverPayment
    from jeoul.advice.strategy_holding import HeldTrack
    from jeoul.cli.research import Study
    from jeoul.korea.rulebook import Rulebook
    from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True)
class RouteRun:
    """One account of a strategy: the route, its days, and what payments into it come to."""

    route: Route
    quotes: tuple[FundQuote, ...]
    hold: Hold


def strategy_runs(
    book: Rulebook,
    strategy: str,
    profile: str,
    folder: Path | None,
    years: int,
    last: date | None,
    trials: Path | None,
    title: str,
    language: str,
) -> Iterator[RouteRun]:
    """Yield a strategy's runs: a Korean universe in three kinds of account, a US one in one."""
    from jeoul.advice.routes import OVERFLOW, Route
    from jeoul.advice.strategy_holding import hold_strategy
    from jeoul.cli.comparison_funds import FundPrices, quotes_of

    end = None if last is None else last.isoformat()
    tracks: dict[str, HeldTrack] = {}

    def track_of(account: str) -> HeldTrack:
        if account not in tracks:
            tracks[account] = _track(strategy, profile, folder, account, end, trials, language)
        return tracks[account]

    accounts = ["general"]
    if "us_etf" not in track_of("general").kinds:
        accounts += ["isa", "pension_savings"]
    for account in accounts:
        track = track_of(account)
        # the price does not matter: the units are those of the funds
        ones = track.level[:, -1] ** 0
        prices = FundPrices(days=track.days, close=ones, fx=ones, source=strategy, name=strategy)
        quotes = tuple(quotes_of(prices, years, last))
        days = [quote.day for quote in quotes]

        def hold(account: str, paid: Sequence[SaverPayment], days: list[date] = days) -> HeldRoute:
            return hold_strategy(book, track_of(account), account, paid, days)

        route = Route(
            name=f"{strategy}:{account}",
            ticker=strategy,
            account=account,
            kind="strategy",
            overflow=OVERFLOW[account],
            title=title,
        )
        yield RouteRun(route, quotes, hold)


def _track(
    strategy: str,
    profile: str,
    folder: Path | None,
    account: str,
    end: str | None,
    trials: Path | None,
    language: str,
) -> HeldTrack:
    """Return what a strategy held in one kind of account; the backtest is counted as a trial."""
    from jeoul.advice.strategy_holding import HeldTrack
    from jeoul.cli.research import open_study
    from jeoul.research.judgement import judge
    from jeoul.research.ledger import TrialLedger
    from jeoul.workspace.places import trials_file

    study = open_study(strategy, profile, folder, account, None, end, language)
    prepared = study.prepare()
    run = study.run(prepared)
    judge(run, study.digest, TrialLedger(trials_file(trials)))
    first = count_before(study.history.sessions, run.sessions[0])
    rows = slice(first, first + len(run.sessions))
    return HeldTrack(
        days=tuple(run.sessions.astype(object).tolist()),
        level=prepared.inputs.level[rows] * _won(study, rows)[:, None],
        weights=prepared.weights[rows],
        traded=run.turnover > 0,
        cost=run.cost,
        kinds=tuple(_kinds(study)),
    )


def _won(study: Study, rows: slice) -> Reals:
    """Return won per unit of the strategy's currency on each row."""
    import numpy as np

    history = study.history
    if history.currency == "KRW":
        return np.ones(len(history.sessions[rows]))
    if "usdkrw" not in study.market.series:
        raise UsageError("a strategy in dollars needs the series usdkrw; choose a folder with it")
    return study.market.series["usdkrw"].at(history.decided[rows])


def _kinds(study: Study) -> Iterator[str]:
    """Yield how each fund is taxed, by the first fund of its member, and cash as a deposit."""
    universe = study.mandate.universe
    members = {member.name: member for member in universe.members}
    for place in study.mandate.places[:-1]:
        yield universe.instruments[members[place].codes[0]].tax_kind
    yield "deposit"
