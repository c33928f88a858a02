"""The page of ``jeoul promises``: hit rates with their intervals, and a calibration of months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jeoul.promises.law import SHARE
from jeoul.promises.promise import Promise
from jeoul.promises.scoring import FEWEST, RangeScore, RateScore, Scored
from jeoul.reporting.charts.axes import percent_axis
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey
from jeoul.reporting.charts.ranges import MarkedRange, range_chart
from jeoul.reporting.charts.scatter import Point, scatter_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.pages import PageHead, render_page
from jeoul.reporting.promises.document import ShownPromises


@dataclass(frozen=True, slots=True, kw_only=True)
class _Half:
    title: str
    about: str
    shares: Figure
    ranges: FigureTable
    rates: FigureTable
    calibration: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    title: str
    halves: Sequence[_Half]
    empty_after: str
    newest_title: str
    newest: Sequence[tuple[str, str]]


def render_promises(found: Sequence[ShownPromises], language: str) -> str:
    """Return the scores of profiles or accounts as one HTML page."""
    formats = Formats(language, "Asia/Seoul")
    head = PageHead(
        language=language,
        kind=formats.say("promises.kind"),
        title=formats.say("promises.title", {"strategy": found[0].strategy}),
        simulated=any(kept.simulated for kept in found),
        notes=[formats.say("promises.table", {"promised": formats.percent(SHARE, 0)})],
    )
    scored = [_shown(kept, formats) for kept in found]
    return render_page("promises/page.html.j2", head, "promises", scored=scored)


def _shown(kept: ShownPromises, formats: Formats) -> _Shown:
    profile = formats.say(f"profile.{kept.profile}")
    title = profile[:1].upper() + profile[1:]
    if kept.account is not None:
        title = formats.say("promises.title_account", {"account": kept.account})
    before, after = kept.halves
    known = kept.chosen is not None
    halves = []
    if before is not None:
        halves.append(_half("before" if known else "open", kept, before, formats))
    if after is not None:
        halves.append(_half("after" if kept.account is None else "account", kept, after, formats))
    newest = kept.newest
    return _Shown(
        title=title,
        halves=halves,
        empty_after=formats.say("promises.none_after", {"chosen": kept.chosen})
        if known and before is not None and after is None
        else "",
        newest_title=""
        if newest is None
        else formats.say("promises.newest", {"session": newest.session}),
        newest=() if newest is None else _newest(newest, formats),
    )


def _half(name: str, kept: ShownPromises, found: Scored, formats: Formats) -> _Half:
    about = {"before": "before", "open": "before_open", "after": "after"}.get(name, "after_account")
    detail: dict[str, object] = {
        "chosen": kept.chosen,
        "first": found.first,
        "last": found.last,
        "made": formats.count(found.made),
    }
    return _Half(
        title=formats.say(f"promises.title_half_{name}"),
        about=formats.say(f"promises.{about}", detail),
        shares=_shares(found.ranges, formats),
        ranges=_ranges(found.ranges, formats),
        rates=_rates(found.rates, formats),
        calibration=_calibration(found, formats),
    )


def _shares(ranges: Sequence[RangeScore], formats: Formats) -> Figure:
    axis = percent_axis(formats, formats.say("promises.shares_axis"), 0.0, 1.0, digits=0)
    drawn = [
        MarkedRange(
            name=formats.say(f"promises.short_{each.figure}"),
            low=each.hits.low,
            middle=each.hits.share,
            high=each.hits.high,
            marked=each.promised,
        )
        for each in ranges
        if each.hits.windows
    ]
    table = _ranges(ranges, formats)
    table = FigureTable(table.heads[:3], tuple(row[:3] for row in table.rows))
    keys = [LegendKey("s1", formats.say("promises.interval_key"))]
    return range_chart(formats.say("promises.shares"), axis, drawn, table, keys)


def _ranges(ranges: Sequence[RangeScore], formats: Formats) -> FigureTable:
    names = ("name", "share", "interval", "below", "above_range", "all", "verdict")
    rows = tuple(
        (
            formats.say(f"promises.{each.figure}"),
            _counted(each.hits.hits, each.hits.windows, formats),
            _interval(each.hits.low, each.hits.high, formats),
            formats.count(each.below),
            formats.count(each.above),
            formats.percent(each.all_share, 0),
            formats.say(f"promises.{each.verdict}", {"fewest": FEWEST}),
        )
        for each in ranges
    )
    return FigureTable(tuple(formats.say(f"promises.{name}") for name in names), rows)


def _rates(rates: Sequence[RateScore], formats: Formats) -> FigureTable:
    names = ("name", "promised_rate", "came_rate", "at_most")
    rows = tuple(
        (
            formats.say(f"promises.{each.figure}"),
            formats.percent(each.promised, 2),
            formats.percent(each.came, 2),
            _counted(each.at_most.hits, each.at_most.windows, formats),
        )
        for each in rates
        if each.at_most.windows
    )
    return FigureTable(tuple(formats.say(f"promises.{name}") for name in names), rows)


def _calibration(found: Scored, formats: Formats) -> Figure | None:
    known = [each for each in found.calibration if each.at_most.windows >= FEWEST]
    if not known:
        return None
    titles = [formats.say(f"promises.calibration_{axis}") for axis in ("x", "y")]
    x, y = (percent_axis(formats, title, 0.0, 1.0, digits=0) for title in titles)
    points = [
        Point(each.level, each.at_most.share, interval=(each.at_most.low, each.at_most.high))
        for each in known
    ]
    return scatter_chart(
        formats.say("promises.calibration_title"),
        x,
        y,
        points,
        diagonal=True,
        heads=("", formats.say("promises.interval")),
    )


def _newest(found: Promise, formats: Formats) -> list[tuple[str, str]]:
    ranges = {"month": found.month, "year": found.year, "drawdown": found.drawdown}
    rates = {"turnover": found.turnover, "cost": found.cost}
    return [
        *((formats.say(f"promises.{n}"), _interval(*r, formats, 1)) for n, r in ranges.items()),
        *((formats.say(f"promises.{n}"), formats.percent(r, 2)) for n, r in rates.items()),
    ]


def _interval(low: float, high: float, formats: Formats, digits: int = 0) -> str:
    ends = {"low": formats.percent(low, digits), "high": formats.percent(high, digits)}
    return formats.say("promises.range", {**ends})


def _counted(hits: int, windows: int, formats: Formats) -> str:
    return formats.say(
        "promises.of", {"hits": formats.count(hits), "windows": formats.count(windows)}
    )
