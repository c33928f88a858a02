"""What a decision saw, kept so that it can be decided again after the folder has changed."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.market import Market
from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot
from jeoul.operations.errors import LedgerError
from jeoul.operations.shown import finding_from

FOLDER = "inputs"

_ARRAYS = ("sessions", "known_at", "close", "dividends", "splits")


def archive(state: Path, market: Market, calendar: str, session: date) -> Path:
    """Keep the snapshot of a session under its digest; return the file, old or new."""
    snapshot = market.as_of(session, calendar)
    place = state / FOLDER / f"{snapshot.digest}.zip"
    if place.exists():
        return place
    try:
        place.parent.mkdir(exist_ok=True)
        _write(place, snapshot)
    except OSError as error:
        raise LedgerError(
            f"the inputs of the decision cannot be kept in {place.parent} ({error.strerror}); free "
            "disk space, then run again: nothing was sent"
        ) from error
    return place


def _write(place: Path, snapshot: Snapshot) -> None:
    partial = place.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("snapshot.json", json.dumps(_facts(snapshot), ensure_ascii=False))
        for number, table in enumerate(snapshot.prices):
            for name in _ARRAYS:
                _put(file, f"table-{number}-{name}", getattr(table, name))
        for name, series in snapshot.series.items():
            for part in ("dates", "values", "known_at"):
                _put(file, f"series-{name}-{part}", getattr(series, part))
    os.replace(partial, place)


def recall(state: Path, digest: str) -> Snapshot | None:
    """Return the kept snapshot of a digest, None if there is none."""
    place = state / FOLDER / f"{digest}.zip"
    if not place.exists():
        return None
    with zipfile.ZipFile(place) as file:
        facts = json.loads(file.read("snapshot.json"))
        tables = tuple(
            PriceTable(
                **{**table, "tickers": tuple(table["tickers"])},
                **{name: _get(file, f"table-{number}-{name}") for name in _ARRAYS},
            )
            for number, table in enumerate(facts["tables"])
        )
        series = {
            name: Series(
                name,
                unit,
                *(_get(file, f"series-{name}-{part}") for part in ("dates", "values", "known_at")),
            )
            for name, unit in facts["series"].items()
        }
    return Snapshot(
        as_of=date.fromisoformat(facts["as_of"]),
        calendar=facts["calendar"],
        decided_at=facts["decided_at"],
        prices=tables,
        series=series,
        findings=tuple(finding_from(stored) for stored in facts["findings"]),
        simulated=facts["simulated"],
        source=facts["source"],
    )


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    plain = [f.name for f in fields(PriceTable) if f.name not in _ARRAYS]
    return {
        "as_of": snapshot.as_of.isoformat(),
        "calendar": snapshot.calendar,
        "decided_at": snapshot.decided_at,
        "simulated": snapshot.simulated,
        "source": snapshot.source,
        "findings": [_stored(finding) for finding in snapshot.findings],
        "tables": [{name: getattr(table, name) for name in plain} for table in snapshot.prices],
        "series": {name: series.unit for name, series in snapshot.series.items()},
    }


def _stored(finding: Finding) -> list[Any]:
    return [
        finding.day.isoformat(),
        finding.subject,
        finding.kind,
        finding.severity,
        finding.detail,
    ]


def _put(file: zipfile.ZipFile, name: str, array: np.ndarray[Any, Any] | None) -> None:
    if array is not None:
        with file.open(f"{name}.npy", "w") as target:
            np.lib.format.write_array(target, np.asarray(array), allow_pickle=False)


def _get(file: zipfile.ZipFile, name: str) -> Any:
    try:
        with file.open(f"{name}.npy") as source:
            return np.lib.format.read_array(source, allow_pickle=False)
    except KeyError:
        return None
