"""What one account may not hold: funds that it excludes, and the most of a fund or of all risk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from jeoul.model.portfolio import CASH, Weights

_BETWEEN = re.compile(r"[\s,;|]+")


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a client excludes, and the most that a fund may be of the client's money, by ticker.

    >>> bool(Restriction()), bool(Restriction(frozenset({"069500"})))
    (False, True)
    """

    excluded: frozenset[str] = frozenset()
    caps: Mapping[str, Decimal] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.excluded or self.caps)

    def most(self, ticker: str) -> Decimal | None:
        """Return the largest share of a fund, None without a limit."""
        return Decimal(0) if ticker in self.excluded else self.caps.get(ticker)

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        caps = {code: str(share) for code, share in sorted(self.caps.items())}
        return {"excluded": sorted(self.excluded), "caps": caps}


UNRESTRICTED = Restriction()


class Moved(NamedTuple):
    """Weight that a fund may not have; ``to_cash`` says that its class did not take all of it."""

    ticker: str
    weight: float
    to_cash: bool


def words_of(text: str) -> list[str]:
    """Return the words of a cell, with spaces, commas, semicolons or bars between them.

    >>> words_of(" 069500, 360750;148070 "), words_of("")
    (['069500', '360750', '148070'], [])
    """
    return [word for word in _BETWEEN.split(text) if word]


def weights_within(
    weights: Weights, classes: Mapping[str, str], restriction: Restriction
) -> tuple[Weights, tuple[Moved, ...]]:
    """Return target weights that keep a restriction, and what was moved; the same if nothing is.

    What a fund may not have goes to the other funds of its class in proportion to their weights,
    each up to its own cap; what none of them takes is cash.

    >>> fund = {"a": 0.2, "b": 0.3, "CASH": 0.5}
    >>> weights_within(fund, {"a": "x", "b": "x"}, Restriction(frozenset({"a"})))[0]
    {'a': 0.0, 'b': 0.5, 'CASH': 0.5}
    >>> caps = {"a": Decimal("0.1"), "b": Decimal("0.2")}
    >>> fund = {"a": 0.4, "b": 0.15, "c": 0.45}
    >>> found, _ = weights_within(fund, dict.fromkeys(fund, "x"), Restriction(caps=caps))
    >>> {code: round(weight, 12) for code, weight in found.items()}
    {'a': 0.1, 'b': 0.2, 'c': 0.7}
    """
    found, moved = dict(weights), list[Moved]()
    touched = (restriction.excluded | restriction.caps.keys()) & classes.keys()
    for name in sorted({classes[code] for code in touched}):
        members = [code for code in weights if classes.get(code) == name]
        moved += _move(found, members, restriction)
    return (found if moved else weights), tuple(moved)


def _move(weights: Weights, members: list[str], restriction: Restriction) -> list[Moved]:
    """Bring the funds of one class within their limits, in place; return what was moved."""
    capped = {code: restriction.most(code) for code in members}
    most = {code: float(limit) for code, limit in capped.items() if limit is not None}
    over = {code: weights[code] - limit for code, limit in most.items() if weights[code] > limit}
    for code in over:
        weights[code] = most[code]
    left = sum(over.values())
    open_ = [code for code in members if code not in over and weights[code] > 0.0]
    while left > 0.0 and open_:
        base = sum(weights[code] for code in open_)
        grown = {code: weights[code] * (1.0 + left / base) for code in open_}
        full = [code for code in open_ if code in most and grown[code] > most[code]]
        for code in full or open_:
            wanted = most[code] if full else grown[code]
            left -= wanted - weights[code]
            weights[code] = wanted
        if not full:
            left = 0.0
        open_ = [code for code in open_ if code not in full]
    if left > 0.0:
        weights[CASH] = weights.get(CASH, 0.0) + left
    return [Moved(code, excess, left > 0.0) for code, excess in over.items()]


def weights_capped(weights: Weights, risk: frozenset[str], cap: float) -> Weights:
    """Return weights whose risk assets are at most ``cap``; the same ones if they are.

    Risk assets come down in proportion; what they give up goes to all else in proportion.

    >>> weights_capped({"a": 0.8, "CASH": 0.2}, frozenset({"a"}), 0.4)
    {'a': 0.4, 'CASH': 0.6}
    """
    risky = sum(weight for code, weight in weights.items() if code in risk)
    if risky <= cap:
        return weights
    rest = sum(weight for code, weight in weights.items() if code not in risk)
    if rest <= 0.0:
        found = {code: weight * cap / risky for code, weight in weights.items()}
        found[CASH] = found.get(CASH, 0.0) + 1.0 - cap
        return found
    down, up = cap / risky, (1.0 - cap) / rest
    return {code: weight * (down if code in risk else up) for code, weight in weights.items()}
