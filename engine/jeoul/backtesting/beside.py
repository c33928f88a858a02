"""A model's return and fall beside those of the account that could be had, and why they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from jeoul.backtesting.attained import STEPS, Attainable, span_of
from jeoul.model.money import shown
from jeoul.model.shown import Brief

TELLING = 0.01
"""How far the two may be apart, in return or fall, before the reasons are given."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a path came to: growth a year (NaN for less than one), growth, the deepest fall."""

    cagr: float
    total_return: float
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class DifferencePart:
    """What one thing that an account cannot have did to the three figures of :class:`Came`.

    ``name`` is ``funds`` (funds that were not listed yet), ``shares`` (whole shares, sized at the
    close before the fill), ``cash`` (money that waited) or ``costs`` (the account's less the
    model's).
    """

    name: str
    came: Came


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Beside(Brief):
    """The model and the account over the span of the account.

    ``amount`` and ``worth`` are what the account began with and ended at, in smallest units.
    ``parts`` sum to the difference of the two, the largest first.
    """

    start: date
    end: date
    currency: str
    amount: int
    worth: int
    proxies: float
    model: Came
    account: Came
    parts: tuple[DifferencePart, ...]

    @property
    def telling(self) -> bool:
        """Return whether the two are more than a point apart, in return or fall."""
        apart = (self._return(self.account) - self._return(self.model), self.fall)
        return any(abs(gap) > TELLING for gap in apart)

    @property
    def yearly(self) -> bool:
        """Return whether the span is long enough for figures of a year."""
        return not math.isnan(self.model.cagr)

    @property
    def fall(self) -> float:
        """Return the account's deepest fall less the model's; negative is deeper."""
        return self.account.max_drawdown - self.model.max_drawdown

    def _return(self, came: Came) -> float:
        return came.cagr if self.yearly else came.total_return


def beside(found: Attainable) -> Beside:
    """Return the figures of a model and of its account."""
    came = {path: Came(*span_of(found, path)) for path, _ in STEPS}
    return Beside(
        start=found.sessions[0].astype(object),
        end=found.sessions[-1].astype(object),
        currency=found.currency,
        amount=found.amount,
        worth=found.worth[-1],
        proxies=found.proxies,
        model=came["model"],
        account=came["account"],
        parts=tuple(_parts(came)),
    )


def _parts(came: dict[str, Came]) -> Iterator[DifferencePart]:
    sums: dict[str, list[float]] = {}
    for (before, _), (after, name) in pairwise(STEPS):
        one, other = came[before], came[after]
        gaps = (
            other.cagr - one.cagr,
            other.total_return - one.total_return,
            other.max_drawdown - one.max_drawdown,
        )
        sums[name] = [a + b for a, b in zip(sums.get(name, [0.0] * 3), gaps, strict=True)]

    def size(name: str) -> float:
        yearly, whole, fall = sums[name]
        return max(abs(whole if math.isnan(yearly) else yearly), abs(fall))

    for name in sorted(sums, key=size, reverse=True):
        yield DifferencePart(name, Came(*sums[name]))


def beside_document(found: Beside | None) -> dict[str, Any] | None:
    """Return the figures as JSON values, money in the main unit; None without an account."""
    if found is None:
        return None
    return {
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "currency": found.currency,
        "amount": shown(found.amount, found.currency),
        "worth": shown(found.worth, found.currency),
        "proxy_share": found.proxies,
        "model": _came_document(found.model),
        "account": _came_document(found.account),
        "parts": [{"part": part.name, **_came_document(part.came)} for part in found.parts],
    }


def _came_document(came: Came) -> dict[str, Any]:
    return {
        "cagr": None if math.isnan(came.cagr) else came.cagr,
        "total_return": came.total_return,
        "max_drawdown": came.max_drawdown,
    }
