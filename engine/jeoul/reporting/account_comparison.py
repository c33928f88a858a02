"""The page of an account comparison: what each route leaves, its course, and every tax step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jeoul.advice.compare import RouteResult, yearly_return
from jeoul.advice.explain import explain, word
from jeoul.messages import say
from jeoul.model.calendar import Reals
from jeoul.reporting.charts.axes import day_axis, money_axis
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey
from jeoul.reporting.charts.lines import Line, line_chart
from jeoul.reporting.charts.rows import BarRow, Piece, row_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.pages import PageHead, render_page

_ZONE = "Asia/Seoul"


def columns(*, health: bool) -> tuple[str, ...]:
    """Return the columns of the table; premiums only where the status is known.

    What is left after tax stands first: a phone shows two columns without scrolling.

    >>> columns(health=False)
    ('route', 'after', 'rate', 'paid', 'value', 'tax', 'credits')
    """
    behind = ("paid", "value", "tax", *(("health",) if health else ()), "credits")
    return ("route", "after", "rate", *behind)


def cells(
    found: RouteResult, *, health: bool, money: Callable[[int], str] = "{:,}".format
) -> tuple[str, ...]:
    """Return the figures of a row, in the order of the columns behind the name."""
    numbers = [found.paid, found.value, found.tax]
    numbers += [found.health] if health else []
    numbers += [found.credits]
    return (money(found.after_tax), f"{yearly_return(found):z.2%}", *map(money, numbers))


def label(language: str, found: RouteResult) -> str:
    """Return what a route is called in a language."""
    route = found.route
    if route.title is None:
        name = say(language, f"compare.route_{route.name}")
    elif route.yearly:
        name = say(language, "compare.own_yearly", {"fund": route.title})
    else:
        detail = {"fund": route.title, "account": word(language, route.account)}
        name = say(language, "compare.own", detail)
    return say(language, "compare.lump", {"name": name}) if found.lump else name


def title_of(language: str, results: Sequence[RouteResult]) -> str:
    """Return the title: what is paid, when, and that the figures are after tax."""
    monthly = next((found for found in results if not found.lump), None)
    lump = next((found for found in results if found.lump), None)
    first = results[0].line
    detail: dict[str, object] = {"first": first[0].day, "last": first[-1].day}
    if monthly is not None:
        months = len(monthly.line) - 1
        detail |= {"months": months, "monthly": monthly.paid // months, "paid": monthly.paid}
    if lump is not None:
        detail["lump"] = lump.paid
    if lump is None:
        return say(language, "compare.title", detail)
    return say(language, "compare.title_lump" if monthly is None else "compare.title_both", detail)


def render(
    language: str,
    results: Sequence[RouteResult],
    remarks: Sequence[str],
    *,
    health: bool = False,
    simulated: bool = False,
) -> str:
    """Return an HTML page: the table after all taxes, the charts, and every tax step."""
    names = columns(health=health)
    heads = tuple(say(language, f"compare.column_{name}") for name in names)
    money = Formats(language, _ZONE).money
    rows = tuple(
        (label(language, each), *cells(each, health=health, money=money)) for each in results
    )
    head = PageHead(
        language=language,
        kind=say(language, "compare.kind"),
        title=title_of(language, results),
        simulated=simulated,
        day=results[0].line[-1].day,
    )
    once = [each for each in results if each.lump]
    monthly = [each for each in results if not each.lump]
    return render_page(
        "comparison/page.html.j2",
        head,
        "compare",
        routes=FigureTable(heads, rows),
        left=[left_chart(language, group) for group in (monthly, once) if group],
        charts=[course_chart(language, group) for group in (monthly, once) if group],
        steps=[
            (label(language, each), [explain(language, step) for step in each.steps])
            for each in results
        ],
        remarks=remarks,
    )


def left_chart(language: str, results: Sequence[RouteResult]) -> Figure:
    """Return bars of what each route leaves after tax, with its taxes behind."""
    formats = Formats(language, _ZONE)
    after, tax = (say(language, f"compare.column_{name}") for name in ("after", "tax"))
    rows = []
    for each in results:
        pieces = [Piece("s1", after, each.after_tax), Piece("s0", tax, each.tax + each.health)]
        rows.append(BarRow(label(language, each), formats.money(each.after_tax), pieces))
    keys = [LegendKey("s1", after), LegendKey("s0", tax)]
    text = money_axis(formats, "").text
    return row_chart(say(language, "compare.bars"), rows, text, keys=keys)


def course_chart(language: str, results: Sequence[RouteResult]) -> Figure | None:
    """Return what was paid in and what each route was worth, before the taxes of the end.

    Routes that differ by their taxes alone share a line.
    """
    formats = Formats(language, _ZONE)
    courses: list[tuple[list[str], Reals]] = []
    for each in results:
        values = np.array([float(point.value) for point in each.line])
        shared = (names for names, course in courses if np.allclose(course, values, rtol=1e-3))
        names = next(shared, None)
        if names is None:
            courses.append(([label(language, each)], values))
        else:
            names.append(label(language, each))
    days = np.array([point.day for point in results[0].line], "datetime64[D]")
    paid = np.array([float(point.paid) for point in results[0].line])
    lines = [Line(" = ".join(names), days, values) for names, values in courses]
    return line_chart(
        say(language, "compare.chart"),
        day_axis(),
        money_axis(formats, say(language, "compare.axis_value"), 0.0),
        [*lines, Line(say(language, "compare.paid"), days, paid)],
    )
