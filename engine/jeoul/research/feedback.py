"""What it would have come to, to learn from results which rule set to follow.

The rule sets are the published ways of the evidence: the same allocation, cut by different rules.
Hedge weighs them each month by what each would have lost to date, within rails that were fixed
beforehand. It is measured like an account that holds a part in each, pays for moving money between
them, and trades at the close after the month that it learned from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.backtesting import Backtest, Summary, prepare, simulated, summarise
from jeoul.errors import UsageError
from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.pipeline.mandate import Mandate
from jeoul.research.bootstrap import Interval
from jeoul.research.cscv import overfitting
from jeoul.research.evidence import Gap, Span, gap
from jeoul.research.evidence_strategies import ways_of
from jeoul.research.hedge import hedge_weights, regret, regret_bound
from jeoul.research.hedge_rails import RAILS, railed
from jeoul.research.judgement import as_trial, excess_returns
from jeoul.research.ledger import Trial
from jeoul.research.mixture import mixture, month_ends
from jeoul.strategy.schema import Strategy

EXPERTS = ("static", "vix only", "trend only", "loss limit only", "light", "default")
"""The rule sets that are weighed, by the names of the evidence; one more is another measurement."""

SCALE = 0.10
"""A month's utility of this much or more loses nothing, of minus this much or less everything."""


@dataclass(frozen=True, slots=True, eq=False)
class Learning:
    """What was learned month by month.

    ``months`` are the days on which weights were decided, ``weights`` those within the rails, shape
    (months, experts), in the order of ``experts``. ``losses`` are summed by expert. ``regret`` is
    that of the weights without rails, to which ``bound`` applies; ``railed_regret`` that of those
    within them. ``stopped`` counts the months of equal weights after a time behind them.
    """

    experts: tuple[str, ...]
    months: tuple[date, ...]
    weights: Reals
    losses: Mapping[str, float]
    regret: float
    bound: float
    railed_regret: float
    stopped: int


@dataclass(frozen=True, slots=True, eq=False)
class Feedback:
    """What learning came to for one profile.

    ``digest`` names the set of rule sets with all that the learning depends on. ``figures`` are
    those of each rule set, of ``learned`` and of ``equal`` weights; ``gaps`` compare the learned
    mix with equal weights, with the strategy's own rules (``default``) and with simply holding
    (``static``). ``overfitting`` is the probability that choosing the best rule set of the past
    chose luck; ``run`` is the learned mix as a backtest.
    """

    profile: str
    digest: str
    learning: Learning
    figures: Mapping[str, Summary]
    gaps: Mapping[str, Gap]
    overfitting: float
    run: Backtest

    @property
    def verdict(self) -> str:
        """Return whether learning helped, beside equal weights, which learn nothing.

        The other two gaps compare different amounts of risk, so that they decide nothing.
        """
        return self.gaps["equal"].verdict

    @property
    def interval(self) -> Interval:
        """Return the 90 % interval of the return a year more than with equal weights."""
        return self.gaps["equal"].cagr_interval


def experts_of(strategy: Strategy, literal: Strategy, light: Strategy) -> dict[str, Strategy]:
    """Return the rule sets of a strategy that are weighed, by name, in a fixed order.

    Raises :class:`UsageError` for a strategy that cuts nothing: it is one rule set.
    """
    ways = ways_of(strategy, literal, light)
    found = {name: ways[name] for name in EXPERTS if name in ways}
    if len(found) < 2:
        raise UsageError(
            f"strategy {strategy.name} has only one rule set, so there is nothing to learn; use "
            "one with an overlay, such as managed"
        )
    return found


def digest_of(experts: Mapping[str, Strategy], mandate: Mandate) -> str:
    """Return the SHA-256 of the rule sets, of how losses are made of returns, and of the rails."""
    document = {
        "experts": {
            name: [
                None if each.overlay is None else each.overlay.model_dump(mode="json"),
                each.profiles[mandate.profile].model_dump(mode="json"),  # type: ignore[index]
            ]
            for name, each in experts.items()
        },
        "scale": SCALE,
        "rails": RAILS._asdict(),
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def runs_of(
    experts: Mapping[str, Strategy],
    mandate: Mandate,
    history: History,
    span: Span,
    step: Callable[[str], None] = lambda _: None,
) -> dict[str, Backtest]:
    """Return the backtest of each rule set for the profile of a mandate, over one span.

    ``step`` hears the name of each rule set as it is done.
    """
    found, like = {}, None
    for name, strategy in experts.items():
        like = prepare(replace(mandate, strategy=strategy), history, like=like)
        found[name] = simulated(like, start=span.start, end=span.end)
        step(name)
    return found


def losses_of(returns: Reals, cash: Reals, aversion: float) -> Reals:
    """Return monthly losses from 0 to 1: the utility x - aversion / 2 x x^2 of the excess x.

    ``returns`` has one column an expert, ``cash`` the interest of each month.

    >>> losses_of(np.array([[0.0, 0.2, -0.2]]), np.array([0.0]), 2.0).tolist()
    [[0.5, 0.0, 1.0]]
    """
    excess = returns - cash[:, None]
    utility = np.clip(excess - 0.5 * aversion * excess**2, -SCALE, SCALE)
    found: Reals = (SCALE - utility) / (2.0 * SCALE)
    return found


def feedback(runs: Mapping[str, Backtest], digest: str, *, seed: int) -> Feedback:
    """Return what learning over the backtests of rule sets came to, over the same sessions.

    Raises :class:`ShortHistory` for less than two years of whole months.
    """
    learning, weights, ends = _learned(runs)
    equal = np.full_like(weights, 1.0 / len(runs))
    learned, even = (mixture(runs, ends, each) for each in (weights, equal))
    against = {"equal": even, "default": runs["default"], "static": runs["static"]}
    excess = np.column_stack([excess_returns(run) for run in runs.values()])
    return Feedback(
        profile=learned.mandate.profile,
        digest=digest,
        learning=learning,
        figures={
            name: summarise(run)
            for name, run in {"learned": learned, "equal": even, **runs}.items()
        },
        gaps={name: gap(learned, run, seed=seed) for name, run in against.items()},
        overfitting=overfitting(excess).probability,
        run=learned,
    )


def as_trials(found: Feedback, runs: Mapping[str, Backtest], digest: str) -> list[Trial]:
    """Return what the trial ledger keeps: the learned mix first, then every rule set.

    ``digest`` is that of the snapshot.
    """
    trials = [as_trial(run, digest) for run in runs.values()]
    own = as_trial(found.run, digest)
    key = hashlib.sha256(f"{found.digest} {own.key}".encode()).hexdigest()
    return [replace(own, key=key, strategy=f"{own.strategy}+feedback"), *trials]


def _learned(runs: Mapping[str, Backtest]) -> tuple[Learning, Reals, NDArray[np.int64]]:
    """Return what was learned, the weights to hold, and the sessions after which they begin."""
    first = next(iter(runs.values()))
    ends = month_ends(first)
    navs = np.column_stack([run.nav for run in runs.values()])
    returns = navs[ends[1:]] / navs[ends[:-1]] - 1.0
    interest = np.cumprod(np.append(1.0, 1.0 + first.cash[1:]))
    cash = interest[ends[1:]] / interest[ends[:-1]] - 1.0
    losses = losses_of(returns, cash, first.mandate.rules.risk_aversion)
    raw = hedge_weights(losses)
    learned = railed(raw, returns)
    found = Learning(
        experts=tuple(runs),
        months=tuple(day.astype(object) for day in first.sessions[ends]),
        weights=learned.weights,
        losses=dict(zip(runs, losses.sum(axis=0).tolist(), strict=True)),
        regret=regret(raw, losses),
        bound=regret_bound(len(runs), len(losses)),
        railed_regret=regret(learned.weights, losses),
        stopped=int(learned.stopped.sum()),
    )
    return found, learned.weights, ends
