"""What a verb takes in place of a record: a name, a path, a dict, a Series, a market."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from jeoul.errors import HoldingsError, Problem
from jeoul.market import Market
from jeoul.model.given import counts, labels_of
from jeoul.model.portfolio import CASH, Portfolio
from jeoul.model.snapshot import Snapshot
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy

if TYPE_CHECKING:
    import pandas as pd

    from jeoul.account.holdings import Holdings

    StrategyGiven: TypeAlias = Strategy | Path | str
    SnapshotGiven: TypeAlias = Snapshot | Market
    HoldingsGiven: TypeAlias = (
        Portfolio | Holdings | Mapping[str, int] | "pd.Series[Any]" | Path | str
    )

NAME = "holdings"
_CODE = 6  # characters of a KRX code


def strategy_of(given: StrategyGiven) -> Strategy:
    """Return a strategy, loaded if its name or its path is given."""
    return given if isinstance(given, Strategy) else load_strategy(str(given))


def snapshot_of(given: SnapshotGiven, calendar: str) -> Snapshot:
    """Return a snapshot; of a market that of its newest session of a calendar."""
    if isinstance(given, Market):
        return given.as_of(given.last_session(calendar), calendar)
    return given


def portfolio_of(given: HoldingsGiven, currency: str, known: Collection[str]) -> Portfolio:
    """Return what an account holds, as a decision plans with it.

    A mapping or a Series has whole shares by ticker and, as ``CASH``, money in the currency's
    smallest unit; ``known`` are the tickers that the strategy may name. Anything else is a record,
    or the path of a holdings file. Raises :class:`~jeoul.errors.HoldingsError` for holdings that do
    not say how much cash there is, and for a code that lost its zeros.
    """
    if isinstance(given, Portfolio):
        return given
    return holdings_of(given, currency, known).portfolio()


def holdings_of(given: HoldingsGiven, currency: str, known: Collection[str]) -> Holdings:
    """Return what an account holds, with what a file said beside it."""
    from jeoul.account.holdings import Holdings, Securities, read_holdings
    from jeoul.korea.catalogue_files import exchange_codes

    if isinstance(given, Holdings):
        return given
    if isinstance(given, Portfolio):
        return Holdings(
            NAME, given.shares, given.cash, given.currency, incoming=dict(given.unsettled)
        )
    if labels_of(given) is None:
        securities = Securities(frozenset(known), listed=exchange_codes())
        return read_holdings(str(given), securities, currency=currency)
    shares = counts("the holdings", given)
    _refuse_wrong(shares, known)
    if CASH not in shares:
        wrong, remedy = "do not say how much cash there is", 'add "CASH": AMOUNT, or 0'
        raise HoldingsError([Problem(NAME, wrong, remedy=remedy)])
    cash = shares.pop(CASH)
    return Holdings(NAME, shares, cash, currency)


def _refuse_wrong(shares: Mapping[str, int], known: Collection[str]) -> None:
    """Refuse negative shares, and codes whose zeros a Series of whole numbers has lost."""
    problems = [
        Problem(NAME, f"unknown ticker {code}", remedy=f"did you mean {code.zfill(_CODE)}?")
        for code in shares
        if code not in known and code.zfill(_CODE) in known
    ]
    problems += [
        Problem(NAME, f"{count} shares of {code}", remedy="give 0 or more; nothing is sold short")
        for code, count in shares.items()
        if count < 0 and code != CASH
    ]
    if problems:
        raise HoldingsError(problems)
