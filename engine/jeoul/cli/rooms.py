"""What a command line says of payments into an account, and the check of a new one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.account.file import AccountFile
    from jeoul.account.records import AccountRun
    from jeoul.account.rooms import PaidFacts
    from jeoul.model.instrument import AccountKind

_YEAR = re.compile(r"[0-9]{4}")

opened_option = click.option(
    "--opened", metavar="DATE", help="When the ISA was opened; a bare year: its 31 December."
)
paid_option = click.option(
    "--paid",
    "paid",
    multiple=True,
    metavar="YEAR=AMOUNT",
    help="Amount paid into the ISA or pension account in a year; once for each year.",
)


def read_facts(opened: str | None, paid: Sequence[str]) -> PaidFacts:
    """Return what ``--opened`` and ``--paid`` say."""
    from jeoul.account.rooms import PaidFacts
    from jeoul.model.amount import whole_amount

    found: dict[int, int] = {}
    for text in paid:
        year, mark, amount = text.partition("=")
        if not mark or not _YEAR.fullmatch(year.strip()):
            remedy = "write it as 2024=5_000_000"
            raise UsageError(f"--paid {text} is not a year and an amount; {remedy}")
        found[int(year)] = int(whole_amount(amount))
    return PaidFacts(opened=None if opened is None else _opened(opened), paid=found)


def _opened(text: str) -> date:
    if _YEAR.fullmatch(text):
        return date(int(text), 12, 31)
    try:
        return date.fromisoformat(text)
    except ValueError:
        remedy = "write it as 2024-03-15, or the year alone"
        raise UsageError(f"--opened {text} is not a date; {remedy}") from None


def room_notes(kind: str, year: int, deposit: int, facts: PaidFacts, lang: str) -> list[str]:
    """Return what a payment leaves of an account's room, or that it is not known.

    Raises :class:`~jeoul.errors.UsageError` for one that the account cannot take.
    """
    from jeoul.account.rooms import refuse_beyond, room_in
    from jeoul.korea.tables import rules_for
    from jeoul.messages import say
    from jeoul.model.instrument import account_kind
    from jeoul.model.money import money_text

    room = room_in(rules_for(year), account_kind(kind), year, facts)
    if room is None or not deposit:
        return []
    refuse_beyond(room, deposit)
    left = money_text(room.left - deposit if room.sure else room.left, "KRW")
    return [say(lang, "room.left" if room.sure else "room.unknown", {"left": left, "year": year})]


def room_assumptions(
    settings: AccountFile, kind: AccountKind, run: AccountRun, lang: str
) -> list[str]:
    """Return what the check of a backtest's payments assumes, nothing for a kind without a limit.

    Raises :class:`~jeoul.errors.UsageError` for payments that the account could not take.
    """
    from jeoul.account.room_keys import facts_of
    from jeoul.account.rooms import refuse_deposits
    from jeoul.korea.tables import whole_rules
    from jeoul.messages import say

    book = whole_rules()
    facts = facts_of(settings.opened, settings.paid)
    opened = refuse_deposits(book, kind, run.terms.deposits, facts)
    if opened is None:
        return []
    assumed = [say(lang, "room.assumed", {"law": book.year})]
    if settings.opened is None and kind.value == "isa":
        assumed.append(say(lang, "room.assumed_opened", {"opened": opened}))
    return assumed
