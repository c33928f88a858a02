"""Money that people move is asked for by a household's run, seen in the books, and bought once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
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
    bought,
    fill,
    run,
    sound,
    transfers,
)
from set_clock import SetClock

from jeoul import api
from jeoul.errors import ConfigError, DataError, UsageError
from jeoul.household.written.file import read_household
from jeoul.korea.tables import rules_for
from jeoul.market import Market
from jeoul.operations.household.books import known_now, with_books_payments
from jeoul.operations.household.configs import account_configs
from jeoul.operations.household.payments import with_payments
from jeoul.operations.ledger import ledger_of, portfolio
from jeoul.operations.setup.request import RunRequest
from jeoul.web.waiting import waiting_plans
from jeoul.workspace.live import run_household
from jeoul.workspace.replaying import replayed, replayed_household


@pytest.fixture(autouse=True)
def opened_once(monkeypatch: pytest.MonkeyPatch, sample: Market) -> None:
    monkeypatch.setattr(api, "open_market", lambda *_, **__: sample)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    place = tmp_path / "household.toml"
    place.write_text(HEAD + PAPER, "utf-8")
    return place


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    (tmp_path / "general.csv").write_text("ticker,shares,cost\nCASH,9000000,\n", "utf-8")
    (tmp_path / "isa.csv").write_text("ticker,shares,cost\nCASH,0,\n", "utf-8")
    place = tmp_path / "household.toml"
    place.write_text(HEAD + TICKET, "utf-8")
    return place


def test_nothing_is_sold_for_money_that_is_still_on_its_way(ticket: Path) -> None:
    """The plan that asked for the transfer stands: without the money it would sell far too much."""
    rows = "ticker,shares,cost\n069500,300,20000\n133690,20,50000\nCASH,0,\n"
    (ticket.parent / "general.csv").write_text(rows, "utf-8")
    first = run(ticket, FIRST, 60_000_000)
    assert first.document["plan"]["transfers"]
    fill(ticket, FIRST)
    waiting = run(ticket, SECOND)
    assert waiting.document["orders"] == []
    assert waiting.document["plan"]["transfers"] == first.document["plan"]["transfers"]


def test_a_deposit_is_asked_for_seen_and_bought_once(paper: Path) -> None:
    made = run(paper, FIRST, NEW)
    assert 0.99 * NEW <= sum(transfers(made).values()) <= NEW
    for account, won in transfers(made).items():
        said = f"Transfer ₩{won:,} from your bank to account {account}."
        assert any(each.startswith(said) for each in made.asked)
    assert made.document["plan"]["waiting"]
    assert bought(made, "isa") <= 2_000_000
    assert bought(made, "pension") <= 1_000_000
    waits = run(paper, SECOND)
    assert waits.document["orders"] == []
    assert (waits.outcome, transfers(waits)) == ("planned", transfers(made))
    come = run(paper, THIRD)
    assert come.reasons[0] == (
        "₩3,000,000 of the deposit of minsu has arrived; ₩2,000,000 is still to come."
    )
    assert 1_980_000 <= sum(transfers(come).values()) <= 2_000_000
    assert 2_000_000 < bought(come, "isa") <= 5_000_000 - bought(made, "isa")
    again = run(paper, FOURTH)
    assert again.document["orders"] == []
    assert sound(read_household(paper)) == []


def test_only_accounts_that_get_a_transfer_wait_for_one(paper: Path) -> None:
    text = paper.read_text("utf-8").replace(', deposits = { "2026-06-25" = 3_000_000 }', "")
    paper.write_text(text, "utf-8")
    day = date(2026, 5, 18)
    asked = transfers(run(paper, day, 12_000_000))
    for day in (date(2026, 5, 19), date(2026, 5, 29), date(2026, 6, 4)):
        plan = run(paper, day).document["plan"]
        assert plan["transfers"] == asked
        assert {each["account"] for each in plan["waiting"]} <= set(asked)


def test_a_buy_that_was_not_filled_is_ordered_again_while_another_account_waits(
    ticket: Path,
) -> None:
    first = run(ticket, FIRST, 4_000_000)
    wanted = bought(first, "general")
    assert (transfers(first), wanted > 5_000_000) == ({"isa": 4_000_000}, True)
    fill(ticket, FIRST, filled=False)
    again = run(ticket, SECOND)
    assert (transfers(again), bought(again, "isa")) == ({"isa": 4_000_000}, 0)
    assert bought(again, "general") == pytest.approx(wanted, rel=0.1)


def test_the_same_command_again_asks_for_the_same_money(paper: Path) -> None:
    first = run(paper, FIRST, NEW)
    again = run(paper, FIRST, NEW)
    assert again.document["run_id"] == first.document["run_id"]
    assert transfers(again) == transfers(first)
    assert run(paper, SECOND, NEW).document["plan"]["to_come"] == {"minsu": NEW}


def test_a_run_that_only_shows_asks_nobody_and_remembers_nothing(paper: Path) -> None:
    shown = run(paper, FIRST, NEW, dry=True)
    assert not any("Transfer" in each for each in shown.asked)
    assert any("Transfer" in each for each in shown.reasons)
    assert run(paper, FIRST).document["plan"]["to_come"] == {}


def test_money_that_is_not_coming_any_more_is_ended_with_zero(paper: Path) -> None:
    run(paper, FIRST, NEW)
    ended = run(paper, SECOND, 0)
    assert (transfers(ended), ended.document["plan"]["to_come"]) == ({}, {})
    assert not any("Transfer" in each for each in ended.asked)


def test_money_that_arrives_in_the_morning_is_planned_on_the_same_session(ticket: Path) -> None:
    """The first plan has orders of the other account, which have to be over before."""
    made = run(ticket, FIRST, 4_000_000)
    assert transfers(made)["isa"] > 3_000_000
    (ticket.parent / "isa.csv").write_text("ticker,shares,cost\nCASH,4000000,\n", "utf-8")
    early = run(ticket, FIRST)
    assert early.document["run_id"] == made.document["run_id"]
    assert any(each.startswith("Money has arrived in isa.") for each in early.reasons)
    assert not any("account isa" in each for each in early.asked)
    fill(ticket, FIRST)
    done = run(ticket, FIRST)
    assert done.document["run_id"] == f"{made.document['run_id']}.2"
    assert done.reasons[0] == "The deposit of minsu has arrived (₩4,000,000)."
    assert 3_000_000 < bought(done, "isa") <= 4_000_000
    assert bought(made, "general") > 0
    assert bought(made, "general") + bought(done, "general") <= 9_000_000  # its cash, once
    third = run(ticket, FIRST)
    assert third.document["run_id"] == done.document["run_id"]
    assert sound(read_household(ticket)) == []


@pytest.mark.parametrize("row", ["069500,100,35000", "069500,100,"])
def test_a_deposit_that_was_spent_by_hand_has_arrived_all_the_same(ticket: Path, row: str) -> None:
    """3.5 of 4 million are in shares before the next look; a file may not say what they cost."""
    first = run(ticket, FIRST, 4_000_000)
    assert transfers(first) == {"isa": 4_000_000}
    fill(ticket, FIRST)
    rows = f"ticker,shares,cost\n{row}\nCASH,500000,\n"
    (ticket.parent / "isa.csv").write_text(rows, "utf-8")
    later = run(ticket, SECOND)
    assert transfers(later) == {}
    assert later.reasons[0].startswith("The deposit of minsu has arrived")
    assert sound(read_household(ticket)) == []


def test_the_same_amount_again_is_asked_for_once_the_first_has_been_planned(ticket: Path) -> None:
    ticket.write_text(ticket.read_text("utf-8") + "\n[safety]\nmax_turnover = 2.0\n", "utf-8")
    run(ticket, FIRST, 4_000_000)
    (ticket.parent / "isa.csv").write_text("ticker,shares,cost\nCASH,4000000,\n", "utf-8")
    fill(ticket, FIRST)
    assert not run(ticket, FIRST).document["plan"]["transfers"]
    fill(ticket, FIRST)
    again = run(ticket, FIRST, 4_000_000)
    assert 3_900_000 < sum(transfers(again).values()) <= 4_000_000
    assert not any("not recorded" in each for each in again.asked)


def test_money_to_take_out_stays_in_cash_until_it_has_left(ticket: Path) -> None:
    folder = ticket.parent
    (folder / "general.csv").write_text("ticker,shares,cost\n069500,300,30000\nCASH,0,\n", "utf-8")
    made = run(ticket, FIRST, -3_000_000)
    assert transfers(made) == {"general": -3_000_000}
    assert any(each.startswith("Take ₩3,000,000 out of account general") for each in made.asked)
    fill(ticket, FIRST)
    later = run(ticket, date(2026, 6, 29))
    assert later.document["plan"]["to_come"] == {"minsu": -3_000_000}
    with closing(ledger_of(account_configs(read_household(ticket))["general"])) as ledger:
        books = portfolio(ledger, "KRW")
    assert books.money - bought(later, "general") >= 3_000_000
    fill(ticket, date(2026, 6, 29))
    with closing(ledger_of(account_configs(read_household(ticket))["general"])) as ledger:
        books = portfolio(ledger, "KRW")
    rows = "".join(f"{code},{count},\n" for code, count in books.shares.items() if count)
    text = f"ticker,shares,cost\n{rows}CASH,{books.money - 3_000_000},\n"
    (folder / "general.csv").write_text(text, "utf-8")
    gone = run(ticket, date(2026, 6, 30))
    assert gone.reasons[0] == "The withdrawal of minsu is done (₩3,000,000)."
    assert gone.document["plan"]["to_come"] == {}


def test_what_was_sold_for_a_withdrawal_is_kept_and_not_bought_back(paper: Path) -> None:
    """From the day on which the sales settle too, on the dates of the strategy and between them."""
    paper.write_text(paper.read_text("utf-8").replace("cash = 2_000_000", "cash = 15_000_000"))
    run(paper, date(2026, 5, 18))
    made = run(paper, date(2026, 5, 19), -8_000_000)
    assert transfers(made) == {"general": -8_000_000}
    for day in (20, 21, 22, 27):
        waits = run(paper, date(2026, 5, day))
        assert (waits.document["orders"], transfers(waits)) == ([], transfers(made))
    due = run(paper, date(2026, 5, 29))
    assert transfers(due) == transfers(made)
    with closing(ledger_of(account_configs(read_household(paper))["general"])) as ledger:
        assert portfolio(ledger, "KRW").cash >= 8_000_000


def test_what_is_left_of_a_withdrawal_stays_in_its_account(ticket: Path) -> None:
    folder = ticket.parent
    (folder / "general.csv").write_text("ticker,shares,cost\n069500,300,30000\nCASH,0,\n", "utf-8")
    run(ticket, FIRST, -3_000_000)
    fill(ticket, FIRST)
    with closing(ledger_of(account_configs(read_household(ticket))["general"])) as ledger:
        books = portfolio(ledger, "KRW")
    rows = "".join(f"{code},{count},\n" for code, count in books.shares.items() if count)
    text = f"ticker,shares,cost\n{rows}CASH,{books.money - 1_000_000},\n"
    (folder / "general.csv").write_text(text, "utf-8")
    some = run(ticket, SECOND)
    assert some.reasons[0] == (
        "₩1,000,000 of the withdrawal of minsu has been taken out; ₩2,000,000 is still to be taken."
    )
    assert (some.document["orders"], transfers(some)) == ([], {"general": -2_000_000})


def test_a_plan_with_money_under_way_is_replayed(paper: Path) -> None:
    for day, money in ((FIRST, NEW), (SECOND, None), (THIRD, None)):
        name = run(paper, day, money).document["run_id"]
        assert replayed_household(read_household(paper), name).differences == ()


def test_a_household_is_replayed_from_what_its_accounts_have_kept(
    paper: Path, sample: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder shows other prices now; an account without orders has kept nothing itself."""
    name = run(paper, FIRST).document["run_id"]
    dearer = [replace(table, close=table.close * 1.01) for table in sample.prices]
    other = sample.with_prices(dearer)
    monkeypatch.setattr(api, "open_market", lambda *_, **__: other)
    found = replayed_household(read_household(paper), name)
    assert (found.source, found.differences) == ("archive", ())
    configs = account_configs(read_household(paper))
    part = replayed(configs["pension"], "ours-pension.managed.2026-06-22")
    assert (part.source, part.differences) == ("archive", ())
    for config in configs.values():
        for kept in (config.state / "inputs").glob("*.zip"):
            kept.unlink()
    with pytest.raises(DataError, match="no account of the household has kept"):
        replayed_household(read_household(paper), name)


def test_a_plan_that_waits_for_approval_shows_its_transfers_and_one_approval_is_enough(
    ticket: Path,
) -> None:
    ticket.write_text(ticket.read_text("utf-8") + "\n[approval]\nrequired = true\n", "utf-8")
    made = run(ticket, FIRST, 4_000_000)
    assert any("--approve" in each for each in made.asked)
    (plan,) = waiting_plans(account_configs(read_household(ticket)), SetClock.after(FIRST).now())
    assert plan.name == made.document["run_id"]
    assert any(each.startswith("Transfer ₩") for each in plan.reasons)
    answer = RunRequest(approve=plan.name)
    done = run_household(read_household(ticket), answer, SetClock.after(FIRST))
    assert {each["state"] for each in done.document["orders"]} == {"acknowledged"}
    assert any(each.startswith("Transfer ₩") for each in done.asked)


def test_money_is_that_of_a_person_of_the_household(paper: Path) -> None:
    request = RunRequest(as_of=FIRST, execute=True, money={"nobody": 1})
    with pytest.raises(ConfigError, match="'nobody', who is not a person of this household"):
        run_household(read_household(paper), request, SetClock.after(FIRST))
    assert run(paper, FIRST).document["plan"]["to_come"] == {}


def test_a_plan_of_no_name_is_not_replayed(paper: Path) -> None:
    with pytest.raises(UsageError, match="no account of"):
        replayed_household(read_household(paper), "ours.managed.2020-01-02")


FLOW = """\
[[flows]]
amount = 1_200_000
every = "month"
from = 2026-05-25
"""


def test_savings_of_the_schedule_are_asked_for_on_their_day(paper: Path) -> None:
    text = paper.read_text("utf-8").replace(', deposits = { "2026-06-25" = 3_000_000 }', "")
    paper.write_text(text + FLOW, "utf-8")
    assert transfers(run(paper, FIRST)) == {}  # no plan before it: nobody knows what was saved
    assert transfers(run(paper, SECOND)) == {}
    due = run(paper, THIRD)
    assert due.reasons[0] == "Scheduled savings of minsu: ₩1,200,000 since the last plan."
    assert 1_188_000 <= sum(transfers(due).values()) <= 1_200_000
    later = run(paper, FOURTH)
    assert transfers(later) == transfers(due)
    assert not any(each.startswith("Scheduled") for each in later.reasons)


def test_savings_that_arrive_by_themselves_are_not_asked_for(paper: Path) -> None:
    """A standing order paid 3 M into the ISA on the day of the flow."""
    paper.write_text(paper.read_text("utf-8") + FLOW, "utf-8")
    run(paper, FIRST)
    made = run(paper, THIRD)
    assert (transfers(made), made.document["plan"]["to_come"]) == ({}, {})
    assert made.document["orders"]  # it is bought at once, and not on the strategy's next date


def test_what_the_books_saw_paid_in_takes_room(paper: Path) -> None:
    book, file = rules_for(2026), read_household(paper)
    seen = {"isa": {2026: 3_000_000}, "general": {2026: 9}, "pension": {2026: 99_000_000}}
    paid = with_payments(file, seen, book, 2026)
    assert {name: each.paid.paid.get(2026, 0) for name, each in paid.accounts.items()} == {
        "general": 0,
        "isa": 3_000_000,
        "pension": 18_000_000,
    }


def test_a_question_knows_what_the_books_saw_paid_in(paper: Path) -> None:
    for day in (FIRST, THIRD):
        run(paper, day)
    known, _ = known_now(read_household(paper))
    seen = with_books_payments(known, THIRD).accounts["isa"].paid.paid
    assert seen == {2026: 3_000_000}


def test_a_year_s_room_is_asked_for_once(tmp_path: Path) -> None:
    """The pension took 17 M before the books; of what arrives since, the plan knows."""
    place = tmp_path / "household.toml"
    text = PAPER.replace(
        "cash = 1_000_000 }", 'cash = 1_000_000, deposits = { "2026-06-23" = 900_000 } }'
    )
    text = text.replace("opened = 2021-03-02", "opened = 2021-03-02\npaid = { 2026 = 17_000_000 }")
    place.write_text(HEAD + text, "utf-8")
    run(place, FIRST)
    made = run(place, SECOND, NEW)
    assert transfers(made).get("pension", 0) <= 100_000
