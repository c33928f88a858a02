"""The names under which a cache keeps what a mandate led to: each says all that it rests on."""

from __future__ import annotations

import sys
from hashlib import sha256

from jeoul.files.source_stamp import data_stamp, library_stamp, source_stamp
from jeoul.pipeline.inputs import fingerprint
from jeoul.pipeline.mandate import Mandate

SOURCES = (
    *("account", "allocate", "api", "backtesting", "estimate", "files", "korea", "market", "model"),
    *("operations/setup", "overlay", "pipeline", "rebalance", "signals", "strategy"),
    *("__init__.py", "assets.py", "compiling.py", "errors.py", "highs.py", "messages.py"),
    *("metrics.py", "moved.py", "postgres_url.py"),
)
"""The packages and modules of jeoul that have a part in a model, its path and its account."""

DATA = ("calendars", "catalogue", "crises.toml", "rules", "universes")
"""The shipped data that they read; a strategy is part of its mandate."""

LIBRARIES = (
    *("clarabel", "cvxpy", "daqp", "highspy", "numba", "numpy", "pandas", "pydantic"),
    *("pydantic_core", "scipy"),
)
"""The libraries that they compute with."""


def kept_name(
    kind: str, mandate: Mandate, snapshot: str, *further: object, whole: bool = False
) -> str | None:
    """Return the name of one kind of result: of a mandate's rules on a snapshot with this digest.

    ``further`` is whatever else the result depends on. The name changes with the rules, the data,
    the source, the shipped data, the libraries and Python. A ``whole`` one changes with every
    source and all shipped data, whichever of them the result passes through. None where nothing
    says when those change: then the result must not be kept.
    """
    sources, data = (("",), ("",)) if whole else (SOURCES, DATA)
    stamps = (source_stamp(*sources), data_stamp(*data), library_stamp(*LIBRARIES))
    if None in stamps:
        return None
    all_of_it = (fingerprint(mandate, snapshot), stamps, sys.version, further)
    return f"{kind}-{sha256(repr(all_of_it).encode()).hexdigest()}"
