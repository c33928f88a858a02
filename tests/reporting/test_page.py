"""The page: what stands on it, that it loads nothing, and that nothing missing looks like 0."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from jeoul.backtesting.past.months import by_month
from jeoul.backtesting.past.record import Past
from jeoul.backtesting.past.rolling import rolling
from jeoul.backtesting.past.windows import windows
from jeoul.backtesting.periods import by_year
from jeoul.errors import UsageError
from jeoul.model.measurements import Measurements, Observed
from jeoul.model.portfolio import Reason
from jeoul.reporting import render_html
from jeoul.reporting.account_facts import AccountChange, AccountStanding
from jeoul.reporting.facts import Latch, ProfileFacts, ReportFacts, Stance
from jeoul.reporting.text import Text

VOID = {"meta", "br", "path", "rect"}


class Outline(HTMLParser):
    """The texts of a page by tag, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: Any) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: Any) -> None:
        if not self.open or self.open[-1] != "style":
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(text for text in self.texts if text)


def with_profile(facts: ReportFacts, profile: ProfileFacts, **changed: object) -> ReportFacts:
    return replace(facts, profiles=(replace(profile, **changed),))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_tag_is_closed_and_every_reference_stays_inside(facts: Any, lang: str) -> None:
    page = render_html(facts, lang)
    outline = Outline(page)
    assert outline.open == []
    links = [value for name, value in outline.attributes if name in {"src", "href"}]
    assert links
    assert all(link.startswith("#") for link in links)
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<iframe", bare)
    assert set(re.findall(r"url\(([a-z]+:[a-z]+/[a-z]+)", page)) == {"data:font/woff"}
    assert f'<html lang="{lang}">' in page


def test_the_decision_comes_before_everything_else(facts: Any) -> None:
    text = Outline(render_html(facts, "en")).text
    order = (
        "2 orders: sell ₩436,980, buy ₩59,400,000.",
        "Fees ₩9,234.",
        "Why",
        "Expected volatility",
        "Worst drawdown",
        "With and without the risk rules",
    )
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "Scheduled rebalancing date (model turnover 30.0%)" in text
    assert "not yet recovered" in text
    assert "the same allocation returned 9.1% a year" in text


def test_a_figure_that_the_orders_leave_as_it_is_is_not_compared(facts: Any, profile: Any) -> None:
    now = AccountStanding(weights={"CASH": 1.0}, away=0.683, risk=0.313, volatility=0.0471)
    after = AccountStanding(weights={"CASH": 1.0}, away=0.19, risk=0.325, volatility=0.0468)
    page = render_html(
        with_profile(facts, profile, change=AccountChange(now=now, after=after)), "en"
    )
    text = Outline(page).text
    assert "68.3% away from its target instead of 19.0%" in text
    assert "31.3% instead of 32.5%" in text
    assert "4.7% a year instead" not in text


def test_without_risk_rules_no_past_is_compared_with_itself(facts: Any, profile: Any) -> None:
    days = np.arange("2020-01-02", "2024-06-29", dtype="datetime64[D]")
    nav = 1.0002 ** np.arange(float(len(days)))
    years, along = by_year(days, nav), rolling(days, nav, np.zeros(len(days)), 247.0)
    past = Past(
        windows=windows(days, nav), years=years, held_years=years, months=by_month(days, nav),
        rolling=along, held_rolling=along, currencies=None, stresses=(), amount=1, currency="KRW",
    )  # fmt: skip
    ruled = with_profile(facts, profile, past=past)
    assert Outline(render_html(ruled, "en")).texts.count("No risk rules") > 2
    overlay = replace(profile.overlay, latches=(), transitions=())
    free = with_profile(facts, profile, past=past, overlay=overlay)
    assert "No risk rules" not in Outline(render_html(free, "en")).text


def test_alone_a_profile_has_no_heading_that_skips_a_level(facts: Any, profile: Any) -> None:
    alone = render_html(with_profile(facts, profile), "en").partition('class="reasons"')[2]
    assert alone.lstrip("> \n").startswith('<h4 aria-level="3">')


def test_korean_says_the_same(facts: Any) -> None:
    text = Outline(render_html(facts, "ko")).text
    assert "주문 2건: 매도 436,980원, 매수 59,400,000원" in text
    assert "수수료 9,234원." in text
    assert "목표 대비 초과" in text
    assert "Buy" not in text


def test_a_cell_of_the_comparison_names_its_way_where_the_table_is_stacked(
    facts: Any, profile: Any
) -> None:
    page = render_html(facts, "ko")
    table = page[page.index('<table class="compared">') :].partition("</table>")[0]
    cells = re.findall(r"<td[^>]*>", table)[1:]
    assert len(cells) == 8 * len(profile.tracks)
    assert all("data-label=" in cell for cell in cells)
    phone = page.partition("@media (max-width:559px)")[2].partition("@media")[0]
    assert ".compared tr{display:grid" in phone
    assert ".compared td::before{content:attr(data-label)" in phone


def test_a_level_that_must_be_passed_is_not_said_to_be_reached(facts: Any, profile: Any) -> None:
    loss = Latch(
        name=Text("손실 한도", "Loss limit"),
        reading=0.01,
        enter=0.08,
        exit=0.08,
        on=False,
        unit="percent",
        beyond=True,
        note=Text("한도의 설명", "Where it comes from"),
    )
    overlay = replace(profile.overlay, latches=(loss,))
    changed = with_profile(facts, profile, overlay=overlay)
    english, korean = (Outline(render_html(changed, lang)).text for lang in ("en", "ko"))
    assert "above 8.0% 8.0% or less" in english
    assert "8.0% 초과 8.0% 이하" in korean
    assert "Where it comes from" in english
    assert "한도의 설명" in korean


def test_one_order_is_one_order(facts: Any, profile: Any) -> None:
    page = render_html(with_profile(facts, profile, orders=profile.orders[:1]), "en")
    assert "1 order: sell" in page


def test_no_orders_are_said_not_left_blank(facts: Any, profile: Any) -> None:
    page = render_html(with_profile(facts, profile, orders=()), "en")
    assert page.count("Nothing to do today: no orders.") == 1


@pytest.mark.parametrize(("lang", "word"), [("ko", "모의 데이터"), ("en", "Simulated data")])
def test_simulated_data_is_called_so_at_the_top_and_in_every_profile(
    facts: Any, lang: str, word: str
) -> None:
    two = replace(facts, profiles=(*facts.profiles, replace(facts.profiles[0], profile="growth")))
    page = render_html(two, lang)
    assert page.index(word) < page.index("<h1>")
    sections = page.split('class="profile"')[1:]
    assert len(sections) == 2
    assert all(word in section for section in sections)
    assert word not in render_html(replace(two, simulated=False), lang)


def test_names_from_files_are_escaped_everywhere(facts: Any, profile: Any) -> None:
    hostile = Text("<script>alert(1)</script>\"'&", "<img src=x onerror=alert(1)>")
    hidden = with_profile(
        replace(
            facts,
            title=hostile,
            strategy="<b>",
            classes=tuple(replace(item, name=hostile) for item in facts.classes),
            versions=(("<i>", "<u>"),),
            inputs_id="</code><script>",
        ),
        profile,
        name=hostile,
        positions=tuple(replace(item, name=hostile) for item in profile.positions),
        orders=tuple(replace(item, name=hostile) for item in profile.orders),
        tracks=tuple(replace(item, name=hostile) for item in profile.tracks),
    )
    for lang in ("ko", "en"):
        page = render_html(hidden, lang)
        assert Outline(page).open == []
        assert not re.search(r"<script|<img|<b>alert|<i>|<u>", page)


@pytest.mark.parametrize(
    ("lang", "line", "rate", "missing"),
    [
        ("ko", "시장 상태: 위험 축소", "한국은행 기준금리 연 3.50% (2024-06)", "상승률 미확인"),
        ("en", "Market: risk reduced", "base rate 3.50% a year (2024-06)", "US inflation unknown"),
    ],
)
def test_the_stance_begins_with_one_line_of_the_market(
    facts: Any, profile: Any, lang: str, line: str, rate: str, missing: str
) -> None:
    base = Observed(series="bok_base_rate", value=3.5, day=date(2024, 6, 30))
    name, latch = Text("규칙", "Rule"), profile.overlay.latches[0]
    row = Stance(key="vix", topic="volatility", latch=latch, effect=name, today=name, acts=True)
    measured = Measurements(line="reduced", base_rate=base)
    shown = replace(facts, stance=(row,), measured=measured)
    stance = render_html(shown, lang).split('id="stance"', 1)[1].split("<table", 1)[0]
    assert line in stance
    assert rate in stance
    assert missing in stance


def test_unknown_and_undefined_are_words_and_never_0(facts: Any, profile: Any) -> None:
    bare = with_profile(
        replace(facts, market_volatility=(), sources=(), findings=(), versions=()),
        profile,
        expected_volatility=None,
        allocation_volatility=None,
        realised_volatility=math.nan,
        realised_sessions=None,
        risk_share=None,
        efficiency=math.nan,
        expense_ratio=None,
        idle_cash=None,
        positions=tuple(replace(item, risk_contribution=None) for item in profile.positions),
        orders=tuple(replace(order, cost=None) for order in profile.orders),
        tracks=tuple(
            replace(
                item,
                cagr=None,
                cagr_range=None,
                year_range=None,
                volatility=None,
                max_drawdown=None,
                sharpe=None,
                turnover=None,
                cost=None,
                proxy_share=None,
                drawdowns=(),
            )
            for item in profile.tracks
        ),
        overlay=replace(
            profile.overlay, latches=(replace(profile.overlay.latches[0], reading=None),)
        ),
    )
    page = render_html(bare, "en")
    text = Outline(page).text
    assert "Fees unknown." in text
    assert "Expected volatility unknown" in text
    assert "Realised volatility undefined" in text
    assert "Worst drawdown unknown" in text
    figures = re.sub(r"<details class=\"data\">.*?</details>", "", page, flags=re.DOTALL)
    assert not re.search(r"nan|None|(?<![\d.,])0\.00?%", Outline(figures).text)
    korean = Outline(render_html(bare, "ko")).text
    assert "예상 변동성 미확인" in korean
    assert "실현 변동성 정의되지 않음" in korean


def test_a_strategy_without_risk_control_has_no_readings(facts: Any, profile: Any) -> None:
    calm = replace(profile.overlay, latches=(), episodes=(), reasons=())
    text = Outline(render_html(with_profile(facts, profile, overlay=calm), "en")).text
    assert "This strategy has no risk control." in text
    assert "Grey bands" not in text
    assert "With and without the risk rules" not in text
    assert "Simply held" in Outline(render_html(facts, "en")).text
    assert "Simply held" not in text  # it would be the strategy once more


def test_rules_are_named_in_the_language_of_the_page(facts: Any, profile: Any) -> None:
    held = Reason.of("overlay.held", latch="trend", since="2023-12-01", scale="50%")
    guarded = replace(profile.overlay, reasons=(held,))
    korean = render_html(with_profile(facts, profile, overlay=guarded), "ko")
    assert "추세 경보가 2023-12-01부터 발동 중입니다" in korean


def test_the_page_says_what_it_is_not(facts: Any) -> None:
    korean, english = (Outline(render_html(facts, lang)).text for lang in ("ko", "en"))
    assert "종합투자계좌" in korean
    assert "종합투자계좌" in english
    assert "투자자문업·투자일임업 등록이 필요합니다" in korean
    assert "Returns are not guaranteed." in english


def test_instants_stand_in_the_time_of_the_market(facts: Any) -> None:
    text = Outline(render_html(facts, "en")).text
    assert "Decided at 2023-12-30 08:30" in text


def test_a_few_findings_are_open(facts: Any) -> None:
    """A fund whose facts are unknown is read without a click."""
    few = render_html(replace(facts, findings=facts.findings[:1]), "en")
    assert '<details class="findings" open>' in few


def test_findings_are_folded_and_grouped(facts: Any) -> None:
    first = facts.findings[0]
    many = tuple(replace(first, day=first.day.replace(day=day)) for day in range(1, 8))
    page = render_html(replace(facts, findings=many), "en")
    assert "Data findings: 7" in page
    assert '<details class="findings">' in page
    assert page.count("<details><summary><b>114260</b>") == 1


def test_dollars_are_counted_in_cents(facts: Any) -> None:
    text = Outline(render_html(replace(facts, currency="USD", amount=50_000), "en")).text
    assert "$50,000.00 in each profile" in text
    assert "$364.15" in text


def test_the_same_facts_give_the_same_bytes(facts: Any) -> None:
    assert render_html(facts, "ko") == render_html(facts, "ko")


def test_the_page_is_small(facts: Any) -> None:
    assert len(render_html(facts, "ko").encode()) < 500_000


def test_another_language_is_refused(facts: Any) -> None:
    with pytest.raises(UsageError, match="use one of ko, en"):
        render_html(facts, "de")


def test_importing_the_report_loads_no_heavy_library() -> None:
    code = (
        "import sys, jeoul.reporting;"
        "print([m for m in ('pandas', 'cvxpy', 'jinja2', 'fontTools') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
