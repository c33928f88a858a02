"""Today's accounts through a crisis: plans, orders and messages as they would have come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from jeoul.account.day import AccountFill
from jeoul.backtesting.periods import Crisis, crises
from jeoul.errors import BeyondData, UsageError
from jeoul.household.explaining.watched import models_of
from jeoul.household.gathering.beside import without_outside
from jeoul.household.gathering.inputs import read_inputs
from jeoul.household.history.figures import HistoryFigures, history_figures
from jeoul.household.history.file_history import HistorySpan, file_history, sessions_within
from jeoul.household.history.planned import PlanningSettings, do_nothing
from jeoul.household.history.records import HouseholdHistory
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.market import Market
from jeoul.metrics import max_drawdown, unit_values
from jeoul.model.calendar import Reals
from jeoul.operations.drill.lengthened import lengthened
from jeoul.operations.told.alarms import alarm_text
from jeoul.pipeline import Model
from jeoul.pipeline.alarms import overlay_alarms
from jeoul.strategy.universe import load_universe

AFTER = timedelta(days=183)
"""How long a drill goes on after the low: the overlay needs about that to step up again."""

CRISES = {"2008": "gfc", "2020": "covid", "2022": "inflation"}
"""The crises of ``data/crises.toml`` by the year that people call them by."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person would have been told, on the session after whose close it was known."""

    session: date
    text: str


@dataclass(frozen=True, slots=True)
class DrillDay:
    """One session: what the household was worth with the plan and with nothing done, in won.

    ``units`` are the same two without what the owners paid in and took out, 1 before the first
    session.
    """

    session: date
    planned: int
    untouched: int
    units: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A household through a crisis.

    ``planned`` are the sessions on which a plan was made: the first, and those on which the model
    traded. ``orders`` are filled orders by account. ``fall`` is the deepest fall of the units with
    the plan, ``untouched_fall`` that with nothing done, at most 0. ``lengthened`` are funds whose
    prices of then are those of their proxies.
    """

    crisis: Crisis
    days: tuple[DrillDay, ...]
    planned: tuple[date, ...]
    orders: tuple[tuple[str, AccountFill], ...]
    messages: tuple[Message, ...]
    figures: HistoryFigures
    nothing: HistoryFigures
    fall: float
    untouched_fall: float
    run: HouseholdHistory
    lengthened: tuple[str, ...]


def drill(
    file: HouseholdFile,
    name: str,
    plan: PlanningSettings,
    *,
    market: Market,
    book: Rulebook,
    lang: str,
) -> Drill:
    """Return today's accounts of a household through a crisis, from its high to half a year later.

    The model, its overlay and its messages are those of then; the plan is made on the first session
    and whenever the model trades, and every account passes its sessions as
    :func:`~jeoul.account.day.account_day` says.

    Raises :class:`~jeoul.errors.UsageError` for a crisis that is not known, and
    :class:`~jeoul.errors.BeyondData` for one that the market does not cover.
    """
    crisis = _crisis(name)
    today = market
    inputs = without_outside(read_inputs(file))
    universe = load_universe(next(iter(inputs.strategies.values())).universe)
    past, late = lengthened(market, universe, crisis.start)
    sessions = sessions_within(past, "XKRX", crisis.start, crisis.end + AFTER)
    _refuse_beyond(market, sessions, crisis)
    models = models_of(file, inputs, past, max(sessions))
    span = _span(file, past, sessions, models)
    run, untouched = (
        file_history(file, span, each, market=past, book=book, today=today, inputs=inputs)
        for each in (plan, do_nothing)
    )
    days = tuple(_days(run, untouched, frozenset(sessions)))
    fall, untouched_fall = _falls(days)
    return Drill(
        crisis=crisis,
        days=days,
        planned=tuple(sorted(span.planned)),
        orders=tuple(
            (account, fill)
            for day in run.days
            for account, passed in day.accounts.items()
            for fill in passed.fills
        ),
        messages=tuple(_messages(models, sessions, lang)),
        figures=history_figures(run),
        nothing=history_figures(untouched),
        fall=fall,
        untouched_fall=untouched_fall,
        run=run,
        lengthened=late,
    )


def _crisis(name: str) -> Crisis:
    known = {each.name: each for each in crises()}
    found = known.get(CRISES.get(name, name))
    if found is None:
        raise UsageError(f"{name!r} is not a crisis; use {', '.join((*CRISES, *known))}")
    return found


def _refuse_beyond(market: Market, sessions: Sequence[date], crisis: Crisis) -> None:
    """Raise :class:`~jeoul.errors.BeyondData` where sessions end before the low of a crisis."""
    if max(sessions, default=date.min) < crisis.end:
        raise BeyondData(
            crisis.end.isoformat(),
            market.last_session().isoformat(),
            "choose another crisis, or a market folder that covers it",
        )


def _span(
    file: HouseholdFile, market: Market, sessions: Sequence[date], models: Sequence[Model]
) -> HistorySpan:
    """Return the sessions, planned on the first and where a model trades."""
    traded = {model.history.day(trade.row) for model in models for trade in model.trace.trades}
    every = set(sessions)
    if any(each.kind == "overseas" for each in file.accounts.values()):
        every |= set(sessions_within(market, "XNYS", sessions[0], sessions[-1]))
    planned = {sessions[0], *(traded & set(sessions))}
    return HistorySpan(sessions=tuple(sorted(every)), planned=frozenset(planned))


def _messages(models: Sequence[Model], sessions: Sequence[date], lang: str) -> list[Message]:
    """Return the alarms of all models, each once, on the session whose decision sees it."""
    found: dict[str, Message] = {}
    for model in models:
        for alarm in overlay_alarms(model, sessions[0] - timedelta(days=1)):
            day = next((each for each in sessions if each >= alarm.session), None)
            if day is not None:
                found.setdefault(alarm.key, Message(day, alarm_text(alarm, lang)))
    return sorted(found.values(), key=lambda each: each.session)


def _days(
    run: HouseholdHistory, untouched: HouseholdHistory, sessions: frozenset[date]
) -> Iterator[DrillDay]:
    units = [_units(each) for each in (run, untouched)]
    for one, other, planned, left in zip(run.days, untouched.days, *units, strict=True):
        if one.session in sessions:
            yield DrillDay(one.session, one.worth, other.worth, (float(planned), float(left)))


def _falls(days: Sequence[DrillDay]) -> Iterator[float]:
    """Yield the deepest fall of the units with the plan, then that with nothing done."""
    for units in zip(*(each.units for each in days), strict=True):
        yield max_drawdown(np.array([1.0, *units]))


def _units(run: HouseholdHistory) -> Reals:
    worth = np.array([day.worth for day in run.days], dtype=np.float64)
    flows = np.array([day.new for day in run.days], dtype=np.float64)
    return unit_values(worth, flows, float(run.begun))
