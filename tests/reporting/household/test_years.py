"""The years ahead in words: both languages say the same figures, in the order of the years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from jeoul.household.years.isa import IsaEvent
from jeoul.household.years.years import YearPlan
from jeoul.reporting.household.names import HouseholdNames
from jeoul.reporting.household.years import years_in_words
from jeoul.reporting.text import Text

NAMES = HouseholdNames(
    accounts={"isa": Text("ISA", "ISA"), "pension": Text("연금저축", "Pension savings")},
    people={"minsu": Text("민수", "Minsu")},
    funds={},
    classes={},
)
CLOSED = IsaEvent(
    account="isa",
    day=date(2028, 3, 2),
    what="reopened",
    tax=396_000,
    transferred=6_000_000,
    credit=871_200,
    until=date(2028, 5, 1),
    moved=14_000_000,
    outside=1_000_000,
    saves=900_000,
)
PLAN = YearPlan(
    person="minsu",
    year=2028,
    age=36,
    money=14_400_000,
    deposits={"pension": 6_000_000, "isa": 8_000_000},
    stays=400_000,
    credit=792_000,
    forgone=396_000,
    events=(CLOSED,),
    realise=2_500_000,
    saves=550_000,
    needed=0,
)


def lines(language: str, *plans: YearPlan) -> list[str]:
    return [text.into(language) for text in years_in_words(plans, NAMES, growth=0.03)]


def test_everything_of_a_year_is_said_once_in_both_languages() -> None:
    figures = ("14,400,000", "6,000,000", "8,000,000", "400,000", "792,000", "396,000")
    for language in ("ko", "en"):
        said = "\n".join(lines(language, PLAN))
        assert all(figure in said for figure in figures)
        assert all(figure in said for figure in ("871,200", "2028-05-01", "2,500,000", "550,000"))
        assert "3.0%" in lines(language, PLAN)[-1]
    assert len(lines("ko", PLAN)) == len(lines("en", PLAN)) == 7


def test_a_year_without_anything_to_do_is_left_out() -> None:
    still = YearPlan(
        person="minsu",
        year=2029,
        age=37,
        money=0,
        deposits={},
        stays=0,
        credit=0,
        forgone=0,
        events=(),
        realise=0,
        saves=0,
        needed=0,
    )
    assert len(lines("en", still)) == 1  # only what the plan does not see


def test_an_isa_that_is_kept_says_why() -> None:
    for what, said in (("kept", "saves no tax"), ("barred", "20 million")):
        event = IsaEvent(account="isa", day=date(2028, 3, 2), what=what)
        (line,) = [each for each in lines("en", _with(event)) if each.startswith("2028-03-02")]
        assert said in line


def _with(event: IsaEvent) -> YearPlan:
    return replace(PLAN, events=(event,))
