"""The scenarios of the simulator: what happens, when it happens, and at which kind of broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

CRASH = "crash"
LATE = "late fill"
CORRECTED = "corrected fill"
WITHDRAWAL = "withdrawal"
STRATEGY = "strategy change"
CORPORATE = "corporate action"
SECOND = "second plan"
APPROVAL = "approval late or twice"
CLOCK = "clock moved"
EVENTS = (CRASH, LATE, CORRECTED, WITHDRAWAL, STRATEGY, CORPORATE, SECOND, APPROVAL, CLOCK)

BEFORE = "before the plan"
PLANNED = "planned"
SENDING = "sending"
PARTLY = "partly filled"
CLOSED = "closed"
PHASES = (BEFORE, PLANNED, SENDING, PARTLY, CLOSED)

KEEPS = "keeps our name"
FORGETS = "does not"
RESETS = "resets"
BROKERS = (KEEPS, FORGETS, RESETS)

STEPS_OF = {  # the named steps of a run at which a process may die, by phase
    BEFORE: ("before-recovery", "before-plan", "inside-plan"),
    PLANNED: ("after-plan",),
    SENDING: (
        "after-watermark",
        "inside-sending",
        "after-sending",
        "after-submit",
        "inside-acknowledged",
        "after-acknowledged",
    ),
    PARTLY: ("before-fills", "inside-fill", "after-fill", "inside-close"),
    CLOSED: ("inside-close", "after-close", "before-finish", "inside-finish", "after-finish"),
}


class Cell(NamedTuple):
    """One scenario."""

    event: str
    phase: str
    broker: str

    def __str__(self) -> str:
        return " × ".join(self)


def all_cells() -> Iterator[Cell]:
    """Yield every scenario of the product."""
    for event in EVENTS:
        for phase in PHASES:
            for broker in BROKERS:
                yield Cell(event, phase, broker)
