"""A firm's morning: all clients planned, beside the loop that a user would write.

    python benchmarks/firm.py [--clients 300] [--json]

Both plan the same clients on the sample market, files to orders: `jeoul firm plan`'s own function
with one proposal for each group, and a loop that proposes and decides for each client alone. The
loop takes so long that it is measured on a few clients and extended; it keeps no memory between
clients, as a process for each client would not, but reads the market once. Approval, blocks and the
sharing of half of every block are timed too. ``ours_ms`` is processor time, user + system of this
process; ``wall_ms`` also has what other work on the machine took.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def plain(orders: Any) -> list[tuple[str, str, int, int]]:
    return [(str(each.side), each.ticker, each.shares, each.price) for each in orders]


def naive(firm: Any, clients: Any, positions: Any, market: Any, day: date) -> list[Any]:
    """Decide for one client after the other, each with a proposal of its own."""
    from dataclasses import replace

    from jeoul import api
    from jeoul.account.collar import Collar
    from jeoul.account.orders import account_decision
    from jeoul.firm.restricted import bought_within, restricted
    from jeoul.pipeline import default_rules
    from jeoul.rebalance import Fresh

    found = []
    for client in clients:
        position, group = positions[client.account], client.group
        strategy = api.load_strategy(group.strategy)
        shared = api.propose(
            strategy, group.profile, group.kind, market.as_of(day), limit=api.suitable(group.type)
        )
        proposal = restricted(shared, client.restriction)
        held = replace(position.portfolio, cash=position.portfolio.cash + position.deposit)
        rules = default_rules(proposal)
        instruments = api.universe_of(strategy.universe).instruments
        decision = account_decision(
            proposal, held, Fresh(deposited=position.deposit), rules,
            collar=Collar.of(firm.keys.collar, instruments),
        )  # fmt: skip
        found.append(bought_within(decision, held, client.restriction, rules).orders)
    return found


def measured(count: int, alone: int, folder: Path) -> list[dict[str, Any]]:
    os.environ["JEOUL_CACHE"] = str(folder / "cache")
    from jeoul import api
    from jeoul.firm.blocks import BlockFill
    from jeoul.firm.fairness import allotted
    from jeoul.firm.positions import read_positions
    from jeoul.operations.firm.approving import answer_plan
    from jeoul.operations.firm.plans import named_plan
    from jeoul.workspace.firm import blocks_in, clients_of, firm_at, plan_firm
    from jeoul.workspace.firm_letters import file_letters
    from jeoul.workspace.firm_new import write_firm

    write_firm(folder / "firm", count, "en")
    firm = firm_at(str(folder / "firm" / "firm.toml"))
    rows: list[dict[str, Any]] = []

    def take(name: str, work: Callable[[], Any], target: float | None = None) -> Any:
        found, wall, cpu = timed(work)
        row = {"row": name, "ours_ms": round(cpu * 1000, 1), "wall_ms": round(wall * 1000, 1)}
        rows.append(row if target is None else row | {"target": target, "met": cpu <= target})
        return found

    take(f"plan of {count} clients, first day", lambda: plan_firm(firm, None, "2026-06-29"), 15.0)
    name = f"plan of {count} clients, next day"
    plan = take(name, lambda: plan_firm(firm, None, "2026-06-30"), 5.0)
    orders = [order for client in plan.clients.values() for order in client["orders"]]
    rows[-1] |= {"groups": len(plan.document["groups"]), "orders": len(orders)}

    def approve() -> Any:
        with firm.books() as books:
            return answer_plan(books, plan, "approved", (), who="bench", why="", at=1)

    answered = take("approval of all that are ready", approve)
    rows[-1]["clients"] = len(answered.recorded)
    with firm.books() as books:
        plan = named_plan(books, plan.digest)
    blocks = take("blocks", lambda: blocks_in(plan))
    fills = {b.key: BlockFill(b.shares // 2, b.shares // 2 * b.price, 7) for b in blocks}
    take("allotment", lambda: [allotted(b, fills[b.key], plan.digest) for b in blocks])

    market, day = api.open_market(), date(2026, 7, 1)
    clients, _ = clients_of(firm, day)
    tickers = set(api.universe_of("krx-core").instruments)
    positions = read_positions(str(folder / "firm" / "holdings.csv"), tickers).accounts
    trading = [c for c in clients if plan.clients[c.account]["orders"]]
    some = [c for c in trading if (c.suitability.expires or day) > day][:alone]
    loop, wall, cpu = timed(lambda: naive(firm, some, positions, market, date(2026, 6, 30)))
    assert [plain(plan.orders(client.account)) for client in some] == list(map(plain, loop))
    times = count / len(some)
    rows[0] |= {
        "loop_ms": round(cpu * times * 1000, 1),
        "loop_wall_ms": round(wall * times * 1000, 1),
        "loop_measured_on": len(some),
        "times": round(cpu * times * 1000 / rows[0]["ours_ms"], 1),
    }
    letters = take(f"letters of {count} clients", lambda: _letters(firm, file_letters))
    rows[-1]["filed"] = sum(each.path is not None for each in letters)
    return rows


def _letters(firm: Any, file_letters: Callable[..., Any]) -> Any:
    from jeoul.model.quarter import parse_quarter

    return file_letters(firm, parse_quarter("2026Q2"), None, "ko")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--alone", type=int, default=6, help="clients that the loop plans")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        rows = measured(asked.clients, asked.alone, Path(folder))
    if asked.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        rest = {key: value for key, value in row.items() if key not in ("row", "ours_ms")}
        print(f"{row['row']:36} {row['ours_ms']:10.1f} ms  {rest}")


if __name__ == "__main__":
    main()
