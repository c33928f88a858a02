"""The split of a year's money that is worth most: corners of the law first, then small moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product

from jeoul.advice.plan_value import SplitWorth, YearSplit, credit_of, worth
from jeoul.advice.situation import TaxSituation

ACCOUNTS = ("pension_savings", "irp", "isa", "general")
SAME = 3_500
"""Splits that differ by less are worth the same: the one that is easier to reach is taken. A tax
that is too small to be collected spares up to 1,100 won in each of three accounts, which is not a
reason to open one."""

_STEPS = (3_000_000, 500_000, 100_000, 20_000, 5_000, 1_000)
_STARTS = 4  # corners that are improved; a second hill is rare and its foot is among the best few
_EASIER = (
    ("irp", "pension_savings"),
    ("irp", "isa"),
    ("irp", "general"),
    ("pension_savings", "isa"),
    ("pension_savings", "general"),
    ("isa", "general"),
)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What each part may still take, in won."""

    savings_credit: int
    both_credit: int
    due_credit: int
    pension: int
    irp: int
    isa_free: int
    isa: int


class _Valued:
    """The splits that were valued already: moves meet the same one again and again."""

    def __init__(self, here: TaxSituation) -> None:
        self._here = here
        self._known: dict[YearSplit, SplitWorth] = {}

    def __call__(self, split: YearSplit) -> int:
        if split not in self._known:
            self._known[split] = worth(self._here, split)
        return self._known[split].terminal


def rooms_of(here: TaxSituation) -> Rooms:
    """Return what each part of a split may take for a person."""
    book, person = here.book, here.person
    savings_cap, both_cap = book.won("pension.savings_cap"), book.won("pension.combined_cap")
    paid = person.pension
    counted = min(paid.savings_paid, savings_cap)
    free = person.budget - person.needs.keep_liquid
    pension = max(0, min(book.won("pension.annual_cap") - paid.savings_paid - paid.irp_paid, free))
    return Rooms(
        savings_credit=max(0, savings_cap - counted),
        both_credit=max(0, both_cap - counted - paid.irp_paid),
        due_credit=_credited_most(here),
        pension=pension,
        irp=pension if here.working else 0,
        isa_free=min(here.isa_room, _untaxed_amount(here)),
        isa=here.isa_room,
    )


def _credited_most(here: TaxSituation) -> int:
    """Return the smallest payment that earns all the credit that the tax due allows."""
    paid = here.person.pension
    cap = here.book.won("pension.combined_cap")

    def credit(more: int) -> int:
        # as an IRP payment it meets no other cap; somebody without income has no credit at all
        return credit_of(here, paid.savings_paid, paid.irp_paid + more).credit

    most, low, high = credit(cap), 0, cap
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if credit(middle) >= most else (middle + 1, high)
    return low


def _untaxed_amount(here: TaxSituation) -> int:
    """Return the largest payment whose assumed gain stays within the tax-free amount."""
    allowance = here.book.table("isa.tax_free")[here.isa_kind]
    if not isinstance(allowance, int):
        raise TypeError("isa.tax_free holds no integer")
    person = here.person
    used = 0 if person.isa is None else max(0, person.isa.gain)
    per_won = (1 + person.growth) ** person.horizon_years - 1
    return person.budget if per_won <= 0 else int(max(0, allowance - used) / per_won)


def fill(here: TaxSituation, order: tuple[str, ...], rooms: Rooms) -> YearSplit:
    """Return the split that fills the parts of a plan in an order, each up to its limit."""
    left, savings, irp, isa = here.person.budget, 0, 0, 0
    for name in order:
        pension = rooms.pension - savings - irp
        credited = rooms.both_credit - min(savings, rooms.savings_credit) - irp
        room = {
            "pension_savings": min(pension, credited, rooms.savings_credit - savings),
            "irp": min(pension, credited, rooms.irp - irp),
            "isa_free": rooms.isa_free - isa,
            "isa": rooms.isa - isa,
            "pension_more": pension,
            "general": left,
        }[name]
        amount = max(0, min(left, room))
        left -= amount
        savings += amount if name in ("pension_savings", "pension_more") else 0
        irp += amount if name == "irp" else 0
        isa += amount if name in ("isa_free", "isa") else 0
    return YearSplit(savings, irp, isa, here.person.budget - savings - irp - isa)


def best_split(here: TaxSituation, rooms: Rooms, parts: tuple[str, ...]) -> YearSplit:
    """Return the split of the budget that is worth most at the horizon.

    The value is linear between the limits of the law, so the best split lies at limits or where
    one of them is crossed. The corners (every limit alone, the rest elsewhere, and every order of
    ``parts``) are valued, the best few improved by moving money between two accounts in steps from
    3 M to 1,000 won until none helps. What is worth the same to 3,500 won goes to the account that
    is easier to reach.
    """
    value = _Valued(here)
    corners = set(_corners(here, rooms))
    corners |= {fill(here, order, rooms) for order in permutations(parts)}
    ranked = sorted(corners, key=lambda s: (-value(s), _locked(s)))
    best = max(
        (_climbed(split, rooms, value) for split in ranked[:_STARTS]),
        key=lambda s: (value(s), tuple(-part for part in _locked(s))),
    )
    return _easier(best, rooms, value)


def _locked(split: YearSplit) -> tuple[int, int, int]:
    return split.pension_savings + split.irp, split.irp, split.isa


def _corners(here: TaxSituation, rooms: Rooms) -> Iterator[YearSplit]:
    """Yield the splits at the limits: one account is filled first, then the next, the rest last."""
    limits = {
        "pension_savings": {0, rooms.savings_credit, rooms.due_credit, rooms.pension},
        "irp": {
            0,
            rooms.both_credit,
            rooms.both_credit - rooms.savings_credit,
            rooms.due_credit,
            rooms.irp,
        },
        "isa": {0, rooms.isa_free, rooms.isa},
    }
    for order in permutations(limits):
        for amounts in product(*(sorted(limits[name]) for name in order)):
            taken, left = {}, here.person.budget
            for name, amount in zip(order, amounts, strict=True):
                taken[name] = max(0, min(amount, left))
                left -= taken[name]
            split = YearSplit(**taken, general=left)
            if _possible(split, rooms):
                yield split


def _possible(split: YearSplit, rooms: Rooms) -> bool:
    return (
        min(split.pension_savings, split.irp, split.isa, split.general) >= 0
        and split.pension_savings + split.irp <= rooms.pension
        and split.irp <= rooms.irp
        and split.isa <= rooms.isa
    )


def moved(split: YearSplit, source: str, target: str, amount: int) -> YearSplit:
    """Return the split after moving an amount from one account to another."""
    return replace(
        split,
        **{source: getattr(split, source) - amount, target: getattr(split, target) + amount},
    )


def _climbed(split: YearSplit, rooms: Rooms, value: _Valued) -> YearSplit:
    for size in _STEPS:
        while True:
            near = [
                moved(split, source, target, min(size, getattr(split, source)))
                for source in ACCOUNTS
                for target in ACCOUNTS
                if source != target and getattr(split, source)
            ]
            best = max((s for s in near if _possible(s, rooms)), key=value, default=split)
            if value(best) <= value(split):
                break
            split = best
    return split


def _easier(split: YearSplit, rooms: Rooms, value: _Valued) -> YearSplit:
    """Return the split with every part that earns nothing moved to where it is easier to reach."""
    least = value(split) - SAME
    for source, target in _EASIER:
        other = moved(split, source, target, getattr(split, source))
        if _possible(other, rooms) and value(other) >= least:
            split = other
    return split
