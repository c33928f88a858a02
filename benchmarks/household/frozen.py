"""The frozen households: JSON lines, one household a line, packed with gzip."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "households"
SETS = {"2x8": 200, "5x12": 500, "6x20": 200, "edges": 100}


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.jsonl.gz"


def write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Write lines of JSON; the same lines give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    )
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


def documents(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the id and the document of every household of a set."""
    with gzip.open(path_of(name), "rt", encoding="utf-8") as file:
        for line in file:
            found = json.loads(line)
            yield found["id"], found["household"]
