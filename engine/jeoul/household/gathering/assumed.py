"""What a plan assumes that a fund pays out and gains a year: no table of the law has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jeoul.korea.tables import load_assumed, load_yields
from jeoul.model.instrument import Instrument

_NOTHING: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A fund as its taxes see it; shares of its value a year.

    ``kind`` is how its gain is taxed, ``fee`` its total expense ratio. ``distribution`` is paid
    out, after the tax of ``abroad`` that the fund paid on its dividends; ``growth`` is in the
    price, ``taxed`` the part of it that is in the taxable base price.
    """

    kind: str
    fee: float = 0.0
    distribution: float = 0.0
    growth: float = 0.0
    taxed: float = 1.0
    abroad: float = 0.0

    @property
    def paid_abroad(self) -> float:
        """Return the tax that the fund pays abroad a year."""
        return self.distribution * self.abroad / (1.0 - self.abroad)


def assumed_of(fund: Instrument, peers: Iterable[Instrument] = ()) -> Assumed:
    """Return what is assumed of a fund: of its own, else of its class; its fee is the universe's.

    A fee that nobody knows is the highest among ``peers`` of its class: a fund is not chosen for
    what is not known of it. A fund listed abroad pays no tax inside: what is withheld
    of its dividends is the holder's.

    >>> from jeoul.strategy.universe import load_universe
    >>> found = assumed_of(load_universe("krx-core").instruments["458730"])
    >>> found.distribution, found.abroad, round(found.paid_abroad, 4)
    (0.035, 0.15, 0.0062)
    """
    table = load_assumed()
    given = {
        **table["classes"].get(fund.asset_class, _NOTHING),
        **table["funds"].get(fund.code, _NOTHING),
    }
    given |= {"distribution": load_yields().get(fund.code, given.get("distribution", 0))}
    found = Assumed(
        kind=fund.tax_kind,
        fee=fee_of(fund, peers),
        **{name: float(value) for name, value in given.items()},
    )
    if fund.tax_kind == "us_etf":
        return replace(found, abroad=0.0, taxed=1.0)
    if fund.tax_kind == "krx_other_etf":
        return replace(found, taxed=found.taxed or 1.0)  # a leveraged fund of Korean shares, say
    return replace(found, taxed=0.0, abroad=0.0)


def fee_of(fund: Instrument, peers: Iterable[Instrument]) -> float:
    """Return a fund's total expense ratio, or the highest known one of its class, 0 without any.

    >>> from jeoul.strategy.universe import load_universe
    >>> funds = load_universe("us-core").instruments
    >>> fee_of(funds["BIL"], funds.values()), fee_of(funds["GLD"], ())
    (0.0015, 0.004)
    """
    if fund.expense_ratio is not None:
        return fund.expense_ratio
    alike = (other.expense_ratio for other in peers if other.asset_class == fund.asset_class)
    return max((fee for fee in alike if fee is not None), default=0.0)


def realised() -> float:
    """Return the share of a year's growth that is taxed a year where sales are.

    >>> realised()
    0.8
    """
    return float(load_assumed()["realised"])


def deferral() -> Decimal:
    """Return what a tax that is due when a pension is drawn is worth, of one due now.

    >>> deferral()
    Decimal('0.6')
    """
    return Decimal(load_assumed()["deferral"])
