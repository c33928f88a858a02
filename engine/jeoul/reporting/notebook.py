"""A record in a notebook: a title, its main figures and one table, as HTML or as a frame.

The HTML has no script, no request and no colour of its own, so that it reads in the light and dark
of any notebook.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from jeoul.messages import catalogue
from jeoul.reporting.formats import Formats

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "percent", "decimal", "count", "money", "day", "any"]

ROWS = 20
"""The most rows of a table on a page; of a longer one the first and the last are shown."""

_STYLES: Mapping[str, str] = MappingProxyType(
    {
        "table": "border-collapse:collapse;margin:.4em 0",
        "head": "text-align:{side};padding:.15em .7em;border-bottom:1px solid currentColor",
        "cell": "text-align:{side};padding:.15em .7em;font-variant-numeric:tabular-nums",
        "note": "margin:.3em 0 0;opacity:.8",
    }
)
_LEFT = frozenset({"text", "day"})


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: its name in a frame, what its values are, and the raw values.

    ``label`` is its heading on a page, by default the message ``notebook.<name>``; ``shown`` are
    the values as text, where they are not all of one kind.
    """

    name: str
    kind: Kind
    cells: Sequence[Any]
    label: str = ""
    shown: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ShownFact:
    """One figure above a table: the name of its message, what it is, and the raw value."""

    name: str
    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class NotebookView:
    """What a notebook shows of a record; the first column labels the rows of its frame."""

    title: str
    columns: tuple[Column, ...] = ()
    facts: tuple[ShownFact, ...] = ()
    notes: tuple[str, ...] = ()
    simulated: bool = False


def view_frame(view: NotebookView) -> pd.DataFrame:
    """Return the table of a view as a DataFrame with raw values, its rows named by the first."""
    import pandas as pd

    index, *columns = view.columns
    return pd.DataFrame(
        {column.name: list(column.cells) for column in columns},
        index=pd.Index(list(index.cells), name=index.name),
    )


def view_html(view: NotebookView, formats: Formats) -> str:
    """Return a view as a fragment of HTML in the language of the formats."""
    parts = [f"<p><strong>{escape(view.title)}</strong></p>"]
    if view.simulated:
        parts.append(f"<p><em>{escape(formats.say('page.simulated'))}</em></p>")
    if view.facts:
        said = (
            f"{escape(_named(fact.name, formats))} "
            f"<strong>{escape(_shown(fact.kind, fact.value, formats))}</strong>"
            for fact in view.facts
        )
        parts.append(f"<p>{' · '.join(said)}</p>")
    if view.columns and len(view.columns[0].cells):
        parts.append(_table(view, formats))
    parts += [f'<p style="{_STYLES["note"]}">{escape(note)}</p>' for note in view.notes]
    return f'<div class="jeoul" lang="{formats.language}">{"".join(parts)}</div>'


def _table(view: NotebookView, formats: Formats) -> str:
    count = len(view.columns[0].cells)
    rows: list[int | None] = list(range(count))
    if count > ROWS:
        rows = [*range(ROWS // 2), None, *range(count - ROWS // 2, count)]
    heads = "".join(
        f'<th scope="col" style="{_style("head", c.kind)}">'
        f"{escape(c.label or _named(c.name, formats))}</th>"
        for c in view.columns
    )
    body = "".join(f"<tr>{_row(view.columns, row, formats)}</tr>" for row in rows)
    hidden = formats.say("notebook.rows", {"count": f"{count:,}"})
    more = f'<p style="{_STYLES["note"]}">{escape(hidden)}</p>' if count > ROWS else ""
    return (
        f'<table style="{_STYLES["table"]}"><caption hidden>{escape(view.title)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def _row(columns: Sequence[Column], row: int | None, formats: Formats) -> str:
    cells = []
    for place, column in enumerate(columns):
        text = "…" if row is None else _cell(column, row, formats)
        name, scope = ("td", "") if place else ("th", ' scope="row"')
        cells.append(
            f'<{name}{scope} style="{_style("cell", column.kind)}">{escape(text)}</{name}>'
        )
    return "".join(cells)


def _cell(column: Column, row: int, formats: Formats) -> str:
    if column.shown:
        return column.shown[row]
    return _shown(column.kind, column.cells[row], formats)


def _style(part: str, kind: Kind) -> str:
    return _STYLES[part].format(side="left" if kind in _LEFT else "right")


def _named(name: str, formats: Formats) -> str:
    """Return the heading of a figure; a field of a record without one keeps its own name."""
    messages = catalogue(formats.language)
    return messages.get(f"notebook.{name}") or messages.get(f"figure.{name}") or name


def _shown(kind: Kind, value: Any, formats: Formats) -> str:
    """Return a value as text: unknown is said, and a figure that is not defined is a dash."""
    if value is None:
        return formats.say("report.unknown")
    if isinstance(value, float) and math.isnan(value):
        return "–"
    return _WRITTEN[kind](formats, value)


def _any(formats: Formats, value: Any) -> str:
    if isinstance(value, bool):
        return formats.say("notebook.yes" if value else "notebook.no")
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _day(_formats: Formats, value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_WRITTEN: Mapping[Kind, Callable[[Formats, Any], str]] = MappingProxyType(
    {
        "text": lambda _, value: str(value),
        "percent": lambda formats, value: formats.percent(float(value)),
        "decimal": lambda formats, value: formats.decimal(float(value)),
        "count": lambda formats, value: formats.count(int(value)),
        "money": lambda formats, value: formats.money(int(value)),
        "day": _day,
        "any": _any,
    }
)
