"""Withdrawals from a pension account that nobody chooses: taxed like a pension, at any age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jeoul.korea.dates import months_after
from jeoul.korea.levy import Flag, Won, combined, withheld
from jeoul.korea.pension import receipt_rate, refuse_before_start
from jeoul.korea.rulebook import Rulebook, Step, names, step


@dataclass(frozen=True, slots=True)
class UnavoidableWithdrawal:
    """What counts as unavoidable (``receipt``), what does not (``excess``), and the tax on both.

    ``file_by`` is the last day on which the proof may be handed in.
    """

    receipt: int
    excess: int
    tax: int
    net: int
    file_by: date
    steps: tuple[Step, ...]


def unavoidable_withdrawal(
    book: Rulebook,
    *,
    cause: str,
    amount: Won,
    age: Won,
    known: date,
    filed: date,
    cap: Won | None = None,
    life_annuity: Flag = False,
) -> UnavoidableWithdrawal:
    """Return the tax on credited payments and earnings that are taken out for a cause of the law.

    At the rates of a pension (5, 4 or 3 % by age, with local tax), separately whatever the amount,
    outside the limit of receipts and of the 15 M; also before 55, except for ``medical`` costs paid
    out of the account. The proof must be ``filed`` within six months of the day on which the cause
    was ``known`` (the costs paid). For an illness of three months or a disaster with 15 days in
    hospital only up to ``cap``, what the ministry's rule allows for costs and living; the excess
    is other income at 16.5 %. Sources: 소득세법 시행령 §20의2; 소득세법 §§14③9나, 129①5의2.

    >>> from jeoul.korea.tables import load_rules
    >>> unavoidable_withdrawal(load_rules(2026), cause="insolvency", amount=40_000_000, age=45,
    ...                        known=date(2026, 3, 2), filed=date(2026, 4, 1)).tax
    2200000
    """
    rule, key = "pension.unavoidable", "pension.unavoidable"
    terms = book.table(key)
    causes, capped = names(terms["causes"]), names(terms["capped"])
    if cause not in causes:
        wrong = f"cause {cause!r} is unknown; use one of {', '.join(causes)}"
        raise book.refuse(rule, key, wrong)
    if min(amount, cap or 0) < 0:
        raise book.refuse(rule, key, "an amount is below zero; give 0 or more")
    if cause in capped and cap is None:
        wrong = f"{cause} is allowed up to the costs of the ministry's rule; give them as cap"
        raise book.refuse(rule, key, wrong)
    if cause in names(terms["after_start"]):
        refuse_before_start(book, rule, age, None)
    months = terms["months"]
    if not isinstance(months, int):
        raise TypeError(f"{key}.months is {months!r}")
    file_by = months_after(known, months)
    if not known <= filed <= file_by:
        wrong = f"filed on {filed}; the proof is due between {known} and {file_by}"
        raise book.refuse(rule, key, wrong)
    receipt = min(amount, cap) if cause in capped and cap is not None else amount
    rate = receipt_rate(book, age, life_annuity)
    tax = withheld(book, receipt, rate).total
    steps = [step("unavoidable", cause=cause, amount=receipt, rate=combined(book, rate), tax=tax)]
    excess = amount - receipt
    if excess:
        lump = withheld(book, excess, book.rate("pension.lump_rate")).total
        steps.append(step("pension_lump", taxable=excess, tax=lump))
        tax += lump
    return UnavoidableWithdrawal(
        receipt=receipt,
        excess=excess,
        tax=tax,
        net=amount - tax,
        file_by=file_by,
        steps=tuple(steps),
    )
