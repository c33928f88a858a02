"""What a person asks of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked of a run.

    ``hold`` makes a plan wait for approval, also where the config asks for none. ``adopt`` takes
    unexplained holdings into the books this once. ``accept`` is the digest of the
    rules that a person accepts, and ``by`` who that is. ``money`` is what people of a household pay
    in, in won by person, below 0 for what they take out and 0 for nothing any more.
    """

    as_of: date | None = None
    execute: bool = False
    hold: bool = False
    approve: str | None = None
    reject: str | None = None
    fills: Path | None = None
    adopt: bool = False
    accept: str | None = None
    by: str = ""
    money: Mapping[str, int] | None = None
