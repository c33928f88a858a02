"""Whether an account took more this year than its kind may: then nothing more is bought."""

from __future__ import annotations

from datetime import date

from jeoul.account.room_keys import facts_of
from jeoul.account.rooms import Room, room_in
from jeoul.korea.tables import rules_for
from jeoul.model.instrument import AccountKind
from jeoul.model.money import money_text
from jeoul.model.portfolio import Reason
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.config import Settings


def room_of(settings: Settings, year: int) -> Room | None:
    """Return what the config's account takes in a year by its own keys, None without a limit."""
    return room_in(
        rules_for(year),
        AccountKind(settings.account),
        year,
        facts_of(settings.opened, settings.paid),
    )


def room_stop(ledger: Ledger, settings: Settings, currency: str, executed: date) -> Reason | None:
    """Return that the year's deposits in the books are more than the account takes, else None."""
    room = room_of(settings, executed.year)
    if room is None:
        return None
    amount = deposited(ledger, currency, executed.year)
    if amount <= room.left:
        return None
    detail = {"amount": money_text(amount, currency), "left": money_text(room.left, currency)}
    return Reason.of("room.beyond", year=executed.year, **detail)


def deposited(ledger: Ledger, currency: str, year: int) -> int:
    """Return what the books saw paid in during a year, in the currency's smallest unit.

    What the account held when its books were opened is not counted: the config's ``paid`` says it.
    """
    rows = ledger.rows(
        "SELECT COALESCE(SUM(-p.amount), 0) AS amount "
        "FROM transactions t CROSS JOIN postings p "  # in this order: deposits are few
        "WHERE t.kind = 'deposit' AND p.txn = t.txn AND p.amount < 0 AND p.commodity = ? "
        "AND substr(t.session, 1, 4) = ?",
        currency,
        str(year),
    )
    return int(rows[0]["amount"])
