"""Korea Investment: domestic ETFs in a general or ISA account, simulation and real hosts.

The interface keeps no name of ours for an order, so that an unanswered order is found again by
what was not there before it. Pension accounts have no order interface: use the ticket for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import Field, model_validator

from jeoul.model.calendar import moment
from jeoul.model.portfolio import Side
from jeoul.operations.broker.hours import Window
from jeoul.operations.broker.port import (
    Account,
    Broker,
    BrokerContext,
    BrokerOrder,
    Hours,
    Ids,
    OrderRequest,
    OrderState,
)
from jeoul.operations.errors import Unanswered, Unreachable
from jeoul.operations.setup.brokers import LimitBrokerSettings
from jeoul.operations.setup.tables import Variable

if TYPE_CHECKING:
    from jeoul.operations.broker.kis_wire import Wire

HOSTS = {
    "simulation": "https://openapivts.koreainvestment.com:29443",
    "real": "https://openapi.koreainvestment.com:9443",
}

BALANCE = "/uapi/domestic-stock/v1/trading/inquire-balance"
ORDER = "/uapi/domestic-stock/v1/trading/order-cash"
ORDERS = "/uapi/domestic-stock/v1/trading/inquire-daily-ccld"

_IDS = {  # by mode: balance, buy, sell, orders of the last three months, older orders
    "real": ("TTTC8434R", "TTTC0012U", "TTTC0011U", "TTTC0081R", "CTSC9215R"),
    "simulation": ("VTTC8434R", "VTTC0012U", "VTTC0011U", "VTTC0081R", "VTSC9215R"),
}
_RECENT = timedelta(days=88)
_SIDES = {"01": Side.SELL, "02": Side.BUY}


class KisSettings(LimitBrokerSettings):
    """Korea Investment's REST interface. The three variables hold secrets; their names are here.

    ``host`` is one of the two official hosts or, for tests, a loopback address.
    """

    kind: Literal["kis"]
    mode: Literal["simulation", "real"]
    host: str | None = None
    appkey: Variable = "KIS_APPKEY"
    appsecret: Variable = "KIS_APPSECRET"
    account: Variable = "KIS_ACCOUNT"
    product: Literal["01"] = "01"
    hashkey: bool = False
    visibility: Annotated[float, Field(ge=0.0, le=600.0)] = 30.0
    timeout: Annotated[float, Field(gt=0.0, le=60.0)] = 10.0

    account_kinds = frozenset({"general", "isa"})
    company = "Korea Investment"
    reuses_proceeds = False  # a buy is refused there until the sale that pays it is filled

    @model_validator(mode="after")
    def _official(self) -> Self:
        if self.host is not None and not is_allowed(self.host, self.mode):
            raise ValueError(
                f"{self.host!r} is no host of the {self.mode} mode; leave it out, or use "
                f"{HOSTS[self.mode]} or a loopback address"
            )
        return self

    @property
    def address(self) -> str:
        """Return the address that requests go to."""
        return self.host or HOSTS[self.mode]

    @property
    def variables(self) -> Sequence[str]:
        """Return the variables of the application's key and secret and of the account number."""
        return self.appkey, self.appsecret, self.account


SETTINGS = KisSettings


def connect(settings: KisSettings, context: BrokerContext) -> KisBroker:
    """Return the account whose number is among the secrets."""
    return KisBroker(settings, context)


def is_allowed(host: str, mode: str) -> bool:
    """Return whether a host may see the secrets of a mode: the official one, or this machine.

    >>> is_allowed("http://127.0.0.1:8080", "real"), is_allowed("https://127.0.0.1.evil", "real")
    (True, False)
    """
    if host == HOSTS[mode]:
        return True
    scheme, _, rest = host.partition("://")
    name, colon, port = rest.rpartition(":")
    loopback = name in ("127.0.0.1", "localhost", "[::1]")
    return scheme == "http" and loopback and bool(colon) and port.isdecimal()


class KisBroker(Broker):
    """One account at Korea Investment."""

    kind = "kis"
    ids = Ids.NONE

    def __init__(self, settings: KisSettings, context: BrokerContext) -> None:
        from jeoul.operations.broker.kis_wire import Wire  # a check of a config needs no httpx

        self.settings = settings
        self.calendar = context.calendar
        self.clock = context.clock
        self.window = Window(context.calendar, context.clock)
        self.number = context.secrets[settings.account]
        self.visibility = settings.visibility
        self.tr_ids = _IDS[settings.mode]
        self.wire: Wire = Wire(
            address=settings.address,
            mode=settings.mode,
            appkey=context.secrets[settings.appkey],
            appsecret=context.secrets[settings.appsecret],
            state=context.state,
            clock=context.clock,
            timeout=settings.timeout,
            hashkey=settings.hashkey,
        )

    def close(self) -> None:
        """Close the connection."""
        self.wire.close()

    def hours(self, session: date) -> Hours:
        """Return whether orders of a session can be handed over now."""
        return self.window.hours(session)

    def account(self) -> Account:
        """Return the holdings and the cash by settlement.

        The interface gives the deposit as it will be today, tomorrow and the day after; what is
        there on all of them can be spent.
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
        shares: dict[str, int] = {}
        money: Mapping[str, Any] | None = None
        for page in self.wire.pages(BALANCE, self.tr_ids[0], params):
            for row in _rows(page, "output1"):
                count = _whole(row, "hldg_qty")
                if count:
                    code = _text(row, "pdno")
                    shares[code] = shares.get(code, 0) + count
            for row in _rows(page, "output2"):
                money = row
        if money is None:
            raise Unreachable("the broker's balance has no cash; look at its own screen")
        names = ("dnca_tot_amt", "nxdy_excc_amt", "prvs_rcdl_excc_amt")
        return _account(shares, [_whole(money, name) for name in names], self._coming())

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session, oldest first."""
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
            "EXCG_ID_DVSN_CD": "KRX",
        }
        recent = session >= self._today() - _RECENT
        over = self.window.hours(session) is Hours.OVER and self._is_closed(session)
        found: list[BrokerOrder] = []
        for page in self.wire.pages(ORDERS, self.tr_ids[3 if recent else 4], params):
            rows = [row for row in _rows(page, "output1") if not _is_cancellation(row)]
            found += [_order(row, session, over=over) for row in rows]
        return found

    def submit(self, request: OrderRequest) -> str:
        """Hand over one order, once; its number without leading zeros."""
        body = {
            "CANO": self.number.reveal(),
            "ACNT_PRDT_CD": self.settings.product,
            "PDNO": request.ticker,
            "ORD_DVSN": "01" if request.limit is None else "00",
            "ORD_QTY": str(request.shares),
            "ORD_UNPR": str(request.limit or 0),
            "EXCG_ID_DVSN_CD": "KRX",
            "SLL_TYPE": "01" if request.side is Side.SELL else "",
            "CNDT_PRIC": "",
        }
        tr_id = self.tr_ids[1 if request.side is Side.BUY else 2]
        output = self.wire.order(ORDER, tr_id, body)
        number = str(output.get("ODNO", "")).strip().lstrip("0")
        if not number:
            raise Unanswered("accepted without a number")
        return number

    def _owner(self) -> dict[str, str]:
        return {"CANO": self.number.reveal(), "ACNT_PRDT_CD": self.settings.product}

    def _today(self) -> date:
        return moment(int(self.clock.now())).astimezone(ZoneInfo(self.calendar.timezone)).date()

    def _coming(self) -> tuple[date, date]:
        first = self.calendar.after(self._today())
        return first, self.calendar.after(first)

    def _is_closed(self, session: date) -> bool:
        place = int(np.searchsorted(self.calendar.sessions, np.datetime64(session)))
        return self.clock.now() >= int(self.calendar.closes[place])


def _account(shares: Mapping[str, int], deposits: list[int], days: tuple[date, date]) -> Account:
    today, tomorrow, later = deposits
    cash = min(today, tomorrow, later)
    first = min(tomorrow, later)
    coming = {days[0]: first - cash, days[1]: later - first}
    return Account(shares, cash, {day: amount for day, amount in coming.items() if amount})


def _order(row: Mapping[str, Any], session: date, *, over: bool) -> BrokerOrder:
    shares, filled = _whole(row, "ord_qty"), _whole(row, "tot_ccld_qty")
    refused, cancelled = _whole(row, "rjct_qty"), _whole(row, "cnc_cfrm_qty")
    if filled == shares:
        state = OrderState.FILLED
    elif refused >= shares > 0:
        state = OrderState.REJECTED
    elif over or cancelled or row.get("cncl_yn") == "Y":
        state = OrderState.CLOSED
    else:
        state = OrderState.OPEN
    code = _text(row, "sll_buy_dvsn_cd")
    if code not in _SIDES:
        raise _nonsense("sll_buy_dvsn_cd", code)
    return BrokerOrder(
        order_id=_text(row, "odno").lstrip("0"),
        name=None,
        session=session,
        side=_SIDES[code],
        ticker=_text(row, "pdno"),
        shares=shares,
        limit=_whole(row, "ord_unpr") or None,
        state=state,
        filled=filled,
        amount=_whole(row, "tot_ccld_amt"),
    )


def _is_cancellation(row: Mapping[str, Any]) -> bool:
    """Return whether a row is the instruction to cancel another order, not an order."""
    return bool(str(row.get("orgn_odno", "")).strip("0 ")) and "취소" in str(
        row.get("sll_buy_dvsn_cd_name", "")
    )


def _rows(page: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = page.get(name)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise _nonsense(name, type(found).__name__)
    return found


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found.strip():
        raise _nonsense(name, found)
    return found.strip()


def _whole(row: Mapping[str, Any], name: str) -> int:
    """Return a whole number that the interface wrote as text."""
    found = row.get(name)
    try:
        value = Decimal(str(found).strip())
    except InvalidOperation:
        raise _nonsense(name, found) from None
    if not value.is_finite() or value != value.to_integral_value():
        raise _nonsense(name, found)
    return int(value)


def _nonsense(name: str, value: object) -> Unreachable:
    return Unreachable(
        f"the broker answers {value!r} for {name}, which makes no sense; nothing was sent on it. "
        "Look at the broker's own screen, then run again"
    )
