"""What the model wants an account to hold after a session, and after every one of a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import Infeasible, ShortHistory
from jeoul.model.calendar import Reals
from jeoul.model.decision import Quote, Target
from jeoul.model.history import History
from jeoul.model.instrument import Universe
from jeoul.model.money import UNITS
from jeoul.model.nav import NetAssetValue
from jeoul.model.portfolio import CASH, Reason, Weights
from jeoul.model.whole_prices import units_along
from jeoul.pipeline.allocation import ALIVE, RowAllocation, allocate, holdable
from jeoul.pipeline.mandate import CURRENT, Mandate
from jeoul.pipeline.replay import ModelState, allocations, states
from jeoul.pipeline.replay import start as first_state
from jeoul.pipeline.scaling import target_of


class ModelTarget(NamedTuple):
    """What the model wants after a session; no target where it can order nothing that it may.

    ``scale`` is the part of the risk classes that the risk control lets the model hold.
    """

    session: date
    target: Target | None
    scale: float = 1.0


def targets_along(
    mandate: Mandate, history: History, *, start: date, end: date
) -> Iterator[ModelTarget]:
    """Yield what the model wants after every session of a span, from one replay of the history.

    The same weights, trades and prices as :func:`~jeoul.pipeline.proposing.propose` gives session
    by session, without what explains them. There is no target before the strategy can be invested,
    nor where the funds that have a price satisfy its rules in no mix.
    """
    beginning = first_state(mandate)
    made, _ = allocations(mandate, history, beginning)
    along = states(mandate, history, beginning, made)
    return targets_of(mandate, history, along, {}, start=start, end=end)


def targets_of(
    mandate: Mandate,
    history: History,
    along: Iterable[ModelState],
    quoted: dict[int, Mapping[str, Quote]],
    *,
    start: date,
    end: date,
) -> Iterator[ModelTarget]:
    """Yield what :func:`targets_along` does, for a model that was replayed already.

    ``along`` is the model after every row. ``quoted`` keeps the quotes by row: models of one
    history that are given the same one share them.
    """
    wishes = _Wishes(mandate, history, quoted)
    for state in along:
        day = history.day(state.row)
        if day > end:
            return
        if day >= start:
            yield ModelTarget(day, wishes.after(state), state.posture.scale)


class _Wishes:
    """The targets of one model; what sessions have in common is made once."""

    def __init__(
        self, mandate: Mandate, history: History, quoted: dict[int, Mapping[str, Quote]]
    ) -> None:
        self.mandate, self.history, self.quoted = mandate, history, quoted
        self.current = history.priced >= _earliest(len(history), CURRENT)
        self.alive = history.lived >= _earliest(len(history), ALIVE)
        self.choices: dict[object, tuple[dict[int, str], tuple[int, ...]]] = {}
        self.made_again: dict[tuple[int, tuple[int, ...]], RowAllocation | None] = {}
        self.weights: dict[object, Weights] = {}

    def after(self, state: ModelState) -> Target | None:
        """Return the target after the row of a state."""
        if state.allocation is None or state.held is None:
            return None
        mandate, history, row = self.mandate, self.history, state.row
        tickers, choice = self._choice(row)
        key = (state.allocation.row, choice)
        if key not in self.made_again:
            try:
                self.made_again[key] = orderable(mandate, history, state, proxies=False)
            except (Infeasible, ShortHistory):
                self.made_again[key] = None
        allocation = self.made_again[key]
        if allocation is None:
            return None
        if row not in self.quoted:
            self.quoted[row] = quotes_on(history, row, mandate.universe)
        wanted = self._weights(state, allocation, key, tickers)
        return target_on(mandate, history, state, wanted, (), self.quoted[row])

    def _choice(self, row: int) -> tuple[dict[int, str], tuple[int, ...]]:
        """Return what can be ordered on a row; it follows from what has a price and a return."""
        alike = self.current[row].tobytes(), self.alive[row].tobytes()
        if alike not in self.choices:
            choice = holdable(self.mandate, self.history, row, proxies=False)
            tickers = tickers_on(self.mandate, self.history, row, proxies=False)
            self.choices[alike] = tickers, tuple(choice.tolist())
        return self.choices[alike]

    def _weights(
        self, state: ModelState, allocation: RowAllocation, key: object, tickers: Mapping[int, str]
    ) -> Weights:
        """Return the weights of a target; those that an effect ties to what is held change."""
        made = (key, state.posture, tuple(tickers.values()))
        if state.posture.effects or made not in self.weights:
            vector = target_of(self.mandate, allocation, state.posture, state.held)
            self.weights[made] = by_ticker(vector, tickers)
        return self.weights[made]


def _earliest(count: int, sessions: int) -> NDArray[np.int64]:
    """Return, for each row, the first of the last few sessions, as a column."""
    rows = np.arange(count, dtype=np.int64)[:, np.newaxis]
    return np.maximum(0, rows - sessions + 1)


def target_on(
    mandate: Mandate,
    history: History,
    state: ModelState,
    weights: Weights,
    reasons: tuple[Reason, ...],
    quotes: Mapping[str, Quote] | None = None,
) -> Target:
    """Return the target that weights by ticker amount to after the row of a state.

    ``quotes`` are those of the row (:func:`quotes_on`) where they were read already.
    """
    rules = mandate.strategy.rebalance
    return Target(
        as_of=history.days[state.row],
        executed=history.executed[state.row].astype(object),
        currency=history.currency,
        weights=weights,
        due=state.pending,
        reasons=reasons,
        quotes=quotes_on(history, state.row, mandate.universe) if quotes is None else quotes,
        band=rules.band,
        min_trade=rules.min_trade * UNITS[history.currency],
        risk=mandate.risk,
        risk_cap=mandate.risk_cap,
        graded=mandate.graded,
    )


def orderable(
    mandate: Mandate, history: History, state: ModelState, *, proxies: bool
) -> RowAllocation:
    """Return the remembered allocation, made again without members that cannot be ordered now."""
    assert state.allocation is not None
    made = state.allocation
    choice = holdable(mandate, history, state.row, proxies=proxies)
    wanted = made.members if proxies else made.members[np.isin(made.members, choice)]
    if len(wanted) == len(made.members):
        return made
    return allocate(
        mandate,
        history,
        made.row,
        choice,
        previous=None if state.previous is None else state.previous.weights,
    )


def tickers_on(mandate: Mandate, history: History, row: int, *, proxies: bool) -> dict[int, str]:
    """Return the code that an order in each member would name, by its place."""
    found = {}
    for place in mandate.members:
        code = mandate.ticker(int(place), history, row)
        if code is None and proxies:
            code = mandate.allowed[place][0]
        if code is not None:
            found[int(place)] = code
    return found


def by_ticker(vector: Reals, tickers: Mapping[int, str]) -> Weights:
    """Return weights by place as weights by ticker and CASH."""
    found = {code: float(vector[place]) for place, code in tickers.items() if vector[place] > 0.0}
    return {**found, CASH: max(0.0, 1.0 - sum(found.values()))}


def quotes_on(history: History, row: int, universe: Universe) -> dict[str, Quote]:
    """Return the newest price of every instrument that has a current one on a row.

    Where the data have net asset values, each price has that of its session beside it, else the
    newest one.
    """
    newest, codes, days = history.priced[row], history.codes, history.days
    columns = np.flatnonzero(newest >= max(0, row + 1 - CURRENT))
    places = newest[columns]
    prices = units_along(history.prices[places, columns], UNITS[history.currency])
    return {
        codes[column]: Quote(
            price=price,
            session=days[place],
            nav=_nav_on(history, row, column, place, universe),
        )
        for column, place, price in zip(columns.tolist(), places.tolist(), prices, strict=True)
        if price is not None
    }


def _nav_on(
    history: History, row: int, column: int, priced: int, universe: Universe
) -> NetAssetValue | None:
    """Return the net asset value of a fund beside its price of row ``priced``, as known on a row.

    Exchanges publish values of sessions without a trade too, so a newer one is of no use to the
    price. None in data that have no value by then.
    """
    if history.nav is None or row < history.valued_from:
        return None
    limit, same = universe.premium_limit(history.codes[column]), history.valued[priced, column]
    place = int(same if same == priced else history.valued[row, column])
    if place < 0:
        return NetAssetValue(value=None, session=None, limit=limit)
    closes, values = history.prices[: place + 1, column], history.nav[: place + 1, column]
    unit = UNITS[history.currency]
    return NetAssetValue.of(closes, values, history.day(place), limit=limit, unit=unit)
