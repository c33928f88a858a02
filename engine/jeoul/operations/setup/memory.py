"""The model's memory between runs: a cache beside the ledger that a replay can always rebuild."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.database import EncryptionKey
from jeoul.model.decision import Memory
from jeoul.operations.setup.kept import read_kept, write_kept

NAME = "memory.json"
KEPT = 3  # a repeated run needs the one before its own session

_DAYS = ("as_of", "clock", "allocated", "first")
_KEYS = frozenset(field.name for field in fields(Memory))


@dataclass(frozen=True, slots=True)
class KeptMemory:
    """A memory, and the digest of the snapshot that it was made from."""

    snapshot: str
    memory: Memory


def newest_before(
    state: Path,
    rules: str,
    session: date,
    digest: Callable[[date], str | None],
    key: EncryptionKey | None = None,
) -> Memory | None:
    """Return the newest memory from before a session of the same rules and data, None without one.

    ``digest`` gives that of the snapshot which the market shows for a session now, None where it
    shows none. A memory of other data, as after a correction, and a cache that cannot be read are
    as good as none.
    """
    earlier = [kept for kept in _read(state, rules, key) if kept.memory.as_of < session]
    newest_first = sorted(earlier, key=lambda kept: kept.memory.as_of, reverse=True)
    same = (kept.memory for kept in newest_first if digest(kept.memory.as_of) == kept.snapshot)
    return next(same, None)


def keep(
    state: Path, rules: str, memory: Memory, snapshot: str, key: EncryptionKey | None = None
) -> None:
    """Keep a memory and its snapshot's digest; the oldest of more than a few is dropped."""
    known = {kept.memory.as_of: kept for kept in _read(state, rules, key)}
    known[memory.as_of] = KeptMemory(snapshot, memory)
    newest = [known[day] for day in sorted(known)[-KEPT:]]
    place = state / NAME
    memories = [{"snapshot": k.snapshot, "memory": to_document(k.memory)} for k in newest]
    document = {"rules": rules, "memories": memories}
    try:
        write_kept(place, json.dumps(document).encode(), key)
    except OSError:
        return  # the next run replays history instead, to the same end


def to_document(memory: Memory) -> dict[str, Any]:
    """Return a memory as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(memory).items()
    }


def from_document(document: Mapping[str, Any]) -> Memory:
    """Return the memory that JSON values stand for, the inverse of :func:`to_document`.

    Raises :class:`KeyError` for one that another version wrote: a replay makes it again.
    """
    if set(document) != _KEYS:
        raise KeyError("a memory of another version")
    days = {
        name: None if document[name] is None else date.fromisoformat(document[name])
        for name in _DAYS
    }
    return Memory(**{**document, **days})


def _read(state: Path, rules: str, key: EncryptionKey | None) -> list[KeptMemory]:
    try:
        document = json.loads(read_kept(state / NAME, key))
        if document["rules"] != rules:
            return []
        return [
            KeptMemory(entry["snapshot"], from_document(entry["memory"]))
            for entry in document["memories"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
