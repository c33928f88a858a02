"""Kiwoom: domestic ETFs in a general or ISA account, simulation and real hosts.

The interface keeps no name of ours for an order, so that an unanswered order is found again by
what was not there before it. Fills are read from the dated list of orders (``kt00007``) alone: the
list of fills (``ka10076``) has no dates and showed those of an earlier session (2026-07-17). The
list of orders says the average price of the fills in whole won, so that an amount may be wrong by
less than a won a share; the difference is booked with the fees, which no list reports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kiwoom.questions import FORMS
from jeoul.operations.broker.kiwoom.rows import OPEN, read_account, read_orders, side, ticker
from jeoul.operations.broker.kiwoom.settings import KiwoomSettings
from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerContext,
    BrokerOrder,
    Ids,
    OrderRequest,
    Watermark,
)
from jeoul.operations.broker.rest.broker import BrokerQuestion, RestBroker, asked_as
from jeoul.operations.broker.rest.fields import Row, maybe, order_number, rows, text
from jeoul.operations.errors import Unanswered, Unreachable

if TYPE_CHECKING:
    from jeoul.operations.broker.kiwoom.wire import KiwoomWire

_VENUES = {"real": "%", "simulation": "KRX"}  # all venues; simulation offers KRX alone


class KiwoomBroker(RestBroker):
    """One account at Kiwoom."""

    kind = "kiwoom"
    ids = Ids.NONE

    def __init__(self, settings: KiwoomSettings, context: BrokerContext) -> None:
        from jeoul.operations.broker.kiwoom.wire import (
            KiwoomWire,  # a check of a config needs no httpx
        )
        from jeoul.operations.broker.rest.wire import Keys, RequestLine

        super().__init__(settings, context)
        self.settings = settings
        self.number = context.secrets[settings.account]
        line = RequestLine(settings.address, settings.mode, settings.timeout, settings.pace)
        keys = Keys(*(context.secrets[name] for name in settings.variables))
        self.wire: KiwoomWire = KiwoomWire(line, keys, context.state, context.clock)
        self._known = False

    def account(self) -> BrokerAccount:
        """Return the holdings and the cash by settlement, what can be sold and what can be spent.

        Raises :class:`Unreachable` where the keys belong to another account than the config's.
        """
        self._check_number()
        pages = self.balance()
        first = self.calendar.after(self.window.today())
        return read_account(pages, self.deposit(), (first, self.calendar.after(first)))

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session on every venue, ours or not, oldest first."""
        return read_orders(self.listed(session), session, over=self.window.is_past(session))

    def submit(self, request: OrderRequest) -> str:
        """Hand over one order, once; return its number."""
        body = {
            "dmst_stex_tp": "KRX",
            "stk_cd": request.ticker,
            "ord_qty": str(request.shares),
            "ord_uv": "" if request.limit is None else str(request.limit),
            "trde_tp": "3" if request.limit is None else "0",
            "cond_uv": "",
        }
        found = self.wire.order("kt10000" if request.side is Side.BUY else "kt10001", body)
        try:
            number = order_number(found, "ord_no")
        except Unreachable as error:
            raise Unanswered(str(error)) from error
        if not number:
            raise Unanswered("accepted without a number")
        return number

    def cancel(self, order: BrokerOrder) -> None:
        """Ask to cancel what is left of an order, once."""
        body = {
            "dmst_stex_tp": "KRX",
            "orig_ord_no": order.order_id.zfill(7),
            "stk_cd": order.ticker,
            "cncl_qty": "0",  # what is left
        }
        self.wire.order("kt10003", body)

    def listed_as_open(self, request: OrderRequest, before: Watermark) -> bool:
        """Return whether the list of open orders, over all venues, shows the order."""
        for row in (row for page in self.open_orders() for row in rows(page, OPEN)):
            number = order_number(row, "ord_no")
            known = f"{request.session.isoformat()}/{number}" in before.orders
            same = (side(row), ticker(row)) == (request.side, request.ticker)
            if same and maybe(row, "ord_qty") == request.shares and not known:
                return True
        return False

    def questions(self, session: date) -> Sequence[BrokerQuestion]:
        """Return what can be asked."""
        asks: dict[str, Callable[[], Sequence[Row]]] = {
            "account": lambda: (self.identity(),),
            "balance": self.balance,
            "deposit": lambda: (self.deposit(),),
            "orders": lambda: self.listed(session),
            "open orders": self.open_orders,
        }
        return asked_as(asks, FORMS)

    # -- the pages as they come ------------------------------------------------------------------

    def identity(self) -> Row:
        """Return the account that the keys belong to."""
        return self.wire.pages("ka00001", {})[0]

    def balance(self) -> Sequence[Row]:
        """Return the pages of the balance, each fund once."""
        return self.wire.pages("kt00018", {"qry_tp": "1", "dmst_stex_tp": "KRX"})

    def deposit(self) -> Row:
        """Return the deposits of today and of the next two sessions, and what can be ordered."""
        return self.wire.pages("kt00001", {"qry_tp": "3"})[0]

    def listed(self, session: date) -> Sequence[Row]:
        """Return the pages of the list of a session's orders."""
        body = {
            "ord_dt": session.strftime("%Y%m%d"),
            "qry_tp": "1",
            "stk_bond_tp": "1",
            "sell_tp": "0",
            "stk_cd": "",
            "fr_ord_no": "",
            "dmst_stex_tp": _VENUES[self.mode],
        }
        return self.wire.pages("kt00007", body)

    def open_orders(self) -> Sequence[Row]:
        """Return the pages of the orders that are open now."""
        body = {"all_stk_tp": "0", "trde_tp": "0", "stk_cd": "", "stex_tp": "0"}
        return self.wire.pages("ka10075", body)

    def _check_number(self) -> None:
        if self._known:
            return
        theirs = text(self.identity(), "acctNo")
        key = self.settings.account_key
        if not theirs or key(theirs) != key(self.number.reveal()):
            raise Unreachable(
                "the keys belong to another account than the config's; nothing was sent. Put the "
                "keys and the account number of one account into the environment, then run again"
            )
        self._known = True
