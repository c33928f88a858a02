"""The answer in a terminal and as data: columns, whole numbers, sums, both languages."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from jeoul import assets
from jeoul.household.explaining.doctor import LAW
from jeoul.household.explaining.reasons import PlanReason as Explained
from jeoul.household.problem.differences import CAUSES
from jeoul.household.problem.records import PlanCost, PlanStatus
from jeoul.household.written.keys import KINDS as ALL_KINDS
from jeoul.model.portfolio import Reason
from jeoul.reporting.columns import COLUMNS, width
from jeoul.reporting.household.document import household_document
from jeoul.reporting.household.text import household_lines
from jeoul.reporting.templating import TEMPLATES
from jeoul.reporting.text import Text

RULES = {*LAW, "max_trades", "min_trade", "lock", "withdrawal", "buffer", "cash", "risk"}
CHOSEN = {"withdrawal", "max_trades", "min_trade", "lock", "buffer", "risk"}
KINDS = re.findall(r"^    - (``.*?``):", str(Explained.__doc__), re.MULTILINE)
REASONS = {"worth", *(kind for line in KINDS for kind in re.findall(r"\w+", line))}
BUILT = {
    *(f"late_{name}" for name in ("diagnosis", "certificate", "waiting", "frontier", "prices")),
    *(f"cost_{cause}" for cause in CAUSES),
    *(f"status_{status}" for status in PlanStatus),
    *(f"status_short_{status}" for status in PlanStatus),
    *(f"part_{p}_{n}" for p in ("sell", "buy", "deposit", "withdrawal") for n in ("one", "many")),
    *(f"later_{kind}" for kind in ("overseas", "income", "health", "credit")),
    *(f"later_{kind}_saved" for kind in ("overseas", "income", "health")),
    *(f"kind_{kind}" for kind in ALL_KINDS),
    *(f"need_{kind}" for kind in ("reserve", "keep_liquid")),
    *(f"rule_{kind}" for kind in RULES),
    *(f"excess_{kind}" for kind in (*CHOSEN, "law")),
    *(f"reason_{kind}" for kind in REASONS),
    *(f"year_end_{kind}" for kind in ("planned", "credit", "harvest", "loss")),
    *(
        f"{side}_{kind}"
        for side in ("line", "beyond")
        for kind in ("health", "comprehensive", "gains_abroad", "pensions")
    ),
}


def lines(facts: Any, lang: str) -> str:
    return "\n".join(household_lines(facts, lang))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_line_is_wider_than_the_terminal(household: Any, lang: str) -> None:
    for status in PlanStatus:
        changed = replace(household, status=status)
        assert max(map(width, household_lines(changed, lang))) <= COLUMNS.get()


def test_a_name_without_spaces_is_broken_not_run_over(household: Any) -> None:
    long = Text("가" * 100, "x" * 200)
    accounts = tuple(
        replace(
            account,
            title=long,
            orders=tuple(replace(order, name=long) for order in account.orders),
        )
        for account in household.accounts
    )
    changed = replace(household, accounts=accounts, title="나" * 120)
    for lang in ("ko", "en"):
        assert max(map(width, household_lines(changed, lang))) <= COLUMNS.get()


def test_the_terminal_says_what_to_do_before_why(household: Any) -> None:
    text = lines(household, "ko")
    steps = ["매도 2건", "[general]", "매도 069500", "[isa]", "이 계획의 비용", "목표와 비상자금"]
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)
    assert "세금 0원 ~ 20,000원" in text
    assert "1,414,000원 불리합니다" in text


def test_english_has_no_korean_but_names(household: Any) -> None:
    text = lines(household, "en")
    for name in ("우리 집", "민수", "지은"):
        text = text.replace(name, "")
    assert not re.search(r"[가-힣]", text)


def test_the_document_has_whole_numbers_and_their_sums(household: Any) -> None:
    found = json.loads(json.dumps(household_document(household, "ko")))
    for part in ("objective", "do_nothing"):
        amounts = found[part]
        assert list(amounts) == [*PlanCost.__dataclass_fields__, "total"]
        assert all(type(amount) is int for amount in amounts.values())
        assert sum(amounts[cause] for cause in CAUSES) == amounts["total"]
    assert (
        found["gap"]
        == (found["objective"]["total"] - found["bound"]) / (found["objective"]["total"])
    )
    assert found["value"] == sum(account["value_before"] for account in found["accounts"])
    for account in found["accounts"]:
        held = account["holdings"]
        assert sum(each["before"] for each in held) == account["value_before"]
        assert sum(each["after"] for each in held) == account["value_after"]
        for order in account["orders"]:
            figures = ("shares", "price", "fee", "tax", "tax_least", "value_won")
            assert all(type(order[name]) is int for name in figures)
            assert order["tax_least"] <= order["tax"]


def test_the_document_has_the_keys_that_were_agreed_on(household: Any) -> None:
    found = household_document(household, "en")
    agreed = (
        "as_of value inputs_id status objective do_nothing bound gap exposure accounts reasons "
        "findings"
    )
    assert set(agreed.split()) <= found.keys()
    account = next(each for each in found["accounts"] if each["orders"])
    keys = "id kind deposit cash_before cash_after currency orders"
    assert set(keys.split()) <= account.keys()
    order = "side ticker shares price fee tax value_won reason"
    assert set(order.split()) <= account["orders"][0].keys()
    assert set(found["exposure"]["equity_us"]) == {"target", "before", "after"}


def test_without_a_cost_there_is_no_gap(household: Any) -> None:
    free = replace(household, cost=dict.fromkeys(CAUSES, 0), bound=0, status=PlanStatus.PROVEN)
    assert household_document(free, "en")["gap"] is None


def test_a_question_that_was_not_asked_is_null(household: Any) -> None:
    from jeoul.reporting.household.facts import FurtherAnswers

    found = household_document(replace(household, answers=FurtherAnswers()), "en")
    assert [found[name] for name in ("frontier", "elsewhere", "cure", "year_end")] == [None] * 4


def _entries(lang: str) -> dict[str, str]:
    text = assets.data("messages", lang, "household_page.toml").read_text("utf-8")
    return tomllib.loads(text)["household_page"]  # type: ignore[no-any-return]


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_messages_with_the_same_places() -> None:
    korean, english = _entries("ko"), _entries("en")
    assert korean.keys() == english.keys()
    assert {k for k in korean if _places(korean[k]) != _places(english[k])} == set()


def test_every_message_exists_and_none_lies_unused() -> None:
    import jeoul.reporting

    folder = Path(jeoul.reporting.__file__).parent
    said, named = set(BUILT), set(BUILT)
    for source in (*(TEMPLATES / "household").glob("*.j2"), *(folder / "household").glob("*.py")):
        text = source.read_text("utf-8")
        said |= set(re.findall(r'\b(?:t|say|_say)\("([a-z_0-9]+)"', text))
        said |= set(re.findall(r'household_page\.([a-z_0-9]+)"', text))
        named |= said | set(re.findall(r'"([a-z_0-9]+)"', text))
    assert {name for name in said if not name.endswith("_")} - _entries("en").keys() == set()
    assert _entries("en").keys() - named == set()


def test_a_reason_is_a_sentence_of_the_catalogue(household: Any) -> None:
    reason = Reason.of("household_page.reason_credit", saved="148,500")
    accounts = tuple(
        replace(a, orders=tuple(replace(o, reasons=(reason,)) for o in a.orders))
        for a in household.accounts
    )
    found = household_document(replace(household, accounts=accounts), "en")
    said = {order["reason"] for account in found["accounts"] for order in account["orders"]}
    assert said == {"Pension tax credit of ₩148,500"}


def test_what_is_left_of_the_year_is_said_in_both_languages() -> None:
    from datetime import date

    from jeoul.household.year_end.contributions import Contribution
    from jeoul.household.year_end.rebuys import Harvest, Rebuy
    from jeoul.household.year_end.thresholds import YearThreshold
    from jeoul.household.year_end.year_end import YearEnd
    from jeoul.reporting.household.names import HouseholdNames
    from jeoul.reporting.household.year_end import year_end_in_words

    end = date(2026, 12, 31)
    line = {"kind": "comprehensive", "member": "minsu", "limit": 20e6, "used": 18e6, "by": end}
    found = YearEnd(
        on=date(2026, 11, 27),
        sell_by=date(2026, 12, 29),
        harvests=(
            Harvest(
                member="minsu",
                rebuys=(Rebuy("us", "SPY", 12, 2_400_000.0),),
                gain=2_400_000.0,
                realised=2_400_000.0,
                tax_now=0.0,
                tax_later=264_000.0,
                cost=14_000.0,
            ),
        ),
        contributions=(
            Contribution(
                kind="credit", account="pension", amount=3e6, value=396e3, by=end, lapses=True
            ),
        ),
        thresholds=(
            YearThreshold(expected=19e6, cost=0.0, filed=None, **line),  # type: ignore[arg-type]
            YearThreshold(expected=21e6, cost=55e3, filed=None, **line),  # type: ignore[arg-type]
        ),
    )
    names = HouseholdNames(
        accounts={
            "us": Text("해외주식", "US account"),
            "pension": Text("연금저축", "Pension savings"),
        },
        people={"minsu": Text("민수", "Minsu")},
        funds={"SPY": Text("SPDR S&P 500", "SPDR S&P 500")},
        classes={},
    )
    sold, paid, near, beyond = year_end_in_words(found, names)
    assert sold.en == (
        "Sell and buy back 12 SPDR S&P 500 in US account by 2026-12-29: realises gains of "
        "₩2,400,000 and saves ₩250,000."
    )
    assert "연금저축에 3,000,000원을 더 넣으면 연금 세액공제 396,000원" in paid.ko
    assert "₩1,000,000 left before comprehensive taxation" in near.en
    assert "costs ₩55,000" in beyond.en
