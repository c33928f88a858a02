"""What a market folder has: its coverage, its findings, and how old its newest prices are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jeoul import api
from jeoul.api.parts import universe_of
from jeoul.market.coverage import Coverage, coverage, findings
from jeoul.messages import LANGUAGES
from jeoul.model.finding import Finding, Severity
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.data_page import coverage_charts
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe
from jeoul.web.place import ServedFiles
from jeoul.workspace.kept import user_cache
from jeoul.workspace.live import strategy_of


@dataclass(frozen=True, slots=True)
class MarketSeen:
    """A market folder as its page shows it; ``newest`` is the newest session by exchange.

    ``traded`` are the codes that a run of the accounts may trade, ``charts`` the pictures of the
    coverage by language.
    """

    source: str
    simulated: bool
    newest: Mapping[str, date]
    rows: tuple[Coverage, ...]
    found: tuple[Finding, ...]
    traded: frozenset[str]
    charts: Mapping[str, list[Figure]]

    def old(self, now: float) -> Mapping[str, int]:
        """Return how many sessions have closed since the newest one, by exchange."""
        calendars = api.calendars()
        return {
            name: calendars[name].closed_since(day, int(now)) for name, day in self.newest.items()
        }

    def serious(self) -> tuple[list[Finding], list[Finding]]:
        """Return the serious findings about traded codes, then the others, the newest first."""
        found = [each for each in reversed(self.found) if each.severity is Severity.SERIOUS]
        return (
            [each for each in found if each.subject in self.traded],
            [each for each in found if each.subject not in self.traded],
        )

    def notices(self) -> list[Finding]:
        """Return what no run stops for, the newest first."""
        return [each for each in reversed(self.found) if each.severity is Severity.NOTICE]


def market_seen(place: ServedFiles, folder: Path | None) -> MarketSeen:
    """Return what a market folder has for what is served; None is the simulated sample.

    Raises :class:`~jeoul.errors.DataError` for a folder that cannot be opened.
    """
    market = api.open_market(folder, cache=user_cache())
    found = findings(market)
    rows = coverage(market, found)
    return MarketSeen(
        source=market.source,
        simulated=market.simulated,
        newest={
            name: market.last_session(name)
            for name in sorted({table.exchange for table in market.prices})
        },
        rows=rows,
        found=found,
        traded=_traded(place),
        charts={each: coverage_charts(rows, found, each) for each in LANGUAGES},
    )


def folders_of(place: ServedFiles) -> tuple[Path | None, ...]:
    """Return the market folders from which the accounts are served, each once."""
    if place.data is not None:
        return (place.data,)
    home = place.read()
    if home is not None:
        return (home.runs.data,)
    return tuple(dict.fromkeys(config.folder for config in place.accounts().values()))


def _traded(place: ServedFiles) -> frozenset[str]:
    """Return the codes of the universes of all accounts."""
    home = place.read()
    found: set[str] = set()
    for name, config in place.accounts().items():
        account = None if home is None else home.accounts.get(name)
        own = None if account is None else account.universe
        if own is not None:
            found |= set(load_universe(own).instruments)
        else:
            strategy = load_strategy(strategy_of(config))
            found |= set(universe_of(strategy.universe).instruments)
    return frozenset(found)
