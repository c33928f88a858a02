"""The money of one run by what its newest plan kept: what stands, what is due, what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.operations.desk.intents import RunPlan, freeze
from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.asked_money import AskedMoney, MoneyUnderWay
from jeoul.operations.household.run_money import PlanDays, RunMoney
from jeoul.operations.household.said_money import DueMoney
from jeoul.operations.ledger import Ledger, open_ledger

THU, FRI, MON, TUE = (date(2026, 6, day) for day in (25, 26, 29, 30))
DAYS = PlanDays(session=MON, executed=TUE)
SEEN = {"isa": 100, "hers": 50, "us": 7}
HOME = """\
schema = 1
name = "ours"
state = "state"
strategy = "managed"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[people.yuna]
born = 1993-05-11
wages = 62_000_000
profile = "balanced"
[accounts.isa]
kind = "isa"
owner = "minsu"
broker = { kind = "paper" }
[accounts.us]
kind = "overseas"
owner = "minsu"
holdings = "us.csv"
[accounts.hers]
kind = "isa"
owner = "yuna"
broker = { kind = "paper" }
"""
FLOW = '[[flows]]\nperson = "minsu"\namount = {won}\nevery = "month"\nfrom = {day}\n'


@dataclass
class House:
    """A household of three accounts with what their ledgers keep of its plans."""

    folder: Path
    ledgers: Mapping[str, Ledger]

    def file(self, *flows: tuple[int, date], text: str = HOME) -> HouseholdFile:
        place = self.folder / "household.toml"
        written = "".join(FLOW.format(won=won, day=day) for won, day in flows)
        place.write_text(text + written, "utf-8")
        return read_household(place)

    def plan(
        self,
        told: MoneyUnderWay,
        on: date = FRI,
        run: str = "ours.1",
        accounts: Mapping[str, Any] | None = None,
        at: int = 1,
        **kept: Any,
    ) -> dict[str, Any]:
        """Freeze a plan that was told of money, and asks for all of it."""
        document = {
            "run": run,
            "on": on.isoformat(),
            "under_way": told.document(),
            "to_come": {name: each.left for name, each in told.requests.items()},
            "transfers": {"isa": 1},
            "looked": {name: {"moved": won} for name, won in SEEN.items()},
            "rates": {"us": 14.0},
            **kept,
        }
        for name in self.ledgers if accounts is None else accounts:
            made = RunPlan(name, run, on, MON, "made", {"household": document}, ())
            with self.ledgers[name].transaction():
                freeze(self.ledgers[name], at, made)
        return document

    def happened(self, name: str, event: str, run: str = "ours.1", on: date = FRI) -> None:
        with self.ledgers[name].transaction():
            self.ledgers[name].append(
                "run_events", 2, run_id=f"{name}.{run}.{on}", event=event, detail="{}"
            )

    def money(
        self,
        file: HouseholdFile | None = None,
        wanted: Mapping[str, int] | None = None,
        without: str = "",
        **moved: int,
    ) -> RunMoney:
        legs: Any = [
            SimpleNamespace(
                account=name,
                stages=None
                if name == without
                else SimpleNamespace(
                    desk=SimpleNamespace(ledger=ledger), moved=SEEN[name] + moved.get(name, 0)
                ),
            )
            for name, ledger in self.ledgers.items()
        ]
        return RunMoney(file=file or self.file(), legs=legs, wanted=wanted or {})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(
            tmp_path,
            {
                name: stack.enter_context(closing(open_ledger(tmp_path / f"{name}.sqlite3")))
                for name in SEEN
            },
        )


def told(**wanted: int) -> MoneyUnderWay:
    requests = {name: AskedMoney.of(won, FRI, SEEN) for name, won in wanted.items()}
    return MoneyUnderWay(requests=requests, seen=SEEN)


def amounts(found: MoneyUnderWay) -> dict[str, int]:
    return {name: each.amount for name, each in found.requests.items()}


FLOWS = ((30, MON), (500, TUE))


def test_before_the_first_plan_nothing_is_due(house: House) -> None:
    found, due = house.money(house.file(*FLOWS), {"minsu": 9}).under_way(DAYS)
    assert (amounts(found), due, found.early) == ({"minsu": 9}, DueMoney(), {})
    house.plan(told(), looked={})  # a plan of the oldest kind did not look at what had moved
    found, due = house.money(house.file(*FLOWS), {"minsu": 9}).under_way(DAYS)
    assert (amounts(found), due, found.early) == ({"minsu": 9}, DueMoney(), {})


def test_since_a_plan_a_schedule_makes_due_what_it_has_not_seen_come(house: House) -> None:
    house.plan(told(minsu=100))
    found, due = house.money(house.file(*FLOWS)).under_way(DAYS)
    assert (amounts(found), due.due) == ({"minsu": 130}, {"minsu": 30})
    assert {name: each.amount for name, each in found.early.items()} == {"minsu": 500}
    assert found.early["minsu"].before == SEEN


@pytest.mark.parametrize(
    ("early", "on", "due", "soon"),
    [
        ({}, FRI, {"minsu": 30}, 500),
        ({"minsu": 20}, FRI, {"minsu": 10}, 500),
        ({"minsu": 30}, FRI, {}, 500),
        ({"minsu": 200}, MON, {}, 300),  # seen to come early by a plan of the same session
        ({}, MON, {}, 500),
    ],
)
def test_what_came_early_is_not_due_again(
    house: House, early: dict[str, int], on: date, due: dict[str, int], soon: int
) -> None:
    house.plan(told(), on=on, early=early)
    found, got = house.money(house.file(*FLOWS)).under_way(DAYS)
    assert got.due == due
    assert (found.early["minsu"].amount, found.early["minsu"].left) == (500, soon)


def test_a_schedule_that_makes_nothing_due_yet_makes_nothing_early(house: House) -> None:
    house.plan(told(minsu=100))
    found, due = house.money(house.file((30, date(2026, 7, 15)))).under_way(DAYS)
    assert (due, found.early) == (DueMoney(), {})


def test_with_gifts_what_came_for_a_request_that_a_plan_ended_is_used_up(house: House) -> None:
    """Hers of 40 had come by the plan, which waits for his alone: they are no gift to him."""
    gifts = house.file(text=HOME + "[policy]\ngifts = true\n")
    then = {**SEEN, "hers": SEEN["hers"] + 40}
    looked = {name: {"moved": won} for name, won in then.items()}
    house.plan(told(minsu=100, yuna=40), to_come={"minsu": 100}, looked=looked)
    found = house.money(gifts, hers=40).under_way(DAYS)[0]
    assert found.requests["minsu"].before == then
    assert found.requests.keys() == {"minsu"}


def test_who_says_what_moves_has_nothing_due(house: House) -> None:
    house.plan(told())
    found, due = house.money(house.file(*FLOWS), {"minsu": 9}).under_way(DAYS)
    assert (amounts(found), due.due) == ({"minsu": 9}, {})


def test_the_transfers_of_a_plan_stand_while_its_accounts_do(house: House) -> None:
    every = {"isa": 1, "hers": 2, "us": 3}
    house.plan(told(minsu=100), transfers=every)
    assert house.money().under_way(DAYS)[0].transfers == every
    house.plan(told(minsu=100), run="ours.2", transfers={**every, "gone": 4}, on=MON)
    found = house.money().under_way(DAYS)[0]
    assert (found.transfers, amounts(found)) == ({}, {"minsu": 100})


@pytest.mark.parametrize("event", ["rejected", "lapsed"])
def test_a_plan_that_one_account_ended_asks_again(house: House, event: str) -> None:
    kept = house.plan(told(minsu=100))
    assert house.money().stands(kept)
    house.happened("hers", event)
    assert not house.money().stands(kept)
    found = house.money().under_way(DAYS)[0]
    assert (amounts(found), found.transfers) == ({"minsu": 100}, {})
    assert house.money(without="hers").stands(kept)


def test_a_plan_that_was_never_whole_was_shown_to_nobody(house: House) -> None:
    kept = house.plan(told(minsu=100), accounts={"isa": 1, "us": 1}, to_come={})
    assert not house.money().stands(kept)
    found = house.money().under_way(DAYS)[0]
    assert (amounts(found), found.transfers) == ({"minsu": 100}, {})
    assert house.money(without="hers").stands(kept)


def test_the_newest_plan_is_that_of_the_newest_session_and_then_the_newest_time(
    house: House,
) -> None:
    house.plan(told(minsu=1), on=MON, run="b", accounts={"us": 1}, at=5)
    house.plan(told(minsu=2), on=MON, run="c", accounts={"hers": 1}, at=9)
    house.plan(told(minsu=3), on=FRI, run="d", accounts={"isa": 1}, at=20)
    assert amounts(house.money().under_way(DAYS)[0]) == {"minsu": 2}


def test_nobody_waits_for_a_person_who_has_left_the_file(house: House) -> None:
    house.plan(told(minsu=100, yuna=40))
    alone = HOME.replace("[people.yuna]", "[people.jun]").replace('"yuna"', '"jun"')
    found = house.money(house.file(text=alone)).under_way(DAYS)[0]
    assert amounts(found) == {"minsu": 100}
    assert [each.person for each in found.ended] == ["yuna"]
    assert house.money().under_way(DAYS)[0].ended == ()


@pytest.mark.parametrize(
    ("wanted", "kept", "new"),
    [
        ({}, {}, False),
        ({"minsu": 100}, {}, False),
        ({"minsu": 101}, {}, True),
        ({"minsu": 0}, {}, True),
        ({"yuna": 0}, {}, False),
        ({"yuna": 1}, {}, True),
        ({"yuna": 7}, {"yuna": 7}, False),  # the plan was told of it, and left it at the bank
        ({"yuna": 8}, {"yuna": 7}, True),
        ({"minsu": 100}, {"minsu": 3}, False),
    ],
)
def test_money_is_new_where_the_plan_does_not_know_it(
    house: House, wanted: dict[str, int], kept: dict[str, int], *, new: bool
) -> None:
    document = house.plan(told(minsu=100), wanted=kept)
    assert house.money(wanted=wanted).is_new(document) is new


@pytest.mark.parametrize(
    ("to_come", "moved", "arrived"),
    [
        ({"minsu": 9}, {}, []),
        ({"minsu": 9}, {"isa": 5}, ["isa"]),
        ({"minsu": 9}, {"isa": -5, "us": 1}, ["isa", "us"]),
        ({}, {"isa": 5}, []),  # nothing is waited for
    ],
)
def test_money_has_arrived_where_an_account_has_seen_it_move(
    house: House, to_come: dict[str, int], moved: dict[str, int], arrived: list[str]
) -> None:
    kept = house.plan(told(minsu=9), to_come=to_come)
    run: Any = SimpleNamespace(document={"household": kept})
    assert house.money(**moved).arrived({"isa": run}) == arrived  # type: ignore[arg-type]
    unseen: Any = SimpleNamespace(document={"household": {**kept, "looked": {}}})
    assert house.money(isa=5).arrived({"isa": unseen}) == []


def test_what_may_be_booked_is_open_or_due_by_the_day_of_the_orders(house: House) -> None:
    assert house.money(house.file(*FLOWS)).expected("isa", DAYS) == ExpectedMoney()
    house.plan(told(minsu=100))
    found = house.money(house.file(*FLOWS)).expected("isa", DAYS)
    assert (found.whole_in, found.whole_out) == (630, 0)
    assert house.money(house.file(*FLOWS)).expected("us", DAYS).whole_in == 45  # 630 won by 14
    assert house.money(house.file(*FLOWS), without="hers").expected("isa", DAYS) == ExpectedMoney()
    assert house.money(house.file(*FLOWS), isa=600).expected("isa", DAYS).whole_in == 30


def test_a_plan_of_before_rates_were_kept_knows_those_of_won(house: House) -> None:
    house.plan(told(minsu=100), rates={})
    assert house.money().expected("isa", DAYS).whole_in == 100
    assert house.money().expected("us", DAYS) == ExpectedMoney()
    found = house.money(us=5).under_way(DAYS)[0]
    assert found.requests["minsu"].left == 100
