"""The files of a market folder as text: a table of closes, the findings, the manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from jeoul.market.fetching.plan import FetchPlan, When
from jeoul.market.publishing.columns import FolderColumn
from jeoul.model.calendar import Days, Reals

_BARE_KEY = re.compile("[0-9A-Za-z_-]+")


def csv_table(index: str, columns: Sequence[FolderColumn], first: np.datetime64) -> bytes:
    """Return a CSV of one column per series, with a row for every day that any of them has."""
    kept = {c.name: (c.traded.days, c.traded.close) for c in columns}
    return figure_table(index, kept, first)


def figure_table(
    index: str, columns: Mapping[str, tuple[Days, Reals]], first: np.datetime64
) -> bytes:
    """Return a CSV of figures by day, a column each, from a first day on."""
    kept = [(days[days >= first], values[days >= first]) for days, values in columns.values()]
    days = np.unique(np.concatenate([own for own, _ in kept]))
    cells = [_cells(days, own, values) for own, values in kept]
    labels = days.astype("datetime64[M]") if index == "month" else days
    rows = zip(labels.astype(str).tolist(), *cells, strict=True)
    head = ",".join([index, *columns])
    return "\n".join([head, *map(",".join, rows), ""]).encode()


def _cells(days: Days, own: Days, close: Reals) -> list[str]:
    found = [""] * len(days)
    places = np.searchsorted(days, own).tolist()
    for place, value in zip(places, close.tolist(), strict=True):
        found[place] = f"{value:.10g}"
    return found


def manifest_text(plan: FetchPlan, entries: Sequence[str], last: date, *, simulated: bool) -> str:
    """Return the manifest of a folder: what the plan says of it, and an entry for each file.

    ``last`` is the last day that the folder vouches for.
    """
    head = [
        "# Written by `jeoul fetch` from its raw store. Change the fetch plan, not this folder.",
        "schema = 1",
        f"last = {last}",
        f"what = {quoted(plan.what)}",
        *(["simulated = true"] if simulated else []),
        "",
    ]
    released = [
        f"[[release]]\nticker = {quoted(r.ticker)}\ndate = {r.date}\nkind = {quoted(r.kind)}\n"
        f"reason = {quoted(r.reason)}\n"
        for r in plan.release
    ]
    return "\n".join([*head, *released, *entries])


def file_entry(**keys: str) -> str:
    """Return the entry of a file in the manifest.

    >>> print(file_entry(path="prices.csv", index="date"), end="")
    [[file]]
    path = "prices.csv"
    index = "date"
    """
    lines = [f"{key} = {quoted(value)}" for key, value in keys.items()]
    return "\n".join(["[[file]]", *lines, ""])


def rule_text(when: When) -> str:
    """Return a rule of publication as a manifest writes it.

    >>> rule_text(When(at="XKRX close"))
    '{ at = "XKRX close", lag = 0 }'
    """
    return f"{{ at = {quoted(when.at)}, lag = {when.lag} }}"


def key_text(name: str) -> str:
    """Return a name as TOML writes it before an equals sign."""
    return name if _BARE_KEY.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """Return a text as TOML writes it; its strings are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
