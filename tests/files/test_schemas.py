"""Editors and jeoul agree: a shipped file fits its schema, and a misspelt key does not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from jeoul import api, assets
from jeoul.files.kinds import KINDS, kind_of, schema_file
from jeoul.workspace import starter

ROOT = assets.root()
FOLDERS = ("strategies", "configs", "data/universes", "tests/korea/cases")
HEAD = "#:schema "
UNSHIPPED: dict[str, dict[str, Any]] = {
    "els": {"coupon": 0.08, "barriers": [0.9, 0.85], "knock_in": 0.5, "months": 6},
    "preferences": {"lang": "ko", "profile": "balanced"},
    "statement": {"year": 2026, "wages": 50_000_000, "determined": 0, "determined_local": 0},
}
"""Kinds of which no file is shipped."""


def files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).glob("**/*.toml"))


@cache
def validator(kind: str) -> Any:
    schema = json.loads(assets.data(schema_file(kind)).read_text("utf-8"))
    found = jsonschema.validators.validator_for(schema)
    found.check_schema(schema)
    return found(schema, format_checker=found.FORMAT_CHECKER)


def faults(kind: str, document: dict[str, Any]) -> list[str]:
    """Return what a schema says of a TOML document; JSON has dates as text."""
    plain = json.loads(json.dumps(document, default=str))
    return [error.message for error in validator(kind).iter_errors(plain)]


@pytest.mark.parametrize("path", [*files()], ids=lambda path: path.name)
def test_a_shipped_file_names_the_schema_that_it_fits(path: Path) -> None:
    text = path.read_text("utf-8")
    document = tomllib.loads(text)
    kind = kind_of(document)
    assert kind is not None
    first = text.split("\n")[0]
    assert first.startswith(HEAD)
    named = (path.parent / first.removeprefix(HEAD)).resolve()
    assert named == assets.data(schema_file(kind)).resolve()
    assert faults(kind, document) == []


@pytest.mark.parametrize("path", [*files()], ids=lambda path: path.name)
def test_a_misspelt_key_fails_at_every_depth(path: Path) -> None:
    document = tomllib.loads(path.read_text("utf-8"))
    kind = kind_of(document)
    assert kind is not None
    for key in document:
        assert faults(kind, {**{k: v for k, v in document.items() if k != key}, f"{key}x": 1}), key
    for key, table in document.items():
        if isinstance(table, dict) and key in CLOSED:
            assert faults(kind, {**document, key: {**table, "colour": "blue"}}), key


CLOSED = ("rebalance", "estimate", "broker", "schedule", "safety", "costs", "exchange", "policy")
"""Tables whose keys are all fixed; others are named by the person who writes the file."""


def starters() -> dict[str, Callable[[], str]]:
    core = api.universe_of("krx-core")
    values = {
        "name": "home", "person": "me", "born": "1992-05-11", "wages": "50_000_000",
        "spending": "2_500_000", "investor": 'profile = "balanced"', "reach": "15_000_000",
        "broker": "ticket", "strategy": "managed", "data": "",
    }  # fmt: skip
    accounts = {"isa": "isa", "irp": "irp", "general": "general"}
    return {
        "universe": lambda: starter.universe_text("mine", "en"),
        "strategy": lambda: starter.strategy_text("mine", "krx-core", core, "en"),
        "config": lambda: starter.config_text("mine", "static", core, "en", goal=date(2040, 1, 1)),
        "rates": lambda: starter.rates_text("en"),
        "household": lambda: starter.household_text(values, accounts, "en"),
    }


@pytest.mark.parametrize("kind", [*starters()])
def test_a_starter_names_its_schema_and_fits_it(kind: str) -> None:
    text = starters()[kind]()
    assert text.split("\n")[0] == f"{HEAD}{assets.data(schema_file(kind)).as_posix()}"
    document = tomllib.loads(text)
    assert faults(kind, document) == []
    assert faults(kind, {**document, "colour": "blue"})


@pytest.mark.parametrize("kind", UNSHIPPED)
def test_a_kind_without_a_shipped_file_has_a_schema_too(kind: str) -> None:
    assert faults(kind, UNSHIPPED[kind]) == []
    assert faults(kind, {**UNSHIPPED[kind], "colour": "blue"})


def test_every_kind_that_a_person_writes_has_a_schema() -> None:
    there = {path.name for path in assets.data().glob("*.schema.json")}
    kinds = {name for name, kind in KINDS.items() if kind.has_schema} | {"preferences"}
    assert there == {schema_file(name) for name in kinds}
