"""A page with every chart of the kit, crowded as real ones are: long names, many lines, gaps."""

from __future__ import annotations

from datetime import date, timedelta
from unittest.mock import patch

import numpy as np
from jinja2 import ChoiceLoader, DictLoader

from jeoul.reporting import pages
from jeoul.reporting.charts.axes import (
    day_axis,
    money_axis,
    number_axis,
    percent_axis,
    times_axis,
)
from jeoul.reporting.charts.columns import BarSeries, column_chart
from jeoul.reporting.charts.figure import Figure, FigureTable, LegendKey
from jeoul.reporting.charts.heat import heat_map
from jeoul.reporting.charts.lanes import Lane, LaneSpan, lane_chart
from jeoul.reporting.charts.lines import Band, EventTick, Line, Stretch, line_chart
from jeoul.reporting.charts.ranges import MarkedRange, range_chart
from jeoul.reporting.charts.rows import BarRow, Piece, row_chart
from jeoul.reporting.charts.scatter import Point, scatter_chart
from jeoul.reporting.formats import Formats
from jeoul.reporting.templating import environment

TEMPLATE = """{% extends "base.html.j2" %}
{% import "kit.html.j2" as kit with context %}
{% block main %}
{% for figure in figures %}
{% call kit.section("chart-" ~ loop.index, figure.caption, tag=true) %}
{{ kit.figure(figure) }}
{{ kit.table(figure.table, figure.caption, class="cards") }}
{% endcall %}
{% endfor %}
{% endblock %}"""
F = Formats("ko", "Asia/Seoul")
DAYS = np.arange("2018-01-01", "2024-07-01", dtype="datetime64[D]")
NAMES = (
    "내 계좌",
    "모델",
    "S&P 500과 60/40을 섞은 비교지수",
    "정기예금",
    "KOSPI 200",
    "소비자물가",
)


def path(place: int) -> np.ndarray:
    return np.exp(np.sin(np.arange(len(DAYS)) / 90 + place) / 9 + np.arange(len(DAYS)) * 1e-4)


def line_charts() -> list[Figure | None]:
    gap = np.where((DAYS[500] < DAYS) & (DAYS[700] > DAYS), np.nan, path(0))
    years = np.arange(0.0, 21.0)
    middle = 1e7 * 1.05**years + 6e6 * years
    won = money_axis(F, "평가금액(원)", 0.0)
    return [
        line_chart(
            "여섯 계좌의 평가금액",
            day_axis("거래일"),
            won,
            [Line(name, DAYS, 1e8 * path(place)) for place, name in enumerate(NAMES)],
        ),
        line_chart(
            "모르는 날이 있는 기준가",
            day_axis("거래일"),
            times_axis(F, "시작일 대비 배수(로그 눈금)"),
            [Line("수정기준가", DAYS, gap), Line("비교지수", DAYS, path(1))],
            behind=[Stretch(date(2020, 2, 1), date(2020, 6, 1)), EventTick(date(2020, 3, 1))],
            size="short",
        ),
        line_chart(
            "목표까지의 경로",
            number_axis(F, "연수", digits=0),
            won,
            [Line("중간값", years, middle)],
            bands=[
                Band("80%", years, middle * 0.6, middle * 1.7),
                Band("50%", years, middle * 0.8, middle * 1.2),
            ],
        ),
    ]


def other_charts() -> list[Figure]:
    rates = np.sin(np.arange(84.0)).reshape(7, 12) * 0.04
    rates[2, 3] = np.nan
    percent = percent_axis(F, "수익률")
    years = [str(year) for year in range(2004, 2024)]
    first, last = date(2010, 1, 4), date(2024, 6, 28)
    lanes = [
        Lane(
            name,
            [LaneSpan("s1", first + timedelta(400 * place), last), LaneSpan("w1", last, last)],
            [last],
        )
        for place, name in enumerate(("069500", "us_high_yield", "USDKRW", "VIX3M"))
    ]
    weights = [Piece(f"r{n}", name, 0.9 / 2 ** (n + 1)) for n, name in enumerate(NAMES[:5])]
    promised = [percent_axis(F, title, 0.0, 1.0) for title in ("약속", "실현")]
    points = [
        Point(0.5, 0.46, "한 달", 0, (0.4, 0.55)),
        Point(0.8, 0.83, "일 년의 수익률", 1, (0.7, 0.9)),
        Point(0.82, 0.8, "최대 낙폭", 2, (0.7, 0.95)),
    ]
    return [
        column_chart(
            "연도별 수익률",
            [
                BarSeries("모델", np.sin(np.arange(20.0)) / 9),
                BarSeries("계좌", np.cos(np.arange(20.0)) / 9),
            ],
            years,
            percent,
            named="연도",
        ),
        column_chart("분기 수익률", [BarSeries("계좌", [0.012, -0.034, 0.05])], years[:3], percent),
        column_chart(
            "비용 내역",
            [BarSeries(name, np.arange(1.0, 7.0) * 1e5) for name in NAMES],
            years[:6],
            money_axis(F, "금액(원)"),
            stacked=True,
        ),
        heat_map("월별 수익률", years[:7], [f"{n}월" for n in range(1, 13)], rates, percent),
        scatter_chart(
            "약속과 실현",
            promised[0],
            promised[1],
            points,
            diagonal=True,
            heads=("항목", "90% 구간"),
        ),
        range_chart(
            "값별 샤프 비율",
            number_axis(F, "샤프 비율"),
            [
                MarkedRange("0.05", 0.4, 0.5, 0.7, 0.62),
                MarkedRange("rebalance.band", 0.2, 0.3, 0.5),
            ],
            FigureTable(("값", "최저"), (("0.05", "0.40"),)),
        ),
        lane_chart(
            "수록 기간",
            lanes,
            (first, last),
            FigureTable(("열",), (("VIX",),)),
            [LegendKey("s1", "시세")],
        ),
        row_chart(
            "자산 배분",
            [
                BarRow(
                    "연금저축계좌와 개인형 퇴직연금의 자산",
                    "123,456,789원",
                    weights,
                    before=weights[:2],
                )
            ],
            F.percent,
            inside="{:.0%}".format,
            whole=1.0,
        ),
    ]


def gallery() -> str:
    """Return the page; its template is not one of the package."""
    own = environment().overlay()
    assert own.loader is not None
    own.loader = ChoiceLoader([DictLoader({"gallery.html.j2": TEMPLATE}), own.loader])
    head = pages.PageHead(language="ko", kind="시연", title="차트", simulated=True)
    figures = [each for each in line_charts() if each is not None] + other_charts()
    with patch.object(pages, "environment", lambda: own):
        return pages.render_page("gallery.html.j2", head, "page", figures=figures)
