"""A paper account run day by day beside the account's backtest over the same sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jeoul import api
from jeoul.account.life import account_backtest
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountRun, AccountTerms
from jeoul.model.portfolio import Portfolio
from jeoul.operations.broker.paper import NAME, PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.decision import trade_rules
from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.ledger import open_ledger, portfolio, proven
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config
from jeoul.pipeline import propose
from jeoul.pipeline.targets import targets_along
from jeoul.reporting.reasons import reason_text
from jeoul.strategy.load import load_strategy

MONEY = 30_000_000
CONFIG = """
schema = 1
name = "parity"
strategy = "{strategy}"
profile = "balanced"
state = "state"
[broker]
kind = "paper"
cash = {money}
{fees}
[cash]
proceeds = "{proceeds}"
[safety]
max_turnover = 2.0
"""

ONLINE = 'fee_rate = "0.000140527"'
DEAR = 'fee_rate = "0.0001"\nfee_least = 300\nfee_fixed = 30\nspread = "0.0011"'


class Still:
    def now(self) -> float:
        return 1_800_000_000.0

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing to wait for on a paper account")


def proposals(mandate: Any, market: Any, calendars: Any, *, start: Any, end: Any) -> Iterator[Any]:
    """What each session's own snapshot proposes, from the memory of the one before."""
    memory = None
    for day in market.sessions("XKRX").astype(object).tolist():
        if start <= day <= end:
            proposal = propose(mandate, market.as_of(day, "XKRX"), calendars, memory)
            memory = proposal.memory
            yield proposal


def both(*given: Any, **more: Any) -> Any:
    """Days of the fold, and what the paper account's books said after each of them."""
    whole, books, orders = both_whole(*given, **more)
    return whole.days, books, orders


def both_whole(
    tmp_path: Path,
    folder: Any,
    strategy: Any,
    start: Any,
    end: Any,
    deposits: Any,
    fees: Any = ONLINE,
    proceeds: Any = "settled",
) -> tuple[AccountRun, Any, Any]:
    """The fold, and what the paper account's books said after each of its days."""
    file = tmp_path / "config.toml"
    file.write_text(
        CONFIG.format(strategy=strategy, money=MONEY, fees=fees, proceeds=proceeds), "utf-8"
    )
    config = load_config(file)
    market, calendars = api.open_market(folder), api.calendars()
    mandate = api.mandate(load_strategy(strategy), "balanced")
    made = {p.as_of: p for p in proposals(mandate, market, calendars, start=start, end=end)}
    whole = market.as_of(market.last_session("XKRX"), "XKRX")
    history = api.history(mandate.strategy, whole)
    tape = PriceEvents(tuple(table for table in market.prices if table.exchange == "XKRX"))
    run = account_backtest(
        targets_along(mandate, history, start=start, end=end),
        tape,
        calendars["XKRX"],
        AccountTerms(
            start=Portfolio({}, MONEY),
            rules=trade_rules(config, next(iter(made.values()))),
            deposits=deposits,
            proceeds=config.settings.cash.proceeds,
        ),
    )
    fold = run.days
    config.state.mkdir()
    rules = PaperRules(fees=config.settings.broker.tariff(1), deposits=deposits, proceeds=proceeds)
    books, orders = {}, {}
    reasons = {day.session: [reason_text(reason, "ko") for reason in day.reasons] for day in fold}
    broker = PaperBroker(
        config.state / NAME,
        tape,
        calendars["XKRX"],
        Still(),
        start=BrokerAccount({}, MONEY, {}),
        rules=rules,
    )
    runner = Runner(config, mandate, market, calendars, Still(), broker=broker)
    runner.proposer = made.__getitem__
    runner.keep_inputs = False
    for day in made:
        report = runner.run(RunRequest(as_of=day, execute=True))
        assert report.outcome in ("executed", "nothing_to_do"), (day, report)
        assert list(report.reasons[: len(reasons[day])]) == reasons[day], day
        orders[day] = [(o["side"], o["ticker"], o["shares"]) for o in report.document["orders"]]
        ledger = open_ledger(config.state / LEDGER)
        books[day] = portfolio(ledger, "KRW")
        ledger.close()
    ledger = open_ledger(config.state / LEDGER)
    proven(ledger)
    assert not ledger.rows("SELECT 1 FROM transactions WHERE kind IN ('adopted', 'fees')")
    ledger.close()
    broker.close()
    return run, books, orders
