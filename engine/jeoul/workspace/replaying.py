"""A past run decided again, from its ledger and the data that were kept of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jeoul.household.written.file import HouseholdFile
    from jeoul.operations.household.replay import AccountPart
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
    from jeoul.operations.household.replay import AccountPart
    from jeoul.operations.replay import replay, stored_strategy
    from jeoul.workspace.live import read_ledger

    with closing(read_ledger(config)) as ledger:
        run = named_run(ledger, run_id)
        if run is None:
            raise UsageError(f"there is no run {run_id!r}; `jeoul history CONFIG` lists them")
        intents = tuple(intents_of(ledger, run_id))
    kept = run.document
    if "household" in kept:
        part = AccountPart(config=config, run=run, intents=intents)
        return _replayed_parts(run_id, [part])
    mandate = api.mandate(
        stored_strategy(run), kept["profile"], kept["kind"], limit=limit_then(run)
    )
    return replay(config, mandate, run, intents, api.open_market(config.folder), api.calendars())


def replayed_household(household: HouseholdFile, name: str) -> Replay:
    """Return how a plan of a household comes out when it is made again, in all its accounts.

    ``name`` is that of the whole, or of one account's part: then that part alone is compared.
    Raises :class:`UsageError` for a plan that no ledger has.
    """
    from jeoul.operations.desk.intents import intents_of, named_run
    from jeoul.operations.household.configs import account_configs
    from jeoul.operations.household.leg import part_named
    from jeoul.operations.household.replay import AccountPart
    from jeoul.operations.ledger import has_ledger
    from jeoul.workspace.live import read_ledger

    parts = []
    for config in account_configs(household).values():
        if not has_ledger(config):
            continue
        with closing(read_ledger(config)) as ledger:
            run = part_named(ledger, name) or named_run(ledger, name)
            if run is None:
                continue
            if "household" not in run.document:
                return replayed(config, name)
            intents = tuple(intents_of(ledger, run.run_id))
            parts.append(AccountPart(config=config, run=run, intents=intents))
    if not parts:
        raise UsageError(
            f"no account of {household.path} has a plan or a run named {name!r}; "
            "`jeoul history FILE:ACCOUNT` lists them"
        )
    return _replayed_parts(name, parts)


def _replayed_parts(name: str, parts: Sequence[AccountPart]) -> Replay:
    """Return how parts of one plan of a household come out when the whole is made again."""
    from datetime import date
    from pathlib import Path

    from jeoul import api
    from jeoul.operations.household.replay import replay_parts
    from jeoul.workspace.configs import household_in
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.live import household_planner

    first, config = parts[0].run, parts[0].config
    of_whole = first.document["household"]
    written = str(of_whole["file"])
    places = (each for each in (Path(written), config.path) if each.exists())
    file = next((found for each in places if (found := household_in(str(each)))), None)
    for part in parts:
        account = part.run.document["household"]["account"]
        if file is None or account not in file.accounts:
            raise UsageError(
                f"run {part.run.run_id} is a part of a plan of {written}, which no longer has the "
                f"account {account!r}; put the household's file back to replay it"
            )
    assert file is not None
    market = api.open_market(file.runs.data, cache=user_cache())
    day = of_whole.get("today")
    on = first.session if day is None else date.fromisoformat(day)
    return replay_parts(name, parts, market, household_planner(file, market, on))


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
