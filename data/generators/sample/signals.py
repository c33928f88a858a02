"""What is published about the factors: volatility indices, spreads, index levels, macro series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sample import script
from sample.factors import YEAR, Market, Reals, drawn_to, floored, pinned

US_COLUMNS = (
    "vix", "vix9d", "vix3m", "vix6m", "vvix", "usdkrw", "wti", "brent", "us10y", "us2y",
    "us30y", "us13w", "us_hy_oas", "usd_broad", "us_bei10y",
)  # fmt: skip
KR_COLUMNS = ("kospi200_iv", "kr10y", "kospi", "kosdaq", "kospi200")
MEDIAN_VIX = 17.6


def us_yield(market: Market, years: float) -> Reals:
    """Return the US par yield of a maturity in percent, between the short and the long rate.

    The weight of the short rate falls with maturity as in Nelson and Siegel (1987), with a decay
    of 1.5 years.
    """
    return _curve(market.us_short, market.us_long, years)


def kr_yield(market: Market, years: float) -> Reals:
    """Return the Korean par yield of a maturity in percent."""
    return _curve(market.kr_short, market.kr_long, years)


def _curve(short: Reals, long: Reals, years: float) -> Reals:
    scaled = years / 1.5
    weight = -np.expm1(-scaled) / scaled
    return np.asarray(long + (short - long) * weight)


def daily(market: Market) -> dict[str, Reals]:
    """Return every column of ``signals.csv``, NaN on the days on which its market is closed."""
    columns = _volatility(market) | _levels(market) | _korean_indices(market)
    for name in US_COLUMNS:
        columns[name] = np.where(market.us_open, columns[name], np.nan)
    for name in KR_COLUMNS:
        columns[name] = np.where(market.kr_open, columns[name], np.nan)
    return columns


def _ar(draws: Reals, keep: float, deviation: float) -> Reals:
    """Return a stationary AR(1) path of a given standard deviation."""
    count = len(draws)
    shocks = deviation * np.sqrt(1 - keep**2) * draws
    return drawn_to(0.0, np.zeros(count), np.full(count, (1 - keep) * YEAR), shocks)


def _volatility(market: Market) -> dict[str, Reals]:
    """Return VIX from the volatility expected after the close, and its term structure.

    A volatility index moves less than proportionally in the volatility of the day, because
    volatility is expected to revert; the longer the horizon, the less.
    """
    draws = market.draws
    log_vix = np.log(19.2) + 0.88 * np.log(market.us_sigma / 0.150)
    log_vix += _ar(draws["vix"], 0.85, 0.035)
    log_vix[market.spike] = np.log(script.SPIKE_VIX)
    following = market.spike + 1 + np.arange(3)
    log_vix[following] += np.array([0.12, 0.06, 0.03])
    vix = 9.0 + 1.2 * np.logaddexp(0.0, (np.exp(log_vix) - 9.0) / 1.2)
    distance = np.log(vix / MEDIAN_VIX)
    kr_noise = _ar(draws["kr_vix"], 0.90, 0.10)
    return {
        "vix": vix,
        "vix9d": 16.8 * np.exp(1.18 * distance + _ar(draws["vix9d"], 0.70, 0.05)),
        "vix3m": 19.8 * np.exp(0.74 * distance + _ar(draws["vix3m"], 0.92, 0.025)),
        "vix6m": 21.0 * np.exp(0.60 * distance + _ar(draws["vix6m"], 0.95, 0.030)),
        "vvix": 90.0 * np.exp(0.42 * distance + _ar(draws["vvix"], 0.90, 0.08)),
        "kospi200_iv": 20.5 * (market.kr_sigma / 0.195) ** 0.9 * np.exp(kr_noise),
    }


def spread(market: Market) -> Reals:
    """Return the spread of high-yield bonds in percent: it follows VIX smoothed over 50 days."""
    stress = np.log(market.us_sigma / 0.150)
    count = len(stress)
    smooth = drawn_to(stress[0], stress, np.full(count, 0.02 * YEAR), np.zeros(count))
    return np.asarray(5.0 * np.exp(0.95 * smooth + _ar(market.draws["oas"], 0.99, 0.10)))


def _levels(market: Market) -> dict[str, Reals]:
    draws = market.draws
    wti = np.exp(market.oil)
    dollar = np.diff(market.fx_noon, prepend=market.fx_noon[0])
    steps = np.where(market.us_open, 0.28 * dollar + 0.0024 * draws["broad"], 0.0)
    count = len(steps)
    broad = drawn_to(np.log(100.0), np.full(count, np.log(105.0)), np.full(count, 0.3), steps)
    inflation = script.by_day("inflation", market.segments)
    target = 2.1 + 0.22 * (np.clip(inflation, 0.0, 5.0) - 2.0)
    oil = np.diff(market.oil, prepend=market.oil[0])
    shocks = np.where(market.us_open, 1.2 * oil + 0.022 * draws["bei"], 0.0)
    return {
        "usdkrw": np.exp(market.fx_noon),
        "wti": wti,
        "brent": wti * np.exp(0.03 + _ar(draws["brent"], 0.985, 0.06)),
        "us10y": us_yield(market, 10),
        "us2y": us_yield(market, 2),
        "us30y": us_yield(market, 30),
        "us13w": us_yield(market, 0.25),
        "us_hy_oas": spread(market),
        "usd_broad": np.exp(broad),
        "us_bei10y": floored(drawn_to(2.1, target, np.full(count, 6.0), shocks)),
        "kr10y": kr_yield(market, 10),
    }


def _korean_indices(market: Market) -> dict[str, Reals]:
    """Return the index levels, without their dividends (1.8 % a year on the KOSPI 200)."""
    draws, flags = market.draws, market.kr_open
    whole = np.zeros(len(flags), dtype=np.int64)
    years = script.calendar_day(market.days) / 365.2425
    steps = np.diff(market.kr, prepend=0.0)
    wide = pinned(0.0022 * draws["kospi"], flags, whole, [0.0])
    small = 0.95 * steps + market.kr_sigma / np.sqrt(YEAR) * 0.45 * draws["kosdaq"]
    small = pinned(small, flags, whole, [0.015 * 30])
    price = market.kr - 0.018 * years
    return {
        "kospi": 480.0 * np.exp(0.95 * price + np.cumsum(wide)),
        "kosdaq": 620.0 * np.exp(np.cumsum(small)),
        "kospi200": 55.0 * np.exp(price),
    }


def months(market: Market) -> NDArray[np.datetime64]:
    """Return the months of the path."""
    return np.unique(market.days.astype("datetime64[M]"))


def monthly(market: Market) -> dict[str, Reals]:
    """Return every column of ``macro-monthly.csv``."""
    month = market.days.astype("datetime64[M]")
    ends = np.searchsorted(month, months(market), side="right") - 1
    starts = np.searchsorted(month, months(market))
    rng = np.random.Generator(np.random.PCG64([script.SEED, 1]))
    noise = rng.standard_normal((3, len(ends)))
    inflation = _smooth(script.by_day("inflation", market.segments)[ends], 0.25)
    calendar_month = months(market).astype(int) % 12
    season = 0.15 * np.sin(2 * np.pi * (calendar_month + 1) / 12)  # not seasonally adjusted
    us_cpi = 157.0 * np.exp(np.cumsum(inflation / 1200 + 0.0016 * noise[0])) * (1 + season / 100)
    kr_cpi = np.exp(np.cumsum(0.95 * inflation / 1200 + 0.0020 * noise[1]))
    base_year = months(market).astype("datetime64[Y]") == np.datetime64("2020")
    unemployment = _smooth(script.by_day("unemployment", market.segments)[ends], 0.12)
    gold = np.exp(market.gold)
    us_policy = _policy(market.us_short[ends])
    return {
        "bok_base_rate": _policy(market.kr_short[ends]),
        "cpi_kr_2020eq100": 100 * kr_cpi / kr_cpi[base_year].mean(),
        "cpi_us_nsa": us_cpi,
        "fedfunds": us_policy + 0.08 + 0.02 * np.tanh(noise[2]),
        "unrate_us": unemployment,
        "gold_usd_oz": np.array(
            [gold[a : b + 1].mean() for a, b in zip(starts, ends, strict=True)]
        ),
    }


def _smooth(values: Reals, share: float) -> Reals:
    speed = np.full(len(values), share * YEAR)
    return drawn_to(float(values[0]), values, speed, np.zeros(len(values)))


def _policy(wanted: Reals) -> Reals:
    """Return a policy rate in quarters of a percent that follows once it is 0.2 away."""
    rate, path = round(float(wanted[0]) * 4) / 4, []
    for level in wanted:
        if abs(level - rate) > 0.2:
            rate = max(round(float(level) * 4) / 4, 0.0)
        path.append(rate)
    return np.array(path)


def policy_by_day(market: Market) -> Reals:
    """Return the Korean policy rate on each day, in percent: the rate of the month before."""
    month = market.days.astype("datetime64[M]")
    place = np.searchsorted(months(market), month)
    return np.asarray(monthly(market)["bok_base_rate"][np.maximum(place - 1, 0)])
