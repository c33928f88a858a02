"""One folder put in the place of another."""

from __future__ import annotations

import ctypes
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

_HERE = -100  # AT_FDCWD of renameat2(2): paths as this process sees them
_EXCHANGE = 2  # RENAME_EXCHANGE


def put(fresh: Path, target: Path) -> None:
    """Put a folder in the place of its target; what was there goes where the folder was.

    On Linux the two change places in one step, so that ``target`` is a whole folder at every
    moment. Elsewhere, and on file systems that cannot do it (NFS), there is no folder between two
    renames: who opens it just then is told that there is none, and a process that is killed just
    then leaves it to the next fetch to write it.
    """
    target = target.resolve()
    if not target.exists():
        fresh.rename(target)
    elif not _exchanged(fresh, target):
        old = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        target.rename(old)  # onto an empty folder: allowed, and nobody else can take the name
        fresh.rename(target)
        shutil.rmtree(old)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places; return whether the system can do it and has."""
    if sys.platform != "linux":
        return False
    call = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc 2.28 or newer
    return call is not None and call(_HERE, bytes(one), _HERE, bytes(other), _EXCHANGE) == 0
