"""Daily latent factors on every day on which New York or Seoul trades.

A date has two moments, in this order: the close in Seoul, then the close in New York. What happens
in New York on a date reaches Seoul on its next session. A market that is closed on a date adds
nothing of its own to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sample import script

Reals = NDArray[np.float64]
Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]

YEAR = 252.0  # sessions a year of the volatility processes
DRAWS = (
    "vol", "vix", "tech", "world", "dividend", "emerging", "fx_seoul", "fx_night",
    "us_long", "us_short", "kr_long", "kr_short", "gold", "oil", "brent", "broad", "bei",
    "value", "growth", "kospi", "kosdaq", "kr_vix", "vix9d", "vix3m", "vix6m", "vvix", "oas",
)  # fmt: skip


@dataclass(frozen=True)
class Market:
    """Everything latent, one row per day; log levels are cumulated and begin near zero."""

    days: Days
    us_open: Flags
    kr_open: Flags
    segments: NDArray[np.int64]
    draws: dict[str, Reals]
    spike: int  # row of the single-day spike
    us_sigma: Reals  # volatility of US equity expected after the New York close
    kr_sigma: Reals
    us: Reals  # log total return of US equity, at the New York close
    kr: Reals  # log total return of Korean equity, at the Seoul close
    fx_seoul: Reals  # log USD/KRW at the Seoul close
    fx_noon: Reals  # and at noon in New York
    us_short: Reals  # percent a year, at the New York close
    us_long: Reals
    kr_short: Reals  # percent a year, at the Seoul close
    kr_long: Reals
    gold: Reals  # log USD, at the New York close
    oil: Reals


def simulate(us_sessions: Days, kr_sessions: Days) -> Market:
    """Return the whole simulated path for the sessions of both exchanges."""
    days = np.union1d(us_sessions, kr_sessions)
    us_open, kr_open = np.isin(days, us_sessions), np.isin(days, kr_sessions)
    segments = script.segment_of(days)
    rng = np.random.Generator(np.random.PCG64(script.SEED))
    # Drawn for every calendar day, so that a corrected session leaves the other days as they are.
    rows, whole = script.calendar_day(days), script.calendar_day(script.LAST) + 1
    fat = np.clip(rng.standard_t(5, (3, whole))[:, rows] * np.sqrt(3 / 5), -3.4, 3.4)
    draws = dict(zip(DRAWS, rng.standard_normal((len(DRAWS), whole))[:, rows], strict=True))
    inside = np.flatnonzero((segments == script.SPIKE_SEGMENT) & us_open & kr_open)
    spike = int(inside[int(script.SPIKE_PLACE * len(inside))])

    us_steps, us_sigma, us_news = _us_equity(fat, draws, us_open, segments, spike)
    kr_steps, kr_sigma = _korean_equity(fat, us_news, us_sigma, kr_open, segments)
    fx_seoul, fx_noon = _dollar(draws, us_steps, kr_steps, us_open, kr_open, segments)
    us_short, us_long = _us_yields(draws, us_news, us_open, segments)
    kr_short, kr_long = _korean_yields(draws, us_long, kr_open, segments)
    return Market(
        days, us_open, kr_open, segments, draws, spike, us_sigma, kr_sigma,
        np.cumsum(us_steps), np.cumsum(kr_steps), fx_seoul, fx_noon,
        us_short, us_long, kr_short, kr_long,
        _gold(draws, us_long, fx_noon, us_open), _oil(draws, us_news, us_sigma, us_open),
    )  # fmt: skip


def pinned(steps: Reals, flags: Flags, segments: NDArray[np.int64], totals: list[float]) -> Reals:
    """Return steps shifted evenly inside each segment, so that each adds up to its total."""
    out = np.where(flags, steps, 0.0)
    for place, total in enumerate(totals):
        rows = (segments == place) & flags
        out[rows] += (total - out[rows].sum()) / rows.sum()
    return out


def drawn_to(start: float, target: Reals, speed: Reals, shocks: Reals) -> Reals:
    """Return a mean-reverting path: each step goes ``speed / 252`` of the way, plus its shock."""
    path = np.empty(len(target))
    level = start
    for row in range(len(target)):
        level += speed[row] / YEAR * (target[row] - level) + shocks[row]
        path[row] = level
    return path


def _us_equity(
    fat: Reals, draws: dict[str, Reals], flags: Flags, segments: NDArray[np.int64], spike: int
) -> tuple[Reals, Reals, Reals]:
    """Return log steps, expected volatility after each close, and the standardised news.

    Log volatility is drawn to the regime's level, rises after falls more than after rises, and has
    a noise of its own (an EGARCH process: Nelson 1991).
    """
    news = np.sqrt(1 - 0.3**2) * fat[0] + 0.3 * fat[1]
    level = np.log(script.by_day("volatility", segments))
    pull = script.by_day("pull", segments)
    h = level[0]
    before, after = np.empty(len(news)), np.empty(len(news))
    for row, shock in enumerate(news):
        before[row] = h
        if flags[row] and row != spike:
            reaction = -0.055 * shock + 0.035 * (abs(shock) - 0.78) + 0.020 * draws["vol"][row]
            h += pull[row] * (level[row] - h) + reaction
        after[row] = h
    bounce = news - 0.07 * np.roll(news, 1) - 0.04 * np.roll(news, 2)
    steps = np.exp(before) / np.sqrt(YEAR) * bounce
    steps = pinned(steps, flags, segments, [s.us for s in script.SCRIPT])
    steps[spike] = script.SPIKE_RETURN
    return steps, np.exp(after), np.where(flags, fat[0], 0.0)


def _korean_equity(
    fat: Reals, us_news: Reals, us_sigma: Reals, flags: Flags, segments: NDArray[np.int64]
) -> tuple[Reals, Reals]:
    """Return log steps at Seoul closes: New York's last news, Asian hours, and Korea's own."""
    sigma = 0.98 * us_sigma**0.85 * script.by_day("korea", segments)
    sigma = np.convolve(np.concatenate([np.full(9, sigma[0]), sigma]), np.full(10, 0.1), "valid")
    before = np.concatenate([[sigma[0]], sigma[:-1]])
    overnight = np.concatenate([[0.0], np.cumsum(before * us_news)[:-1]])  # all known in Seoul
    rows = np.flatnonzero(flags)
    arrived = np.zeros(len(flags))
    arrived[rows] = np.diff(overnight[rows], prepend=0.0)
    own = 0.66 * fat[1] + np.sqrt(1 - 0.40**2 - 0.66**2) * fat[2]
    steps = (0.40 * arrived + before * own) / np.sqrt(YEAR)
    return pinned(steps, flags, segments, [s.kr for s in script.SCRIPT]), sigma


def _dollar(
    draws: dict[str, Reals],
    us_steps: Reals,
    kr_steps: Reals,
    us_open: Flags,
    kr_open: Flags,
    segments: NDArray[np.int64],
) -> tuple[Reals, Reals]:
    """Return log USD/KRW at the Seoul close and at noon in New York of each date."""
    scale = np.where(script.by_day("krw", segments) > 0.2, 1.8, 1.0)
    seoul = np.where(kr_open, -0.11 * kr_steps + 0.0044 * scale * draws["fx_seoul"], 0.0)
    night = np.where(us_open, -0.07 * us_steps + 0.0024 * scale * draws["fx_night"], 0.0)
    target = np.log(1120.0) + script.by_day("krw", segments)
    speed = np.where(script.by_day("krw", segments) > 0.2, 4.0, 1.0)
    level, at_seoul, at_noon = np.log(1060.0), np.empty(len(seoul)), np.empty(len(seoul))
    for row in range(len(seoul)):
        level += speed[row] / YEAR * (target[row] - level) + seoul[row]
        at_seoul[row] = level
        at_noon[row] = level + 0.5 * night[row]
        level += night[row]
    return at_seoul, at_noon


def _secular(count: int) -> Reals:
    """Return a slow fall of all rate levels over the three decades, in percent."""
    return np.linspace(1.4, -0.7, count)


def floored(rate: Reals) -> Reals:
    """Return rates that come near 0.05 percent but never below, and elsewhere stay as they are."""
    return np.asarray(0.05 + 0.3 * np.logaddexp(0.0, (rate - 0.05) / 0.3))


def _us_yields(
    draws: dict[str, Reals], news: Reals, flags: Flags, segments: NDArray[np.int64]
) -> tuple[Reals, Reals]:
    trend = _secular(len(news))
    link = script.by_day("bond_equity", segments)
    speed = script.by_day("rate_pull", segments)
    own = link * news + np.sqrt(1 - link**2) * draws["us_long"]
    target = script.by_day("us_long", segments) + trend
    long = drawn_to(6.0, target, speed, np.where(flags, 1.0 / np.sqrt(YEAR) * own, 0.0))
    mixed = 0.55 * own + np.sqrt(1 - 0.55**2) * draws["us_short"]
    target = script.by_day("us_short", segments) + trend
    short = drawn_to(5.0, target, 1.3 * speed, np.where(flags, 0.50 / np.sqrt(YEAR) * mixed, 0.0))
    return floored(short), floored(long)


def _korean_yields(
    draws: dict[str, Reals],
    us_long: Reals,
    flags: Flags,
    segments: NDArray[np.int64],
) -> tuple[Reals, Reals]:
    trend = _secular(len(us_long))
    speed = script.by_day("rate_pull", segments)
    known = np.concatenate([[us_long[0]], us_long[:-1]])  # New York's yield of the date before
    rows = np.flatnonzero(flags)
    abroad = np.zeros(len(flags))
    abroad[rows] = np.diff(known[rows], prepend=known[rows[0]])
    own = 0.84 * draws["kr_long"] / np.sqrt(YEAR)
    target = script.by_day("kr_long", segments) + trend
    long = drawn_to(5.8, target, speed, np.where(flags, 0.45 * abroad + own, 0.0))
    target = script.by_day("kr_short", segments) + trend
    shocks = np.where(flags, 0.42 / np.sqrt(YEAR) * draws["kr_short"], 0.0)
    short = drawn_to(4.8, target, 1.3 * speed, shocks)
    return floored(short), floored(long)


def _gold(draws: dict[str, Reals], us_long: Reals, fx: Reals, flags: Flags) -> Reals:
    """Return log gold in dollars: falls when yields or the dollar rise; 4.5 % a year over all."""
    rates = np.diff(us_long, prepend=us_long[0])
    dollar = np.diff(fx, prepend=fx[0])
    steps = 0.148 / np.sqrt(YEAR) * draws["gold"] - 0.045 * rates - 0.25 * dollar
    whole = np.zeros(len(steps), dtype=np.int64)
    return np.log(385.0) + np.cumsum(pinned(steps, flags, whole, [0.045 * 30]))


def _oil(draws: dict[str, Reals], news: Reals, sigma: Reals, flags: Flags) -> Reals:
    """Return log oil in dollars, drawn to 55, correlated with equity, wilder in its panics."""
    scale = 0.34 * np.clip(sigma / 0.15, 0.8, 2.2) ** 0.5 / np.sqrt(YEAR)
    shocks = np.where(flags, scale * (0.42 * news + 0.91 * draws["oil"]), 0.0)
    return drawn_to(np.log(38.0), np.full(len(news), np.log(55.0)), np.full(len(news), 0.5), shocks)
