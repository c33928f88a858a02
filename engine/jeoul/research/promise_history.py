"""The promises of every session of a history, and what the model's own path made of them."""

from __future__ import annotations

from datetime import date

from jeoul.backtesting import Prepared, simulated
from jeoul.promises.making import promises_along
from jeoul.promises.outcomes import ValuePath
from jeoul.promises.promise import Promise
from jeoul.promises.scoring import Halves, halves


def scored_history(
    prepared: Prepared, *, is_simulated: bool, chosen: date | None
) -> tuple[Halves, Promise]:
    """Return how promises along a history were kept, walking forward, and the newest of them.

    Each promise is made of what was known on its session. ``chosen`` is the day on which the rules
    were, None where nobody recorded it; ``is_simulated`` says that the market is.
    """
    made = promises_along(prepared.mandate, prepared.history, prepared.made, simulated=is_simulated)
    run = simulated(prepared, proxies=False)
    path = ValuePath(sessions=run.sessions, values=run.nav, turnover=run.turnover, cost=run.cost)
    return halves(made, path, chosen), made[-1]
