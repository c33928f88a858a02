"""Korea Investment: domestic ETFs in a general or ISA account, simulation and real hosts.

The interface keeps no name of ours for an order, so that an unanswered order is found again by
what was not there before it. Pension accounts have no order interface: use the ticket for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from jeoul.model.portfolio import Side
from jeoul.operations.broker.hours import Window
from jeoul.operations.broker.kis.account import read_account
from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.kis.days import opens
from jeoul.operations.broker.kis.orders import order_id, order_number, read_orders
from jeoul.operations.broker.kis.rights import read_rights
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.port import (
    Account,
    Broker,
    BrokerContext,
    BrokerOrder,
    Footing,
    Hours,
    Ids,
    Movement,
    OrderRequest,
    Watermark,
    is_like,
)
from jeoul.operations.broker.rest.fields import code, maybe, money, text
from jeoul.operations.errors import Unanswered, Unreachable

if TYPE_CHECKING:
    from jeoul.operations.broker.kis.wire import Wire


TRADING = "/uapi/domestic-stock/v1/trading"
HOLIDAYS = "/uapi/domestic-stock/v1/quotations/chk-holiday"

_IDS = {  # by mode; what is missing in simulation is not offered there
    "real": {
        "balance": "TTTC8434R",
        "buy": "TTTC0012U",
        "sell": "TTTC0011U",
        "cancel": "TTTC0013U",
        "orders": "TTTC0081R",
        "older orders": "CTSC9215R",
        "orderable": "TTTC8908R",
        "cancellable": "TTTC0084R",
        "rights": "CTRGA011R",
        "holidays": "CTCA0903R",
    },
    "simulation": {
        "balance": "VTTC8434R",
        "buy": "VTTC0012U",
        "sell": "VTTC0011U",
        "cancel": "VTTC0013U",
        "orders": "VTTC0081R",
        "older orders": "VTSC9215R",
        "orderable": "VTTC8908R",
    },
}
_VENUES = {"real": "ALL", "simulation": "KRX"}  # KRX alone leaves out what went to NXT or by SOR
_RIGHTS = timedelta(days=60)  # how far back a distribution can have its record date

# An order was listed 130 s late on 2026-10-07, on a host that nobody has measured in real mode:
# that one is not there proves something only after many times that.
ABSENCE = 900.0


class KisBroker(Broker):
    """One account at Korea Investment."""

    kind = "kis"
    ids = Ids.NONE

    def __init__(self, settings: KisSettings, context: BrokerContext) -> None:
        from jeoul.operations.broker.kis.wire import (  # a check of a config needs no httpx
            Line,
            Wire,
        )

        self.settings = settings
        self.state = context.state
        self.calendar = context.calendar
        self.clock = context.clock
        self.window = Window(context.calendar, context.clock)
        self.number = context.secrets[settings.account]
        self.visibility = settings.visibility
        self.tr_ids = _IDS[settings.mode]
        line = Line(
            settings.address, settings.mode, settings.timeout, settings.pace, settings.hashkey
        )
        keys = context.secrets[settings.appkey], context.secrets[settings.appsecret]
        self.wire: Wire = Wire(line, *keys, context.state, context.clock, hidden=self.number)

    def close(self) -> None:
        """Close the connection."""
        self.wire.close()

    def hours(self, session: date) -> Hours:
        """Return whether orders of a session can be handed over now.

        Raises :class:`Unreachable` if the broker says that the exchange is closed on a session.
        """
        found = self.window.hours(session)
        if found is Hours.OPEN and self._opens(session) is False:
            raise Unreachable(
                f"the broker says that the exchange is closed on {session}, and the calendar has "
                "a session there; nothing was sent. Compare with the exchange's notices, bring "
                "jeoul's calendar up to date, then run again"
            )
        return found

    def movements(self) -> Sequence[Movement]:
        """Return the distributions, taxes and splits of the last weeks that the account shows."""
        if "rights" not in self.tr_ids:
            return ()
        today = self.window.today()
        params = {
            **self._owner(),
            "INQR_DVSN": "03",
            "CUST_RNCNO25": "",
            "HMID": "",
            "INQR_STRT_DT": (today - _RIGHTS).strftime("%Y%m%d"),
            "INQR_END_DT": today.strftime("%Y%m%d"),
            "RGHT_TYPE_CD": "",
            "PDNO": "",
            "PRDT_TYPE_CD": "",
        }
        pages = self.wire.pages(f"{TRADING}/period-rights", self.tr_ids["rights"], params)
        return read_rights(pages, today)

    def account(self) -> Account:
        """Return the holdings and the cash by settlement, what can be sold and what can be spent.

        The balance gives the deposit as it will be today, tomorrow and the day after, and what a
        CMA account keeps; what is there on all days and can be ordered without credit is cash.
        """
        params = {
            **self._owner(),
            "AFHR_FLPR_YN": "N",
            "OFL_YN": "",
            "INQR_DVSN": "02",
            "UNPR_DVSN": "01",
            "FUND_STTL_ICLD_YN": "N",
            "FNCG_AMT_AUTO_RDPT_YN": "N",
            "PRCS_DVSN": "00",
        }
        pages = self.wire.pages(f"{TRADING}/inquire-balance", self.tr_ids["balance"], params)
        first = self.calendar.after(self.window.today())
        return read_account(pages, self._orderable(), (first, self.calendar.after(first)))

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session on every venue, ours or not, oldest first."""
        day = session.strftime("%Y%m%d")
        params = {
            **self._owner(),
            "INQR_STRT_DT": day,
            "INQR_END_DT": day,
            "SLL_BUY_DVSN_CD": "00",
            "PDNO": "",
            "CCLD_DVSN": "00",
            "INQR_DVSN": "01",
            "INQR_DVSN_3": "00",
            "ORD_GNO_BRNO": "",
            "ODNO": "",
            "INQR_DVSN_1": "",
            "EXCG_ID_DVSN_CD": _VENUES[self.settings.mode],
        }
        which = "orders" if session >= recent_from(self.window.today()) else "older orders"
        pages = self.wire.pages(f"{TRADING}/inquire-daily-ccld", self.tr_ids[which], params)
        return read_orders(pages, session, over=self.window.is_past(session))

    def submit(self, request: OrderRequest) -> str:
        """Hand over one order, once; return its branch and number."""
        buys = request.side is Side.BUY
        body = {
            **self._owner(),
            "PDNO": request.ticker,
            "ORD_DVSN": "01" if request.limit is None else "00",
            "ORD_QTY": str(request.shares),
            "ORD_UNPR": str(request.limit or 0),
            "EXCG_ID_DVSN_CD": "KRX",
            "SLL_TYPE": "" if buys else "01",
            "CNDT_PRIC": "",
        }
        output = self.wire.order(
            f"{TRADING}/order-cash", self.tr_ids["buy" if buys else "sell"], body
        )
        try:
            number = order_number(text(output, "ODNO"))
            branch = text(output, "KRX_FWDG_ORD_ORGNO")
        except Unreachable as error:
            raise Unanswered(str(error)) from error
        if not number:
            raise Unanswered("accepted without a number")
        return order_id(branch, number)

    def cancel(self, order: str) -> None:
        """Ask to cancel what is left of an order, once; the list says what came of it.

        Raises what :meth:`submit` raises, about the instruction to cancel.
        """
        branch, _, number = order.rpartition("-")
        body = {
            **self._owner(),
            "KRX_FWDG_ORD_ORGNO": branch,
            "ORGN_ODNO": number.zfill(10),
            "ORD_DVSN": "00",
            "RVSE_CNCL_DVSN_CD": "02",
            "ORD_QTY": "0",
            "ORD_UNPR": "0",
            "QTY_ALL_ORD_YN": "Y",
            "EXCG_ID_DVSN_CD": "KRX",
        }
        self.wire.order(f"{TRADING}/order-rvsecncl", self.tr_ids["cancel"], body)

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        """Return the signs that an order never arrived: list, balance, what can be cancelled.

        None within fifteen minutes of sending. The last sign exists on the real host alone, and
        for a session that goes on. That an order binds cash or shares at once is assumed.
        """
        if self.clock.now() - before.at < ABSENCE:
            return ()
        if any(is_like(order, request, before.orders) for order in self.orders(request.session)):
            return ()
        found = ["the list of orders"]
        over = self.window.is_past(request.session)
        if "cancellable" in self.tr_ids and not over:
            if self._can_be_cancelled(request, before):
                return ()
            found.append("the orders that can be cancelled")
        if before.footing is not None:
            now = Footing.of(self.account(), request.ticker)
            if now.held != before.footing.held:
                return ()
            if over or now == before.footing:
                found.append("the balance")
        return found

    def _can_be_cancelled(self, request: OrderRequest, before: Watermark) -> bool:
        side = "2" if request.side is Side.BUY else "1"
        params = {**self._owner(), "INQR_DVSN_1": "0", "INQR_DVSN_2": side}
        pages = self.wire.pages(
            f"{TRADING}/inquire-psbl-rvsecncl", self.tr_ids["cancellable"], params
        )
        for row in (row for page in pages for row in rows_of(page, "output")):
            number = order_id(text(row, "ord_gno_brno"), order_number(text(row, "odno")))
            known = f"{request.session.isoformat()}/{number}" in before.orders
            same = code(row, "pdno") == request.ticker and maybe(row, "ord_qty") == request.shares
            if same and not known:
                return True
        return False

    def _orderable(self) -> int:
        params = {
            **self._owner(),
            "PDNO": "",
            "ORD_UNPR": "",
            "ORD_DVSN": "00",
            "CMA_EVLU_AMT_ICLD_YN": "Y",
            "OVRS_ICLD_YN": "N",
        }
        page = self.wire.ask(f"{TRADING}/inquire-psbl-order", self.tr_ids["orderable"], params)
        (row,) = rows_of(page, "output")[:1] or ({},)
        return money(row, "nrcvb_buy_amt")

    def _opens(self, session: date) -> bool | None:
        if "holidays" not in self.tr_ids:
            return None
        today = self.window.today()
        params = {"BASS_DT": today.strftime("%Y%m%d"), "CTX_AREA_NK": "", "CTX_AREA_FK": ""}
        return opens(
            self.state,
            session,
            today,
            lambda: self.wire.ask(HOLIDAYS, self.tr_ids["holidays"], params),
        )

    def _owner(self) -> dict[str, str]:
        return {"CANO": self.number.reveal(), "ACNT_PRDT_CD": self.settings.product}


def recent_from(today: date) -> date:
    """Return the first day that the recent list of orders has: it goes by whole months.

    >>> recent_from(date(2024, 4, 25)), recent_from(date(2024, 2, 1))
    (datetime.date(2024, 1, 1), datetime.date(2023, 11, 1))
    """
    months = today.year * 12 + today.month - 1 - 3
    return date(months // 12, months % 12 + 1, 1)
