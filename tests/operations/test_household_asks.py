"""What a household's run asks people for, and what it says of money that nobody asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from household_runs import (
    FIRST,
    FOURTH,
    HEAD,
    NEW,
    PAPER,
    SECOND,
    THIRD,
    TICKET,
    fill,
    run,
    sound,
    transfers,
)
from set_clock import SetClock

from jeoul import api
from jeoul.errors import UsageError
from jeoul.household.written.file import read_household
from jeoul.market import Market
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.workspace.live import run_household

ISA = """\
[accounts.isa]
kind = "isa"
opened = 2026-01-05
paid = { 2026 = 18_000_000 }
broker = { kind = "paper", cash = 3_000_000 }
"""
COUPLE = """\
[people.yuna]
born = 1993-07-01
wages = 40_000_000
spending = 500_000
profile = "balanced"
[accounts.his]
owner = "minsu"
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
[accounts.hers]
owner = "yuna"
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
"""
TAKES = """\
[[flows]]
person = "yuna"
amount = -500_000
every = "month"
from = 2026-05-24
"""


@pytest.fixture(autouse=True)
def opened_once(monkeypatch: pytest.MonkeyPatch, sample: Market) -> None:
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample)


def home(folder: Path, text: str) -> Path:
    place = folder / "household.toml"
    place.write_text(HEAD + text, "utf-8")
    return place


def tickets(folder: Path, extra: str) -> Path:
    (folder / "general.csv").write_text("ticker,shares,cost\nCASH,9000000,\n", "utf-8")
    (folder / "isa.csv").write_text("ticker,shares,cost\nCASH,0,\n", "utf-8")
    return home(folder, TICKET + extra)


def asks(report: RunReport) -> bool:
    said = (*report.asked, *report.reasons)
    return any(each.startswith("Transfer ₩") for each in said) or any(
        key in report.document["plan"] for key in ("transfers", "waiting", "to_come")
    )


def test_what_no_account_takes_stays_at_the_bank_and_is_not_missed(tmp_path: Path) -> None:
    place = home(tmp_path, ISA)
    made = run(place, FIRST, NEW)
    assert made.document["plan"]["to_come"] == {"minsu": sum(transfers(made).values())}
    assert 0 < transfers(made)["isa"] <= 2_000_000
    stays = NEW - transfers(made)["isa"]
    said = (
        f"₩{stays:,} of the deposit of minsu stays at the bank: the plan puts it into no account."
    )
    assert said in made.reasons
    later = run(place, SECOND)
    assert transfers(later) == transfers(made)
    assert not any("stays at the bank" in each for each in later.reasons)
    over = run(place, FOURTH, 0)
    assert over.reasons[0] == (
        f"₩{transfers(made)['isa']:,} of the deposit of minsu did not arrive and is no longer "
        "expected."
    )


def test_an_isa_s_room_is_less_by_what_its_books_saw_last_year(tmp_path: Path) -> None:
    """Opened in 2025 it takes 40 M by 2026; its books saw 15 M come in December 2025."""
    text = ISA.replace("2026-01-05\npaid = { 2026 = 18_000_000 }", "2025-01-06")
    text = text.replace("3_000_000 }", '3_000_000, deposits = { "2025-12-16" = 15_000_000 } }')
    place = home(tmp_path, text)
    for day in (15, 16):
        run(place, date(2025, 12, day))
    made = run(place, FIRST, 60_000_000)
    assert 24_000_000 < transfers(made)["isa"] <= 25_000_000


def test_money_that_is_said_while_nothing_can_be_planned_is_named(tmp_path: Path) -> None:
    place = home(tmp_path, PAPER)
    run(place, FIRST)
    (tmp_path / "state" / "STOP").touch()
    stopped = run(place, SECOND, NEW)
    assert stopped.outcome == "blocked_rule"
    assert stopped.asked[0] == (
        "The deposit of minsu (₩5,000,000) was not recorded, because no plan was made. Run again "
        "with --deposit once the reason is gone."
    )
    assert not asks(stopped)
    assert "not recorded" not in " ".join(run(place, SECOND, NEW, dry=True).asked)
    (tmp_path / "state" / "STOP").unlink()
    made = run(place, SECOND, NEW)
    assert made.document["plan"]["to_come"] == {"minsu": sum(transfers(made).values())}
    assert "not recorded" not in " ".join(made.asked)


def test_money_that_is_said_while_a_plan_goes_on_without_an_account_is_named(
    tmp_path: Path,
) -> None:
    place = home(tmp_path, PAPER)
    run(place, FIRST)
    broken = tmp_path / "state" / "isa" / "paper.sqlite3"
    broken.write_bytes(b"no account")
    again = run(place, FIRST, NEW)
    assert any(each.startswith("The deposit of minsu (₩5,000,000) was not") for each in again.asked)


def test_a_plan_that_an_account_forbids_asks_nobody_for_money(tmp_path: Path) -> None:
    place = tickets(tmp_path, "[safety]\nmax_turnover = 0.05\n")
    refused = run(place, FIRST, 4_000_000)
    assert refused.outcome == "blocked_rule"
    assert not asks(refused)
    assert any("was not recorded" in each for each in refused.asked)


def test_a_plan_that_a_person_rejects_asks_nobody_for_money(tmp_path: Path) -> None:
    place = tickets(tmp_path, "[approval]\nrequired = true\n")
    made = run(place, FIRST, 4_000_000)
    assert transfers(made)
    file = read_household(place)
    refusal = RunRequest(reject=made.document["run_id"], execute=True)
    refused = run_household(file, refusal, SetClock.after(FIRST))
    assert not asks(refused)
    said = "The transfers of this plan are not asked for any more."
    assert any(each.startswith(said) for each in refused.reasons)
    assert not asks(run(place, FIRST))
    later = run(place, SECOND)
    assert sum(transfers(later).values()) == sum(transfers(made).values())
    assert later.document["orders"]  # the plan that was rejected does not stand
    assert sound(file) == []


def test_an_account_that_leaves_the_file_takes_its_transfer_with_it(tmp_path: Path) -> None:
    accounts = PAPER.replace(', deposits = { "2026-06-25" = 3_000_000 }', "")
    place = home(tmp_path, accounts)
    assert transfers(run(place, FIRST, NEW)).keys() == {"isa", "pension"}
    isa = accounts[accounts.index("[accounts.isa]") : accounts.index("[accounts.pension]")]
    place.write_text(HEAD + accounts.replace(isa, ""), "utf-8")
    later = run(place, SECOND)
    assert transfers(later) == {"pension": NEW}
    ended = run(place, FOURTH, 0)
    assert transfers(ended) == {}
    assert "no longer expected" in ended.reasons[0]


def test_a_person_who_leaves_the_file_takes_the_request_along(tmp_path: Path) -> None:
    place = tmp_path / "household.toml"
    place.write_text(HEAD + COUPLE, "utf-8")
    request = RunRequest(as_of=FIRST, execute=True, money={"yuna": 4_000_000})
    first = run_household(read_household(place), request, SetClock.after(FIRST))
    (won,) = transfers(first).values()
    his = COUPLE[COUPLE.index("[accounts.his]") : COUPLE.index("[accounts.hers]")]
    place.write_text(HEAD + his, "utf-8")
    later = run(place, SECOND)
    assert transfers(later) == {}
    assert later.reasons[0] == (
        f"₩{won:,} of the deposit of yuna did not arrive and is no longer expected."
    )


def test_a_schedule_the_other_way_waits_for_what_a_person_says(tmp_path: Path) -> None:
    place = home(tmp_path, COUPLE + TAKES)
    run(place, FIRST)
    made = run(place, THIRD, NEW)
    assert made.reasons[:2] == (
        "Scheduled withdrawal of yuna: ₩500,000 since the last plan.",
        "₩500,000 that yuna takes out by schedule waits, because a deposit is under way. It is "
        "planned once that is done.",
    )
    assert set(made.document["plan"]["to_come"]) == {"minsu"}
    ended = run(place, FOURTH, 0)
    assert "Scheduled withdrawal of yuna: ₩500,000 that had waited is planned now." in ended.reasons
    assert ended.document["plan"]["to_come"] == {"yuna": -500_000}
    assert transfers(ended) == {"hers": -500_000}  # never out of another's account: it is a gift


def test_money_goes_one_way(tmp_path: Path) -> None:
    place = home(tmp_path, COUPLE)
    run(place, FIRST, NEW)
    request = RunRequest(as_of=SECOND, execute=True, money={"yuna": -1_000_000})
    with pytest.raises(UsageError, match="under way at once"):
        run_household(read_household(place), request, SetClock.after(SECOND))
    assert run(place, SECOND, -1_000_000).document["plan"]["to_come"] == {"minsu": -1_000_000}


def test_a_second_plan_with_money_that_came_needs_an_approval_of_its_own(tmp_path: Path) -> None:
    place = tickets(tmp_path, "[approval]\nrequired = true\n")
    file = read_household(place)
    made = run(place, FIRST, 4_000_000)
    first = RunRequest(approve=made.document["run_id"])
    run_household(file, first, SetClock.after(FIRST))
    (tmp_path / "isa.csv").write_text("ticker,shares,cost\nCASH,4000000,\n", "utf-8")
    fill(place, FIRST)
    second = run(place, FIRST)
    assert second.document["run_id"] == f"{made.document['run_id']}.2"
    assert {each["state"] for each in second.document["orders"]} == {"new"}
    assert any(f"--approve {second.document['run_id']}`" in each for each in second.asked)
    assert second.reasons[0] == (
        "This is plan 2 of the session. Orders that were sent stay as they are; this plan needs an "
        "approval of its own."
    )


def test_a_schedule_is_weighed_with_what_has_arrived_this_morning(tmp_path: Path) -> None:
    """All of the deposit is there on the day of a withdrawal: that is asked for in full."""
    place = tickets(
        tmp_path, '[[flows]]\namount = -1_000_000\nevery = "month"\nfrom = 2026-05-24\n'
    )
    run(place, FIRST, 4_000_000)
    fill(place, FIRST)
    (tmp_path / "isa.csv").write_text("ticker,shares,cost\nCASH,4000000,\n", "utf-8")
    come = run(place, date(2026, 6, 24))
    assert come.reasons[:2] == (
        "Scheduled withdrawal of minsu: ₩1,000,000 since the last plan.",
        "The deposit of minsu has arrived (₩4,000,000).",
    )
    assert come.document["plan"]["to_come"] == {"minsu": -1_000_000}
    assert sum(transfers(come).values()) == -1_000_000


def test_a_person_takes_money_out_on_the_morning_on_which_another_s_has_arrived(
    tmp_path: Path,
) -> None:
    comes = '30_000_000, deposits = { "2026-06-24" = 5_000_000 } }'
    place = home(tmp_path, COUPLE.replace("30_000_000 }", comes, 1))
    run(place, FIRST, NEW)
    request = RunRequest(as_of=date(2026, 6, 24), execute=True, money={"yuna": -500_000})
    come = run_household(read_household(place), request, SetClock.after(date(2026, 6, 24)))
    assert come.reasons[0].startswith("The deposit of minsu has arrived (₩")
    assert come.document["plan"]["to_come"] == {"yuna": -500_000}


def test_a_room_that_has_become_smaller_is_asked_for_no_more_than_it_takes(tmp_path: Path) -> None:
    """A ``paid`` that was put right leaves the ISA one million of the four that were asked for."""
    place = tickets(tmp_path, "")
    assert transfers(run(place, FIRST, 4_000_000)) == {"isa": 4_000_000}
    fill(place, FIRST)
    paid = "paid = { 2024 = 20_000_000, 2025 = 20_000_000, 2026 = 19_000_000 }"
    text = place.read_text("utf-8")
    place.write_text(text.replace("opened = 2024-03-02", f"opened = 2024-03-02\n{paid}"), "utf-8")
    less = run(place, SECOND)
    assert transfers(less).get("isa", 0) <= 1_000_000
    assert less.reasons[0] == (
        "Account isa may now take only ₩1,000,000, less than it was to get. The transfers are "
        "planned again."
    )
    fill(place, SECOND)
    later = run(place, date(2026, 6, 24))
    assert transfers(later) == transfers(less)
    assert not any("may now take only" in each for each in later.reasons)


def test_money_moved_between_accounts_takes_the_room_of_a_transfer(tmp_path: Path) -> None:
    place = tickets(tmp_path, "")
    text = place.read_text("utf-8")
    paid = "opened = 2026-01-05\npaid = { 2026 = 16_000_000 }"
    place.write_text(text.replace("opened = 2024-03-02", paid), "utf-8")
    first = run(place, FIRST, 4_000_000)
    assert transfers(first)["isa"] > 3_000_000
    fill(place, FIRST, filled=False)
    rows = "ticker,shares,cost\nCASH,{},\n"
    (tmp_path / "general.csv").write_text(rows.format(7_000_000), "utf-8")
    (tmp_path / "isa.csv").write_text(rows.format(2_000_000), "utf-8")
    moved = run(place, SECOND)
    assert transfers(moved).get("isa", 0) <= 2_000_000
    assert any(
        each.startswith("Account isa may now take only ₩2,000,000") for each in moved.reasons
    )
