"""Write ``docs/api.md``: every public name, read from its signature and its docstring.

python docs/make_api.py

The tests compare the committed page with what this prints, so a new name is documented by running
it again.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_overloads

import jeoul

PAGE = Path(__file__).with_name("api.md")

OPENING = """\
# Python API

*Made by `python docs/make_api.py` from the docstrings; do not edit it by hand.*

`import jeoul` gives every name below and loads no library until one is used. All of them are typed:
mypy in strict mode sees what this page shows, and [examples/notebook.py](examples/notebook.py) is a
script that it checks. Weights and rates are decimal fractions, a year where a year applies; money
is a whole number of the currency's smallest unit (won, cents). Records are frozen. Errors are in
`jeoul.errors`, and each derives from `jeoul.errors.JeoulError`. Examples run on the simulated
sample; the tests run them.

Every record has `to_frame()`, a pandas DataFrame with raw numbers, and `export(path)`, which writes
`.csv`, `.xlsx`, `.parquet` or `.html`; those that can be drawn have `plot(ax=None, *, lang=None)`,
which returns matplotlib axes. [In a notebook](notebook.md) shows them. `jeoul.estimate` and
`jeoul.allocate` are public as well: [the steps between returns and weights one by
one](notebook.md#estimates-and-rules-of-your-own). In the signatures below

| type | stands for |
|---|---|
| `StrategyGiven` | a `Strategy`, the name of a shipped one, or the path of a file |
| `SnapshotGiven` | a `Snapshot`, or a `Market`, whose newest session is then taken |
| `HoldingsGiven` | a `Portfolio`, `Holdings`, the path of a file, shares by ticker and `CASH` |
"""
ROLE = re.compile(r":(?:class|func|meth|mod):`~?(?:[\w.]*\.)?(\w+)`")
WIDTH = 88


def page() -> str:
    """Return the whole page as Markdown."""
    named = {name: getattr(jeoul, name) for name in jeoul.__all__ if name != "__version__"}
    verbs = {name: found for name, found in named.items() if inspect.isroutine(found)}
    records = {name: found for name, found in named.items() if inspect.isclass(found)}
    parts = [
        *index("Verbs", verbs),
        *index("Records", records),
        *(section(name, found) for name, found in verbs.items()),
        *(section(name, found) for name, found in records.items()),
    ]
    return "\n".join([OPENING, *parts]).rstrip() + "\n"


def index(title: str, found: dict[str, Any]) -> list[str]:
    """Return a table of names with the first line of each docstring."""
    anchors = {name: re.sub(r"[^\w ]", "", heading(name, item)) for name, item in found.items()}
    rows = [
        f"| [`{name}`](#{anchors[name].lower().replace(' ', '-')}) | {_text(summary(item))} |"
        for name, item in found.items()
    ]
    return [f"**{title}**", "", "| name | |", "|---|---|", *rows, ""]


def heading(name: str, found: Any) -> str:
    """Return the heading of a name; records say what they are, as ``backtest`` is also a verb."""
    return f"Record jeoul.{name}" if inspect.isclass(found) else f"jeoul.{name}"


def section(name: str, found: Any) -> str:
    """Return heading, signature, docstring and, for a record, its fields and methods."""
    shown = calls(name, found) if inspect.isroutine(found) else fields(name, found)
    lines = [
        f"## {heading(name, found)}",
        "",
        "```python not-run",
        shown,
        "```",
        "",
        prose(found),
        "",
    ]
    if inspect.isclass(found):
        lines += [line for method, item in methods(found) for line in (*entry(method, item), "")]
    return "\n".join(lines)


def entry(method: str, item: Any) -> list[str]:
    """Return a method or property of a record with what it gives back."""
    if isinstance(item, property):
        return [f"- `{method}`: {_text(summary(item))}"]
    bare = _unwrapped(item)
    arguments = ", ".join(p for p in inspect.signature(bare).parameters if p not in ("self", "cls"))
    return [f"- `{method}({arguments})`: {_text(summary(bare))}"]


def methods(found: type) -> list[tuple[str, Any]]:
    """Return the public methods and properties that a record itself defines and documents."""
    return [
        (name, item)
        for name, item in vars(found).items()
        if not name.startswith("_")
        and isinstance(item, (property, staticmethod, classmethod, type(page)))
        and _unwrapped(item).__doc__
    ]


def calls(name: str, found: Callable[..., Any]) -> str:
    """Return how a function is called, in each of its forms."""
    return "\n".join(call(name, form) for form in get_overloads(found) or [found])


def call(name: str, found: Callable[..., Any]) -> str:
    """Return how a function is called, on one line or one argument a line."""
    signature = inspect.signature(found)
    given = f"jeoul.{name}{_quoteless(str(signature))}"
    if len(given) <= WIDTH:
        return given
    lines, keyword = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword:
            lines.append("    *,")
            keyword = True
        lines.append(f"    {_quoteless(str(parameter))},")
    returned = _quoteless(str(signature.return_annotation))
    return "\n".join([f"jeoul.{name}(", *lines, f") -> {returned}"])


def fields(name: str, found: type) -> str:
    """Return the fields of a record with their types, the members of an enumeration."""
    if issubclass(found, enum.Enum):
        return f"jeoul.{name}: " + ", ".join(repr(str(member.value)) for member in found)
    if not dataclasses.is_dataclass(found):
        return f"jeoul.{name}"
    lines = [f"    {field.name}: {field.type}" for field in dataclasses.fields(found) if field.repr]
    return "\n".join([f"class jeoul.{name}:", *lines])


def summary(found: Any) -> str:
    """Return the first sentence of a docstring."""
    return (inspect.getdoc(found) or "").split("\n\n")[0].replace("\n", " ")


def prose(found: Any) -> str:
    """Return a docstring as Markdown: paragraphs, and examples as blocks of code."""
    blocks = []
    for block in (inspect.getdoc(found) or "").split("\n\n"):
        if block.startswith(">>> "):
            blocks.append(f"```pycon\n{block}\n```")
        else:
            blocks.append(_text(" ".join(block.split())))
    return "\n\n".join(blocks)


def _text(block: str) -> str:
    return ROLE.sub(r"`\1`", block).replace("``", "`")


def _quoteless(text: str) -> str:
    """Return a signature without quotes around types and enumerations written as in code."""
    text = re.sub(r"<(\w+\.\w+): '[^']*'>", r"\1", text)
    return re.sub(r"'([\w., |\[\]]+)'(?=[,)=\s]|$)", r"\1", text)


def _unwrapped(item: Any) -> Any:
    return item.__func__ if isinstance(item, (staticmethod, classmethod)) else item


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
