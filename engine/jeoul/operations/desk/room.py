"""Whether an account took more than its kind may: then nothing more is bought."""

from __future__ import annotations

from datetime import date

from jeoul.account.room_keys import facts_of
from jeoul.account.rooms import Room, room_in, with_booked
from jeoul.korea.tables import rules_for
from jeoul.model.instrument import AccountKind
from jeoul.model.money import money_text
from jeoul.model.portfolio import Reason
from jeoul.operations.ledger import Ledger, paid_in
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
    """Return that a year's deposits in the books are more than the account takes, else None.

    What the books saw in the years before takes room like what ``paid`` says.
    """
    year, kind = executed.year, AccountKind(settings.account)
    booked = paid_in(ledger, currency, certain=True)
    before = {when: amount for when, amount in booked.items() if when < year}
    facts = with_booked(facts_of(settings.opened, settings.paid), before)
    room, amount = room_in(rules_for(year), kind, year, facts), booked.get(year)
    if room is None or amount is None or amount <= room.left:
        return None
    detail = {"amount": money_text(amount, currency), "left": money_text(room.left, currency)}
    return Reason.of("room.beyond", year=year, **detail)
