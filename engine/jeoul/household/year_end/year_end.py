"""What a household does before the year ends: gains, payments, and the lines that are near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jeoul.household.problem.records import Household, HouseholdPlan
from jeoul.household.year_end.contributions import Contribution, contributions
from jeoul.household.year_end.rebuys import Harvest, harvests
from jeoul.household.year_end.thresholds import YearThreshold, thresholds
from jeoul.household.year_end.transfers import ShareTransfer, transfers
from jeoul.korea.overseas_realise import last_sale_of_year
from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEnd:
    """What is left to do in a year, on top of a plan.

    Harvests, contributions and transfers are each for themselves: one is not counted in another.

    ``sell_by`` is the last session in New York whose sale settles within the year, None where the
    rulebook carries no calendar of it; the harvests are for sale and purchase by then.
    """

    on: date
    sell_by: date | None
    harvests: tuple[Harvest, ...]
    contributions: tuple[Contribution, ...]
    thresholds: tuple[YearThreshold, ...]
    transfers: tuple[ShareTransfer, ...] = ()


def year_end(
    household: Household,
    plan: HouseholdPlan,
    book: Rulebook,
    *,
    on: date,
    capped: bool = False,
    pensions: Mapping[str, float] | None = None,
) -> YearEnd:
    """Return what to do between a day and the end of its year, beside a plan's own moves.

    ``capped`` keeps realised gains abroad within the deduction to the won; ``pensions`` is what
    private pensions have paid each person. Raises ``ValueError`` for a day of another year than the
    rulebook's.
    """
    if on.year != book.year:
        raise ValueError(f"{on} is not in {book.year}, the year of the rulebook")
    sell_by = last_sale_of_year(book, "US")
    late = sell_by is not None and on > sell_by
    return YearEnd(
        on=on,
        sell_by=sell_by,
        harvests=() if late else harvests(household, plan.moves, capped=capped),
        contributions=contributions(household, plan, year=on.year),
        transfers=transfers(household, plan),
        thresholds=thresholds(household, plan.moves, book, on=on, pensions=pensions),
    )
