"""Words of the examples of ``jeoul explain``: the risk control, an account, a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
from explain_data import numbers

import jeoul
from jeoul import api
from jeoul.account.collar import Collar
from jeoul.account.orders import account_decision, account_orders
from jeoul.allocate import Program, Solution, solve
from jeoul.estimate import Estimate
from jeoul.model.decision import Quote, Target
from jeoul.model.finding import Finding, Severity
from jeoul.model.grade_limit import Graded, GradeLimit
from jeoul.model.nav import NetAssetValue
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.overlay import LatchRule, Reading, explain, initial_state, params_from, step
from jeoul.pipeline.paying import Placed
from jeoul.pipeline.proposing import propose
from jeoul.pipeline.proving import prove
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import ETF_TICKS, Fresh, TradeRules

# -- the risk control ------------------------------------------------------------------------------


def overlay(
    *,
    vix: str = "20",
    trend: str = "0.05",
    curve: str = "0.9",
    gold: str = "0",
    nav: str = "100",
) -> tuple[Reason, ...]:
    """Return every reason of the risk control over some sessions.

    The rules are: VIX on at 30 for 2 closes, off at 22 for 5, 90 % of the risk assets; trend on at
    -2 %, off at +2 %, 50 %; curve on at 1.0 for 2, off at 0.95 for 5, 75 %; a rule named gold on at
    1, off at 0, 80 %; a loss limit of 12 %. A series goes on with its last number.
    """
    rules = params_from(
        {
            "vix": LatchRule(30.0, 22.0, 2, 5, scale=0.9),
            "trend": LatchRule(-0.02, 0.02, above=False, scale=0.5),
            "curve": LatchRule(1.0, 0.95, 2, 5, scale=0.75),
            "gold": LatchRule(1.0, 0.0, scale=0.8),
        },
        loss_limit=0.12,
    )
    columns = [numbers(text) for text in (vix, trend, curve, gold)]
    values = numbers(nav)
    state, found = initial_state(rules), list[Reason]()
    for n in range(max(len(values), *map(len, columns))):
        signals = np.array(
            [np.nan if (v := c[min(n, len(c) - 1)]) is None else v for c in columns], dtype=float
        )
        reading = Reading(19_724 + n, signals, values[min(n, len(values) - 1)] or np.nan)
        after = step(rules, state, reading)
        found += explain(rules, state, after, reading)
        state = after
    return tuple(found)


# -- orders of an account --------------------------------------------------------------------------


def account(
    held: str = "",
    cash: int = 0,
    *,
    target: str = "A 50, B 30, C 20",
    prices: str = "A 10000, B 20000, C 50000",
    due: bool = False,
    deposit: int = 0,
    settled: int = 0,
    adopted: int = 0,
    withdrawal: int = 0,
    coming: int = 0,
    proceeds: str = "settled",
    **more: Any,
) -> Placed:
    """Return the orders of an account and why, on a day on which the model trades if ``due``.

    ``held`` is in shares, ``target`` in percent, the rest is money in cash; the band is 5 %. Risk
    assets are A and B. Of ``more``: ``safe=True`` for SAFE mode, ``cap`` for the account's cap on
    risk assets, ``first=True`` for an account that was never invested, ``grades`` and ``mode`` for
    the limit of an investor's type, ``stops=True`` for answers that have run out, ``values`` for
    net asset values, which prices may exceed by 2 %.
    """
    weights = {code: share / 100 for code, share in _pairs(target).items()}
    values = {
        code: NetAssetValue(value=worth, session=date(2026, 6, 1), limit=0.02)
        for code, worth in _pairs(more.get("values", "")).items()
    }
    made = Target(
        as_of=date(2026, 6, 1), executed=date(2026, 6, 2), currency="KRW",
        weights={**weights, "CASH": 1.0 - sum(weights.values())}, due=due, reasons=(),
        quotes={
            code: Quote(price=int(price), session=date(2026, 6, 1), nav=values.get(code))
            for code, price in _pairs(prices).items()
        },
        band=0.05, min_trade=0, risk=frozenset({"A", "B"}), risk_cap=more.get("cap"),
        graded=_graded(more),
    )  # fmt: skip
    there = {code: int(count) for code, count in _pairs(held).items()}
    unsettled = {date(2026, 6, 4): coming} if coming else {}
    situation = Situation(first=more.get("first", False), safe=more.get("safe", False))
    return account_orders(
        made,
        Portfolio(there, cash, unsettled=unsettled),
        Fresh(deposit, settled, adopted),
        TradeRules(buy_fee=Decimal("0.001"), sell_fee=Decimal("0.001"), ticks=ETF_TICKS),
        owed=withdrawal,
        proceeds="reuse" if proceeds == "reuse" else "settled",
        situation=situation,
    )


def _graded(more: Mapping[str, Any]) -> Graded | None:
    if "grades" not in more:
        return None
    return Graded(
        limit=_limit(more["mode"], "constrain"),
        grades={c: int(g) for c, g in _pairs(more["grades"]).items()},
    )


def _limit(mode: Any, on_breach: Any) -> GradeLimit:
    return GradeLimit(type="neutral", matrix="kiwoom", riskiest=4, mode=mode, on_breach=on_breach)


def _pairs(text: str) -> dict[str, float]:
    words = [each.split() for each in text.split(",") if each.strip()]
    return {code: float(number) for code, number in words}


# -- a decision on the sample market ---------------------------------------------------------------


@cache
def _sample() -> Any:
    return jeoul.open_market()


def proposal(
    strategy: str = "managed",
    day: str = "1998-06-30",
    profile: str = "balanced",
    *,
    kind: str = "general",
    without: str = "",
    stale: str = "",
    keys: Mapping[str, Any] | None = None,
    proxies: bool = False,
    serious: str = "",
    unverified: str = "",
    values: str = "",
    limit: tuple[str, str] | None = None,
    memory: Any = None,
) -> Any:
    """Return the proposal of a strategy on a day of the simulated sample.

    ``without`` names funds and series that were never observed; ``stale`` those that have no value
    for so many sessions; ``serious`` a fund with a serious finding, ``unverified`` one whose risk
    grade is unknown; ``values`` one fund with its net asset value as a multiple of its close, of so
    many sessions before where a third word says so. With ``proxies`` a proxy may stand in.
    ``limit`` is that of an investor's type, with its mode and what it does, ``memory`` another
    proposal. ``keys`` are keys of the strategy and what they are changed to.
    """
    changed = api.load_strategy(strategy)
    for key, value in (keys or {}).items():
        changed = changed.replace(key, value)
    snapshot = _masked(_sample().as_of(date.fromisoformat(day)), without.split(), _pairs(stale))
    if values:
        snapshot = replace(
            snapshot, prices=tuple(_valued(t, values.split()) for t in snapshot.prices)
        )
    if serious:
        wrong = (("price", "-5"),)
        found = Finding(snapshot.as_of, serious, "finding.non_positive", Severity.SERIOUS, wrong)
        snapshot = replace(snapshot, findings=(*snapshot.findings, found))
    mandate = api.mandate(changed, profile, kind, limit=_limit(*limit) if limit else None)
    if unverified:
        funds = dict(mandate.universe.instruments)
        funds[unverified] = replace(funds[unverified], confidence={"risk_grade": "unknown"})
        mandate = replace(mandate, universe=replace(mandate.universe, instruments=funds))
    kept = None if memory is None else memory.memory
    return propose(mandate, snapshot, api.calendars(), kept, proxies=proxies)


def _masked(snapshot: Any, names: list[str], stale: Mapping[str, float]) -> Any:
    tables = []
    for table in snapshot.prices:
        close = table.close.copy()
        close[:, [name in names for name in table.tickers]] = np.nan
        for column, ticker in enumerate(table.tickers):
            close[len(close) - int(stale.get(ticker, 0)) :, column] = np.nan
        tables.append(replace(table, close=close))
    series = {
        name: _shortened(each, int(stale.get(name, 0)))
        for name, each in snapshot.series.items()
        if name not in names
    }
    return replace(snapshot, prices=tuple(tables), series=series)


def _valued(table: Any, words: list[str]) -> Any:
    code, times, before = words[0], float(words[1]), int(words[2]) if len(words) > 2 else 0
    if code not in table.tickers:
        return table
    nav, column = np.full_like(table.close, np.nan), table.tickers.index(code)
    nav[-1 - before, column] = table.close[-1, column] * times
    return replace(table, nav=nav)


def _shortened(series: Any, count: int) -> Any:
    parts = ("dates", "known_at", "values")
    return replace(
        series, **{name: getattr(series, name)[: len(series.dates) - count] for name in parts}
    )


def rule(effect: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a rule that is on when US rates are lower than 63 sessions before."""
    watch = {
        "title": {"ko": "미국 금리 하락", "en": "Falling US rates"},
        "topic": "rates",
        "signal": {"kind": "difference", "series": "us10y", "observations": 63},
        "above": False,
        "enter": {"at": -0.1},
        "exit": {"at": 0.0},
        "effect": effect,
    }
    return {"overlay.watch.rates_fall": watch}


def proved(strategy: str, day: str) -> Any:
    """Return the proof of a proposal whose allocation somebody has changed to equal weights."""
    made, mandate = proposal(strategy, day), api.mandate(api.load_strategy(strategy), "balanced")
    equal = dict.fromkeys(made.allocation, 1.0 / len(made.allocation))
    snapshot = _sample().as_of(date.fromisoformat(day))
    return prove(mandate, snapshot, api.calendars(), replace(made, allocation=equal))


def decided(proposal: Any, cash: int, limit: float) -> Any:
    """Return the decision of an account with that cash whose orders have a limit so far away."""
    funds = api.universe_of("krx-core").instruments
    return account_decision(
        proposal,
        Portfolio({}, cash),
        Fresh(deposited=cash),
        TradeRules(ticks=ETF_TICKS),
        collar=Collar.of(limit, funds),
    )


def whole_positions_of_many() -> Solution:
    """Return what five hundred assets come to, of which twenty may be held."""
    n = 500
    labels = tuple(f"a{number}" for number in range(n))
    program = Program(labels=labels, risk_aversion=3.0, max_positions=20)
    return solve(program, Estimate(labels, np.full(n, 0.05), np.eye(n) / 25))
