"""A person of the household under the law: what the year has seen, and what it still levies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jeoul.account.rooms import room_in
from jeoul.advice.person import IsaState, Needs, Pensions, Person
from jeoul.advice.situation import kind_of
from jeoul.advice.tax_due import incomes_of, tax_due
from jeoul.household.gathering.pieces import PENSIONS, curve
from jeoul.household.problem.records import Credit, Curve, HouseholdMember
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.dates import years_after
from jeoul.korea.pension import pension_start
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.pieces import Pieces
from jeoul.korea.pieces_gains import overseas_pieces
from jeoul.korea.pieces_health import health_pieces
from jeoul.korea.pieces_income import income_pieces
from jeoul.korea.pieces_pension import CreditRooms, credit_rooms
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.wages import income_wages
from jeoul.model.instrument import AccountKind
from jeoul.model.years import DAYS_A_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOnDay:
    """A person on a day: as :mod:`jeoul.advice` knows one, with the rooms of the year.

    ``taxable`` is the income beside interest and dividends after deductions, ``other_income`` that
    beside wages too, ``due`` the national tax before the pension credit. ``credit`` is None without
    a credit that further payments could earn.
    """

    person: Person
    isa_kind: str
    taxable: int
    other_income: int
    due: int
    pension_room: int
    credit: CreditRooms | None


def person_of(file: HouseholdFile, name: str, on: date) -> Person:
    """Return a person of a household file as the year's advice takes one.

    Budget, horizon and growth are 0: the household's own program decides what is saved where.
    """
    one = file.people[name]
    own = file.accounts_of(name)
    paid, opened = dict.fromkeys(PENSIONS, 0), dict[str, date | None]()
    for kind in PENSIONS:
        each = [account for account in own if account.kind == kind]
        paid[kind] = sum(account.paid.paid.get(on.year, 0) for account in each)
        days = [account.paid.opened for account in each if account.paid.opened is not None]
        opened[kind] = min(days, default=None)
    return Person(
        year=on.year,
        age=one.age_on(on),
        budget=0,
        horizon_years=0,
        growth=Decimal(0),
        needs=Needs(
            keep_liquid=file.policy.keep_liquid, spending=one.spending, loans=tuple(file.loans)
        ),
        income=one.income,
        status=one.status,
        pension=Pensions(
            savings_paid=paid["pension_savings"],
            irp_paid=paid["irp"],
            savings_opened=opened["pension_savings"],
            irp_opened=opened["irp"],
        ),
        gains=one.gains,
        isa=next((_isa(account) for account in own if account.kind == "isa"), None),
    )


def _isa(account: HouseholdAccount) -> IsaState | None:
    opened = account.paid.opened
    if opened is None:
        return None
    return IsaState(
        opened=opened,
        paid={str(year): amount for year, amount in account.paid.paid.items()},
        gain=account.terms.gain_so_far,
        kind=account.terms.form,
    )


def standing_of(book: Rulebook, file: HouseholdFile, name: str, on: date) -> PersonOnDay:
    """Return what the law fixes for a person on a day, before any money is moved."""
    person = person_of(file, name, on)
    due = tax_due(book, person)
    paid = person.pension.savings_paid + person.pension.irp_paid
    return PersonOnDay(
        person=person,
        isa_kind=kind_of(book, person),
        taxable=_taxable(book, person) if due.taxable is None else due.taxable,
        other_income=incomes_of(book, person.income).other,
        due=due.national,
        pension_room=max(0, book.won("pension.annual_cap") - paid),
        credit=_credit(book, person, due.national),
    )


def _taxable(book: Rulebook, person: Person) -> int:
    """Return the taxable income that wages give, where the person knows the tax alone."""
    income = person.income
    other = incomes_of(book, income).other
    return income_wages(
        book, wages=income.wages, other_income=other, dependants=income.dependants
    ).base


def _credit(book: Rulebook, person: Person, due: int) -> CreditRooms | None:
    income, pension = incomes_of(book, person.income, person.gains.planned), person.pension
    if not (income.total and person.status.resident):
        return None
    so_far = pension_credit(
        book,
        wages=person.income.wages,
        pension_savings=pension.savings_paid,
        irp=pension.irp_paid,
        other_income=income.other,
        financial_income=income.financial,
        dependants=person.income.dependants,
        resident=person.status.resident,
        tax_due=due,
    )
    return credit_rooms(book, so_far, savings_paid=pension.savings_paid)


def member_of(
    book: Rulebook, name: str, standing: PersonOnDay, *, kinds: frozenset[str], money: int
) -> HouseholdMember:
    """Return a person as the program takes one.

    ``kinds`` are the kinds of accounts that the person has, ``money`` what could be paid into them:
    a credit that no account or money could reach is not missed. The interest and dividends of this
    year are taken to come again in a later one. A status in health insurance that nobody said
    costs nothing.
    """
    person = standing.person
    levy = income_levy(book, standing)
    income = person.income
    return HouseholdMember(
        id=name,
        financial=float(income.financial),
        income_levy=levy,
        later_financial=float(income.financial),
        later_levy=levy,
        realised=float(person.gains.overseas_realised),
        gains_levy=curve(overseas_pieces(book)),
        pension_room=float(standing.pension_room),
        credit=_reachable(standing, kinds, money),
    )


def income_levy(book: Rulebook, standing: PersonOnDay) -> Curve:
    """Return :func:`income_levies` as a curve."""
    return curve(income_levies(book, standing))


def income_levies(book: Rulebook, standing: PersonOnDay) -> Pieces:
    """Return what a year's interest and dividends cost: the tax of May and health insurance."""
    person = standing.person
    pieces = income_pieces(book, taxable=standing.taxable)
    if person.status.health is not None:
        pieces += health_pieces(
            book, status=person.status.health, other_income=standing.other_income
        )
    return pieces


def _reachable(standing: PersonOnDay, kinds: frozenset[str], money: int) -> Credit | None:
    rooms, most = standing.credit, min(money, standing.pension_room)
    if rooms is None or not rooms.together or not kinds & set(PENSIONS):
        return None
    reachable = min(rooms.together, most)
    if "irp" not in kinds:
        reachable = min(reachable, rooms.savings)
    return Credit(
        rate=float(rooms.rate),
        savings=float(rooms.savings),
        together=float(rooms.together),
        reachable=float(reachable),
    )


def room_of(
    book: Rulebook, account: HouseholdAccount, standing: PersonOnDay, *, on: date, money: int
) -> int:
    """Return what an account still takes this year, at most the money that there is."""
    if account.kind in PENSIONS:
        return min(money, standing.pension_room)
    if account.kind == "isa":
        room = room_in(book, AccountKind.ISA, on.year, account.paid)
        return min(money, 0 if room is None else room.left)
    return money


def lock_years(book: Rulebook, account: HouseholdAccount, born: date, on: date) -> float:
    """Return the years until what is paid into an account can be drawn without a penalty.

    A pension begins at 55, five years after the account was opened; one whose day nobody said
    begins today. An ISA gives back what was paid in at any time, as other accounts do.
    """
    return max(0.0, (free_on(book, account, born, on) - on).days / DAYS_A_YEAR)


def free_on(book: Rulebook, account: HouseholdAccount, born: date, on: date) -> date:
    """Return the day from which what is paid into an account can be drawn, ``on`` at any time."""
    if account.kind not in PENSIONS:
        return on
    age, joined = pension_start(book)
    opened = account.paid.opened or on
    return max(years_after(born, age), years_after(opened, joined))
