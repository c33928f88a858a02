"""The rulebook of a year as the commands open it, with the calendars that its rules ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeoul.korea.rulebook import Rulebook

_DATED = {"order.settlement", "us.realise"}  # the rules that need the exchanges' calendars


def open_rules(
    year: int, rules: Collection[str], *, reforms: tuple[str, ...], rules_of: int | None
) -> Rulebook:
    """Return the rulebook of a year for some of its rules."""
    from jeoul.korea.tables import load_rules
    from jeoul.market.calendars import load_calendar

    book = load_rules(year, reforms=reforms, rules_of=rules_of)
    if _DATED & set(rules):
        book = replace(book, calendars={name: load_calendar(name) for name in ("XKRX", "XNYS")})
    return book
