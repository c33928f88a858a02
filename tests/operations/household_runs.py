"""A household of paper accounts or tickets on the sample market, run as its people would."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from datetime import date
from pathlib import Path

from set_clock import SetClock

from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.market.calendars import load_calendar
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import check, ledger_of
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.workspace.live import run_household

FIRST, SECOND, THIRD, FOURTH = (date(2026, 6, day) for day in (22, 23, 25, 26))
NEW = 5_000_000

HEAD = """\
schema = 1
name = "ours"
state = "state"
lang = "en"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
spending = 500_000
profile = "balanced"
"""
PAPER = """\
[accounts.general]
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
[accounts.isa]
kind = "isa"
opened = 2024-03-02
broker = { kind = "paper", cash = 2_000_000, deposits = { "2026-06-25" = 3_000_000 } }
[accounts.pension]
kind = "pension_savings"
opened = 2021-03-02
broker = { kind = "paper", cash = 1_000_000 }
"""
TICKET = """\
[accounts.general]
kind = "general"
holdings = "general.csv"
[accounts.isa]
kind = "isa"
opened = 2024-03-02
holdings = "isa.csv"
"""


def run(place: Path, day: date, money: int | None = None, *, dry: bool = False) -> RunReport:
    wanted = None if money is None else {"minsu": money}
    request = RunRequest(as_of=day, execute=not dry, money=wanted)
    return run_household(read_household(place), request, SetClock.after(day))


def bought(report: RunReport, account: str) -> int:
    """What the buys of an account may cost at most."""
    return sum(
        order["shares"] * (order["limit"] or order["price"])
        for order in report.document["orders"]
        if order["account"] == account and order["side"] == "BUY"
    )


def transfers(report: RunReport) -> dict[str, int]:
    assert "transfers" in report.document["plan"], report.reasons
    return dict(report.document["plan"]["transfers"])


def sound(file: HouseholdFile) -> list[str]:
    found: list[str] = []
    for config in account_configs(file).values():
        with closing(ledger_of(config)) as ledger:
            found += check(ledger).faults
    return found


def fill(place: Path, session: date, *, filled: bool = True) -> None:
    """Type in and give back every ticket that was made on a session; by default all is filled."""
    day = load_calendar("XKRX").after(session)
    for sheet in sorted(place.parent.glob(f"state/*/tickets/{day}.csv")):
        rows = list(csv.DictReader(io.StringIO(sheet.read_text("utf-8-sig"))))
        for row in rows:
            shares, price = (row["shares"], row["limit"]) if filled else ("0", "")
            row |= {"filled": shares, "price": price, "fee": "0"}
        with sheet.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        request = RunRequest(as_of=session, execute=True, fills=sheet)
        run_household(read_household(place), request, SetClock.after(session))
