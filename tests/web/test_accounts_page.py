"""Accounts: what is worth what, the limits of the law, and a broker's file in place of another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from asgi import Answer
from served import Served, text_of

from jeoul.account.rooms import PaidFacts
from jeoul.household.written.file import read_household
from jeoul.korea.tables import load_rules
from jeoul.operations.setup.lock import locked
from jeoul.workspace.limits import LimitedAccount, limits_of

HOME = """schema = 1
name = "home"
state = "state"
[people.me]
born = 1990-04-05
wages = 60_000_000
spending = 2_500_000
profile = "balanced"
[accounts.general]
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
[accounts.isa]
kind = "isa"
holdings = "isa.csv"
opened = 2025-01-02
paid = { 2025 = 5_000_000, 2026 = 3_000_000 }
"""
BEFORE = "ticker,shares\n069500,40\nCASH,1000000\n"
AFTER = "종목코드,보유수량\n069500,55\n360750,80\n예수금,1200000\n".encode("cp949")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "isa.csv").write_text(BEFORE, "utf-8")
    (tmp_path / "household.toml").write_text(HOME, "utf-8")
    found = Served(tmp_path / "household.toml")
    yield found
    found.serving.kept.close()


def digest_of(answer: Answer) -> str:
    found = re.search(r'name="digest" value="(\w+)"', answer.body.decode())
    assert found is not None, text_of(answer)
    return found[1]


def test_a_household_sees_its_value_its_limits_and_where_each_figure_is_from(home: Served) -> None:
    page = text_of(home.made("/accounts"))
    assert "This account has no ledger" in page
    assert "₩3,000,000 of ₩35,000,000 paid in, ₩32,000,000 left" in page  # 2 x 20 M - 5 M of 2025
    assert "This is a paper account" in page
    assert home.made("/accounts").body.count(b'action="/accounts/read"') == 1


def test_a_brokers_file_replaces_the_accounts_file_once_it_was_seen(
    home: Served, tmp_path: Path
) -> None:
    shown = home.upload("/accounts/read", {"account": "isa"}, "잔고.csv", AFTER)
    assert "+15" in text_of(shown)
    assert "₩1,000,000" in text_of(shown)
    assert (tmp_path / "isa.csv").read_text("utf-8") == BEFORE
    taken = home.post("/accounts/take", {"account": "isa", "digest": digest_of(shown)})
    assert taken.status == 200
    assert (tmp_path / "isa.csv").read_bytes() == AFTER
    (kept,) = tmp_path.glob("isa-20??-??-??.csv")
    assert kept.read_text("utf-8") == BEFORE


def test_a_second_file_of_one_day_overwrites_no_former_one(home: Served, tmp_path: Path) -> None:
    for content in (AFTER, BEFORE.encode(), AFTER):
        shown = home.upload("/accounts/read", {"account": "isa"}, "a.csv", content)
        home.post("/accounts/take", {"account": "isa", "digest": digest_of(shown)})
    kept = sorted(path.read_bytes() for path in tmp_path.glob("isa-*.csv"))
    assert kept == sorted([BEFORE.encode(), AFTER])


@pytest.mark.parametrize("change", ["digest", "file"])
def test_what_was_not_shown_is_not_taken(home: Served, tmp_path: Path, change: str) -> None:
    shown = home.upload("/accounts/read", {"account": "isa"}, "a.csv", AFTER)
    digest = digest_of(shown)
    if change == "file":
        (tmp_path / "isa.csv").write_text(BEFORE.replace("40", "41"), "utf-8")
    before = (tmp_path / "isa.csv").read_bytes()
    sent = "0" * 64 if change == "digest" else digest
    answer = home.post("/accounts/take", {"account": "isa", "digest": sent})
    assert answer.status == 422
    assert (tmp_path / "isa.csv").read_bytes() == before


def test_a_run_at_work_keeps_the_file_as_it_is(home: Served, tmp_path: Path) -> None:
    shown = home.upload("/accounts/read", {"account": "isa"}, "a.csv", AFTER)
    with locked(read_household(tmp_path / "household.toml").state):
        answer = home.post("/accounts/take", {"account": "isa", "digest": digest_of(shown)})
    assert answer.status == 409
    assert (tmp_path / "isa.csv").read_text("utf-8") == BEFORE


def test_a_file_without_cash_asks_for_it(home: Served, tmp_path: Path) -> None:
    bare = b"ticker,shares\n069500,41\n"
    refused = home.upload("/accounts/read", {"account": "isa"}, "a.csv", bare)
    assert refused.status == 422
    assert "no row of cash" in text_of(refused)
    shown = home.upload("/accounts/read", {"account": "isa", "cash": "70만"}, "a.csv", bare)
    home.post("/accounts/take", {"account": "isa", "digest": digest_of(shown)})
    assert "CASH,700000" in (tmp_path / "isa.csv").read_text("utf-8")


@pytest.mark.parametrize("account", ["general", "nobody", "../isa"])
def test_an_account_without_a_holdings_file_takes_none(home: Served, account: str) -> None:
    assert home.upload("/accounts/read", {"account": account}, "a.csv", AFTER).status == 422


def test_pensions_share_one_limit_and_savings_earn_credit_up_to_their_own() -> None:
    own = [
        LimitedAccount(id="ps", owner="me", kind="pension_savings", paid=paid(8_000_000)),
        LimitedAccount(id="irp", owner="me", kind="irp", paid=paid(2_000_000), risk=0.75),
        LimitedAccount(
            id="hers", owner="her", kind="irp", deposited={2025: 9_000_000, 2026: 1_000_000}
        ),
    ]
    found = {(each.rule, each.owner): each for each in limits_of(own, load_rules(2026), 2026)}
    assert found["pension", "me"].used == 10_000_000
    assert found["credit", "me"].used == 8_000_000  # 6 M of the savings, and the IRP
    assert found["irp_risk", "me"].left == 0.0
    assert found["pension", "her"].left == 17_000_000


def test_what_the_books_saw_in_earlier_years_takes_room_of_an_isa() -> None:
    opened = PaidFacts(opened=date(2025, 3, 4))
    isa = LimitedAccount(
        id="isa", owner="me", kind="isa", paid=opened, deposited={2025: 15_000_000, 2026: 5_000_000}
    )
    (found,) = limits_of([isa], load_rules(2026), 2026)
    assert (found.used, found.left) == (5_000_000, 20_000_000)  # of 40 M, 20 M are paid in


def paid(amount: int) -> PaidFacts:
    return PaidFacts(paid={2026: amount})
