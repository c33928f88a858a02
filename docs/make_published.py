"""Write docs/published.md from docs/published.toml, which the tests read.

python docs/make_published.py
python docs/make_published.py --print
"""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
HEAD = """# Published results

Results from the literature that the tests compute again with the engine's own functions
(`tests/published/test_results.py`). The tests read [published.toml](published.toml), and this page
is written from it:

    python docs/make_published.py

`tests/estimate/test_mean.py` has more of Black and Litterman (tables 4 to 7 of He and Litterman,
and Idzorek), `tests/research/test_statistics.py` the statistics of backtests (Bailey and Lopez
de Prado). The momentum presets have [a page of their own](momentum.md).

## Reproduced

"""
MISSED = "## Not reproduced\n\nThe number that comes out is held by a test all the same.\n\n"


def figure(value):
    return f"{value:g}".replace("-", "\u2212")


def table(rows, columns):
    head = [name for name, _ in columns]
    lines = [head, ["---"] * len(head), *([cell(row) for _, cell in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


COLUMNS = [
    ("result", lambda row: row["title"]),
    ("published", lambda row: figure(row["published"])),
    ("here", lambda row: figure(row["found"])),
    ("may move by", lambda row: figure(row["tolerance"])),
    ("source", lambda row: row["source"]),
    ("data", lambda row: row["data"]),
]


def page():
    rows = tomllib.loads((HERE / "published.toml").read_text("utf-8"))["result"]
    met = [row for row in rows if row["reproduced"]]
    missed = [row for row in rows if not row["reproduced"]]
    why = [*COLUMNS, ("why", lambda row: row["why"])]
    return HEAD + table(met, COLUMNS) + "\n" + MISSED + table(missed, why)


if __name__ == "__main__":
    if "--print" in sys.argv:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        sys.stdout.write(page())
    else:
        (HERE / "published.md").write_text(page(), "utf-8", newline="\n")
