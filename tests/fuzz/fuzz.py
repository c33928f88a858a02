"""Read many changed files, frames and answers, and look for what is neither read nor refused.

``python tests/fuzz/fuzz.py --count 100000 --seed 1 --resume`` goes on where it was stopped; every
batch is a line of JSON in the file of its seed. ``--input N`` reads one input alone, with its
traceback, and keeps its files. ``--write`` puts the result into docs/fuzz.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.readers import KINDS
from jeoul import __version__
from jeoul.errors import JeoulError

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"(<!-- fuzz -->\n).*?(<!-- /fuzz -->)", re.DOTALL)
COVERED = (
    "account", "advice", "allocate", "files", "korea", "market", "operations", "profile", "signals",
    "strategy",
)  # fmt: skip
"""The packages of the engine whose sources a result speaks of."""
MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
BATCH = 500
SECONDS = 5.0  # of the processor, for one input
WAITED = 20.0  # seconds by the wall, where nothing is computed: another job may have the core
MEGABYTES = 500  # of the process at its peak, libraries included
LONGEST = 10_000  # characters of a refusal: twenty problems in lines that can be read


class Hang(BaseException):
    """An input takes too long; nothing that catches errors catches this."""


def one(seed: int, number: int, folder: Path) -> tuple[str, str | None]:
    """Return whether an input is ``read`` or ``refused``, and what is wrong with how, if anything.

    A refusal is an error of ``jeoul.errors`` with something to say, in characters that a terminal
    shows.
    """
    kind = list(KINDS)[number % len(KINDS)]
    try:
        with _at_most(SECONDS):
            KINDS[kind](Random(f"{seed}-{number}"), folder)
    except JeoulError as error:
        return "refused", _unsayable(str(error))
    except Hang:
        return "hang", f"took more than {SECONDS:g} s"
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        return "error", f"{type(error).__name__}: {str(error)[:200]} ({at.filename}:{at.lineno})"
    return "read", None


def _unsayable(text: str) -> str | None:
    if not text.strip():
        return "a refusal that says nothing"
    if len(text) > LONGEST:
        return f"a refusal of {len(text):,} characters: {text[:100]!r}"
    if not text.replace("\n", "").replace("\t", "").isprintable():
        return f"a refusal with characters that steer a terminal: {text[:200]!r}"
    return None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang

    timers = {signal.SIGPROF: signal.ITIMER_PROF, signal.SIGALRM: signal.ITIMER_REAL}
    before = {number: signal.signal(number, stop) for number in timers}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, WAITED))
    try:
        yield
    finally:
        for number, timer in timers.items():
            signal.setitimer(timer, 0.0)
            signal.signal(number, before[number])


def batch(seed: int, first: int, count: int) -> dict[str, Any]:
    """Return what some inputs in a row came to, as JSON values."""
    warnings.simplefilter("ignore")
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    outcomes: Counter[str] = Counter()
    faults, slowest, began = [], 0.0, time.process_time()
    for number in range(first, first + count):
        kind = list(KINDS)[number % len(KINDS)]
        started = time.process_time()
        with tempfile.TemporaryDirectory(dir=place) as folder:
            outcome, wrong = one(seed, number, Path(folder))
        slowest = max(slowest, time.process_time() - started)
        if wrong is None and outcome in ("read", "refused") and _peak() > MEGABYTES:
            wrong = f"the process has taken {_peak():,} MB"
        if wrong is not None:
            faults.append(f"seed {seed}, input {number}, {kind}: {wrong}")
        outcomes[f"{kind}|{outcome}"] += 1
    return {
        "first": first,
        "inputs": count,
        "outcomes": dict(outcomes),
        "faults": faults,
        "slowest": round(slowest, 3),
        "peak": _peak(),
        "seconds": round(time.process_time() - began, 3),
    }


def _peak() -> int:
    """Return the most memory that this process has held, in megabytes."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(used // (1024 if platform.system() == "Linux" else 1024 * 1024))


def batches(seed: int, first: int, last: int, *, jobs: int) -> Iterator[dict[str, Any]]:
    """Yield the batches of a seed from one input to before another, each in a fresh process."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(
            batch,
            *zip(
                *((seed, start, min(BATCH, last - start)) for start in range(first, last, BATCH)),
                strict=True,
            ),
        )


def summed(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the results of many batches as one."""
    total: dict[str, Any] = {"inputs": 0, "seconds": 0.0, "slowest": 0.0, "peak": 0}
    faults: list[str] = []
    outcomes: Counter[str] = Counter()
    for part in found:
        for name in ("inputs", "seconds"):
            total[name] += part[name]
        for name in ("slowest", "peak"):
            total[name] = max(total[name], part[name])
        faults += part["faults"]
        outcomes.update(part["outcomes"])
    return {**total, "faults": faults, "outcomes": dict(outcomes)}


def sources() -> str:
    """Return the SHA-256 of the sources that a result speaks of."""
    digest = hashlib.sha256()
    for folder in (*(f"engine/jeoul/{name}" for name in COVERED), "tests/fuzz"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def as_markdown(result: dict[str, Any]) -> str:
    """Return a result as tables for the documentation."""
    rate = result["inputs"] / max(result["seconds"], 1e-9)
    rows = [
        ("inputs", f"{result['inputs']:,}"),
        ("neither read nor refused in a sentence", len(result["faults"])),
        ("inputs in a second of one core", f"{rate:,.0f}"),
        (f"the slowest (at most {SECONDS:g} s)", f"{result['slowest']:.2f} s"),
        (f"the largest process (at most {MEGABYTES} MB)", f"{result['peak']} MB"),
        ("seed", result["seed"]),
        ("date, version", f"{result['date']}, jeoul {__version__}"),
        (
            "machine",
            f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        ),
        ("SHA-256 of the sources covered", f"`{result['sources'][:16]}`"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| kind | read | refused |", "|---|---:|---:|"]
    for kind in KINDS:
        counts = (result["outcomes"].get(f"{kind}|{outcome}", 0) for outcome in ("read", "refused"))
        lines.append(f"| {kind} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    return "\n".join(lines) + "\n"


def _known(file: Path) -> list[dict[str, Any]]:
    """Return the batches that a stopped run has written; a line cut off by its end is not one."""
    if not file.exists():
        return []
    whole = file.read_text("utf-8")
    kept = whole[: whole.rfind("\n") + 1]
    file.write_text(kept, "utf-8")
    return [json.loads(line) for line in kept.splitlines()]


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Read what is asked for, each batch one line of the file, and return the sum."""
    file = options.file or Path(tempfile.gettempdir()) / f"fuzz-{options.seed}.jsonl"
    known = _known(file) if options.resume else []
    if not options.resume:
        file.write_text("", "utf-8")
    first = sum(part["inputs"] for part in known)
    with file.open("a", encoding="utf-8") as target:
        if first < options.count:
            for part in batches(options.seed, first, options.count, jobs=options.jobs):
                known.append(part)
                target.write(json.dumps(part, ensure_ascii=False) + "\n")
                target.flush()
                for fault in part["faults"]:
                    sys.stderr.write(f"{fault}\n")
    date = datetime.now(UTC).date().isoformat()  # noqa: TID251
    return {**summed(known), "seed": options.seed, "date": date, "sources": sources()}


def alone(seed: int, number: int) -> int:
    """Read one input, show its traceback, and keep its files."""
    folder = Path(tempfile.mkdtemp())
    kind = list(KINDS)[number % len(KINDS)]
    sys.stdout.write(f"{kind}, files in {folder}\n")
    try:
        KINDS[kind](Random(f"{seed}-{number}"), folder)
    except JeoulError as error:
        sys.stdout.write(f"refused: {error}\n")
    return 0


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--file", type=Path, help="where each batch becomes a line of JSON")
    parser.add_argument("--resume", action="store_true", help="go on with the batches of that file")
    parser.add_argument("--input", type=int, help="read this input alone")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    if options.input is not None:
        return alone(options.seed, options.input)
    result = run(options)
    sys.stdout.write(json.dumps(result, indent=2) if options.json else as_markdown(result))
    if options.write:
        page = ROOT / "docs" / "fuzz.md"
        text = MARKED.sub(
            lambda found: found[1] + as_markdown(result) + found[2], page.read_text("utf-8")
        )
        page.write_text(text, "utf-8")
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
