"""Small facts made by hand: two profiles, three years, every figure chosen."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest

from jeoul.model.finding import Finding, Severity
from jeoul.model.portfolio import Reason, Side
from jeoul.reporting.facts import (
    AssetClass,
    DrawdownFacts,
    Episode,
    Latch,
    MarketVolatility,
    OrderFacts,
    Overlay,
    PositionFacts,
    ProfileFacts,
    Range,
    ReportFacts,
    SourceFacts,
    Track,
)
from jeoul.reporting.text import Text

SESSIONS = np.arange("2021-01-04", "2024-01-01", dtype="datetime64[D]")
NAMES = {
    "strategy": Text("위험관리형", "Risk-managed"),
    "static": Text("그대로 보유", "Simply held"),
    "sixty_forty": Text("60/40", "60/40"),
    "cash": Text("현금", "Cash"),
}


def track(key: str, growth: float, **given: object) -> Track:
    """Return a track that grows evenly but for one fall of 20 % in the middle."""
    nav = np.exp(np.linspace(0.0, math.log(growth), len(SESSIONS)))
    if key != "cash":
        nav[400:500] *= 0.8
    return Track(
        key=key,
        name=NAMES[key],
        sessions=SESSIONS,
        nav=nav,
        cagr=growth ** (1 / 3) - 1.0,
        cagr_range=Range(-0.01, 0.12),
        year_range=Range(-0.15, 0.2),
        volatility=0.081,
        max_drawdown=-0.2,
        sharpe=math.nan if key == "cash" else 0.42,
        turnover=0.31,
        cost=0.0006,
        proxy_share=0.25,
        **given,  # type: ignore[arg-type]
    )


@pytest.fixture
def profile() -> ProfileFacts:
    return ProfileFacts(
        profile="balanced",
        name=Text("균형 포트폴리오", "balanced"),
        positions=(
            PositionFacts(
                code="069500",
                name=Text("KODEX 200", "KODEX 200"),
                asset_class="equity_kr",
                allocation=0.6,
                weight=0.3,
                risk_contribution=0.9,
            ),
            PositionFacts(
                code="114260",
                name=Text("KODEX 국고채3년", "KODEX Treasury 3Y"),
                asset_class="krw_bond",
                allocation=0.38,
                weight=0.68,
                risk_contribution=0.1,
            ),
            PositionFacts(
                code="CASH",
                name=Text("현금", "Cash"),
                asset_class="cash",
                allocation=0.02,
                weight=0.02,
                risk_contribution=0.0,
            ),
        ),
        overlay=Overlay(
            state="DEFENSE",
            name=Text("방어", "Defence"),
            calm=False,
            scale=0.5,
            since=date(2023, 12, 1),
            latches=(
                Latch(
                    name=Text("VIX", "VIX"),
                    reading=31.2,
                    enter=30.0,
                    exit=22.0,
                    on=True,
                    since=date(2023, 12, 1),
                    day=date(2023, 12, 29),
                    enter_closes=2,
                    exit_closes=5,
                    scale=0.5,
                ),
            ),
            episodes=(
                Episode(
                    start=date(2022, 2, 7),
                    end=date(2022, 5, 2),
                    scale=0.25,
                    name=Text("추세", "Trend"),
                ),
                Episode(start=date(2023, 12, 1), end=None, scale=0.5, name=Text("VIX", "VIX")),
            ),
        ),
        tracks=(
            track(
                "strategy",
                1.2,
                drawdowns=(
                    DrawdownFacts(
                        start=date(2022, 2, 7),
                        trough=date(2022, 2, 8),
                        recovery=None,
                        depth=-0.2,
                    ),
                ),
            ),
            track("static", 1.3),
            track("sixty_forty", 1.4),
            track("cash", 1.09),
        ),
        orders=(
            OrderFacts(
                side=Side.SELL,
                code="069500",
                name=Text("KODEX 200", "KODEX 200"),
                shares=12,
                price=36_415,
                reason=Reason.of("rebalance.sell_over", now="60.0%", target="30.0%", after="30.1%"),
                cost=1_234,
            ),
            OrderFacts(
                side=Side.BUY,
                code="114260",
                name=Text("KODEX 국고채3년", "KODEX Treasury 3Y"),
                shares=1_000,
                price=59_400,
                reason=Reason.of("rebalance.buy_under", now="38.0%", target="68.0%", after="67.9%"),
                cost=8_000,
            ),
        ),
        reasons=(Reason.of("trade.calendar", session="2023-12-29", turnover="30.0%"),),
        expected_volatility=0.05,
        allocation_volatility=0.09,
        realised_volatility=0.07,
        realised_sessions=252,
        volatility_limit=0.1,
        loss_limit=0.12,
        risk_share=0.3,
        efficiency=0.18,
        expense_ratio=0.0008,
        idle_cash=1_500,
    )


@pytest.fixture
def facts(profile: ProfileFacts) -> ReportFacts:
    return ReportFacts(
        as_of=date(2023, 12, 29),
        known_at=datetime(2023, 12, 29, 21, 0, tzinfo=UTC),
        decided_at=datetime(2023, 12, 29, 23, 30, tzinfo=UTC),
        executed_at=datetime(2024, 1, 2, 6, 30, tzinfo=UTC),
        timezone="Asia/Seoul",
        simulated=True,
        strategy="managed",
        title=Text("위험관리형 자산배분", "Risk-managed allocation"),
        account="general",
        amount=100_000_000,
        classes=(
            AssetClass(key="equity_kr", name=Text("국내주식", "Korean shares"), risk=True),
            AssetClass(key="krw_bond", name=Text("원화채권", "Won bonds"), risk=False),
            AssetClass(key="cash", name=Text("현금", "Cash"), risk=False),
        ),
        profiles=(profile,),
        inputs_id="0123abcd",
        market_volatility=(
            MarketVolatility(name=Text("VIX", "VIX"), value=31.2, day=date(2023, 12, 29)),
        ),
        sources=(
            SourceFacts(
                name=Text("XKRX 종가", "Closing prices on XKRX"),
                start=date(2021, 1, 4),
                end=date(2023, 12, 29),
            ),
        ),
        findings=(
            Finding(
                date(2022, 3, 2),
                "114260",
                "finding.gap",
                Severity.NOTICE,
                (("until", "2022-03-08"), ("sessions", "4")),
            ),
        ),
        versions=(("jeoul", "0.1.0"),),
    )
