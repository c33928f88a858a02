"""Mornings with a bad line at every broker with a REST interface: no order arrives twice.

``python tests/operations/mornings.py --mornings 1000 --out found.jsonl --write`` goes on where it
was stopped and puts its result into docs/operations.md. Each morning hands over three orders to a
loopback that loses, garbles and delays answers and lists an order after 10, 45, 150 or 600 s; runs
are started again until everything is over or a person is asked. On one morning in three there is
no money but that of the sale, and its proceeds are reused, so that the buys go out in a second
step. On one morning in four somebody sets the machine's clock forward after the first run. Most of
it is waiting for answers that never come, so that ``--jobs 8`` does not need eight cores.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

from covered import done, noted, sources
from kis_desk import DAY, SESSION, SetForward, Watch, desk_over, plan
from loopback import Planted
from venues import ADAPTERS, Adapter

import jeoul
from jeoul.model.portfolio import Side
from jeoul.operations.desk.intents import intents_of, named_run
from jeoul.operations.desk.protocol import freeze_plan, recover
from jeoul.operations.desk.reconcile import reconcile
from jeoul.operations.desk.sales_first import place_orders
from jeoul.operations.errors import Ambiguous, Unreachable
from jeoul.operations.ledger import open_ledger

ROOT = Path(__file__).parents[2]
AHEAD = 3_600.0  # seconds by which a clock is set forward after the first run
LAGS = (10.0, 45.0, 150.0, 600.0)
ORDERS = ((Side.SELL, "114260", 4), (Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
FAULTS = ("", "silent-before", "silent-after", "garbled", "unclear", "too-fast", "odd")
ODD = {  # done, and yet not: recorded at Korea Investment, made up for the others
    "kis": {"rt_cd": "0", "msg_cd": "IGW00009", "msg1": "응답전문 구성 중 오류"},
    "kiwoom": {"return_code": 0, "return_msg": "완료", "ord_no": ""},
    "toss": {"result": {"clientOrderId": None}},
}
COVERED = (
    "engine/jeoul/files/nesting.py",
    *(f"engine/jeoul/operations/{part}" for part in ("broker", "desk", "ledger")),
    *(f"tests/operations/{name}.py" for name in ("mornings", "kis_desk", "venues")),
    *(f"tests/operations/{name}.py" for name in ("loopback", "truth", "kis_venue")),
    *(f"tests/operations/{kind}_server.py" for kind in ("kis", "kiwoom", "toss")),
)
MARKED = re.compile(r"(<!-- mornings -->\n).*?(<!-- /mornings -->)", re.DOTALL)


def morning(adapter: Adapter, seed: int) -> dict[str, Any]:
    """One morning: how often each fund's order arrived, how its intents ended, what was asked."""
    chance = random.Random(seed)
    mode, lag = chance.choice(adapter.modes), chance.choice(LAGS)
    with adapter.server.running(mode) as venue, TemporaryDirectory() as place:
        truth, host = venue[1], Watch()
        clock = SetForward(host)
        truth.holdings = {"114260": 4}
        steps = seed % 3 == 1
        if steps:
            truth.deposits = [0] * 3
        truth.list_lag, truth.balance_lag = lag, chance.choice((3.0, lag))
        truth.faults = [_fault(adapter, chance) for _ in range(9)]
        visibility = chance.choice((0.0, 5.0, 30.0, 150.0))
        ledger = open_ledger(Path(place) / "ledger.sqlite3")
        asked = 0
        with closing(ledger):
            document = {"proceeds": "reuse" if steps else "settled", "reserve": 0}
            made = replace(plan(*ORDERS), document=document)
            for number in range(7):
                broker = adapter.connect(venue, Path(place), clock, visibility=visibility)
                truth.now = host.now
                desk = desk_over(broker, ledger, clock)
                try:
                    if number == 0:
                        truth.faults, planted = [], truth.faults
                        reconcile(desk, SESSION, DAY, adopt=True)
                        truth.faults = planted
                        freeze_plan(desk, made)
                    recover(desk)
                    run = named_run(ledger, made.run_id)
                    assert run is not None
                    place_orders(desk, run, lambda: False)
                except (Ambiguous, Unreachable):
                    asked += 1
                    clock.wait(chance.choice((1.0, 60.0, 300.0, 600.0, 900.0, 3_600.0)))
                finally:
                    broker.close()
                _fill_some(truth, chance)
                clock.ahead = AHEAD if seed % 4 == 0 else 0.0
            states = [intent.state for intent in intents_of(ledger, made.run_id)]
        arrived = Counter(ticker for ticker, _ in truth.sent())
    return {
        "broker": adapter.kind,
        "seed": seed,
        "lag": lag,
        "ahead": clock.ahead,
        "steps": steps,
        "arrived": dict(arrived),
        "states": states,
        "asked": asked,
    }


def _fault(adapter: Adapter, chance: random.Random) -> Any:
    fault = chance.choice(FAULTS)
    if fault != "odd":
        return fault
    planted = getattr(adapter.server, "Planted", Planted)
    return planted.of("order", ODD[adapter.kind])


def _fill_some(truth: Any, chance: random.Random) -> None:
    for number, left, limit in truth.waiting():
        if chance.random() < 0.3:
            truth.fill(number, chance.randint(1, left), limit - 100)


def doubled(found: dict[str, Any]) -> bool:
    """Whether an order of a morning arrived twice."""
    return max(found["arrived"].values(), default=0) > 1


def _one(task: tuple[int, int]) -> dict[str, Any]:
    """Return the morning of a broker, by its number, and a seed."""
    number, seed = task
    return morning(ADAPTERS[number], seed)


def as_markdown(lines: list[dict[str, Any]]) -> str:
    """Return the results as a table."""
    kinds = [adapter.kind for adapter in ADAPTERS]
    rows = ["| | " + " | ".join(kinds) + " |", "|---|" + "---|" * len(kinds)]

    def row(name: str, of: Any) -> None:
        cells = (of([line for line in lines if line["broker"] == kind]) for kind in kinds)
        rows.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")

    row("mornings", len)
    for lag in LAGS:
        row(f"listed after {lag:g} s", lambda some, lag=lag: sum(x["lag"] == lag for x in some))
    row("the machine's clock set forward", lambda some: sum(x["ahead"] > 0.0 for x in some))
    row("buys in a second step", lambda some: sum(x["steps"] for x in some))
    row("orders that arrived", lambda some: sum(sum(x["arrived"].values()) for x in some))
    row("mornings on which a person was asked", lambda some: sum(bool(x["asked"]) for x in some))
    waits = ("new", "sending", "absent")
    row(
        "orders left to a person at the end",
        lambda some: sum(state in waits for x in some for state in x["states"]),
    )
    row("**orders that arrived twice**", lambda some: sum(map(doubled, some)))
    day = datetime.now(UTC).date()  # noqa: TID251
    return (
        "\n".join(rows)
        + f"\n\nSeeds 0 to N - 1 at each broker; {day}, jeoul {jeoul.__version__}; SHA-256 of the "
        f"sources covered `{sources(ROOT, COVERED)[:16]}`\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mornings", type=int, default=100, help="at each broker")
    parser.add_argument("--out", type=Path, default=Path("mornings.jsonl"), help="one line each")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    lines, now = done(options.out), sources(ROOT, COVERED)
    if any(line["sources"] != now for line in lines):
        parser.error(f"{options.out} is of other sources; remove it to begin again")
    there = {(line["broker"], line["seed"]) for line in lines}
    left = [
        (number, seed)
        for seed in range(options.mornings)
        for number, adapter in enumerate(ADAPTERS)
        if (adapter.kind, seed) not in there
    ]
    with Pool(options.jobs) as pool:
        for found in pool.imap_unordered(_one, left):
            lines.append(noted(options.out, found | {"sources": now}))
    sys.stdout.write(as_markdown(lines))
    if options.write:
        page = ROOT / "docs" / "operations.md"
        text = page.read_text("utf-8")
        page.write_text(MARKED.sub(lambda m: m[1] + as_markdown(lines) + m[2], text), "utf-8")
    return int(any(map(doubled, lines)))


if __name__ == "__main__":
    sys.exit(main())
