"""What a strategy's rules did on a history, against simply holding less risk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np

from jeoul.backtesting import Backtest, Summary, of_model, summarise
from jeoul.errors import ShortHistory
from jeoul.model.calendar import Days, Reals
from jeoul.model.history import History
from jeoul.pipeline import Model
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.run import SharedAllocations
from jeoul.research.bootstrap import Interval
from jeoul.research.crises import crises_of, recoveries_of
from jeoul.research.evidence_strategies import (
    exposure,
    held_constant,
    models_of,
    scale_decided,
    whipsaws,
    without_optimiser,
)
from jeoul.research.falls import saved_intervals
from jeoul.research.monthly_gap import monthly_gap
from jeoul.signals import sleeve_level
from jeoul.strategy.schema import Strategy

T_LIMIT = 2.0
LEAST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Gap:
    """One way less another over the same span; returns a year, drawdowns as they stand.

    ``cagr`` and ``sharpe`` are of the whole months of the span, like their intervals;
    ``volatility`` and ``drawdown`` of its sessions. ``drawdown`` above 0 is a smaller fall.
    ``smaller_fall`` is the share of resamples in which the fall (by month) was smaller. ``t`` is
    the mean difference of log returns over its bootstrap error, less by as much as a history of few
    blocks leaves unknown, ``verdict`` what it comes to: helped (t > 2), no evidence, or hurt
    (t < -2). ``ahead`` has that difference month by month.
    """

    cagr: float
    volatility: float
    drawdown: float
    sharpe: float
    cagr_interval: Interval
    sharpe_interval: Interval
    smaller_fall: float
    t: float
    verdict: str
    ahead: Reals = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of having been invested.

    ``exposure`` is the average share of the risk classes held, ``episodes`` how often risk was cut
    and brought back, ``whipsaws`` how often that was at a higher price. ``less_risk`` compares with
    a static portfolio of the same average exposure, ``static`` with the static one; both are None
    for the static way itself. ``price`` is the drawdown saved per point of return given up against
    static: infinite if none was given up, None if nothing was saved. ``crises`` maps a window to
    the return over it and the deepest fall in it, ``recoveries`` one of the quick recoveries to
    the return over it. ``saved`` is the interval of the drawdown saved against static, from
    resamples of sessions.
    """

    name: str
    figures: Summary
    exposure: float
    episodes: int
    whipsaws: int
    less_risk: Gap | None
    static: Gap | None
    price: float | None
    crises: Mapping[str, tuple[float, float]]
    recoveries: Mapping[str, float]
    saved: Interval | None


@dataclass(frozen=True, slots=True)
class ProfileEvidence:
    """All ways of one profile; ``optimiser`` is static less plain strategic weights.

    ``step_down`` is the price of holding the next lower profile instead, both static.
    """

    profile: str
    ways: tuple[Way, ...]
    optimiser: Gap | None
    strategic: Summary | None
    step_down: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The comparison of one strategy over one history."""

    strategy: str
    currency: str
    profiles: tuple[ProfileEvidence, ...]


class Span(NamedTuple):
    """What part of a history is told; None is its own end."""

    start: date | None = None
    end: date | None = None


WHOLE = Span()


def evidence(  # noqa: PLR0913  what is compared, on what, and how it is shown
    strategy: Strategy,
    literal: Strategy,
    mandates: Sequence[Mandate],
    history: History,
    *,
    seed: int,
    span: Span = WHOLE,
    light: Strategy | None = None,
    step: Callable[[str], None] = lambda _: None,
    shared: SharedAllocations | None = None,
) -> Evidence:
    """Return the comparison for every profile's mandate, lowest risk first.

    ``step`` hears the profile and the way of each model as it is done; there are as many as
    :func:`~jeoul.research.evidence_strategies.ways_of` has for each profile. ``shared`` has the
    allocations of other mandates over the same history.

    Raises :class:`ShortHistory` if less than two years of a profile could be invested.
    """
    from jeoul.backtesting.exact import exact_model

    shared = SharedAllocations(history) if shared is None else shared
    found: list[ProfileEvidence] = []
    below: Summary | None = None
    for mandate in mandates:
        named = partial(_in_profile, step, mandate.profile)
        models = models_of(strategy, literal, mandate, history, light, named, shared)
        ways = _ways(models, seed, span)
        held = replace(mandate, strategy=without_optimiser(strategy))
        plain = exact_model(held, history, *shared.of(held))
        static = _told(models["static"], span)
        # Momentum begins a year of month ends after plain weights could.
        flat = _told(plain, span._replace(start=static.start))
        own = ways[0].figures
        found.append(
            ProfileEvidence(
                profile=mandate.profile,
                ways=ways,
                optimiser=gap(static, flat, seed=seed),
                strategic=summarise(flat),
                step_down=None if below is None else price(below, own),
            )
        )
        below = own
    return Evidence(strategy.name, history.currency, tuple(found))


def _in_profile(step: Callable[[str], None], profile: str, way: str) -> None:
    step(f"{profile}: {way}")


def compare(models: Mapping[str, Model], *, seed: int, span: Span = WHOLE) -> tuple[Way, ...]:
    """Return the ways that models stand for; ``models["static"]`` is what all are held against."""
    return _ways(models, seed, span)


def verdict(t: float) -> str:
    """Return what a t statistic comes to, by thresholds fixed beforehand.

    >>> [verdict(t) for t in (2.1, 2.0, -2.0, -2.1)]
    ['helped', 'no evidence', 'no evidence', 'hurt']
    """
    if t > T_LIMIT:
        return "helped"
    return "hurt" if t < -T_LIMIT else "no evidence"


def price(way: Summary, static: Summary) -> float | None:
    """Return the drawdown saved per point of return given up: how cheap the protection was.

    Infinite if no return was given up, None if no drawdown was saved.
    """
    saved = way.max_drawdown - static.max_drawdown
    given_up = static.cagr - way.cagr
    if saved <= 0.0:
        return None
    return saved / given_up if given_up > 0.0 else float("inf")


def gap(one: Backtest, other: Backtest, *, seed: int) -> Gap:
    """Return one backtest less another over the same sessions, with bootstrap intervals.

    Monthly returns are resampled together in blocks of a year on average; return and Sharpe ratio
    are the same figures of the months as they came. Raises :class:`ShortHistory` for less than two
    years.
    """
    after = _following(one)
    mine, theirs, cash = (
        monthly(one.sessions, level, after) for level in (one.nav, other.nav, _cash(one))
    )
    if len(mine) < LEAST_MONTHS:
        raise ShortHistory(
            f"{len(mine)} whole months are too few to compare; give at least {LEAST_MONTHS}"
        )
    months = monthly_gap(mine, theirs, cash, seed=seed)
    first, second = summarise(one), summarise(other)
    return Gap(
        cagr=months.cagr,
        volatility=first.volatility - second.volatility,
        drawdown=first.max_drawdown - second.max_drawdown,
        sharpe=months.sharpe,
        cagr_interval=months.cagr_interval,
        sharpe_interval=months.sharpe_interval,
        smaller_fall=months.smaller_fall,
        t=months.t,
        verdict=verdict(months.t),
        ahead=months.ahead,
    )


def monthly(sessions: Days, level: Reals, following: np.datetime64) -> Reals:
    """Return the returns of whole months between the last sessions of months.

    ``following`` is the calendar's session after the last one: without it nobody knows whether the
    last month is whole.

    >>> days = np.array(["2024-01-31", "2024-02-15", "2024-02-29"], dtype="datetime64[D]")
    >>> monthly(days, np.array([1.0, 3.0, 1.5]), np.datetime64("2024-03-04")).tolist()
    [0.5]
    """
    months = np.append(sessions, following).astype("datetime64[M]")
    ends = level[months[1:] != months[:-1]]
    found: Reals = ends[1:] / ends[:-1] - 1.0
    return found


def _ways(models: Mapping[str, Model], seed: int, span: Span) -> tuple[Way, ...]:
    told = {name: _told(model, span) for name, model in models.items()}
    own = next(iter(models.values()))
    level = sleeve_level(models["static"].history, own.mandate.sleeve)
    saved = saved_intervals({name: run.nav for name, run in told.items()}, "static", seed=seed)
    ways = []
    for name, model in models.items():
        rows = np.searchsorted(model.history.sessions, told[name].sessions)
        decided = scale_decided(model)
        share = float(exposure(model, decided)[rows[1:]].mean())
        episodes, higher = whipsaws(model, level, int(rows[0]), int(rows[-1]), decided)
        alone = name == "static"
        matched = None if alone else _told(held_constant(models["static"], share), span)
        ways.append(
            Way(
                name=name,
                figures=summarise(told[name]),
                exposure=share,
                episodes=episodes,
                whipsaws=higher,
                less_risk=None if matched is None else gap(told[name], matched, seed=seed),
                static=None if alone else gap(told[name], told["static"], seed=seed),
                price=None if alone else price(summarise(told[name]), summarise(told["static"])),
                crises=crises_of(told[name]),
                recoveries=recoveries_of(told[name]),
                saved=saved.get(name),
            )
        )
    return tuple(ways)


def _told(model: Model, span: Span) -> Backtest:
    return of_model(model, start=span.start, end=span.end)


def _following(told: Backtest) -> np.datetime64:
    """Return the session of the calendar after a backtest's last one."""
    row = np.searchsorted(told.history.sessions, told.sessions[-1])
    found: np.datetime64 = told.history.executed[row]
    return found


def _cash(told: Backtest) -> Reals:
    level: Reals = np.cumprod(np.concatenate(([1.0], 1.0 + told.cash[1:])), dtype=np.float64)
    return level
