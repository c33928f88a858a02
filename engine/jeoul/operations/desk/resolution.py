"""What a person says about an order that the broker no longer explains.

The broker acknowledged an order and never lists it, corrects a fill downwards, or lists an order
that was changed by hand: nothing the engine could ask settles it. A person looks at the broker's
own screen and says what became of the order; the books are brought to that, and the order is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from jeoul.errors import UsageError
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.operations.desk.intents import Intent, compact, named_intent
from jeoul.operations.ledger import Fill, Ledger, Transaction, book
from jeoul.operations.ledger.books import legs_beside_others

_MOST = 10**15  # won, beyond any order: a slip of the keyboard


@dataclass(frozen=True, slots=True)
class Said:
    """What became of an order in all, and who said so: shares filled, their money, the fee."""

    filled: int
    amount: int
    fee: int
    by: str


def resolve_order(
    ledger: Ledger,
    at: int,
    name: str,
    said: Said,
    currency: str,
    settles: Callable[[date], date],
    proceeds: Proceeds = SETTLED,
) -> Intent:
    """Bring the books of one order to what a person says, and close it; return it as it is then.

    With ``"reuse"`` a buy is paid from money on its way first, like any other fill.

    Saying the same again changes nothing. Raises :class:`UsageError` for an order that does not
    exist, was never sent, or for more money than there is.
    """
    intent = named_intent(ledger, name)
    if intent is None:
        raise UsageError(f"there is no order {name!r}; `jeoul history CONFIG --json` lists them")
    if intent.state in ("new", "absent", "expired", "refused") and not intent.filled:
        raise UsageError(
            f"order {name} was never at the broker ({intent.state}), so there is nothing to "
            "resolve; run again"
        )
    if not 0 <= said.amount < _MOST or (said.filled == 0) != (said.amount == 0):
        raise UsageError(f"{said.filled} shares for {said.amount} make no sense; check the price")
    totals = (said.filled, said.amount, said.fee)
    if intent.done and (intent.filled, intent.amount, intent.fee) == totals:
        return intent
    with ledger.transaction():
        seq = ledger.append(
            "resolutions",
            at,
            intent=name,
            filled=said.filled,
            amount=said.amount,
            fee=said.fee,
            detail=compact({"by": said.by, "before": [intent.filled, intent.amount, intent.fee]}),
        )
        difference = Fill(
            side=intent.order.side,
            ticker=intent.order.ticker,
            shares=said.filled - intent.filled,
            amount=said.amount - intent.amount,
            fee=said.fee - intent.fee,
            session=intent.executed,
            settles=settles(intent.executed),
        )
        legs = legs_beside_others(ledger, difference, currency, proceeds)
        if any(legs.values()):
            note = f"{name} as {said.by} said"
            book(
                ledger,
                at,
                Transaction(
                    txn=f"resolved:{seq}",
                    kind="resolution",
                    session=intent.executed,
                    legs=legs,
                    note=note,
                ),
            )
        ledger.append(
            "order_events",
            at,
            intent=name,
            state="filled" if said.filled == intent.order.shares else "closed",
            order_id=None,
            detail=compact({"by": said.by, "filled": said.filled}),
        )
    found = named_intent(ledger, name)
    assert found is not None
    return found


def forget_clock(
    ledger: Ledger, at: int, account: str, strategy: str, session: date, by: str
) -> int:
    """Record that the ledger's newest time was wrong, and go on from ``at``; return the old time.

    A clock that was once ahead of the true time would otherwise stop every run until then.
    """
    newest = ledger.head().at
    with ledger.transaction():
        ledger.append(
            "notes",
            at,
            account=account,
            strategy=strategy,
            session=session.isoformat(),
            kind="clock",
            detail=compact({"by": by, "forgotten": newest}),
        )
    return newest
