"""Why a weight is what it is, and what certifies it, as a reader of the page finds it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from jeoul.model.explanation import (
    AllocationCertificate,
    Explanation,
    MarginalGain,
    WeightReason,
)
from jeoul.model.portfolio import Reason
from jeoul.reporting import render_html

SOLVED = AllocationCertificate(
    solver="daqp", path="direct", gap=2.34e-5, violation=1.2e-4, objective=0.01
)
SHARES = WeightReason(
    weight=0.6,
    strategic=0.55,
    reasons=(
        Reason.of("allocate.balanced", label_ko="케이 200", label_en="K 200", weight="60.0%"),
    ),
    asked=MarginalGain(6.5, -4.25, -2.5, trading=0.001, limits=0.0, elsewhere=0.0),
)
TREASURIES = WeightReason(
    weight=0.38,
    strategic=0.43,
    reasons=(
        Reason.of(
            "allocate.trading_cost", label_ko="국고채", label_en="Treasuries", weight="38.0%"
        ),
    ),
)
WHY = Explanation(funds={"114260": TREASURIES, "069500": SHARES}, certificate=SOLVED)


def section(page: str) -> str:
    """Return the text of the section about the weights, its tags as single spaces."""
    (found,) = re.findall(r'<div class="whys screen">(.*?)</p>\s*</div>', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def explained(facts: Any, why: Explanation, lang: str) -> str:
    (profile,) = facts.profiles
    return section(render_html(replace(facts, profiles=(replace(profile, why=why),)), lang))


def test_the_page_gives_each_fund_its_reason_and_its_parts_the_largest_first(facts: Any) -> None:
    # After the risk control the positions of the page hold 30 % and 68 %.
    assert explained(facts, WHY, "en") == (
        "Why these weights "
        "K 200 60.0% 069500 · strategic 55.0% · after the risk control 30.0% "
        "K 200 is at 60.0%, where neither more nor less of it would be better. "
        "What one percentage point more would add, in basis points a year "
        "return +6.50 risk −4.25 pull to the strategic weight −2.50 together −0.25 "
        "Treasuries 38.0% 114260 · strategic 43.0% · after the risk control 68.0% "
        "Treasuries stays at 38.0%: moving it would cost more than it gains. "
        "Solved by DAQP: nothing better by more than 0.0024% a year exists, "
        "and no rule is missed by more than 0.0120% of weight."
    )


def test_the_page_says_it_in_korean(facts: Any) -> None:
    assert explained(facts, WHY, "ko") == (
        "비중 산출 사유 "
        "케이 200 60.0% 069500 · 전략 비중 55.0% · 위험 관리 후 30.0% "
        "케이 200: 60.0%. 더 늘리거나 줄여도 개선되지 않는 비중입니다. "
        "1%p 추가 보유 시 효과(연 bp) "
        "기대수익 +6.50 위험 −4.25 전략 비중과의 거리 −2.50 합계 −0.25 "
        "국고채 38.0% 114260 · 전략 비중 43.0% · 위험 관리 후 68.0% "
        "국고채: 매매 비용이 개선 효과보다 커서 38.0%을(를) 유지합니다. "
        "DAQP(으)로 계산한 최적 비중입니다. 더 나은 비중이 있더라도 그 차이는 연 0.0024% 이내이며, "
        "규칙을 벗어난 비중은 0.0120% 이내입니다."
    )


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "The weights come from a fixed rule, not from an optimization."),
        ("ko", "최적화가 아니라 정해진 규칙으로 정한 비중입니다."),
    ],
)
def test_weights_of_a_fixed_rule_have_no_certificate(facts: Any, lang: str, said: str) -> None:
    text = explained(facts, replace(WHY, certificate=None), lang)
    assert text.endswith(said)
    assert "DAQP" not in text


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "Solved by cvxpy (Clarabel): no bound on how much better others could be, since "
            "limits on shares of risk are not convex; no rule is missed by more than 0.0120% of "
            "weight.",
        ),
        (
            "ko",
            "cvxpy (Clarabel)(으)로 계산했습니다. 위험 기여도 한도는 비볼록 문제여서 "
            "더 나은 비중이 있는지는 보증하지 않으며, 규칙을 벗어난 비중은 0.0120% 이내입니다.",
        ),
    ],
)
def test_a_local_optimum_says_that_nothing_bounds_a_better_one(
    facts: Any, lang: str, said: str
) -> None:
    local = replace(SOLVED, solver="clarabel", gap=None)
    assert explained(facts, replace(WHY, certificate=local), lang).endswith(said)


@pytest.mark.parametrize(
    ("lang", "strategic", "best"),
    [
        ("en", "strategic", "nothing better by more than 0.0001% a year exists"),
        ("ko", "전략 비중", "더 나은 비중이 있더라도 그 차이는 연 0.0001% 이내이며"),
    ],
)
def test_the_page_has_the_reasons_of_the_proposal(
    facts: Any, sample: Any, desk: Any, days: Any, lang: str, strategic: str, best: str
) -> None:
    why = desk.proposal(sample, days.last, "static", "balanced").why
    text = explained(facts, why, lang)
    assert len(why.funds) > 8
    for code, fund in why.funds.items():
        assert f" {fund.weight:.1%} {code} · {strategic} {fund.strategic:.1%}" in text
        name = dict(fund.reasons[0].detail)[f"label_{lang}"]
        assert f"{name} {fund.weight:.1%} {code}" in text
    assert best in text
    assert "DAQP" in text
