"""Long sweeps: which sources a result speaks of, and what a stopped one has done already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def sources(root: Path, covered: Sequence[str]) -> str:
    """Return the SHA-256 of modules and of those of folders, with their paths."""
    digest = hashlib.sha256()
    for place in (root / name for name in covered):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def done(file: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; one that was cut off by its end is taken away."""
    if not file.exists():
        return []
    whole = file.read_text("utf-8")
    kept = whole[: whole.rfind("\n") + 1]
    file.write_text(kept, "utf-8")
    return [json.loads(line) for line in kept.splitlines()]


def noted(file: Path, one: dict[str, Any]) -> dict[str, Any]:
    """Add a line to a file and return what it says."""
    with file.open("a", encoding="utf-8") as target:
        target.write(json.dumps(one, ensure_ascii=False) + "\n")
    return one
