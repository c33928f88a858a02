"""Raw prices on their ticks, distributions and splits, and the text of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sample import signals
from sample.factors import Days, Market, Reals
from sample.instruments import (
    KR_FUNDS,
    US_FUNDS,
    Fund,
    first_session,
    kr_paths,
    noise,
    us_paths,
    yields,
)

MANIFEST = Path(__file__).with_name("manifest.toml")
BASES_FROM = np.datetime64("2016-07-01")  # issuers publish some ten years of base prices
VALUES_FROM = np.datetime64("2023-07-03")  # orders read the newest value alone


@dataclass(frozen=True)
class Listing:
    """A fund as it traded: prices (NaN before the listing), distributions and splits."""

    close: Reals
    dividends: Reals
    splits: Reals
    base: Reals  # the taxable base price, of the same sessions as the price
    value: Reals  # the net asset value


def on_tick(price: Reals, currency: str) -> Reals:
    """Return prices on the tick: a cent, or 1 won below 2,000 won and 5 won from there.

    The tick of KRX-listed ETFs since December 2023, used for the whole span.
    """
    if currency == "USD":
        return np.round(price, 2)
    fine = np.round(price)
    return np.where(fine < 2000, fine, 5 * np.round(price / 5))


def ex_dates(sessions: Days, months: Mapping[int, float], currency: str) -> dict[int, float]:
    """Return row -> share of a year's distribution, for every date without it.

    In Seoul the session before the last of the month; in New York the first session after the
    middle of the month. The first session of all has none.
    """
    found = {}
    month = sessions.astype("datetime64[M]")
    for start in np.unique(month):
        share = months.get(int(start.astype(int)) % 12 + 1)
        rows = np.flatnonzero(month == start)
        later = rows[sessions[rows] > start + np.timedelta64(15, "D")]
        row = int(later[0]) if currency == "USD" else int(rows[-2])
        if share is not None and row > 0:
            found[row] = share
    return found


def list_fund(
    ticker: str, fund: Fund, path: Reals, rate: Reals, sessions: Days, currency: str
) -> Listing:
    """Return raw prices whose total return is the path less the fee.

    ``rate`` is what is distributed a year, in percent, on each session. Distributions are rounded
    as they are paid: to the won, or to a hundredth of a cent.
    """
    listed = first_session(sessions, fund.listed)
    years = (sessions - sessions[0]).astype(float) / 365.2425
    growth = np.exp(np.diff(path - fund.fee / 100 * years, prepend=0.0))
    splits = np.ones(len(sessions))
    for day, ratio in fund.splits.items():
        splits[first_session(sessions, day)] = ratio
    shares = {
        row: share
        for row, share in ex_dates(sessions, fund.pays, currency).items()
        if row > listed and splits[row] == 1
    }
    digits = 4 if currency == "USD" else 0

    def walk(price: float) -> tuple[Reals, Reals]:
        values, paid = np.full(len(sessions), np.nan), np.zeros(len(sessions))
        values[listed] = price
        for row in range(listed + 1, len(sessions)):
            price *= growth[row] / splits[row]
            if row in shares:
                paid[row] = round(price * rate[row] / 100 * shares[row], digits)
                price -= paid[row]
            values[row] = price
        return values, paid

    # Distributions are nearly proportional to price, so one proportional correction is enough.
    trial, _ = walk(fund.last)
    values, paid = walk(fund.last * fund.last / trial[-1])
    close = on_tick(values * np.exp(noise(sessions, ticker, fund.noise)), currency)
    return Listing(close, paid, splits, tax_base(fund, values, paid, splits, rate), values)


def tax_base(fund: Fund, values: Reals, paid: Reals, splits: Reals, rate: Reals) -> Reals:
    """Return the taxable base price of a share: its value without untaxed gains.

    A fund of Korean shares has no taxed gains on them: its base grows with what the shares pay out
    and falls when the fund distributes it. The base of every other fund is its net asset value.
    """
    if not fund.path.startswith("kr") or fund.path in ("kr3", "kr6", "kr9"):
        return values.copy()
    base, listed = np.full(len(values), np.nan), int(np.flatnonzero(~np.isnan(values))[0])
    base[listed] = values[listed]
    for row in range(listed + 1, len(values)):
        earned = values[row - 1] / splits[row] * rate[row] / 100 / 252
        base[row] = base[row - 1] / splits[row] + earned - paid[row]
    return base


def write(market: Market, out: Path) -> None:
    """Write the whole market folder."""
    us_sessions, kr_sessions = market.days[market.us_open], market.days[market.kr_open]
    us = us_paths(market)
    kr = kr_paths(market, us)
    _write_prices(out, "us", US_FUNDS, us, market, us_sessions, market.us_open)
    _write_prices(out, "kr", KR_FUNDS, kr, market, kr_sessions, market.kr_open)
    columns = signals.daily(market)
    _write_table(out / "signals.csv", "date", market.days, columns, 2)
    _write_table(
        out / "macro-monthly.csv", "month", signals.months(market), signals.monthly(market), 2
    )
    _write_text(out / "manifest.toml", MANIFEST.read_text("utf-8"))


def _write_prices(
    out: Path,
    market_name: str,
    funds: Mapping[str, Fund],
    paths: Mapping[str, Reals],
    market: Market,
    sessions: Days,
    flags: NDArray[np.bool_],
) -> None:
    currency = {"us": "USD", "kr": "KRW"}[market_name]
    followed = yields(market)
    listings = {}
    for ticker, fund in funds.items():
        constant = isinstance(fund.rate, float | int)
        rate = np.full(len(sessions), fund.rate) if constant else followed[str(fund.rate)][flags]
        listings[ticker] = list_fund(ticker, fund, paths[fund.path], rate, sessions, currency)
    close = {ticker: listing.close for ticker, listing in listings.items()}
    digits = 2 if currency == "USD" else 0
    _write_table(out / f"prices-{market_name}.csv", "date", sessions, close, digits)
    if currency == "KRW":
        known = sessions >= BASES_FROM
        base = {ticker: listing.base[known] for ticker, listing in listings.items()}
        _write_table(out / "tax-base-kr.csv", "date", sessions[known], base, 0)
        recent = sessions >= VALUES_FROM
        values = {ticker: listing.value[recent] for ticker, listing in listings.items()}
        _write_table(out / "nav-kr.csv", "date", sessions[recent], values, 2)
    rows = [
        (str(sessions[row]), ticker, listing.dividends[row], listing.splits[row])
        for ticker, listing in listings.items()
        for row in np.flatnonzero((listing.dividends > 0) | (listing.splits != 1))
    ]
    lines = [f"{d},{t},{Decimal(repr(float(v))):.{4 if currency == 'USD' else 0}f},{s:g}"
             for d, t, v, s in sorted(rows)]  # fmt: skip
    _write_text(
        out / f"events-{market_name}.csv", "\n".join(["date,ticker,dividend,split", *lines, ""])
    )


def _write_table(
    path: Path, index: str, labels: Days, columns: Mapping[str, Reals], digits: int
) -> None:
    lines = [",".join([index, *columns])]
    for row, label in enumerate(labels):
        cells = (column[row] for column in columns.values())
        texts = ["" if np.isnan(cell) else f"{cell:.{digits}f}" for cell in cells]
        lines.append(",".join([str(label), *texts]))
    _write_text(path, "\n".join([*lines, ""]))


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
