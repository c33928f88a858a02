"""Whether a batch equals `jeoul.place` on random accounts, share for share.

    python tests/batch/agree.py [--seed N] [--count N] [--data FOLDER] [--as-of DATE] [--strategy S]

Accounts have deposits, withdrawals, caps, excluded funds, fees of their own, money on its way and
debts. They go through the files that `jeoul batch` reads, and one by one through `place`. The exit
code is 1 where any order, cost or refusal differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from crowd import KINDS, PROFILES, crowd, rows, write_accounts, write_terms

import jeoul
from jeoul.batch import BatchAccount, BatchFiles, decide_by_records, run_batch
from jeoul.errors import JeoulError
from jeoul.rebalance import ONLINE
from jeoul.workspace.batch import Ways, set_up
from jeoul.workspace.inputs import open_inputs

Orders = list[tuple[str, str, int, int, str]]


def one_by_one(proposals: Any, accounts: list[BatchAccount], proceeds: Any) -> dict[str, Orders]:
    """Return the orders of each account that `place` does not refuse."""
    found = {}
    for each in accounts:
        try:
            decision = decide_by_records(proposals, each, proceeds)
        except JeoulError:
            continue
        found[each.account] = [
            (str(o.side), o.ticker, o.shares, o.price, o.reason.kind) for o in decision.orders
        ]
    return found


def through_files(opened: Any, accounts: list[BatchAccount], folder: Path, proceeds: Any) -> Any:
    """Return the orders in the file of a batch, the accounts it refused, and its tally."""
    files = BatchFiles(
        accounts=folder / "accounts.csv",
        out=folder / "orders.csv",
        refused=folder / "refused.csv",
        terms=folder / "terms.csv",
    )
    write_accounts(files.accounts, rows(accounts))
    write_terms(folder / "terms.csv", accounts)
    summary = run_batch(*_set_up(opened, files, proceeds))
    found: dict[str, Orders] = {}
    for line in files.out.read_text("utf-8").splitlines()[1:]:
        account, side, ticker, shares, price, reason = line.split(",")
        found.setdefault(account, []).append((side, ticker, int(shares), int(price), reason))
    refused = {line.split(",")[0] for line in files.refused.read_text("utf-8").splitlines()[1:]}
    return found, refused, summary


def _set_up(opened: Any, files: BatchFiles, proceeds: Any) -> Any:
    job, layout, _ = set_up(opened, files, Ways(ONLINE, proceeds, "en"))
    return job, files, layout


def differing(
    opened: Any, proposals: Any, accounts: list[BatchAccount], folder: Path, proceeds: Any
) -> list[str]:
    """Return the accounts whose orders are not the same both ways."""
    alone = one_by_one(proposals, accounts, proceeds)
    found, refused, _ = through_files(opened, accounts, folder, proceeds)
    return [
        each.account
        for each in accounts
        if found.get(each.account, []) != alone.get(each.account, [])
        or (each.account in refused) == (each.account in alone)
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20_261_129)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--as-of")
    parser.add_argument("--strategy", default="managed")
    given = parser.parse_args()
    opened = open_inputs(given.strategy, given.data, given.as_of)
    proposals = {
        (kind, profile): jeoul.propose(opened.strategy, profile, kind, opened.snapshot)
        for kind in KINDS
        for profile in PROFILES
    }
    wrong, block = 0, 10_000
    for first in range(0, given.count, block):
        count = min(block, given.count - first)
        accounts = crowd(proposals, given.seed + first, count)
        proceeds = "reuse" if first // block % 2 else "settled"
        with tempfile.TemporaryDirectory() as folder:
            found = differing(opened, proposals, accounts, Path(folder), proceeds)
        wrong += len(found)
        sys.stderr.write(f"{first + count:,} accounts, {wrong} differ {found[:5]}\n")
    sys.stdout.write(
        json.dumps({"seed": given.seed, "accounts": given.count, "differ": wrong}) + "\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
