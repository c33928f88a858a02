"""The JSON on stdout: each form has a name and a version, and this module writes it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from jeoul.cli.json_text import indented
from jeoul.cli.old_forms import OLD
from jeoul.errors import Problem

ERROR = "jeoul.error/1"
VERSIONS: Mapping[str, int] = {
    "backtest": 2,
    "compare-accounts": 2,
    "decide": 2,
    "guard": 2,
    "history": 2,
    "plan": 2,
    "recommend": 2,
    "report": 2,
}
"""The newest version of each form that has had more than one; docs/json.md lists all forms."""

NAMED: Mapping[str, str] = {"import": "holdings"}
"""The forms that are named after what they hold, by command."""

BESIDE = ("backtest-household",)
"""The forms of commands that have another one when they are asked about a household."""


@dataclass(frozen=True, slots=True)
class OutputForm:
    """The form in which a command was asked to print; ``version`` is the newest or an old one."""

    name: str
    version: int

    def write(self, document: Mapping[str, Any], *, indent: int | None = 2) -> None:
        """Print a document as one JSON object that begins with its schema."""
        if self.version < VERSIONS.get(self.name, 1):
            _print(OLD[self.name](document), indent)
        else:
            _print({"schema": f"jeoul.{self.name}/{self.version}", **document}, indent)


def newest(name: str) -> OutputForm:
    """Return the newest form of a command that always prints JSON.

    >>> newest("run")
    OutputForm(name='run', version=1)
    """
    return OutputForm(name, VERSIONS.get(name, 1))


def write_error(
    kind: str, code: str | None, reason: str, exit_code: int, problems: Sequence[Problem] = ()
) -> None:
    """Print why a command failed as the one JSON object on stdout; ``code`` of `jeoul explain`."""
    _print(
        {
            "schema": ERROR,
            "error": kind,
            "code": code,
            "reason": reason,
            "exit_code": exit_code,
            "problems": [asdict(problem) for problem in problems],
        }
    )


def asked_form(
    context: click.Context, _: click.Parameter, version: str | None
) -> OutputForm | None:
    """Return the form that ``--json`` or ``--json=VERSION`` asks of a command, for its option."""
    if version is None:
        return None
    name = _name(context)
    last = VERSIONS.get(name, 1)
    known = [str(number) for number in (1, last) if number == last or name in OLD]
    if version and version not in known:
        choices = " or ".join(f"--json={number}" for number in dict.fromkeys(known))
        raise click.BadParameter(f"there is no version {version!r} of it; use {choices}")
    return OutputForm(name, int(version) if version else last)


def _name(context: click.Context) -> str:
    name, outer = str(context.command.name), context.parent
    name = NAMED.get(name, name)
    while outer is not None and outer.parent is not None:
        name, outer = f"{outer.command.name}-{name}", outer.parent
    return name


def _print(document: Any, indent: int | None = 2) -> None:
    if indent is None:
        text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False)
    else:
        text = indented(document, indent)
    click.echo(text)


def _finite(value: Any) -> Any:
    """Return a value with null for every number that JSON cannot write."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
