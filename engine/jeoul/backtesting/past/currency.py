"""The part of a return that exchange rates made: of the won against what the funds did at home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_before
from jeoul.model.history import History
from jeoul.pipeline.mandate import Mandate

OWNER = "KRW"
"""The currency in which the owner counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Currencies:
    """A path in the owner's money, and the same with exchange rates held still.

    ``own`` and ``local`` are unit values by session, 1 at first: the currency part of a return is
    ``(1 + own) / (1 + local) - 1``. ``exposed`` is the share of the money that moved with the
    dollar, averaged, and ``unknown`` that of funds of several currencies, whose rates nobody can
    take apart here: they count as local.
    """

    sessions: Days
    own: Reals
    local: Reals
    exposed: float
    unknown: float


def currencies(
    mandate: Mandate,
    history: History,
    sessions: Days,
    nav: Reals,
    held: Sequence[Reals] | Reals,
    dollar: Reals,
) -> Currencies:
    """Return a model's path in won with the dollar's part apart.

    ``held`` are the weights after each of the ``sessions``, CASH last, and ``dollar`` won per
    dollar known then; a session without a rate moves nothing. Where the funds are traded in
    dollars the path is changed into won and all of it is exposed. In won a fund is
    exposed that holds dollar assets without a hedge; its return at home is
    ``(1 + r) / (1 + d) - 1`` where ``d`` is the return of the dollar.
    """
    moves = np.zeros(len(sessions))
    moves[1:] = np.nan_to_num(dollar[1:] / dollar[:-1] - 1.0)
    unit = nav / nav[0]
    if history.currency != OWNER:
        return Currencies(
            sessions=sessions,
            own=unit * np.cumprod(1.0 + moves, dtype=np.float64),
            local=unit,
            exposed=1.0,
            unknown=0.0,
        )
    dollars, several = (_of(mandate, kind) for kind in ("USD", "MULTI"))
    weights = np.array(held)
    first = count_before(history.sessions, sessions[0])
    level = history.level[first : first + len(sessions)]
    earned = np.zeros(level.shape)
    earned[1:] = np.nan_to_num(level[1:] / level[:-1] - 1.0)
    before = weights[:-1, :-1] * dollars
    part = (before * (1.0 + earned[1:])).sum(axis=1) * (moves[1:] / (1.0 + moves[1:]))
    growth = np.ones(len(sessions))
    growth[1:] = unit[1:] / unit[:-1] - part
    return Currencies(
        sessions=sessions,
        own=unit,
        local=np.cumprod(growth, dtype=np.float64),
        exposed=float(before.sum(axis=1).mean()),
        unknown=float((weights[:-1, :-1] * several).sum(axis=1).mean()),
    )


def _of(mandate: Mandate, currency: str) -> Reals:
    """Return 1 for each member whose funds hold a currency without a hedge, 0 for the others."""
    instruments = mandate.universe.instruments

    def own(codes: Sequence[str]) -> Mapping[str, bool]:
        return {
            code: instruments[code].exposure_currency == currency and not instruments[code].hedged
            for code in codes
        }

    return np.array([float(any(own(codes).values())) for codes in mandate.allowed])
