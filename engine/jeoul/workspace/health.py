"""The health of the runs of a config, at this moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jeoul.errors import DataError
from jeoul.translation import in_language

if TYPE_CHECKING:
    from jeoul.operations.setup.config import Config
    from jeoul.operations.told.health import Health


def health_at(name: str, config: Config, complain: Callable[[str], None]) -> Health:
    """Return the health of a config's runs; ``name`` is how it was named.

    ``complain`` gets what is wrong with the market data, in the config's language.
    """
    from jeoul import api
    from jeoul.operations.told.health import health as health_of
    from jeoul.workspace.live import diagnosis_of, mandate_at, read_ledger, today

    diagnosis = diagnosis_of(config, today(config))
    strategy = mandate_at(name, diagnosis).strategy
    now = datetime.now(ZoneInfo(config.settings.schedule.timezone))  # noqa: TID251
    newest, simulated = None, config.folder is None
    try:
        market = api.open_market(config.folder)
        newest, simulated = market.last_session(strategy.calendar), market.simulated
    except DataError as error:
        complain(in_language(str(error), config.settings.lang))
    with ExitStack() as stack:
        try:
            ledger = stack.enter_context(closing(read_ledger(config)))
        except DataError:
            ledger = None  # the account has never run
        return health_of(
            config,
            api.calendars()[strategy.calendar],
            now,
            ledger,
            strategy=strategy.name,
            newest=newest,
            simulated=simulated,
            diagnosis=diagnosis,
        )
