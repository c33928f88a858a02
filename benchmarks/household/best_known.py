"""The best known plan of every household with the bound that was proven, kept in the repository."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import check
from frozen import documents, write

FOLDER = Path(__file__).parent / "best_known"


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.jsonl.gz"


def known(name: str) -> dict[str, dict[str, Any]]:
    """Return what is kept of a set by household: ``moves``, ``total``, ``bound``, ``seconds``."""
    if not path_of(name).exists():
        return {}
    with gzip.open(path_of(name), "rt", encoding="utf-8") as file:
        return {found["id"]: found for found in map(json.loads, file)}


def results(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the planner and the result of every plan in a folder of results."""
    for path in sorted(folder.glob("*/*/*.json")):
        yield path.parts[-3], json.loads(path.read_text("utf-8"))


def freeze(name: str, folder: Path) -> str:
    """Take into what is kept of a set every plan that is cheaper and every bound that is higher."""
    kept, houses = known(name), dict(documents(name))
    for by, found in results(folder):
        label, plan = found["id"], found["plan"]
        if label not in houses:
            continue
        cost, broken = check.judge(houses[label], plan)
        if broken:
            continue
        mine = kept.setdefault(label, {"id": label, "total": float("inf"), "bound": 0.0})
        if cost["total"] < mine["total"] - 0.5:
            moves = plan.get("moves", plan)
            mine.update(total=cost["total"], moves=_plain(moves), by=by, seconds=found["seconds"])
        bound = plan.get("bound")
        if bound is not None and isfinite(bound) and bound > mine["bound"]:
            mine.update(bound=bound, bound_by=by, bound_seconds=found["seconds"])
    for mine in kept.values():
        mine["bound"] = min(mine["bound"], mine["total"])
    write(path_of(name), (_rounded(kept[label]) for label in houses if label in kept))
    closed = sum(gap_of(each["total"], each["bound"]) <= 0.001 for each in kept.values())
    return f"{name}: {len(kept)} of {len(houses)} households, {closed} of them to 0.1 %"


def gap_of(total: float, bound: float) -> float:
    """Return (total - bound) / total, 0 at a total of 0."""
    return max(0.0, total - bound) / total if total > 0.0 else 0.0


def _plain(moves: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "jeoul.household-moves/1",
        "trades": list(moves["trades"]),
        "deposits": moves["deposits"],
        "withdrawals": moves["withdrawals"],
    }


def _rounded(found: dict[str, Any]) -> dict[str, Any]:
    return {
        key: round(value, 3) if isinstance(value, float) else value for key, value in found.items()
    }
