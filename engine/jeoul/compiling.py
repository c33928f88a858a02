"""Functions that numba compiles and keeps on disk, so that later processes only read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

Jit = Callable[[Any], Any]


class Jits(NamedTuple):
    """What compiles the parts of a function, and what compiles the function that calls them."""

    part: Jit
    whole: Jit


def jits(*, kept: bool) -> Jits:
    """Return how a function is compiled: only called from Python as a whole, and ``kept`` on disk.

    numba chooses the place: ``NUMBA_CACHE_DIR``, ``__pycache__`` beside the source, or the user's
    cache folder, whichever can be written first. Its files are valid for one version of Python, of
    numba and of the source, and for one processor. Parts are kept within the whole.

    Raises ``RuntimeError`` if a function is to be kept and no place can be written.
    """
    from numba import njit  # takes a fifth of a second

    return Jits(njit(no_cpython_wrapper=True, no_cfunc_wrapper=True), njit(cache=kept))


def is_kept(compiled: Any) -> bool:
    """Return whether a process before this one has compiled a function and kept it.

    It can have been for another processor or version: then the function is compiled once more.
    """
    place = compiled.stats.cache_path
    name = f"{Path(compiled.py_func.__code__.co_filename).stem}.{compiled.py_func.__qualname__}-"
    return place is not None and any(Path(place).glob(f"{name}*.nbi"))
