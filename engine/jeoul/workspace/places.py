"""Where this user's own records lie."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


def state_folder() -> Path:
    """Return where this user's own records lie: XDG_STATE_HOME, or the platform's place for it."""
    if sys.platform == "win32":
        return Path(click.get_app_dir("jeoul", roaming=False))
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "jeoul"


def trials_file(given: Path | None) -> Path:
    """Return the file of the trial ledger."""
    return state_folder() / "trials.sqlite" if given is None else given
