"""Draw faults by chance, put each into a copy of the engine, and see which test notices.

    python tests/mutations/draw.py --seed 20261128 --count 300 --report docs/mutations.md

The same seed draws the same faults from the same sources. What is found is kept in a file of one
line a fault, so that a draw can be stopped and gone on with; ``--again`` asks once more about
those that nothing noticed. ``--table`` puts in the faults of ``faults.toml`` instead of a draw, and
asks of each only the test file that is named there.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from copied import ROOT, changed, copy_tree
from declared import Equivalent, declared, named_faults
from forked import preload, run_tests
from mutation_sites import Mutant, mutants
from near_tests import near_tests
from result_page import page
from tests_by_function import LONGEST, Measured, asked, files_of_tests, measured

PACKAGES = ("account", "operations", "rebalance", "allocate", "korea", "advice", "overlay")
BUDGET = 240.0
"""Processor seconds of measured tests that one fault is asked of, from its own folder's on."""
BROKEN = (4, 70)
"""Codes that say that pytest was called wrongly or never ran."""
NEAR = 12
"""Test files that import a module of which no more are asked, where only near ones are."""
SLACK = 60.0
"""Seconds of the clock that the tests of a fault may take beyond :data:`LOADED` times what they
take without it, on a processor of their own."""
LOADED = 4.0
"""How many programs may share a processor before a slow test is taken for a fault that hangs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fault: ``killed``, ``timeout`` or ``survived``, by which test, how fast."""

    key: str
    name: str
    outcome: str
    test: str
    seconds: float
    asked: int


def modules(packages: Sequence[str]) -> dict[str, str]:
    """Return the sources of packages by their path in the repository."""
    folders = [ROOT / "engine" / "jeoul" / package for package in packages]
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in files}


def digest(sources: Mapping[str, str]) -> str:
    """Return the hash of sources: a draw of a seed belongs to it."""
    text = json.dumps(dict(sources), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def drawn(sources: Mapping[str, str], seed: int, count: int) -> list[Mutant]:
    """Return mutants drawn by chance, every place of every module as likely as the next.

    Each place has a rank of its own, from the seed and from what is changed there, and the lowest
    ranks are drawn. So a change of one module leaves the draw of the others as it was, and what is
    known of them counts on.
    """
    ranked = []
    for path, text in sources.items():
        for mutant in mutants(path, text):
            rank = hashlib.sha256("\0".join((str(seed), *mutant.place)).encode())
            ranked.append((rank.hexdigest(), mutant))
    return [mutant for _, mutant in sorted(ranked, key=lambda each: each[0])[:count]]


def package_of(mutant: Mutant) -> str:
    """Return the package that a mutant lies in."""
    return mutant.module.split("/")[2]  # type: ignore[no-any-return]


def key_of(mutant: Mutant, sources: Mapping[str, str]) -> str:
    """Return a name of a mutant that changes with the code of its module, not with a comment."""
    text = "\0".join((_code_of(sources[mutant.module]), *mutant.place))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _code_of(source: str) -> str:
    return ast.dump(ast.parse(source))


class Trial:
    """A copy of the repository, what its tests call, and what is known of faults so far."""

    def __init__(
        self,
        work: Path,
        *,
        again: bool,
        folders: Sequence[str] | None,
        near: bool,
        budget: float,
        named: Mapping[Mutant, str],
    ) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.work, self.budget, self.named = work, budget, named
        self.folders, self.near = folders, near
        self.kept = work / "outcomes.jsonl"
        rows = self._rows()
        self.known = {row.key: row for row in rows if not (again and row.outcome == "survived")}
        self.missed = {_bare(row.name) for row in rows if row.outcome == "survived"}
        """Faults that no test noticed when they were tried first."""

    @cached_property
    def tree(self) -> Path:
        """The copy that faults are put into; nothing is copied while all outcomes are known."""
        return copy_tree(self.work)  # type: ignore[no-any-return]

    @cached_property
    def rows(self) -> list[Measured]:
        """Which tests call what; said of tests that fail or take too long without a fault."""
        preload()
        files = files_of_tests(self.tree, self.folders)
        found = measured(self.tree, self.work / "calls.jsonl", files)
        for row in found:
            if not row.passes:
                print(f"{row.path} fails or takes too long without a fault: it is not asked")
        return found  # type: ignore[no-any-return]

    def outcome(self, mutant: Mutant, sources: Mapping[str, str]) -> Outcome:
        """Return what becomes of a mutant, from before if its module is as it was."""
        key = key_of(mutant, sources)
        if key not in self.known:
            self.known[key] = self._tried(key, mutant, sources)
            with self.kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(self.known[key]), ensure_ascii=False) + "\n")
        return self.known[key]

    def _tried(self, key: str, mutant: Mutant, sources: Mapping[str, str]) -> Outcome:
        tests, seconds = self._tests(mutant)
        most = SLACK + LOADED * seconds
        with changed(self.tree / mutant.module, mutant.applied(sources[mutant.module])):
            ended = run_tests(self.tree, tests, most)
        if ended.code in BROKEN:
            raise RuntimeError(f"the tests of {mutant.name} could not be run, see tree/said.txt")
        outcome = {None: "timeout", 0: "survived", 5: "survived"}.get(ended.code, "killed")
        return Outcome(
            key, mutant.name, outcome, ended.failure, round(ended.seconds, 1), len(tests)
        )

    def _tests(self, mutant: Mutant) -> tuple[list[str], float]:
        """Return the tests to ask about a mutant, and the seconds that they take without it."""
        if mutant in self.named:
            preload()
            return [self.named[mutant]], LONGEST / LOADED
        if self.near:
            preload()
            files = near_tests(self.tree, files_of_tests(self.tree, self.folders), mutant.module)
            return [mutant.module, *files[:NEAR]], LONGEST / LOADED
        rows = asked(self.rows, mutant.module, mutant.function, self.budget)
        return [mutant.module, *(row.path for row in rows)], sum(row.seconds for row in rows)

    def _rows(self) -> list[Outcome]:
        if not self.kept.exists():
            return []
        return [Outcome(**json.loads(line)) for line in self.kept.read_text("utf-8").splitlines()]


def _bare(name: str) -> tuple[str, str]:
    """Return the name of a mutant without its line, which moves with what stands above it."""
    return name.partition(":")[0], name.partition(" ")[2]


def tried(
    trial: Trial, chosen: Sequence[Mutant], sources: Mapping[str, str], minutes: float
) -> Iterator[tuple[Mutant, Outcome]]:
    """Yield each mutant with its outcome, and print it; nothing is tried after so many minutes."""
    begun = time.monotonic()
    for number, mutant in enumerate(chosen, start=1):
        late = time.monotonic() - begun >= 60 * minutes
        if late and key_of(mutant, sources) not in trial.known:
            continue
        outcome = trial.outcome(mutant, sources)
        said = f"{outcome.outcome:8} {outcome.seconds:6.1f} s  {mutant.name}"
        print(f"{number:4d} {said}", flush=True)
        yield mutant, outcome


def counted(
    results: Sequence[tuple[Mutant, Outcome]],
    equivalents: Sequence[Equivalent],
    missed: Collection[tuple[str, str]] = (),
) -> dict[str, dict[str, int]]:
    """Return by package how many were drawn, killed, timed out, are equivalent or survived.

    ``first`` are those among the effective ones that no test noticed when they were tried first.
    """
    table = {}
    for package in PACKAGES:
        mine = [(m, o) for m, o in results if package_of(m) == package]
        row = dict.fromkeys(("drawn", "killed", "timeout", "equivalent", "survived", "first"), 0)
        row["drawn"] = len(mine)
        for mutant, outcome in mine:
            same = any(each.covers(mutant) for each in equivalents)
            spared = outcome.outcome == "survived" and same
            row["equivalent" if spared else outcome.outcome] += 1
            row["first"] += not spared and _bare(mutant.name) in missed
        table[package] = row
    return table


def main() -> int:
    """Draw, try, say and report; return 1 if a fault survived that is not declared equivalent."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="leave out so many at the start")
    parser.add_argument("--packages", nargs="+", default=PACKAGES, choices=PACKAGES)
    parser.add_argument("--tests", nargs="+", help="folders of tests to ask, all without it")
    parser.add_argument("--near", action="store_true", help="only tests that import its module")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "jeoul-mutations"))
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="try none after; 0 tries none"
    )
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds of tests a fault")
    parser.add_argument("--again", action="store_true", help="ask survivors once more")
    parser.add_argument("--table", action="store_true", help="the faults of faults.toml instead")
    parser.add_argument("--list", action="store_true", help="only list the faults")
    parser.add_argument("--report", type=Path, help="write the result as a page")
    parser.add_argument("--day", default=time.strftime("%Y-%m-%d"), help="date on the page")
    asked_for = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the tests end too
    sources = modules(PACKAGES)
    named = named_faults(sources) if asked_for.table else {}
    chosen = list(named) or _draw(asked_for, sources)
    if asked_for.list:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    trial = Trial(
        asked_for.work,
        again=asked_for.again,
        folders=asked_for.tests,
        near=asked_for.near,
        budget=asked_for.budget,
        named=named,
    )
    results = list(tried(trial, chosen, sources, asked_for.minutes))
    equivalents = declared()
    table = counted(results, equivalents, trial.missed)
    for package, row in table.items():
        print(package, row)
    if asked_for.report is not None:
        text = page(asked_for.seed, asked_for.count, asked_for.day, digest(sources), table)
        asked_for.report.write_text(text, "utf-8")
    return int(any(row["survived"] for row in table.values()))


def _draw(asked_for: argparse.Namespace, sources: Mapping[str, str]) -> list[Mutant]:
    chosen = drawn(sources, asked_for.seed, asked_for.count)[asked_for.first :]
    return [mutant for mutant in chosen if package_of(mutant) in asked_for.packages]


if __name__ == "__main__":
    raise SystemExit(main())
