"""The accounts of configs as an auditor looks at them, in one quarter."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.model.history import History
    from jeoul.model.quarter import Quarter
    from jeoul.operations.desk.intents import Run
    from jeoul.operations.setup.config import Config
    from jeoul.operations.testbed.account import AuditedAccount
    from jeoul.operations.testbed.measured import Histories
    from jeoul.pipeline import Mandate


def audited_account(config: Config, market: Market, quarter: Quarter) -> AuditedAccount | None:
    """Return the account of a config in a quarter, its ledger proven.

    None for one without a ledger, and for one that had not decided anything by the quarter's end.
    Raises what :func:`~jeoul.operations.testbed.account.audited` raises.
    """
    from jeoul import api
    from jeoul.operations.ledger import has_ledger
    from jeoul.operations.testbed.account import audited
    from jeoul.workspace.live import mandate_then, read_ledger

    if not has_ledger(config):
        return None

    def of_run(run: Run) -> Mandate:
        return mandate_then(config, run)

    with closing(read_ledger(config)) as ledger:
        return audited(ledger, config, of_run, market, api.calendars(), quarter)


def histories_at(market: Market, quarter: Quarter) -> Histories:
    """Return the panel of a mandate as it was known at the end of a quarter, made once each."""
    from jeoul import api
    from jeoul.market import assemble

    @cache
    def panel(universe: str, calendar: str) -> History:
        last = api.calendars()[calendar].at_or_before(quarter.last)
        snapshot = market.as_of(last, calendar)
        return assemble(snapshot, api.universe_of(universe), api.calendars())

    return lambda mandate: panel(mandate.strategy.universe, mandate.strategy.calendar)
