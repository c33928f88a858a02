"""A broker over the loopback, with a clock that moves only when somebody waits."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kis_server import ACCOUNT, APPKEY, APPSECRET

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.broker.kis.broker import KisBroker
from jeoul.operations.broker.kis.settings import KisSettings
from jeoul.operations.broker.port import BrokerContext, OrderRequest
from jeoul.operations.desk.buy_terms import BuyRules
from jeoul.operations.desk.intents import PlannedOrder, RunPlan
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.setup.secrets import Secret
from jeoul.rebalance import Tariff, settlement_date
from jeoul.strategy.universe import load_universe

SESSION, DAY = date(2026, 3, 3), date(2026, 3, 4)
MORNING = datetime(2026, 3, 4, 0, 30, tzinfo=UTC).timestamp()  # 09:30 in Seoul


class Watch:
    """A clock that moves only when someone waits."""

    def __init__(self, now: float = MORNING) -> None:
        self.time = now
        self.waited: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds
        self.waited.append(seconds)


class SetForward:
    """This machine's clock: the host's, until somebody sets it forward."""

    def __init__(self, host: Any) -> None:
        self.host, self.ahead = host, 0.0

    def now(self) -> float:
        return float(self.host.now() + self.ahead)

    def wait(self, seconds: float) -> None:
        self.host.wait(seconds)


def connect(venue: Any, state: Path, clock: Any, **settings: Any) -> KisBroker:
    """A broker whose host keeps the same time as the client."""
    host, truth = venue
    mode = "simulation"
    if truth is not None:
        truth.now, mode = clock.now, truth.mode
    chosen = {"kind": "kis", "mode": mode, "timeout": 2.0, "visibility": 5.0} | settings
    found = KisSettings(host=host, **chosen)  # type: ignore[arg-type]
    secrets = {
        found.appkey: Secret(APPKEY),
        found.appsecret: Secret(APPSECRET),
        found.account: Secret(ACCOUNT),
    }
    context = BrokerContext(
        state=state,
        beside=state.joinpath,
        calendar=api.calendars()["XKRX"],
        clock=clock,
        currency="KRW",
        secrets=secrets,
        price_events=lambda: PriceEvents(()),
    )
    return KisBroker(found, context)


def desk_over(broker: Any, ledger: Any, clock: Any) -> OrderDesk:
    calendar = api.calendars()["XKRX"]
    return OrderDesk(
        ledger=ledger,
        broker=broker,
        clock=clock,
        currency="KRW",
        fees=Tariff(Decimal("0.00014")),
        settles=lambda day: settlement_date(calendar, day),
        buy_rules=BuyRules(load_universe("krx-core"), 0.02),
    )


def buy(shares: int = 3, limit: int | None = 37_000, ticker: str = "069500") -> OrderRequest:
    return OrderRequest("a.b.01", DAY, Side.BUY, ticker, shares, limit)


def plan(*orders: tuple[Side, str, int]) -> RunPlan:
    planned = tuple(
        PlannedOrder(side, ticker, shares, 36_000, 37_000, Reason("x"))
        for side, ticker, shares in orders
    )
    return RunPlan("acc", "s", SESSION, DAY, "id", {}, planned)
