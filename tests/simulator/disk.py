"""The virtual disk: a state folder in memory, and what a power cut leaves of it."""

from __future__ import annotations

import shutil
from pathlib import Path

_LOST = ("-shm", "lock")  # shared memory and the kernel's lock end with the machine


def snapshot(state: Path) -> dict[str, bytes]:
    """Return the files of a folder as a power cut leaves them, with what lies in the ``-wal``.

    What a transaction has not committed is in the process's memory and not among them.
    """
    return {
        path.name: path.read_bytes()
        for path in state.iterdir()
        if path.is_file() and not path.name.endswith(_LOST)
    }


def put_back(state: Path, files: dict[str, bytes]) -> None:
    """Make a folder what it was: whatever the dead process did on its way out is forgotten."""
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = state / name
        path.write_bytes(content)
        path.chmod(0o600)
