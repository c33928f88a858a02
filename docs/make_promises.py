"""Write the tables of docs/promises.md from the output of `jeoul promises --json`.

    for s in managed managed-light static sixty-forty; do
        jeoul promises $s --data DIR --json; done | python docs/make_promises.py

The page has one table for each figure's hit rates, a row for each strategy and profile.
"""

import json
import re
import sys
from pathlib import Path

from figures import keep

PAGE = Path(__file__).parent / "promises.md"
HEAD = (
    "strategy",
    "profile",
    "month",
    "year",
    "worst drawdown",
    "realised volatility",
    "actual / promised",
)
VERDICTS = {"kept": "", "too_narrow": " ↓", "too_wide": " ↑", "too_few": " ?"}


def percent(value):
    return f"{value:.0%}".replace("%", " %")


def cell(found):
    low, high = found["interval"]
    ends = f"{low * 100:.0f}–{high * 100:.0f} %"
    return f"{found['hits']} of {found['windows']}, {ends}{VERDICTS[found['verdict']]}"


def row(scored):
    ranges = scored["before"]["ranges"]
    cells = [cell(found) for found in ranges]
    return [scored["strategy"], scored["profile"], *cells, percent(ranges[-1]["ratio"])]


def rates_row(scored):
    turnover, cost = scored["before"]["rates"]
    figures = (turnover["promised"], turnover["came"], cost["promised"], cost["came"])
    shown = [
        f"{value * 100:.{digits}f} %" for value, digits in zip(figures, (0, 0, 2, 2), strict=True)
    ]
    return [scored["strategy"], scored["profile"], *shown]


def levels_row(scored):
    shares = [percent(each["share"]) for each in scored["before"]["calibration"]]
    return [scored["strategy"], scored["profile"], *shares]


def distinct(scored):
    """Return the profiles of a strategy, or one row for all where they are the same."""
    first = scored[0]
    alike = all(each["before"] == first["before"] for each in scored)
    return [{**first, "profile": "all"}] if alike else scored


def table(head, rows):
    lines = [head, ["---"] * 2 + ["---:"] * (len(head) - 2), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables(found):
    """Return the tables by the name of their mark in the page."""
    every = [scored for document in found for scored in distinct(document["scored"])]
    levels = [percent(each["level"]) for each in every[0]["before"]["calibration"]]
    rates = ("strategy", "profile", "turnover promised", "actual", "cost promised", "actual")
    return {
        "hits": table(HEAD, [row(scored) for scored in every]),
        "rates": table(rates, [rates_row(scored) for scored in every]),
        "levels": table(("strategy", "profile", *levels), [levels_row(each) for each in every]),
    }


def written(page, found):
    """Return a page with its tables rewritten."""
    for name, text in tables(found).items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = mark.subn(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", page)
        assert count == 1, name
    return page


def documents(text):
    """Yield the JSON objects that follow one another in a text."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        found, place = decoder.raw_decode(text, place)
        yield found
        while place < len(text) and text[place].isspace():
            place += 1


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), list(documents(sys.stdin.read()))), "utf-8")
    keep()
