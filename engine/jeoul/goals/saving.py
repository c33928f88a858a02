"""What is saved for one goal: pots, payments with their costs, and what is there after tax.

A pot is the accounts of one kind that one person has: the law taxes them together. Money that is
paid in during a step begins to grow at its end. On the goal's day everything is sold and taxed by
the law of the pot; a loss saves no tax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from jeoul.goals.law import Paths, Steps
from jeoul.goals.levy import GainLevy
from jeoul.model.calendar import Reals

BESIDE = "beside"
"""The name of the pot of money that no account takes."""


class PlannedSaving(NamedTuple):
    """Won that a person saves on a day; below 0, takes out."""

    day: date
    amount: float
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingRoom:
    """What the law still lets a person pay into a pot: won by calendar year.

    ``carried`` says whether what a year leaves open can be used later.
    """

    by_year: Mapping[int, float] = field(default_factory=dict)
    carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """Accounts of one kind and person, as far as they serve a goal.

    Without a ``person`` everybody's payments go into it.
    ``value`` is in won of today and ``untaxed`` what of it leaves without tax. ``enter`` and
    ``leave`` are what buying and selling cost, as shares of the money. ``room`` None: everything
    can be paid in. ``idle`` says that the money earns nothing, and costs nothing to move.
    """

    id: str
    kind: str
    person: str = ""
    value: float = 0.0
    untaxed: float = 0.0
    levy: GainLevy = field(default_factory=GainLevy)
    enter: float = 0.0
    leave: float = 0.0
    room: SavingRoom | None = None
    idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Saving:
    """A goal in numbers: ``paid`` begins to grow at the end of each step, by pot; row 0 is today.

    ``untaxed`` is what leaves without tax, by step and pot, summed up to there. ``paid`` is after
    the costs of buying, ``untaxed`` before them.
    """

    steps: Steps
    pots: tuple[Pot, ...]
    paid: Reals
    untaxed: Reals

    @property
    def moves(self) -> Reals:
        """Return 1 for pots that grow and 0 for those that stay idle."""
        return np.array([0.0 if pot.idle else 1.0 for pot in self.pots])


def saving_of(steps: Steps, pots: Sequence[Pot], payments: Sequence[PlannedSaving]) -> Saving:
    """Return payments spread over the pots of their person: each takes its room, in their order.

    What no pot takes stays beside them without a return. Money is taken out of a person's last pot.
    Payments after the goal's day are left out, those of today or before count as of today.

    >>> steps = Steps(on=date(2026, 6, 30), by=date(2026, 12, 31))
    >>> isa = Pot(id="isa", kind="isa", room=SavingRoom(by_year={2026: 1_500_000.0}))
    >>> found = saving_of(steps, [isa], [PlannedSaving(date(2026, 7, 25), 1e6)] * 2)
    >>> [pot.id for pot in found.pots], found.untaxed[-1].tolist()
    (['isa', 'beside'], [1500000.0, 500000.0])
    """
    every = (*pots, Pot(id=BESIDE, kind=BESIDE, idle=True))
    gross = _routed(steps, every, payments)
    costs = np.array([pot.enter for pot in every])
    paid = np.where(gross > 0.0, gross * (1.0 - costs), gross)
    paid[0] += [pot.value for pot in every]
    untaxed = np.cumsum(gross, axis=0) + np.array([pot.untaxed for pot in every])
    return Saving(steps=steps, pots=every, paid=paid, untaxed=untaxed)


def _routed(steps: Steps, pots: Sequence[Pot], payments: Sequence[PlannedSaving]) -> Reals:
    """Return what is paid into each pot at the end of each step, before costs."""
    found = np.zeros((steps.count + 1, len(pots)))
    rooms = [None if pot.room is None else _Open(pot.room) for pot in pots]
    own: dict[str, list[int]] = {
        person: [place for place, pot in enumerate(pots) if pot.person in ("", person)]
        for person in {payment.person for payment in payments}
    }
    for payment in sorted(payments):
        if payment.day > steps.by:
            continue
        row, rest, places = steps.step_of(payment.day), payment.amount, own[payment.person]
        if rest < 0.0:
            found[row, places[max(0, len(places) - 2)]] += rest
            continue
        for place in places:
            room = rooms[place]
            taken = rest if room is None else room.take(payment.day.year, rest)
            found[row, place] += taken
            rest -= taken
            if rest <= 0.0:
                break
    return found


class _Open:
    """The room of a pot while payments use it up, in order of time."""

    def __init__(self, room: SavingRoom) -> None:
        self._room, self._left, self._year = room, 0.0, min(room.by_year, default=0) - 1

    def take(self, year: int, amount: float) -> float:
        while self._year < year:
            self._year += 1
            kept = self._left if self._room.carried else 0.0
            self._left = kept + self._room.by_year.get(self._year, 0.0)
        taken = min(amount, max(0.0, self._left))
        self._left -= taken
        return taken


def growth(returns: Paths) -> Paths:
    """Return what a won of the end of each step is worth at the last, by path; column 0 is today.

    >>> growth(np.log([[1.1, 1.2]])).round(4).tolist()
    [[1.32, 1.2, 1.0]]
    """
    paths, steps = returns.shape
    found = np.empty((paths, steps + 1), dtype=returns.dtype)
    found[:, steps] = 1.0
    np.exp(np.cumsum(returns[:, ::-1], axis=1)[:, ::-1], out=found[:, :steps])
    return found


def outcomes(saving: Saving, grown: Paths) -> Reals:
    """Return what is there on the goal's day after costs and tax, by path, in won.

    ``grown`` is :func:`growth` of the paths.

    >>> steps = Steps(on=date(2026, 6, 30), by=date(2026, 12, 31))
    >>> found = saving_of(steps, [Pot(id="a", kind="general", value=1e6, untaxed=1e6)], ())
    >>> outcomes(found, growth(np.zeros((1, steps.count)))).tolist()
    [1000000.0]
    """
    worth = grown @ saving.paid.astype(grown.dtype)
    idle = saving.paid.sum(axis=0)
    worth = np.where(saving.moves > 0.0, worth, idle)
    return after_tax(saving, worth, saving.untaxed[-1])


def after_tax(saving: Saving, worth: Paths, untaxed: Reals) -> Reals:
    """Return pots sold and taxed, summed by path; ``worth`` has shape (paths, pots).

    Never below 0: where more was taken out than there was, the money is gone, and nobody lends it.
    """
    total = np.zeros(len(worth))
    for place, pot in enumerate(saving.pots):
        sold = worth[:, place].astype(np.float64) * (1.0 - pot.leave)
        total += sold - pot.levy.on(sold - untaxed[place])
    found: Reals = np.maximum(total, 0.0)
    return found


def along(saving: Saving, returns: Paths, places: Sequence[int]) -> Reals:
    """Return what would be there after costs and tax at the end of some steps, by path.

    Shape (paths, places). At each of them the law of the goal's day is applied, so that the last
    step is what :func:`outcomes` says.
    """
    total = np.concatenate([np.zeros((len(returns), 1)), np.cumsum(returns, axis=1)], axis=1)
    shrunk = np.exp(-total)
    found = np.empty((len(returns), len(places)))
    worth = np.empty((len(places), len(returns), len(saving.pots)))
    for place, pot in enumerate(saving.pots):
        paid = saving.paid[:, place]
        summed = np.cumsum(paid if pot.idle else shrunk * paid, axis=-1)
        for row, step in enumerate(places):
            whole = summed[step] if pot.idle else summed[:, step] * np.exp(total[:, step])
            worth[row, :, place] = whole
    for row, step in enumerate(places):
        found[:, row] = after_tax(saving, worth[row], saving.untaxed[step])
    return found
