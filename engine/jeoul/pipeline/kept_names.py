"""Names of cached results: each is a digest of everything that the result depends on."""

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
"""The packages and modules of jeoul that compute a model, its path and its account."""

DATA = ("calendars", "catalogue", "crises.toml", "rules", "universes")
"""The shipped data that these modules read. A strategy is not listed: its mandate has it."""

LIBRARIES = (
    *("clarabel", "cvxpy", "daqp", "highspy", "numba", "numpy", "pandas", "pydantic"),
    *("pydantic_core", "scipy"),
)
"""The libraries that these modules compute with."""


def kept_name(
    kind: str, mandate: Mandate, snapshot: str, *further: object, whole: bool = False
) -> str | None:
    """Return the name of a result of one kind, for a mandate and a snapshot with this digest.

    ``further`` is anything else that the result depends on. The name changes with the rules, the
    data, the source code, the shipped data, the libraries and Python. With ``whole`` it changes
    with every source file and all shipped data, not only those in :data:`SOURCES` and
    :data:`DATA`. Returns None where a change of these cannot be detected; the result must then not
    be kept.
    """
    sources, data = (("",), ("",)) if whole else (SOURCES, DATA)
    stamps = (source_stamp(*sources), data_stamp(*data), library_stamp(*LIBRARIES))
    if None in stamps:
        return None
    all_of_it = (fingerprint(mandate, snapshot), stamps, sys.version, further)
    return f"{kind}-{sha256(repr(all_of_it).encode()).hexdigest()}"
