"""What a run keeps of its expectations: notes that no plan, replay or proof depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import Bench
from harness import market, sessions

from jeoul import api
from jeoul.model.decision import Memory
from jeoul.operations.course import course_of
from jeoul.operations.ledger import Ledger, check
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.promises import account_scored, path_of
from jeoul.operations.told.forward_notes import (
    MonthNote,
    account_forward,
    chosen_in,
    model_returns,
    months_in,
)
from jeoul.operations.told.promise_notes import PROMISE, promises_in
from jeoul.promises.making import promise_of
from jeoul.promises.scoring import PromiseVerdict

DAYS = sessions(26)  # 2025-03-04 to 2025-04-08


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A paper account that was run on every session of five weeks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        bench = Bench(tmp_path_factory.mktemp("played"))
        for place, day in enumerate(DAYS):
            plan = bench.plans[day]
            memory = replace(plan.memory, nav=1.0 + 0.01 * place)
            bench.plans[day] = replace(plan, memory=memory)
            bench.run(day)
    return bench


@pytest.fixture
def ledger(played: Bench) -> Iterator[Ledger]:
    with closing(played.ledger()) as found:
        yield found


def notes(ledger: Ledger, kind: str) -> list[Any]:
    return ledger.rows("SELECT session, detail FROM notes WHERE kind = ? ORDER BY seq", kind)


def test_every_frozen_plan_has_its_promise(played: Bench, ledger: Ledger) -> None:
    assert promises_in(ledger, "main") == [promise_of(played.plans[day]) for day in DAYS]
    runs = [row["run_id"] for row in ledger.rows("SELECT run_id FROM runs ORDER BY seq")]
    assert [json.loads(row["detail"])["run"] for row in notes(ledger, PROMISE)] == runs
    assert promises_in(ledger, "another") == []


def test_a_plan_that_is_only_shown_keeps_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(DAYS[0], execute=False)
    with closing(bench.ledger()) as ledger:
        assert notes(ledger, PROMISE) == []


def test_a_second_look_at_a_session_promises_nothing_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(DAYS[0])
    bench.run(DAYS[0])
    with closing(bench.ledger()) as ledger:
        assert len(notes(ledger, PROMISE)) == 1


def test_a_promise_without_its_plan_does_not_count(tmp_path: Path) -> None:
    """A process may end between the two; the next run of the session keeps it again."""
    bench = Bench(tmp_path)
    bench.run(DAYS[0])
    with closing(bench.ledger()) as ledger:
        stored = json.loads(notes(ledger, PROMISE)[0]["detail"])
        with ledger.transaction():
            ledger.append(
                "notes", ledger.head().at, account="main", strategy="static",
                session=DAYS[1].isoformat(), kind=PROMISE,
                detail=json.dumps({**stored, "run": "never", "session": DAYS[1].isoformat()}),
            )  # fmt: skip
        assert [each.session for each in promises_in(ledger, "main")] == [DAYS[0]]


def test_the_ledger_is_sound(ledger: Ledger) -> None:
    assert check(ledger).faults == ()


@pytest.mark.parametrize("kind", ["forward", "promise"])
def test_a_past_line_that_was_rewritten_fails_the_check(
    played: Bench, tmp_path: Path, kind: str
) -> None:
    bench = Bench(tmp_path)
    bench.run(DAYS[0])
    with closing(bench.ledger()) as ledger:
        (row,) = ledger.rows("SELECT seq, detail FROM notes WHERE kind = ?", kind)
        better = row["detail"].replace("2025-03", "2025-02", 1)
        assert better != row["detail"]
        ledger.store.connection.execute("DROP TRIGGER notes_no_update")
        ledger.store.connection.execute(
            "UPDATE notes SET detail = ? WHERE seq = ?", (better, row["seq"])
        )
        assert f"row {row['seq']} (notes): was changed after it was written" in check(ledger).faults


def test_a_promise_is_a_note_and_no_column_of_its_own() -> None:
    assert COLUMNS["notes"] == ("account", "strategy", "session", "kind", "detail")


def test_the_account_is_scored_by_its_own_value(ledger: Ledger) -> None:
    calendar = api.calendars()["XKRX"]
    course = course_of(ledger, account="main", market=market(), calendar=calendar)
    found = account_scored(ledger, course)
    assert found is not None
    assert (found.first, found.last, found.made) == (DAYS[0], DAYS[-1], len(DAYS))
    by_name = {each.figure: each for each in found.ranges}
    assert by_name["month"].hits.windows == 2
    assert by_name["month"].verdict is PromiseVerdict.TOO_FEW
    assert by_name["month"].all_windows == len(DAYS)
    assert by_name["year"].hits.windows == 1


def test_an_account_without_promises_has_no_score(ledger: Ledger) -> None:
    calendar = api.calendars()["XKRX"]
    course = course_of(ledger, account="someone", market=market(), calendar=calendar)
    assert account_scored(ledger, course) is None


def test_the_first_purchase_turns_the_account_over_by_what_it_invests(ledger: Ledger) -> None:
    calendar = api.calendars()["XKRX"]
    course = course_of(ledger, account="main", market=market(), calendar=calendar)
    path = path_of(course)
    bought = sum(fill.amount for fill in course.fills if fill.session == course.fills[0].session)
    place = int(np.flatnonzero(path.turnover)[0])
    assert path.turnover[place] == pytest.approx(bought / course.value[place])
    assert path.cost[place] == pytest.approx(course.fees[place] / course.value[place])


def test_one_line_a_month_has_the_models_unit_value(played: Bench, ledger: Ledger) -> None:
    months = months_in(ledger, "main")
    april = DAYS.index(date(2025, 4, 1))
    assert [(each.month, each.session) for each in months] == [
        ("2025-03", DAYS[0]), ("2025-04", DAYS[april]),
    ]  # fmt: skip
    assert [each.nav for each in months] == [1.0, pytest.approx(1.0 + 0.01 * april)]
    assert (
        months[0].rules
        == json.loads(ledger.rows("SELECT plan FROM runs")[0]["plan"])["rules"]["digest"]
    )


def month(number: int, rules: str, nav: float) -> MonthNote:
    return MonthNote(f"2025-{number:02d}", date(2025, number, 3), rules, nav)


def test_what_other_rules_did_is_no_part_of_the_record() -> None:
    months = [month(1, "a", 1.0), month(2, "a", 2.0), month(3, "b", 5.0), month(4, "b", 5.5)]
    assert chosen_in(months) == date(2025, 3, 3)
    assert [growth for _, _, growth in model_returns(months)] == [pytest.approx(0.1)]
    found = account_forward("main", "static", months)
    assert (found["rules_since"], found["before"]) == ("2025-03-03", None)
    assert [(each["from"], each["to"]) for each in found["after"]["months"]] == [
        ("2025-03-03", "2025-04-03")
    ]


def test_rules_that_came_back_are_chosen_again() -> None:
    months = [month(1, "a", 1.0), month(2, "b", 2.0), month(3, "a", 5.0)]
    assert chosen_in(months) == date(2025, 3, 3)
    assert model_returns(months) == []


def test_an_account_without_lines_has_chosen_nothing_that_is_known() -> None:
    assert chosen_in([]) is None
    assert account_forward("main", "static", [])["rules_since"] is None


def test_a_memory_of_an_older_version_is_made_again() -> None:
    from jeoul.operations.setup.memory import from_document, to_document

    memory = Memory(as_of=DAYS[0], rules="r", clock=None, overlay=None, scale=1.0, cost=0.1)
    stored = to_document(memory)
    assert from_document(stored) == memory
    with pytest.raises(KeyError, match="another version"):
        from_document({name: value for name, value in stored.items() if name != "turnover"})
