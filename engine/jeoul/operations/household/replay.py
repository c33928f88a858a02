"""A past plan of a household made again, and the parts of its accounts compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.market.kept_market import KeptMarket
from jeoul.model.snapshot import Snapshot
from jeoul.model.valued import Valued
from jeoul.operations.archive import recall
from jeoul.operations.decision import planned_by
from jeoul.operations.desk.intents import Intent, Run
from jeoul.operations.household.asked_money import under_way_in
from jeoul.operations.household.kept_looks import looks_of
from jeoul.operations.household.leg import KEPT, unbought
from jeoul.operations.household.planner import HouseholdPlanner
from jeoul.operations.household.planning import PlannedHousehold
from jeoul.operations.household.seen_market import HOME
from jeoul.operations.replay import (
    Replay,
    circumstances_then,
    config_then,
    order_differences,
    valued_then,
    weight_differences,
)
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.passphrase import key_of
from jeoul.pipeline import Mandate

SAME_WON = 1
"""Won by which the cost of two equal plans may differ: sums of floats on other processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """One account's part of a household's plan as its ledger has it, with its config of today."""

    config: Config
    run: Run
    intents: tuple[Intent, ...]


def replay_parts(
    name: str,
    parts: Sequence[AccountPart],
    market: Market,
    planner: HouseholdPlanner,
) -> Replay:
    """Return how parts of one plan of a household come out when the whole is made again.

    ``name`` is what the replay is called. ``planner`` has the household's file as it is today;
    accounts, costs and money are those that the plan was made from, and each account's fee, limits
    and collar those of then. The market is that of the folder if it still shows the same, else what
    an account of the household has kept of it. Raises :class:`DataError` where neither has it, and
    for a plan of before the accounts were kept with it.
    """
    first = parts[0].run
    kept = first.document[KEPT]
    if "looked" not in kept:
        raise DataError(
            f"run {first.run_id} is of a version that did not keep what the other accounts of the "
            "household held; newer runs can be replayed"
        )
    seen, source = _market_then(parts, market, planner)
    now = replace(planner, market=seen)(
        date.fromisoformat(kept["on"]), looks_of(kept["looked"]), under_way_in(kept)
    )
    found = whole_differences(kept, now.document)
    for part in parts:
        account = str(part.run.document[KEPT]["account"])
        of_part = _part_differences(part, planner.mandates[account], now)
        several = len(parts) > 1
        found += [f"{account}: {each}" if several else each for each in of_part]
    return Replay(name, source, tuple(found))


def _market_then(
    parts: Sequence[AccountPart], market: Market, planner: HouseholdPlanner
) -> tuple[Market | KeptMarket, str]:
    """Return the market that a plan was made from, and whether it is the folder or an archive."""
    first = parts[0].run
    kept = first.document[KEPT]
    on = date.fromisoformat(kept["on"])
    if (seen := kept.get("seen")) is not None:
        digest, calendar = seen["digest"], HOME
        valued: Valued | None = Valued.from_document(seen["valued"])
    else:  # a plan of before it was kept: what the account itself saw of the market
        digest, valued = first.document["snapshot"], valued_then(first.document)
        calendar = planner.mandates[str(kept["account"])].strategy.calendar
        on = first.session
    found = market.as_then(on, calendar, digest, valued)
    if found is not None:
        return found, "folder"
    for snapshot in _archived(parts, planner, digest):
        if (snapshot.calendar, snapshot.as_of) == (HOME, date.fromisoformat(kept["on"])):
            return KeptMarket(snapshot), "archive"
    raise DataError(
        f"the data of run {first.run_id} are gone: the folder shows something else for "
        f"{first.session} now, and no account of the household has kept them"
    )


def _archived(
    parts: Sequence[AccountPart], planner: HouseholdPlanner, digest: str
) -> Iterator[Snapshot]:
    """Yield what accounts have kept under a digest: each keeps what it traded on."""
    configs = {each.config.state: each.config for each in parts}
    configs |= {config.state: config for config in planner.configs.values()}
    for config in configs.values():
        snapshot = recall(config.state, digest, key_of(config))
        if snapshot is None:
            continue
        if snapshot.digest != digest:
            raise DataError(f"the archive in {config.state} was changed; restore it from a backup")
        yield snapshot


def _part_differences(part: AccountPart, mandate: Mandate, now: PlannedHousehold) -> list[str]:
    document = part.run.document
    name = str(document[KEPT]["account"])
    if name not in now.decisions:
        return ["household: no plan keeps all rules now"]
    decision = now.decisions[name]
    given = circumstances_then(document)
    if given.stops is not None:
        decision = unbought(decision, given.stops)
    then = config_then(part.config, document)
    portfolio = looks_of(document[KEPT]["looked"])[name].portfolio
    decided = planned_by(then, mandate, decision, portfolio, given)
    return [
        *weight_differences(document, decision.proposal),
        *order_differences(part.intents, decided.plan.orders),
    ]


def whole_differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return how the plan of a household differs from the one that was kept.

    Inputs are compared by their digest: the file, prices, and what its people answered. A plan
    whose search ran out of time may come out cheaper or dearer on another machine.
    """
    found = []
    if then["inputs_id"] != now["inputs_id"]:
        found.append("household: its file, holdings or prices are not those of then")
    before, after = (_total(each) for each in (then, now))
    if before != after and (before is None or after is None or abs(before - after) > SAME_WON):
        found.append(f"household: a plan that costs {_won(before)} then, {_won(after)} now")
    return found


def _total(document: Mapping[str, Any]) -> int | None:
    cost = document["objective"]
    return None if cost is None else cost["total"]


def _won(amount: int | None) -> str:
    return "none" if amount is None else f"{amount:,} won"
