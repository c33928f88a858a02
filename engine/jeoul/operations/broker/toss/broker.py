"""Toss Securities: domestic ETFs in a brokerage account; the interface has no simulation.

An order carries a name that is taken once for ten minutes: the same order again under the same name
gives the number of the first. The list of orders does not show it. After ten minutes the same name
is a new order, so that an unanswered order is then looked for as at a broker without names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerContext,
    BrokerOrder,
    Ids,
    OrderRequest,
)
from jeoul.operations.broker.rest.broker import BrokerQuestion, RestBroker, asked_as
from jeoul.operations.broker.rest.fields import Row, count, text
from jeoul.operations.broker.toss.questions import FORMS
from jeoul.operations.broker.toss.rows import (
    read_holdings,
    read_orders,
    read_sequence,
    result,
)
from jeoul.operations.broker.toss.settings import TossSettings
from jeoul.operations.errors import NotSent, Unanswered, Unreachable

if TYPE_CHECKING:
    from jeoul.operations.broker.toss.wire import TossWire

ORDERS = "/api/v1/orders"
NAMED = 36  # characters of a name at most
LASTS = 600.0  # published: seconds for which a name is taken once


class TossBroker(RestBroker):
    """One account at Toss Securities."""

    kind = "toss"
    ids = Ids.KEY
    name_lasts = LASTS / 2  # neither clock is known to be right

    def __init__(self, settings: TossSettings, context: BrokerContext) -> None:
        from jeoul.operations.broker.rest.wire import Keys, RequestLine
        from jeoul.operations.broker.toss.wire import TossWire  # a check of a config needs no httpx

        super().__init__(settings, context)
        self.number = context.secrets[settings.account]
        self.confirm = settings.confirm_large
        line = RequestLine(settings.address, settings.mode, settings.timeout, settings.pace)
        keys = Keys(*(context.secrets[name] for name in settings.variables))
        self.wire: TossWire = TossWire(line, keys, context.state, context.clock)
        self._sequence: str | None = None
        self._others: Mapping[str, int | str] = {}

    def account(self) -> BrokerAccount:
        """Return the holdings, what of them can be sold, and the cash that buys can spend.

        The interface tells no deposits by day: the buying power is all of the money. What the books
        know of settlement limits what is spent.
        """
        shares, self._others = read_holdings(self.holdings())
        free = {
            ticker: count(result(self.sellable(ticker)), "sellableQuantity") for ticker in shares
        }
        locked = {ticker: max(held - free[ticker], 0) for ticker, held in shares.items()}
        cash = count(result(self.buying_power()), "cashBuyingPower")
        return BrokerAccount(
            shares=shares,
            cash=cash,
            unsettled={},
            locked={name: n for name, n in locked.items() if n},
            orderable=cash,
        )

    def outside(self) -> Mapping[str, int | str]:
        """Return the foreign shares that the newest answer about holdings had."""
        return self._others

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session, ours or not, oldest first.

        Those that wait are asked for first: an order that ends meanwhile is then in both lists, and
        never in none.
        """
        live, closed = self.listed(session, "OPEN"), self.listed(session, "CLOSED")
        return read_orders(live, closed, session, over=self.window.is_past(session))

    def submit(self, request: OrderRequest) -> str:
        """Hand over one order, once; return its number."""
        priced = {"orderType": "MARKET"}
        if request.limit is not None:
            priced = {"orderType": "LIMIT", "price": str(request.limit)}
        body = {
            "clientOrderId": name_of(request.name),
            "symbol": request.ticker,
            "side": str(request.side),
            "timeInForce": "DAY",
            "quantity": str(request.shares),
            **priced,
            **({"confirmHighValueOrder": True} if self.confirm else {}),
        }
        found = self.wire.order(ORDERS, body, self._account_or_not_sent())
        echoed = found.get("clientOrderId")
        if echoed is not None and echoed != body["clientOrderId"]:
            raise Unanswered("accepted under another name than the order's")
        return self._number(found)

    def cancel(self, order: BrokerOrder) -> None:
        """Ask to cancel what is left of an order, once; the answer has a number of its own."""
        path = f"{ORDERS}/{order.order_id}/cancel"
        self._number(self.wire.order(path, {}, self._account_or_not_sent()))

    def questions(self, session: date) -> Sequence[BrokerQuestion]:
        """Return what can be asked."""
        asks: dict[str, Callable[[], Sequence[Row]]] = {
            "accounts": lambda: (self.accounts(),),
            "holdings": lambda: (self.holdings(),),
            "buying power": lambda: (self.buying_power(),),
            "open orders": lambda: self.listed(session, "OPEN"),
            "closed orders": lambda: self.listed(session, "CLOSED"),
        }
        return asked_as(asks, FORMS)

    # -- the answers as they come ----------------------------------------------------------------

    def accounts(self) -> Row:
        """Return the accounts that the client may see."""
        return self.wire.ask("/api/v1/accounts")

    def holdings(self) -> Row:
        """Return what the account holds."""
        return self.wire.ask("/api/v1/holdings", account=self._account())

    def sellable(self, ticker: str) -> Row:
        """Return how many shares of a fund can be sold."""
        path = "/api/v1/sellable-quantity"
        return self.wire.ask(path, {"symbol": ticker}, account=self._account())

    def buying_power(self) -> Row:
        """Return what buys can spend, in won and without credit."""
        path = "/api/v1/buying-power"
        return self.wire.ask(path, {"currency": "KRW"}, account=self._account())

    def listed(self, session: date, status: str) -> Sequence[Row]:
        """Return the pages of the orders of a session that wait (OPEN) or are over (CLOSED)."""
        day = session.isoformat()
        params = {"status": status, "from": day, "to": day}
        if status == "CLOSED":
            params["limit"] = "100"
        return self.wire.pages(ORDERS, params, self._account())

    def _account(self) -> str:
        if self._sequence is None:
            self._sequence = read_sequence(self.accounts(), self.number.reveal())
        return self._sequence

    def _account_or_not_sent(self) -> str:
        try:
            return self._account()
        except Unreachable as error:
            raise NotSent(str(error)) from error

    @staticmethod
    def _number(found: Row) -> str:
        try:
            number = text(found, "orderId")
        except Unreachable as error:
            raise Unanswered(str(error)) from error
        if not number or not number.replace("-", "").replace("_", "").isalnum():
            raise Unanswered("accepted without a number")
        return number


def name_of(name: str) -> str:
    """Return the name under which an order is handed over: the same for the same order.

    Names of orders have dots and may be longer than the broker takes.

    >>> name_of("live.managed.2026-03-03.01") == name_of("live.managed.2026-03-03.01")
    True
    >>> len(name_of("x" * 500))
    36
    """
    return f"jeoul-{hashlib.sha256(name.encode()).hexdigest()}"[:NAMED]
