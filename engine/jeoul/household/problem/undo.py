"""Moves without one of them, and without what cannot be done then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, Moves, Violation

Key = tuple[str, str]
_K = TypeVar("_K")
_A = TypeVar("_A", int, float)
_PAID = ("cash", "settled_cash", "risk_cap")  # rules that a smaller purchase keeps again


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Moves that lack some orders, the ones that had to fall with them, and what forbids it.

    ``forbidden`` is the rule that the rest breaks whatever else is left out, None if it keeps all.
    """

    moves: Moves
    together: tuple[Key, ...] = ()
    forbidden: Violation | None = None


def undo(
    household: Household, moves: Moves, *, orders: Iterable[Key] = (), deposits: Iterable[str] = ()
) -> Undone:
    """Return moves without some orders and deposits.

    Where a purchase cannot be paid then, or is one risk asset too many, it falls too: of the
    account's purchases the smallest that is enough, else the largest, until every rule is kept.
    """
    left = replace(
        moves,
        trades=_less(moves.trades, orders),
        deposits=_less(moves.deposits, deposits),
    )
    prices = {fund.code: fund.price for fund in household.funds}
    together: list[Key] = []
    while faults := evaluate(household, left).violations:
        fault = faults[0]
        key = _to_drop(left, prices, fault) if fault.rule in _PAID else None
        if key is None:
            return Undone(moves=left, together=tuple(together), forbidden=fault)
        together.append(key)
        left = replace(left, trades=_less(left.trades, (key,)))
    return Undone(moves=left, together=tuple(together))


def _to_drop(moves: Moves, prices: Mapping[str, float], fault: Violation) -> Key | None:
    """Return the purchase of the account that is dropped, None if there is none."""
    bought = {
        key: count * prices[key[1]]
        for key, count in moves.trades.items()
        if count > 0 and key[0] == fault.where
    }
    enough = [key for key, value in bought.items() if value >= fault.by]
    if enough:
        return min(enough, key=lambda key: bought[key])
    return max(bought, key=lambda key: bought[key], default=None)


def _less(amounts: Mapping[_K, _A], keys: Iterable[_K]) -> dict[_K, _A]:
    dropped = set(keys)
    return {key: amount for key, amount in amounts.items() if key not in dropped}
