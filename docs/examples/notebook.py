"""What a researcher does in a notebook, from the answers to a report, with every type written out.

python docs/examples/notebook.py

It runs on the simulated sample. The tests run it, and mypy checks it in strict mode.
"""

from __future__ import annotations

import pandas as pd

import jeoul
from jeoul import assets

CONFIGS = assets.root() / "configs"


def decide(strategy: jeoul.Strategy, market: jeoul.Market) -> jeoul.Decision:
    """Return today's orders of an ISA for the person of the example answers."""
    answers: jeoul.Answers = jeoul.load_answers(CONFIGS / "answers-example.toml")
    profile: jeoul.Profile = jeoul.classify(answers)
    snapshot: jeoul.Snapshot = market.as_of(market.last_session())
    proposal: jeoul.Proposal = jeoul.propose(strategy, profile, jeoul.AccountKind.ISA, snapshot)
    portfolio = jeoul.Portfolio(shares={"069500": 30}, cash=3_000_000)
    return jeoul.place(proposal, portfolio, deposit=500_000)


def look_back(
    strategy: jeoul.Strategy, market: jeoul.Market
) -> tuple[jeoul.Summary, jeoul.Comparison, jeoul.AccountRun]:
    """Return what the rule did, how it differs from holding, and what an account came to."""
    span = ("2023-01-02", "2024-12-30")
    run: jeoul.Backtest = jeoul.backtest(
        strategy, "balanced", market, start=span[0], end=span[1], account="isa"
    )
    held = jeoul.backtest(
        jeoul.load_strategy("static"), "balanced", market, start=span[0], end=span[1]
    )
    account: jeoul.AccountRun = jeoul.account_backtest(
        strategy, "balanced", market, CONFIGS / "account-example.toml", start="2024-07-01"
    )
    return jeoul.summarise(run), jeoul.compare(held, run), account


def weigh() -> jeoul.Allocation:
    """Return the optimum of two assets whose means and covariance are pandas objects."""
    labels = ["shares", "bonds"]
    mean = pd.Series([0.06, 0.02], index=labels)
    covariance = pd.DataFrame([[0.04, 0.0], [0.0, 0.0025]], index=labels, columns=labels)
    return jeoul.solve(mean, covariance, risk_aversion=4.0, volatility_max=0.12)


def main() -> None:
    """Print one line for each."""
    strategy, market = jeoul.load_strategy("managed"), jeoul.open_market()
    for order in decide(strategy, market).orders:
        print(order.side, order.ticker, order.shares, order.price)
    summary, comparison, account = look_back(strategy, market)
    print(f"{summary.cagr:.1%} a year, worst fall {summary.max_drawdown:.1%}, {comparison.verdict}")
    print(f"the account is worth {account.days[-1].worth:,} won on {account.days[-1].session}")
    print(weigh().weights.round(3).to_dict())
    snapshot = market.as_of(market.last_session())
    report: jeoul.Report = jeoul.report(strategy, snapshot, "balanced", account="isa")
    print(f"{len(report.html('en')):,} characters of HTML")


if __name__ == "__main__":
    main()
