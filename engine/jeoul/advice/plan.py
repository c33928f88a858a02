"""One year's money: into which accounts, in which order, worth how much, by when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from jeoul.advice.assumptions import assumptions
from jeoul.advice.best_split import Rooms, best_split, fill, moved, rooms_of
from jeoul.advice.first import FirstThings, first_things
from jeoul.advice.person import Person
from jeoul.advice.plan_value import YearSplit, worth
from jeoul.advice.review import Meter, financial_review, meters, overseas_review
from jeoul.advice.review_health import health_review
from jeoul.advice.review_isa import isa_review
from jeoul.advice.situation import TaxSituation, situation
from jeoul.korea.levy import combined
from jeoul.korea.rulebook import Rulebook, Step

TEXTBOOK = ("pension_savings", "irp", "isa_free", "isa", "pension_more", "general")
"""The order of the popular articles: the yardstick of every plan."""


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
class Reviews:
    """What a plan says beside the money, as steps: assumptions, and what each subject costs."""

    assumptions: tuple[Step, ...]
    isa: tuple[Step, ...]
    financial: tuple[Step, ...]
    health: tuple[Step, ...]
    overseas: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """The year's plan for one person, made ``on`` a day, until the ``end`` when all is sold."""

    on: date
    end: date
    first: tuple[Step, ...]
    invested: int
    pours: tuple[Pour, ...]
    split: YearSplit
    value: int
    textbook_value: int
    meters: tuple[Meter, ...]
    reviews: Reviews


def make_plan(book: Rulebook, person: Person, on: date) -> PersonPlan:
    """Return the contribution plan of a year that is worth most for this person.

    The budget is split between pension savings, IRP, ISA and an ordinary account so that as much as
    possible is left at the horizon after every tax (:func:`~jeoul.advice.plan_value.worth`); a
    credit never counts above the tax that is due. Before that, months of spending are set aside and
    loans repaid that cost more than the money is expected to earn after tax. ``on`` is the day of
    the plan: terms are counted from it.

    Raises :class:`RuleError` for another year than the rulebook's.
    """
    if person.year != book.year:
        raise book.refuse(
            "plan", "isa.annual_unit", f"year {person.year}, the table is of {book.year}"
        )
    first = _first(book, person, _within(person.year, on))
    invested = min(person.budget, first.left)
    needs = replace(person.needs, keep_liquid=min(person.needs.keep_liquid, invested))
    person = replace(person, budget=invested, needs=needs)
    here = situation(book, person, _within(person.year, on))
    rooms = rooms_of(here)
    split = best_split(here, rooms, TEXTBOOK)
    ordinary = worth(here, YearSplit(general=person.budget)).terminal
    return PersonPlan(
        on=here.on,
        end=here.horizon,
        first=first.steps,
        invested=invested,
        pours=_pours(here, split, rooms),
        split=split,
        value=worth(here, split).terminal - ordinary,
        textbook_value=worth(here, fill(here, TEXTBOOK, rooms)).terminal - ordinary,
        meters=meters(here, split),
        reviews=Reviews(
            assumptions=assumptions(here),
            isa=isa_review(here, split),
            financial=financial_review(here),
            health=health_review(here),
            overseas=overseas_review(here),
        ),
    )


def _first(book: Rulebook, person: Person, on: date) -> FirstThings:
    """Return what of the budget, and of the money within reach, comes before investing."""
    needs = person.needs
    kept = 1 - combined(book, book.rate("tax.withholding"))
    return first_things(
        spending=needs.spending,
        loans=needs.loans,
        cash=person.budget + needs.within_reach,
        expected_return_after_tax=person.growth * (kept if person.growth > 0 else 1),
        on=on,
    )


def _within(year: int, on: date) -> date:
    """Return the day of the plan: another year is planned on its first or last day."""
    return min(max(on, date(year, 1, 1)), date(year, 12, 31))


def _pours(here: TaxSituation, split: YearSplit, rooms: Rooms) -> tuple[Pour, ...]:
    """Return the parts of a split in the order of what they add per won, each valued in turn."""
    limits = (rooms.savings_credit, rooms.both_credit, rooms.due_credit)
    credited = min(split.pension_savings, *limits)
    untaxed = min(split.isa, rooms.isa_free)
    parts = {
        "pension_savings": credited,
        "irp": split.irp,
        "isa_free": untaxed,
        "isa": split.isa - untaxed,
        "pension_more": split.pension_savings - credited,
        "general": split.general,
    }
    everything = YearSplit(general=here.person.budget)
    alone = {
        name: _poured(here, everything, name, amount)[0].value
        for name, amount in parts.items()
        if amount
    }
    # to the hundredth of a won per won: what is worth the same goes in the textbook's order
    order = sorted(
        alone, key=lambda name: (-round(alone[name] / parts[name], 2), TEXTBOOK.index(name))
    )
    pours, so_far = [], everything
    for name in order:
        pour, so_far = _poured(here, so_far, name, parts[name])
        pours.append(pour)
    return tuple(pours)


def kind_of_step(name: str) -> str:
    """Return the kind of account that a step of a plan pays into.

    >>> kind_of_step("pension_more"), kind_of_step("irp")
    ('pension_savings', 'irp')
    """
    return {"pension_more": "pension_savings", "isa_free": "isa"}.get(name, name)


def _poured(
    here: TaxSituation, so_far: YearSplit, name: str, amount: int
) -> tuple[Pour, YearSplit]:
    """Return what moving an amount out of the ordinary account adds, and the split after it."""
    after = so_far
    if name != "general":
        after = moved(so_far, "general", kind_of_step(name), amount)
    before, then = worth(here, so_far), worth(here, after)
    dated = name in ("pension_savings", "irp", "pension_more")
    pour = Pour(
        account=name,
        amount=amount,
        value=then.terminal - before.terminal,
        credit=then.credit - before.credit,
        deadline=f"{here.person.year}-12-31" if dated else None,
    )
    return pour, after
