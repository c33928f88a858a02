"""The room of tax-favoured accounts: what may still be paid in, and what is not known of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from jeoul.errors import UsageError
from jeoul.korea.isa import isa_room
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind
from jeoul.model.money import money_text

PENSIONS = (AccountKind.PENSION_SAVINGS, AccountKind.IRP)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidFacts:
    """What a person knows of an account: when it was opened, and what was paid in by year, in won.

    ``opened`` is None where nobody said so: then the most that the law ever allows binds.
    """

    opened: date | None = None
    paid: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of a year's payments an account still takes, in won.

    ``sure`` says that it rests on what was paid so far, and not on the law's largest amount.
    """

    kind: AccountKind
    year: int
    left: int
    sure: bool


def room_in(book: Rulebook, kind: AccountKind, year: int, facts: PaidFacts) -> Room | None:
    """Return the room of an account in a year, None for a kind without a limit.

    ISA: 20 M for every calendar year since it was opened, 100 M in all, less everything paid;
    without its date, the 100 M. Pension savings and IRP: 18 M a year together, less what this year
    has seen. The law of ``book`` is applied to every year. Sources: 조세특례제한법 §91의18③5,
    소득세법 시행령 §40의2②.

    >>> from jeoul.korea.tables import load_rules
    >>> book, isa = load_rules(2026), AccountKind.ISA
    >>> room_in(book, isa, 2026, PaidFacts()).left
    100000000
    >>> room_in(book, isa, 2026, PaidFacts(opened=date(2025, 12, 31), paid={2025: 20_000_000})).left
    20000000
    """
    if kind in PENSIONS:
        left = book.won("pension.annual_cap") - facts.paid.get(year, 0)
        return Room(kind=kind, year=year, left=max(0, left), sure=bool(facts.paid))
    if kind is not AccountKind.ISA:
        return None
    if facts.opened is None:
        left = book.won("isa.total_cap") - sum(facts.paid.values())
        return Room(kind=kind, year=year, left=max(0, left), sure=False)
    if facts.opened.year > year:
        raise UsageError(
            f"the account was opened on {facts.opened}, after the payment of {year}; correct opened"
        )
    law = replace(book, year=max(book.year, year))
    paid = {str(when): amount for when, amount in facts.paid.items() if when <= year}
    left = isa_room(law, opened=facts.opened.year, year=year, paid=paid).room
    return Room(kind=kind, year=year, left=left, sure=True)


def with_booked(facts: PaidFacts, booked: Mapping[int, int]) -> PaidFacts:
    """Return what is known of an account with what its books saw paid in beside it, by year.

    A payment of a year before the account was opened went into another one.

    >>> with_booked(PaidFacts(paid={2025: 5}), {2025: 2, 2026: 1}).paid
    {2025: 7, 2026: 1}
    """
    since = -1 if facts.opened is None else facts.opened.year
    paid = defaultdict(int, facts.paid)
    for year, amount in booked.items():
        if year >= since:
            paid[year] += amount
    return replace(facts, paid=dict(paid))


def refuse_beyond(room: Room | None, amount: int) -> None:
    """Refuse a payment that an account cannot take.

    Raises :class:`~jeoul.errors.UsageError` that says how much it takes, and what to do.
    """
    if room is None or amount <= room.left:
        return
    given, left = money_text(amount, "KRW"), money_text(room.left, "KRW")
    said = f"{given} is more than an account of kind {room.kind} takes in {room.year}, {left}"
    if room.sure:
        raise UsageError(f"{said}; pay the rest into another account, or next year")
    raise UsageError(
        f"{said} whatever was paid so far; lower it, and say when the account was opened and what "
        "was paid in each year"
    )


def refuse_deposits(
    book: Rulebook, kind: AccountKind, deposits: Mapping[date, int], facts: PaidFacts
) -> date | None:
    """Refuse payments by day that an account cannot take, each year under the law of ``book``.

    Without a date the account is opened with the first of them. Return that day, None for a kind
    without a limit. Raises :class:`~jeoul.errors.UsageError` for the first year that is too much.

    >>> from jeoul.korea.tables import load_rules
    >>> paid = {date(2024, 3, 4): 20_000_000, date(2025, 1, 2): 20_000_001}
    >>> refuse_deposits(load_rules(2026), AccountKind.ISA, paid, PaidFacts())
    Traceback (most recent call last):
    ...
    jeoul.errors.UsageError: 20,000,001 is more than an account of kind isa takes in 2025, ...
    """
    by_year: dict[int, int] = defaultdict(int)
    for day, amount in deposits.items():
        by_year[day.year] += max(0, amount)
    days = [day for day, amount in deposits.items() if amount > 0]
    if not days or room_in(book, kind, min(days).year, facts) is None:
        return None
    opened, paid = facts.opened or min(days), defaultdict(int, facts.paid)
    for year, amount in sorted(by_year.items()):
        room = room_in(book, kind, year, PaidFacts(opened=opened, paid=dict(paid)))
        refuse_beyond(None if room is None else replace(room, sure=True), amount)
        paid[year] += amount
    return opened
