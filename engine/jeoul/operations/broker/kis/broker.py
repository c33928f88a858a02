"""Korea Investment: domestic ETFs in a general or ISA account, simulation and real hosts.

The interface keeps no name of ours for an order, so that an unanswered order is found again by
what was not there before it. Pension accounts have no order interface: use the ticket for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from jeoul.model.portfolio import Side
from jeoul.operations.broker.kis.account import read_account
from jeoul.operations.broker.kis.codes import rows_of
from jeoul.operations.broker.kis.days import opens
from jeoul.operations.broker.kis.etf import read_indicative
from jeoul.operations.broker.kis.orders import order_id, read_orders
from jeoul.operations.broker.kis.questions import FORMS
from jeoul.operations.broker.kis.rights import read_rights
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.port import (
    BrokerAccount,
    BrokerContext,
    BrokerOrder,
    Hours,
    Ids,
    IndicativeValue,
    Movement,
    OrderRequest,
    Watermark,
)
from jeoul.operations.broker.rest.broker import BrokerQuestion, RestBroker, asked_as
from jeoul.operations.broker.rest.fields import Row, code, maybe, money, order_number, text
from jeoul.operations.errors import Unanswered, Unreachable
from jeoul.operations.setup.secrets import Secret

if TYPE_CHECKING:
    from jeoul.operations.broker.kis.wire import KisWire


TRADING = "/uapi/domestic-stock/v1/trading"
HOLIDAYS = "/uapi/domestic-stock/v1/quotations/chk-holiday"
ETF_PRICE = "/uapi/etfetn/v1/quotations/inquire-price"

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
        "etf price": "FHPST02400000",
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
PROBED = "069500"  # the fund of the portal's example: a probe asks for its price
_RIGHTS = timedelta(days=60)  # how far back a distribution can have its record date


class KisBroker(RestBroker):
    """One account at Korea Investment."""

    kind = "kis"
    ids = Ids.NONE

    def __init__(self, settings: KisSettings, context: BrokerContext) -> None:
        from jeoul.operations.broker.kis.wire import KisWire  # a check of a config needs no httpx
        from jeoul.operations.broker.rest.wire import Keys, RequestLine

        super().__init__(settings, context)
        self.settings = settings
        self.state = context.state
        number = context.secrets[settings.account].reveal()
        self._prices_answer = True
        self.customer = Secret(settings.account_key(number))
        self.tr_ids = _IDS[settings.mode]
        line = RequestLine(settings.address, settings.mode, settings.timeout, settings.pace)
        keys = Keys(*(context.secrets[name] for name in settings.variables))
        self.wire: KisWire = KisWire(
            line, keys, context.state, context.clock, hashkey=settings.hashkey
        )

    def hours(self, session: date) -> Hours:
        """Return whether orders of a session can be handed over now.

        Raises :class:`Unreachable` if the broker says that the exchange is closed on a session.
        """
        found = super().hours(session)
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
        return read_rights(self.rights(), self.window.today())

    def rights(self) -> Sequence[Row]:
        """Return the pages of the account's list of rights."""
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
        return self.wire.pages(f"{TRADING}/period-rights", self.tr_ids["rights"], params)

    def account(self) -> BrokerAccount:
        """Return the holdings and the cash by settlement, what can be sold and what can be spent.

        The balance gives the deposit as it will be today, tomorrow and the day after, and what a
        CMA account keeps; what is there on all days and can be ordered without credit is cash.
        """
        pages = self.balance()
        first = self.calendar.after(self.window.today())
        days = first, self.calendar.after(first)
        orderable = money(next(iter(rows_of(self.orderable(), "output")), {}), "nrcvb_buy_amt")
        return read_account(pages, orderable, days)

    def balance(self) -> Sequence[Row]:
        """Return the pages of the balance."""
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
        return self.wire.pages(f"{TRADING}/inquire-balance", self.tr_ids["balance"], params)

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session on every venue, ours or not, oldest first."""
        return read_orders(self.listed(session), session, over=self.window.is_past(session))

    def listed(self, session: date) -> Sequence[Row]:
        """Return the pages of the list of a session's orders."""
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
        return self.wire.pages(f"{TRADING}/inquire-daily-ccld", self.tr_ids[which], params)

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
            number = order_number(output, "ODNO")
            branch = text(output, "KRX_FWDG_ORD_ORGNO")
        except Unreachable as error:
            raise Unanswered(str(error)) from error
        if not number:
            raise Unanswered("accepted without a number")
        return order_id(branch, number)

    def cancel(self, order: BrokerOrder) -> None:
        """Ask to cancel what is left of an order, once."""
        branch, _, number = order.order_id.rpartition("-")
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

    def listed_as_open(self, request: OrderRequest, before: Watermark) -> bool | None:
        """Return whether the order can be cancelled; simulation has no list of those."""
        return self._can_be_cancelled(request, before) if "cancellable" in self.tr_ids else None

    def cancellable(self, side: str = "0") -> Sequence[Row]:
        """Return the pages of the orders that can be cancelled; ``0`` are those of both sides."""
        params = {**self._owner(), "INQR_DVSN_1": "0", "INQR_DVSN_2": side}
        path = f"{TRADING}/inquire-psbl-rvsecncl"
        return self.wire.pages(path, self.tr_ids["cancellable"], params)

    def orderable(self) -> Row:
        """Return what the account can order."""
        params = {
            **self._owner(),
            "PDNO": "",
            "ORD_UNPR": "",
            "ORD_DVSN": "00",
            "CMA_EVLU_AMT_ICLD_YN": "Y",
            "OVRS_ICLD_YN": "N",
        }
        return self.wire.ask(f"{TRADING}/inquire-psbl-order", self.tr_ids["orderable"], params)

    def indicative(self, ticker: str) -> IndicativeValue | None:
        """Return a fund's indicative value on the real host; simulation does not have it.

        After a question without an answer no other fund is asked for: each takes half a minute.
        """
        if "etf price" not in self.tr_ids:
            return None
        if self._prices_answer:
            try:
                return read_indicative(self.etf_price(ticker))
            except Unreachable:
                if self.wire.asked[-1].verdict is not None:  # it answered, and said no
                    return IndicativeValue(fault="refused")
                self._prices_answer = False
        return IndicativeValue(fault="unanswered")

    def etf_price(self, ticker: str) -> Row:
        """Return a fund's price and value of the moment at the exchange."""
        params = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": ticker}
        return self.wire.ask(ETF_PRICE, self.tr_ids["etf price"], params)

    def open_days(self) -> Row:
        """Return the exchange's open days from today on."""
        today = self.window.today().strftime("%Y%m%d")
        params = {"BASS_DT": today, "CTX_AREA_NK": "", "CTX_AREA_FK": ""}
        return self.wire.ask(HOLIDAYS, self.tr_ids["holidays"], params)

    def questions(self, session: date) -> Sequence[BrokerQuestion]:
        """Return what can be asked at the host of this mode."""
        asks: dict[str, Callable[[], Sequence[Row]]] = {
            "balance": self.balance,
            "orderable": lambda: (self.orderable(),),
            "orders": lambda: self.listed(session),
            "cancellable": self.cancellable,
            "rights": self.rights,
            "holidays": lambda: (self.open_days(),),
            "etf price": lambda: (self.etf_price(PROBED),),
        }
        return asked_as({name: ask for name, ask in asks.items() if name in self.tr_ids}, FORMS)

    def _can_be_cancelled(self, request: OrderRequest, before: Watermark) -> bool:
        pages = self.cancellable("2" if request.side is Side.BUY else "1")
        for row in (row for page in pages for row in rows_of(page, "output")):
            number = order_id(text(row, "ord_gno_brno"), order_number(row, "odno"))
            known = f"{request.session.isoformat()}/{number}" in before.orders
            same = code(row, "pdno") == request.ticker and maybe(row, "ord_qty") == request.shares
            if same and not known:
                return True
        return False

    def _opens(self, session: date) -> bool | None:
        if "holidays" not in self.tr_ids:
            return None
        return opens(self.state, session, self.window.today(), self.open_days)

    def _owner(self) -> dict[str, str]:
        return {"CANO": self.customer.reveal(), "ACNT_PRDT_CD": self.settings.product}


def recent_from(today: date) -> date:
    """Return the first day that the recent list of orders has: it goes by whole months.

    >>> recent_from(date(2024, 4, 25)), recent_from(date(2024, 2, 1))
    (datetime.date(2024, 1, 1), datetime.date(2023, 11, 1))
    """
    months = today.year * 12 + today.month - 1 - 3
    return date(months // 12, months % 12 + 1, 1)
