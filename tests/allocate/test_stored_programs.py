"""A program that another process compiled is the same program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jeoul.allocate.solver.form import compile_shape
from jeoul.allocate.solver.stored_programs import packed, unpacked
from jeoul.allocate.solver.terms import Shape

SHAPE = Shape(4, ((True, True, False, False), (False, False, True, True)), True, False, (0,))


def through_a_file(tmp_path: Path, programs: Any, wrote: str, reads: str) -> Any:
    np.savez(tmp_path / "programs.npz", **packed(programs, wrote))  # type: ignore[arg-type]
    with np.load(tmp_path / "programs.npz", allow_pickle=False) as file:
        return unpacked(file, reads)


def test_it_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    made = compile_shape(SHAPE)
    (read,) = through_a_file(tmp_path, [made], "this version", "this version")
    assert (read.shape, read.size, read.places) == (made.shape, made.size, made.places)
    assert read.a.tobytes() == made.a.tobytes()
    for name in ("q", "lower", "upper"):
        own, other = getattr(made, name), getattr(read, name)
        assert np.array_equal(own.take, other.take)
        assert own.scale.tobytes() == other.scale.tobytes()


def test_that_of_another_version_is_left(tmp_path: Path) -> None:
    assert through_a_file(tmp_path, [compile_shape(SHAPE)], "this version", "the next") == []
