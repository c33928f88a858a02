"""What to sell before the year ends so that the yearly deduction on foreign gains is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import ClassVar

from jeoul.korea.levy import Won, floor, levy
from jeoul.korea.orders import MARKETS, order_settlement
from jeoul.korea.rulebook import Rulebook, Step, step

_RULE, _KEY = "us.realise", "us.deduction"


@dataclass(frozen=True, slots=True)
class OverseasLot:
    """Shares bought together: how many, the price of one in dollars, and won for a dollar."""

    shares: Won
    cost: Decimal
    fx: Decimal
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Realisation:
    """How many whole shares to sell by either way of counting costs, and what that is worth.

    ``average``: by the moving average; ``first``: first in, first out. ``saves`` is the tax that
    the same gain would owe later. ``room`` is what is left of the deduction; ``sell_by`` the last
    session whose sale settles within the year, None without a calendar of New York.
    """

    room: int
    average_shares: int
    average_gain: int
    average_saves: int
    first_shares: int
    first_gain: int
    first_saves: int
    sell_by: date | None
    steps: tuple[Step, ...]


def realise_gains(
    book: Rulebook,
    *,
    lots: tuple[OverseasLot, ...],
    price: Decimal,
    fx: Decimal,
    realised: int = 0,
) -> Realisation:
    """Return how many shares of one holding to sell so that its gain stays within the deduction.

    ``lots`` are in the order of purchase, ``price`` in dollars, ``fx`` in won for a dollar,
    ``realised`` the year's gains and losses so far. Most gain within room = 2.5 M - ``realised``,
    with the fewest shares. Saved is 22 % of it, if the gain would otherwise be realised in a year
    whose deduction is used. The broker counts by one of both ways: sell by that one. Source:
    소득세법 §§103, 118의8; 시행령 §162 (the day of settlement decides the year).

    >>> from jeoul.korea.tables import load_rules
    >>> bought = ((300, 1200), (500, 1400))
    >>> lots = tuple(OverseasLot(10, Decimal(cost), Decimal(fx)) for cost, fx in bought)
    >>> found = realise_gains(load_rules(2026), lots=lots, price=Decimal(600), fx=Decimal(1400))
    >>> found.average_shares, found.average_gain, found.first_shares, found.first_gain
    (8, 2480000, 5, 2400000)
    """
    if not lots or min(lot.shares for lot in lots) < 1:
        raise book.refuse(_RULE, _KEY, "lots holds no share; give shares, cost and fx of each")
    if min(price, fx, *(number for lot in lots for number in (lot.cost, lot.fx))) <= 0:
        raise book.refuse(_RULE, _KEY, "a price or a rate of exchange is not above zero")
    room = max(0, book.won(_KEY) - realised)
    worth = price * fx
    held = sum(lot.shares for lot in lots)
    mean = sum((lot.shares * lot.cost * lot.fx for lot in lots), Decimal(0)) / held
    average = _most(((held, worth - mean),), room)
    first = _most(tuple((lot.shares, worth - lot.cost * lot.fx) for lot in lots), room)
    rate = book.rate("us.gain_rate")
    saved = [levy(book, gain, rate).total for _, gain in (average, first)]
    sell_by = last_sale_of_year(book)
    steps = [
        step("realise_room", room=room, realised=realised),
        step("realise_average", shares=average[0], gain=average[1], saves=saved[0]),
        step("realise_first", shares=first[0], gain=first[1], saves=saved[1]),
    ]
    if sell_by is not None:
        steps.append(step("realise_by", day=sell_by))
    return Realisation(
        room=room,
        average_shares=average[0],
        average_gain=average[1],
        average_saves=saved[0],
        first_shares=first[0],
        first_gain=first[1],
        first_saves=saved[1],
        sell_by=sell_by,
        steps=tuple(steps),
    )


def _most(runs: tuple[tuple[int, Decimal], ...], room: int) -> tuple[int, int]:
    """Return the fewest shares with the most gain within the room, and that gain."""
    best = (0, 0)
    for shares, gain in _candidates(runs, room):
        if best[1] < floor(gain) and gain <= room:
            best = (shares, floor(gain))
    return best


def _candidates(runs: tuple[tuple[int, Decimal], ...], room: int) -> Iterator[tuple[int, Decimal]]:
    """Yield where the gain can be most: the ends of a lot, and where it crosses the room."""
    sold, gain = 0, Decimal(0)
    for shares, each in runs:
        if each:
            rounding = ROUND_FLOOR if each > 0 else ROUND_CEILING
            here = int(((room - gain) / each).to_integral_value(rounding))
            inside = min(max(here, 0), shares)
            yield sold + inside, gain + inside * each
        sold, gain = sold + shares, gain + shares * each
        yield sold, gain


def last_sale_of_year(book: Rulebook, market: str = "US") -> date | None:
    """Return the last session whose sale settles within the year of the rulebook.

    ``market`` is ``US`` or ``KRX``. None where the rulebook carries no calendar of the exchange.

    >>> from dataclasses import replace
    >>> from jeoul.korea.tables import load_rules
    >>> from jeoul.market.calendars import load_calendar
    >>> book = replace(load_rules(2026), calendars={"XNYS": load_calendar("XNYS")})
    >>> last_sale_of_year(book).isoformat(), last_sale_of_year(book, "KRX")
    ('2026-12-30', None)
    """
    name = MARKETS[market]
    if name not in book.calendars:
        return None
    day = end = date(book.year, 12, 31)
    calendar = book.calendars[name]
    while not (
        calendar.is_session(day)
        and order_settlement(book, traded=day, market=market).settles <= end
    ):
        day -= timedelta(days=1)
    return day
