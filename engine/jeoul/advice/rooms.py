"""Money above what an account takes goes to the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from jeoul.advice.saver import SaverPayment
from jeoul.errors import UsageError
from jeoul.korea.isa import isa_limit
from jeoul.korea.rulebook import Rulebook


def pour(
    book: Rulebook, accounts: Sequence[str], paid: Sequence[SaverPayment]
) -> Mapping[str, tuple[SaverPayment, ...]]:
    """Return the payments by account: each takes what it has room for, the next one the rest.

    An ISA takes 20 M in the year of its first payment and 20 M more from each January on, 100 M in
    all (:func:`~jeoul.korea.isa.isa_limit`); a pension account 18 M a calendar year; an ordinary
    account everything. Every won is in exactly one account. Raises
    :class:`UsageError` where the last account has no room.

    >>> from jeoul.korea.tables import load_rules
    >>> once = [SaverPayment(0, date(2026, 1, 2), 50_000_000)]
    >>> poured = pour(load_rules(2026), ["isa", "pension_savings", "general"], once)
    >>> [(account, parts[0].amount) for account, parts in poured.items()]
    [('isa', 20000000), ('pension_savings', 18000000), ('general', 12000000)]
    """
    found: defaultdict[str, list[SaverPayment]] = defaultdict(list)
    for payment in paid:
        left = payment.amount
        for account in accounts:
            room = _room(book, account, found[account], paid[0].day, payment.day)
            part = left if room is None else min(left, room)
            if part:
                found[account].append(payment._replace(amount=part))
                left -= part
        if left:
            raise UsageError(
                f"{payment.amount} won on {payment.day} are {left} more than "
                f"{' and '.join(accounts)} take; add a general account behind them"
            )
    return {account: tuple(parts) for account, parts in found.items() if parts}


def _room(
    book: Rulebook, account: str, paid: Sequence[SaverPayment], opened: date, day: date
) -> int | None:
    """Return what an account still takes on a day, None without a limit."""
    if account == "isa":
        return isa_limit(book, day.year - opened.year) - sum(part.amount for part in paid)
    if account == "pension_savings":
        now = sum(part.amount for part in paid if part.day.year == day.year)
        return book.won("pension.annual_cap") - now
    return None


def full_years(opened: date, day: date) -> int:
    """Return the whole years between two days.

    >>> [full_years(date(2021, 6, 2), date(2024, 6, day)) for day in (1, 2)]
    [2, 3]
    """
    return day.year - opened.year - ((day.month, day.day) < (opened.month, opened.day))
