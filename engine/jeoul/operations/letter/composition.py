"""What the accounts of a letter hold together: by class, by currency, by security, and its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np

from jeoul.model.calendar import Days
from jeoul.model.series import Series
from jeoul.model.years import DAYS_A_YEAR
from jeoul.operations.letter.members import LetterAccount, LetterSecurities, won_of
from jeoul.operations.statement.worth import rate_on
from jeoul.reporting.letter.facts import (
    FilledTrade,
    LetterHolding,
    LetterPart,
    QuarterCosts,
    Trades,
)
from jeoul.reporting.text import Text


def parts_by(
    members: Sequence[LetterAccount],
    days: tuple[date, date],
    series: Mapping[str, Series],
    key_of: Callable[[LetterAccount, str], str],
    name_of: Callable[[str], Text],
) -> tuple[LetterPart, ...]:
    """Return the parts of the whole by a key, before and at the end, the largest at the end first.

    ``days`` are the day before the quarter and its last session.
    """
    shares = [_shares(members, day, series, key_of) for day in days]
    keys = sorted({*shares[0], *shares[1]}, key=lambda key: (-shares[1].get(key, 0.0), key))
    return tuple(
        LetterPart(key, name_of(key), shares[0].get(key, 0.0), shares[1].get(key, 0.0))
        for key in keys
    )


def holdings_on(
    members: Sequence[LetterAccount],
    day: date,
    series: Mapping[str, Series],
    securities: LetterSecurities,
) -> tuple[LetterHolding, ...]:
    """Return what all accounts hold together on a day, the largest first."""
    sums: dict[str, float] = defaultdict(float)
    for _, code, won in won_of(members, day, series):
        sums[code] += won
    whole = sum(sums.values())
    return tuple(
        LetterHolding(
            code=code,
            name=securities.name(code),
            asset_class=securities.asset_class(code),
            value=round(won),
            share=won / whole if whole > 0.0 else 0.0,
        )
        for code, won in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
        if round(won)
    )


def costs_of(
    members: Sequence[LetterAccount],
    sessions: Days,
    trading: int,
    series: Mapping[str, Series],
    securities: LetterSecurities,
    *,
    whole: bool,
) -> QuarterCosts:
    """Return what the sessions of a quarter cost; ``trading`` are fees and spreads in won.

    Values are means over the sessions. What trading costs a year is that of the days from the first
    session to the last one, where they are the ``whole`` quarter: buying for the first time says
    nothing of a year.
    """
    held: dict[str, float] = defaultdict(float)
    for day in sessions.astype(object):
        for _, code, won in won_of(members, day, series):
            held[code] += won / len(sessions)
    total = sum(held.values())
    taken = unknown = 0.0
    for code, won in held.items():
        fund = securities.instruments.get(code)
        if fund is not None and fund.expense_ratio is not None:
            taken += won * fund.expense_ratio
        elif securities.asset_class(code) != "cash":
            unknown += won
    return QuarterCosts(
        mean_value=round(total),
        trading=trading,
        trading_rate=_yearly(trading / total if total > 0.0 else 0.0, sessions, whole=whole),
        funds_rate=taken / total if total > 0.0 else 0.0,
        unknown=unknown / total if total > 0.0 else 0.0,
    )


def trades_of(
    traded: Sequence[FilledTrade], costs: QuarterCosts, sessions: Days, *, whole: bool
) -> Trades:
    """Return what the trades of a quarter come to."""
    bought = sum(each.amount for each in traded if each.side == "BUY")
    sold = sum(each.amount for each in traded if each.side == "SELL")
    turnover = 0.5 * (bought + sold) / costs.mean_value if costs.mean_value > 0 else 0.0
    return Trades(bought, sold, turnover, _yearly(turnover, sessions, whole=whole))


def traded_in(
    members: Sequence[LetterAccount],
    start: date,
    end: date,
    series: Mapping[str, Series],
    securities: LetterSecurities,
) -> tuple[FilledTrade, ...]:
    """Return every order that was filled from one day to another, oldest first."""
    found = [
        FilledTrade(
            session=fill.session,
            account=member.id,
            side=str(fill.side),
            code=fill.ticker,
            name=securities.name(fill.ticker),
            shares=fill.shares,
            amount=round(fill.amount * rate_on(member.course.currency, fill.session, series)),
            reason=fill.reason,
        )
        for member in members
        for fill in member.course.fills
        if start <= fill.session <= end
    ]
    return tuple(sorted(found, key=lambda each: (each.session, each.account)))


def _shares(
    members: Sequence[LetterAccount],
    day: date,
    series: Mapping[str, Series],
    key_of: Callable[[LetterAccount, str], str],
) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for member, code, won in won_of(members, day, series):
        sums[key_of(member, code)] += won
    whole = sum(sums.values())
    return {key: won / whole for key, won in sums.items() if won} if whole > 0.0 else {}


def _yearly(part: float, sessions: Days, *, whole: bool) -> float:
    """Return a part of the mean value per year of 365.2425 days; NaN of a part of a quarter."""
    days = int((sessions[-1] - sessions[0]) / np.timedelta64(1, "D")) + 1
    return part / (days / DAYS_A_YEAR) if whole else float("nan")
