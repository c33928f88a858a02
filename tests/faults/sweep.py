"""Kill the process at every named step, many times over, and look for lost or doubled orders.

``python tests/faults/sweep.py --sequences 1000 --write`` puts its result into docs/operations.md.
Each sequence decides on two sessions; one to four processes are killed with SIGKILL on the way, at
a step and occurrence drawn from a seed, while the line to the broker loses, delays and garbles
messages; then the run is started again until it comes to rest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from covered import done as lines_of
from covered import noted
from covered import sources as digest_of
from harness import (
    Checkpoint,
    Faults,
    faults_found,
    in_child,
    killer,
    make_config,
    make_runner,
    mandate,
    market,
    paper_rules,
    plain_in,
    proposal,
    sessions,
    tape,
    weights_of,
)

from jeoul import __version__
from jeoul.operations.broker.port import Ids
from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.ledger import backup, ledger_of
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.secrets import PASSPHRASE

ROOT = Path(__file__).parents[2]
ONCE = {s for s in STEPS if s.endswith(("-plan", "-recovery", "-finish"))}  # once in a process
MARKED = re.compile(r"(<!-- sweep -->\n).*?(<!-- /sweep -->)", re.DOTALL)
MARKED_ENCRYPTED = re.compile(
    r"(<!-- encrypted sweep -->\n).*?(<!-- /encrypted sweep -->)", re.DOTALL
)
MARKED_REST = re.compile(r"(<!-- rest sweep -->\n).*?(<!-- /rest sweep -->)", re.DOTALL)
MARKED_SHORT = re.compile(
    r"(<!-- short rest sweep -->\n).*?(<!-- /short rest sweep -->)", re.DOTALL
)
ENCRYPTED = 'encrypt = "passphrase"'
COVERED = (
    *(f"engine/jeoul/operations/{part}" for part in ("broker", "desk", "ledger")),
    *(f"engine/jeoul/operations/{name}.py" for name in ("run", "run_inputs", "stages")),
    *(f"tests/faults/{name}.py" for name in ("harness", "sweep")),
)
COVERED_REST = (
    "engine/jeoul/files/nesting.py",
    *(f"engine/jeoul/operations/{part}" for part in ("broker", "desk", "ledger")),
    *(f"tests/faults/{name}.py" for name in ("harness", "rest_sweep")),
    *(f"tests/operations/{name}.py" for name in ("loopback", "truth", "venues")),
    *(f"tests/operations/{kind}_server.py" for kind in ("kis", "kiwoom", "toss")),
    "tests/operations/kis_venue.py",
)


def sequence(
    seed: int,
    step: str,
    ids: Ids,
    *,
    short: bool = False,
    encrypted: bool = False,
    extra: str = "",
    ends: Callable[[str, int], Checkpoint] = killer,
) -> tuple[list[str], Counter[str]]:
    """Return what went wrong in one sequence, and at which steps a process died.

    A short one leaves its first session in peace and kills one process on its second. Files of an
    encrypted one are searched for its holdings after every process. ``extra`` are more keys of the
    config, and ``ends`` what happens to a process at a step.
    """
    draw = random.Random(seed)
    rules = paper_rules(ids, draw)
    first, second = sessions()[draw.randrange(30) :][:2]
    plans = {day: proposal(day, weights_of(draw)) for day in (first, second)}
    faults = Faults(lost=6, silent=6, turned_away=6, unreachable=3, nonsense=2)
    died: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        config = make_config(Path(folder), ENCRYPTED if encrypted else extra, _named(seed, extra))
        searched = Searched(config)
        if short:
            make = make_runner(config, rules, plans)
            make.run(RunRequest(as_of=first, execute=True))
            make.broker.close()
        for day in (second,) if short else (first, second):
            for attempt in range(1 if short else draw.randint(1, 2)):
                where = step if attempt == 0 else draw.choice(STEPS)
                line_seed = draw.random()
                check = ends(where, 1 if where in ONCE else draw.randint(1, 3))
                status = in_child(
                    lambda d=day, s=line_seed, c=check: _run(config, rules, plans, d, faults, s, c)
                )
                searched.look()
                if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
                    died[where] += 1
                elif status:
                    return [f"seed {seed}: a process failed with status {status}"], died
            for _ in range(60):
                line_seed = draw.random()
                status = in_child(
                    lambda d=day, s=line_seed: _run(
                        config, rules, plans, d, faults, s, None, finish=True
                    )
                )
                if status == 0:
                    break
                if os.WEXITSTATUS(status) == 70:
                    return [f"seed {seed}: a process raised"], died
            else:
                return [f"seed {seed}: did not come to rest"], died
        faults_left = faults_found(config, rules) + searched.with_backup()
        return [f"seed {seed} {ids}: {fault}" for fault in faults_left], died


def _named(seed: int, extra: str) -> str:
    """Return the account of a sequence: on a server each has its own."""
    return f"s{seed}" if extra else "main"


class Searched:
    """The files of an account, searched for its holdings if it is encrypted."""

    def __init__(self, config: Config) -> None:
        self.config, self.found = config, set[str]()
        self.encrypted = config.settings.encrypt is not None
        if self.encrypted:
            config.state.mkdir()
            ledger_of(config).close()  # its key is derived once, for every fork

    def look(self) -> None:
        """Search every file as it is now."""
        if self.encrypted:
            self.found |= set(plain_in(self.config.path.parent))

    def with_backup(self) -> list[str]:
        """Make a backup and search again; return where anything was ever found."""
        if not self.encrypted:
            return []
        with closing(ledger_of(self.config)) as ledger:
            backup(ledger, self.config.path.with_name("backup"))
            self.look()
        return [f"holdings can be read in {path}" for path in sorted(self.found)]


def _run(
    config: Any,
    rules: Any,
    plans: Any,
    day: Any,
    faults: Any,
    seed: Any,
    checkpoint: Any,
    *,
    finish: Any = False,
) -> None:
    runner = make_runner(
        config, rules, plans, faults=faults, seed=int(seed * 1e9), checkpoint=checkpoint
    )
    report = runner.run(RunRequest(as_of=day, execute=True))
    if finish:
        placed = all(
            order.get("state") in ("filled", "closed", "refused")
            for order in report.document.get("orders", [{}])
        )
        done = report.outcome in ("executed", "nothing_to_do") or (
            report.outcome == "needs_person" and placed and "orders" in report.document
        )
        os._exit(0 if done else 7)


def sweep(
    count: int, seed: int, *, short: bool = False, encrypted: bool = False
) -> dict[str, object]:
    """Return the result of ``count`` sequences, spread evenly over steps and kinds of broker."""
    market(), tape(), mandate(), proposal(sessions()[0], {})  # loaded once, inherited by every fork
    began = time.perf_counter()
    wrong: list[str] = []
    died: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for number in range(count):
        ids = list(Ids)[number // len(STEPS) % len(Ids)]
        found, where = sequence(
            seed * 1_000_000 + number,
            STEPS[number % len(STEPS)],
            ids,
            short=short,
            encrypted=encrypted,
        )
        wrong += found
        died += where
        kinds[str(ids)] += 1
    seconds = time.perf_counter() - began
    result = _result(wrong, died, kinds, seconds, seed, library=_library(encrypted=encrypted))
    return result | {"sources": digest_of(ROOT, COVERED)}


def _library(*, encrypted: bool) -> str:
    if not encrypted:
        return f"SQLite {sqlite3.sqlite_version}"
    from sqlcipher3 import dbapi2

    with closing(dbapi2.connect(":memory:")) as found:
        version = found.execute("PRAGMA cipher_version").fetchone()[0]
    return f"SQLCipher {version}, SQLite {dbapi2.sqlite_version}"


def rest_sweep(
    count: int, seed: int, *, short: bool = False, out: Path | None = None
) -> dict[str, object]:
    """Return the result of ``count`` sequences at the loopbacks of brokers, all alike.

    Each sequence becomes a line of JSON in ``out``; those that are there already are not repeated.
    Raises ``ValueError`` where the lines that are there come from other sources.
    """
    from rest_sweep import sequence as at_broker
    from venues import ADAPTERS

    market(), mandate(), proposal(sessions()[0], {})  # loaded once, inherited by every fork
    sources = digest_of(ROOT, COVERED_REST)
    known = lines_of(out) if out else []
    if any(line["sources"] != sources for line in known):
        raise ValueError(f"{out} is of other sources; remove it to begin again")
    for number in range(len(known), count):
        adapter, step = ADAPTERS[number % len(ADAPTERS)], STEPS[number % len(STEPS)]
        began = time.perf_counter()
        found, where = at_broker(adapter, seed * 1_000_000 + number, step, short=short)
        line = {"number": number, "broker": adapter.kind, "step": step, "sources": sources}
        line |= {"wrong": found, "died": dict(where), "seconds": time.perf_counter() - began}
        known.append(noted(out, line) if out else line)
    died: Counter[str] = Counter()
    for line in known:
        died += Counter(line["died"])
    result = _result(
        [fault for line in known for fault in line["wrong"]],
        died,
        Counter(line["broker"] for line in known),
        sum(line["seconds"] for line in known),
        seed,
        library=_library(encrypted=False),
    )
    return result | {"sources": sources}


def _result(
    wrong: list[str],
    died: Counter[str],
    kinds: Counter[str],
    seconds: float,
    seed: int,
    *,
    library: str,
) -> dict[str, object]:
    return {
        "sequences": sum(kinds.values()),
        "wrong": wrong,
        "killed": sum(died.values()),
        "steps": {step: died[step] for step in STEPS},
        "brokers": dict(kinds),
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
        "sqlite": library,
        "system": platform.system(),
        "seed": seed,
        "date": datetime.now(UTC).date().isoformat(),  # noqa: TID251
    }


def as_markdown(result: dict[str, object]) -> str:
    """Return a result as a table for the documentation."""
    steps = ", ".join(f"{step} {count}" for step, count in result["steps"].items())  # type: ignore[attr-defined]
    brokers = ", ".join(f"{name}: {count}" for name, count in result["brokers"].items())  # type: ignore[attr-defined]
    rows = [
        ("sequences", result["sequences"]),
        ("processes ended with SIGKILL", result["killed"]),
        ("by broker, or by what it does with our order names", brokers),
        ("orders lost, doubled, or books out of balance", len(result["wrong"])),  # type: ignore[arg-type]
        ("kills by step", steps),
        ("machine", f"{result['system']}, Python {result['python']}, {result['sqlite']}"),
        ("seed, duration", f"{result['seed']}, {result['seconds']} s"),
        ("date, version", f"{result['date']}, jeoul {__version__}"),
        ("SHA-256 of the sources covered", f"`{str(result['sources'])[:16]}`"),
    ]
    return (
        "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]) + "\n"
    )


def _marked(options: argparse.Namespace) -> re.Pattern[str]:
    """Return the place of a result in the documentation."""
    if options.rest:
        return MARKED_SHORT if options.short else MARKED_REST
    return MARKED_ENCRYPTED if options.encrypted else MARKED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="one kill in each sequence")
    parser.add_argument("--encrypted", action="store_true", help="on encrypted accounts")
    parser.add_argument("--rest", action="store_true", help="at the loopbacks of brokers")
    parser.add_argument("--out", type=Path, help="with --rest: go on where this file ends")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    if options.encrypted:
        os.environ[PASSPHRASE] = "correct horse battery"
    count, seed, short = options.sequences, options.seed, options.short
    if options.rest:
        result = rest_sweep(count, seed, short=short, out=options.out)
    else:
        result = sweep(count, seed, short=short, encrypted=options.encrypted)
    shown = json.dumps(result, indent=2) if options.json else as_markdown(result)
    sys.stdout.write(shown)
    for fault in result["wrong"]:  # type: ignore[attr-defined]
        sys.stderr.write(f"{fault}\n")
    if options.write:
        page = ROOT / "docs" / "operations.md"
        page.write_text(
            _marked(options).sub(
                lambda found: found[1] + as_markdown(result) + found[2], page.read_text("utf-8")
            ),
            "utf-8",
        )
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
