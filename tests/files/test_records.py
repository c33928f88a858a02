"""Records as a cache keeps them: what comes back is what was kept, to the bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jeoul.files.records import read_record, record_text
from jeoul.model.calendar import Reals


class Ends(NamedTuple):
    first: date
    last: date | None


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    ends: Ends
    values: Reals
    named: Mapping[str, tuple[float, float]]
    parts: Sequence[Path] = ()
    note: str | None = None


@given(st.lists(st.floats(), max_size=9))
def test_every_float_keeps_its_bits(values: list[float]) -> None:
    array = np.array(values)
    kind = tuple[Reals, tuple[float, ...]]
    again, plain = read_record(kind, record_text((array, tuple(values))))
    assert again.tobytes() == array.tobytes()
    np.testing.assert_array_equal(np.array(plain), array)


def test_records_in_records_come_back() -> None:
    inner = Path(Ends(date(2024, 6, 28), None), np.array([0.1]), {"a": (0.5, float("-inf"))})
    outer = Path(inner.ends, np.zeros(0), {}, (inner,), "x")
    found = read_record(Path | None, record_text(outer))
    assert isinstance(found, Path)
    assert (found.ends, found.note) == (outer.ends, "x")
    assert found.parts[0].named == inner.named
    np.testing.assert_array_equal(found.parts[0].values, inner.values)
    assert read_record(Path | None, record_text(None)) is None
