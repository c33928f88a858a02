"""What to do with an ISA when its three years are over: keep it, or close it and open another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jeoul.household.gathering.people import PersonOnDay
from jeoul.korea.dates import years_after
from jeoul.korea.isa import isa_limit
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.pieces_gains import isa_pieces, sale_pieces
from jeoul.korea.rulebook import Rulebook, decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Isa:
    """An ISA along the years: what was paid into this contract, its worth, and its taxed gain."""

    account: str
    kind: str
    opened: date
    paid: int
    value: int
    gain: int

    def matures(self, book: Rulebook) -> date:
        """Return the day on which its three years are over."""
        return years_after(self.opened, book.won("isa.min_years"))

    def room(self, book: Rulebook, year: int) -> int:
        """Return what it still takes in a year."""
        return max(0, isa_limit(book, year - self.opened.year) - self.paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class IsaEvent:
    """What happens to an ISA on a day.

    ``what`` is ``kept``, ``reopened`` or ``barred`` (it cannot be opened again in this year). On
    closing, ``tax`` is paid, ``transferred`` goes to a pension account within the days that the law
    gives (``until``) and earns ``credit``, and ``moved`` goes into the new contract at once. The
    rest, ``outside``, waits for its room. ``saves`` is what closing saves against keeping, in tax
    over the next three years.
    """

    account: str
    day: date
    what: str
    tax: int = 0
    transferred: int = 0
    credit: int = 0
    until: date | None = None
    moved: int = 0
    outside: int = 0
    saves: int = 0


def closing_saves(book: Rulebook, isa: Isa, *, growth: float, yearly: int) -> int:
    """Return what closing an ISA and opening another saves in tax over the three years after.

    Keep: the tax at the end on the gain so far and that of three years more, less one tax-free
    amount. Close: the tax now and the tax then, each less a tax-free amount, and 15.4 % on the
    growth of what waits outside, because the room of a new contract begins again at one year's.
    ``yearly`` is what is paid in besides, which has the room first.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> isa = Isa(account="isa", kind="general", opened=date(2023, 3, 2), paid=15_000_000,
    ...           value=18_000_000, gain=3_000_000)
    >>> closing_saves(book, isa, growth=0.04, yearly=0)
    199176
    """
    levy, sale = isa_pieces(book, isa.kind), sale_pieces(book, "krx_other_etf")
    years = book.won("isa.min_years")
    more = isa.value * growth * years  # simple growth on both sides, so that they compare
    kept = levy.at(round(isa.gain + more))
    now = int(levy.at(isa.gain))
    value = isa.value - now
    inside = outside = 0.0
    for year in range(years):
        room = max(0, isa_limit(book, year) - yearly * (year + 1))
        fits = min(value, room)
        inside += fits * growth
        outside += (value - fits) * growth
    closed = now + levy.at(round(inside)) + sale.at(round(outside))
    return int(kept - closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaturityTransfer:
    """Money of a closed ISA that goes to a pension account, and the credit that it earns."""

    amount: int
    credit: int


def best_transfer(
    book: Rulebook,
    standing: PersonOnDay,
    *,
    savings: int,
    irp: int,
    most: int,
    lock_cost: float,
) -> MaturityTransfer:
    """Return how much of a closed ISA is worth moving into pension savings.

    A transfer counts like a payment where the year's payments (``savings``, ``irp``) leave the
    credit's rooms open, and adds 10 % of itself, at most 3 M, beyond them. ``most`` is what may be
    locked; a won that locks costs ``lock_cost``. The best is at an end of one of these pieces.
    """
    if standing.credit is None or most <= 0:
        return MaturityTransfer(amount=0, credit=0)
    bonus = book.table("pension.transfer_bonus")
    full = int(decimal(bonus["cap"]) / decimal(bonus["share"]))
    open_room = max(0, book.won("pension.savings_cap") - savings)
    without = _credit(book, standing, savings, irp, 0)
    best, worth = MaturityTransfer(amount=0, credit=0), Decimal(0)
    for amount in sorted({min(most, open_room), min(most, full), most}):
        credit = _credit(book, standing, savings, irp, amount) - without
        net = credit - Decimal(str(lock_cost)) * amount
        if net > worth:
            best, worth = MaturityTransfer(amount=amount, credit=credit), net
    return best


def _credit(book: Rulebook, standing: PersonOnDay, savings: int, irp: int, transfer: int) -> int:
    person = standing.person
    return pension_credit(
        book,
        wages=person.income.wages,
        pension_savings=savings,
        irp=irp,
        isa_transfer=transfer,
        other_income=standing.other_income,
        financial_income=person.income.financial + person.gains.planned,
        dependants=person.income.dependants,
        resident=person.status.resident,
        tax_due=standing.due,
    ).credit


def reopened(isa: Isa, day: date, amount: int) -> Isa:
    """Return a new contract with what is paid into it on its first day."""
    return replace(isa, opened=day, paid=amount, value=amount, gain=0)
