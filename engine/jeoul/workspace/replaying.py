"""A past run decided again, from its ledger and the data that were kept of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jeoul.operations.desk.intents import Intent, Run
    from jeoul.operations.replay import Replay
    from jeoul.operations.setup.config import Config
    from jeoul.reporting.facts import Stance


def replayed(config: Config, run_id: str) -> Replay:
    """Return how the decision of a run comes out when it is made again.

    A part of a household's plan is decided again with all its accounts, and compared for the one
    account. Raises :class:`UsageError` for a run that the ledger does not have, and for a part
    whose household no longer has the account, :class:`DataError` where its data are gone.
    """
    from jeoul import api
    from jeoul.operations.desk.accepted_rules import limit_then
    from jeoul.operations.desk.intents import intents_of, named_run
    from jeoul.operations.replay import replay, stored_strategy
    from jeoul.workspace.live import read_ledger

    with closing(read_ledger(config)) as ledger:
        run = named_run(ledger, run_id)
        if run is None:
            raise UsageError(f"there is no run {run_id!r}; `jeoul history CONFIG` lists them")
        intents = intents_of(ledger, run_id)
    kept = run.document
    if part_of := kept.get("household"):
        return _replayed_part(config, run, intents, str(part_of["file"]))
    mandate = api.mandate(
        stored_strategy(run), kept["profile"], kept["kind"], limit=limit_then(run)
    )
    return replay(config, mandate, run, intents, api.open_market(config.folder), api.calendars())


def _replayed_part(config: Config, run: Run, intents: Sequence[Intent], household: str) -> Replay:
    """Return how a part of a household's plan comes out when the whole is made again."""
    from datetime import date
    from pathlib import Path

    from jeoul import api
    from jeoul.operations.household.replay import replay_part
    from jeoul.workspace.configs import household_in
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import household_planner

    part = run.document["household"]
    places = (each for each in (Path(household), config.path) if each.exists())
    file = next((found for each in places if (found := household_in(str(each)))), None)
    if file is None or part["account"] not in file.accounts:
        raise UsageError(
            f"run {run.run_id} is a part of a plan of {household}, which no longer has the account "
            f"{part['account']!r}; put the household's file back to replay it"
        )
    market = api.open_market(file.runs.data, cache=user_cache())
    day = part.get("today")
    on = run.session if day is None else date.fromisoformat(day)
    planner = household_planner(file, market, on)
    mandate = planner.mandates[part["account"]]
    return replay_part(config, mandate, run, intents, market, planner)


def stance_then(config: Config, run_id: str) -> tuple[Stance, ...]:
    """Return what every latch read at the decision of a run, from the data that were kept of it.

    Raises :class:`UsageError` for a run that the ledger does not have, :class:`DataError` where
    its data are gone.
    """
    from jeoul import api
    from jeoul.market import assemble
    from jeoul.operations.desk.intents import named_run
    from jeoul.operations.replay import snapshot_then
    from jeoul.pipeline import run_model
    from jeoul.reporting.stance import stance
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import mandate_then, read_ledger

    with closing(read_ledger(config)) as ledger:
        run = named_run(ledger, run_id)
    if run is None:
        raise UsageError(f"there is no run {run_id!r}; `jeoul history CONFIG` lists them")
    mandate, calendars = mandate_then(config, run), api.calendars()
    market = api.open_market(config.folder, cache=user_cache())
    snapshot, _ = snapshot_then(config, mandate, run, market)
    return stance([run_model(mandate, assemble(snapshot, mandate.universe, calendars), None)])
