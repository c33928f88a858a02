"""``jeoul household`` as a person meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets
from jeoul.reporting.columns import COLUMNS, width

FILE = assets.root() / "configs" / "household-example.toml"

pytestmark = pytest.mark.usefixtures("opened_once")


def answer(jeoul: Any, *words: object) -> dict[str, Any]:
    outcome = jeoul("household", FILE, *words, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)  # type: ignore[no-any-return]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_plan_fits_a_terminal_in_both_languages(jeoul: Any, lang: str) -> None:
    words = ("--deposit", "300만", "--cure", "--goal", "--year-end", "--fast", "--lang", lang)
    outcome = jeoul("household", FILE, *words)
    assert outcome.code == 0, outcome.err
    assert max(map(width, outcome.out.splitlines())) <= COLUMNS.get()
    assert "{" not in outcome.out
    if lang == "en":
        assert not re.search(r"[가-힣]", outcome.out.replace("우리 집", ""))


def test_both_languages_say_the_same_figures(jeoul: Any) -> None:
    korean, english = (answer(jeoul, "--fast", "--lang", lang) for lang in ("ko", "en"))
    for name in ("objective", "do_nothing", "bound", "exposure", "value", "inputs_id"):
        assert korean[name] == english[name]


def test_new_money_is_split_and_what_is_left_stays_at_the_bank(jeoul: Any) -> None:
    found = answer(jeoul, "--deposit", "300만", "--fast")
    paid = sum(account["deposit"] for account in found["accounts"])
    assert paid + found["kept"] == found["new_money"] == 3_000_000
    assert {each["account"] for each in found["elsewhere"]} == {"general", "isa", "pension"}
    assert found["frontier"] is found["cure"] is found["year_end"] is found["rules"] is None


def test_the_smallest_deposit_for_a_drift_is_more_for_less_of_it(jeoul: Any) -> None:
    rough, fine = (
        answer(jeoul, "--cure", "--drift", drift, "--fast")["cure"]["deposit"]
        for drift in ("0.4", "0.2")
    )
    assert 0 < rough < fine


def test_money_to_take_out_is_taken_out(jeoul: Any) -> None:
    found = answer(jeoul, "--withdrawal", "200만", "--fast")
    assert sum(account["withdrawal"] for account in found["accounts"]) == 2_000_000


def test_more_than_can_be_taken_out_names_the_rules_and_ends_with_4(jeoul: Any) -> None:
    outcome = jeoul("household", FILE, "--withdrawal", "5천만", "--lang", "en", "--json")
    assert outcome.code == 4
    found = json.loads(outcome.out)
    assert found["status"] == "infeasible"
    assert found["objective"] is found["bound"] is found["gap"] is None
    assert "The withdrawal asked for" in found["conflict"]["rules"]
    assert any(text.startswith("Withdraw ₩") for text in found["conflict"]["relaxations"])


def test_new_money_has_a_person_the_first_one_unless_named(jeoul: Any) -> None:
    named, first = (answer(jeoul, "--deposit", text, "--fast") for text in ("minsu=50만", "50만"))
    assert named == first
    twice = jeoul("household", FILE, "--deposit", "1만", "--deposit", "2만", "--lang", "en")
    assert (
        twice.err
        == "jeoul: --deposit: money of one person is given twice; give the sum [UsageError]\n"
    )
    nobody = jeoul("household", FILE, "--deposit", "jieun=1만", "--lang", "en")
    assert nobody.code == 2
    assert "not a person of this household; name one of minsu" in nobody.err


def test_a_deposit_and_a_withdrawal_are_one_amount(jeoul: Any) -> None:
    outcome = jeoul("household", FILE, "--deposit", "1", "--withdrawal", "1", "--lang", "en")
    assert outcome.code == 2
    assert "use --deposit or --withdrawal, not both" in outcome.err


def test_an_exact_plan_is_not_dearer_than_a_fast_one_and_has_a_tighter_bound(jeoul: Any) -> None:
    fast, exact = answer(jeoul, "--fast"), answer(jeoul, "--seconds", "5")
    assert exact["objective"]["total"] <= fast["objective"]["total"] + 1
    assert fast["bound"] - 1 <= exact["bound"] <= fast["objective"]["total"]
    assert fast["bound"] <= exact["objective"]["total"]
    assert exact["status"] in {"proven", "within_gap"}


def test_the_page_is_written_and_says_what_the_terminal_says(jeoul: Any, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    outcome = jeoul("household", FILE, "--fast", "--html", out, "--lang", "en", "--json")
    page, found = out.read_text("utf-8"), json.loads(outcome.out)
    assert str(out) in outcome.err
    assert "Simulated data" in page
    for account in found["accounts"]:
        for order in account["orders"]:
            assert f"₩{order['shares'] * order['price']:,}" in page
    assert f"₩{found['objective']['total']:,}" in page


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The example in a folder of one's own."""
    configs = assets.root() / "configs"
    shutil.copytree(configs / "household-example", tmp_path / "household-example")
    shutil.copy(configs / "answers-example.toml", tmp_path)
    text = (configs / "household-example.toml").read_text("utf-8")
    place = tmp_path / "household.toml"
    place.write_text(text.replace("~/.local/share/jeoul/home", "state"), "utf-8")
    return place


def test_single_shares_are_named_with_their_worth_and_traded_by_nothing(
    jeoul: Any, own: Path
) -> None:
    rows = "ticker,shares,cost,value\n069500,120,31500,\n005930,20,70000,1400000\nCASH,,,3250000\n"
    (own.parent / "household-example" / "general.csv").write_text(rows, "utf-8")
    outcome = jeoul("household", own, "--fast", "--lang", "en")
    assert outcome.code == 0, outcome.err
    said = " ".join(outcome.out.split())
    assert "general: 005930, 20 shares worth 1,400,000 won, is outside the strategy." in said
    found = json.loads(jeoul("household", own, "--fast", "--json").out)
    (general,) = (each for each in found["accounts"] if each["id"] == "general")
    assert general["outside"] == {"005930": 20}
    assert "005930" not in {order["ticker"] for order in general["orders"]}


def test_expired_answers_buy_nothing_and_new_money_may_still_be_paid_in(
    jeoul: Any, own: Path
) -> None:
    answers = own.parent / "answers-example.toml"
    answers.write_text(answers.read_text("utf-8") + "\nanswered = 2024-01-10\n", "utf-8")
    outcome = jeoul("household", own, "--deposit", "300만", "--fast", "--lang", "en", "--json")
    found = json.loads(outcome.out)
    sides = {order["side"] for each in found["accounts"] for order in each["orders"]}
    assert sides <= {"SELL"}
    assert sum(each["deposit"] for each in found["accounts"]) > 0
    assert any("questionnaire expired on 2025-01-10" in note for note in found["notes"])


def test_by_product_no_order_is_riskier_than_the_persons_type(jeoul: Any, own: Path) -> None:
    """KODEX 200 and the US funds have grade 2; a neutral investor holds 4 and calmer."""
    text = own.read_text("utf-8")
    table = 'suitability = { mode = "product" }\nborn '
    own.write_text(text.replace("born ", table, 1), "utf-8")
    found = json.loads(jeoul("household", own, "--fast", "--json").out)
    bought = {
        order["ticker"]
        for each in found["accounts"]
        for order in each["orders"]
        if order["side"] == "BUY"
    }
    assert bought
    assert not bought & {"069500", "360750", "133690", "102110", "379800"}


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("100_000_000", "Scheduled deposits are expected to bring"),
        ("10_000_000", "Scheduled deposits alone are expected to reach it"),
    ],
)
def test_a_goal_is_said_with_its_purpose_amount_and_day(
    jeoul: Any, own: Path, amount: str, said: str
) -> None:
    own.write_text(own.read_text("utf-8").replace("100_000_000", amount), "utf-8")
    out = " ".join(jeoul("household", own, "--fast", "--lang", "en").out.split())
    won = f"₩{int(amount):,}"
    assert f"home (house): {won} by 2033-11-30. {said}" in out
