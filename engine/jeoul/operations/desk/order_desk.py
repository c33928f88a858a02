"""The order desk: what an order is handed over with, and what the ledger keeps of each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.operations.broker.port import Broker, BrokerOrder, checked
from jeoul.operations.desk.buy_terms import BuyRules, BuyTerms, keep
from jeoul.operations.desk.intents import Intent, compact
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.clock import Clock
from jeoul.rebalance import Tariff

Checkpoint = Callable[[str], None]


def unwatched(step: str) -> None:
    """Let a step pass; what a run uses when nobody wants to know where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDesk:
    """Where orders are handed over: ledger, broker, clock, fees and settlement of one account.

    ``fees`` are used where the broker does not tell them; ``settles`` maps a session to the date on
    which its trades settle; ``proceeds`` says when buys spend what sales bring. ``buy_rules`` are
    those of the account's funds. ``tried`` is what this run's last try of each order came to.
    """

    ledger: Ledger
    broker: Broker
    clock: Clock
    currency: str
    fees: Tariff
    settles: Callable[[date], date]
    buy_rules: BuyRules
    checkpoint: Checkpoint = unwatched
    proceeds: Proceeds = SETTLED
    tried: dict[str, BuyTerms] = field(default_factory=dict)

    def at(self) -> int:
        """Return the time as the ledger keeps it."""
        return int(self.clock.now())


def record(
    desk: OrderDesk,
    intent: Intent,
    state: str,
    detail: Mapping[str, object],
    step: str | None = None,
    order_id: str | None = None,
) -> Intent:
    """Add an event to an order and return the order with it; ``step`` names the moment."""
    text = compact(detail)
    with desk.ledger.transaction():
        desk.ledger.append(
            "order_events",
            desk.at(),
            intent=intent.name,
            state=state,
            order_id=order_id,
            detail=text,
        )
        if step is not None:
            desk.checkpoint(step)
    return intent.after(state, text, order_id)


def tried(desk: OrderDesk, intent: Intent, terms: BuyTerms) -> BuyTerms:
    """Return what a try of an order came to, and keep a note of it where it is news to this run."""
    if terms.did and desk.tried.get(intent.name) != terms:
        keep(desk.ledger, desk.at(), intent, terms)
    desk.tried[intent.name] = terms
    return terms


def listed(desk: OrderDesk, session: date) -> tuple[BrokerOrder, ...]:
    """Return the broker's orders of a session; raise for a list that makes no sense."""
    return checked(desk.broker.orders(session))
