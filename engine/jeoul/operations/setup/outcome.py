"""What a run came to: one of six outcomes, one JSON object, one exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES: Mapping[str, int] = {
    "nothing_to_do": 0,
    "planned": 0,
    "executed": 0,
    "blocked_data": 3,
    "blocked_rule": 4,
    "needs_person": 5,
}
"""Exit code by outcome; a run that finds another one running leaves with 75 instead."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """The result of one run. ``asked`` says what a person is asked to do, if anything.

    ``document`` carries the numbers; texts in it are in the config's language.
    """

    outcome: str
    reasons: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return what the command line leaves with.

        >>> RunReport("needs_person").exit_code
        5
        """
        return OUTCOMES[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """Return the one object that goes to stdout."""
        return {
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "reasons": list(self.reasons),
            "asked": list(self.asked),
            **self.document,
        }
