"""The past of a profile as a page shows it: its tables and charts in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul import metrics
from jeoul.backtesting.past.currency import OWNER, Currencies
from jeoul.backtesting.past.record import Past, currency_years
from jeoul.backtesting.past.rolling import SESSIONS
from jeoul.backtesting.past.stress import Stress
from jeoul.backtesting.past.windows import PastWindow, windows
from jeoul.backtesting.periods import Period
from jeoul.reporting.beside import BesideView, beside_view
from jeoul.reporting.charts.axes import Axis, day_axis, number_axis, percent_axis
from jeoul.reporting.charts.columns import BarSeries, column_chart
from jeoul.reporting.charts.figure import Figure, FigureTable
from jeoul.reporting.charts.heat import heat_map
from jeoul.reporting.charts.lines import Line, line_chart
from jeoul.reporting.facts import ProfileFacts, Track
from jeoul.reporting.formats import Formats


class Record(NamedTuple):
    """The track record of a profile: the account beside the model, and the model's past."""

    beside: BesideView | None
    past: PastView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastView:
    """The tables and charts of a past; a chart is None where there is nothing to draw.

    ``rates`` says in a sentence what exchange rates made, "" without them.
    """

    windows: FigureTable
    years: Figure
    months: Figure
    volatility: Figure | None
    sharpe: Figure | None
    currency: Figure | None
    rates: str
    crises: FigureTable | None


def record_view(profile: ProfileFacts, formats: Formats) -> Record:
    """Return the track record of a profile in the language of ``formats``."""
    account = next((track for track in profile.tracks if track.key == "account"), None)
    return Record(beside_view(profile.beside, formats), past_view(profile.past, account, formats))


def past_view(past: Past | None, account: Track | None, formats: Formats) -> PastView | None:
    """Return the past in the language of ``formats``; ``account`` is the one that could be had."""
    if past is None:
        return None
    return PastView(
        windows=_windows(past.windows, account, formats),
        years=_years(past, formats),
        months=_months(past, formats),
        volatility=_rolling(past, "volatility", formats),
        sharpe=_rolling(past, "sharpe", formats),
        currency=None if past.currencies is None else _currency(past.currencies, formats),
        rates="" if past.currencies is None else _rates(past, past.currencies, formats),
        crises=_crises(past, formats),
    )


def _windows(own: Sequence[PastWindow], account: Track | None, formats: Formats) -> FigureTable:
    """Return a row for each span; the account's column says nothing where it begins later."""
    say = formats.say
    had: dict[str, PastWindow] = {}
    if account is not None:
        had = {each.name: each for each in windows(account.sessions, account.nav)}
    heads = ["window", "total", "yearly", *(["account"] if account is not None else [])]
    rows = []
    for each in own:
        cells = [_window_name(each, formats), *_window_cells(each, formats)]
        if account is not None:
            other = had[each.name]
            same = other.start == each.start
            cells.append(formats.percent(other.total) if same and other.start else "–")
        rows.append(tuple(cells))
    return FigureTable(tuple(say(f"past.{head}") for head in heads), tuple(rows))


def _window_name(window: PastWindow, formats: Formats) -> str:
    return formats.say(f"past.window_{window.name}", {"start": formats.day(window.start)})


def _window_cells(window: PastWindow, formats: Formats) -> tuple[str, str]:
    if window.total is None:
        return formats.say("past.outside"), "–"
    yearly = "–" if window.yearly is None else formats.percent(window.yearly)
    return formats.percent(window.total), yearly


def _years(past: Past, formats: Formats) -> Figure:
    say = formats.say
    series = [BarSeries(say("past.strategy"), _growths(past.years))]
    if past.held_years:
        growths = {each.name: each.growth for each in past.held_years}
        series.append(
            BarSeries(say("past.held"), [growths.get(e.name, np.nan) for e in past.years])
        )
    return column_chart(
        say("past.years"),
        series,
        [each.name for each in past.years],
        percent_axis(formats, say("past.axis_return")),
        named=say("past.year"),
    )


def _growths(years: Sequence[Period]) -> list[float]:
    return [each.growth for each in years]


def _months(past: Past, formats: Formats) -> Figure:
    say = formats.say
    names = [say("past.month", {"month": name}) for name in say("past.month_names").split()]
    return heat_map(
        say("past.months"),
        [str(year) for year in reversed(past.months.years)],
        names,
        past.months.returns[::-1],
        percent_axis(formats, say("past.axis_month")),
    )


def _rolling(past: Past, figure: str, formats: Formats) -> Figure | None:
    say = formats.say
    lines = [
        Line(say(f"past.{name}"), each.sessions, np.asarray(getattr(each, figure)))
        for name, each in (("strategy", past.rolling), ("held", past.held_rolling))
        if each is not None and len(each.sessions)
    ]
    title = say(f"past.axis_{figure}")
    axis: Axis = percent_axis(formats, title, 0.0)
    if figure == "sharpe":
        axis = number_axis(formats, title, 0.0)
    return line_chart(
        say(f"past.rolling_{figure}", {"sessions": SESSIONS}),
        day_axis(say("past.session")),
        axis,
        lines,
        size="short",
    )


def _currency(found: Currencies, formats: Formats) -> Figure:
    say = formats.say
    years = currency_years(found)
    return column_chart(
        say("past.currency"),
        [
            BarSeries(say("past.local"), [local for _, _, local in years]),
            BarSeries(say("past.rate"), [own - local for _, own, local in years]),
        ],
        [name for name, _, _ in years],
        percent_axis(formats, say("past.axis_won")),
        named=say("past.year"),
        stacked=True,
    )


def _rates(past: Past, found: Currencies, formats: Formats) -> str:
    """Return what exchange rates made of the return a year, or of the span of a short path."""
    short = metrics.is_short(found.sessions)
    own, local = (
        metrics.total_return(path) if short else metrics.growth_rate(found.sessions, path)
        for path in (found.own, found.local)
    )
    kind = "past.currency_own" if past.currency == OWNER else "past.currency_foreign"
    text = formats.say(
        kind,
        {
            "exposed": formats.percent(found.exposed, 0),
            "own": formats.percent(own),
            "local": formats.percent(local),
            "rate": formats.points(own - local),
        },
    )
    if not found.unknown:
        return text
    return text + formats.say(
        "past.currency_unknown", {"unknown": formats.percent(found.unknown, 0)}
    )


def _crises(past: Past, formats: Formats) -> FigureTable | None:
    if not past.stresses:
        return None
    say = formats.say
    heads = [say(f"past.{name}") for name in ("crisis", "days")]
    heads.append(say("past.change", {"amount": formats.money(past.amount)}))
    heads += [say(f"past.crisis_{name}") for name in ("return", "fall")]
    return FigureTable(tuple(heads), tuple(_crisis(each, formats) for each in past.stresses))


def _crisis(found: Stress, formats: Formats) -> tuple[str, ...]:
    crisis = found.crisis
    days = formats.say("report.history_span", {"start": crisis.start, "end": crisis.end})
    name = crisis.title[formats.language]
    if found.growth is None:
        outside = formats.say("past.crisis_outside")
        if found.covered:
            outside = formats.say(
                "past.crisis_covered", {"covered": formats.percent(found.covered, 0)}
            )
        return name, days, outside, "–", "–"
    return (
        name,
        days,
        formats.money(found.change),
        formats.percent(found.growth),
        formats.percent(found.max_drawdown),
    )
