"""Deposit insurance (예금자보호): what one person gets back if a firm fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jeoul.korea.levy import Won
from jeoul.korea.rulebook import Rulebook, Step, step


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money of one person at one firm, principal and interest together, in won.

    ``kind`` is that of the product, ``account`` the account that holds it.
    """

    firm: str
    kind: str
    amount: Won
    account: str = "general"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class DepositProtection:
    """How much of a person's money is insured, and how much is not."""

    insured: int
    exposed: int
    steps: tuple[Step, ...]


def deposit_protection(book: Rulebook, *, deposits: Sequence[Deposit]) -> DepositProtection:
    """Return what deposit insurance covers of a person's money at one or more firms.

    Each firm is insured up to the limit, principal and interest together, once for each pool:
    retirement accounts (IRP, DC), pension savings, and everything else, an ISA with it. Kinds that
    are not insured (repurchase agreements, funds, bonds, an IMA) count as exposed in full. Sources:
    예금자보호법 시행령 §§3, 18⑦.

    >>> from jeoul.korea.tables import load_rules
    >>> held = (Deposit("A", "deposit", 90_000_000), Deposit("A", "deposit", 30_000_000, "isa"))
    >>> found = deposit_protection(load_rules(2026), deposits=held)
    >>> found.insured, found.exposed
    (100000000, 20000000)
    """
    rule, key = "deposit.protection", "deposit.protected"
    limit, kinds = book.won(key), book.words("deposit.insured_kinds")
    pools = book.table("deposit.pools")
    sums: dict[tuple[str, str], int] = {}
    uninsured = 0
    for deposit in deposits:
        if deposit.amount < 0:
            raise book.refuse(
                rule, key, f"the amount {deposit.amount} is below zero; give 0 or more"
            )
        if deposit.account not in pools:
            known = ", ".join(pools)
            raise book.refuse(
                rule, "deposit.pools", f"account {deposit.account!r} is unknown; use one of {known}"
            )
        if deposit.kind not in kinds:
            uninsured += deposit.amount
            continue
        pool = (deposit.firm, str(pools[deposit.account]))
        sums[pool] = sums.get(pool, 0) + deposit.amount
    insured, steps = 0, []
    for (firm, _), held in sums.items():
        covered = min(held, limit)
        insured += covered
        steps.append(step("deposit_firm", firm=firm, held=held, covered=covered, limit=limit))
    if uninsured:
        steps.append(step("deposit_uninsured", amount=uninsured))
    return DepositProtection(insured, sum(sums.values()) - insured + uninsured, tuple(steps))
