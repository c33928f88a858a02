"""Functions that numba compiles and keeps on disk, so that later processes only read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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

    whole = kept_njit() if kept else njit
    return Jits(njit(no_cpython_wrapper=True, no_cfunc_wrapper=True), whole)


def kept_njit(**options: Any) -> Jit:
    """Return what compiles a function with ``numba.njit`` and keeps it on disk.

    numba unpickles the index of what it has kept before it looks whether the source has changed, so
    an index that names a class which a later version has moved or renamed would stop the function
    for good. Here such an index counts as none: the function is compiled once more.
    """
    from numba import njit

    def compiled(function: Any) -> Any:
        found = njit(cache=True, **options)(function)
        if found is function:  # numba does not compile at all under NUMBA_DISABLE_JIT
            return found
        file = found._cache._cache_file
        file._load_index = partial(_index_of, file._load_index)
        return found

    return compiled


def _index_of(load: Callable[[], dict[Any, str]]) -> dict[Any, str]:
    try:
        return load()
    except (AttributeError, ImportError):
        return {}


def is_kept(compiled: Any) -> bool:
    """Return whether a process before this one has compiled a function and kept it.

    It can have been for another processor or version: then the function is compiled once more.
    """
    place = compiled.stats.cache_path
    name = f"{Path(compiled.py_func.__code__.co_filename).stem}.{compiled.py_func.__qualname__}-"
    return place is not None and any(Path(place).glob(f"{name}*.nbi"))
