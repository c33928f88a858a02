"""The tables beside this file: faults that once went unnoticed, and faults that change nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mutation_sites import Mutant

HERE = Path(__file__).resolve().parent
STRICT = ("account", "operations")
"""Packages in which an equivalent fault needs a second reading; the ledger lies in operations."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A fault that changes nothing, why, and a check of the reason that can be run."""

    module: str
    function: str
    old: str
    new: str
    because: str
    check: str
    again: str = ""

    def covers(self, mutant: Mutant) -> bool:
        """Return whether a mutant is this one, whatever line it is in."""
        return (mutant.module, mutant.function, mutant.old, mutant.new) == (
            f"engine/jeoul/{self.module}",
            self.function,
            self.old,
            self.new,
        )

    @property
    def needs_second_reading(self) -> bool:
        """Return whether somebody has to read the reason again."""
        return self.module.split("/")[0] in STRICT


def declared() -> list[Equivalent]:
    """Return the faults that are declared to change nothing.

    A row has ``old`` and ``new``, or several pairs of them as ``changes`` with one reason.
    """
    with (HERE / "equivalent.toml").open("rb") as file:
        rows = tomllib.load(file).get("equivalent", [])
    found = []
    for row in rows:
        changes = row.pop("changes", None) or [(row.pop("old"), row.pop("new"))]
        found += [Equivalent(old=old, new=new, **row) for old, new in changes]
    return found


def named_faults(sources: Mapping[str, str]) -> dict[Mutant, str]:
    """Return the faults of ``faults.toml`` with the test file that has to notice each.

    Each has to have one place in the sources.
    """
    with (HERE / "faults.toml").open("rb") as file:
        return {_placed(row, sources): row["test"] for row in tomllib.load(file)["fault"]}


def _placed(row: Mapping[str, str], sources: Mapping[str, str]) -> Mutant:
    module = f"engine/jeoul/{row['module']}"
    source = sources[module]
    begin, end = _function(source, row["function"])
    found = list(re.finditer(row["find"], source[begin:end], re.MULTILINE))
    if len(found) != 1:
        raise LookupError(f"{row['what']}: {len(found)} places in {module}:{row['function']}")
    start = len(source[: begin + found[0].start()].encode())
    return Mutant(
        module,
        row["function"],
        row["what"],
        source[: begin + found[0].start()].count("\n") + 1,
        start,
        start + len(found[0].group().encode()),
        found[0].group(),
        found[0].expand(row["put"]),
    )


def _function(source: str, name: str) -> tuple[int, int]:
    """Return where a function's text begins and ends."""
    match = re.search(rf"^( *)def {name.rsplit('.', maxsplit=1)[-1]}\(", source, re.MULTILINE)
    if match is None:
        raise LookupError(f"no function {name}")
    after = re.compile(rf"^ {{0,{len(match[1])}}}[^\s)#]", re.MULTILINE).search(source, match.end())
    return match.start(), len(source) if after is None else after.start()
