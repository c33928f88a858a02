"""``jeoul household`` as a person meets it."""

from __future__ import annotations

import json
import re
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
    assert max(map(width, outcome.out.splitlines())) <= COLUMNS
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
    assert twice.err == "jeoul: --deposit: money of one person is given twice; give the sum\n"
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
