"""The integrated investment account (종합투자계좌, IMA): a closed product that pays at maturity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.levy import Flag, Won, floor, withheld
from jeoul.korea.rulebook import Rulebook, Step, step


@dataclass(frozen=True, slots=True)
class ImaMaturity:
    """What an IMA pays at maturity, before and after tax."""

    profit: int
    tax: int
    net: int
    paid: int
    steps: tuple[Step, ...]


def ima_maturity(
    book: Rulebook,
    *,
    principal: Won,
    years: Decimal,
    gross: Decimal,
    hurdle: Decimal = Decimal("0.04"),
    fee: Decimal = Decimal("0.40"),
    early_exit: Flag = False,
) -> ImaMaturity:
    """Return the payment at maturity from a simple yearly gross return.

    yearly = gross - fee x max(0, gross - hurdle); profit = max(0, principal x yearly x years),
    because the broker owes the principal from its own credit; the profit is dividend income of the
    year of maturity, 15.4 %. ``net`` is the profit after tax, ``paid`` principal and profit before
    tax. There is no early exit. Sources: 소득세법 시행령 §26의3⑫⑬; product terms of the first IMA.

    >>> from jeoul.korea.tables import load_rules
    >>> ima_maturity(load_rules(2026), principal=10_000_000, years=Decimal(2),
    ...              gross=Decimal("0.06")).net
    879840
    """
    rule = "ima.maturity"
    if early_exit:
        raise book.refuse(
            rule, "ima.early_exit", "there is no exit before maturity; leave early_exit out"
        )
    if principal < book.won("ima.minimum"):
        raise book.refuse(
            rule, "ima.minimum", f"principal {principal} is below {book.won('ima.minimum')}"
        )
    if years <= 0 or not 0 <= fee <= 1 or hurdle < 0:
        raise book.refuse(
            rule, "ima.minimum", "years must be above 0, fee a share of 1, hurdle not below 0"
        )
    yearly = gross - fee * max(Decimal(0), gross - hurdle)
    result = floor(principal * yearly * years)
    profit = max(0, result) if book.flag("ima.principal_floor") else result
    tax = withheld(book, max(0, profit), book.rate("tax.withholding")).total
    steps = [step("ima_yearly", gross=gross, hurdle=hurdle, fee=fee, yearly=yearly)]
    if yearly < 0:
        steps.append(step("ima_principal", principal=principal))
    steps.append(step("ima_profit", profit=profit, tax=tax))
    return ImaMaturity(
        profit=profit, tax=tax, net=profit - tax, paid=principal + profit, steps=tuple(steps)
    )
