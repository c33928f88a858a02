"""Which test files run which functions of the engine, and how long each takes.

Every test file is run once, in a process of its own, and every function that is called there is
noted. The answer is kept in a file beside the copied tree, by the contents of the test file, so
that a changed test file alone is measured again. A file that fails without any fault in the engine
is left out: it cannot notice one.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

from forked import run_tests

LONGEST = 300.0
"""Seconds after which a test file is too slow to be asked about hundreds of faults."""
APART = ("tests/mutations", "tests/docs", "tests/research")
"""Folders whose tests are about other things than the packages that faults are put into."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One test file: what it calls, ``module:function``, and the processor seconds it takes."""

    path: str
    digest: str
    passes: bool
    seconds: float
    calls: frozenset[str]


def files_of_tests(tree: Path, folders: Sequence[str] | None = None) -> list[str]:
    """Return the test files that may notice a fault, as paths within the tree."""
    files = sorted(file.relative_to(tree).as_posix() for file in tree.glob("tests/**/test_*.py"))
    return [
        file
        for file in files
        if not file.startswith(APART) and (folders is None or file.split("/")[1] in folders)
    ]


def measured(tree: Path, kept: Path, files: Sequence[str]) -> list[Measured]:
    """Return test files with what each calls; only what changed since is run again."""
    known = {(row.path, row.digest): row for row in _rows(kept)}
    found = []
    for path in files:
        digest = hashlib.sha256((tree / path).read_bytes()).hexdigest()[:16]
        row = known.get((path, digest))
        if row is None:
            row = _measure(tree, path, digest)
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(_as_json(row)) + "\n")
            print(f"{path}: {row.seconds:.1f} s, {len(row.calls)} functions", flush=True)
        found.append(row)
    return found


def asked(rows: Sequence[Measured], module: str, function: str, budget: float) -> list[Measured]:
    """Return the test files to ask about a function: its own folder first, the fastest first.

    A function that nobody calls by name (compiled code, a default, a class) is asked of all files
    that import its module. Files beyond the budget in seconds are not asked.
    """
    whole = {f"{module}:{function}", f"{module}:{function.split('.', maxsplit=1)[0]}"}
    callers = [row for row in rows if row.passes and row.calls & {f"{module}:{function}"}]
    if not callers:
        whole.add(f"{module}:<module>")
        callers = [row for row in rows if row.passes and row.calls & whole]
    own = f"tests/{module.split('/')[2]}/"
    ordered = sorted(callers, key=lambda row: (not row.path.startswith(own), row.seconds))
    return list(_within(ordered, budget))


def _within(rows: Sequence[Measured], budget: float) -> Iterator[Measured]:
    spent = 0.0
    for row in rows:
        spent += row.seconds
        if spent > budget and spent > row.seconds:
            return
        yield row


def _rows(kept: Path) -> list[Measured]:
    if not kept.exists():
        return []
    rows = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    return [Measured(**{**row, "calls": frozenset(row["calls"])}) for row in rows]


def _as_json(row: Measured) -> dict[str, object]:
    return {name: getattr(row, name) for name in Measured.__slots__} | {"calls": sorted(row.calls)}


def _measure(tree: Path, path: str, digest: str) -> Measured:
    calls = tree / "calls.txt"
    calls.write_text("", "utf-8")
    ended = run_tests(tree, [path], LONGEST, watch=lambda: _watch(tree, calls))
    found = frozenset(calls.read_text("utf-8").split("\n")) - {""}
    return Measured(path, digest, ended.code == 0, ended.seconds, found)


def _watch(tree: Path, calls: Path) -> Callable[[], None]:
    """Note every function of the engine that this process calls; return what writes them down."""
    root, seen = f"{tree / 'engine'}{os.sep}", set[CodeType]()
    stop = _each_start(seen.add)

    def write() -> None:
        stop()
        names = {
            f"engine/{code.co_filename.removeprefix(root)}:{code.co_qualname.split('.<locals>')[0]}"
            for code in seen
            if code.co_filename.startswith(root)
        }
        calls.write_text("\n".join(sorted(names)), "utf-8")

    return write


def _each_start(note: Callable[[CodeType], None]) -> Callable[[], None]:
    """Hand over the code of every call from now on; return what ends it."""
    if sys.version_info >= (3, 12):  # each code once, so that a test is hardly slower
        monitoring, tool = sys.monitoring, sys.monitoring.PROFILER_ID

        def started(code: CodeType, offset: int) -> object:
            note(code)
            return monitoring.DISABLE

        monitoring.use_tool_id(tool, "jeoul-mutations")
        monitoring.register_callback(tool, monitoring.events.PY_START, started)
        monitoring.set_events(tool, monitoring.events.PY_START)
        return lambda: monitoring.free_tool_id(tool)

    def called(frame: FrameType, event: str, argument: object) -> None:
        note(frame.f_code)

    threading.settrace(called)
    sys.settrace(called)
    return lambda: sys.settrace(None)
