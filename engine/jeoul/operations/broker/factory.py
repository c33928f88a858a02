"""The broker that a config names."""

from __future__ import annotations

import json
from datetime import date

from jeoul.account.price_events import PriceEvents
from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.money import UNITS
from jeoul.operations.broker.hours import Window
from jeoul.operations.broker.paper import NAME, PaperBroker, PaperRules
from jeoul.operations.broker.port import Broker
from jeoul.operations.broker.ticket import TicketBroker
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config, KisSettings, PaperSettings
from jeoul.operations.setup.secrets import read_secrets

CURRENCY = {"XKRX": "KRW", "XNYS": "USD"}


def make_broker(
    config: Config, market: Market, calendar: Calendar, clock: Clock, ledger: Ledger
) -> Broker:
    """Return the broker of a config, ready to be asked."""
    settings = config.settings.broker
    if isinstance(settings, PaperSettings):
        unit = UNITS[CURRENCY[calendar.name]]
        tables = tuple(table for table in market.prices if table.exchange == calendar.name)
        return PaperBroker(
            config.state / NAME,
            PriceEvents(tables, unit),
            calendar,
            clock,
            start=settings.cash * unit,
            rules=PaperRules(
                fees=settings.tariff(unit),
                deposits={
                    date.fromisoformat(day): amount * unit
                    for day, amount in settings.deposits.items()
                },
            ),
        )
    if isinstance(settings, KisSettings):
        from jeoul.operations.broker.kis import KisBroker

        found = read_secrets(
            (settings.appkey, settings.appsecret, settings.account), str(config.path)
        )
        return KisBroker(settings, found, config.state, Window(calendar, clock), calendar, clock)
    return TicketBroker(
        config.state / "tickets",
        config.beside(settings.holdings),
        settings,
        Window(calendar, clock, after_open=-1800, before_close=0),
        imported=_imported(ledger),
    )


def _imported(ledger: Ledger) -> str | None:
    rows = ledger.rows("SELECT detail FROM notes WHERE kind = 'import' ORDER BY seq DESC LIMIT 1")
    return json.loads(rows[0]["detail"])["digest"] if rows else None
