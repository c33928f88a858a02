"""The model's memory between runs: a cache beside the ledger that a replay can always rebuild."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.model.decision import Memory

NAME = "memory.json"
KEPT = 3  # a repeated run needs the one before its own session

_DAYS = ("as_of", "clock", "allocated")


def newest_before(state: Path, key: str, session: date) -> Memory | None:
    """Return the newest memory of the same rules from before a session, None without one.

    A cache that cannot be read is as good as none.
    """
    found = [memory for memory in _read(state, key) if memory.as_of < session]
    return max(found, key=lambda memory: memory.as_of, default=None)


def keep(state: Path, key: str, memory: Memory) -> None:
    """Keep a memory for later runs; the oldest of more than a few is dropped."""
    known = {kept.as_of: kept for kept in _read(state, key)} | {memory.as_of: memory}
    newest = [known[day] for day in sorted(known)[-KEPT:]]
    place = state / NAME
    partial = place.with_suffix(".partial")
    document = {"rules": key, "memories": [to_document(kept) for kept in newest]}
    try:
        partial.write_text(json.dumps(document), "utf-8")
        os.replace(partial, place)
    except OSError:
        return  # the next run replays history instead, to the same end


def to_document(memory: Memory) -> dict[str, Any]:
    """Return a memory as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(memory).items()
    }


def from_document(document: Mapping[str, Any]) -> Memory:
    """Return the memory that JSON values stand for, the inverse of :func:`to_document`."""
    days = {
        name: None if document[name] is None else date.fromisoformat(document[name])
        for name in _DAYS
    }
    return Memory(**{**document, **days})


def _read(state: Path, key: str) -> list[Memory]:
    try:
        document = json.loads((state / NAME).read_text("utf-8"))
        if document["rules"] != key:
            return []
        return [from_document(entry) for entry in document["memories"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
