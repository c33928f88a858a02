"""Splits in the books on the session on which they happened, however late a broker said so.

A price halves on the day of its split. A broker may list the new shares days later, a file that a
person brings may show them after months, and the books may not have been looked at since. Counted
when they were booked, the same holding would seem to lose half its worth, and then to get it back
as a deposit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from jeoul.model.calendar import Days
from jeoul.model.days import count_before
from jeoul.model.ratio import ratio_of
from jeoul.model.series import PriceTable
from jeoul.operations.course.bookings import UNEXPLAINED, Booked, BookedMove
from jeoul.operations.course.record import Amounts


def on_their_day(
    found: Booked, tables: Sequence[PriceTable], sessions: Days, looked: int
) -> Booked:
    """Return bookings with every split of a holding on the session that the prices have it on.

    New shares that were booked later, as a corporate action or with what nobody explained, are
    moved to the day of the split and are no deposit. Those of a split after the session at
    ``looked``, when the account was last compared with its broker, are added. What the books know
    of the day itself stays.
    """
    shares = {ticker: moves.copy() for ticker, moves in found.shares.items()}
    moves = [replace(move, shares=dict(move.shares)) for move in found.moves]
    for place, ticker, split in _splits(tables, shares, sessions):
        held = int(shares[ticker][:place].sum())
        more = int(held * ratio_of(split)) - held
        if more:
            _date(shares[ticker], moves, ticker, place, more, is_open=place > looked)
    return replace(found, shares=shares, moves=tuple(moves))


def _date(
    shares: Amounts,
    moves: Sequence[BookedMove],
    ticker: str,
    place: int,
    more: int,
    *,
    is_open: bool,
) -> None:
    booked = next((move for move in moves if _may_be(move, ticker, place)), None)
    if booked is None:
        if is_open:
            shares[place] += more
        return
    if booked.shares[ticker] != more or (booked.corporate and booked.place == place):
        return
    shares[booked.place] -= more
    shares[place] += more
    del booked.shares[ticker]


def _may_be(move: BookedMove, ticker: str, place: int) -> bool:
    kinds = move.corporate or move.kind == UNEXPLAINED
    return kinds and move.place >= place and ticker in move.shares


def _splits(
    tables: Sequence[PriceTable], held: Mapping[str, Amounts], sessions: Days
) -> Iterator[tuple[int, str, float]]:
    """Yield the place, ticker and ratio of every split up to the last session, oldest first."""
    found = []
    for table in tables:
        if table.splits is None:
            continue
        for column in (n for n, ticker in enumerate(table.tickers) if ticker in held):
            ratios = table.splits[:, column]
            rows = np.flatnonzero(np.nan_to_num(ratios, nan=1.0) != 1.0)
            for row in rows:
                # Before the first session nothing was held, so that its place adds nothing.
                place = count_before(sessions, table.sessions[row])
                if place < len(sessions):
                    found.append((place, table.tickers[column], float(ratios[row])))
    yield from sorted(found)
