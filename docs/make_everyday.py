"""Ten everyday tasks with jeoul and its peers: run their code, count its lines, write the table.

python docs/make_everyday.py          # count the lines of docs/everyday.md and write its table
python docs/make_everyday.py --run    # also run every block whose library is installed

The page is the only source: the code of each task stands there, side by side.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).with_name("everyday.md")
PRICES = Path(__file__).parents[1] / "data" / "sample" / "prices-kr.csv"
LIBRARIES = {
    "jeoul": "jeoul",
    "skfolio": "skfolio",
    "pypfopt": "PyPortfolioOpt",
    "bt": "bt",
    "quantstats": "quantstats",
}
_TASK = re.compile(r"^## \d+\. (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```python not-run lib=(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(<!-- table -->\n).*?(<!-- end -->)", re.DOTALL)


class Block(NamedTuple):
    """The code of one task with one library."""

    task: str
    library: str
    code: str

    @property
    def lines(self) -> int:
        """Return how many logical lines it has: its statements, imports among them."""
        return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(self.code)))


def blocks(text: str) -> list[Block]:
    """Return the code of a page in its order."""
    parts = _TASK.split(text)[1:]
    return [
        Block(task, *found)
        for task, body in zip(parts[::2], parts[1::2], strict=True)
        for found in _BLOCK.findall(body)
    ]


def table(found: list[Block]) -> str:
    """Return the table of counts, one row a task and one column a library."""
    tasks = list(dict.fromkeys(block.task for block in found))
    counts = {(block.task, block.library): block.lines for block in found}
    lines = [
        "| task | " + " | ".join(LIBRARIES.values()) + " |",
        "|---|" + "--:|" * len(LIBRARIES),
    ]
    for number, task in enumerate(tasks, 1):
        cells = [str(counts.get((task, library), "–")) for library in LIBRARIES]
        lines.append(f"| {number}. {task} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page(text: str) -> str:
    """Return the page with the table that its code has."""
    return _TABLE.sub(lambda old: f"{old[1]}{table(blocks(text))}\n{old[2]}", text)


def run(block: Block) -> None:
    """Run a block with the names that the page says are given, in a folder of its own."""
    import pandas as pd

    prices = pd.read_csv(PRICES, index_col=0, parse_dates=True).loc["2016":].dropna(axis=1)
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            exec(compile(block.code, block.task, "exec"), {"prices": prices})
        finally:
            os.chdir(before)
            _close_pictures()


def _close_pictures() -> None:
    """Close what a block has drawn, so that the next one does not draw into it."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def installed(found: list[Block]) -> Iterator[Block]:
    """Yield the blocks whose library is there."""
    for block in found:
        if importlib.util.find_spec(block.library) is not None:
            yield block


def main() -> None:
    """Write the table; with ``--run`` run what can be run first, and say what was not."""
    text = PAGE.read_text("utf-8")
    if "--run" in sys.argv:
        os.environ.setdefault("MPLBACKEND", "Agg")
        warnings.simplefilter("ignore")  # those of the libraries about one another
        ran = list(installed(blocks(text)))
        for block in ran:
            run(block)
        left = sorted({block.library for block in blocks(text)} - {block.library for block in ran})
        sys.stdout.write(f"{len(ran)} blocks ran; not installed: {', '.join(left) or 'none'}\n")
    PAGE.write_text(page(text), "utf-8")


if __name__ == "__main__":
    main()
