"""A split as a fetch plan writes it, and as a stored plan has it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from jeoul.model.ratio import parse_ratio, ratio_text


def _ratio(value: object) -> Fraction:
    """Return the ratio that a plan writes as a number or as a text; ``ValueError`` for another."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f'{value!r} is not a split, write new shares per old share: 4 or "1/3"')
    return parse_ratio(str(value))


def _dumped(ratio: Fraction) -> float | str:
    """Return a ratio as a stored plan has it: the number, or the text that only a ratio has."""
    return float(ratio) if "/" not in ratio_text(ratio) else ratio_text(ratio)


Ratio = Annotated[
    Fraction,
    PlainValidator(_ratio, json_schema_input_type=float | str),
    PlainSerializer(_dumped, return_type=float | str),
]
