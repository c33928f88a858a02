"""What a quality check found in the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to whoever would trade the instrument."""

    NOTICE = "notice"  # worth knowing; a gap, a substitute, a proxy
    SERIOUS = "serious"  # stops a decision that would trade the instrument


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One observation about one ticker or series on one date.

    ``kind`` is a message id of the catalogues (``finding.jump``, say); ``detail`` fills it in.
    """

    day: date
    subject: str
    kind: str
    severity: Severity
    detail: tuple[tuple[str, str], ...] = ()
