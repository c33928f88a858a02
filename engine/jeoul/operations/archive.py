"""What a decision saw, kept so that it can be decided again after the folder has changed."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.database import EncryptionKey
from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot
from jeoul.operations.errors import LedgerError
from jeoul.operations.setup.kept import read_kept, write_kept
from jeoul.operations.setup.private import private_folder
from jeoul.operations.told.run_document import finding_from

FOLDER = "inputs"

_ALWAYS = ("sessions", "known_at", "close")
_SOME = tuple(each.name for each in fields(PriceTable) if each.default is None)
"""Columns that a table has where the folder has them."""
_ARRAYS = (*_ALWAYS, *_SOME)

# What reading a zip raises whose bytes were changed or cut off.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    RuntimeError,
)


def archive(
    state: Path, market: Market, calendar: str, session: date, key: EncryptionKey | None = None
) -> Path:
    """Keep the snapshot of a session under its digest; return the file, old or new.

    With a ``key`` it is encrypted.
    """
    snapshot = market.as_of(session, calendar)
    place = state / FOLDER / f"{snapshot.digest}.zip"
    if place.exists():
        return place
    try:
        private_folder(place.parent)
        _write(place, snapshot, key)
    except OSError as error:
        raise LedgerError(
            f"the inputs of the decision cannot be kept in {place.parent} ({error.strerror}); free "
            "disk space, then run again: nothing was sent"
        ) from error
    return place


def _write(place: Path, snapshot: Snapshot, key: EncryptionKey | None) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("snapshot.json", json.dumps(_facts(snapshot), ensure_ascii=False))
        for number, table in enumerate(snapshot.prices):
            for name in _ARRAYS:
                _put(file, f"table-{number}-{name}", getattr(table, name))
        for name, series in snapshot.series.items():
            for part in ("dates", "values", "known_at"):
                _put(file, f"series-{name}-{part}", getattr(series, part))
    write_kept(place, whole.getvalue(), key)


def recall(state: Path, digest: str, key: EncryptionKey | None = None) -> Snapshot | None:
    """Return the kept snapshot of a digest, None if there is none.

    Raises :class:`DataError` for a file that is damaged.
    """
    place = state / FOLDER / f"{digest}.zip"
    if not place.exists():
        return None
    try:
        return _read(read_kept(place, key))
    except _DAMAGE as error:
        raise DataError(
            f"the archive {place} is damaged ({error}); restore it from a backup, or delete it to "
            "decide from the market folder, if that still shows the same"
        ) from error


def _read(whole: bytes) -> Snapshot:
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        facts = json.loads(file.read("snapshot.json"))
        tables = tuple(
            PriceTable(
                **{**table, "tickers": tuple(table["tickers"])},
                **{name: _get(file, f"table-{number}-{name}") for name in _ALWAYS},
                **{name: _get_if_there(file, f"table-{number}-{name}") for name in _SOME},
            )
            for number, table in enumerate(facts["tables"])
        )
        series = {
            name: Series(
                name=name,
                unit=unit,
                **{
                    part: _get(file, f"series-{name}-{part}")
                    for part in ("dates", "values", "known_at")
                },
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
    whole = io.BytesIO(file.read(f"{name}.npy"))  # read to its end, where its checksum is compared
    return np.lib.format.read_array(whole, allow_pickle=False)


def _get_if_there(file: zipfile.ZipFile, name: str) -> Any:
    return _get(file, name) if f"{name}.npy" in file.namelist() else None
