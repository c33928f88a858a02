"""The proposal of today from the model's memory of an earlier session, which commands keep."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from jeoul.errors import DataError
from jeoul.files.cache import Cache
from jeoul.workspace.inputs import Opened
from jeoul.workspace.kept import user_cache

if TYPE_CHECKING:
    from jeoul.model.decision import Memory, Proposal
    from jeoul.model.grade_limit import GradeLimit
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.along import Step

MEMORIES = 8
"""How many memories of one mandate are kept: two for each of the last days asked about."""


def propose_remembering(
    opened: Opened,
    profile: str,
    account: str,
    *,
    limit: GradeLimit | None = None,
    step: Step | None = None,
) -> Proposal:
    """Return the proposal of the opened inputs, replayed from a kept memory where one fits.

    A memory counts only while the market still shows what it was made from; with it or without,
    the proposal is the same to the last bit. After a replay of all history the memory of the
    session before is kept too, so that the same day can be asked about again. ``step`` hears of
    every date on which an allocation is made.
    """
    from jeoul import api
    from jeoul.errors import ForeignMemory
    from jeoul.pipeline import propose
    from jeoul.pipeline.kept_names import kept_name

    strategy, snapshot = opened.strategy, opened.snapshot
    cache = user_cache()
    mandate = api.mandate(strategy, profile, account, limit=limit)
    name = None if cache is None else kept_name("memories", mandate, "")
    if cache is None or name is None:
        return propose(mandate, snapshot, api.calendars(), step=step)
    known = _read(cache, name)
    memory = _fitting(opened, known)
    if memory is None:
        first = _of_the_session_before(opened, mandate, step)
        known, memory = ([first, *known], first[1]) if first else (known, None)
    try:
        found = propose(mandate, snapshot, api.calendars(), memory)
    except ForeignMemory:
        found = propose(mandate, snapshot, api.calendars(), step=step)
    own = (snapshot.digest, found.memory)
    if own not in known:
        _write(cache, name, [own, *known])
    return found


def _fitting(opened: Opened, known: list[tuple[str, Memory]]) -> Memory | None:
    """Return the newest memory of an earlier session that this market shows as it did then."""
    earlier = [pair for pair in known if pair[1].as_of < opened.snapshot.as_of]
    for digest, memory in sorted(earlier, key=lambda pair: pair[1].as_of, reverse=True):
        if _digest(opened, memory.as_of) == digest:
            return memory
    return None


def _digest(opened: Opened, day: date) -> str | None:
    try:
        return opened.market.as_of(day, opened.strategy.calendar).digest
    except DataError:
        return None


def _of_the_session_before(
    opened: Opened, mandate: Mandate, step: Step | None
) -> tuple[str, Memory] | None:
    """Return the memory that a replay up to the session before leads to, None before the first."""
    from jeoul import api
    from jeoul.pipeline import run_model
    from jeoul.pipeline.memory import remember

    calendar = opened.strategy.calendar
    days = opened.market.sessions(calendar)
    earlier = days[days < np.datetime64(opened.snapshot.as_of)]
    if not len(earlier):
        return None
    before = opened.market.as_of(earlier[-1].astype(object), calendar)
    history = api.history(opened.strategy, before)
    return before.digest, remember(mandate, history, run_model(mandate, history, step=step).state)


def _read(cache: Cache, name: str) -> list[tuple[str, Memory]]:
    from jeoul.operations.setup.memory import from_document

    content = cache.find(name)
    try:
        pairs = [] if content is None else json.loads(content)
        return [(digest, from_document(document)) for digest, document in pairs]
    except (ValueError, KeyError, TypeError):
        return []  # of another version


def _write(cache: Cache, name: str, known: list[tuple[str, Memory]]) -> None:
    from jeoul.operations.setup.memory import to_document

    pairs = [(digest, to_document(memory)) for digest, memory in known[:MEMORIES]]
    cache.keep(name, json.dumps(pairs).encode())
