"""The efficient frontier as a chart: expected return over volatility."""

from __future__ import annotations

from jeoul.reporting.charts.axes import percent_axis
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.scatter import Point, scatter_chart
from jeoul.reporting.facts import FrontierFacts
from jeoul.reporting.formats import Formats


def frontier_chart(facts: FrontierFacts | None, formats: Formats) -> Figure | None:
    """Return the frontier with every profile's allocation and the strategic split; None without."""
    if facts is None:
        return None
    label = formats.say(
        "report.frontier_label",
        {
            "least": formats.percent(float(facts.volatility[0])),
            "least_mean": formats.percent(float(facts.mean[0]), 2),
            "most": formats.percent(float(facts.volatility[-1])),
            "most_mean": formats.percent(float(facts.mean[-1]), 2),
            "volatility": formats.percent(facts.allocation[0]),
            "mean": formats.percent(facts.allocation[1], 2),
        },
    )
    return scatter_chart(
        formats.say("report.chart_frontier"),
        percent_axis(formats, formats.say("report.axis_volatility")),
        percent_axis(formats, formats.say("report.axis_expected"), digits=2),
        [
            Point(*facts.allocation, formats.say("report.frontier_allocation")),
            Point(*facts.strategic, formats.say("report.frontier_strategic"), style=1),
            *(
                Point(*at, formats.title(name), style=2 + place)
                for place, (name, at) in enumerate(facts.others)
            ),
        ],
        curve=(facts.volatility, facts.mean),
        label=label,
    )
