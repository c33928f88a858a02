"""A person under the law on one day: what is fixed before money is split between accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jeoul.advice.person import Person
from jeoul.advice.tax_due import TaxDue, incomes_of, tax_due
from jeoul.korea.dates import opening_day, years_after
from jeoul.korea.isa import isa_kind, isa_room
from jeoul.korea.isa_entry import isa_eligible
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.wages import Incomes


@dataclass(frozen=True, slots=True)
class TaxSituation:
    """What every split of the year's money is valued with.

    ``incomes`` is the comprehensive income with the gain that is planned, ``due`` the tax before
    the pension credit; ``isa_kind`` and ``isa_room`` belong to the ISA
    that the person has or may open; ``isa_full`` says whether its three years are over at the
    horizon, ``savings_drawn`` and ``irp_drawn`` whether that account pays a pension then (age 55
    and five years since it was opened) or is taken at once.
    """

    book: Rulebook
    person: Person
    on: date
    incomes: Incomes
    due: TaxDue
    isa_kind: str
    isa_room: int
    isa_full: bool
    savings_drawn: bool
    irp_drawn: bool

    @property
    def working(self) -> bool:
        """Return whether there is an income that lets a person have an IRP."""
        return self.person.income.wages > 0 or self.incomes.other > 0

    @property
    def horizon(self) -> date:
        """Return the day on which everything is sold."""
        return years_after(self.on, self.person.horizon_years)


def situation(book: Rulebook, person: Person, on: date) -> TaxSituation:
    """Return what the law fixes for a person who plans on a day.

    An account that the person does not have yet is opened on that day.
    """
    end = years_after(on, person.horizon_years)
    isa_opened = on if person.isa is None else opening_day(person.isa.opened)
    pension = person.pension
    return TaxSituation(
        book=book,
        person=person,
        on=on,
        incomes=incomes_of(book, person.income, person.gains.planned),
        due=tax_due(book, person),
        isa_kind=kind_of(book, person),
        isa_room=isa_left(book, person),
        isa_full=years_after(isa_opened, book.won("isa.min_years")) <= end,
        savings_drawn=_drawn(book, person, pension.savings_opened, on),
        irp_drawn=_drawn(book, person, pension.irp_opened, on),
    )


def crosses(here: TaxSituation) -> bool:
    """Return whether this year's interest and dividends pass 20 M, with the gain that is planned.

    Then no ISA may be opened or extended in the three years after it: 조세특례제한법 §129의2①.
    """
    person = here.person
    limit = here.book.won("income.financial_limit")
    return person.income.financial + person.gains.planned > limit


def _drawn(book: Rulebook, person: Person, opened: date | int | None, on: date) -> bool:
    """Return whether an account pays a pension at the horizon: 소득세법 시행령 §40의2③1·2."""
    start = book.table("pension.start")
    age, years = start["age"], start["years"]
    if not isinstance(age, int) or not isinstance(years, int):
        raise TypeError("pension.start holds no integers")
    since = on if opened is None else opening_day(opened)
    end = years_after(on, person.horizon_years)
    return person.age + person.horizon_years >= age and years_after(since, years) <= end


def kind_of(book: Rulebook, person: Person) -> str:
    """Return the kind of the person's ISA: the one they have, or the one their incomes give."""
    if person.isa is not None and person.isa.kind is not None:
        return person.isa.kind
    found = incomes_of(book, person.income, person.gains.planned)
    return isa_kind(
        book,
        wages=person.income.wages,
        other_income=found.other,
        financial_income=found.financial,
        farmer=person.status.farmer,
    ).kind


def isa_left(book: Rulebook, person: Person) -> int:
    """Return what the person may still pay into an ISA this year: 0 if they may not have one."""
    if person.isa is not None:
        return isa_room(
            book,
            opened=person.isa.opened,
            year=person.year,
            paid=person.isa.paid,
            withdrawn=person.isa.withdrawn,
        ).room
    joining = isa_eligible(
        book,
        age=person.age,
        earned_income_last_year=person.income.wages > 0,
        financial_income_taxpayer_last_3y=person.status.financial_income_taxpayer_last_3y,
        resident=person.status.resident,
    )
    return isa_room(book, opened=person.year, year=person.year).room if joining.eligible else 0
