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


def dated_strategy(name: str, goal: str | None) -> Strategy:
    """Return the strategy of a name or a path, towards the date of ``--goal`` where one is given.

    Raises :class:`UsageError` for a date given to a strategy without a glide path.
    """
    from jeoul.model.session import parse_session
    from jeoul.strategy.load import load_strategy

    loaded = load_strategy(name)
    return loaded if goal is None else loaded.towards(parse_session(goal))


def open_inputs(
    strategy: str, folder: Path | None, as_of: str | None, goal: str | None = None
) -> Opened:
    """Return a strategy and the snapshot that it decides on, from the options of a command."""
    from jeoul import api
    from jeoul.model.session import parse_session
    from jeoul.workspace.kept import user_cache

    loaded = dated_strategy(strategy, goal)
    day: date | None = None if as_of is None else parse_session(as_of)
    market = api.open_market(folder, cache=user_cache())
    if day is None:
        day = market.last_session(loaded.calendar)
    return Opened(loaded, market, market.as_of(day, loaded.calendar))
