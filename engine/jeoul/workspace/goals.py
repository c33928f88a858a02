"""The goals of a household's file on a market folder, ready to be answered and to be tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeoul.household.goals.answering import PreparedGoals


def goals_at(path: Path, folder: Path | None, as_of: str | None = None) -> PreparedGoals:
    """Return the goals of the household in a file, ready to be answered.

    Prices are those of ``folder``, else of the folder that the file names, as of a session, by
    default the newest.
    """
    from jeoul import api
    from jeoul.household.gathering.inputs import read_inputs
    from jeoul.household.goals.answering import prepare_goals
    from jeoul.household.written.file import read_household
    from jeoul.korea.tables import rules_for
    from jeoul.model.session import parse_session
    from jeoul.operations.household.books import known_now
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.today import today

    file = read_household(path)
    market = api.open_market(folder or file.runs.data, cache=user_cache())
    priced = frozenset(code for table in market.prices for code in table.tickers)
    file, held = known_now(file, priced)
    day = market.last_session("XKRX") if as_of is None else parse_session(as_of)
    inputs = read_inputs(file, on=today(), holdings=held, priced=priced)
    return prepare_goals(file, market=market, as_of=day, book=rules_for(day.year), inputs=inputs)
