"""Rules in another year than their own: what is carried over, what has ended, what is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul import assets
from jeoul.advice.explain import notice
from jeoul.errors import ConfigError, RuleError
from jeoul.korea.income import financial_income
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.overseas_return import ReturnAccount
from jeoul.korea.tables import load_rules, no_table, read_rules, whole_years, years
from jeoul.korea.wages import income_wages


def test_2027_has_what_the_statutes_print_for_it() -> None:
    book = load_rules(2027)
    # 30 M of company dividends above 20 M: 10 M are grossed up by a tenth, then by 11 hundredths
    gross = [
        financial_income(
            load_rules(year), financial=30_000_000, other_income=100_000_000,
            company_dividends=30_000_000,
        ).a
        for year in (2026, 2027)
    ]  # fmt: skip
    assert gross[1] - gross[0] == 100_000 * 35 // 100
    assert income_wages(book, wages=30_000_000).pension == 1_500_000  # 5 % in place of 4.75 %
    assert book.fact("income.gross_up").carried is None


def test_everything_else_says_that_it_is_carried_over_and_is_less_sure() -> None:
    old, book = load_rules(2026), load_rules(2027)
    own = {"income.gross_up", "insurance.pension", "insurance.health"}
    own |= {"health.rate", "health.care_rate", "health.monthly"}
    assert {key for key, fact in book.facts.items() if fact.carried is None} == own
    for key, fact in book.facts.items():
        assert fact.carried in (None, 2026), key
        assert fact.until is None or fact.until.year >= 2027, key
        if fact.carried:
            assert fact.value == old.facts[key].value, key
            assert fact.confidence in ("M", "L"), key
    assert set(old.facts) == set(book.facts) | set(book.ended)


def test_what_ended_with_2026_is_refused_in_2027() -> None:
    account = ReturnAccount("2026-09")
    assert settle_overseas(load_rules(2026), gains=(10_000_000,), return_account=account).tax > 0
    with pytest.raises(RuleError, match="ended on 2026-12-31, and there is no such rule in 2027"):
        settle_overseas(load_rules(2027), gains=(10_000_000,), return_account=account)
    with pytest.raises(RuleError, match=r"^us\.fx_hedge: "):
        settle_overseas(load_rules(2027), gains=(10_000_000,), fx_hedge=1)
    assert settle_overseas(load_rules(2027), gains=(10_000_000,)).file_by == "2028-05-31"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "are carried over from 2026"), ("ko", "2026년 규칙을 이어받은")]
)
def test_the_notice_says_what_is_carried_over_and_what_has_ended(language: str, said: str) -> None:
    told = notice(language, load_rules(2027))
    assert said in told
    assert "us.fx_hedge, us.return_account" in told
    assert said not in notice(language, load_rules(2026))


def test_a_year_without_a_table_takes_the_rules_that_are_named_and_says_so() -> None:
    with pytest.raises(RuleError, match="--rules-of 2027"):
        load_rules(2029)
    book = load_rules(2029, rules_of=2027)
    assert (book.year, book.rules_of) == (2029, 2027)
    assert book.rate("income.gross_up") == load_rules(2027).rate("income.gross_up")
    assert {fact.carried for fact in book.facts.values()} == {2026, 2027}
    assert set(book.ended) == set(load_rules(2027).ended)
    assert "these are the rules of 2027" in notice("en", book)


def test_the_rules_of_2026_asked_for_in_2029_lack_what_ended() -> None:
    book = load_rules(2029, rules_of=2026)
    assert "income.gross_up" in book.ended
    with pytest.raises(RuleError, match=r"^income\.gross_up: it ended on 2026-12-31"):
        financial_income(book, financial=30_000_000, company_dividends=30_000_000)


def test_a_year_that_has_a_table_takes_no_others() -> None:
    with pytest.raises(RuleError, match="leave out --rules-of 2026"):
        load_rules(2027, rules_of=2026)
    assert load_rules(2026, rules_of=2026).rules_of is None
    with pytest.raises(RuleError, match="no rule table for 2031"):
        load_rules(2029, rules_of=2031)


def test_only_a_table_written_in_full_is_taken_where_no_year_is_asked_for() -> None:
    assert (years(), whole_years()) == ((2026, 2027), (2026,))


def test_a_file_of_a_year_without_a_table_is_refused_unless_rules_are_named() -> None:
    assert "give --rules-of 2027" in str(no_table(2029))
    assert no_table(2029, 2027) is None


@pytest.mark.parametrize("reform", ["isa-productive-2027", "irp-youth-2027"])
def test_what_is_announced_and_not_computed_is_refused_by_name(reform: str) -> None:
    with pytest.raises(RuleError, match="announced, but no rule here computes it") as caught:
        load_rules(2027, reforms=[reform])
    assert "2026-08-03" in str(caught.value)


def test_a_reform_of_the_older_table_can_be_asked_for() -> None:
    assert load_rules(2027, reforms=["isa-2024-proposal"]).won("isa.annual_unit") == 40_000_000


def test_every_pending_reform_has_its_source_and_date() -> None:
    _, pending = read_rules(assets.data("rules", "2027.toml"))
    assert len(pending) == 4
    assert all(reform["source"] and reform["date"].year <= 2026 for reform in pending)


@pytest.mark.parametrize("base", ["2027", "2031", "true"])
def test_a_table_is_based_on_an_earlier_one(tmp_path: Path, base: str) -> None:
    text = assets.data("rules", "2027.toml").read_text("utf-8")
    file = tmp_path / "2027.toml"
    file.write_text(text.replace("based_on = 2026", f"based_on = {base}"), "utf-8")
    with pytest.raises(ConfigError, match="is not an earlier year with a table"):
        read_rules(file)
