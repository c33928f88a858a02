"""Means and covariance as the strategy file asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import MANY, LeastYields, is_sound
from jeoul.errors import BadEstimate, TooLarge
from jeoul.estimate import (
    EstimateWindow,
    PanelWindow,
    ReturnPanel,
    View,
    aligned_window,
    constant_correlation,
    constant_correlation_factored,
    equilibrium_mean,
    ewma,
    ewma_factored,
    factor,
    factor_factored,
    ledoit_wolf,
    ledoit_wolf_factored,
    means_after_views,
    sample,
    sample_factored,
    shrunk_mean,
)
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored
from jeoul.model.history import History
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.estimate import (
    BlackLitterman,
    ConstantCorrelation,
    Ewma,
    Factor,
    Implied,
    LedoitWolf,
    Sample,
    ShrunkMean,
)

MOST = 20_000_000
"""Returns that one estimate may take: 160 MB, and as much again for the covariance of it."""

CovarianceRule = LedoitWolf | ConstantCorrelation | Ewma | Factor | Sample

MOST_PANELS = 16
"""How many sets of members keep their returns: some 0.5 MB each for 20 years of few funds."""
MOST_ESTIMATES = 16
"""How many ways to estimate a history keep their windows: some 0.5 MB each for 20 years."""


class SeenReturns(NamedTuple):
    """What is estimated from the returns before a row, whatever is expected of them.

    ``kept`` and ``left_out`` are the members by place, with enough history and with too little;
    ``covariance`` is that of the kept ones a year, zero by zero without any. ``sound`` says whether
    it can be used as it is: what :func:`~jeoul.allocate.check.is_sound` says. ``yields`` are filled
    by the programs that are solved on it.
    """

    kept: NDArray[np.int64]
    left_out: tuple[int, ...]
    covariance: Covariance
    sound: bool
    yields: LeastYields


class HistoryWindows:
    """The windows of one history: mandates that ask for the same estimate share it.

    Two mandates share what they estimate on a row if they may hold the same members there and
    have the same ``estimate.lookback``, ``estimate.min_history`` and ``estimate.covariance``.
    Those of the newest ways to estimate are kept, but of many funds none.
    """

    def __init__(self) -> None:
        self._seen: dict[object, dict[tuple[int, bytes], SeenReturns]] = {}
        self._panels: dict[bytes, ReturnPanel] = {}

    def at(
        self, mandate: Mandate, history: History, row: int, holdable: NDArray[np.int64]
    ) -> SeenReturns:
        """Return what is estimated on a row from the members that can be held.

        Raises :class:`BadEstimate` for returns that give no covariance.
        """
        alike, key = self._of(mandate), (row, holdable.tobytes())
        found = alike.get(key)
        if found is None:
            window = window_of(mandate, history, row, holdable)
            columns = (np.array(each, dtype=np.int64) for each in (window.kept, window.left_out))
            found = _seen(mandate, history, holdable, PanelWindow(window.returns, *columns))
            if not isinstance(found.covariance, Factored):  # of many funds: 10 MB and more
                alike[key] = found
        return found

    def along(
        self,
        mandate: Mandate,
        history: History,
        rows: Iterable[tuple[int, NDArray[np.int64]]],
    ) -> Iterator[SeenReturns]:
        """Yield :meth:`at` of several rows, each with the few members that can be held there."""
        rules, alike = mandate.strategy.estimate, self._of(mandate)
        for row, holdable in rows:
            key = (row, holdable.tobytes())
            found = alike.get(key)
            if found is None:
                first = max(0, row - rules.lookback + 1)
                panel = self._panel(history, holdable)
                window = panel.window(first, row + 1, rules.min_history)
                found = alike[key] = _seen(mandate, history, holdable, window)
            yield found

    def _panel(self, history: History, holdable: NDArray[np.int64]) -> ReturnPanel:
        key = holdable.tobytes()
        if key not in self._panels:
            if len(self._panels) == MOST_PANELS:
                del self._panels[next(iter(self._panels))]
            self._panels[key] = ReturnPanel(history.returns[:, holdable])
        return self._panels[key]

    def _of(self, mandate: Mandate) -> dict[tuple[int, bytes], SeenReturns]:
        """Return what is known of the way in which a mandate estimates."""
        rules = mandate.strategy.estimate
        alike = (rules.lookback, rules.min_history, rules.covariance)
        if alike not in self._seen and len(self._seen) == MOST_ESTIMATES:
            del self._seen[next(iter(self._seen))]
        return self._seen.setdefault(alike, {})


def _seen(
    mandate: Mandate, history: History, holdable: NDArray[np.int64], window: PanelWindow
) -> SeenReturns:
    kept = holdable[window.kept]
    left_out = tuple(holdable[window.left_out].tolist())
    if not len(kept):
        return SeenReturns(kept, left_out, np.zeros((0, 0)), sound=False, yields={})
    covariance = covariance_of(mandate, window.returns) * history.sessions_per_year
    return SeenReturns(kept, left_out, covariance, is_sound(covariance), yields={})


def window_of(
    mandate: Mandate, history: History, row: int, holdable: NDArray[np.int64]
) -> EstimateWindow:
    """Return the returns of members up to a row on which an estimate rests."""
    rules = mandate.strategy.estimate
    return aligned_window(
        history.returns[max(0, row - rules.lookback + 1) : row + 1, holdable], rules.min_history
    )


def means_of(
    mandate: Mandate,
    members: NDArray[np.int64],
    covariance: Covariance,
    returns: Callable[[], Reals],
    *,
    cash_rates: Reals,
    sessions: float,
) -> Reals:
    """Return the annual means above cash that the strategy file asks for.

    ``returns()`` are those of the members per session of a year that has ``sessions``,
    ``cash_rates`` the interest of each session, 0 where unknown. A view counts while every member
    that it names can be held. Raises :class:`BadEstimate` for returns or views that give no means.
    """
    rules = mandate.strategy.estimate.mean
    with _refused_as("mean"):
        if isinstance(rules, ShrunkMean):
            cash = float(np.nan_to_num(cash_rates).mean())
            found: Reals = (shrunk_mean(returns())[0] - cash) * sessions
            return found
        prior = equilibrium_mean(covariance, *equilibrium_of(mandate, members))
        if not isinstance(rules, BlackLitterman):
            return prior
        labels = tuple(mandate.places[place] for place in members)
        return means_after_views(labels, prior, covariance, _views(rules, labels))


def equilibrium_of(mandate: Mandate, members: NDArray[np.int64]) -> tuple[Reals, float]:
    """Return the weights, and the risk aversion, whose equilibrium the means begin from."""
    rules = mandate.strategy.estimate.mean
    if isinstance(rules, Implied):
        split = mandate.split(members)
        return split / split.sum(), rules.share * mandate.rules.risk_aversion
    assert not isinstance(rules, ShrunkMean)
    reference = mandate.reference[members] / mandate.reference[members].sum()
    return reference, rules.risk_aversion


def covariance_of(mandate: Mandate, returns: Reals) -> Covariance:
    """Return the covariance of returns per session that the strategy file asks for.

    Of many funds, and more of them than sessions or factors, it is in factor form.

    Raises :class:`BadEstimate` for returns that do not give one, :class:`TooLarge` for more of them
    than fit.
    """
    kind = mandate.strategy.estimate.covariance
    sessions, n = returns.shape
    rank = kind.factors if isinstance(kind, Factor) else sessions
    if n >= MANY and rank < n:
        return _factored(kind, returns)
    with _refused_as("covariance"):
        if isinstance(kind, LedoitWolf):
            return ledoit_wolf(returns)[0]
        if isinstance(kind, ConstantCorrelation):
            return constant_correlation(returns)[0]
        if isinstance(kind, Ewma):
            return ewma(returns, half_life=kind.half_life)
        if isinstance(kind, Factor):
            return factor(returns, factors=min(kind.factors, returns.shape[1]))
        return sample(returns)


def _factored(kind: CovarianceRule, returns: Reals) -> Factored:
    sessions, n = returns.shape
    if sessions * n > MOST:
        raise TooLarge(
            f"{n:,} funds over {sessions:,} sessions are {sessions * n:,} returns, and "
            f"{MOST:,} at most fit into an estimate; shorten estimate.lookback or take fewer funds"
        )
    with _refused_as("covariance"):
        if isinstance(kind, LedoitWolf):
            return ledoit_wolf_factored(returns)[0]
        if isinstance(kind, ConstantCorrelation):
            return constant_correlation_factored(returns)[0]
        if isinstance(kind, Ewma):
            return ewma_factored(returns, half_life=kind.half_life)
        if isinstance(kind, Factor):
            return factor_factored(returns, factors=min(kind.factors, sessions))
        return sample_factored(returns)


def _views(rules: BlackLitterman, labels: tuple[str, ...]) -> list[View]:
    return [
        View(name=name, weights=view.of, expected=view.expected, confidence=view.confidence)
        for name, view in rules.views.items()
        if set(view.of) <= set(labels)
    ]


@contextmanager
def _refused_as(key: str) -> Iterator[None]:
    """Name the key of the strategy file whose estimate these returns do not give."""
    try:
        yield
    except ValueError as fault:
        raise BadEstimate(f"estimate.{key}: {fault}") from fault
