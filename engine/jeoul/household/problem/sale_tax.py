"""The tax withheld when an ordinary account sells a fund, to the won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jeoul.account.holdings.record import HeldLot, Holdings
from jeoul.korea.etf import sell_etf
from jeoul.korea.rulebook import Rulebook

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Shares of a fund that an account sells, in won a share.

    ``cost`` and ``base`` are what they cost and their taxable base price then, None where nobody
    knows; ``base_now`` is the newest base price.
    """

    kind: str
    shares: int
    price: Decimal
    cost: Decimal | None = None
    base: Decimal | None = None
    base_now: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SaleTax:
    """The tax of a sale, and what of it is taxable, by the reading that costs most.

    ``least`` is the tax by the most favourable reading of what is not known.
    """

    tax: int
    taxable: int
    least: int


def sale_tax(book: Rulebook, sale: Sale) -> SaleTax:
    """Return the tax on a sale by :func:`jeoul.korea.etf.sell_etf`.

    Without the base prices the whole gain counts as taxable, without the cost the whole price.

    >>> from jeoul.korea.tables import load_rules
    >>> sale = Sale(kind="krx_other_etf", shares=100, price=Decimal(12_000), cost=Decimal(10_000))
    >>> sale_tax(load_rules(2026), sale)
    SaleTax(tax=30800, taxable=200000, least=0)
    """
    known = sale.base is not None and sale.base_now is not None
    cost = _ZERO if sale.cost is None else sale.cost
    found = sell_etf(
        book,
        kind=sale.kind,
        units=sale.shares,
        buy=cost,
        sell=sale.price,
        base_buy=sale.base if known else cost,
        base_sell=sale.base_now if known else sale.price,
    )
    sure = known and sale.cost is not None
    return SaleTax(found.tax, found.taxable, found.tax if sure else 0)


def sold_at(
    holdings: Holdings, code: str, shares: int, *, first_in: bool = False
) -> tuple[Decimal | None, Decimal | None]:
    """Return what the shares that are sold cost, and their taxable base price then, on average.

    Without ``first_in``, or without the days of the purchases, it is the average of all.
    """
    lots = holdings.lots.get(code, ())
    if not (first_in and lots):
        return holdings.cost.get(code), holdings.tax_base.get(code)
    counted, left = [], shares
    for lot in lots:
        counted.append((min(left, lot.shares), lot))
        left -= min(left, lot.shares)
    return _mean(counted, "cost"), _mean(counted, "tax_base")


def _mean(counted: Sequence[tuple[int, HeldLot]], figure: str) -> Decimal | None:
    known = [(count, getattr(lot, figure)) for count, lot in counted if count]
    if not known or any(value is None for _, value in known):
        return None
    total: Decimal = sum((count * value for count, value in known), _ZERO)
    return total / sum(count for count, _ in known)
