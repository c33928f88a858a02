"""One year's money: into which accounts, in which order, worth how much, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from jeoul.advice.person import Person
from jeoul.advice.plan_value import Split, kind_of, worth
from jeoul.advice.review import (
    Meter,
    financial_review,
    isa_left,
    isa_review,
    meters,
    overseas_review,
)
from jeoul.korea.rulebook import Rulebook, Step

TEXTBOOK = ("pension_savings", "irp", "isa_free", "isa", "pension_more", "general")
"""The order of the popular articles: the steps that are tried in every order, and the yardstick."""


@dataclass(frozen=True, slots=True)
class Pour:
    """One step of the waterfall: an amount into an account, and what it is worth.

    ``value`` is what it adds after all taxes at the horizon over leaving the money in an ordinary
    account, ``credit`` the part that comes back with this year's tax.
    """

    account: str
    amount: int
    value: int
    credit: int
    deadline: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The year's plan for one person."""

    pours: tuple[Pour, ...]
    split: Split
    value: int
    textbook_value: int
    meters: tuple[Meter, ...]
    isa: tuple[Step, ...]
    financial: tuple[Step, ...]
    overseas: tuple[Step, ...]


def make_plan(book: Rulebook, person: Person) -> Plan:
    """Return the contribution waterfall that is worth most for this person.

    Every order of the steps (credited pension savings, credited IRP, the ISA up to its tax-free
    gain, the rest of the ISA, pension beyond the credit, ordinary account) is filled with the
    budget up to its limits and valued with the rulebook's own functions; the best is kept, ties go
    to the money that stays easier to reach. Raises :class:`RuleError` for another year than the
    rulebook's.
    """
    if person.year != book.year:
        raise book.refuse(
            "plan", "isa.annual_unit", f"year {person.year}, the table is of {book.year}"
        )
    rooms = _rooms(book, person)
    split = _best(book, person, rooms)
    textbook = _fill(person, TEXTBOOK, rooms)
    ordinary = worth(book, person, Split(general=person.budget)).terminal
    return Plan(
        _pours(book, person, split, rooms),
        split,
        worth(book, person, split).terminal - ordinary,
        worth(book, person, textbook).terminal - ordinary,
        meters(book, person, split),
        isa_review(book, person, split),
        financial_review(book, person),
        overseas_review(book, person),
    )


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What each step may still take, in won."""

    savings_credit: int
    both_credit: int
    pension: int
    isa_free: int
    isa: int


def _rooms(book: Rulebook, person: Person) -> _Rooms:
    savings_cap, both_cap = book.won("pension.savings_cap"), book.won("pension.combined_cap")
    counted = min(person.pension_paid, savings_cap)
    paid = person.pension_paid + person.irp_paid
    room = isa_left(book, person)
    return _Rooms(
        savings_credit=max(0, savings_cap - counted),
        both_credit=max(0, both_cap - counted - person.irp_paid),
        pension=max(
            0,
            min(book.won("pension.annual_cap") - paid, person.budget - person.keep_liquid),
        ),
        isa_free=min(room, _untaxed_amount(book, person)),
        isa=room,
    )


def _untaxed_amount(book: Rulebook, person: Person) -> int:
    """Return the largest payment whose assumed gain stays within the tax-free amount."""
    allowance = book.table("isa.tax_free")[kind_of(book, person)]
    if not isinstance(allowance, int):
        raise TypeError("isa.tax_free holds no integer")
    used = 0 if person.isa is None else max(0, person.isa.gain)
    per_won = (1 + person.growth) ** person.horizon_years - 1
    return person.budget if per_won <= 0 else int(max(0, allowance - used) / per_won)


def _fill(person: Person, order: Sequence[str], rooms: _Rooms) -> Split:
    left, savings, irp, isa = person.budget, 0, 0, 0
    for name in order:
        pension = rooms.pension - savings - irp
        credited = rooms.both_credit - min(savings, rooms.savings_credit) - irp
        room = {
            "pension_savings": min(pension, credited, rooms.savings_credit - savings),
            "irp": min(pension, credited),
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
    return Split(savings, irp, isa, person.budget - savings - irp - isa)


def _best(book: Rulebook, person: Person, rooms: _Rooms) -> Split:
    splits = {_fill(person, order, rooms) for order in permutations(TEXTBOOK)}
    return max(
        splits,
        key=lambda s: (worth(book, person, s).terminal, -s.pension_savings - s.irp, -s.irp, -s.isa),
    )


def _pours(book: Rulebook, person: Person, split: Split, rooms: _Rooms) -> tuple[Pour, ...]:
    """Return the parts of a split in the order of what they add per won, each valued in turn."""
    credited = min(split.pension_savings, rooms.savings_credit, rooms.both_credit)
    untaxed = min(split.isa, rooms.isa_free)
    parts = {
        "pension_savings": credited,
        "irp": split.irp,
        "isa_free": untaxed,
        "isa": split.isa - untaxed,
        "pension_more": split.pension_savings - credited,
        "general": split.general,
    }
    everything = Split(general=person.budget)
    alone = {
        name: _moved(book, person, everything, name, amount)[0].value
        for name, amount in parts.items()
        if amount
    }
    # to the hundredth of a won per won: what is worth the same goes in the textbook's order
    order = sorted(
        alone, key=lambda name: (-round(alone[name] / parts[name], 2), TEXTBOOK.index(name))
    )
    pours, so_far = [], everything
    for name in order:
        pour, so_far = _moved(book, person, so_far, name, parts[name])
        pours.append(pour)
    return tuple(pours)


def kind_of_step(name: str) -> str:
    """Return the kind of account that a step of a plan pays into.

    >>> kind_of_step("pension_more"), kind_of_step("irp")
    ('pension_savings', 'irp')
    """
    return {"pension_more": "pension_savings", "isa_free": "isa"}.get(name, name)


def _moved(
    book: Rulebook, person: Person, so_far: Split, name: str, amount: int
) -> tuple[Pour, Split]:
    """Return what moving an amount out of the ordinary account adds, and the split after it."""
    after = so_far
    if name != "general":
        account = kind_of_step(name)
        after = replace(
            so_far,
            general=so_far.general - amount,
            **{account: getattr(so_far, account) + amount},
        )
    before, here = worth(book, person, so_far), worth(book, person, after)
    dated = name in ("pension_savings", "irp", "pension_more")
    pour = Pour(
        name,
        amount,
        here.terminal - before.terminal,
        here.credit - before.credit,
        f"{person.year}-12-31" if dated else None,
    )
    return pour, after
