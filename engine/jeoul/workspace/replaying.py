"""A past run decided again, from its ledger and the data that were kept of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.operations.replay import Replay
    from jeoul.operations.setup.config import Config
    from jeoul.reporting.facts import Stance


def replayed(config: Config, run_id: str) -> Replay:
    """Return how the decision of a run comes out when it is made again.

    Raises :class:`UsageError` for a run that the ledger does not have, and for a part of a
    household's plan, :class:`DataError` where its data are gone.
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
        raise UsageError(
            f"run {run_id} is a part of the plan {part_of['run']} of a household; no account is "
            "decided on alone there, so that it cannot be replayed alone"
        )
    mandate = api.mandate(
        stored_strategy(run), kept["profile"], kept["kind"], limit=limit_then(run)
    )
    return replay(config, mandate, run, intents, api.open_market(config.folder), api.calendars())


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
