"""A desk over a small ledger, and a broker that answers what a test wrote down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from jeoul.model.portfolio import SETTLED, Proceeds, Reason, Side
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerOrder,
    Hours,
    Ids,
    IndicativeValue,
    Movement,
    OrderRequest,
    OrderState,
    Watermark,
)
from jeoul.operations.desk.buy_terms import BuyRules
from jeoul.operations.desk.intents import (
    Intent,
    PlannedOrder,
    Run,
    RunPlan,
    freeze,
    intents_of,
    named_run,
)
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.ledger import Ledger, Transaction, book, open_ledger
from jeoul.operations.ledger.books import CASH, EXTERNAL, SHARES
from jeoul.rebalance import Tariff
from jeoul.strategy.universe import load_universe

DAY = date(2026, 6, 22)
FUND, OTHER = "069500", "360750"
WHY = Reason.of("trade.calendar", turnover="1.0%")
RICH = BrokerAccount({}, 10_000_000, {})


class StillClock:
    """A clock that moves only when somebody waits, and by ``rate`` of the wait."""

    def __init__(self, now: float = 1_000.0, rate: float = 1.0) -> None:
        self.time, self.rate = now, rate
        self.waited: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds * self.rate
        self.waited.append(seconds)
        assert len(self.waited) < 60, "it waits without end"


class Scripted(Broker):
    """A broker whose answers a test writes down; ``asked`` lists the questions.

    ``lists`` are its first lists of orders, ``listed`` is every later one. ``answers`` are what
    becomes of the first orders, a number of its own of every later one.
    """

    kind = "scripted"

    def __init__(self, ids: Ids = Ids.NONE) -> None:
        self.ids = ids
        self.asked: list[str] = []
        self.sent: list[OrderRequest] = []
        self.lists: list[list[BrokerOrder]] = []
        self.listed: list[BrokerOrder] = []
        self.answers: list[Exception | str] = []
        self.accounts: list[BrokerAccount | None] = []
        self.held: BrokerAccount | None = RICH
        self.moved: list[Movement] = []
        self.signs: Sequence[str] = ()
        self.before: Watermark | None = None
        self.hosts: list[float | None] = []
        self.values: dict[str, IndicativeValue] = {}
        self.when: dict[date, Hours] = {}
        self.now = Hours.OPEN

    def hours(self, session: date) -> Hours:
        return self.when.get(session, self.now)

    def account(self) -> BrokerAccount | None:
        self.asked.append("account")
        return self.accounts.pop(0) if self.accounts else self.held

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        self.asked.append(f"orders {session}")
        return self.lists.pop(0) if self.lists else self.listed

    def movements(self) -> Sequence[Movement]:
        return self.moved

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        self.asked.append(f"absent {request.name}")
        self.before = before
        return self.signs

    def host_time(self) -> float | None:
        self.asked.append("host")
        return self.hosts.pop(0) if self.hosts else None

    def indicative(self, ticker: str) -> IndicativeValue | None:
        return self.values.get(ticker)

    def catch_up(self, until: date) -> None:
        self.asked.append(f"catch up {until}")

    def submit(self, request: OrderRequest) -> str:
        self.sent.append(request)
        answer = self.answers.pop(0) if self.answers else str(len(self.sent))
        if isinstance(answer, Exception):
            raise answer
        return answer


def planned(
    side: Side, ticker: str = FUND, shares: int = 2, price: int = 10_000, limit: int | None = 10_050
) -> PlannedOrder:
    return PlannedOrder(side, ticker, shares, price, limit, WHY)


BUY = planned(Side.BUY)
SALE = planned(Side.SELL)


class Desk:
    """An order desk over a ledger of its own, with the steps that it went through."""

    def __init__(
        self,
        folder: Path,
        broker: Scripted | None = None,
        fees: Tariff = Tariff(),  # noqa: B008 - a tuple
        proceeds: Proceeds = SETTLED,
        currency: str = "KRW",
    ) -> None:
        self.ledger: Ledger = open_ledger(folder / "ledger.sqlite3")
        self.ledger.store.rows("PRAGMA synchronous=OFF")  # no test of these cuts the power
        self.broker = broker or Scripted()
        self.clock = StillClock()
        self.steps: list[str] = []
        self.desk = OrderDesk(
            ledger=self.ledger,
            broker=self.broker,
            clock=self.clock,
            currency=currency,
            fees=fees,
            settles=lambda day: day + timedelta(days=2),
            buy_rules=BuyRules(load_universe("krx-core"), None),
            checkpoint=self.steps.append,
            proceeds=proceeds,
        )

    def freeze(
        self,
        *orders: PlannedOrder,
        executed: date = DAY,
        strategy: str = "s",
        at: int = 900,
        **document: object,
    ) -> Run:
        plan = RunPlan("mine", strategy, executed, executed, "x", document, orders)
        with self.ledger.transaction():
            freeze(self.ledger, at, plan)
        found = named_run(self.ledger, plan.run_id)
        assert found is not None
        return found

    def event(
        self, intent: Intent, state: str, number: str | None = None, at: int = 990, detail: str = ""
    ) -> Intent:
        """Add an event to an order; ``number`` is the broker's, without its session."""
        order_id = None if number is None else f"{intent.executed}/{number}"
        text = detail or ('{"watermark":[]}' if state == "sending" else "{}")
        with self.ledger.transaction():
            self.ledger.append(
                "order_events", at, intent=intent.name, state=state, order_id=order_id, detail=text
            )
        return self.intent(intent.name)

    def sent(self, intent: Intent, number: str, at: int = 990) -> Intent:
        """Let an order be at the broker under a number."""
        self.event(intent, "sending", at=at)
        return self.event(intent, "acknowledged", number, at=at)

    def intent(self, name: str) -> Intent:
        run, _, _ = name.rpartition(".")
        return next(each for each in intents_of(self.ledger, run) if each.name == name)

    def booked(
        self,
        kind: str,
        cash: int,
        shares: Mapping[str, int] | None = None,
        unsettled: Mapping[date, int] | None = None,
        session: date = DAY,
    ) -> None:
        """Book money and shares that came from outside."""
        legs = {(CASH, self.desk.currency): cash, (EXTERNAL, self.desk.currency): -cash}
        for code, count in (shares or {}).items():
            legs |= {(SHARES, code): count, (EXTERNAL, code): -count}
        for day, amount in (unsettled or {}).items():
            legs[f"assets:unsettled:{day}", self.desk.currency] = amount
            legs[EXTERNAL, self.desk.currency] -= amount
        with self.ledger.transaction():
            name = f"{kind}:{self.ledger.head().seq}"
            book(self.ledger, 900, Transaction(name, kind, session, legs))


def at_broker(
    intent: Intent, number: str, filled: int = 0, amount: int = 0, **more: object
) -> BrokerOrder:
    """Return an order as the broker lists it, on the terms of an intent."""
    order = intent.order
    found = BrokerOrder(
        number, None, intent.executed, order.side, order.ticker, order.shares, intent.limit,
        OrderState.FILLED if filled == order.shares else OrderState.OPEN, filled, amount,
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]
