"""What a plan makes of the money under way: what it asks for, and what it leaves at the bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.money_left import Books, MoneyLeft, shared


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPlan:
    """What a plan asks people to move, in won, below 0 for what is taken out.

    ``to_come`` is by person and is what ``transfers``, by account, come to. ``stays`` are won by
    person that this plan leaves at the bank, ``stay`` those that all plans of a request have.
    ``early`` has come of what falls due soon, ``rates`` are won for the smallest unit of accounts.
    """

    to_come: Mapping[str, int]
    transfers: Mapping[str, int]
    stays: Mapping[str, int]
    stay: Mapping[str, int]
    early: Mapping[str, int]
    rates: Mapping[str, float]

    def document(self) -> dict[str, Any]:
        """Return what the next plan reads of it, as JSON values."""
        return {
            "to_come": dict(self.to_come),
            "transfers": dict(self.transfers),
            "stays": dict(self.stay),
            "early": dict(self.early),
            "rates": dict(self.rates),
        }


def money_plan(
    told: MoneyUnderWay, money: MoneyLeft, transfers: Mapping[str, int], books: Books
) -> MoneyPlan:
    """Return what a plan asks for, given the ``transfers`` by account that it came to.

    Exactly these are waited for: a won that no account takes is not money under way any more.
    """
    to_come = shared(money.left, transfers, books.owners)
    unused = {name: won - to_come.get(name, 0) for name, won in money.left.items()}
    early = {
        name: each.amount - each.left + money.early.get(name, 0)
        for name, each in told.early.items()
    }
    return MoneyPlan(
        to_come=to_come,
        transfers=transfers if money.left else {},
        stays={name: won for name, won in unused.items() if won > 0},
        stay={name: told.requests[name].stays + won for name, won in unused.items()},
        early={name: won for name, won in early.items() if won},
        rates=books.rates,
    )
