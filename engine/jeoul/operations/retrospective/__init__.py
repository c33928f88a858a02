"""The decisions of an account looked back at: what not trading would have come to."""

from jeoul.operations.retrospective.of_course import reason_kinds, retrospective_of

__all__ = ["reason_kinds", "retrospective_of"]
