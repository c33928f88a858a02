"""Checks of prices: what looks wrong, for which ticker, on which date, and how much it matters.

Which fault stops what. A file whose *structure* is broken (text in a price, dates twice or out of
order, a missing column, dates a day early) is refused when the folder is opened: no row of it can
be trusted. A
fault in the *values* of one ticker becomes a finding: a decision that would trade the ticker
stops, every other goes on.

================  ========  ======================================================================
non_positive      serious   a price of 0 or less; it is left out, as if there were none
jump              serious   XKRX: a move beyond 30 % times the multiple that no split explains
move              notice    XKRX before 2015-06-15: beyond the 15 % of then, not beyond 30 %;
                            XNYS: beyond 35 %, as New York has no daily limit for funds
dividend          serious   a single dividend above 15 % of the price before it
gap               notice    sessions without a price between two that have one
missing_session   notice    sessions that the file has no row for, so that every ticker has a gap
frozen            notice    a close that does not move for 20 sessions (XNYS: 40): from the next on
                            it counts as missing, so that nothing is ordered at it
thawed            notice    a frozen close that moves again
stale             notice    no price for more than 3 sessions up to the decision
ended             notice    no price for more than 20 sessions: apparently discontinued
off_session       notice    rows left out because their day is no session of their exchange
stale_series      notice    a series without a new row for too long
================  ========  ======================================================================

Every finding is known at an instant, and none uses a later row: a gap is known when the price
returns, until then the ticker is stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.market.folder import Dropped, PriceSheet, SeriesColumn
from jeoul.model.blocks import blocks_of
from jeoul.model.calendar import Reals
from jeoul.model.finding import Finding, Severity

# Daily price limit of the Korea Exchange, as a fraction of the base price, times the multiple of a
# leveraged fund: 30 % since 2015-06-15, 15 % before.
KRX_LIMIT = 0.30
KRX_EARLIER_LIMIT = 0.15
KRX_LIMIT_RAISED = np.datetime64("2015-06-15")
# New York halts a fund that moves too fast but sets no limit for the day. The largest daily move
# of 59 unleveraged US-listed ETFs from 1993 to 2024-06 is 26.5 % (a gold-miner fund, 2008-11-21).
NEW_YORK_MOVE = 0.35
ROUNDING = 0.005  # limits are rounded to ticks and closes are adjusted: 30.5 % is the alarm
DIVIDEND_SHARE = 0.15  # of the price before it; beyond it a person looks
STALE_SESSIONS = 3  # since the newest close: a feed that is late
ENDED_SESSIONS = 20  # and by now a fund that has ended
STALE_DAYS = {False: 14, True: 75}  # daily and monthly series, calendar days since the newest row

_DAY = 86_400

Rows = NDArray[np.intp]


class KnownFinding(NamedTuple):
    """A finding and the instant from which it can be known."""

    known_at: int
    finding: Finding


def price_findings(sheet: PriceSheet, multiples: Mapping[str, float]) -> list[KnownFinding]:
    """Return what is wrong with the prices of a table, in the order in which it became known.

    ``multiples`` maps a ticker to the multiple of the index it promises (2, -1, …), which widens
    its price limit; others count as 1.
    """
    found = [*_non_positive(sheet), *_missing_sessions(sheet), *_thawed(sheet)]
    for column in _doubtful(sheet):
        ticker = sheet.table.tickers[column]
        rows = np.flatnonzero(~np.isnan(sheet.table.close[:, column]))
        if len(rows):
            found += _gaps(sheet, column, ticker, rows)
            found += _jumps(sheet, column, ticker, rows, abs(multiples.get(ticker, 1.0)))
            found += _dividends(sheet, column, ticker, rows)
    return sorted(found)


def _doubtful(sheet: PriceSheet) -> Iterator[int]:
    """Yield the columns that may have a gap, a jump or a dividend: most have nothing to look at.

    A price without events that has one on every session between its first and its last, and never
    moves by more than the lowest limit of one session, has none of them.
    """
    table = sheet.table
    least = KRX_EARLIER_LIMIT if table.exchange == "XKRX" else NEW_YORK_MOVE
    for part in blocks_of(len(table.tickers)):
        close = table.close[:, part]
        moves = np.abs(close[1:] / close[:-1] - 1.0)
        priced = ~np.isnan(close)
        begun, ended = (np.maximum.accumulate(p, axis=0) for p in (priced, priced[::-1]))
        doubtful = (begun & ended[::-1] & ~priced).any(axis=0) | (moves > least).any(axis=0)
        for amounts, usual in ((table.dividends, 0.0), (table.splits, 1.0)):
            if amounts is not None:
                doubtful |= (amounts[:, part] != usual).any(axis=0)
        yield from (part.start + np.flatnonzero(doubtful)).tolist()


def _seen(
    sheet: PriceSheet,
    row: int,
    known: int,
    ticker: str,
    kind: str,
    severity: Severity,
    **detail: object,
) -> KnownFinding:
    day = sheet.table.sessions[row].astype(object)
    text = tuple((key, str(value)) for key, value in detail.items())
    return KnownFinding(
        int(sheet.table.known_at[known]),
        Finding(day=day, subject=ticker, kind=f"finding.{kind}", severity=severity, detail=text),
    )


def _non_positive(sheet: PriceSheet) -> Iterator[KnownFinding]:
    for row, column, price in sheet.refused:
        yield _seen(
            sheet,
            row,
            row,
            sheet.table.tickers[column],
            "non_positive",
            Severity.SERIOUS,
            price=f"{price:,.8g}",
            file=sheet.path,
            line=int(sheet.lines[row]),
        )


def _missing_sessions(sheet: PriceSheet) -> Iterator[KnownFinding]:
    """Runs of sessions that the file leaves out as a whole; known when its rows go on."""
    rows = np.flatnonzero(sheet.lines)
    for before in np.flatnonzero(np.diff(rows) > 1):
        first, back = int(rows[before]) + 1, int(rows[before + 1])
        yield _seen(
            sheet,
            first,
            back,
            sheet.path,
            "missing_session",
            Severity.NOTICE,
            exchange=sheet.table.exchange,
            sessions=back - first,
            until=sheet.table.sessions[back - 1],
        )


def _thawed(sheet: PriceSheet) -> Iterator[KnownFinding]:
    """Closes that did not move and then did; known when the price moves."""
    for run in sheet.frozen:
        later = np.flatnonzero(np.isfinite(sheet.table.close[run.last + 1 :, run.column]))
        if len(later):
            yield _seen(
                sheet,
                run.since,
                run.last + 1 + int(later[0]),
                sheet.table.tickers[run.column],
                "thawed",
                Severity.NOTICE,
                price=f"{run.price:,.8g}",
                sessions=run.last + 1 - run.since,
                until=sheet.table.sessions[run.last],
            )


def _gaps(sheet: PriceSheet, column: int, ticker: str, rows: Rows) -> Iterator[KnownFinding]:
    """Runs of sessions without a price between two with one, where the file has rows."""
    refused = {row for row, place, _ in sheet.refused if place == column}
    for run in sheet.frozen:
        if run.column == column:
            refused |= set(range(run.masked, run.last + 1))
    for before in np.flatnonzero(np.diff(rows) > 1):
        last, back = int(rows[before]), int(rows[before + 1])
        missing = [r for r in range(last + 1, back) if sheet.lines[r] and r not in refused]
        if missing:
            yield _seen(
                sheet,
                missing[0],
                back,
                ticker,
                "gap",
                Severity.NOTICE,
                sessions=len(missing),
                until=sheet.table.sessions[missing[-1]],
            )


def _jumps(
    sheet: PriceSheet, column: int, ticker: str, rows: Rows, multiple: float
) -> Iterator[KnownFinding]:
    """Moves beyond the limit; over a gap of n sessions the limit applies n times."""
    table = sheet.table
    moves = _moves(sheet, column, rows)
    steps = np.diff(rows)
    factor = max(multiple, 1.0)
    korean = table.exchange == "XKRX"
    top = np.full(len(moves), (KRX_LIMIT if korean else NEW_YORK_MOVE) * factor)
    limit = top.copy()
    if korean:
        limit[table.sessions[rows[1:]] < KRX_LIMIT_RAISED] = KRX_EARLIER_LIMIT * factor
    serious = _beyond(moves, top, steps) & korean
    for place in np.flatnonzero(_beyond(moves, limit, steps)):
        row = int(rows[place + 1])
        yield _seen(
            sheet,
            row,
            row,
            ticker,
            "jump" if serious[place] else "move",
            Severity.SERIOUS if serious[place] else Severity.NOTICE,
            move=f"{moves[place]:+z.1%}",
            limit=f"{limit[place]:z.0%}",
            before=f"{table.close[rows[place], column]:,.8g}",
            price=f"{table.close[row, column]:,.8g}",
            file=sheet.path,
            line=int(sheet.lines[row]),
        )


def _beyond(moves: Reals, limit: Reals, steps: Rows) -> NDArray[np.bool_]:
    """Return which moves cannot come about in so many sessions of at most a limit each."""
    most = limit + ROUNDING
    return (moves > (1 + most) ** steps - 1) | (moves < np.maximum(1 - most, 0) ** steps - 1)


def _moves(sheet: PriceSheet, column: int, rows: Rows) -> Reals:
    """Return simple returns between the prices at hand, splits and dividends put back."""
    close = sheet.table.close[rows, column]
    if sheet.table.splits is None or sheet.table.dividends is None:
        return np.asarray(close[1:] / close[:-1] - 1)
    shares = np.cumprod(sheet.table.splits[:, column])
    paid = np.cumsum(sheet.table.dividends[:, column] * shares)
    worth = close * shares[rows]
    return np.asarray((worth[1:] + np.diff(paid[rows])) / worth[:-1] - 1)


def _dividends(sheet: PriceSheet, column: int, ticker: str, rows: Rows) -> Iterator[KnownFinding]:
    """Single dividends that are too large a part of the price before them."""
    table = sheet.table
    if table.dividends is None or table.splits is None:
        return
    paid = table.dividends[:, column]
    days = np.flatnonzero(paid > 0)
    before = np.searchsorted(rows, days)
    days, earlier = days[before > 0], rows[before[before > 0] - 1]
    price = table.close[earlier, column]
    splits = np.cumsum(table.splits[:, column] != 1.0)
    for place in np.flatnonzero(splits[days] != splits[earlier]):
        price[place] /= np.prod(table.splits[earlier[place] + 1 : days[place] + 1, column])
    for place in np.flatnonzero(paid[days] > DIVIDEND_SHARE * price):
        row = int(days[place])
        day = table.sessions[row].astype(object)
        line = next(e.line for e in sheet.events if e.day == day and e.ticker == ticker)
        yield _seen(
            sheet,
            row,
            row,
            ticker,
            "dividend",
            Severity.SERIOUS,
            dividend=f"{paid[row]:,.8g}",
            share=f"{paid[row] / price[place]:z.0%}",
            price=f"{price[place]:,.8g}",
            file=sheet.events_path,
            line=line,
        )


def last_prices(sheet: PriceSheet) -> NDArray[np.int32]:
    """Return for each session and ticker the row of the newest price up to it, -1 for none yet."""
    rows = np.arange(len(sheet.table.sessions), dtype=np.int32)[:, None]
    held = np.where(np.isnan(sheet.table.close), np.int32(-1), rows)
    return np.maximum.accumulate(held, axis=0)


def stale_findings(sheet: PriceSheet, newest: NDArray[np.int32], when: int) -> Iterator[Finding]:
    """Return the tickers that have no current price at an instant.

    ``newest`` is the row of each ticker's newest price known by then, -1 for none. Sessions count
    by the calendar, so a file that ends too early is stale as well.
    """
    due = int(np.searchsorted(sheet.timeline, when, side="right")) - 1
    still = list(_still(sheet, newest, due))
    yield from (finding for _, finding in still)
    late = (newest >= 0) & (due - newest > STALE_SESSIONS)
    late[[column for column, _ in still]] = False
    for column in np.flatnonzero(late):
        age = due - int(newest[column])
        kind = "finding.ended" if age > ENDED_SESSIONS else "finding.stale"
        day = sheet.table.sessions[newest[column]].astype(object)
        detail = (("sessions", str(age)),)
        yield Finding(
            day=day,
            subject=sheet.table.tickers[column],
            kind=kind,
            severity=Severity.NOTICE,
            detail=detail,
        )


def _still(sheet: PriceSheet, newest: NDArray[np.int32], due: int) -> Iterator[tuple[int, Finding]]:
    """Yield the columns whose close does not move up to a row, and what is said of each."""
    for run in sheet.frozen:
        if run.since <= newest[run.column] < run.masked <= due:
            detail = (("price", f"{run.price:,.8g}"), ("sessions", str(due + 1 - run.since)))
            day = sheet.table.sessions[run.since].astype(object)
            ticker = sheet.table.tickers[run.column]
            yield (
                run.column,
                Finding(
                    day=day,
                    subject=ticker,
                    kind="finding.frozen",
                    severity=Severity.NOTICE,
                    detail=detail,
                ),
            )


def dropped_findings(dropped: Dropped, when: int) -> Iterator[Finding]:
    """Return one finding for the rows left out by an instant, dated with the newest of them."""
    count = int(np.searchsorted(dropped.known_at, when, side="right"))
    if count:
        day = dropped.days[count - 1].astype(object)
        detail = (("count", str(count)), ("exchange", dropped.exchange))
        yield Finding(
            day=day,
            subject=dropped.subject,
            kind="finding.off_session",
            severity=Severity.NOTICE,
            detail=detail,
        )


def stale_series(column: SeriesColumn, rows: int, when: int) -> Iterator[Finding]:
    """Return a finding if the newest of the first ``rows`` rows is too old at an instant."""
    if not rows:
        return
    days = (when - int(column.series.known_at[rows - 1])) // _DAY
    if days > STALE_DAYS[column.monthly]:
        day = column.series.dates[rows - 1].astype(object)
        detail = (("days", str(days)),)
        yield Finding(
            day=day,
            subject=column.series.name,
            kind="finding.stale_series",
            severity=Severity.NOTICE,
            detail=detail,
        )
