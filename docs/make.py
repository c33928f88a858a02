"""Write everything in the pages that comes from the sources or from measurements.

python docs/make.py                     # write it
python docs/make.py --check             # write nothing; fail where something has moved
python docs/make.py --take NAME FILE    # a table, from what its benchmark printed with --json
python docs/make.py --keep              # accept the blocks that a measuring script has just written

``figures.py`` says what counts as a figure. The pages of commands, of Python, of codes, and the
schemas are made by the scripts beside this one; it runs all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import figures
import make_api
import make_cli
import make_everyday
import make_explain
import make_published
import make_schema


def made(*, quick: bool = False) -> Iterator[tuple[Path, str]]:
    """Yield every made file with its text as it is now; ``quick`` runs no example of a code."""
    yield make_api.PAGE, make_api.page()
    yield make_cli.PAGE, make_cli.page()
    yield make_published.HERE / "published.md", make_published.page()
    if not quick:
        yield make_explain.SAID, make_explain.said_text()
    for language, page in make_explain.PAGES.items():
        yield page, make_explain.page(language)
    for kind, schema in make_schema.schemas().items():
        yield make_schema.DATA / make_schema.schema_file(kind), make_schema.text(schema)
    for path, kind in make_schema.shipped():
        yield path, make_schema.named(path, kind)
    kept = figures.measured()
    for path in figures.PAGES:
        if path not in (make_api.PAGE, make_cli.PAGE, *make_explain.PAGES.values()):
            text = figures.written(path.read_text("utf-8"), kept)
            yield path, make_everyday.page(text) if path == make_everyday.PAGE else text


def moved(*, quick: bool = False) -> list[str]:
    """Return what is not as it would be made, and every figure that is written by hand."""
    found = [
        f"{path.relative_to(figures.ROOT)}: not up to date; run python docs/make.py"
        for path, text in made(quick=quick)
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    kept = figures.measured()["blocks"]
    for path in figures.PAGES:
        text, name = path.read_text("utf-8"), path.relative_to(figures.ROOT).as_posix()
        if path not in (make_api.PAGE, make_cli.PAGE, *make_explain.PAGES.values()):
            loose = (*figures.unmarked(text), *figures.uncounted(text))
            found += [f"{name}: a figure without a mark: {each.strip()}" for each in loose]
        there, recorded = figures.blocks(text), kept.get(name, {})
        found += [
            f"{name}: the block {block!r} is not as its script wrote it"
            for block in sorted({*there, *recorded})
            if there.get(block) != recorded.get(block)
        ]
    return found


def take(name: str, file: Path) -> list[str]:
    """Put the output of a benchmark into its table; return its rows that have no place there."""
    kept = figures.measured()
    left: list[str] = figures.taken(kept["tables"][name], json.loads(file.read_text("utf-8")))
    figures.store(kept)
    return left


def main() -> int:
    """Do what the command line asks; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--take", nargs=2, metavar=("NAME", "FILE"))
    asked = parser.parse_args()
    if asked.check:
        wrong = moved()
        print("\n".join(wrong) or "every made part of the pages is up to date")
        return 1 if wrong else 0
    if asked.take:
        left = take(asked.take[0], Path(asked.take[1]))
        print("\n".join(f"no row of the table: {row}" for row in left))
    if asked.keep:
        figures.keep()
    for path, text in made():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
