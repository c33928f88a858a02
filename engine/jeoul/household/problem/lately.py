"""What was traded lately is not traded back: no purchase is undone by a sale, nor the other way.

Within one plan a position is bought or sold, never both. A sale and a purchase a few days apart
come to the same, and would mostly realise a gain that the year leaves untaxed: whoever wants that
is asked about it by the year-end question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from jeoul.household.problem.records import Household

LATELY = timedelta(days=7)
"""For how long a fill is of lately."""


def not_traded_back(household: Household, traded: Mapping[tuple[str, str], int]) -> Household:
    """Return a household that neither sells what it bought lately nor buys what it sold.

    ``traded`` are shares by account and fund, bought above 0 and sold below. A cut of risk and
    money that is taken out come before it: for an aim with either, what was bought may be sold.
    """
    urgent = {
        name
        for aim in household.aims
        if aim.risk_most is not None or aim.withdrawal > 0.0
        for name in aim.accounts
    }
    return replace(
        household,
        positions=tuple(
            replace(
                each,
                buyable=each.buyable and traded.get(each.key, 0) >= 0,
                sellable=each.sellable and (traded.get(each.key, 0) <= 0 or each.account in urgent),
            )
            for each in household.positions
        ),
    )
