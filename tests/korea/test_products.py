"""The product table, the recommendation, and the glide path."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from jeoul import assets
from jeoul.advice.explain import explain
from jeoul.advice.glide import equity_share, glide_path
from jeoul.advice.recommend import Wishes, recommend
from jeoul.cli.recommend import recommend as command
from jeoul.errors import RuleError, UsageError
from jeoul.korea.products import accounts_for
from jeoul.korea.tables import load_products, load_rules
from jeoul.messages import LANGUAGES, catalogue

PRODUCTS = {product.id: product for product in load_products()}
BOOK = load_rules(2026)
KINDS = {
    "etn", "fund", "reit", "els", "dls", "bond", "coco", "short_term_bond", "rp", "cma", "ima",
    "tdf", "deposit", "krx_other_etf", "kr_equity_etf",
}  # fmt: skip


def test_every_product_of_the_brief_is_there() -> None:
    assert {product.kind for product in PRODUCTS.values()} >= KINDS


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.id)
def test_every_product_has_sources_warnings_and_a_name_in_both_languages(product: Any) -> None:
    assert set(product.name) == set(LANGUAGES)
    assert product.sources
    assert product.warnings
    for language in LANGUAGES:
        assert all(f"rule.warn_{name}" in catalogue(language) for name in product.warnings)
    assert 1 <= product.grades[0] <= product.grades[1] <= 6
    assert product.growth in range(4)
    assert product.locked == (product.cash_days is None)
    if product.locked:
        assert product.term


def test_the_insured_products_are_those_of_the_law() -> None:
    insured = [p.id for p in PRODUCTS.values() if p.protected == "insured"]
    assert insured == list(BOOK.words("deposit.insured_kinds"))


def test_accounts_follow_the_rule_table() -> None:
    def accounts(name: str) -> tuple[str, ...]:
        return accounts_for(BOOK, PRODUCTS[name])

    assert accounts("us_etf") == ("general",)
    assert accounts("ima") == ("general",)
    assert accounts("leveraged_etf") == ("general", "isa")
    assert "irp" not in accounts("els")
    assert accounts("tdf") == ("general", "isa", "pension_savings", "irp", "dc")


def found(horizon: str = "3y+", loss: str = "any", type: str = "aggressive", **more: Any) -> Any:
    profile = {
        "stable": "none",
        "stability_seeking": "conservative",
        "neutral": "balanced",
        "active": "growth",
        "aggressive": "growth",
    }[type]
    return recommend(BOOK, PRODUCTS.values(), Wishes(type, profile, horizon, loss, **more))


def test_an_ima_is_ruled_out_for_money_needed_before_it_matures() -> None:
    """24 months locked: one year is too short, two years are just enough."""
    assert "ima" in {c.product.id for c in found(horizon="12m").ruled_out}
    assert "ima" in {c.product.id for c in found(horizon="2y").ranked}


def test_a_long_horizon_and_a_bold_investor_lead_to_the_portfolio() -> None:
    assert found().ranked[0].product.id == "managed_etf"


def test_a_short_horizon_leads_to_the_cma() -> None:
    assert found(horizon="6m", loss="none", type="neutral").ranked[0].product.id == "cma"


def test_the_stable_type_is_left_with_grade_6() -> None:
    """Kiwoom's matrix: only grade 6, and no portfolio of risk assets at all."""
    result = found(type="stable", loss="none")
    assert [c.product.id for c in result.ranked] == ["cma", "fund_e"]
    reasons = {c.product.id: {s.message for s in c.against} for c in result.ruled_out}
    assert reasons["managed_etf"] == {"rule.out_grade", "rule.out_no_portfolio"}
    assert reasons["ima"] == {"rule.out_grade"}


def test_below_the_minimum_an_ima_is_ruled_out() -> None:
    assert "ima" in {c.product.id for c in found(amount=999_999).ruled_out}
    assert "ima" not in {c.product.id for c in found(amount=1_000_000).ruled_out}


def test_no_money_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^the amount is 0; give won above zero$"):
        found(amount=0)


def test_every_candidate_is_either_ranked_or_ruled_out() -> None:
    for type in ("stable", "stability_seeking", "neutral", "active", "aggressive"):
        result = found(type=type)
        assert len(result.ranked) + len(result.ruled_out) == 4
        assert [c.score for c in result.ranked] == sorted(
            (c.score for c in result.ranked), reverse=True
        )


def test_unknown_answers_are_refused() -> None:
    with pytest.raises(RuleError, match="matrix 'acme'"):
        recommend(BOOK, PRODUCTS.values(), Wishes("neutral", "balanced", "2y", "10"), matrix="acme")
    with pytest.raises(RuleError, match="not an answer of the form"):
        found(horizon="9y")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_said(language: str) -> None:
    for type in ("stable", "neutral", "aggressive"):
        for horizon in ("6m", "2y"):
            result = found(type=type, horizon=horizon, amount=1)
            for candidate in (*result.ranked, *result.ruled_out):
                for step in (*candidate.against, *candidate.notes):
                    assert "{" not in explain(language, step)


# --- glide path ---


@given(st.integers(-60, 80))
def test_the_glide_path_never_rises_and_stays_within_the_caps(left: int) -> None:
    here = equity_share(BOOK, left)
    assert here <= equity_share(BOOK, left + 1)
    assert here <= (Decimal("0.80") if left > 0 else Decimal("0.40"))
    assert here >= Decimal("0.30")


def test_the_glide_path_meets_its_points() -> None:
    assert equity_share(BOOK, 25) == Decimal("0.80")
    assert equity_share(BOOK, 0) == Decimal("0.40")
    assert equity_share(BOOK, -10) == Decimal("0.30")


@pytest.mark.parametrize("target", [1990, 2117, 99_999])
def test_a_target_outside_a_life_is_refused(target: int) -> None:
    assert glide_path(BOOK, age=30, target_year=2116)
    with pytest.raises(UsageError, match=f"{target} lies outside the life .* up to 2116"):
        glide_path(BOOK, age=30, target_year=target)


def test_an_age_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^-5 is not an age; give years from 0 to 120$"):
        glide_path(BOOK, age=-5, target_year=2040)


# --- the command ---


def run(*arguments: str) -> Any:
    answers = str(assets.root() / "configs" / "answers-example.toml")
    return CliRunner().invoke(command, [answers, "--as-of", "2026-11-23", *arguments])


def test_the_command_says_what_and_why() -> None:
    result = run("--lang", "en", "--els", "--products", "--target-year", "2046")
    assert result.exit_code == 0, result.exception
    for part in (
        "Compared for: risk-neutral, balanced",
        "1. CMA",
        "knocked in on 2022-10-31",
        "cost unknown",
        "2046 at 65: 40%",
        "not tax advice",
    ):
        assert part in result.stdout


def test_the_command_prints_json() -> None:
    result = run("--json", "--els", "--amount", "500000")
    data = json.loads(result.stdout)
    assert data["type"] == "neutral"
    assert data["els"]["how"] == "loss"
    assert [entry["id"] for entry in data["ruled_out"]] == ["ima"]
    assert "세무 자문이 아닙니다" in result.stderr
