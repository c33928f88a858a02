"""A copy of the repository to put faults into: the repository itself is never changed."""

from __future__ import annotations

import compileall
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("engine", "strategies", "data", "configs", "tests", "docs", "benchmarks")
FILES = ("pyproject.toml", "README.md", "README.ko.md", "CHANGELOG.md", "LICENSE")


def copy_tree(place: Path) -> Path:
    """Return a fresh copy of the sources and tests in a folder, compiled."""
    tree = place / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).exists():
            leave = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(ROOT / part, tree / part, ignore=leave)
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, tree / name)
    compileall.compile_dir(str(tree / "engine"), quiet=2)
    return tree


@contextmanager
def changed(file: Path, text: str) -> Iterator[None]:
    """Put a text into a file for a while; afterwards it is as it was, to its time of change."""
    before, stat = file.read_bytes(), file.stat()
    file.write_text(text, "utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
