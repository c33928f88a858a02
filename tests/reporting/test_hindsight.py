"""The outcomes of decisions as people read them: sentences, a page, and the same data."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.records import (
    HindsightOutcome,
    LookedBack,
    TradedDecision,
    TradedOrder,
)
from jeoul.messages import LANGUAGES
from jeoul.model.portfolio import Side
from jeoul.reporting.hindsight.document import hindsight_document
from jeoul.reporting.hindsight.page import render_hindsight
from jeoul.reporting.hindsight.text import hindsight_lines
from jeoul.reporting.hindsight.words import HindsightWords

FIRST = date(2020, 1, 2)


def looked(number: int, effect: int, cause: Any = "cut") -> LookedBack:
    session = FIRST + timedelta(days=31 * number)
    order = TradedOrder(session=session, side=Side.SELL, ticker="069500", shares=10,
                        amount=300_000, cost=42, tax=0)  # fmt: skip
    decision = TradedDecision(session=session, cause=cause, orders=(order,),
                              shares={"069500": 20}, cash=400_000, value=1_000_000,
                              runs=(f"run-{number}",))  # fmt: skip
    outcome = HindsightOutcome(days=30, day=session + timedelta(days=30), untraded=1_000_000,
                      by_order=(effect,))  # fmt: skip
    return LookedBack(decision=decision, outcomes={30: outcome})


def found(effects: Any, **other: Any) -> Hindsight:
    given: dict[str, Any] = {
        "account": "mine",
        "currency": "KRW",
        "last": date(2024, 6, 28),
        "simulated": False,
        "taxed": True,
        "decisions": tuple(looked(n, effect) for n, effect in enumerate(effects)),
    }
    return Hindsight(**(given | other))


@pytest.mark.parametrize("language", LANGUAGES)
def test_terminal_page_and_data_say_the_same(language: str) -> None:
    given = found([12_345, -6_789])
    page = unescape(re.sub(r"<[^>]+>", " ", render_hindsight(given, language)))
    text = " ".join(hindsight_lines(given, language))
    document = hindsight_document(given, language)
    for decision in document["decisions"]:
        (outcome,) = decision["outcomes"]
        for amount in (outcome["untraded"], outcome["traded"], abs(outcome["effect"])):
            assert f"{amount:,}" in page
            assert f"{amount:,}" in text
        assert decision["pending"] == [90, 365]
    proof = HindsightWords(given, language).say("proves_nothing")
    assert proof in page
    assert document["method"][0] == proof
    assert all(word in text for word in proof.split())


@pytest.mark.parametrize(
    ("effects", "verdict"),
    [
        ([3_000, 3_100] * 6, "Trading did better"),
        ([-3_000, -3_100] * 6, "Not trading did better"),
        ([3_000, -3_000] * 6, "Not distinguishable from chance"),
        ([3_000, 3_100] * 4, "Too few to judge (8 independent)"),
    ],
)
def test_a_verdict_says_no_more_than_the_interval(effects: Any, verdict: str) -> None:
    given = found(effects)
    words = HindsightWords(given, "en")
    assert words.verdict(given.summaries[0]) == verdict
    assert ("90% interval" in words.mean(given.summaries[0])) is (len(effects) > 8)


def test_what_is_assumed_is_said() -> None:
    def method(**other: Any) -> str:
        return " ".join(HindsightWords(found([1], **other), "en").method())

    assert "withheld at source" in method()
    assert "withholds no tax" in method(taxed=False)
    assert "adjusted for distributions" in method(approximate=True)
    assert "Closes are raw" not in method(approximate=True)
    assert "No tax is deducted for 005930, AAPL" in method(untaxed=("005930", "AAPL"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_without_a_trade_has_a_page_that_says_so(language: str) -> None:
    empty = found([])
    none = HindsightWords(empty, language).say("none")
    assert none in unescape(render_hindsight(empty, language))
    assert any(none in line for line in hindsight_lines(empty, language))


def test_a_name_of_a_file_is_escaped_on_the_page() -> None:
    page = render_hindsight(found([1, 2], account="<script>alert(1)</script>"), "en")
    assert "<script" not in page


def test_dollars_and_parts_are_shown_in_whole_units() -> None:
    given = found([12_345], currency="USD")
    document = json.loads(json.dumps(hindsight_document(given, "en")))
    assert document["decisions"][0]["outcomes"][0]["effect"] == 123.45
    parts = hindsight_document(found([12_000], parts=1000), "en")["decisions"][0]
    assert (parts["outcomes"][0]["effect"], parts["orders"][0]["shares"]) == (12.0, 0.01)


def test_a_decision_without_prices_names_them() -> None:
    row = looked(0, 5)
    blind = LookedBack(decision=row.decision, unpriced=("XYZ",))
    given = found([], decisions=(blind,))
    assert any("XYZ" in line for line in hindsight_lines(given, "en"))
    assert hindsight_document(given, "en")["decisions"][0]["unpriced"] == ["XYZ"]
    assert given.summaries == ()
