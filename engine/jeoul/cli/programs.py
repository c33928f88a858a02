"""Compiled programs between processes: a file in the user's cache spares importing cvxpy."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jeoul

_SOURCES = ("form.py", "statement.py", "terms.py", "stored_programs.py")


def take_over() -> None:
    """Take over the programs that an earlier process of this version compiled, if there are any."""
    import numpy as np

    from jeoul.allocate.solver.stored_programs import PROGRAMS, unpacked

    try:
        with np.load(_place(), allow_pickle=False) as file:
            programs = unpacked(file, _label())
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return  # no file, or a damaged one: everything is compiled anew, to the same programs
    PROGRAMS.kept |= {program.shape: program for program in programs}


def leave_behind() -> None:
    """Keep what this process had to compile for the next one."""
    if "jeoul.allocate.solver.form" not in sys.modules:
        return
    import numpy as np

    from jeoul.allocate.solver.stored_programs import PROGRAMS, packed

    if not PROGRAMS.made:
        return
    whole = PROGRAMS.kept | {program.shape: program for program in PROGRAMS.made}
    place = _place()
    part = place.with_name(f"{place.stem}.{os.getpid()}.npz")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = dict(packed(whole.values(), _label()))
        np.savez(part, **arrays)
        part.replace(place)
    except OSError:
        with suppress(OSError):  # a cache that cannot be written is done without
            part.unlink(missing_ok=True)


def _place() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    folder = Path(base) if base else Path.home() / ".cache"
    return folder / "jeoul" / "programs.npz"


def _label() -> str:
    """Return what a compiled program depends on: versions, and the sources that compile it."""
    from jeoul.allocate.solver import stored_programs

    folder = Path(stored_programs.__file__).parent
    found = hashlib.sha256(f"{jeoul.__version__} {version('cvxpy-base')}".encode())
    for name in _SOURCES:
        found.update((folder / name).read_bytes())
    return found.hexdigest()
