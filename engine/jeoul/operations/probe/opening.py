"""A config's broker opened for its questions alone, without a ledger or a market."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from jeoul.account.price_events import PriceEvents
from jeoul.errors import UsageError
from jeoul.model.calendar import Calendar
from jeoul.operations.broker.port import BrokerContext, open_broker
from jeoul.operations.broker.rest.broker import RestBroker
from jeoul.operations.broker.rest.settings import RestSettings
from jeoul.operations.setup.brokers import broker_kinds, broker_settings
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.lock import account_locked, locked
from jeoul.operations.setup.secrets import broker_secrets


@contextmanager
def opened(
    config: Config,
    calendar: Calendar,
    clock: Clock,
    environment: Mapping[str, str] | None = None,
) -> Iterator[RestBroker]:
    """Open the broker of a config; no run of the account is at work until it is closed.

    Raises :class:`UsageError` for a broker without an interface to ask.
    """
    settings = config.settings.broker
    secrets = broker_secrets(settings, str(config.path), environment)
    with locked(config.state), account_locked(settings):
        context = BrokerContext(
            state=config.state,
            beside=config.beside,
            calendar=calendar,
            clock=clock,
            currency="KRW",
            secrets=secrets,
            price_events=lambda: PriceEvents(()),
        )
        with closing(open_broker(settings, context)) as broker:
            if not isinstance(broker, RestBroker):
                kinds = ", ".join(f'"{kind}"' for kind in interface_kinds())
                raise UsageError(
                    f'broker.kind = "{settings.kind}" has no interface to ask; a config whose '
                    f"broker.kind is one of {kinds} has one"
                )
            yield broker


def interface_kinds() -> tuple[str, ...]:
    """Return the kinds of broker that have an interface to ask, by their tables.

    >>> interface_kinds()
    ('kis', 'kiwoom', 'toss')
    """
    return tuple(kind for kind in broker_kinds() if issubclass(broker_settings(kind), RestSettings))
