"""Where commands keep what can be made again, for the next one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from jeoul.files.cache import Cache


def user_cache() -> Cache | None:
    """Return where commands keep what can be made again, None where nothing is to be kept.

    ``JEOUL_CACHE`` names the folder; ``off`` keeps nothing. Without it the place is that of the
    platform for caches, ``$XDG_CACHE_HOME/jeoul`` or ``~/.cache/jeoul``.
    """
    named = os.environ.get("JEOUL_CACHE", "")
    if named.lower() == "off":
        return None
    folder = Path(named) if named else _platform_folder()
    return Cache(folder) if named or folder.is_absolute() else None


def _platform_folder() -> Path:
    """Return the platform's place for caches, a relative one for a user without a home."""
    if sys.platform == "win32":
        return Path(click.get_app_dir("jeoul", roaming=False)) / "cache"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "jeoul"
