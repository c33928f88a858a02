"""One goal as it is asked about: its amount, its day, its money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from jeoul.goals.law import Steps
from jeoul.goals.saving import PlannedSaving, Pot, Saving, saving_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingCase:
    """A goal with the money that counts for it alone.

    ``payments`` are the planned ones up to its day, ``later`` those of the year after. ``amount``
    is in won of the day ``by``. ``payers`` are the people whose further payments would serve it,
    with the part of each, which sum to 1.
    """

    id: str
    amount: int
    on: date
    by: date
    pots: tuple[Pot, ...]
    payments: tuple[PlannedSaving, ...] = ()
    later: tuple[PlannedSaving, ...] = ()
    payers: tuple[tuple[str, float], ...] = field(default=(("", 1.0),))

    @property
    def steps(self) -> Steps:
        """Return the time to the goal in steps."""
        return Steps(on=self.on, by=self.by)

    @property
    def saved(self) -> float:
        """Return what the accounts of the goal hold for it, in won of today."""
        return sum(pot.value for pot in self.pots)

    @property
    def planned(self) -> float:
        """Return the sum of the planned payments up to the day."""
        return sum(payment.amount for payment in self.payments if payment.day <= self.by)

    def saving(self, payments: Sequence[PlannedSaving] | None = None) -> Saving:
        """Return the goal in numbers, with the planned payments or with others."""
        return saving_of(self.steps, self.pots, self.payments if payments is None else payments)

    def without_risk(self) -> SavingCase:
        """Return the goal with money that is in no fund: nothing is bought, nothing sold."""
        return replace(self, pots=tuple(replace(pot, enter=0.0, leave=0.0) for pot in self.pots))

    def monthly(self, amount: float) -> tuple[PlannedSaving, ...]:
        """Return one payment at the end of each month to the goal, split between the payers.

        >>> on, by = date(2026, 6, 30), date(2026, 8, 31)
        >>> case = SavingCase(id="a", amount=100, on=on, by=by, pots=())
        >>> [(str(payment.day), payment.amount) for payment in case.monthly(50.0)]
        [('2026-07-31', 50.0), ('2026-08-31', 50.0)]
        """
        days = [self.steps.end_of(step) for step in range(1, self.steps.count + 1)]
        return tuple(
            PlannedSaving(day, amount * part, person)
            for day in days
            for person, part in self.payers
        )
