"""Accounts that somebody else manages: the discretionary ISA, advisers in an IRP, and ISA fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Won, floor
from jeoul.korea.rulebook import Rulebook, Step, decimal, step


@dataclass(frozen=True, slots=True)
class ManagedHolding:
    """A holding of a discretionary account, with the product group it belongs to."""

    name: str
    group: str
    weight: Decimal
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Spread:
    """Whether a discretionary ISA is spread as it must be, and what stands against it."""

    allowed: bool
    over: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class AdvisorRoom:
    """How much robo-advisers may still be given to manage in an IRP."""

    room: int
    limit: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaFee:
    """The account's own fee for a year, products left out."""

    fee: int
    rate: Decimal
    steps: tuple[Step, ...]


def discretionary_isa(book: Rulebook, *, holdings: tuple[ManagedHolding, ...]) -> Spread:
    """Return whether no product is above 30 % and no product group above 50 %.

    Source: the rules of the discretionary ISA as the press described them; confidence M.

    >>> from jeoul.korea.tables import load_rules
    >>> parts = {"A": "0.30", "B": "0.21"}
    >>> mix = tuple(ManagedHolding(name, "equity", Decimal(w)) for name, w in parts.items())
    >>> discretionary_isa(load_rules(2026), holdings=mix).over
    ('equity',)
    """
    rule, key = "isa.discretionary", "isa.discretionary"
    if any(part.weight < 0 for part in holdings) or sum(p.weight for p in holdings) > 1:
        raise book.refuse(rule, key, "weights are shares of 1 that sum to at most 1")
    limits = book.table(key)
    single, group = decimal(limits["max_single"]), decimal(limits["max_group"])
    products, groups = _sums(holdings)
    over = [name for name, weight in products.items() if weight > single]
    over += [name for name, weight in groups.items() if weight > group]
    reviews = limits["rebalance_per_quarter"]
    told = ", ".join(over) or "-"
    steps = (step("isa_spread", single=single, group=group, over=told, reviews=reviews),)
    return Spread(not over, tuple(over), steps)


def _sums(holdings: tuple[ManagedHolding, ...]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    products: dict[str, Decimal] = {}
    groups: dict[str, Decimal] = {}
    for part in holdings:
        products[part.name] = products.get(part.name, Decimal(0)) + part.weight
        groups[part.group] = groups.get(part.group, Decimal(0)) + part.weight
    return products, groups


def advisor_room(
    book: Rulebook, *, started: Won, year: Won, given: Mapping[str, Won] | None = None
) -> AdvisorRoom:
    """Return what robo-advisers may still be given in one IRP: 9 M a year, unused room carried.

    ``given`` maps years to won, all advisers together. Source: 혁신금융서비스 2025-03-28.

    >>> from jeoul.korea.tables import load_rules
    >>> advisor_room(load_rules(2026), started=2025, year=2026, given={"2025": 4_000_000}).room
    14000000
    """
    rule, key = "irp.advisor_room", "pension.advisor_unit"
    entries = {} if given is None else given
    effective = book.facts[key].effective
    if effective is None or started < effective.year or not started <= year <= book.year:
        raise book.refuse(rule, key, f"started {started} and year {year} do not fit the rule")
    if any(amount < 0 for amount in entries.values()):
        raise book.refuse(rule, key, "an amount is below zero; give 0 or more")
    limit = book.won(key) * (year - started + 1)
    room = max(0, limit - sum(entries.values()))
    return AdvisorRoom(room, limit, (step("advisor_room", limit=limit, room=room),))


def isa_fee(book: Rulebook, *, manager: str, balance: Won) -> IsaFee:
    """Return a typical yearly fee of the account itself, by who manages it.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_fee(load_rules(2026), manager="trust", balance=10_000_000).fee
    20000
    """
    rule, key = "isa.fee", "isa.fees"
    rates = book.table(key)
    if manager not in rates or balance < 0:
        raise book.refuse(
            rule, key, f"manager {manager!r} or balance {balance}; use {', '.join(rates)}"
        )
    rate = decimal(rates[manager])
    fee = floor(balance * rate)
    return IsaFee(fee, rate, (step("isa_fee", rate=rate, fee=fee),))
