"""Between the dates of its strategy a household trades only for what is worth as much as a band.

A plan weighs a year of drift. Made on every session it would trade for what the next sessions undo:
of a drift that prices cause, most does not last the year. The strategy knows when it trades, by its
calendar, by its band, and when the overlay moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from jeoul.household.gathering.gathered import AimFacts, Gathered
from jeoul.household.problem.after import aim_money


@dataclass(frozen=True, slots=True)
class LastPlan:
    """The newest plan that every account carried out: its session, and the overlay's scales."""

    session: date
    scales: Mapping[str, float]


def patience(gathered: Gathered, last: LastPlan | None) -> float:
    """Return the won that a plan has to save today: what a drift of the band costs a year.

    It is ``min_gain``, and never less, where there is no plan yet, a model trades today or has made
    a new allocation since the last plan, or the overlay's scale is another one.
    """
    home, facts = gathered.household, gathered.aims
    least = home.policy.min_gain
    if not is_between(gathered, last):
        return least
    off = sum(2.0 * facts[aim.id].band * max(0.0, aim_money(home, aim)) for aim in home.aims)
    return max(least, home.policy.drift_price * off)


def is_between(gathered: Gathered, last: LastPlan | None) -> bool:
    """Return whether no model trades, and neither allocation nor overlay has moved since a plan."""
    return last is not None and not any(
        _has_moved(name, each, last) for name, each in gathered.aims.items()
    )


def _has_moved(aim: str, facts: AimFacts, last: LastPlan) -> bool:
    made = (each.memory.allocated for each in facts.proposals.values())
    return (
        any(each.due for each in facts.proposals.values())
        or any(day is not None and day > last.session for day in made)
        or facts.scale != last.scales.get(aim, facts.scale)
    )


def patient(gathered: Gathered, last: LastPlan | None) -> Gathered:
    """Return a household that trades only for what :func:`patience` asks."""
    home = gathered.household
    policy = replace(home.policy, min_gain=patience(gathered, last))
    return replace(gathered, household=replace(home, policy=policy))
