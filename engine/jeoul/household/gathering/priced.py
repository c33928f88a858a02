"""The newest prices of every fund that a household may hold, in its own currency and in won."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from jeoul.market.fx import known_rate
from jeoul.model.calendar import Reals
from jeoul.model.instrument import PREMIUM_ABROAD, Universe
from jeoul.model.money import UNITS, to_units
from jeoul.model.nav import NetAssetValue
from jeoul.model.series import PriceTable
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline.mandate import CURRENT
from jeoul.rebalance import CENT_TICKS, ETF_TICKS, Ticks

_SERIES = {"USD": "usdkrw"}
_YEARS_OF_RATES = 2_500  # rows of a daily series, about ten years


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The last close of a fund: ``price`` in the smallest unit of its currency.

    ``fx`` is won for one of the currency, ``least_fx`` its lowest rate of about ten years;
    ``tax_base`` the newest taxable base price in the main unit, None where there is none. ``nav``
    is the net asset value with how far above it the fund is bought, None in data without any.
    """

    price: int
    currency: str
    session: date
    fx: Decimal = Decimal(1)
    least_fx: Decimal = Decimal(1)
    tax_base: Decimal | None = None
    nav: NetAssetValue | None = None

    @property
    def too_dear(self) -> bool:
        """Return whether the price lies further above the net asset value than the limit."""
        return self.nav is not None and self.nav.too_dear(self.price, self.session)

    @property
    def main(self) -> Decimal:
        """Return the price in the main unit of the currency."""
        return Decimal(self.price) / UNITS[self.currency]

    @property
    def won(self) -> float:
        """Return the price in won."""
        return float(self.main * self.fx)

    @property
    def half_spread(self) -> float:
        """Return half of one tick as a share of the price: the narrowest that a spread can be."""
        ticks: Ticks = ETF_TICKS if self.currency == "KRW" else CENT_TICKS
        tick = next(size for start, size in reversed(ticks) if self.price >= start)
        return tick / self.price / 2.0


def prices_of(
    snapshot: Snapshot, universes: Iterable[Universe], others: Iterable[str] = ()
) -> Mapping[str, Priced]:
    """Return the prices of the universes' funds, and of others, that have a current one, by code.

    A close is current within the last three sessions of its exchange. Funds in another currency
    than won are left out while no rate of exchange is known.
    """
    universes = tuple(universes)
    rates = {currency: _rates(snapshot, name) for currency, name in _SERIES.items()}
    found: dict[str, Priced] = {}
    wanted = (*(frozenset(universe.instruments) for universe in universes), frozenset(others))
    for each in wanted:
        codes = {code for code in each if code not in found}
        for table in snapshot.prices:
            for code, priced in _current(table, codes, universes):
                if table.currency == "KRW":
                    found[code] = priced
                elif rates.get(table.currency) is not None:
                    now, least = rates[table.currency] or (Decimal(1), Decimal(1))
                    found[code] = Priced(
                        price=priced.price,
                        currency=priced.currency,
                        session=priced.session,
                        fx=now,
                        least_fx=least,
                        nav=priced.nav,
                    )
    return found


def won_rate(snapshot: Snapshot, currency: str) -> float:
    """Return won for one of a currency as known at a decision, 0 where no rate is known."""
    if currency == "KRW":
        return 1.0
    found = _rates(snapshot, _SERIES[currency]) if currency in _SERIES else None
    return 0.0 if found is None else float(found[0])


def _rates(snapshot: Snapshot, name: str) -> tuple[Decimal, Decimal] | None:
    """Return the rate of exchange known at the decision and the lowest of about ten years."""
    series = snapshot.series.get(name)
    if series is None or not len(series):
        return None
    (now,) = known_rate(series, np.array([snapshot.decided_at], dtype=np.int64)).tolist()
    if np.isnan(now):
        return None
    least = float(np.nanmin(series.values[-_YEARS_OF_RATES:]))
    return Decimal(repr(now)), Decimal(repr(min(least, now)))


def _current(
    table: PriceTable, codes: set[str], universes: Sequence[Universe]
) -> Iterator[tuple[str, Priced]]:
    first = max(0, len(table.sessions) - CURRENT)
    for column, code in enumerate(table.tickers):
        seen = np.flatnonzero(np.isfinite(table.close[first:, column]))
        if code not in codes or not len(seen):
            continue
        row = first + int(seen[-1])
        yield (
            code,
            Priced(
                price=to_units(float(table.close[row, column]), UNITS[table.currency]),
                currency=table.currency,
                session=table.sessions[row].astype(object),
                tax_base=_tax_base(table.tax_base, first, column),
                nav=_nav(table, column, row, universes),
            ),
        )


def _nav(
    table: PriceTable, column: int, priced: int, universes: Sequence[Universe]
) -> NetAssetValue | None:
    """Return the net asset value of a fund at its price of row ``priced``, else the newest one.

    Its limit is that of the universe that has the fund.
    """
    if table.nav is None or not np.isfinite(table.nav).any():  # none by this day
        return None
    code = table.tickers[column]
    known = (each for each in universes if code in each.instruments)
    limit = next((each.premium_limit(code) for each in known), PREMIUM_ABROAD)
    seen = np.flatnonzero(np.isfinite(table.nav[:, column]))
    if not len(seen):
        return NetAssetValue(value=None, session=None, limit=limit)
    row = priced if priced in seen else int(seen[-1])
    closes, values = table.close[: row + 1, column], table.nav[: row + 1, column]
    session = table.sessions[row].astype(object)
    return NetAssetValue.of(closes, values, session, limit=limit, unit=UNITS[table.currency])


def _tax_base(bases: Reals | None, first: int, column: int) -> Decimal | None:
    if bases is None:
        return None
    recent = bases[first:, column]
    known = np.flatnonzero(np.isfinite(recent))
    return Decimal(repr(float(recent[known[-1]]))) if len(known) else None
