"""Write what `jeoul feedback --json` found into its table in docs/evidence.md.

python docs/make_feedback.py DIR
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import keep
from markdown import figure, percent, table

PAGE = Path(__file__).parent / "evidence.md"
CURRENCIES = {"managed": "won", "managed-us": "dollars"}
HEAD = (
    "", "profile", "return", "equal weights", "more than equal", "90 % interval", "t", "verdict",
    "regret", "bound", "overfitting", "rule sets",
)  # fmt: skip


def found(strategy, folder, trials):
    """Return what the command prints; its trials are counted in a file of their own."""
    command = [sys.executable, "-m", "jeoul", "feedback", strategy, "--data", folder]
    said = subprocess.run(
        [*command, "--trials", trials, "--json"], capture_output=True, text=True, check=True
    )
    return json.loads(said.stdout)["profiles"]


def row(currency, profile):
    """Return the cells of a profile."""
    gap = profile["gaps"]["equal"]
    low, high = (percent(end, 3, sign=True) for end in profile["interval"])
    return [
        currency,
        profile["profile"],
        percent(profile["figures"]["learned"]["cagr"], 2),
        percent(profile["figures"]["equal"]["cagr"], 2),
        percent(gap["cagr"], 3, sign=True),
        f"{low} … {high}",
        figure(gap["t"], sign=True),
        profile["verdict"],
        figure(profile["regret"], 2),
        figure(profile["bound"]),
        figure(profile["overfitting"], 2),
        f"`{profile['digest'][:12]}`",
    ]


def main():
    """Measure both strategies, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        trials = str(Path(folder) / "trials.jsonl")
        rows = [
            row(currency, profile)
            for strategy, currency in CURRENCIES.items()
            for profile in found(strategy, sys.argv[1], trials)
        ]
    text = PAGE.read_text("utf-8")
    block = f"<!-- feedback -->\n\n{table(HEAD, rows)}\n\n<!-- end -->"
    made, count = re.subn(r"<!-- feedback -->.*?<!-- end -->", lambda _: block, text, flags=re.S)
    assert count == 1, "the page has one place for the table"
    PAGE.write_text(made, "utf-8", newline="\n")
    keep()


if __name__ == "__main__":
    main()
