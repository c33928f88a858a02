"""The models of a report, replayed once for the same rules and market."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jeoul.files.cache import kept_or_made
from jeoul.model.calendar import Reals
from jeoul.pipeline.estimation import HistoryWindows

if TYPE_CHECKING:
    from jeoul.files.cache import Cache
    from jeoul.model.history import History
    from jeoul.pipeline import Model
    from jeoul.pipeline.mandate import Mandate
    from jeoul.pipeline.replay import ModelState


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A model replayed from the beginning; ``held`` are its weights after each row, CASH last.

    Weights are NaN before the model is invested.
    """

    model: Model
    held: Reals
    known: Sequence[ModelState] | None = None

    @property
    def along(self) -> Iterable[ModelState]:
        """Return the model after every row: those of this replay, or of one that begins now."""
        return _states(self.model) if self.known is None else self.known


@dataclass(frozen=True, slots=True)
class KeptModels:
    """Models over one history; ``digest`` says what the market of it shows.

    What a ``cache`` keeps is what a replay gives, to the last bit.
    """

    history: History
    digest: str
    cache: Cache | None = None
    windows: HistoryWindows = field(default_factory=HistoryWindows)

    def followed(self, mandate: Mandate) -> Followed:
        """Return the model of a mandate, replayed from the beginning or read."""
        from jeoul.pipeline.kept_names import kept_name
        from jeoul.pipeline.remade import packed, unpacked

        name = None if self.cache is None else kept_name("model", mandate, self.digest)

        def read(content: bytes) -> Followed:
            return Followed(*unpacked(mandate, self.history, content, self.windows))

        def written(found: Followed) -> bytes:
            return packed(found.model, found.held)

        return kept_or_made(self.cache, name, lambda: self._replayed(mandate), written, read)

    def _replayed(self, mandate: Mandate) -> Followed:
        from jeoul.pipeline import run_model

        along: list[ModelState] = []
        model = run_model(mandate, self.history, watch=along.append, windows=self.windows)
        held = np.full((len(along), len(mandate.places)), np.nan)
        for row, state in enumerate(along):
            if state.held is not None:
                held[row] = state.held
        return Followed(model, held, along)


def _states(model: Model) -> Iterator[ModelState]:
    from jeoul.pipeline.replay import start, states

    return states(model.mandate, model.history, start(model.mandate), model.allocations)
