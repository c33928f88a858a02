"""What a plan without a run takes from the ledgers of a household, and what it leaves to files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from books import Books

from jeoul.account.holdings import Holdings
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.model.portfolio import Side
from jeoul.operations.household.books import known_now, traded_lately
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import ledger_of
from jeoul.operations.ledger.taken_files import STATEMENT

HEAD = """\
schema = 1
name = "ours"
state = "state"
strategy = "managed"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.own]
"""
PAPER = 'kind = "isa"\nbroker = { kind = "paper", cash = 5 }\n'
PAPER_FILE = 'kind = "isa"\nholdings = "own.csv"\nbroker = { kind = "paper", cash = 5 }\n'
TICKET = 'kind = "isa"\nholdings = "own.csv"\n'
KIS = 'kind = "isa"\nbroker = { kind = "kis", mode = "simulation" }\n'
OVERSEAS = 'kind = "overseas"\nbroker = { kind = "paper", cash = 7 }\n'
CONFIG = 'config = "own.toml"\n'
RUN = """\
schema = 1
name = "alone"
profile = "growth"
state = "own"
account = "isa"
[broker]
"""
ROWS = b"ticker,shares,cost\n069500,3,30000\nCASH,8,\n"


def written(folder: Path, account: str, broker: str = "") -> HouseholdFile:
    (folder / "own.csv").write_bytes(ROWS)
    (folder / "own.toml").write_text(RUN + broker, "utf-8")
    place = folder / "household.toml"
    place.write_text(HEAD + account, "utf-8")
    return read_household(place)


@contextmanager
def books_of(file: HouseholdFile) -> Iterator[Books]:
    (config,) = account_configs(file).values()
    config.state.mkdir(parents=True)
    with closing(ledger_of(config)) as ledger:
        yield Books(ledger)


def found(file: HouseholdFile) -> Holdings | None:
    return known_now(file)[1].get("own")


@pytest.mark.parametrize(
    ("account", "broker", "cash"),
    [
        (PAPER, "", 5),
        (OVERSEAS, "", 700),  # in cents, and of funds that the strategy of won does not know
        (PAPER_FILE, "", None),  # it begins with its file
        (TICKET, "", None),
        (KIS, "", None),
        (CONFIG, 'kind = "paper"\ncash = 6\n', 6),
        (CONFIG, 'kind = "paper"\n', 100_000_000),
        (CONFIG, 'kind = "paper"\nholdings = "own.csv"\n', None),
        (CONFIG, 'kind = "ticket"\nholdings = "own.csv"\ncash = 6\n', None),
    ],
)
def test_before_its_first_run_only_a_paper_account_without_a_file_is_known(
    tmp_path: Path, account: str, broker: str, cash: int | None
) -> None:
    held = found(written(tmp_path, account, broker))
    assert (None if held is None else held.cash) == cash


@pytest.mark.parametrize(
    ("account", "statement", "cash"),
    [
        (PAPER, None, 40),
        (PAPER_FILE, None, 40),  # the account began with the file, which never changes
        (KIS, None, 40),
        (TICKET, ROWS, 40),
        (TICKET, None, None),  # no run has taken the export in
        (TICKET, b"older", None),
    ],
)
def test_a_ledger_is_read_unless_the_export_is_newer(
    tmp_path: Path, account: str, statement: bytes | None, cash: int | None
) -> None:
    file = written(tmp_path, account)
    with books_of(file) as books:
        books.pay(date(2026, 6, 1), 40, "opening")
        if statement is not None:
            digest = json.dumps({"digest": sha256(statement).hexdigest()})
            with books.ledger.transaction():
                books.ledger.append(
                    "notes", 1, account="own", strategy="managed", session="2026-06-01",
                    kind=STATEMENT, detail=digest,
                )  # fmt: skip
    held = found(file)
    assert (None if held is None else held.cash) == cash


def test_an_account_abroad_holds_the_funds_of_its_own_universe(tmp_path: Path) -> None:
    file = written(tmp_path, OVERSEAS)
    with books_of(file) as books:
        own = {("assets:shares", "VTI"): 2, ("equity:external", "VTI"): -2}
        books.move(date(2026, 6, 1), "opening", own)
    held = found(file)
    assert held is not None
    assert (held.shares, held.outside) == ({"VTI": 2}, {})


@pytest.mark.parametrize(
    ("day", "bought"), [(date(2026, 6, 1), 3), (date(2026, 6, 8), 3), (date(2026, 6, 9), None)]
)
def test_what_was_filled_in_the_seven_days_before_is_of_lately(
    tmp_path: Path, day: date, bought: int | None
) -> None:
    file = written(tmp_path, PAPER)
    with books_of(file) as books:
        books.trade(date(2026, 6, 2), Side.BUY, "069500", 3, 100, fee=0)
    lately = {name: each.bought for name, each in traded_lately(file, day).items()}
    assert lately == ({} if bought is None else {("own", "069500"): bought})
