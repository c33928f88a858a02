"""The allocations that the parts of a household's plan rest on, each with what proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple

from jeoul.allocate import Proof
from jeoul.household.gathering.gathered import AimFacts
from jeoul.market.calendars import load_calendar
from jeoul.model.decision import Proposal
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import prove


class ProvableAllocation(NamedTuple):
    """An allocation by its proposal, and what solves it again."""

    proposal: Proposal
    proof: Callable[[], Proof | None]


def allocations_by_owner(
    aims: Iterable[AimFacts], snapshot: Snapshot
) -> Mapping[str, tuple[ProvableAllocation, ...]]:
    """Return, by person, every allocation that their target is mixed from, their own one last.

    ``snapshot`` is what the proposals were made from. People who share an allocation share its
    proof, which is solved when it is first asked for.
    """
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    found = {}
    for aim in aims:
        by_profile = {
            name: ProvableAllocation(
                each.proposal,
                cache(partial(prove, each.mandate, snapshot, calendars, each.proposal)),
            )
            for name, each in aim.wanted.items()
        }
        for person, own in aim.profiles.items():
            others = (each for name, each in by_profile.items() if name != own)
            found[person] = (*others, by_profile[own])
    return found
