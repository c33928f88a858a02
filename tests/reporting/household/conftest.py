"""A couple with five accounts, made by hand: every figure is chosen."""

from __future__ import annotations

from datetime import date

import pytest

from jeoul.household.problem.records import PlanStatus
from jeoul.model.finding import Finding, Severity
from jeoul.model.portfolio import CASH, Reason, Side
from jeoul.reporting.facts import AssetClass
from jeoul.reporting.household.facts import (
    Elsewhere,
    Exposure,
    FrontierPoint,
    FurtherAnswers,
    HoldingFacts,
    HouseholdAccountFacts,
    HouseholdFacts,
    HouseholdOrder,
    NeedFacts,
    PlanYearTax,
    PossibleMove,
    RulePriceFacts,
    Weighed,
)
from jeoul.reporting.text import Text

CASH_NAME = Text("예수금", "Cash")
KODEX = Text("KODEX 200", "KODEX 200")
LONG = Text(
    "TIGER 미국S&P500TR(합성 H) 국공채혼합액티브", "TIGER US S&P500 TR (synthetic, hedged) Mixed"
)
BOND = Text("KODEX 국고채3년", "KODEX Treasury 3Y")
SPY = Text("SPDR S&P 500", "SPDR S&P 500")


def reason(kind: str, **figures: object) -> Reason:
    return Reason.of(
        f"household_page.reason_{kind}", class_ko="국내주식", class_en="Korean shares", **figures
    )


@pytest.fixture
def general() -> HouseholdAccountFacts:
    return HouseholdAccountFacts(
        id="general",
        kind="general",
        owner="민수",
        title=Text("일반 · 민수", "Ordinary · 민수"),
        currency="KRW",
        deposit=0,
        withdrawal=0,
        cash_before=150_000,
        cash_after=123_450,
        holdings=(
            HoldingFacts(
                code="069500", name=KODEX, asset_class="equity_kr", before=40_000_000, after=0
            ),
            HoldingFacts(
                code="114260", name=BOND, asset_class="krw_bond", before=0, after=39_976_550
            ),
            HoldingFacts(
                code=CASH, name=CASH_NAME, asset_class="cash", before=150_000, after=123_450
            ),
        ),
        orders=(
            HouseholdOrder(
                side=Side.SELL,
                code="069500",
                name=KODEX,
                shares=1_000,
                price=40_000,
                fee=5_621,
                tax=20_000,
                value_won=40_000_000,
                fee_won=5_621,
                tax_won=20_000,
                least=0,
                reasons=(
                    reason("class_over", without="40.0%", after="20.0%", target="20.0%"),
                    reason("worth", amount="1,234,567"),
                ),
            ),
            HouseholdOrder(
                side=Side.BUY,
                code="114260",
                name=BOND,
                shares=673,
                price=59_400,
                fee=5_617,
                tax=0,
                value_won=39_976_200,
                fee_won=5_617,
                tax_won=0,
                reasons=(reason("class_short", without="5.0%", after="30.0%", target="30.0%"),),
            ),
        ),
    )


@pytest.fixture
def overseas() -> HouseholdAccountFacts:
    return HouseholdAccountFacts(
        id="us",
        kind="overseas",
        owner="민수",
        title=Text("해외주식 · 민수", "US account · 민수"),
        currency="USD",
        deposit=0,
        withdrawal=0,
        cash_before=105_050,
        cash_after=1_604_000,
        holdings=(
            HoldingFacts(code="SPY", name=SPY, asset_class="equity_us", before=42_000_000, after=0),
            HoldingFacts(
                code=CASH,
                name=CASH_NAME,
                asset_class="cash",
                before=1_470_700,
                after=43_400_000,
            ),
        ),
        orders=(
            HouseholdOrder(
                side=Side.SELL,
                code="SPY",
                name=SPY,
                shares=28,
                price=53_571,
                fee=1_050,
                tax=0,
                value_won=20_999_832,
                fee_won=14_700,
                tax_won=0,
                reasons=(reason("better_place", a_year="12,000"),),
            ),
        ),
    )


@pytest.fixture
def shelters() -> tuple[HouseholdAccountFacts, ...]:
    def account(
        id: str, kind: str, owner: str, title: Text, deposit: int, lock: float
    ) -> HouseholdAccountFacts:
        return HouseholdAccountFacts(
            id=id,
            kind=kind,
            owner=owner,
            title=title,
            currency="KRW",
            deposit=deposit,
            withdrawal=0,
            cash_before=0,
            cash_after=deposit,
            lock_years=lock,
            holdings=(
                HoldingFacts(
                    code="360750",
                    name=LONG,
                    asset_class="equity_us",
                    before=10_000_000,
                    after=10_000_000,
                ),
                HoldingFacts(
                    code=CASH, name=CASH_NAME, asset_class="cash", before=0, after=deposit
                ),
            ),
        )

    isa = account("isa", "isa", "민수", Text("ISA · 민수", "ISA · 민수"), 2_000_000, 0.0)
    pension = account(
        "pension", "pension_savings", "민수", Text("연금저축", "Pension savings"), 1_160_000, 22.4
    )
    theirs = account("theirs", "isa", "지은", Text("ISA · 지은", "ISA · 지은"), 0, 0.0)
    return isa, pension, theirs


@pytest.fixture
def household(
    general: HouseholdAccountFacts,
    overseas: HouseholdAccountFacts,
    shelters: tuple[HouseholdAccountFacts, ...],
) -> HouseholdFacts:
    cost = {
        "tracking": 120_000,
        "tax_now": 20_000,
        "tax_later": 340_000,
        "drag": 810_000,
        "fees": 45_000,
        "credit_missed": 0,
        "locked": 102_000,
        "needs": 0,
        "trades": 9_000,
    }
    nothing = cost | {
        "tracking": 1_520_000,
        "tax_now": 0,
        "fees": 0,
        "credit_missed": 190_000,
        "locked": 0,
        "trades": 0,
    }
    return HouseholdFacts(
        name="home",
        title="우리 집",
        as_of=date(2026, 11, 27),
        simulated=True,
        strategy="managed",
        inputs_id="0123abcd",
        status=PlanStatus.WITHIN_GAP,
        classes=(
            AssetClass(key="equity_kr", name=Text("국내주식", "Korean shares"), risk=True),
            AssetClass(key="equity_us", name=Text("미국주식", "US shares"), risk=True),
            AssetClass(key="krw_bond", name=Text("원화채권", "Won bonds"), risk=False),
            AssetClass(key="gold", name=Text("금", "Gold"), risk=True),
            AssetClass(key="cash", name=Text("현금", "Cash"), risk=False),
        ),
        accounts=(*shelters, general, overseas),
        exposure={
            "equity_kr": Exposure(0.20, 0.40, 0.20),
            "equity_us": Exposure(0.48, 0.55, 0.49),
            "krw_bond": Exposure(0.30, 0.0, 0.29),
            "gold": Exposure(0.0, 0.0, 0.0),
            "cash": Exposure(0.02, 0.05, 0.02),
        },
        drift=(0.30, 0.01),
        cost=cost,
        nothing=nothing,
        bound=1_440_000,
        min_gain=5_000,
        drift_point=24_000,
        horizon=3.0,
        new_money=5_000_000,
        kept=1_840_000,
        taxes=(PlanYearTax(person="민수", kind="overseas", amount=330_000, due=date(2027, 5, 31)),),
        needs=(
            NeedFacts(
                id="reserve",
                title=Text("비상자금", "Reserve"),
                amount=18_000_000,
                covered=18_000_000,
            ),
            NeedFacts(
                id="house",
                title=Text("house", "house"),
                amount=61_000_000,
                covered=58_000_000,
                asked=100_000_000,
                by=date(2033, 11, 30),
            ),
        ),
        prices=(
            RulePriceFacts(
                rule=Text("주문 수 한도", "Cap on orders"), won=51_000, least=48_000, most=57_000
            ),
            RulePriceFacts(
                rule=Text("ISA 납입 한도", "Room of the ISA"), won=43_210, least=1, most=43_300
            ),
        ),
        candidates=(
            Weighed(
                moves=(
                    PossibleMove("theirs", Side.SELL, "360750", LONG, 12),
                    PossibleMove("theirs", Side.BUY, "114260", BOND, 3),
                ),
                saves=-4_300,
            ),
            Weighed(moves=(PossibleMove("isa", Side.BUY, "069500", KODEX, 2),), saves=2_100),
        ),
        answers=FurtherAnswers(
            frontier=(
                FrontierPoint(trades=0, drift=0.17, cost=2_862_000, bound=2_862_000),
                FrontierPoint(trades=3, drift=0.004, cost=1_446_000, bound=1_440_000),
            ),
            elsewhere=(
                Elsewhere(account="isa", moved=5_000_000, more=52_000),
                Elsewhere(account="pension", moved=0, more=None),
            ),
            cure=8_100_000,
            cure_drift=0.03,
            year_end=(
                Text(
                    "ISA: 12월 31일까지 2,000만원을 더 넣을 수 있습니다.",
                    "ISA: 20 million won may still be paid in by 31 December.",
                ),
            ),
        ),
        assumptions=(Text("세법은 2026년 기준입니다.", "The law is that of 2026."),),
        notes=(
            Text(
                "투자성향 진단 없이 지정한 포트폴리오입니다.",
                "The profile was named; nobody was asked.",
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
        waiting=2,
        waiting_worth=31_000,
    )
