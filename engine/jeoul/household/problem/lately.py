"""What was traded lately is not traded back: no purchase is undone by a sale, nor the other way.

Within one plan a position is bought or sold, never both. A sale and a purchase a few days apart
come to the same, and would mostly realise a gain that the year leaves untaxed: whoever wants that
is asked about it by the year-end question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple, Self

from jeoul.household.problem.records import Household, Position

LATELY = timedelta(days=7)
"""For how long a fill is of lately."""


class Traded(NamedTuple):
    """The shares of a fund that an account has bought lately, and those that it has sold."""

    bought: int = 0
    sold: int = 0

    @classmethod
    def of(cls, shares: int) -> Self:
        """Return one trade, bought above 0 and sold below."""
        return cls(max(0, shares), max(0, -shares))


_NOTHING = Traded()


def not_traded_back(household: Household, traded: Mapping[tuple[str, str], Traded]) -> Household:
    """Return a household that neither sells what it bought lately nor buys what it sold.

    ``traded`` is by account and fund. Of a fund that was bought and then sold, neither is undone.
    A cut of risk and money that is taken out come before it: for an aim with either, what was
    bought may be sold.
    """
    urgent = {
        name
        for aim in household.aims
        if aim.risk_most is not None or aim.withdrawal > 0.0
        for name in aim.accounts
    }

    def lately(position: Position) -> Traded:
        return traded.get(position.key, _NOTHING)

    return replace(
        household,
        positions=tuple(
            replace(
                each,
                buyable=each.buyable and not lately(each).sold,
                sellable=each.sellable and (not lately(each).bought or each.account in urgent),
            )
            for each in household.positions
        ),
    )
