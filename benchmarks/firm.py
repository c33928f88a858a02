"""A firm's morning: all clients planned, beside the loop that a user would write.

    python benchmarks/firm.py [--clients 300] [--json]

Both plan the same clients on the sample market, files to orders: `jeoul firm plan`'s own function
with one proposal for each group, and a loop that proposes and decides for each client alone. The
loop takes so long that it is measured on a few clients and extended; it keeps no memory between
clients, as a process for each client would not, but reads the market once. Approval, blocks and the
sharing of half of every block are timed too. Processor time is user + system of this process.
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


def measured(count: int, alone: int, folder: Path) -> dict[str, Any]:
    os.environ["JEOUL_CACHE"] = str(folder / "cache")
    from jeoul import api
    from jeoul.firm.blocks import BlockFill
    from jeoul.firm.fairness import allotted
    from jeoul.firm.positions import read_positions
    from jeoul.operations.firm.approving import answer_plan
    from jeoul.workspace.firm import blocks_in, clients_of, firm_at, plan_firm
    from jeoul.workspace.firm_letters import file_letters
    from jeoul.workspace.firm_new import write_firm

    write_firm(folder / "firm", count, "en")
    firm = firm_at(str(folder / "firm" / "firm.toml"))
    figures: dict[str, Any] = {"clients": count}

    def take(name: str, work: Callable[[], Any], share: float = 1.0) -> Any:
        found, wall, cpu = timed(work)
        figures[name] = {"wall_s": round(wall * share, 3), "cpu_s": round(cpu * share, 3)}
        return found

    take("plan_first", lambda: plan_firm(firm, None, "2026-06-29"))
    plan = take("plan_next_day", lambda: plan_firm(firm, None, "2026-06-30"))
    figures["groups"] = len(plan.document["groups"])
    figures["orders"] = sum(len(each["orders"]) for each in plan.clients.values())

    def approve() -> Any:
        with firm.books() as books:
            return answer_plan(books, plan, "approved", (), who="bench", why="", at=1)

    answered = take("approve", approve)
    figures["approved"] = len(answered.recorded)
    from jeoul.operations.firm.plans import named_plan

    with firm.books() as books:
        plan = named_plan(books, plan.digest)
    blocks = take("blocks", lambda: blocks_in(plan))
    fills = {b.key: BlockFill(b.shares // 2, b.shares // 2 * b.price, 7) for b in blocks}
    take("allot", lambda: [allotted(b, fills[b.key], plan.digest) for b in blocks])

    market = api.open_market()
    clients, _ = clients_of(firm, date(2026, 7, 1))
    tickers = set(api.universe_of("krx-core").instruments)
    positions = read_positions(str(folder / "firm" / "holdings.csv"), tickers).accounts
    trading = [c for c in clients if plan.clients[c.account]["orders"]]
    some = [c for c in trading if c.suitability.expires > date(2026, 7, 1)][:alone]
    day = date(2026, 6, 30)
    orders = take(
        "naive_loop", lambda: naive(firm, some, positions, market, day), count / len(some)
    )
    assert [plain(plan.orders(client.account)) for client in some] == list(map(plain, orders))
    figures["naive_measured_on"] = len(some)
    figures["times_naive_cpu"] = round(
        figures["naive_loop"]["cpu_s"] / figures["plan_first"]["cpu_s"], 1
    )
    letters = take("letters", lambda: _letters(firm, file_letters))
    figures["letters_filed"] = sum(each.path is not None for each in letters)
    return figures


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
        figures = measured(asked.clients, asked.alone, Path(folder))
    if asked.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
