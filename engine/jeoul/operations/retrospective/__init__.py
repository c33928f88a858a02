"""The decisions of an account looked back at: what not trading would have come to."""

from jeoul.operations.retrospective.of_course import (
    Retrospective,
    reason_kinds,
    retrospective_of,
)

__all__ = ["Retrospective", "reason_kinds", "retrospective_of"]
