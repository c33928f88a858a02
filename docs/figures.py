"""Figures in the pages: where each one comes from, and how a page shows it.

Three kinds of figures are not written by hand:

- A **count** comes from the sources whenever pages are made: ``<!--= funds -->498<!-- =-->``.
- A **measured figure** comes from ``measured.json``, which ``make.py --take`` writes from what the
  measuring script printed. In prose it has a mark like a count; a table of them is a block between
  ``<!-- measured: NAME -->`` and ``<!-- end -->``.
- A **block** that a script writes from a long measurement, between ``<!-- NAME -->`` and
  ``<!-- end -->`` or ``<!-- /NAME -->``, has its digest in ``measured.json``, written by
  that script or ``make.py --keep``: changed by hand, it no longer fits.

A *measured number* is, in the prose and tables of a page, outside of code and of these marks, a
number with a unit of time or size (``UNITS``) that is not a bound: not behind ≤, ≥, "at most",
"within" and the like (``BOUNDS``), and not one of the texts of ``STATED``, which say what something
is set to. ``unmarked`` returns those that a page has. A *counted number* is a number before one of
the nouns of ``COUNTED`` and within a fifth of what is counted now; ``uncounted`` returns those.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jeoul import assets
from jeoul.cli.main import COMMANDS
from jeoul.codes import codes
from jeoul.korea.catalogue_files import load_catalogue, load_glossary
from jeoul.korea.rules import RULES
from jeoul.strategy.load import shipped

ROOT = Path(__file__).parents[1]
MEASURED = Path(__file__).with_name("measured.json")
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ko.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
MARK = re.compile(r"<!--= (?P<name>[\w./:-]+) -->(?P<text>.*?)<!-- =-->")
TABLE = re.compile(r"(<!-- measured: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
BLOCK = re.compile(
    r"<!-- (?P<name>[\w][\w -]*) -->\n(?P<text>.*?)<!-- (?:end|/(?P=name)) -->", re.DOTALL
)
UNITS = r"(?:ms|µs|s|seconds?|minutes?|초|분|KB|MB|GB|bp)"
BOUNDS = (
    r"(?:[≤≥<>]|at most|at least|within|under|up to|below|above|over|for|of|after|with|≈|or|than"
    r"|every|target|goal)\s*$"
)
NUMBER = re.compile(rf"(?<![\w.,/#-])\d[\d,]*(?:\.\d+)?(?:[–-]\d[\d,.]*)?\s?{UNITS}(?![\w가-힣])")
HIDDEN = re.compile(
    r"```.*?```|`[^`]*`|<!-- (?:measured: )?[\w -]+ -->\n.*?<!-- (?:end|/[\w -]+) -->"
    r"|<!--= .*?<!-- =-->",
    re.DOTALL,
)
STATED = re.compile(
    r"tutorial|25 minutes|\| pace \||are read as|a CSV of prices|^and 500 MB|or a gap of|^1 % and"
    r"|^from counts towards|is 150 s|have passed is read|how long a reader waits"
    r"|nothing comparable; 75"
)


COUNTED = {
    "codes": r"codes",
    "funds": r"(?:listed )?funds",
    "rules": r"(?:Korean )?rules",
    "cases": r"worked cases",
    "terms": r"terms",
}
"""The nouns that are counted: a number before one has a mark if it is near the count."""


def counts() -> Mapping[str, Callable[[], int]]:
    """Return what is counted in the sources, by the name of its mark."""
    funds = load_catalogue().funds
    return {
        "codes": lambda: len(codes()),
        "commands": lambda: len(COMMANDS),
        "funds": lambda: len(funds),
        "rules": lambda: len(RULES),
        "cases": lambda: sum(map(_cases, (ROOT / "tests/korea/cases").glob("*.toml"))),
        "schemas": lambda: sum(1 for _ in (ROOT / "data").glob("*.schema.json")),
        "strategies": lambda: len(shipped()),
        "terms": lambda: len(load_glossary()),
    }


def _cases(path: Path) -> int:
    return len(tomllib.loads(path.read_text("utf-8"))["case"])


def measured() -> dict[str, Any]:
    """Return what was measured: ``figures`` by name, ``tables`` by name, ``blocks`` by page."""
    found: dict[str, Any] = json.loads(MEASURED.read_text("utf-8"))
    return found


def written(text: str, kept: Mapping[str, Any]) -> str:
    """Return a page with every count, measured figure and measured table as it is now."""
    known = {name: f"{count():,}" for name, count in counts().items()}
    known |= {name: each["text"] for name, each in kept["figures"].items()}
    text = MARK.sub(lambda m: f"<!--= {m['name']} -->{known[m['name']]}<!-- =-->", text)
    return TABLE.sub(lambda m: f"{m[1]}{table(kept['tables'][m['name']])}\n{m[3]}", text)


def table(entry: Mapping[str, Any]) -> str:
    """Return a measured table as Markdown."""
    head, *lines = (
        "|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|"
        for row in [entry["head"], *entry["rows"]]
    )
    return "\n".join([head, "|" + "---|" * len(entry["head"]), *lines])


def blocks(text: str) -> dict[str, str]:
    """Return the digest of each block of a page that a script wrote, by its name."""
    return {
        match["name"]: hashlib.sha256(match["text"].encode()).hexdigest()[:16]
        for match in BLOCK.finditer(text)
    }


def store(kept: dict[str, Any]) -> None:
    """Write what was measured."""
    text = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    MEASURED.write_text(text, "utf-8", newline="\n")


def keep() -> None:
    """Accept the blocks of the pages as their scripts have just written them."""
    found = {path.relative_to(ROOT).as_posix(): blocks(path.read_text("utf-8")) for path in PAGES}
    store(measured() | {"blocks": {name: each for name, each in found.items() if each}})


def unmarked(text: str) -> Iterator[str]:
    """Yield every measured number of a page that no mark inserts, with the words around it."""
    for line in HIDDEN.sub(" ", text).split("\n"):
        if line.startswith("#") or STATED.search(line):
            continue
        for match in NUMBER.finditer(line):
            if not re.search(BOUNDS, line[: match.start()]):
                yield line[max(0, match.start() - 40) : match.end() + 20]


def uncounted(text: str) -> Iterator[str]:
    """Yield every count of a page that no mark inserts, with its noun."""
    shown = HIDDEN.sub(" ", text)
    for name, noun in COUNTED.items():
        now = counts()[name]()
        for match in re.finditer(rf"(?<![\w.,-])(\d[\d,]*) {noun}\b", shown):
            if 0.8 * now <= int(match[1].replace(",", "")) <= 1.25 * now:
                yield match[0]


def taken(entry: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """Put what a benchmark printed with ``--json`` into its table; return rows without a place.

    ``names`` of the entry maps the row of a benchmark to the first cell of a row of the table.
    """
    left = []
    places = {row[0]: row for row in entry["rows"]}
    for row in rows:
        place = places.get(entry.get("names", {}).get(row["row"], row["row"]))
        if place is None or row.get("ours_ms") is None:
            left.append(row["row"])
            continue
        place[1] = time_text(row["ours_ms"])
        if row.get("met") is not None:
            place[3] = "met" if row["met"] else "missed"
    return left


def time_text(milliseconds: float) -> str:
    """Return a time in the unit that suits it.

    >>> time_text(0.00092), time_text(12.04), time_text(2810.0)
    ('0.92 µs', '12 ms', '2.81 s')
    """
    for unit, size in (("s", 1000.0), ("ms", 0.1), ("µs", 0.0)):
        if milliseconds >= size:
            scale = {"s": 1000.0, "ms": 1.0, "µs": 0.001}[unit]
            return f"{milliseconds / scale:.3g} {unit}"
    raise ValueError(milliseconds)


assert assets.root() == ROOT, "make the pages with the package of this checkout"
