"""What the tables of a strategy file share: strictness, kinds of numbers and names, a level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from jeoul.model.shown import Brief

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Label = Annotated[
    str,
    # pydantic compiles a pattern for each field, and [\w-]{0,39} takes a millisecond.
    Field(pattern=r"^[^\W\d_][\w-]*$", max_length=40),
    WithJsonSchema({"type": "string", "pattern": r"^[^\W\d_][\w-]{0,39}$"}),
]
LatchName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,23}$")]
Classes = Annotated[list[Label], Field(min_length=1)]


class StrategyTable(Brief, BaseModel):
    """A table of a strategy file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        defer_build=True,  # what reads a whole file is built once, and nothing for a table alone
    )

    def _brief(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in type(self).model_fields}


class Title(StrategyTable):
    """The strategy's name for people, in both languages."""

    ko: str
    en: str


class Threshold(StrategyTable):
    """A level and how many consecutive valid closes it takes."""

    at: float
    closes: Count = 1
