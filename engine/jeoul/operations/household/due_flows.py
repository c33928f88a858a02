"""What a household saves or takes out by its schedule, from one plan to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from jeoul.household.gathering.needs import flows_until
from jeoul.household.written.file import HouseholdFile


def due_between(file: HouseholdFile, after: date, until: date) -> Mapping[str, int]:
    """Return won by person that are due after a day and up to another, below 0 for money out."""
    found: dict[str, int] = defaultdict(int)
    for flow in file.flows:
        assert flow.person is not None  # the file gives every flow a person
        found[flow.person] += round(flows_until([flow], after, until))
    return found
