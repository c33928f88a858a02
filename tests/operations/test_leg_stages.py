"""One account of a household's run: when it waits, rests or lapses, and whose switches hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.model.portfolio import Reason
from jeoul.operations.broker.port import Hours
from jeoul.operations.desk.intents import Run
from jeoul.operations.household import leg as leg_module
from jeoul.operations.household.leg import Leg, LegStages
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.stages import Stages

DAY, NEXT = date(2026, 6, 26), date(2026, 6, 29)


def stages(**given: Any) -> Any:
    found = LegStages.__new__(LegStages)
    desk = SimpleNamespace(
        ledger=None, broker=SimpleNamespace(hours=lambda _: given.get("hours", Hours.EARLY))
    )
    fields = {
        "desk": desk, "executed": NEXT, "session": DAY,
        "settings": SimpleNamespace(name="a", safety="s", approval="terms"),
        "records": SimpleNamespace(strategy="managed"), "config": None,
        "request": SimpleNamespace(execute=given.get("executing", True), approve=None),
        "member": SimpleNamespace(state=Path("home"), file="h.toml"),
    }  # fmt: skip
    for name, value in fields.items():
        setattr(found, name, value)
    return found


RUN = Run("a.1", "a", "managed", DAY, NEXT, "in", {"household": {"run": "ours.1"}}, 1)


@pytest.mark.parametrize(
    ("given", "states", "outcome", "waits"),
    [
        ({}, ["new"], "planned", True),
        ({}, ["filled", "absent"], "planned", True),
        ({}, ["filled"], "planned", False),
        ({}, [], "planned", False),
        ({}, ["new"], "executed", False),
        ({"executing": False}, ["new"], "planned", False),
        ({"hours": Hours.OPEN}, ["new"], "planned", False),
    ],
)
def test_an_account_abroad_waits_for_its_own_exchange(
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    states: list[str],
    outcome: str,
    *,
    waits: bool,
) -> None:
    intents = [SimpleNamespace(state=state) for state in states]
    monkeypatch.setattr(leg_module, "intents_of", lambda *_: intents)
    monkeypatch.setattr(leg_module, "message", lambda _, kind, **more: f"{kind} {more}")
    own = stages(**given)
    own._continue = lambda _: RunReport(outcome, asked=("before",))
    asked = own.go_on(RUN).asked
    assert (asked != ("before",)) is waits
    if waits:
        assert asked[0].startswith("household_waits_ask")


@pytest.mark.parametrize(
    ("done", "rejected", "rests"),
    [
        ([], False, True),
        ([True], False, True),
        ([True, False], False, False),
        ([True], True, False),
    ],
)
def test_a_part_rests_once_nothing_can_happen_and_nobody_rejected_it(
    monkeypatch: pytest.MonkeyPatch, done: list[bool], *, rejected: bool, rests: bool
) -> None:
    intents = [SimpleNamespace(done=each) for each in done]
    monkeypatch.setattr(leg_module, "intents_of", lambda *_: intents)
    monkeypatch.setattr(leg_module, "is_rejected", lambda *_: rejected)
    assert stages().rests(RUN) is rests


@pytest.mark.parametrize(
    ("run", "unfit", "found"), [(None, False, None), (RUN, False, RUN), (RUN, True, None)]
)
def test_a_run_that_no_longer_fitted_is_not_the_session_s(
    monkeypatch: pytest.MonkeyPatch, run: Run | None, found: Run | None, *, unfit: bool
) -> None:
    monkeypatch.setattr(leg_module, "find_run", lambda *_: run)
    monkeypatch.setattr(leg_module, "is_unfit", lambda *_: unfit)
    assert stages().current() is found


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_the_switches_of_an_account_and_of_its_household_both_hold(
    monkeypatch: pytest.MonkeyPatch, *, own: bool, whole: bool
) -> None:
    folders: list[Path] = []

    def switched(_: object, state: Path) -> bool:
        folders.append(state)
        return whole

    for name in ("is_safe", "is_stopped"):
        monkeypatch.setattr(leg_module, name, switched)
    for name in ("_safe", "_stopped"):
        monkeypatch.setattr(Stages, name, property(lambda _: own))
    found = stages()
    assert (found.safe, found._stopped) == (own or whole,) * 2
    assert set(folders) <= {Path("home")}


def test_what_no_longer_fits_lapses_and_the_household_plans_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(leg_module, "lapse", lambda _, run, why: told.append((run.run_id, why)))
    monkeypatch.setattr(leg_module, "message", lambda _, kind, **__: kind)
    own = stages()
    own.reporter = SimpleNamespace(text=lambda reason: reason.kind)
    own._conclude = lambda run: told.append(run.run_id)
    found = own._lapse(RUN, (Reason.of("gone", n=1),))
    reasons = [["gone", (("n", "1"),)]]
    assert told == [("a.1", {"why": "it no longer fits", "reasons": reasons}), "a.1"]
    assert (found.outcome, found.reasons) == ("blocked_rule", ("household_lapsed", "gone"))
    assert own._released_as(RUN) == "ours.1"


def test_a_leg_that_has_failed_is_not_tried_again() -> None:
    done: list[str] = []
    Leg("a", None).tried(lambda _: done.append("without"))
    Leg("a", stages(), failed=True).tried(lambda _: done.append("failed"))
    Leg("a", stages()).tried(lambda _: done.append("well"))
    assert done == ["well"]
