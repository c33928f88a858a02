"""One order of one share in simulation: how long until it is listed, and how it ends.

The order is handed over once, whatever is answered. It is a buy far below the market, so that it
can be cancelled; if it is filled, the share is sold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.errors import BrokerError, UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import BrokerOrder, Hours, OrderRequest, OrderState, is_like
from jeoul.operations.broker.rest.broker import RestBroker
from jeoul.operations.errors import NotSent, OrderOutcome, Refused
from jeoul.operations.probe.forms import without_digits

LONGEST = 600.0  # seconds for which the list is watched
PAUSE = 1.0  # seconds between two looks at first
SLOWEST = 15.0
LEAST = 10.0  # seconds of visibility that are recommended at least
TIMES = 3  # how many times the measured time is recommended


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShare:
    """What became of the one order.

    ``answer`` is accepted, refused, not_sent or unanswered, with the broker's words in ``said``.
    ``visible`` is the time in seconds until it was listed, None if it was not; ``ended`` is
    cancelled, sold, refused, not_sent, or left where somebody has to look.
    """

    ticker: str
    limit: int
    answer: str
    said: str | None
    visible: float | None
    ended: str
    over: float | None = None

    @property
    def recommended(self) -> float | None:
        """Return the visibility that a config should have, None where nothing was measured."""
        if self.visible is None:
            return None
        return float(min(max(math.ceil(self.visible * TIMES), LEAST), LONGEST))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "ticker": self.ticker,
            "limit": self.limit,
            "answer": self.answer,
            "said": self.said,
            "visible_seconds": None if self.visible is None else round(self.visible, 1),
            "ended": self.ended,
            "ended_seconds": None if self.over is None else round(self.over, 1),
            "recommended_visibility": self.recommended,
        }


def try_one_share(broker: RestBroker, session: date, ticker: str, limit: int) -> OneShare:
    """Send one order of one share, watch it, and end it.

    Raises :class:`UsageError` outside of simulation and outside of the session's hours, and
    :class:`BrokerError` where the list of orders cannot be read before anything is sent.
    """
    if broker.mode != "simulation":
        raise UsageError(
            "--one-share sends an order, and does so in simulation alone; the config's broker.mode "
            f'is "{broker.mode}"'
        )
    if broker.hours(session) is not Hours.OPEN:
        raise UsageError(
            "--one-share needs a session that takes orders now: from five minutes after the open "
            "to ten before the close"
        )
    return _Trial(broker, session, ticker, limit).result()


@dataclass(slots=True)
class _Trial:
    broker: RestBroker
    session: date
    ticker: str
    limit: int

    def result(self) -> OneShare:
        before = frozenset(key for order in self.broker.orders(self.session) for key in order.keys)
        request = self._request(Side.BUY, "probe-buy")
        began = self.broker.clock.now()
        answer, said = self._handed_over(request)
        if answer in ("refused", "not_sent"):
            return self._found(answer, said, None, answer)
        order = self._watch(lambda each: is_like(each, request, before))
        if order is None:
            return self._found(answer, said, None, "left")
        visible = self.broker.clock.now() - began
        ended, over = self._end(order)
        return self._found(answer, said, visible, ended, over)

    def _found(
        self,
        answer: str,
        said: str | None,
        visible: float | None,
        ended: str,
        over: float | None = None,
    ) -> OneShare:
        return OneShare(
            ticker=self.ticker,
            limit=self.limit,
            answer=answer,
            said=said,
            visible=visible,
            ended=ended,
            over=over,
        )

    def _end(self, order: BrokerOrder) -> tuple[str, float | None]:
        """Cancel an order, or sell what it bought; return how it ended and after how long."""
        began = self.broker.clock.now()
        if order.state is OrderState.OPEN:
            with suppress(OrderOutcome):  # the list says what came of it
                self.broker.cancel(order)
            found = self._watch(lambda each: each.key == order.key and _is_over(each))
            if found is None:
                return "left", None
            order = found
        if order.filled == 0:
            return "cancelled", self.broker.clock.now() - began
        sell = self._request(Side.SELL, "probe-sell")
        try:
            listed = self.broker.orders(self.session)
        except BrokerError:
            return "left", None
        before = frozenset(key for each in listed for key in each.keys)
        answer, _ = self._handed_over(sell)
        if answer in ("refused", "not_sent"):
            return "left", None
        sold = self._watch(lambda each: is_like(each, sell, before) and each.filled == 1)
        return ("left", None) if sold is None else ("sold", self.broker.clock.now() - began)

    def _request(self, side: Side, name: str) -> OrderRequest:
        return OrderRequest(
            name=name,
            session=self.session,
            side=side,
            ticker=self.ticker,
            shares=1,
            limit=self.limit,
        )

    def _handed_over(self, request: OrderRequest) -> tuple[str, str | None]:
        try:
            self.broker.submit(request)
        except Refused as error:
            return "refused", self._said(error)
        except NotSent as error:
            return "not_sent", self._said(error)
        except OrderOutcome as error:
            return "unanswered", self._said(error)
        return "accepted", None

    def _said(self, error: OrderOutcome) -> str:
        return without_digits(self.broker.wire.hide(str(error)))

    def _watch(self, wanted: Callable[[BrokerOrder], bool]) -> BrokerOrder | None:
        waited, pause = 0.0, PAUSE
        while True:
            for order in self._listed():
                if wanted(order):
                    return order
            if waited >= LONGEST:
                return None
            self.broker.clock.wait(pause)
            waited, pause = waited + pause, min(pause * 1.5, SLOWEST)

    def _listed(self) -> list[BrokerOrder]:
        try:
            return list(self.broker.orders(self.session))
        except BrokerError:
            return []  # asked again by the next look


def _is_over(order: BrokerOrder) -> bool:
    return order.state is not OrderState.OPEN
