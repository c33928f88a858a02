"""The funds of the simulated market: their total returns, fees, distributions and splits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sample import script
from sample.factors import YEAR, Days, Market, Reals, pinned
from sample.signals import kr_yield, policy_by_day, spread, us_yield

QUARTERS = {3: 0.25, 6: 0.25, 9: 0.25, 12: 0.25}
KOREAN_QUARTERS = {1: 0.25, 4: 0.25, 7: 0.25, 10: 0.25}
KOREAN_EQUITY = {1: 0.10, 4: 0.70, 7: 0.10, 10: 0.10}  # most companies pay for the whole year
HALVES = {6: 0.5, 12: 0.5}
MONTHS = dict.fromkeys(range(1, 13), 1 / 12)


@dataclass(frozen=True)
class Fund:
    """One listed fund; ``path`` names its log total return before fees."""

    path: str
    last: float  # price at the end; the path, distributions and splits give the first one
    fee: float = 0.0  # percent a year
    noise: float = 0.0  # standard deviation of price against net asset value
    pays: dict[int, float] = field(default_factory=dict)  # calendar month -> share of a year's
    rate: float | str = 0.0  # distributions a year in percent, or the yield that they follow
    splits: dict[str, int] = field(default_factory=dict)  # first session from this date -> ratio
    listed: str = "1996-07-01"


US_FUNDS = {
    "SPY": Fund("us", 545.0, pays=QUARTERS, rate=1.8),
    "QQQ": Fund("tech", 480.0, pays=QUARTERS, rate=0.7, splits={"2005-03-01": 2, "2014-09-02": 2}),
    "VT": Fund("world", 113.0, pays=QUARTERS, rate=2.1),
    "EEM": Fund("emerging", 43.0, pays=HALVES, rate=2.2, splits={"2008-06-09": 3}),
    "AGG": Fund("aggregate", 97.0, pays=MONTHS, rate="us7"),
    "IEF": Fund("us8", 94.0, pays=MONTHS, rate="us8"),
    "TLT": Fund("us26", 92.0, pays=MONTHS, rate="us26"),
    "SHY": Fund("us2", 82.0, pays=MONTHS, rate="us2"),
    "BIL": Fund("bill", 91.5, pays=MONTHS, rate="us13w"),
    "GLD": Fund("gold", 131.7, fee=0.40),  # a tenth of an ounce at the beginning
}
KR_FUNDS = {
    "069500": Fund("kr", 37140, 0.15, 0.0005, KOREAN_EQUITY, 1.8),
    "102110": Fund("kr", 37130, 0.05, 0.0005, KOREAN_EQUITY, 1.8),
    "161510": Fund("kr_value", 13555, 0.23, 0.0006, KOREAN_QUARTERS, 4.5, {"2011-05-02": 2}),
    "211900": Fund("kr_growth", 15045, 0.15, 0.0006, KOREAN_QUARTERS, 2.6),
    "360750": Fund("us_won", 18425, 0.07, 0.0012, KOREAN_QUARTERS, 1.2),
    "379800": Fund("us_won", 16730, 0.05, 0.0012, KOREAN_QUARTERS, 1.2),
    "133690": Fund("tech_won", 120345, 0.07, 0.0013, KOREAN_QUARTERS, 0.5, {"2013-04-01": 4}),
    "379810": Fund("tech_won", 17950, 0.05, 0.0013, KOREAN_QUARTERS, 0.5),
    "458730": Fund("dividend_won", 10635, 0.06, 0.0012, MONTHS, 3.4, listed="2006-07-03"),
    "251350": Fund("developed_won", 26100, 0.30, 0.0014, KOREAN_QUARTERS, 1.4),
    "114260": Fund("kr3", 59405, 0.15, 0.0001, KOREAN_QUARTERS, "kr3"),
    "273130": Fund("kr6", 110090, 0.05, 0.0002, KOREAN_QUARTERS, "kr6"),
    "148070": Fund("kr9", 106135, 0.05, 0.0003, MONTHS, "kr9"),
    "329750": Fund("dollar_won", 11605, 0.25, 0.0008, MONTHS, "us13w"),
    "455030": Fund("dollar_won", 11950, 0.05, 0.0006, listed="2016-07-01"),
    "132030": Fund("gold_hedged", 14355, 0.68, 0.0008, splits={"2010-10-04": 2}),
    "411060": Fund("gold_won", 21440, 0.19, 0.0012),
    "459580": Fund("cash", 1010650, 0.02, 0.00001),
    "357870": Fund("cash", 55480, 0.03, 0.00001),
}


def par_bond(yields: Reals, maturity: float, years: Reals) -> Reals:
    """Return log total returns of a par bond that is renewed at every session.

    ``yields`` in percent; ``years`` between sessions. A bond bought at par is priced at the new
    yield with semi-annual coupons, and earns its coupon for the time between.
    """
    coupon, now = yields[:-1] / 100, yields[1:] / 100
    discount = (1 + now / 2) ** (-2 * maturity)
    price = coupon / now * (1 - discount) + discount
    return np.concatenate([[0.0], np.log(price + coupon * years[1:])])


def _elapsed(days: Days) -> Reals:
    return np.diff(days, prepend=days[0]).astype(float) / 365.2425


def us_paths(market: Market) -> dict[str, Reals]:
    """Return log total returns on US sessions, by path."""
    flags, draws = market.us_open, market.draws
    days = market.days[flags]
    whole = np.zeros(len(market.days), dtype=np.int64)
    us = np.diff(market.us, prepend=0.0)
    sigma = market.us_sigma / np.sqrt(YEAR)
    korea = np.zeros(len(us))  # what Seoul did since the last New York close
    levels = market.kr[flags]
    korea[flags] = np.diff(levels, prepend=0.0)

    def equity(steps: Reals, growth: float) -> Reals:
        return np.cumsum(pinned(steps, flags, whole, [growth * 30]))[flags]

    abroad = 0.62 * us + 0.16 * korea + 0.65 * sigma * draws["world"]
    emerging = 0.75 * us + 0.42 * korea + 0.95 * sigma * draws["emerging"]
    years = _elapsed(days)
    paths = {
        "us": market.us[flags],
        "tech": equity(1.12 * us + 0.70 * sigma * draws["tech"], 0.085),
        "world": equity(0.60 * us + 0.30 * abroad + 0.10 * emerging, 0.069),
        "developed": equity(0.68 * us + 0.32 * abroad, 0.070),
        "emerging": equity(emerging, 0.066),
        "dividend": equity(0.85 * us + 0.38 * sigma * draws["dividend"], 0.072),
        "gold": market.gold[flags],
    }
    for name, maturity in (("us2", 1.9), ("us7", 7.2), ("us8", 8.5), ("us26", 25.0)):
        paths[name] = np.cumsum(par_bond(us_yield(market, maturity)[flags], maturity, years))
    widening = np.diff(spread(market)[flags], prepend=spread(market)[flags][0])
    # The credits in it, 28 % with a duration of 7, have two sevenths of the high-yield spread.
    paths["aggregate"] = paths["us7"] - 0.28 * 7 / 100 * 2 / 7 * np.cumsum(widening)
    bill = us_yield(market, 0.25)[flags]
    paths["bill"] = np.cumsum(par_bond(bill, 0.15, years))
    return paths


def kr_paths(market: Market, us: dict[str, Reals]) -> dict[str, Reals]:
    """Return log total returns on Korean sessions, by path.

    A fund on something American holds New York's close of an earlier date at the exchange rate of
    the Seoul close.
    """
    flags, draws = market.kr_open, market.draws
    days = market.days[flags]
    whole = np.zeros(len(market.days), dtype=np.int64)
    kr = np.diff(market.kr, prepend=0.0)
    sigma = market.kr_sigma / np.sqrt(YEAR)
    fx = market.fx_seoul[flags]
    known = np.searchsorted(market.days[market.us_open], days, side="left")

    def abroad(name: str) -> Reals:
        return np.concatenate([[us[name][0]], us[name]])[known]

    def equity(steps: Reals, growth: float) -> Reals:
        return np.cumsum(pinned(steps, flags, whole, [growth * 30]))[flags]

    years = _elapsed(days)
    bill = np.concatenate([[0.0], us_yield(market, 0.25)[flags][:-1] / 100 * years[1:]])
    policy = policy_by_day(market)[flags] / 100
    paths = {
        "kr": market.kr[flags],
        "kr_value": equity(0.68 * kr + 0.48 * sigma * draws["value"], 0.072),
        "kr_growth": equity(0.76 * kr + 0.36 * sigma * draws["growth"], 0.072),
        "dollar_won": abroad("bill") + 0.001 * np.cumsum(years) + fx,
        "gold_hedged": abroad("gold") - np.cumsum(bill) + np.cumsum(policy * years),
        "gold_won": abroad("gold") + fx,
        "cash": np.cumsum((policy + 0.002) * years),
    }
    for name in ("us", "tech", "dividend", "developed"):
        paths[f"{name}_won"] = abroad(name) + fx
    for name, maturity, extra in (("kr3", 3.0, 0.0), ("kr6", 6.0, 0.3), ("kr9", 9.5, 0.0)):
        yields = kr_yield(market, maturity)[flags]
        carry = extra / 100 * np.cumsum(years)
        paths[name] = np.cumsum(par_bond(yields, maturity, years)) + carry
    return paths


def yields(market: Market) -> dict[str, Reals]:
    """Return the yields that distributions follow, in percent, on every day."""
    us = {f"us{m}": us_yield(market, m) for m in (2, 7, 8, 26)} | {"us13w": us_yield(market, 0.25)}
    return us | {f"kr{m}": kr_yield(market, m) for m in (3, 6, 9)}


def first_session(sessions: Days, day: str) -> int:
    """Return the row of the first session on or after a day."""
    return int(np.searchsorted(sessions, np.datetime64(day)))


def noise(sessions: Days, ticker: str, deviation: float) -> Reals:
    """Return the log distance of a price from net asset value, its own stream for each ticker."""
    rng = np.random.Generator(np.random.PCG64([script.SEED, *ticker.encode()]))
    drawn = rng.standard_normal(script.calendar_day(script.LAST) + 1)
    return deviation * drawn[script.calendar_day(sessions)]
