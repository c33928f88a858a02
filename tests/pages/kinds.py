"""Every kind of page, and how a small one is made. A new kind of page is a line of ``KINDS``.

The tests of this folder hold every kind alike: ``test_pages.py`` reads its source,
``test_browser.py`` looks at it. Where ``JEOUL_DATA`` names a market folder, pages are of its data.
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
"""From an empty folder and a language to a page."""


def by_commands(*lines: str, **files: str) -> Make:
    """Return how commands make a page: the one HTML file that is in the folder after the last.

    ``files`` are written first, as TOML. In both, ``{folder}`` is that folder, ``{configs}`` that
    of the shipped configs, ``{language}`` the language.
    """

    def make(folder: Path, language: str) -> str:
        places = {"folder": folder, "configs": assets.root() / "configs", "language": language}
        for name, text in files.items():
            (folder / f"{name}.toml").write_text(text.format(**places), "utf-8")
        for line in lines:
            assert _run(shlex.split(line.format(**places))) == 0, line
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


ACCOUNT = """schema = 1
name = "mine"
strategy = "static"
profile = "growth"
state = "state"
lang = "{language}"
[broker]
kind = "paper"
cash = 20_000_000
"""
RUNS = [
    f"run {{folder}}/mine.toml --as-of {day} --execute"
    for day in ("2022-03-31", "2022-05-31", "2023-03-02")
]


def report_of_holdings(folder: Path, language: str, *words: str) -> str:
    """Return the report of three profiles for 30 shares and 3 M won."""
    (folder / "mine.csv").write_text("ticker,shares\n069500,30\n", "utf-8")
    own = "report --holdings {folder}/mine.csv --cash 300만 --out {folder} --lang {language} "
    return by_commands(own + shlex.join(words))(folder, language)


TO_PAGE = " --lang {language} --html {folder}/page.html"

KINDS: dict[str, Make] = {
    "comparison": by_commands(
        "compare-accounts --years 3 --lump 3000만 --out {folder}/page.html --lang {language}"
    ),
    "data": by_commands("data --out {folder}/page.html --lang {language}"),
    "feedback": by_commands(
        "feedback managed --profile balanced --from 2015-01-02 --trials {folder}/trials.jsonl"
        + TO_PAGE
    ),
    "goals": by_commands("goals {configs}/household-example.toml --paths 200" + TO_PAGE),
    "hindsight": by_commands(
        *RUNS, "history {folder}/mine.toml --html {folder}/page.html", mine=ACCOUNT
    ),
    "household": by_commands(
        "household {configs}/household-example.toml --deposit 300만" + TO_PAGE
    ),
    "letter": by_commands(
        *RUNS,
        "letter {folder}/mine.toml --quarter 2023Q1 --out {folder}/page.html --lang {language}",
        mine=ACCOUNT,
    ),
    "promises": by_commands("promises static --profile balanced" + TO_PAGE),
    "report": report_of_holdings,
    "statement": by_commands(*RUNS, "statement {folder}/mine.toml" + TO_PAGE, mine=ACCOUNT),
    "sweep": by_commands(
        "sweep static --profile balanced --grid rebalance.band=0.02,0.05 --lang {language}"
        " --out {folder}/s.sqlite --trials {folder}/trials.jsonl --map {folder}/map.html"
    ),
}
"""By the folder of its template: ``templates/report/page.html.j2`` is ``report``."""
