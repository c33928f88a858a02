"""Where the shipped strategies, data and configs lie: in a checkout or inside a wheel."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from jeoul.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = ("strategies", "data", "configs")


@cache
def root() -> Path:
    """Return the folder that holds ``strategies/``, ``data/`` and ``configs/``.

    An editable checkout is looked at first, because an editable install may leave a stale copy of
    the assets beside the package; then the copy inside an installed wheel. The working directory
    plays no part.

    Raises :class:`UsageError` if neither is there, as after an incomplete installation.

    >>> (root() / "data").is_dir()
    True
    """
    checkout = _PACKAGE.parents[1]
    if (checkout / "pyproject.toml").is_file() and all((checkout / f).is_dir() for f in _FOLDERS):
        return checkout
    packaged = _PACKAGE / "_assets"
    if all((packaged / f).is_dir() for f in _FOLDERS):
        return packaged
    raise UsageError(f"the shipped data of jeoul is missing beside {_PACKAGE}; install it again")


@lru_cache(maxsize=256)  # a run asks for the same few again and again
def data(*parts: str) -> Path:
    """Return a path under the shipped ``data/``.

    >>> data("universes", "krx-core.toml").name
    'krx-core.toml'
    """
    return root().joinpath("data", *parts)
