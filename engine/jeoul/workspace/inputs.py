"""A strategy opened together with the market that it decides on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeoul.market import Market
    from jeoul.model.snapshot import Snapshot
    from jeoul.strategy.schema import Strategy


@dataclass(frozen=True, slots=True)
class Opened:
    """A strategy and the market as it was known on one session."""

    strategy: Strategy
    market: Market
    snapshot: Snapshot


def open_inputs(strategy: str, folder: Path | None, as_of: str | None) -> Opened:
    """Return a strategy and the snapshot that it decides on, from the options of a command."""
    from jeoul import api
    from jeoul.model.session import parse_session
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.kept import user_cache

    loaded = load_strategy(strategy)
    day: date | None = None if as_of is None else parse_session(as_of)
    market = api.open_market(folder, cache=user_cache())
    if day is None:
        day = market.last_session(loaded.calendar)
    return Opened(loaded, market, market.as_of(day, loaded.calendar))
