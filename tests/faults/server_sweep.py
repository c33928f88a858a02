"""The kills of ``sweep.py`` with the ledger in PostgreSQL, one chain among those of all sequences.

``python tests/faults/server_sweep.py --sequences 500 --resume --write`` goes on where it was
stopped: each sequence is a line of JSON in the file of its seed. In every other sequence the
connections to the server are cut at the step instead, as by a server that stops. The server is that
of ``servers.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))

from harness import killer, mandate, market, proposal, sessions, tape
from servers import Database, ask, fresh
from sweep import sequence

from jeoul.operations.broker.port import Ids
from jeoul.operations.desk.protocol import STEPS

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"(<!-- server sweep -->\n).*?(<!-- /server sweep -->)", re.DOTALL)
COVERED = ("engine/jeoul/operations/ledger", "engine/jeoul/operations/desk")


def cutter(database: Database) -> Callable[[str, int], Callable[[str], None]]:
    """Return what cuts the connections to a database the ``count``-th time at a step."""

    def cuts(step: str, count: int) -> Callable[[str], None]:
        left = [count]

        def checkpoint(reached: str) -> None:
            if reached == step:
                left[0] -= 1
                if left[0] == 0:
                    database.cut()

        return checkpoint

    return cuts


def one(database: Database, seed: int, number: int, *, short: bool) -> dict[str, Any]:
    """Return what one sequence came to, as JSON values."""
    began = time.perf_counter()
    cut = number % 2 == 1
    step = STEPS[number // 2 % len(STEPS)]
    wrong, died = sequence(
        seed * 1_000_000 + number,
        step,
        list(Ids)[number // (2 * len(STEPS)) % len(Ids)],
        short=short,
        extra=f'ledger = "{database.url()}"',
        ends=cutter(database) if cut else killer,
    )
    seconds = time.perf_counter() - began
    killed = sum(died.values())
    return {"number": number, "wrong": wrong, "cut": cut, "killed": killed, "seconds": seconds}


def work(
    place: Path, database: Database, seed: int, numbers: Iterable[int], *, short: bool
) -> NoReturn:
    """Do some of the sequences in a child process, and end it."""
    try:
        for number in numbers:
            found = one(database, seed, number, short=short) | {"sources": sources()}
            with place.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(found) + "\n")
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def read(place: Path) -> list[dict[str, Any]]:
    """Return the sequences that a file has, in their order."""
    if not place.exists():
        return []
    found = (json.loads(line) for line in place.read_text("utf-8").splitlines())
    return sorted(found, key=lambda each: each["number"])


def sources() -> str:
    """Return the SHA-256 of the sources that a result speaks of."""
    digest = hashlib.sha256()
    for folder in COVERED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def summed(found: Iterable[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Return the results of many sequences as one."""
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for each in found:
        total.update({"sequences": 1, "killed": each["killed"], "cut": int(each["cut"])})
        total["milliseconds"] += round(1000 * each["seconds"])
        wrong += each["wrong"]
    return {**total, "wrong": wrong, "seed": seed}


def as_markdown(result: dict[str, Any]) -> str:
    """Return a result as a table for the documentation."""
    server = ask("SHOW server_version")[0][0].split()[0]
    rows = [
        ("sequences", result["sequences"]),
        ("processes ended with SIGKILL", result["killed"]),
        ("sequences in which the server went away", result["cut"]),
        ("orders lost, doubled, or books out of balance", len(result["wrong"])),
        (
            "machine",
            f"{platform.system()}, Python {platform.python_version()}, PostgreSQL {server}",
        ),
        ("seed, time of all sequences", f"{result['seed']}, {result['milliseconds'] / 1000:.0f} s"),
        ("SHA-256 of the sources", f"`{sources()}`"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="one end of a process in each")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with a database")
    parser.add_argument("--file", type=Path, help="one line for each sequence that is done")
    parser.add_argument("--resume", action="store_true", help="go on after the lines of the file")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    place = options.file or Path(f"server-sweep-{options.seed}.jsonl")
    if not options.resume:
        place.write_text("", "utf-8")
    done = read(place)
    if done and done[0]["sources"] != sources():
        parser.error(f"{place} is of other sources; remove it to begin again")
    left = sorted({*range(options.sequences)} - {each["number"] for each in done})
    market(), tape(), mandate(), proposal(sessions()[0], {})  # loaded once, inherited by every fork
    children = []
    for job in range(options.jobs):
        database, part = fresh(), left[job :: options.jobs]
        if (child := os.fork()) == 0:
            work(place, database, options.seed, part, short=options.short)
        children.append(child)
    failed = [os.waitpid(child, 0)[1] for child in children]
    done = read(place)
    if any(failed) or len(done) != options.sequences:
        parser.error(f"{len(done)} of {options.sequences} sequences are done; use --resume")
    result = summed(done, options.seed)
    sys.stdout.write(json.dumps(result, indent=2) if options.json else as_markdown(result))
    for fault in result["wrong"]:
        sys.stderr.write(f"{fault}\n")
    if options.write:
        page = ROOT / "docs" / "operations.md"
        shown = as_markdown(result)
        text = MARKED.sub(lambda mark: mark[1] + shown + mark[2], page.read_text("utf-8"))
        page.write_text(text, "utf-8")
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
