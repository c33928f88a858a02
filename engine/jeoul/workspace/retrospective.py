"""The decisions of a config's account looked back at, from its ledger and the market."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeoul.account.hindsight.found import Hindsight
    from jeoul.model.instrument import Universe
    from jeoul.operations.setup.config import Config


def hindsight_at(name: str, folder: Path | None = None) -> Hindsight:
    """Return what the decisions of a config, or of ``household.toml:account``, came to.

    Prices are those of ``folder``, else of the folder that the config names, else of the sample.
    Raises :class:`DataError` without a ledger, and what reading it raises.
    """
    from jeoul import api
    from jeoul.account.price_events import PriceEvents
    from jeoul.account.tax_rules import tax_rules
    from jeoul.korea.tables import rules_for
    from jeoul.model.money import UNITS
    from jeoul.operations.course import course_of
    from jeoul.operations.retrospective import reason_kinds, retrospective_of
    from jeoul.operations.statement.taxes import Taxable
    from jeoul.operations.statement.worth import exchange_of
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import read_ledger

    config = config_at(name)
    market = api.open_market(folder or config.folder, cache=user_cache())
    universe, account = _universe(name, config), config.settings.name
    calendar = api.calendars()[universe.calendar]
    with closing(read_ledger(config)) as ledger:
        course = course_of(ledger, account=account, market=market, calendar=calendar)
        kinds = reason_kinds(ledger, account)
    kind = str(config.settings.account)
    tables = tuple(table for table in market.prices if table.exchange == universe.calendar)
    taxable = Taxable(
        owner="",
        kind=kind,
        rules=tax_rules(rules_for(course.last.year), universe.instruments, kind),
        events=PriceEvents(tables, UNITS[course.currency]),
        exchange=exchange_of(course, market.series),
    )
    return retrospective_of(course, kinds, taxable, simulated=market.simulated)


def _universe(name: str, config: Config) -> Universe:
    """Return the universe of an account: its own in a household, else its strategy's."""
    from jeoul.workspace.configs import household_in, split_address
    from jeoul.workspace.live import universe_of

    file, account = split_address(name)
    household = None if account is None else household_in(file)
    own = None if household is None else household.accounts[str(account)].universe
    return universe_of(config, own)
