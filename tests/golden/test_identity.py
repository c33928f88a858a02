"""Weights, orders and metrics of every shipped strategy are those of 58b2401, to the bit.

Six strategies, three profiles, four kinds of account, the sample and real data, up to five days:
what is proposed, what five accounts would order, the model's path, and for some the account's. The
digests were recorded with the code of 58b2401. This test guards the moving of the walls and leaves
with the first change that is meant to move a decision.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jeoul
from jeoul import assets
from jeoul.errors import JeoulError

RECORDED: dict[str, str] = json.loads((Path(__file__).parent / "identity.json").read_text("utf-8"))
DAYS = (date(2009, 3, 9), date(2016, 7, 29), date(2020, 3, 13), date(2022, 9, 28))
UNIT = {"KRW": 1, "USD": 100}
METRICS = ("cagr", "volatility", "max_drawdown", "sharpe", "turnover", "cost", "proxy_share")
PATHS = ("sessions", "nav", "cash", "proxy", "turnover", "cost")
ACCOUNTS = {
    ("managed", "general"), ("managed", "irp"), ("sixty-forty", "general"),
    ("managed-us", "general"),
}  # fmt: skip


def hexed(value: Any) -> str:
    return float(value).hex() if isinstance(value, float | np.floating) else str(value)


def sha(value: Any) -> str:
    return hashlib.sha256(value).hexdigest()


def orders(decision: jeoul.Decision) -> list[Any]:
    listed = [[str(o.side), o.ticker, o.shares, o.price] for o in decision.orders]
    return [*listed, decision.cost, decision.cash_after]


def placed(proposal: jeoul.Proposal) -> dict[str, Any]:
    currency = proposal.currency
    big = (100_000_000 if currency == "KRW" else 70_000) * UNIT[currency]
    codes = sorted(proposal.quotes)[:4]
    shares = {c: max(1, big // 5 // proposal.quotes[c].price) for c in codes}
    held = jeoul.Portfolio(shares, big // 10, currency)
    accounts: dict[str, tuple[jeoul.Portfolio, dict[str, int]]] = {
        "new": (jeoul.Portfolio({}, big, currency), {}),
        "small": (jeoul.Portfolio({}, big // 100, currency), {}),
        "held": (held, {}),
        "deposit": (held, {"deposit": big // 20}),
        "withdrawal": (held, {"withdrawal": big // 7}),
    }
    found: dict[str, Any] = {
        "weights": {k: hexed(v) for k, v in sorted(proposal.weights.items())},
        "allocation": {k: hexed(v) for k, v in sorted(proposal.allocation.items())},
        "scale": hexed(proposal.scale),
    }
    for name, (portfolio, flow) in accounts.items():
        try:
            found[name] = orders(jeoul.place(proposal, portfolio, **flow))
        except JeoulError as error:
            found[name] = type(error).__name__
    return found


def account(run: jeoul.AccountRun) -> dict[str, Any]:
    days = [
        [str(d.session), d.value, d.worth, d.portfolio.cash, sorted(d.portfolio.shares.items()),
         [[str(f.side), f.ticker, f.shares, f.price, f.fee, f.spread] for f in d.fills]]
        for d in run.days
    ]  # fmt: skip
    last = run.days[-1]
    digest = sha(json.dumps(days).encode())
    return {"n": len(days), "value": last.value, "worth": last.worth, "days": digest}


def decided(market: jeoul.Market, name: str, profile: str, kind: str) -> dict[str, Any]:
    strategy = jeoul.load_strategy(name)
    sessions = [day.astype(object) for day in market.sessions(strategy.calendar)]
    wanted = [max(d for d in sessions if d <= w) for w in DAYS if sessions[0] <= w <= sessions[-1]]
    found: dict[str, Any] = {}
    for day in [*wanted, sessions[-1]]:
        try:
            snapshot = market.as_of(day, strategy.calendar)
            found[str(day)] = placed(jeoul.propose(strategy, profile, kind, snapshot))
        except JeoulError as error:
            found[str(day)] = type(error).__name__
    try:
        run = jeoul.backtest(strategy, profile, market, account=kind)
        summary = jeoul.summarise(run)
        found["backtest"] = {
            n: sha(np.ascontiguousarray(getattr(run, n)).tobytes())[:24] for n in PATHS
        }
        found["metrics"] = {n: hexed(getattr(summary, n)) for n in METRICS}
    except JeoulError as error:
        found["backtest"] = type(error).__name__
    if (name, kind) in ACCOUNTS and (profile == "balanced" or name == "managed"):
        file = assets.root() / "configs" / "account-example.toml"
        try:
            found["account"] = account(
                jeoul.account_backtest(
                    strategy, profile, market, file, account=kind, start="2016-01-04"
                )
            )
        except JeoulError as error:
            found["account"] = type(error).__name__
    return found


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(RECORDED))
def test_nothing_has_moved_by_one_bit(case: str, request: pytest.FixtureRequest) -> None:
    where, name, profile, kind = case.split("/")
    market = request.getfixturevalue("sample" if where == "sample" else "real_market")
    text = json.dumps(decided(market, name, profile, kind), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:24] == RECORDED[case]
