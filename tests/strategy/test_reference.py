"""Every key of the strategy file is in docs/strategy.md, and the schema for editors is current."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from jeoul import assets
from jeoul.strategy.load import load_strategy, shipped
from jeoul.strategy.schema import Strategy


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            yield from _keys(inner)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def test_every_key_has_a_line_in_the_reference() -> None:
    reference = (assets.root() / "docs" / "strategy.md").read_text("utf-8")
    words = set(reference.replace("[", " ").replace("]", " ").replace("`", " ").split())
    words |= {word.strip(",.;:{}=") for word in words} | {
        part for word in words for part in word.replace("overlay.", "").split(",")
    }
    assert set(_keys(Strategy)) - {"profiles", "overlay"} <= words


def test_the_schema_for_editors_is_current() -> None:
    written = json.loads(assets.data("strategy.schema.json").read_text("utf-8"))
    assert written == Strategy.model_json_schema(by_alias=True)


@pytest.mark.parametrize("name", shipped())
def test_shipped_strategies_name_themselves_after_their_file(name: str) -> None:
    assert load_strategy(name).name == name
