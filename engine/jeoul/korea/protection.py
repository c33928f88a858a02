"""What protects an older investor: full explanation, a second confirmation, time to think."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.korea.levy import Flag, Won
from jeoul.korea.rulebook import Rulebook, Step, step


@dataclass(frozen=True, slots=True)
class Protection:
    """What a person is owed before a decision.

    ``group`` is ``""``, ``older`` or ``oldest``; ``explain`` asks for the full explanation,
    ``confirmations`` counts how often the person confirms, and ``cooling_days`` are the business
    days between the two.
    """

    group: str
    explain: bool
    confirmations: int
    cooling_days: int
    steps: tuple[Step, ...]


def protection(
    book: Rulebook, *, age: Won, exceeds: Flag = False, complex_product: Flag = False
) -> Protection:
    """Return how an investor is protected by age and product.

    From 65 on the risks are explained in full and confirmed twice; from 80 on a person of trust
    should be there. A product that is complex (고난도, which a listed fund is not) or that
    ``exceeds`` the investor's type waits two business days, the latter only from 65 on. Source:
    금융위원회 2021-05-09, 표준투자권유준칙.

    >>> from jeoul.korea.tables import load_rules
    >>> found = protection(load_rules(2026), age=65, exceeds=True)
    >>> found.group, found.confirmations, found.cooling_days
    ('older', 2, 2)
    """
    rule = "suitability.protection"
    if age < 0:
        raise book.refuse(
            rule, "suitability.older_age", f"age is {age}, below zero; give 0 or more"
        )
    older, oldest = book.won("suitability.older_age"), book.won("suitability.oldest_age")
    group = "oldest" if age >= oldest else "older" if age >= older else ""
    waits = complex_product or (exceeds and group != "")
    days = book.won("suitability.cooling_days") if waits else 0
    steps = []
    if group:
        steps.append(step("protect_older", age=older))
    if group == "oldest":
        steps.append(step("protect_oldest", age=oldest))
    if waits:
        steps.append(step("protect_cooling", days=days))
    return Protection(
        group=group,
        explain=bool(group),
        confirmations=2 if group else 1,
        cooling_days=days,
        steps=tuple(steps),
    )
