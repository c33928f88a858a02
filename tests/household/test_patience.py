"""Between the dates of its strategy a household waits until it is a band away from its target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.household.homes import home

from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.patience import LastPlan, patience, patient
from jeoul.household.problem.after import aim_money
from jeoul.korea.tables import load_rules
from jeoul.market import Market

MONTH_END = date(2026, 5, 29)  # the last session of May: the strategy's date
LATER = date(2026, 6, 2)


@pytest.fixture(scope="module")
def seen(sample: Market, tmp_path_factory: pytest.TempPathFactory) -> dict[date, Gathered]:
    file = home(tmp_path_factory.mktemp("patience"), "general", "isa")
    book = load_rules(2026)
    return {day: gather(file, market=sample, as_of=day, book=book) for day in (MONTH_END, LATER)}


def plan_of(gathered: Gathered, session: date, **scales: float) -> LastPlan:
    known = {name: each.scale for name, each in gathered.aims.items()}
    return LastPlan(session, {**known, **scales})


def test_between_two_dates_a_plan_must_save_what_a_drift_of_the_band_costs(
    seen: dict[date, Gathered],
) -> None:
    gathered = seen[LATER]
    (aim,) = gathered.household.aims
    # 5 % of the money too much in one class, and 5 % too little in another, at 2 % a year
    asked = 0.02 * 2 * 0.05 * aim_money(gathered.household, aim)
    last = plan_of(gathered, MONTH_END)
    assert patience(gathered, last) == pytest.approx(asked)
    assert patient(gathered, last).household.policy.min_gain == pytest.approx(asked)


def test_on_the_dates_of_the_strategy_min_gain_is_enough(seen: dict[date, Gathered]) -> None:
    gathered = seen[MONTH_END]
    assert patience(gathered, plan_of(gathered, date(2026, 5, 28))) == 5_000


def test_a_date_that_was_missed_is_made_good_for(seen: dict[date, Gathered]) -> None:
    gathered = seen[LATER]
    assert patience(gathered, plan_of(gathered, date(2026, 5, 28))) == 5_000


def test_the_first_plan_and_a_step_of_the_overlay_do_not_wait(seen: dict[date, Gathered]) -> None:
    gathered = seen[LATER]
    assert patience(gathered, None) == 5_000
    for scale in (0.5, 1.5):  # what the last plan knew: the overlay has stepped up, or down
        moved = plan_of(gathered, MONTH_END, household=scale)
        assert patience(gathered, moved) == 5_000


def test_patience_never_asks_for_less_than_the_person_does(seen: dict[date, Gathered]) -> None:
    gathered = seen[LATER]
    policy = replace(gathered.household.policy, min_gain=1_000_000.0)
    careful = replace(gathered, household=replace(gathered.household, policy=policy))
    assert patience(careful, plan_of(gathered, MONTH_END)) == 1_000_000
