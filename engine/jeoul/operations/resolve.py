"""What a person says about an account, written into its ledger under the lock of its state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from jeoul.errors import UsageError
from jeoul.market.calendars import load_calendar
from jeoul.model.amount import parse_amount
from jeoul.model.money import UNITS, shown
from jeoul.operations.desk.intents import named_intent
from jeoul.operations.desk.resolution import Said, forget_clock, resolve_order
from jeoul.operations.ledger import (
    Ledger,
    Ledgers,
    existing_ledger,
    held_ledger,
    in_words,
    ledger_of,
)
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate
from jeoul.rebalance import settlement_date

_DEAREST = 10**9  # no share costs as much, in any currency


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """What a person says became of an order; without ``filled`` nothing more than is booked.

    ``price`` is of one share and ``fee`` of the whole order, in the currency's main unit.
    """

    order: str
    filled: int | None
    price: str | None
    fee: str | None
    by: str


def settle_order(
    config: Config,
    mandate: Mandate,
    clock: Clock,
    said: PersonStatement,
    ledgers: Ledgers = ledger_of,
) -> dict[str, Any]:
    """Bring one order and the books to what a person says; return the order as JSON values.

    Raises :class:`UsageError` for an order that does not exist or was never sent, and for amounts
    that cannot be.
    """
    currency = mandate.universe.currency
    calendar = load_calendar(mandate.strategy.calendar)
    with _ledger(config, ledgers) as ledger:
        intent = named_intent(ledger, said.order)
        if intent is None:
            raise UsageError(
                f"there is no order {said.order!r}; `jeoul history CONFIG --json` lists them"
            )
        filled = intent.filled if said.filled is None else said.filled
        amount = intent.amount if said.filled is None else _amount(said, filled, currency)
        if said.fee is not None:
            fee = _units("--fee", said.fee, currency)
        elif amount == intent.amount:
            fee = intent.fee
        else:
            fee = config.settings.broker.tariff(UNITS[currency]).costs(amount).fee
        found = resolve_order(
            ledger,
            int(clock.now()),
            said.order,
            Said(filled, amount, fee, said.by),
            currency,
            lambda session: settlement_date(calendar, session),
            config.settings.cash.proceeds,
        )
    return {
        "order": found.name,
        "state": found.state,
        "filled": found.filled,
        "amount": shown(found.amount, currency),
        "fee": shown(found.fee, currency),
    }


def forget(
    config: Config, mandate: Mandate, clock: Clock, by: str, ledgers: Ledgers = ledger_of
) -> str:
    """Let runs go on although the ledger's newest time is ahead; return that time."""
    now = int(clock.now())
    with _ledger(config, ledgers) as ledger:
        if ledger.head().at <= now:
            raise UsageError("the ledger's newest time is not ahead of the clock; run as usual")
        was = forget_clock(
            ledger,
            now,
            account=config.settings.name,
            strategy=mandate.strategy.name,
            session=datetime.fromtimestamp(now, UTC).date(),
            by=by,
        )
    return datetime.fromtimestamp(was, UTC).isoformat()


@contextmanager
def _ledger(config: Config, ledgers: Ledgers) -> Iterator[Ledger]:
    with in_words(config):
        existing_ledger(config, ledgers).close()
        with held_ledger(config, ledgers) as ledger:
            yield ledger


def _amount(said: PersonStatement, filled: int, currency: str) -> int:
    if not filled:
        return 0
    if said.price is None:
        raise UsageError("--filled needs the average price of a share: add --at PRICE")
    price = _money("--at", said.price, "a price; write it as 37125", currency)
    if not 0 < price < _DEAREST:
        raise UsageError(f"--at {said.price!r} is not a price; write it as 37125")
    return int((price * filled * UNITS[currency]).to_integral_value())


def _units(option: str, text: str, currency: str) -> int:
    amount = _money(option, text, "an amount; write it as 1200", currency)
    if not 0 <= amount < _DEAREST:
        raise UsageError(f"{option} {text!r} is not an amount; write it as 1200")
    return int((amount * UNITS[currency]).to_integral_value())


def _money(option: str, text: str, wanted: str, currency: str) -> Decimal:
    try:
        amount = parse_amount(text)
    except UsageError:
        raise UsageError(f"{option} {text!r} is not {wanted}") from None
    if amount.currency not in (None, currency):
        raise UsageError(
            f"the {option} is written in {amount.currency}, but the account is in {currency}; "
            "convert it"
        )
    return amount.value
