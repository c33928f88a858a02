"""The account that could be had: it is the model where nothing keeps it from being so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from jeoul import api, metrics
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountTerms
from jeoul.api.accounts import Accounts
from jeoul.backtesting import Backtest, of_model
from jeoul.backtesting.attainable import attainable, usual_terms
from jeoul.backtesting.attained import STEPS, Attainable
from jeoul.backtesting.beside import Beside, beside, beside_document
from jeoul.files.cache import Cache
from jeoul.model.history import History, Origin
from jeoul.model.portfolio import Portfolio
from jeoul.model.series import PriceTable
from jeoul.pipeline import Mandate, default_rules, run_model
from jeoul.pipeline.replay import ModelState
from jeoul.pipeline.targets import ModelTarget, targets_of
from jeoul.rebalance import Tariff

AMOUNT = 10_000_000
PARTS = 1_000_000


class Made(NamedTuple):
    """A model of a market made by hand, with its targets and the prices that accounts meet."""

    run: Backtest
    wanted: list[ModelTarget]
    events: PriceEvents

    def account(self, terms: AccountTerms) -> Attainable:
        found = attainable(self.run, self.wanted, self.events, api.calendars()["XKRX"], terms)
        assert found is not None
        return found


def flat_on(history: History, rows: set[int]) -> History:
    """Prices in steps of 5 won that never move on the given rows; no fund pays, cash earns 0."""
    rng = np.random.default_rng(18)
    steps = rng.integers(-20, 22, (len(history), len(history.members))) * 5.0
    steps[[0, *sorted(rows)]] = 0.0
    level = 20_000.0 + np.cumsum(steps, axis=0)
    prices = np.full(history.prices.shape, np.nan)
    mandate = free_mandate()
    for place in mandate.members:
        prices[:, history.columns[mandate.allowed[place][0]]] = level[:, place]
    returns = np.full(level.shape, np.nan)
    returns[1:] = level[1:] / level[:-1] - 1.0
    return replace(
        history,
        level=level,
        prices=prices,
        returns=returns,
        origin=np.full(level.shape, Origin.FUND, dtype=np.int8),
        cash_rate=np.zeros(len(history)),
    )


def free_mandate(**rules: Any) -> Mandate:
    """60/40, which allocates by fixed weights, without costs and without a smallest order."""
    strategy = api.load_strategy("sixty-forty")
    free = {"cost": 0.0, "min_trade": 0, **rules}
    rebalance = strategy.rebalance.model_copy(update=free)
    return api.mandate(strategy.model_copy(update={"rebalance": rebalance}), "balanced")


@pytest.fixture(scope="module")
def made(sample: Any) -> Made:
    """Every fund exists, and no price moves between a decision and its fill."""
    mandate = free_mandate()
    history = api.history(mandate.strategy, sample.as_of(date(2023, 12, 28), "XKRX")).until(900)
    flat: set[int] = set()
    while True:
        market = flat_on(history, flat)
        along: list[ModelState] = []
        model = run_model(mandate, market, watch=along.append)
        fills = {trade.row + 1 for trade in model.trace.trades} - {len(market)}
        if fills <= flat:
            break
        flat |= fills
    wanted = list(targets_of(mandate, market, along, {}, start=date.min, end=date.max))
    table = PriceTable(
        "XKRX", "KRW", "raw", market.codes, market.sessions,
        np.zeros(len(market), dtype=np.int64), market.prices, None, None,
    )  # fmt: skip
    return Made(of_model(model), wanted, PriceEvents((table,)))


FREE = Tariff()


def terms(made: Made, *, parts: int, tariff: Tariff = FREE) -> AccountTerms:
    target = next(each.target for each in made.wanted if each.target is not None)
    return AccountTerms(
        start=Portfolio({}, 0),
        rules=default_rules(target, tariff),
        deposits={target.as_of: AMOUNT},
        parts=parts,
        proceeds="reuse",
    )


def test_in_fractions_of_shares_the_account_is_the_model_to_the_won(made: Made) -> None:
    found = made.account(terms(made, parts=PARTS))
    model = [round(AMOUNT * value) for value in found.paths["model"].tolist()]
    assert len(model) > 300
    assert max(model) > min(model) + 100_000
    assert list(found.worth) == model
    for path, _ in STEPS:
        assert np.round(AMOUNT * found.paths[path]).tolist() == model


def test_whole_shares_alone_part_them_where_nothing_costs(made: Made) -> None:
    found = made.account(terms(made, parts=1))
    named = {part.name: part.came for part in beside(found).parts}
    assert list(found.worth) != [round(AMOUNT * value) for value in found.paths["model"]]
    assert named["funds"].total_return == pytest.approx(0.0, abs=1e-12)
    assert named["costs"].total_return == 0.0
    moved = named["shares"].total_return + named["cash"].total_return
    gap = metrics.total_return(found.paths["account"]) - metrics.total_return(found.paths["model"])
    assert moved == pytest.approx(gap)


def test_costs_are_those_of_the_account_less_those_of_the_model(made: Made) -> None:
    dear = made.account(terms(made, parts=PARTS, tariff=Tariff(rate=Decimal("0.01"))))
    named = {part.name: part.came for part in beside(dear).parts}
    assert named["costs"].total_return < -0.001
    assert max(named, key=lambda name: abs(named[name].total_return)) == "costs"
    assert dear.cost > 0.0


class Simulated(NamedTuple):
    """A strategy on the simulated market, from 2023 on."""

    run: Backtest
    along: list[ModelState]
    prices: tuple[PriceTable, ...]

    def beside(self, *, amount: int | None = None, cache: Cache | None = None) -> Beside:
        found = Accounts(self.prices, "sample", amount, cache).beside(self.run, self.along)
        assert found is not None
        return beside(found)


@pytest.fixture(scope="module")
def simulated(sample: Any) -> Simulated:
    strategy = api.load_strategy("static")
    snapshot = sample.as_of(sample.last_session("XKRX"), "XKRX")
    along: list[ModelState] = []
    history = api.history(strategy, snapshot)
    model = run_model(api.mandate(strategy, "balanced"), history, watch=along.append)
    return Simulated(of_model(model, start=date(2023, 1, 2)), along, snapshot.prices)


def test_the_account_has_the_span_of_the_backtest_and_the_usual_amount(
    simulated: Simulated,
) -> None:
    found = simulated.beside()
    assert (found.start, found.end) == (simulated.run.start, simulated.run.end)
    assert found.amount == 100_000_000
    assert found.worth == pytest.approx(found.amount * (1 + found.account.total_return), rel=0.01)


def test_parts_sum_to_the_whole_difference(simulated: Simulated) -> None:
    found = simulated.beside()
    for figure in ("cagr", "total_return", "max_drawdown"):
        parts = sum(getattr(part.came, figure) for part in found.parts)
        gap = getattr(found.account, figure) - getattr(found.model, figure)
        assert parts == pytest.approx(gap, abs=1e-12)
    assert {part.name for part in found.parts} == {"funds", "shares", "cash", "costs"}


def test_a_kept_account_is_the_one_that_was_made(simulated: Simulated, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kept")
    first, again = simulated.beside(cache=cache), simulated.beside(cache=cache)
    assert len(list((tmp_path / "kept").glob("account-*"))) == 1
    assert beside_document(first) == beside_document(again)


def test_another_amount_is_another_account(simulated: Simulated) -> None:
    small = simulated.beside(amount=200_000)
    assert small.amount == 200_000
    assert small.account.total_return != simulated.beside().account.total_return


def test_without_a_fund_to_order_there_is_no_account(made: Made) -> None:
    nothing = [each._replace(target=None) for each in made.wanted]
    calendar = api.calendars()["XKRX"]
    usual = usual_terms(made.wanted, made.run.history, AMOUNT)
    assert attainable(made.run, nothing, made.events, calendar, usual) is None
