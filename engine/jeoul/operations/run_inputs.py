"""What a run decides from: config, market, and what gives it a proposal and its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.allocate import Proof
from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.snapshot import Snapshot
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate
from jeoul.pipeline.alarms import Alarm
from jeoul.profile import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """What a run decides from.

    ``proposal`` gives the proposal of a mandate for a session, ``proof`` the proof of its
    allocation and ``snapshot`` what that session's decision sees;
    ``keep_inputs`` archives it for a run with orders. ``alarms`` gives what the overlay did up to
    a session, since another. ``diagnosis`` is that of the account's answers, None without any.
    """

    config: Config
    mandate: Mandate
    market: Market
    calendar: Calendar
    proposal: Callable[[date, Mandate], Proposal]
    proof: Callable[[Proposal], Proof | None]
    snapshot: Callable[[date], Snapshot]
    alarms: Callable[[date, date | None], Sequence[Alarm]]
    keep_inputs: bool
    diagnosis: Diagnosis | None = None
