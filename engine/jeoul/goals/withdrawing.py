"""Money taken out of one account in one year, along many paths: what leaves, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jeoul.goals.levy import GainLevy
from jeoul.model.calendar import Reals

ROUNDING = 0.5
"""Won: what is needed and is less than this has been paid."""

_ROUNDS = 40  # a tax below half of what is taken is found to 1e-12 of it
_NEAR = 0.01  # won


@dataclass(frozen=True, slots=True, kw_only=True)
class PensionLaw:
    """How receipts of a pension account are taxed, by year of retirement from the first on.

    ``receipts`` is the levy on what counts as a pension, ``outside`` that on the rest.
    ``limits`` is which share of the account, at the year's beginning, counts as a pension; 0 before
    a pension may start, and infinite once everything does.
    """

    receipts: tuple[GainLevy, ...]
    outside: GainLevy
    limits: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingAccount:
    """An account that pays for a retirement.

    ``levy`` is on the gain in what is taken out in a year. ``settle`` is on the whole gain, once,
    when the first won leaves; afterwards nothing is untaxed but what is earned from then on. What a
    pension takes out goes by ``pension``: first what has been taxed, then the rest, all of it
    taxable. ``leave`` is what selling costs, as a share.
    """

    id: str
    kind: str
    levy: GainLevy = field(default_factory=GainLevy)
    settle: GainLevy | None = None
    pension: PensionLaw | None = None
    leave: float = 0.0


class AccountPaths:
    """One source along many paths: its ``value``, and what of it leaves without tax (``untaxed``).

    The arrays are changed in place by :meth:`open_year`, :meth:`take` and :meth:`grow` alone.
    """

    def __init__(self, source: PayingAccount, value: Reals, untaxed: Reals) -> None:
        self.source = source
        self.value, self.untaxed = value.astype(float), untaxed.astype(float)
        self.tax = np.zeros(len(value))
        self._settled = np.zeros(len(value), dtype=bool)
        self._year = 0
        self._begin()

    def open_year(self, year: int) -> None:
        """Begin a year of retirement: what was taken before counts no more for its taxes."""
        self._year = year
        self._begin()

    def _begin(self) -> None:
        self._opening, self._basis = self.value.copy(), self.untaxed.copy()
        self._gain_share = _gain_share(self._opening, self._basis)
        self._taken, self._owed = np.zeros(len(self.value)), np.zeros(len(self.value))

    def take(self, needed: Reals, most: float | None = None) -> Reals:
        """Take out what is needed after cost and tax, as far as it goes; return what arrived.

        ``most`` is what may leave in a year before cost and tax, None for everything.
        """
        asked = (needed > ROUNDING) & (self.value > 0.0)
        if not asked.any():
            return np.zeros(len(needed))
        if self.source.settle is not None:
            self._settle(asked)
        room = self.value if most is None else np.minimum(self.value, most - self._taken)
        room = np.where(asked, np.maximum(room, 0.0), 0.0)
        keep = 1.0 - self.source.leave
        gross = np.minimum(needed / keep, room)
        for _ in range(_ROUNDS):
            more = self._tax_on(self._taken + gross) - self._owed
            before, gross = gross, np.minimum((needed + more) / keep, room)
            if float(np.abs(gross - before).max(initial=0.0)) < _NEAR:
                break
        owed = self._tax_on(self._taken + gross)
        arrived = gross * keep - (owed - self._owed)
        self.tax += owed - self._owed
        self._taken, self._owed = self._taken + gross, owed
        self.value = self.value - gross
        self.untaxed = self._left_untaxed()
        found: Reals = np.clip(arrived, 0.0, needed)
        return found

    def grow(self, factors: Reals) -> None:
        """Let what is left earn the returns of a year."""
        self.value = self.value * factors

    def _settle(self, now: np.ndarray) -> None:
        assert self.source.settle is not None
        due = now & ~self._settled
        tax = np.where(due, self.source.settle.on(self.value - self.untaxed), 0.0)
        self.value, self.tax = self.value - tax, self.tax + tax
        self.untaxed = np.where(due, self.value, self.untaxed)
        self._opening = np.where(due, self.value, self._opening)
        self._basis = np.where(due, self.value, self._basis)
        self._gain_share = _gain_share(self._opening, self._basis)
        self._settled |= due

    def _tax_on(self, taken: Reals) -> Reals:
        """Return the tax of a year in which so much is taken out."""
        law = self.source.pension
        if law is None:
            return self.source.levy.on(taken * self._gain_share)
        share = law.limits[self._year]
        limit = np.full(len(taken), np.inf) if np.isinf(share) else self._opening * share
        inside = np.minimum(taken, limit)
        taxed = np.maximum(inside - self._basis, 0.0)
        rest = np.maximum(taken - self._basis, 0.0) - taxed
        return law.receipts[self._year].on(taxed) + law.outside.on(rest)

    def _left_untaxed(self) -> Reals:
        """Return what still leaves untaxed: a pension pays it first, others in proportion."""
        if self.source.pension is not None:
            return np.maximum(self._basis - self._taken, 0.0)
        left = 1.0 - self._taken / np.where(self._opening > 0.0, self._opening, 1.0)
        found: Reals = self._basis * np.maximum(left, 0.0)
        return found


def _gain_share(value: Reals, untaxed: Reals) -> Reals:
    """Return which share of a won is gain, 0 where there is no money or no gain."""
    found: Reals = np.maximum(value - untaxed, 0.0) / np.where(value > 0.0, value, 1.0)
    return found
