"""What the account beside a model came to: its record, which is read without what makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jeoul import metrics
from jeoul.model.calendar import Days, Reals
from jeoul.model.shown import Brief

AMOUNTS = {"KRW": 100_000_000, "USD": 100_000}
"""What the account begins with where nobody says, in main units of its currency."""

STEPS = (
    ("model", ""),
    ("free", "costs"),
    ("listed", "funds"),
    ("whole", "shares"),
    ("idle", "cash"),
    ("account", "costs"),
)
"""The paths from the model to the account, each with what parts it from the one before."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True, eq=False)
class Attainable(Brief):
    """An account beside the model that it followed, from the account's first fill on.

    ``amount`` is what it began with and ``worth`` what it was worth after each session, in smallest
    units of ``currency``. ``paths`` has a unit value by session for each of :data:`STEPS`, 1 at
    first: the model, the model before its costs, the same in listed funds and fractions of a
    share, in whole shares, with the cash that lies idle, and the account after its costs.
    ``proxies`` is the share of the model's invested weight that rested on proxies, averaged.
    ``turnover`` (half of what was traded) and ``cost`` are sums over the span, as shares of the
    account, without those of the first session.
    """

    amount: int
    currency: str
    sessions: Days
    worth: tuple[int, ...]
    paths: Mapping[str, Reals]
    proxies: float
    turnover: float
    cost: float


def span_of(found: Attainable, path: str) -> tuple[float, float, float]:
    """Return the yearly growth, the whole growth and the deepest fall along one path."""
    nav = found.paths[path]
    return (
        metrics.growth_rate(found.sessions, nav),
        metrics.total_return(nav),
        metrics.max_drawdown(nav),
    )
