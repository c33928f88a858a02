"""Functions that numba compiles and keeps on disk, so that later processes only read them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from copy import copy
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
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
    Where no place can be written a function is compiled and not kept.
    """
    from numba import njit  # takes a fifth of a second

    whole = kept_njit() if kept else njit
    return Jits(njit(no_cpython_wrapper=True, no_cfunc_wrapper=True), whole)


def kept_njit(reads: Iterable[ModuleType] = (), **options: Any) -> Jit:
    """Return what compiles a function with ``numba.njit`` and keeps it on disk.

    numba compiles a function again when its own file has changed. ``reads`` are the modules whose
    functions it calls: their sources are part of the name under which it is kept.

    What numba kept stops nobody. An index or a function that cannot be read, because the file is
    damaged or names a class of an older version, counts as none: the function is compiled once
    more. On a full disk, and where no place can be written, it is compiled and not kept.
    """
    from numba import njit

    sources = "".join(map(inspect.getsource, reads))
    version = f"_{sha256(sources.encode()).hexdigest()[:12]}" if sources else ""

    def compiled(function: Any) -> Any:
        function.__qualname__ += version
        try:
            found = njit(cache=True, **options)(function)
        except RuntimeError:  # no place can be written
            return njit(**options)(function)
        if found is function:  # numba does not compile at all under NUMBA_DISABLE_JIT
            return found
        kept = found._cache
        index = kept._cache_file
        index._load_index = partial(_tried, index._load_index, {})
        kept.load_overload = partial(_tried, kept.load_overload, None)
        kept.save_overload = partial(_tried, kept.save_overload, None)
        return found

    return compiled


def _tried(act: Callable[..., Any], otherwise: Any, *given: Any) -> Any:
    """Return what reading or writing a kept function gives, else what stands for none.

    A file of any content is unpickled there, so that anything may be raised.
    """
    try:
        return act(*given)
    except Exception:
        return copy(otherwise)


def not_compiled(name: str, error: Exception) -> None:
    """Log why a function runs as plain Python.

    That numba cannot compile it is a fault of its source, and worth a warning: it runs hundreds of
    times slower.
    """
    import logging  # takes its time where nothing is said

    from numba.core.errors import NumbaError

    level = logging.WARNING if isinstance(error, NumbaError) else logging.DEBUG
    said = str(error).partition("\n")[0]
    logging.getLogger("jeoul").log(
        level, "%s is not compiled: %s: %s", name, type(error).__name__, said
    )


def is_kept(compiled: Any) -> bool:
    """Return whether a process before this one has compiled a function and kept it.

    It can have been for another processor or version: then the function is compiled once more.
    """
    place = compiled.stats.cache_path
    name = f"{Path(compiled.py_func.__code__.co_filename).stem}.{compiled.py_func.__qualname__}-"
    return place is not None and any(Path(place).glob(f"{name}*.nbi"))
