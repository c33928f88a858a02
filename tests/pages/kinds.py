"""Every kind of page, and how a small one is made. A new kind of page is a line of ``KINDS``.

The tests of this folder hold every kind alike: ``test_pages.py`` reads its source,
``test_browser.py`` looks at it.
"""

from __future__ import annotations

import contextlib
import io
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from jeoul import assets
from jeoul.cli.main import main

Make = Callable[[Path, str], str]
"""From an empty folder and a language to a page of simulated data."""


def by_commands(*lines: str) -> Make:
    """Return how commands make a page: the one HTML file that is in the folder after the last.

    ``{folder}`` in a line is that folder, ``{configs}`` the folder of the shipped configs.
    """

    def make(folder: Path, language: str) -> str:
        for line in lines:
            words = shlex.split(line.format(folder=folder, configs=assets.root() / "configs"))
            assert _run([*words, "--lang", language]) == 0, line
        (page,) = folder.rglob("*.html")
        return page.read_text("utf-8")

    return make


def _run(words: list[str]) -> int:
    argv, sys.argv = sys.argv, ["jeoul", *words]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main()
    except SystemExit as left:
        return int(left.code or 0)
    finally:
        sys.argv = argv
    raise AssertionError("main returned instead of leaving with a code")


KINDS: dict[str, Make] = {
    "feedback": by_commands(
        "feedback managed --profile growth --to 2006-12-28 --trials {folder}/trials.sqlite"
        " --html {folder}/page.html"
    ),
    "report": by_commands("report --out {folder}"),
    "household": by_commands(
        "household {configs}/household-example.toml --deposit 300만 --html {folder}/page.html"
    ),
    "goals": by_commands(
        "goals {configs}/household-example.toml --paths 500 --html {folder}/page.html"
    ),
    "comparison": by_commands("compare-accounts --years 3 --lump 3000만 --out {folder}/page.html"),
    "data": by_commands("data --out {folder}/page.html"),
    "sweep": by_commands(
        "sweep static --profile balanced --grid rebalance.band=0.02,0.05 --out {folder}/s.sqlite"
        " --trials {folder}/trials.jsonl --map {folder}/map.html"
    ),
}
"""By the folder of its template: ``templates/report/page.html.j2`` is ``report``."""
