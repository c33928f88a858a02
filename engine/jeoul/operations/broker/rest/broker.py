"""What the brokers with a REST interface have in common, beside their line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.operations.broker.hours import OrderWindow
from jeoul.operations.broker.port import (
    Broker,
    BrokerContext,
    BrokerOrder,
    Footing,
    Hours,
    OrderRequest,
    Watermark,
    is_like,
)
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.broker.rest.wire import RestWire

# Lists were 130 s late at one broker and seconds late at others, on hosts that nobody has measured
# in real mode: that an order is not there proves something only after many times that.
ABSENCE = 900.0


@dataclass(frozen=True, slots=True)
class BrokerQuestion:
    """One question that moves no money: how to ask it, and the form of its answer.

    ``rows`` maps a list of rows, or ``""`` for the answer itself, to the fields that the adapter
    reads there, each with the form that it expects (:mod:`jeoul.operations.probe.forms`).
    """

    name: str
    ask: Callable[[], Sequence[Mapping[str, Any]]]
    rows: Mapping[str, Mapping[str, str]]


def asked_as(
    asks: Mapping[str, Callable[[], Sequence[Mapping[str, Any]]]],
    forms: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> list[BrokerQuestion]:
    """Return questions by name, each with the form of its answer."""
    return [BrokerQuestion(name, ask, forms[name]) for name, ask in asks.items()]


class RestBroker(Broker):
    """One account at a broker with a REST interface."""

    wire: RestWire
    sales_first = True

    def __init__(self, settings: RestSettings, context: BrokerContext) -> None:
        self.mode = settings.mode
        self.calendar = context.calendar
        self.clock = context.clock
        self.window = OrderWindow(context.calendar, context.clock)
        self.visibility = settings.visibility
        self.fill_wait = settings.fill_wait

    def close(self) -> None:
        """Close the connection."""
        self.wire.close()

    def hours(self, session: date) -> Hours:
        """Return whether orders of a session can be handed over now, by the calendar."""
        return self.window.hours(session)

    def host_time(self) -> float | None:
        """Return the time of the host by its newest answer."""
        return self.wire.host_time()

    @abstractmethod
    def cancel(self, order: BrokerOrder) -> None:
        """Ask to cancel what is left of an order, once; the list says what came of it.

        Raises what :meth:`submit` raises, about the instruction to cancel.
        """

    @abstractmethod
    def questions(self, session: date) -> Sequence[BrokerQuestion]:
        """Return what can be asked without moving money, on a session."""

    def listed_as_open(self, request: OrderRequest, before: Watermark) -> bool | None:  # noqa: ARG002
        """Return whether another list shows the order as open; None without such a list."""
        return None

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        """Return the signs that an order never arrived: lists and balance.

        None within fifteen minutes of sending, by this machine's clock and by the host's, and none
        where the host did not say its time: somebody may have set this machine's clock forward.
        That an order binds cash or shares at once is assumed, and that what filled sales bring
        can be ordered at once.
        """
        if self.clock.now() - before.at < ABSENCE:
            return ()
        if any(is_like(order, request, before.orders) for order in self.orders(request.session)):
            return ()
        host = self.host_time()
        if host is None or before.host is None or host - before.host < ABSENCE:
            return ()
        found = ["the list of orders"]
        over = self.window.is_past(request.session)
        other = None if over else self.listed_as_open(request, before)
        if other:
            return ()
        if other is False:
            found.append("the list of open orders")
        if before.footing is not None:
            account = self.account()
            now = None if account is None else Footing.of(account, request.ticker)
            if now is None or now.held != before.footing.held:
                return ()
            cost = None if request.limit is None else request.limit * request.shares
            if over or now.is_after(before.footing, before.brought, cost):
                found.append("the balance")
        return found
