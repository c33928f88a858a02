"""Every broker with a REST interface, and its loopback: what is tried on one is tried on all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import kis_server
import kiwoom_server
import toss_server

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.operations.broker.kis import KisSettings
from jeoul.operations.broker.kiwoom import KiwoomSettings
from jeoul.operations.broker.port import BrokerContext
from jeoul.operations.broker.rest.broker import RestBroker
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.broker.toss import TossSettings
from jeoul.operations.setup.brokers import broker_module
from jeoul.operations.setup.secrets import Secret


@dataclass(frozen=True)
class Adapter:
    """One broker: its loopback, its table, its modes, and the secrets that the loopback takes."""

    kind: str
    server: ModuleType
    table: type[RestSettings]
    modes: tuple[str, ...]
    secrets: Mapping[str, str]

    def connect(self, venue: Any, state: Path, clock: Any, **settings: Any) -> RestBroker:
        """A broker whose host keeps the same time as the client."""
        host, truth = venue
        truth.now = clock.now
        chosen = {"mode": truth.mode, "timeout": 2.0, "visibility": 5.0, **settings}
        table = self.table(kind=self.kind, host=host, **chosen)
        context = BrokerContext(
            state=state,
            beside=state.joinpath,
            calendar=api.calendars()["XKRX"],
            clock=clock,
            currency="KRW",
            secrets={name: Secret(value) for name, value in self.secrets.items()},
            price_events=lambda: PriceEvents(()),
        )
        found: RestBroker = broker_module(self.kind).connect(table, context)
        return found


KIS = Adapter(
    "kis",
    kis_server,
    KisSettings,
    ("simulation", "real"),
    {
        "KIS_APPKEY": kis_server.APPKEY,
        "KIS_APPSECRET": kis_server.APPSECRET,
        "KIS_ACCOUNT": kis_server.ACCOUNT,
    },
)
KIWOOM = Adapter(
    "kiwoom",
    kiwoom_server,
    KiwoomSettings,
    ("simulation", "real"),
    {
        "KIWOOM_APPKEY": kiwoom_server.APPKEY,
        "KIWOOM_SECRETKEY": kiwoom_server.SECRETKEY,
        "KIWOOM_ACCOUNT": kiwoom_server.ACCOUNT,
    },
)
TOSS = Adapter(
    "toss",
    toss_server,
    TossSettings,
    ("real",),
    {
        "TOSS_CLIENT_ID": toss_server.CLIENT_ID,
        "TOSS_CLIENT_SECRET": toss_server.CLIENT_SECRET,
        "TOSS_ACCOUNT": toss_server.ACCOUNT,
    },
)
ADAPTERS = (KIS, KIWOOM, TOSS)
