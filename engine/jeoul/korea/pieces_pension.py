"""What pension accounts save and cost a won: the credit of a payment, the tax of a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.levy import combined, floor
from jeoul.korea.pension import receipt_rate
from jeoul.korea.pension_credit import PensionCredit
from jeoul.korea.pieces import Pieces
from jeoul.korea.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class CreditRooms:
    """What further payments of the year still earn: ``rate`` a won, within two rooms.

    Payments into pension savings count up to ``savings``, those into all pension accounts up to
    ``together``, which is never more than the tax that is left can reward.
    """

    rate: Decimal
    savings: int
    together: int

    def at(self, savings: int, others: int = 0) -> Decimal:
        """Return the credit of further payments into pension savings and into other accounts."""
        return self.rate * min(self.together, min(self.savings, savings) + others)


def credit_rooms(book: Rulebook, so_far: PensionCredit, *, savings_paid: int = 0) -> CreditRooms:
    """Return what further payments earn beside those that ``so_far`` was computed for.

    ``savings_paid`` is the part of those that went into pension savings, a transferred ISA in it.
    Rooms: 6 M for savings, 9 M for all, and base x rate within the national tax that is due, where
    that is known. The further credit of
    :func:`~jeoul.korea.pension_credit.pension_credit` differs by less than 24 won: both amounts are
    cut below 10 won, and the room that the tax leaves is in whole won.

    >>> from jeoul.korea.pension_credit import pension_credit
    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> paid = pension_credit(book, wages=62_000_000, pension_savings=3_000_000)
    >>> credit_rooms(book, paid, savings_paid=3_000_000)
    CreditRooms(rate=Decimal('0.132'), savings=3000000, together=6000000)
    """
    used = so_far.base - so_far.bonus
    together = book.won("pension.combined_cap") - used
    if so_far.tax_due is not None:
        national = so_far.rate / (1 + book.rate("tax.local_share"))
        together = min(together, floor(so_far.tax_due / national) - so_far.base)
    savings = book.won("pension.savings_cap") - savings_paid
    return CreditRooms(so_far.rate.normalize(), max(0, savings), max(0, together))


def receipt_pieces(book: Rulebook, age: int, *, life_annuity: bool = False) -> Pieces:
    """Return the tax on a year's private pension at an age, by the separate ways alone.

    5.5 % below 70, 4.4 % below 80, 3.3 % from 80, at most 3.3 % for a life annuity; above 15 M a
    year 16.5 % on the whole amount, a step. A person may find comprehensive taxation cheaper, which
    these pieces leave out: they are not below what is due. The separate or flat tax of
    :func:`~jeoul.korea.pension.receive_pension` is smaller by less than 22 won, or 0 where its
    national part is below 1,000 won.

    >>> from jeoul.korea.tables import load_rules
    >>> found = receipt_pieces(load_rules(2026), 60)
    >>> int(found.at(15_000_000)), int(found.at(15_000_001))
    (825000, 2475000)
    """
    limit = book.won("pension.separate_limit")
    separate = combined(book, receipt_rate(book, age, life_annuity))
    flat = combined(book, book.rate("pension.flat_rate"))
    return Pieces((limit,), (separate, flat), ((limit, (flat - separate) * limit),))


def closing_pieces(book: Rulebook) -> Pieces:
    """Return the tax on credited money and earnings taken out other than as a pension: 16.5 %.

    The tax of :func:`~jeoul.korea.pension.close_pension` is smaller by less than 22 won, or 0 where
    its national part is below 1,000 won.
    """
    return Pieces(slopes=(combined(book, book.rate("pension.lump_rate")),))
