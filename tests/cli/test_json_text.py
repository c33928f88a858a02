"""The text of indented JSON is the one that the standard library writes."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.cli.json_text import indented


class Side(StrEnum):
    BUY = "buy"


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False).map(np.float64),
    st.text(),
    st.just(Side.BUY),
)
KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.just(Side.BUY))
DOCUMENTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=20,
)


@given(document=DOCUMENTS, step=st.integers(1, 3))
def test_the_text_is_that_of_the_standard_library(document: Any, step: int) -> None:
    assert indented(document, step) == json.dumps(document, ensure_ascii=False, indent=step)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_number_that_json_cannot_write_is_null(number: float) -> None:
    assert json.loads(indented({"worth": [number, 1.0]})) == {"worth": [None, 1.0]}


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no form in JSON"):
        indented({"codes": {1}})
    with pytest.raises(TypeError, match="cannot be a key in JSON"):
        indented({(1,): 1})
