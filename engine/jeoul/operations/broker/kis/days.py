"""The exchange's open days as the broker has them, asked once a day at most (real host only).

Recorded 2026-09-27: ``output`` is a list, and ``opnd_yn`` says whether orders are taken; on
Saturday 2026-05-16 ``tr_day_yn`` was Y. One page holds about 24 days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.errors import DataError
from jeoul.files.text import read_text
from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.rest.fields import Row, text
from jeoul.operations.errors import Unreachable
from jeoul.operations.setup.private import write_private

NAME = "kis-days.json"


def opens(state: Path, session: date, today: date, ask: Callable[[], Row]) -> bool | None:
    """Return whether the broker takes orders on a session, None where it does not say.

    A question that fails is not asked again on the same day: the calendar then decides alone.
    """
    place = state / NAME
    kept = _kept(place)
    if kept.get("asked") != today.isoformat():
        kept = {"asked": today.isoformat(), "days": _asked(ask)}
        try:
            write_private(place, json.dumps(kept))
        except OSError as error:
            raise Unreachable(f"the open days cannot be kept in {state}: {error}") from None
    found = kept["days"].get(session.isoformat())
    return found if isinstance(found, bool) else None


def _asked(ask: Callable[[], Row]) -> Mapping[str, bool]:
    try:
        found = {text(row, "bass_dt"): text(row, "opnd_yn") for row in rows_of(ask(), "output")}
    except Unreachable:
        return {}
    return {
        f"{day[:4]}-{day[4:6]}-{day[6:]}": said == "Y"
        for day, said in found.items()
        if said in ("Y", "N")
    }


def _kept(place: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(read_text(place, DataError))
    except (DataError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("days"), dict) else {}
