"""Write the schemas by which editors check a file while it is typed, and name them in the files.

python docs/make_schema.py

Each schema is made from the tables that the reader of its kind uses. Every shipped TOML file of a
kind begins with a line that names its schema; it is written here too. The tests compare what is
committed with what this makes.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, create_model

from jeoul.account.file import AccountFile as AccountKeys
from jeoul.account.statements.reading import Statement
from jeoul.advice.els_terms import TermsFile
from jeoul.advice.person_file import PersonKeys
from jeoul.advice.rates import RatesFile
from jeoul.files.kinds import KINDS, kind_of, schema_file
from jeoul.firm.keys import FirmKeys
from jeoul.household.written.keys import HouseholdKeys
from jeoul.korea.cases import cases_schema
from jeoul.market.fetching.plan import FetchPlan
from jeoul.operations.setup.brokers import broker_kinds, broker_settings
from jeoul.operations.setup.config import Settings
from jeoul.profile.answers import answers_schema
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.universe import UniverseTable
from jeoul.workspace.preferences_file import PreferencesFile

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
SHIPPED = ("strategies", "configs", "data/universes", "tests/korea/cases")
MARK = "#:schema "


def schemas() -> Mapping[str, dict[str, Any]]:
    """Return the schema of each kind of file."""
    brokers = reduce(or_, [broker_settings(kind) for kind in broker_kinds()])
    config = create_model("Settings", __base__=Settings, broker=(brokers, ...))
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "firm": _of(FirmKeys),
        "household": _of(HouseholdKeys),
        "universe": _of(UniverseTable),
        "cases": cases_schema,
        "config": _of(config),
        "fetch plan": _of(FetchPlan),
        "account": _of(AccountKeys),
        "person": _of(PersonKeys),
        "answers": answers_schema,
        "strategy": _of(Strategy),
        "rates": _of(RatesFile),
        "els": _of(TermsFile),
        "statement": _of(Statement),
        "preferences": _of(PreferencesFile),  # known by its place, not by its keys
    }
    assert made.keys() - {"preferences"} == {n for n, kind in KINDS.items() if kind.has_schema}
    return {kind: schema() for kind, schema in made.items()}


def _of(keys: Any) -> Callable[[], dict[str, Any]]:
    return lambda: TypeAdapter(keys).json_schema(by_alias=True)


def text(schema: Mapping[str, Any]) -> str:
    """Return a whole file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def shipped() -> Iterator[tuple[Path, str]]:
    """Yield the shipped TOML files that have a schema, with their kind."""
    for folder in SHIPPED:
        for path in sorted((ROOT / folder).glob("**/*.toml")):
            kind = kind_of(tomllib.loads(path.read_text("utf-8")))
            if kind is not None and KINDS[kind].has_schema:
                yield path, kind


def named(path: Path, kind: str) -> str:
    """Return a file with the line that names its schema at its top."""
    lines = path.read_text("utf-8").split("\n")
    schema = os.path.relpath(DATA / schema_file(kind), path.parent).replace(os.sep, "/")
    return "\n".join([f"{MARK}{schema}", *(line for line in lines if not line.startswith(MARK))])


if __name__ == "__main__":
    for kind, schema in schemas().items():
        (DATA / schema_file(kind)).write_text(text(schema), "utf-8", newline="\n")
    for path, kind in shipped():
        path.write_text(named(path, kind), "utf-8", newline="\n")
