"""A past plan of a household made again, and one account's part of it compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.operations.decision import planned_by
from jeoul.operations.desk.intents import Intent, Run
from jeoul.operations.household.kept_looks import looks_of
from jeoul.operations.household.leg import KEPT, unbought
from jeoul.operations.household.planner import HouseholdPlanner
from jeoul.operations.replay import (
    Replay,
    circumstances_then,
    config_then,
    order_differences,
    valued_then,
    weight_differences,
)
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate

SAME_WON = 1
"""Won by which the cost of two equal plans may differ: sums of floats on other processors."""


def replay_part(
    config: Config,
    mandate: Mandate,
    run: Run,
    intents: Sequence[Intent],
    market: Market,
    planner: HouseholdPlanner,
) -> Replay:
    """Return how one account's part of a household's plan comes out when the whole is made again.

    ``planner`` has the household's file as it is today; accounts, costs and money are those that
    the plan was made from, and the account's fee, limits and collar those of then. Raises
    :class:`DataError` where the market folder shows something else now, and for a plan of before
    the accounts were kept with it.
    """
    kept = run.document[KEPT]
    if "looked" not in kept:
        raise DataError(
            f"run {run.run_id} is of a version that did not keep what the other accounts of the "
            "household held; newer runs can be replayed"
        )
    calendar, wanted = mandate.strategy.calendar, run.document["snapshot"]
    valued = valued_then(run.document)
    then_market = market.as_then(run.session, calendar, wanted, valued)
    if then_market is None:
        raise DataError(
            f"the data of run {run.run_id} are gone: the folder shows something else for "
            f"{run.session} now, and a household is planned from the folder"
        )
    looks = looks_of(kept["looked"])
    name = str(kept["account"])
    planner = replace(planner, market=then_market)
    now = planner(date.fromisoformat(kept["on"]), looks)
    found = whole_differences(kept, now.document)
    if name not in now.decisions:
        return Replay(run.run_id, "folder", (*found, "household: no plan keeps all rules now"))
    decision = now.decisions[name]
    given = circumstances_then(run.document)
    if given.stops is not None:
        decision = unbought(decision, given.stops)
    then = config_then(config, run.document)
    decided = planned_by(then, mandate, decision, looks[name].portfolio, given)
    found += weight_differences(run.document, decision.proposal)
    found += order_differences(intents, decided.plan.orders)
    return Replay(run.run_id, "folder", tuple(found))


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
    return None if cost is None else int(cost["total"])


def _won(amount: int | None) -> str:
    return "none" if amount is None else f"{amount:,} won"
