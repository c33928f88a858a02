"""Paths for an ELS: closes of several underlyings, as they were or drawn from what they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError
from jeoul.estimate.resampling import block_length, resampled
from jeoul.market import Market
from jeoul.model.calendar import Days, Reals

SESSIONS_A_MONTH = 21
"""Sessions of a month on a simulated path."""

_NO_LEVEL = ("percent", "monthly")  # of a unit: a rate, or an average that was never a close


@dataclass(frozen=True, slots=True, eq=False)
class Underlyings:
    """Daily closes of one or more underlyings: a row per day, a column per name.

    ``with_dividends`` names those whose closes contain dividends, which an index does not.
    """

    names: tuple[str, ...]
    days: Days
    closes: Reals
    with_dividends: tuple[str, ...]


def underlyings(market: Market, names: Sequence[str]) -> Underlyings:
    """Return the closes of tickers or series of a market folder on every day that any has one.

    A day on which one of them did not trade takes its last close, as a contract's observer would.
    The first day is the first on which all are known. Splits are adjusted for.

    Raises :class:`UsageError` for an unknown name, a rate, or underlyings that never overlap.
    """
    if not names or len(set(names)) < len(names):
        raise UsageError("name each underlying once, such as --series SPY,kospi200")
    found = [_closes(market, name) for name in names]
    days = np.unique(np.concatenate([days for days, _, _ in found]))
    first = max(days[0] for days, _, _ in found)
    last = min(days[-1] for days, _, _ in found)
    days = days[(days >= first) & (days <= last)]
    if len(days) < 2:
        raise UsageError(f"{', '.join(names)} have no days in common")
    columns = [values[np.searchsorted(own, days, side="right") - 1] for own, values, _ in found]
    dividends = tuple(n for n, (_, _, has) in zip(names, found, strict=True) if has)
    return Underlyings(tuple(names), days, np.column_stack(columns), dividends)


def _closes(market: Market, name: str) -> tuple[Days, Reals, bool]:
    for table in market.prices:
        if name in table.tickers:
            column = table.tickers.index(name)
            closes = table.close[:, column]
            if table.splits is not None:
                closes = closes * np.cumprod(table.splits[:, column])
            seen = np.isfinite(closes)
            return table.sessions[seen], closes[seen], table.adjusted == "total-return"
    series = market.series.get(name)
    if series is None:
        raise UsageError(f"{name!r} is neither a ticker nor a series of {market.source}")
    seen = np.isfinite(series.values)
    if any(word in series.unit for word in _NO_LEVEL) or (series.values[seen] <= 0.0).any():
        raise UsageError(f"{name!r} ({series.unit}) is not the level of an index")
    return series.dates[seen], series.values[seen], False


def month_ends(days: Days, issue: int, months: int) -> list[int] | None:
    """Return the place of each month's end after an issue, None if the closes end before.

    A month ends on the day of the issue, or on the last of a shorter month; where that has no
    close, on the next day that has one.

    >>> days = np.arange("2024-01-31", "2024-04-10", dtype="datetime64[D]")
    >>> [str(days[at]) for at in month_ends(days, 0, 2)]
    ['2024-02-29', '2024-03-31']
    """
    start = days[issue]
    month = start.astype("datetime64[M]")
    day = int((start - month.astype("datetime64[D]")).astype(int))
    firsts = month + np.arange(1, months + 1).astype("timedelta64[M]")
    following = (firsts + np.timedelta64(1, "M")).astype("datetime64[D]")
    lengths = (following - firsts.astype("datetime64[D]")).astype(int)
    due = firsts.astype("datetime64[D]") + np.minimum(day, lengths - 1).astype("timedelta64[D]")
    if due[-1] > days[-1]:
        return None
    return [int(at) for at in np.searchsorted(days, due)]


def worst_of(closes: Reals) -> list[float]:
    """Return, row by row, the lowest of the columns as a share of its own first value.

    >>> worst_of(np.array([[100.0, 50.0], [90.0, 55.0]]))
    [1.0, 0.9]
    """
    found: list[float] = (closes / closes[0]).min(axis=1).tolist()
    return found


def drawn_paths(history: Underlyings, *, months: int, paths: int, seed: int) -> Iterator[Reals]:
    """Yield simulated paths of closes, ``21 x months`` sessions after the issue.

    The returns of whole days are drawn in blocks, so that the underlyings fall together as they
    did and their volatility clusters; the average growth of the history stays in them. The same
    seed draws the same paths.

    Raises :class:`UsageError` for a history that is shorter than a path.
    """
    sessions = SESSIONS_A_MONTH * months
    returns = np.diff(np.log(history.closes), axis=0)
    if len(returns) < sessions:
        raise UsageError(
            f"{len(returns)} days of {', '.join(history.names)} are too few to draw "
            f"{months} months from; use a longer history"
        )
    rng = np.random.default_rng(seed)
    length = block_length(len(returns))
    for _ in range(paths):
        rows: NDArray[np.int64] = resampled(len(returns), length, rng)[:sessions]
        grown = np.exp(np.cumsum(returns[rows], axis=0))
        yield np.vstack([np.ones(grown.shape[1]), grown])
