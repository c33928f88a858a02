"""Everything a person could do with one year's money: a grid, every corner, and their best refined.

The value of a split is nearly linear between the points where a rule of law begins or ends, so the
best lies at a corner of such points; the grid and the refinement find what the corners miss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import permutations, product

from . import law
from .household import Household, Person, household
from .simulate import Result, Split, pays

PARTS = 12  # of the budget, in the coarse grid
REFINED = 4  # how many of the best are refined
LEAST = 100_000  # paid into an account that is used at all, so that taxes too small to be collected
# (소득세법 §86) decide nothing
ACCOUNTS = ("pension_savings", "irp", "isa", "general")

ROUNDING = 100  # won: less than that is how taxes are cut to tens, and no reason to move money

Amounts = tuple[int, int, int, int]


def best(person: Person, today: date) -> tuple[Split, Result]:
    """Return the split that pays most, and what it pays; ties go to money that is easy to reach."""
    home = household(person, today)
    known: dict[Amounts, int] = {}

    def paid(amounts: Amounts) -> int:
        if amounts not in known:
            known[amounts] = pays(home, Split(*amounts)).terminal
        return known[amounts]

    for amounts in (*grid(home), *corners(home)):
        paid(amounts)

    def rank(amounts: Amounts) -> tuple[int, int, int, int]:
        savings, _, isa, general = amounts
        return paid(amounts) // ROUNDING, general, isa, savings

    first = sorted(known, key=rank, reverse=True)[:REFINED]
    found = max((_refined(home, paid, each) for each in first), key=rank)
    split = Split(*found)
    return split, pays(home, split)


def allowed(home: Household, amounts: Amounts) -> bool:
    """Whether the rooms of the accounts and the money at hand allow a split."""
    savings, irp, isa, general = amounts
    return (
        general >= 0
        and all(not amount or amount >= LEAST for amount in (savings, irp, isa))
        and savings + irp <= home.pension_room
        and irp <= home.irp_room
        and isa <= home.isa_room
        and savings + irp + isa + general == home.budget
    )


def grid(home: Household) -> Iterator[Amounts]:
    """Every split in twelfths of the budget."""
    shares = [home.budget * part // PARTS for part in range(PARTS + 1)]
    for savings, irp, isa in product(shares, repeat=3):
        amounts = (savings, irp, isa, home.budget - savings - irp - isa)
        if allowed(home, amounts):
            yield amounts


def corners(home: Household) -> Iterator[Amounts]:
    """Every split of which three amounts are points where a rule begins or ends."""
    points = _points(home)
    for rest in range(4):
        others = [points[each] for each in range(4) if each != rest]
        for three in product(*others):
            amounts = list(three)
            amounts.insert(rest, home.budget - sum(three))
            found = (amounts[0], amounts[1], amounts[2], amounts[3])
            if allowed(home, found):
                yield found


def _points(home: Household) -> tuple[list[int], ...]:
    counted = min(home.savings_paid, law.SAVINGS_CREDITED)
    both = law.CREDITED - counted - home.irp_paid
    bearable = -(-home.due // home.rate) - counted - home.irp_paid
    untaxed = (
        home.budget if home.growth <= 0 else int((home.isa_free - home.isa_gain) / home.growth)
    )
    within = home.budget
    if home.growth > 0:
        within = int((law.FINANCIAL_LIMIT - home.financial) / home.growth)
    savings_cap = law.SAVINGS_CREDITED - counted
    pension = [savings_cap, both, both - savings_cap, bearable, bearable - savings_cap]
    return (
        _clean([0, *pension, home.pension_room, home.pension_room - both], home.pension_room),
        _clean([0, *pension, home.irp_room], home.irp_room),
        _clean([0, untaxed, home.isa_room, home.budget], home.isa_room),
        _clean([0, within], home.budget),
    )


def _clean(amounts: Iterable[int], most: int) -> list[int]:
    return sorted({amount for amount in amounts if 0 <= amount <= most})


def _refined(home: Household, paid: Callable[[Amounts], int], amounts: Amounts) -> Amounts:
    """Move money between two accounts as long as that pays, in ever smaller steps."""
    step = max(1, home.budget // (2 * PARTS))
    while step:
        better = max(_moves(home, amounts, step), key=paid, default=amounts)
        if paid(better) > paid(amounts) + ROUNDING:
            amounts = better
        else:
            step //= 2
    return amounts


def _moves(home: Household, amounts: Amounts, step: int) -> Iterator[Amounts]:
    for giving, taking in permutations(range(4), 2):
        moved = list(amounts)
        moved[giving] -= step
        moved[taking] += step
        found = (moved[0], moved[1], moved[2], moved[3])
        if allowed(home, found):
            yield found
