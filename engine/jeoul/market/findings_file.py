"""Findings that travel with a market folder: ``date,subject,kind,severity,detail``.

They were made when the rows were fetched, from what the folder does not show: when a row was
fetched, what the vendor said before, a second source. A finding is known when the row of its date
is, so that it reaches the first decision that could use the row, and no earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.errors import BeyondData
from jeoul.files.faults import shown
from jeoul.files.text import CONTROL
from jeoul.market.manifest import FindingsFile, Manifest, Released
from jeoul.market.publication import Known, known_instants
from jeoul.market.sheet import SheetFaults, read_text, rows_of
from jeoul.messages import LANGUAGES, say
from jeoul.model.calendar import Calendar
from jeoul.model.finding import Finding, Severity

HEADER = ("date", "subject", "kind", "severity", "detail")


class Noted(NamedTuple):
    """A finding and the instant from which it can be known."""

    known_at: int
    finding: Finding


def read_noted(
    manifest: Manifest, file: FindingsFile, calendars: Mapping[str, Calendar]
) -> list[Noted]:
    """Return the findings of one file.

    Raises :class:`DataError` with every fault of it: another header, a date, a severity or a
    detail that cannot be read, a date after the calendar, a subject that is a series without a
    rule.
    """
    text = read_text(manifest.folder, file.path)
    faults = SheetFaults(file.path)
    rows = rows_of(text, 1, faults)
    _, cells = next(rows, (1, []))
    if tuple(cells) != HEADER:
        faults.add(f"the header is {','.join(cells)}", f"write the header {','.join(HEADER)}", 1)
        faults.refuse()
    rules = _rules(manifest, file.findings_of)
    found = []
    for line, cells in rows:
        finding = _finding(cells, line, faults)
        rule = rules.get("") or (rules.get(finding.subject) if finding else None)
        if finding is not None and rule is None:
            faults.add(f"{shown(finding.subject)} is not a series of the file", "correct it", line)
        elif finding is not None and rule is not None:
            try:
                found.append(Noted(_known(rule, finding.day, calendars), finding))
            except BeyondData as error:
                faults.add(str(error), "fetch it again", line, "date")
    faults.refuse()
    return found


def let_pass(finding: Finding, released: Sequence[Released]) -> Finding:
    """Return a finding as it counts after what a person has released."""
    for release in released:
        if (release.ticker, release.day) != (finding.subject, finding.day):
            continue
        if finding.kind.partition(".")[2] == release.kind:
            detail = (*finding.detail, ("released", release.reason))
            return replace(finding, severity=Severity.NOTICE, detail=detail)
    return finding


def _rules(manifest: Manifest, path: str) -> dict[str, Known]:
    """Return when rows become known: under the empty name for a file of prices, else by series."""
    for file in manifest.prices:
        if file.path == path:
            return {"": file.known}
    sheet = next(sheet for sheet in manifest.series if sheet.path == path)
    return {column.name: column.known for column in sheet.columns if not column.known.in_advance}


def _known(rule: Known, day: date, calendars: Mapping[str, Calendar]) -> int:
    instants, _ = known_instants(rule, np.array([day], dtype="datetime64[D]"), calendars)
    return int(instants[0])


def _finding(cells: Sequence[str], line: int, faults: SheetFaults) -> Finding | None:
    if len(cells) != len(HEADER):
        faults.add(f"has {len(cells)} cells, not {len(HEADER)}", "fetch it again", line)
        return None
    day, subject, kind, severity, detail = cells
    try:
        content = json.loads(detail)
        texts = tuple((str(key), str(value)) for key, value in content.items())
        found = Finding(
            day=date.fromisoformat(day),
            subject=subject,
            kind=kind,
            severity=Severity(severity),
            detail=texts,
        )
    except (ValueError, AttributeError, RecursionError) as error:
        faults.add(f"cannot be read: {error}", "fetch it again", line)
        return None
    if not _can_be_said(found):
        faults.add(
            f"{shown(kind)} is not a finding that this version knows", "fetch it again", line
        )
        return None
    return found


def _can_be_said(finding: Finding) -> bool:
    """Return whether a finding is one of ours, with all that its message names, in plain text."""
    detail = dict(finding.detail)
    if not finding.kind.startswith(("finding.", "gate.")):
        return False
    if any(CONTROL.search(text) for text in detail.values()):
        return False
    try:
        for language in LANGUAGES:
            say(language, finding.kind, detail)
        return int(detail.get("line", 0)) >= 0
    except (KeyError, ValueError):
        return False
