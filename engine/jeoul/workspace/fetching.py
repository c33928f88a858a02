"""A fetch plan carried out: what its sources have that is new, and the market folder of it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jeoul.market.cache.store import RawStore
    from jeoul.market.fetching.plan import FetchPlan
    from jeoul.market.fetching.run import SeriesOutcome
    from jeoul.model.calendar import Calendar
    from jeoul.workspace.fetch_report import FetchReport

Step = Callable[[str], None]
"""Called with the name of each series as it comes."""


class PlanFile(NamedTuple):
    """A fetch plan with its file, and where its store and its market folder are."""

    plan: FetchPlan
    path: Path
    store: Path
    target: Path


def plan_for(folder: Path, beside: Sequence[Path]) -> PlanFile | None:
    """Return the fetch plan that writes a market folder, None where there is none.

    It is looked for in the folders ``beside``. Its own paths are relative to the working folder,
    as `jeoul fetch` reads them, or to the folder of the plan. Raises
    :class:`~jeoul.errors.ConfigError` for a plan of that folder with problems in it.
    """
    from jeoul.errors import ConfigError
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of
    from jeoul.market.fetching.plan import read_plan

    for path in dict.fromkeys(found for each in beside for found in sorted(each.glob("*.toml"))):
        try:
            data = parse(path, ConfigError).data
        except ConfigError:  # another file, not finished
            continue
        if kind_of(data) != "fetch plan" or not isinstance(data.get("folder"), str):
            continue
        for base in (Path(), path.parent):
            target = base / Path(data["folder"]).expanduser()
            if target.resolve() == folder.resolve():
                plan = read_plan(path)
                return PlanFile(plan, path, base / Path(plan.store).expanduser(), target)
    return None


def wanted_count(plan: FetchPlan, only: Sequence[str] = ()) -> int:
    """Return how many series a fetch of a plan, or of some of its names, looks at."""
    return sum(1 for name in plan.wanted().values() if not only or name in only)


def fetch(
    given: PlanFile,
    raw: RawStore,
    now: Callable[[], int],
    step: Step,
    *,
    only: Sequence[str] = (),
    full: bool = False,
) -> FetchReport:
    """Return what a fetch into an open store came to; the market folder is written.

    ``now`` is the clock in whole seconds, ``only`` names of the plan, ``full`` asks for the whole
    history. The lock of the store is the caller's. Raises :class:`~jeoul.errors.DataError` where
    what came makes no market folder; the one before stays.
    """
    from jeoul import api
    from jeoul.market.fetching.asking import asking
    from jeoul.market.fetching.run import Fetching

    plan, calendars = given.plan, api.calendars()
    fetching = Fetching(plan, raw, calendars, now)
    outcomes = []
    with asking(plan, given.store, given.path.parent, os.environ, random.Random()) as ask:
        for outcome in fetching.run(ask, only, full=full):
            outcomes.append(outcome)
            step(outcome.name)
    return _published(given, raw, now(), calendars, outcomes)


def fetch_now(given: PlanFile, now: Callable[[], int], step: Step) -> FetchReport:
    """Return what a fetch of a whole plan came to, with the lock of its store.

    Raises :class:`~jeoul.errors.AlreadyRunning` while another fetch is at work, and what
    :func:`fetch` raises.
    """
    from jeoul.market.cache.lock import locked
    from jeoul.market.cache.store import RawStore

    with locked(given.store), RawStore(given.store / "raw.sqlite3") as raw:
        return fetch(given, raw, now, step)


def _published(
    given: PlanFile,
    raw: RawStore,
    at: int,
    calendars: Mapping[str, Calendar],
    outcomes: list[SeriesOutcome],
) -> FetchReport:
    from jeoul import api
    from jeoul.market.coverage import findings
    from jeoul.market.publishing.publish import publish
    from jeoul.workspace.fetch_report import FetchReport

    plan, target = given.plan, given.target
    if all(raw.read(key) is None for key in plan.wanted()):
        return FetchReport(outcomes)
    published, snapshot = publish(raw, plan, target, at, calendars)
    return FetchReport(outcomes, published, snapshot, target, findings(api.open_market(target)))
