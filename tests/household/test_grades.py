"""What a person's questionnaire allows holds in each of the person's accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.household.homes import MINSU, account, home

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.tables import load_rules
from jeoul.market import Market

BOOK = load_rules(2026)
JIWOO = '[people.jiwoo]\nborn = 1990-02-01\nwages = 80_000_000\nprofile = "growth"\n'
HERS = account("hers", 'kind = "general"', owner="jiwoo")
MONEY = "ticker,shares\nCASH,20000000\n"


def answered(folder: Path, day: str | None = None, **changed: str) -> str:
    """The example's answers, of a neutral investor, in a person's table."""
    text = (assets.root() / "configs" / "answers-example.toml").read_text("utf-8")
    for key, value in changed.items():
        lines = text.splitlines()
        text = "\n".join(
            f'{key} = "{value}"' if line.split("=")[0].strip() == key else line for line in lines
        )
    if day is not None:
        text += f"\nanswered = {day}\n"
    (folder / "answers.toml").write_text(text, "utf-8")
    return MINSU.replace('profile = "balanced"', 'answers = "answers.toml"')


def gathered(market: Market, file: HouseholdFile, **asked) -> Gathered:  # type: ignore[no-untyped-def]
    return gather(file, market=market, as_of=market.last_session(), book=BOOK, **asked)


def bought(found: Gathered, account: str) -> dict[str, int | None]:
    """The grades of the funds that an account may buy."""
    funds = found.inputs.universes[account].instruments
    return {
        each.fund: funds[each.fund].risk_grade
        for each in found.household.positions
        if each.account == account and each.buyable
    }


def said(found: Gathered, kind: str) -> list[dict[str, str]]:
    return [dict(note.detail) for note in found.notes if note.kind == f"household.{kind}"]


def test_by_product_no_account_of_the_person_buys_a_riskier_fund(
    sample: Market, tmp_path: Path
) -> None:
    """Kiwoom lets a neutral investor hold grade 4 and calmer."""
    people = answered(tmp_path) + 'suitability = { mode = "product" }\n'
    found = gathered(sample, home(tmp_path, "general", "us", "isa", people=people))
    for name in ("general", "us", "isa"):
        assert all((grade or 1) >= 4 for grade in bought(found, name).values())
    assert bought(found, "general")
    assert said(found, "grades") == [{"person": "minsu", "riskiest": "4", "matrix": "kiwoom"}]


def test_a_spouse_is_not_given_the_risk_of_the_others_target(
    sample: Market, tmp_path: Path
) -> None:
    """They share a target that is too risky for one: that one's accounts hold the calm part."""
    file = home(
        tmp_path,
        "general",
        people=answered(tmp_path) + JIWOO,
        more=HERS,
        hers="ticker,shares\nCASH,200000000\n",
        general=MONEY,
    )
    found = gathered(sample, file)
    assert all((grade or 1) >= 4 for grade in bought(found, "general").values())
    assert min(grade or 1 for grade in bought(found, "hers").values()) == 2
    assert [each["person"] for each in said(found, "grades")] == ["minsu"]


def test_a_target_that_suits_the_person_is_bought_whole(sample: Market, tmp_path: Path) -> None:
    """By portfolio a riskier fund is fine as long as the mean of all is."""
    found = gathered(sample, home(tmp_path, "general", people=answered(tmp_path)))
    assert min(grade or 1 for grade in bought(found, "general").values()) < 4
    assert said(found, "grades") == []


def test_a_limit_that_only_reports_bars_nothing(sample: Market, tmp_path: Path) -> None:
    people = answered(tmp_path) + 'suitability = { mode = "product", on_breach = "report" }\n'
    found = gathered(sample, home(tmp_path, "general", people=people))
    assert min(grade or 1 for grade in bought(found, "general").values()) < 4


def test_of_two_people_with_one_profile_the_stricter_limit_makes_the_target(
    sample: Market, tmp_path: Path
) -> None:
    jiwoo = JIWOO.replace('"growth"', '"balanced"\nsuitability = { mode = "product" }')
    people = MINSU + jiwoo
    file = home(tmp_path, "general", people=people, more=HERS, hers=MONEY, general=MONEY)
    (facts,) = gathered(sample, file).aims.values()
    graded = facts.proposals["balanced"].graded
    assert graded is not None
    assert graded.limit.mode == "product"


def test_expired_answers_stop_purchases_of_that_person_alone(
    sample: Market, tmp_path: Path
) -> None:
    people = answered(tmp_path, "2025-01-10") + JIWOO
    file = home(tmp_path, "general", "pension", people=people, more=HERS, hers=MONEY)
    found = gathered(sample, file, deposit={"minsu": 3_000_000})
    assert bought(found, "general") == bought(found, "pension") == {}
    assert bought(found, "hers")
    rooms = {each.id: each.room for each in found.household.accounts}
    assert rooms["general"] == rooms["pension"] == 3_000_000.0
    sellable = [each for each in found.household.positions if each.shares]
    assert sellable
    assert all(each.sellable for each in sellable)
    assert said(found, "expired") == [{"person": "minsu", "expires": "2026-01-10"}]


def test_answers_that_chose_another_insurance_are_refused(sample: Market, tmp_path: Path) -> None:
    people = answered(tmp_path)
    place = tmp_path / "answers.toml"
    choice = '\n[overlay]\nchoice = "none"\nchosen = 2026-01-10\nshown = "x"\n'
    place.write_text(place.read_text("utf-8") + choice, "utf-8")
    with pytest.raises(ConfigError, match="managed"):
        gathered(sample, home(tmp_path, "general", people=people))
