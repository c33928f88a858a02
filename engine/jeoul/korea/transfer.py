"""Moving an ISA that has run its term into a pension account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from jeoul.korea.levy import Won, floor
from jeoul.korea.rulebook import Rulebook, Step, decimal, step


@dataclass(frozen=True, slots=True)
class IsaTransfer:
    """Whether a move counts, until when it may be made, and the extra base of the credit."""

    allowed: bool
    reasons: tuple[str, ...]
    deadline: date
    bonus: int
    steps: tuple[Step, ...]


def isa_transfer(
    book: Rulebook, *, years_held: Won, closed: date, moved: date, balance: Won, amount: Won
) -> IsaTransfer:
    """Return whether moving money from an ISA to a pension account earns the extra credit.

    After three years, within 60 days of the end, at most what the account held. The extra base is
    min(10 % of the amount, 3 M); the amount stands outside the yearly pension limit. Sources:
    조세특례제한법 §91의18⑪; 소득세법 §59의3③④; 시행령 §40의2②1나.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_transfer(load_rules(2026), years_held=3, closed=date(2026, 3, 2),
    ...              moved=date(2026, 5, 1), balance=30_000_000, amount=30_000_000).bonus
    3000000
    """
    rule, key = "isa.transfer", "isa.transfer_days"
    if min(years_held, balance, amount) < 0 or amount > balance or moved < closed:
        raise book.refuse(
            rule, key, "an amount is below zero or above the balance, or moved before closing"
        )
    deadline = closed + timedelta(days=book.won(key))
    against = {
        "transfer_young": years_held < book.won("isa.min_years"),
        "transfer_late": moved > deadline,
    }
    reasons = tuple(name for name, holds in against.items() if holds)
    terms = book.table("pension.transfer_bonus")
    cap = terms["cap"]
    if not isinstance(cap, int):
        raise TypeError("pension.transfer_bonus.cap is not an integer")
    bonus = 0 if reasons else min(floor(amount * decimal(terms["share"])), cap)
    steps = (
        step("transfer_deadline", deadline=deadline),
        *(step(name) for name in reasons),
        step("pension_bonus", transfer=amount, bonus=bonus),
    )
    return IsaTransfer(
        allowed=not reasons, reasons=reasons, deadline=deadline, bonus=bonus, steps=steps
    )
