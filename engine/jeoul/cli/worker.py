"""What a worker of a sweep runs: importable by name, opening its data once per process."""

from __future__ import annotations

import gc
from datetime import date
from functools import cache, lru_cache
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.research.measure import MeasuredVariant, PreparedVariants, measure
from jeoul.research.sweep import Chunk

if TYPE_CHECKING:
    from jeoul.model.history import History
    from jeoul.strategy.schema import Strategy


def run_chunk(chunk: Chunk) -> list[MeasuredVariant]:
    """Return what the variants of a chunk come to.

    Raises :class:`DataError` if this machine's market folder is not the one that was asked about.
    """
    from jeoul import api

    strategy, history, seen = _opened(chunk.strategy, chunk.folder, chunk.as_of, chunk.digest)
    found = list(
        measure(
            strategy,
            history,
            chunk.digest,
            chunk.variants,
            lambda variant: api.mandate(variant, chunk.profile, chunk.account),
            span=(_day(chunk.start), _day(chunk.end)),
            seen=seen,
        )
    )
    _keep_what_is_open()
    return found


@cache
def _keep_what_is_open() -> None:
    """Keep the open market out of garbage collection, which takes as long as several variants."""
    if parent_process() is not None:
        gc.freeze()


@lru_cache(maxsize=2)
def _opened(
    strategy: str, folder: str | None, as_of: str, digest: str
) -> tuple[Strategy, History, PreparedVariants]:
    from jeoul import api
    from jeoul.errors import DataError
    from jeoul.strategy.schema import Strategy
    from jeoul.workspace.kept import user_cache

    loaded = Strategy.model_validate_json(strategy)
    market = api.open_market(None if folder is None else Path(folder), cache=user_cache())
    snapshot = market.as_of(as_of, loaded.calendar)
    if snapshot.digest != digest:
        raise DataError(
            f"the market folder {folder or 'of the sample'} on this machine is not the one the "
            "sweep was started with; copy it again"
        )
    return loaded, api.history(loaded, snapshot), PreparedVariants()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
