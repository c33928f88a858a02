"""The results of a sweep: one SQLite file, one row a variant, one column a key."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.database import Connection
from jeoul.errors import UsageError
from jeoul.model.calendar import Reals
from jeoul.research.database import transaction
from jeoul.research.measure import FIGURES, MeasuredVariant


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One stored variant; figures are None where it was refused or a figure is undefined."""

    values: Mapping[str, Any]
    figures: Mapping[str, float | None]
    refused: str


class Results:
    """The results file of one sweep; opening it again goes on where it stopped.

    ``about`` says what is swept: strategy, profile, data, span. Raises :class:`UsageError` if the
    file belongs to another sweep, :class:`DataError` if it is no results file or cannot be written.
    """

    def __init__(self, path: Path, keys: Sequence[str], about: Mapping[str, Any]) -> None:
        self.path, self.keys = path, tuple(keys)
        text = json.dumps({**about, "keys": list(keys)}, sort_keys=True, ensure_ascii=False)
        columns = ", ".join(f"{_quoted(key)} any" for key in keys)
        figures = ", ".join(f"{name} real" for name in FIGURES)
        with self._open() as connection:
            connection.execute("create table if not exists sweep (about text not null) strict")
            known = connection.execute("select about from sweep").fetchone()
            if known is not None and known[0] != text:
                raise UsageError(
                    f"{path} holds another sweep (other strategy, data, span or keys); "
                    "name another file with --out"
                )
            if known is None:
                connection.execute("insert into sweep values (?)", (text,))
            connection.execute(
                f"create table if not exists results (variant text primary key, {columns}, "
                f"{figures}, refused text not null, excess blob) strict, without rowid"
            )
            known_columns = {row[1] for row in connection.execute("pragma table_info(results)")}
            for name in set(FIGURES) - known_columns:  # of a file that an older version began
                connection.execute(f"alter table results add column {name} real")

    def _open(self) -> AbstractContextManager[Connection]:
        return transaction(self.path, "for results", "--out")

    def done(self) -> frozenset[str]:
        """Return the labels of the variants that are stored."""
        with self._open() as connection:
            return frozenset(row[0] for row in connection.execute("select variant from results"))

    def add(self, found: Iterable[MeasuredVariant]) -> None:
        """Store variants; all of them or, if the machine stops, none."""
        with self._open() as connection:
            for one in found:
                values = json.loads(one.label)
                row = [
                    one.label,
                    *(_cell(values[key]) for key in self.keys),
                    *(_figure(one, name) for name in FIGURES),
                    one.refused,
                    None if one.excess is None else one.excess.tobytes(),
                ]
                names = [*map(_quoted, self.keys), *FIGURES]
                columns = ", ".join(["variant", *names, "refused", "excess"])
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f"insert or replace into results ({columns}) values ({marks})", row
                )

    def rows(self) -> list[VariantRow]:
        """Return every stored variant, in the order of their labels."""
        names = ", ".join(FIGURES)
        with self._open() as connection:
            stored = connection.execute(
                f"select variant, refused, {names} from results order by variant"
            )
            return [
                VariantRow(json.loads(variant), dict(zip(FIGURES, figures, strict=True)), refused)
                for variant, refused, *figures in stored
            ]

    def excess(self) -> tuple[list[Mapping[str, Any]], Reals]:
        """Return the measured variants and their returns above cash, one column each.

        All variants end on the same session. What one that could be invested earlier did before
        the others is left out, so that the rows are the sessions that all share. Empty without any.
        """
        with self._open() as connection:
            stored = connection.execute(
                "select variant, excess from results where excess is not null order by variant"
            ).fetchall()
        series = [np.frombuffer(row[1], dtype=np.float32) for row in stored]
        shared = min(map(len, series), default=0)
        columns = [own[len(own) - shared :] for own in series]
        values = [json.loads(row[0]) for row in stored]
        return values, np.array(columns, dtype=np.float64).reshape(len(stored), shared).T


def _quoted(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else json.dumps(value)


def _figure(one: MeasuredVariant, name: str) -> float | None:
    value = None if one.figures is None else float(getattr(one.figures, name))
    return None if value is None or math.isnan(value) else value
