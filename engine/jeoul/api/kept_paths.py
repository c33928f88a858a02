"""The models that a report compares with, replayed once for the same rules and market."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from jeoul.api.accounts import packed, unpacked
from jeoul.files.cache import kept_or_made

if TYPE_CHECKING:
    from jeoul.backtesting import Backtest
    from jeoul.backtesting.run import Walk
    from jeoul.files.cache import Cache
    from jeoul.model.history import History
    from jeoul.pipeline import Model
    from jeoul.pipeline.estimation import HistoryWindows
    from jeoul.pipeline.mandate import Mandate


@dataclass(frozen=True, slots=True)
class KeptPaths:
    """Paths of models over one history; ``digest`` says what the market of it shows.

    What a ``cache`` keeps has the name of all that it rests on
    (:func:`~jeoul.pipeline.kept_names.kept_name`). It is what a replay gives, to the last bit.
    """

    history: History
    digest: str
    cache: Cache | None = None
    windows: HistoryWindows | None = None
    _known: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def backtest(
        self, mandate: Mandate, start: date | None, end: date | None, *, like: Model | None = None
    ) -> Backtest:
        """Return the backtest of a mandate; a replay shares the allocations of ``like``."""
        from jeoul.backtesting.run import of_walk, walk_of
        from jeoul.pipeline import run_model

        def made() -> bytes:
            return _written(
                walk_of(run_model(mandate, self.history, like=like, windows=self.windows))
            )

        walk = _read(self._found("path", mandate, made))
        return of_walk(mandate, self.history, walk, start=start, end=end)

    def moved(self, model: Model) -> float | None:
        """Return how far the rule of 0.1.0 is away: :func:`~jeoul.pipeline.former.moved`."""
        from jeoul.pipeline.former import moved

        content = self._found("moved", model.mandate, lambda: json.dumps(moved(model)).encode())
        found: float | None = json.loads(content)  # a float is written so that it comes back
        return found

    def _found(self, kind: str, mandate: Mandate, made: Callable[[], bytes]) -> bytes:
        from jeoul.pipeline.inputs import rules_id
        from jeoul.pipeline.kept_names import kept_name

        wanted = (kind, rules_id(mandate))
        if wanted not in self._known:
            name = None if self.cache is None else kept_name(kind, mandate, self.digest)
            self._known[wanted] = kept_or_made(self.cache, name, made, bytes, bytes)
        return self._known[wanted]


def _written(walk: Walk) -> bytes:
    paths = {name: packed(getattr(walk, name)) for name in walk._fields if name != "first"}
    return json.dumps({"first": walk.first, "paths": paths}).encode()


def _read(content: bytes) -> Walk:
    from jeoul.backtesting.run import Walk

    kept = json.loads(content)
    paths = {name: unpacked(text, "<f8") for name, text in kept["paths"].items()}
    return Walk(kept["first"], **paths)
