"""The shares of a position as they are sold, and the gain that the law sees in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jeoul.household.problem.records import Gains, Lot

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Shares bought together: average ``cost`` and taxable base price of one, None if unknown.

    Prices are in the fund's currency; ``fx`` is won for one of it on the day of purchase.
    """

    shares: int
    cost: Decimal | None = None
    tax_base: Decimal | None = None
    fx: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotWorth:
    """What a share is worth now: its price, its taxable base price, and won for its currency.

    ``least_fx`` is the lowest rate at which a purchase may have been made, 0 if nobody knows.
    """

    price: Decimal
    tax_base: Decimal | None = None
    fx: Decimal = Decimal(1)
    least_fx: Decimal = _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """The lots of a position in the order in which they are sold, and how sure their gains are.

    ``least`` and ``most`` are the taxable gain of the whole position in won, by the most favourable
    and the dearest reading of what the person does not know; the lots have the dearest. ``unknown``
    says what is missing: ``cost``, ``tax_base`` or ``fx``.
    """

    lots: tuple[Lot, ...]
    least: float
    most: float
    unknown: tuple[str, ...] = ()


def sellable(
    bought: Sequence[Bought], worth: LotWorth, *, kind: str, gains: Gains, first_in: bool = False
) -> Sellable:
    """Return what a sale would realise of a position, lot by lot.

    In an ordinary account (``Gains.WITHHELD``) the gain of a share is max(0, min(price - cost, base
    price - base price at purchase)), and 0 of a fund on Korean shares. Without the base prices the
    whole gain is taxable, without the cost the whole price: the sides that cost more. Where the
    year settles gains, the gain is price x fx - cost x fx of the purchase, which may be a loss;
    without the fx of the purchase the cost is taken at ``least_fx``. Accounts that shelter gains
    have no lots.

    With ``first_in`` the purchases are sold in their order; else they are one lot of average cost.

    >>> found = sellable([Bought(shares=10, cost=Decimal(9_000))], LotWorth(price=Decimal(10_000)),
    ...                  kind="krx_other_etf", gains=Gains.WITHHELD)
    >>> found.lots, found.least, found.unknown
    ((Lot(shares=10, gain=1000.0),), 0.0, ('tax_base',))
    """
    held = [each for each in bought if each.shares > 0]
    if gains is Gains.SHELTERED or not held:
        return Sellable(lots=(), least=0.0, most=0.0)
    if not first_in:
        held = [_average(held)]
    yearly = gains is Gains.YEARLY
    lots, unknown = [], set()
    least = most = _ZERO
    for each in held:
        low, high, missing = _abroad(each, worth) if yearly else _at_home(each, worth, kind)
        lots.append(Lot(each.shares, float(high)))
        least, most = least + each.shares * low, most + each.shares * high
        unknown |= missing
    return Sellable(
        lots=tuple(lots), least=float(least), most=float(most), unknown=tuple(sorted(unknown))
    )


_Reading = tuple[Decimal, Decimal, set[str]]


def _at_home(bought: Bought, worth: LotWorth, kind: str) -> _Reading:
    """Return the least and the most taxable gain of a share, and what is not known of it."""
    if kind == "kr_equity_etf":
        return _ZERO, _ZERO, set()
    missing = {"cost"} if bought.cost is None else set()
    most = worth.price if bought.cost is None else max(_ZERO, worth.price - bought.cost)
    if bought.tax_base is None or worth.tax_base is None:
        return _ZERO, most, missing | {"tax_base"}
    gain = min(most, max(_ZERO, worth.tax_base - bought.tax_base))
    return (_ZERO if missing else gain), gain, missing


def _abroad(bought: Bought, worth: LotWorth) -> _Reading:
    value = worth.price * worth.fx
    if bought.cost is None:
        return _ZERO, value, {"cost"}
    if bought.fx is None:
        dearest = value - bought.cost * worth.least_fx
        return min(dearest, value - bought.cost * worth.fx), dearest, {"fx"}
    gain = value - bought.cost * bought.fx
    return gain, gain, set()


def _average(held: Sequence[Bought]) -> Bought:
    """Return one purchase of all shares at their average; a figure that one of them lacks is lost.

    The average cost abroad is in won, as the law counts it: each purchase at its own rate.
    """
    shares = sum(each.shares for each in held)
    if len(held) == 1:
        return held[0]
    costs = [(each.shares, each.cost) for each in held]
    bases = [(each.shares, each.tax_base) for each in held]
    paid = [
        (each.shares, None if each.cost is None or each.fx is None else each.cost * each.fx)
        for each in held
    ]
    cost, won = _mean(costs, shares), _mean(paid, shares)
    return Bought(
        shares=shares,
        cost=cost,
        tax_base=_mean(bases, shares),
        fx=won / cost if cost and won is not None else None,
    )


def _mean(parts: Sequence[tuple[int, Decimal | None]], shares: int) -> Decimal | None:
    total = _ZERO
    for count, figure in parts:
        if figure is None:
            return None
        total += count * figure
    return total / shares
