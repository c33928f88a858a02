"""The deduction for gains abroad, used every December by selling and buying back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from jeoul.advice.holding import FundQuote, HeldRoute, bought, kept_of, reinvested
from jeoul.advice.routes import Route
from jeoul.advice.saver import Lots, SaverPayment
from jeoul.korea.gains import Gain


class _Lot(NamedTuple):
    units: float
    cost: float


def realise_yearly(
    holding: HeldRoute,
    route: Route,
    quotes: Sequence[FundQuote],
    paid: Sequence[SaverPayment],
    *,
    deduction: int,
    lots: Lots,
) -> tuple[HeldRoute, int]:
    """Return the holding with the higher cost of what was sold and bought back, and what it gained.

    On each day of a quote in December but the last, as much is sold as brings the year's gain to
    the deduction, and the same number of shares is bought at the same price. What is sold first is
    decided by the broker: ``fifo`` the oldest lot, ``average`` a part of everything at its average
    cost. Nothing is sold where that would realise a loss.
    """
    held: list[_Lot] = []
    total = 0.0
    pending = {part.number: part for part in paid}
    for number, quote in enumerate(quotes[:-1]):
        if number:
            held = _grown(route, quotes[number - 1], quote, held)
        if quote.day.month == 12 and held:  # the month in which a year's result is known
            held, gained = _sell(_pooled(held, lots), quote.price * quote.fx, deduction)
            total += gained
        if number in pending:
            amount = pending[number].amount
            held.append(_Lot(bought(route, quote, amount), amount))
    held = _grown(route, quotes[-2], quotes[-1], held)
    sold = quotes[-1].price * quotes[-1].fx * (1 - route.fx_cost)
    results = tuple(Gain(route.kind, int(lot.units * sold - lot.cost)) for lot in held)
    return replace(holding, results=results), int(total)


def _grown(route: Route, before: FundQuote, now: FundQuote, held: list[_Lot]) -> list[_Lot]:
    """Return the lots after a month's distributions, reinvested at their cost."""
    kept = kept_of(route, before.day, now.day)
    return [
        _Lot(lot.units * kept, lot.cost + reinvested(route, before, now, lot.units * kept))
        for lot in held
    ]


def _pooled(held: list[_Lot], lots: Lots) -> list[_Lot]:
    if lots == "fifo":
        return held
    return [_Lot(sum(lot.units for lot in held), sum(lot.cost for lot in held))]


def _sell(held: list[_Lot], price: float, deduction: int) -> tuple[list[_Lot], float]:
    """Return the lots after the best sale in their order, bought back as one, and its gain."""
    best = best_gain = gained = 0.0
    for count, lot in enumerate(held):
        gain = lot.units * price - lot.cost
        part = min(1.0, (deduction - gained) / gain) if gain > 0 else 1.0
        gained += part * gain
        if gained > best_gain:
            best, best_gain = count + part, gained
        if part < 1.0:
            break
    whole, rest = int(best), best - int(best)
    sold = [*held[:whole], *(_scaled(lot, rest) for lot in held[whole : whole + 1])]
    left = [*(_scaled(lot, 1 - rest) for lot in held[whole : whole + 1]), *held[whole + 1 :]]
    if not best_gain:
        return held, 0.0
    units = sum(lot.units for lot in sold)
    return [*(lot for lot in left if lot.units), _Lot(units, units * price)], best_gain


def _scaled(lot: _Lot, share: float) -> _Lot:
    return _Lot(lot.units * share, lot.cost * share)
