"""A strategy tried with other settings: prepared once, then a fraction of a second a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from jeoul import api
from jeoul.api.accounts import Accounts
from jeoul.backtesting import Backtest, Prepared, prepare, simulated
from jeoul.backtesting.beside import Beside
from jeoul.backtesting.beside import beside as beside_of
from jeoul.market import Market
from jeoul.model.history import History
from jeoul.pipeline import Mandate
from jeoul.pipeline.touching import findings_along
from jeoul.research.compare import Comparison, compare
from jeoul.research.grid import changed
from jeoul.strategy.load import load_strategy
from jeoul.strategy.schema import Strategy
from jeoul.web.strategy_keys import StrategyKey, keys_of
from jeoul.workspace.kept import user_cache

SEED = 20_240_628
"""That of `jeoul compare`: the page and the command give the same interval."""


@dataclass(frozen=True, slots=True)
class TriedSetting:
    """What a setting comes to beside the strategy as it is written."""

    strategy: Strategy
    prepared: Prepared
    run: Backtest
    comparison: Comparison


@dataclass(slots=True)
class Bench:
    """One strategy for one profile on a market, ready to be tried with other settings.

    ``beside`` is the strategy as it is written beside the account that could be had.
    """

    name: str
    strategy: Strategy
    mandate: Mandate
    market: Market
    history: History
    digest: str
    prepared: Prepared
    run: Backtest
    beside: Beside | None
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def keys(self) -> Mapping[str, StrategyKey]:
        """Return every key that can be changed, by its path."""
        return keys_of(self.strategy, self.mandate.profile)

    def account_of(self, tried: TriedSetting) -> Beside | None:
        """Return a try beside the account that could be had, which takes a second or two."""
        return _beside(self.market, self.digest, tried.prepared, tried.run)

    def try_with(self, values: Mapping[str, object]) -> TriedSetting:
        """Return what other values come to.

        Raises :class:`~jeoul.errors.UsageError` with everything that is wrong with them, and
        :class:`~jeoul.errors.JeoulError` for a setting that no weights satisfy.
        """
        strategy = changed(self.strategy, values, self.mandate.universe)
        mandate = api.mandate(strategy, self.mandate.profile)
        with self._lock:  # settings are tried one after the other: the newest is shown last
            prepared = prepare(mandate, self.history, like=self.prepared)
            run = simulated(prepared)
            found = compare((self.prepared, self.run), (prepared, run), seed=SEED)
        return TriedSetting(strategy, prepared, run, found)


def bench_of(name: str, profile: str, folder: Path | None) -> Bench:
    """Return the bench of a strategy, by name or path, for a profile, on a market folder.

    Raises what opening them raises.
    """
    strategy = load_strategy(name)
    market = api.open_market(folder, cache=user_cache())
    snapshot = market.as_of(market.last_session(strategy.calendar), strategy.calendar)
    history = api.history(strategy, snapshot)
    mandate = api.mandate(strategy, profile)
    findings_along(mandate, history, snapshot, None)  # refuses what is seriously wrong
    prepared = prepare(mandate, history)
    run = simulated(prepared)
    beside = _beside(market, snapshot.digest, prepared, run)
    return Bench(
        name=name,
        strategy=strategy,
        mandate=mandate,
        market=market,
        history=history,
        digest=snapshot.digest,
        prepared=prepared,
        run=run,
        beside=beside,
    )


def _beside(market: Market, digest: str, prepared: Prepared, run: Backtest) -> Beside | None:
    found = Accounts(market.prices, digest, cache=user_cache()).of_prepared(prepared, run)
    return None if found is None else beside_of(found)
