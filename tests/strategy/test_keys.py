"""Every key of a strategy file does something: a case in which changing it changes the outcome."""

from __future__ import annotations

import json
import typing
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from jeoul import api
from jeoul.model.portfolio import Portfolio
from jeoul.pipeline import default_rules, place, present, run_model
from jeoul.reporting.document import decision_document
from jeoul.reporting.stance import stance, stance_document
from jeoul.strategy.schema import Strategy

DAY = date(2003, 3, 31)  # of the sample: after seven years with falls, panics and calm


class Case(NamedTuple):
    """What is changed (key to value), what it shows in, and the strategy it is changed in."""

    change: dict[str, object]
    shows: str = "nav"
    base: str = "managed"
    first: dict[str, object] = {}  # noqa: RUF012 - set before both runs
    vix_every: int = 1  # only every n-th VIX close is observed


def swap(**classes: Any) -> Any:
    """Return the balanced class weights with some of them changed."""
    return dict(api.load_strategy("managed").profiles["balanced"].classes) | classes


def views(**changed: Any) -> Any:
    """Return Black-Litterman means with one view, some of it changed."""
    view = {"of": {"kr_large": 1.0, "us_large": -1.0}, "expected": 0.05, "confidence": 0.5}
    return {"kind": "black-litterman", "views": {"korea": view | changed}}


ON_FULLY = {"overlay.vix.scale": 0.4}
QUICK_LOSS = {"profiles.balanced.loss_limit": 0.05}

EQUITY = ["equity_kr", "equity_us", "equity_world"]
NERVOUS = {
    "title": {"ko": "불안", "en": "Nerves"},
    "topic": "volatility",
    "signal": {"kind": "level", "series": "vix"},
    "above": True,
    "enter": {"at": 22.0, "closes": 1},
    "exit": {"at": 19.0, "closes": 1},
    "effect": {"kind": "scale", "classes": EQUITY, "scale": 0.5},
    "active": True,
    "profiles": None,
    "evidence": {"ko": "없음", "en": "None"},
}
FLOOR = {"kind": "floor", "asset_class": "gold", "weight": 0.2}
CURVE = {"over": "vix", "under": "vix3m"}


def latch(change: Any, shows: Any = "nav", **first: Any) -> Any:
    """Return a case about a watched latch: what is changed in it, and what it begins as."""
    named = {f"overlay.watch.nervous.{key}": value for key, value in change.items()}
    return Case(named, shows, first={"overlay.watch": {"nervous": {**NERVOUS, **first}}})


def signal(kind: Any, change: Any, at: Any, back: Any, **given: Any) -> Any:
    """Return a case about a signal other than a plain level."""
    edges = {"enter": {"at": at, "closes": 1}, "exit": {"at": back, "closes": 1}}
    named = {f"signal.{key}": value for key, value in change.items()}
    return latch(named, signal={"kind": kind, **given}, **edges)


WATCH = {
    "title.ko": latch({"title.ko": "공포"}, "stance"),
    "title.en": latch({"title.en": "Fear"}, "stance"),
    "topic": latch({"topic": "credit"}, "stance"),
    "signal.kind": latch({"signal": {"kind": "change", "series": "vix", "observations": 5}}),
    "signal.series": latch({"signal.series": "vvix"}),
    "signal.observations": signal(
        "change", {"observations": 21}, 0.2, 0.1, series="vix", observations=5
    ),
    "signal.over": signal("ratio", {"over": "vvix"}, 1.0, 0.9, **CURVE),
    "signal.under": signal("ratio", {"under": "vix6m"}, 1.0, 0.9, **CURVE),
    "signal.sessions": signal("volatility", {"sessions": 63}, 0.2, 0.15, sessions=10),
    # below 16 instead of above 22: the edges change sides as well
    "above": latch({"above": False, "enter.at": 16.0, "exit.at": 19.0}),
    "enter.at": latch({"enter.at": 27.0}),
    "enter.closes": latch({"enter.closes": 4}),
    "exit.at": latch({"exit.at": 16.0}),
    "exit.closes": latch({"exit.closes": 10}),
    "effect.kind": latch({"effect": {"kind": "notify"}}),
    "effect.classes": latch({"effect.classes": ["equity_kr"]}),
    "effect.scale": latch({"effect.scale": 0.8}),
    "effect.asset_class": latch({"effect.asset_class": "krw_bond"}, effect=FLOOR),
    "effect.weight": latch({"effect.weight": 0.3}, effect=FLOOR),
    "active": latch({"active": False}),
    "profiles": latch({"profiles": ["growth"]}),
    "evidence.ko": latch({"evidence.ko": "있음"}, "stance"),
    "evidence.en": latch({"evidence.en": "Some"}, "stance"),
}

FAR = {"years": 30.0, "mix": {"growth": 1.0}}
NEAR = {"years": 20.0, "mix": {"conservative": 1.0}}


def glide(*points: Any, by: date = date(2025, 12, 31)) -> Any:
    """Return a path, by default from growth 30 years before the goal to conservative 20 before."""
    return {"by": by, "points": list(points) or [FAR, NEAR]}


def momentum(change: Any, **first: Any) -> Any:
    """Return a case about momentum, in BAA: what is changed, and what is set before both runs."""
    named, before = (
        {f"allocate.{key}": value for key, value in given.items()} for given in (change, first)
    )
    return Case(named, "nav", "baa", first=before)


YEAR = {"kind": "return", "months": 12}
SHARES = {"kind": "member", "member": "us_large", "score": YEAR, "against": None}
MOMENTUM = {
    "offensive": momentum({"offensive": ["us_large"]}),
    "defensive": momentum({"defensive": ["treasury_1_3y"], "top_defensive": 1}),
    "core.*": momentum({"core": {"gold": 0.3}}, core={"gold": 0.2}),
    "score.kind": momentum({"score": {"kind": "13612w"}}),
    "score.months": momentum({"score.months": 3}, score=YEAR),
    "score.closes": momentum({"score.closes": 4}),
    "top": momentum({"top": 2}),
    "top_defensive": momentum({"top_defensive": 1}),
    "floor": momentum({"floor": "treasury_1_3y"}),
    "breadth": momentum({"breadth": 2}),
    "canaries.*": momentum({"canaries": {"shares": SHARES}}),
}

CASES = {
    "schema": Case({"schema": 2}, "refused"),
    "name": Case({"name": "mine"}, "name"),
    "title.ko": Case({"title.ko": "나의 전략"}, "title"),
    "title.en": Case({"title.en": "My strategy"}, "title"),
    "universe": Case({"universe": "us-core", "calendar": "XNYS"}, "nav", "managed-us"),
    "calendar": Case({"calendar": "XKRX"}, "unfit", "managed-us"),
    "estimate.lookback": Case({"estimate.lookback": 504}),
    "estimate.min_history": Case({"estimate.min_history": 400}),
    "estimate.mean.kind": Case({"estimate.mean.kind": "sample"}, "refused"),
    "estimate.mean.risk_aversion": Case(
        {"estimate.mean.risk_aversion": 3.5}, first={"estimate.mean": {"kind": "equilibrium"}}
    ),
    "estimate.mean.share": Case({"estimate.mean.share": 0.5}),
    "estimate.covariance.kind": Case({"estimate.covariance": {"kind": "sample"}}),
    "estimate.covariance.half_life": Case(
        {"estimate.covariance": {"kind": "ewma", "half_life": 30.0}},
        first={"estimate.covariance": {"kind": "ewma", "half_life": 120.0}},
    ),
    "estimate.mean.views.*.of.*": Case(
        {"estimate.mean": views(of={"gold": 1.0})}, first={"estimate.mean": views()}
    ),
    "estimate.mean.views.*.expected": Case(
        {"estimate.mean": views(expected=-0.05)}, first={"estimate.mean": views()}
    ),
    "estimate.mean.views.*.confidence": Case(
        {"estimate.mean": views(confidence=0.9)}, first={"estimate.mean": views()}
    ),
    "estimate.covariance.factors": Case(
        {"estimate.covariance": {"kind": "factor", "factors": 1}},
        first={"estimate.covariance": {"kind": "factor", "factors": 4}},
    ),
    "allocate.min_position": Case({"allocate.min_position": 0.06}),
    "allocate.max_positions": Case({"allocate.max_positions": 9}),
    "allocate.turnover_max": Case({"allocate.turnover_max": 0.005}),
    # the optimum is the same, to the rounding that two solvers leave
    "allocate.engine": Case({"allocate.engine": "cvxpy"}),
    "allocate.kind": Case({"allocate": {"kind": "strategic"}}),
    "allocate.max_weight": Case({"allocate.max_weight": 0.15}),
    "allocate.class_band": Case({"allocate.class_band": 0.002}),
    "allocate.min_weight": Case({"allocate.min_weight": 0.03}),
    "allocate.tracking_band": Case({"allocate.tracking_band": 0.002}),
    "allocate.risk_shares.*": Case({"allocate.risk_shares": {"equity_us": 0.45}}),
    "allocate.level": Case({"allocate.level": 0.75}, first={"allocate": {"kind": "min-cvar"}}),
    **{f"allocate.{key}": case for key, case in MOMENTUM.items()},
    "allocate.pull": Case({"allocate.pull": 0.5}),
    "allocate.turnover": Case({"allocate.turnover": 0.002}),
    "profiles.*.classes.*": Case({"profiles.balanced.classes": swap(gold=0.15, krw_bond=0.23)}),
    "profiles.*.risk_aversion": Case({"profiles.balanced.risk_aversion": 6.0}),
    "profiles.*.volatility.min": Case({"profiles.balanced.volatility.min": 0.099}, "findings"),
    "profiles.*.volatility.max": Case({"profiles.balanced.volatility.max": 0.06}),
    "profiles.*.loss_limit": Case({"profiles.balanced.loss_limit": 0.05}),
    "glide.by": Case({"glide.by": date(2020, 12, 31)}, first={"glide": glide()}),
    "glide.points.years": Case(
        {"glide": glide({**FAR, "years": 40.0}, NEAR)}, first={"glide": glide()}
    ),
    "glide.points.mix.*": Case(
        {"glide": glide(FAR, {**NEAR, "mix": {"conservative": 0.5, "balanced": 0.5}})},
        first={"glide": glide()},
    ),
    "overlay.risk_classes": Case({"overlay.risk_classes": ["equity_kr"]}),
    "overlay.refuge.*": Case({"overlay.refuge": {"krw_bond": 1.0}}),
    "overlay.grid": Case({"overlay.grid": 0.25}, first={"overlay.vix.scale": 0.5, **QUICK_LOSS}),
    "overlay.both": Case({"overlay.both": 0.0}),
    "overlay.stale": Case({"overlay.stale": 0}, first=ON_FULLY, vix_every=3),  # type: ignore[arg-type]
    "overlay.vix.enter.at": Case({"overlay.vix.enter.at": 26.0}),
    "overlay.vix.enter.closes": Case({"overlay.vix.enter.closes": 1}, first=ON_FULLY),  # type: ignore[arg-type]
    "overlay.vix.panic.at": Case({"overlay.vix.panic.at": 31.0}, first=ON_FULLY),  # type: ignore[arg-type]
    "overlay.vix.panic.closes": Case(
        {"overlay.vix.panic.closes": 4},
        first={"overlay.vix.enter.closes": 60, "overlay.vix.panic.at": 32.0, **ON_FULLY},
    ),
    "overlay.vix.exit.at": Case({"overlay.vix.exit.at": 16.0}, first=ON_FULLY),  # type: ignore[arg-type]
    "overlay.vix.exit.closes": Case({"overlay.vix.exit.closes": 1}, first=ON_FULLY),  # type: ignore[arg-type]
    "overlay.vix.scale": Case({"overlay.vix.scale": 0.4}),
    "overlay.trend.sessions": Case({"overlay.trend.sessions": 120}),
    "overlay.trend.band": Case({"overlay.trend.band": 0.06}),
    "overlay.trend.scale": Case({"overlay.trend.scale": 0.0}),
    **{
        f"overlay.curve.{key}": Case({f"overlay.curve.{key}": value}, "nav", "managed-light")
        for key, value in {
            "enter.at": 1.1,
            "enter.closes": 1,
            "exit.at": 0.8,
            "exit.closes": 30,
            "scale": 0.4,
        }.items()
    },
    "overlay.loss.slope": Case({"overlay.loss.slope": 1.0}, first=QUICK_LOSS),  # type: ignore[arg-type]
    "overlay.loss.window": Case({"overlay.loss.window": 21}, first=QUICK_LOSS),  # type: ignore[arg-type]
    "overlay.loss.step": Case({"overlay.loss.step": 0.5}, first=QUICK_LOSS),  # type: ignore[arg-type]
    "overlay.reentry.step": Case({"overlay.reentry.step": 1.0}),
    "overlay.reentry.every": Case({"overlay.reentry.every": 20}),
    "overlay.reentry.cooldown": Case({"overlay.reentry.cooldown": 60}),
    **{f"overlay.watch.*.{key}": case for key, case in WATCH.items()},
    "rebalance.calendar": Case({"rebalance.calendar": "quarterly"}),
    "rebalance.band": Case({"rebalance.band": 0.01}),
    "rebalance.cash": Case({"rebalance.cash": 0.10}),
    "rebalance.min_trade": Case({"rebalance.min_trade": 0}, "orders"),
    "rebalance.cost": Case({"rebalance.cost": 0.01}),
}


def keys(model: type[BaseModel], path: tuple[str, ...] = ()) -> set[str]:
    """Return every key that the schema knows, with * for names that a person chooses."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found |= _keys_of(field.annotation, (*path, field.alias or name))
    return found


def _keys_of(kind: typing.Any, path: tuple[str, ...]) -> set[str]:
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is dict:
        return _keys_of(parts[1], (*path, "*"))
    models = [one for one in (kind, *parts) if isinstance(one, type) and issubclass(one, BaseModel)]
    if not models:
        return {".".join(path)}
    return set().union(*(keys(model, path) for model in models))


def test_every_key_has_a_case() -> None:
    assert keys(Strategy) == set(CASES)


def changed(strategy: Any, change: Any) -> Any:
    """Return a strategy with several keys changed at once."""
    document = strategy.model_dump(by_alias=True)
    for key, value in change.items():
        *tables, last = key.split(".")
        place_ = document
        for table in tables:
            place_ = place_[table]
        place_[last] = value
    return Strategy.model_validate(document)


def thinned(snapshot: Any, every: Any) -> Any:
    """Return a snapshot in which the VIX is observed less often."""
    vix = snapshot.series["vix"]
    some = replace(
        vix, dates=vix.dates[::every], values=vix.values[::every], known_at=vix.known_at[::every]
    )
    return replace(snapshot, series={**snapshot.series, "vix": some})


def nearly_there(proposal: Any) -> Any:
    """Return an account on its target but for a small sum of the cheapest fund."""
    rules = default_rules(proposal)
    bought = place(
        proposal, Portfolio({}, 3 * 10**7, proposal.currency), rules=replace(rules, min_trade=0)
    )
    shares = {order.ticker: order.shares for order in bought.orders}
    cheap = min(shares, key=lambda code: proposal.quotes[code].price)
    price = proposal.quotes[cheap].price
    lacking = min(shares[cheap], 30_000 // price)
    cash = bought.cash_after + lacking * price
    return Portfolio({**shares, cheap: shares[cheap] - lacking}, cash, proposal.currency)


@pytest.fixture(scope="module")
def outcome(sample: Any) -> Any:
    """Return what a strategy comes to: unit values, orders, findings, its name."""
    known = {}

    def run(strategy: Any, every: Any) -> Any:
        text = f"{strategy.model_dump_json()} {every}"
        if text not in known:
            snapshot = thinned(sample.as_of(DAY, strategy.calendar), every)
            model = run_model(api.mandate(strategy, "balanced"), api.history(strategy, snapshot))
            proposal = present(model, snapshot, api.calendars()[strategy.calendar])
            decision = decision_document(place(proposal, nearly_there(proposal)), "en")
            known[text] = {
                "nav": np.nan_to_num(model.trace.nav, nan=1.0).tolist(),
                "orders": json.dumps(decision["orders"]),
                "findings": json.dumps(decision["findings"]),
                "name": decision["strategy"],
                "stance": json.dumps([stance_document(stance([model]), x) for x in ("ko", "en")]),
            }
        return known[text]

    return run


@pytest.mark.parametrize("key", CASES)
def test_changing_it_changes_the_outcome(outcome: Any, key: str) -> None:
    case = CASES[key]
    base = changed(api.load_strategy(case.base), case.first)
    if case.shows == "refused":
        with pytest.raises(ValidationError):
            changed(base, case.change)
        return
    other = changed(base, case.change) if key != "universe" else api.load_strategy("managed")
    if case.shows == "title":
        language = key.rpartition(".")[2]
        assert getattr(other.title, language) != getattr(base.title, language)
        return
    if case.shows == "unfit":
        assert other.calendar != api.universe_of(other.universe).calendar
        return
    before, after = outcome(base, case.vix_every), outcome(other, case.vix_every)
    assert before[case.shows] != after[case.shows]
