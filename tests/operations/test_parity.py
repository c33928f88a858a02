"""A paper account run day by day is the account-level backtest of the same span, to the won."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.account.life import account_backtest
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountTerms
from jeoul.model.portfolio import Portfolio
from jeoul.operations.broker.paper import NAME, PaperBroker, PaperRules
from jeoul.operations.broker.port import Account
from jeoul.operations.decision import trade_rules
from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.ledger import open_ledger, portfolio, proven
from jeoul.operations.run import Request, Runner
from jeoul.operations.setup.config import load_config
from jeoul.pipeline import propose
from jeoul.pipeline.targets import targets_along
from jeoul.rebalance import settled
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


def both(
    tmp_path: Path,
    folder: Any,
    strategy: Any,
    start: Any,
    end: Any,
    deposits: Any,
    fees: Any = ONLINE,
    proceeds: Any = "settled",
) -> Any:
    """Days of the fold, and what the paper account's books said after each of them."""
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
    fold = account_backtest(
        targets_along(mandate, history, start=start, end=end),
        tape,
        calendars["XKRX"],
        AccountTerms(
            start=Portfolio({}, MONEY),
            rules=trade_rules(config, next(iter(made.values()))),
            deposits=deposits,
            proceeds=config.settings.cash.proceeds,
        ),
    ).days
    config.state.mkdir()
    rules = PaperRules(fees=config.settings.broker.tariff(1), deposits=deposits, proceeds=proceeds)
    books, orders = {}, {}
    reasons = {day.session: [reason_text(reason, "ko") for reason in day.reasons] for day in fold}
    broker = PaperBroker(
        config.state / NAME,
        tape,
        calendars["XKRX"],
        Still(),
        start=Account({}, MONEY, {}),
        rules=rules,
    )
    runner = Runner(config, mandate, market, calendars, Still(), broker=broker)
    runner.proposer = made.__getitem__
    runner.keep_inputs = False
    for day in made:
        report = runner.run(Request(as_of=day, execute=True))
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
    return fold, books, orders


def assert_same(fold: Any, books: Any, orders: Any) -> None:
    for before, day in pairwise(fold):
        decided = [(str(o.side), o.ticker, o.shares) for o in before.orders]
        assert decided == orders[before.session], before.session
        theirs = books[before.session]  # its fills at the close of day.session are in
        assert dict(theirs.shares) == dict(day.portfolio.shares), day.session
        mine, ours = settled(theirs, day.session), day.portfolio
        assert (mine.cash, dict(mine.unsettled)) == (ours.cash, dict(ours.unsettled)), day.session


def fees_booked(folder: Any) -> int:
    ledger = open_ledger(folder / "state" / LEDGER)
    (row,) = ledger.rows("SELECT SUM(fee) AS fees FROM fills")
    ledger.close()
    return row["fees"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2011, 4, 18), date(2011, 6, 10)), (date(2013, 3, 18), date(2013, 5, 10))],
)
def test_over_the_sample_with_dividends_splits_and_deposits(
    tmp_path: Path, start: date, end: date, proceeds: str
) -> None:
    calendar = api.calendars()["XKRX"]
    deposits = {
        calendar.after(start): 1_000_000,
        calendar.label(calendar.index(end) - 5): 2_500_000,
    }
    fold, books, orders = both(tmp_path, None, "managed", start, end, deposits, proceeds=proceeds)
    assert_same(fold, books, orders)
    ledger = open_ledger(tmp_path / "state" / LEDGER)
    kinds = {row["kind"] for row in ledger.rows("SELECT kind FROM transactions")}
    ledger.close()
    assert {"dividend", "split", "deposit", "fill", "settlement"} <= kinds


def test_with_a_least_fee_a_fixed_one_and_a_spread(tmp_path: Path) -> None:
    start, end = date(2011, 4, 18), date(2011, 6, 10)
    deposits = {api.calendars()["XKRX"].after(start): 1_000_000}
    fold, books, orders = both(tmp_path, None, "managed", start, end, deposits, DEAR)
    assert_same(fold, books, orders)
    fills = [fill for day in fold for fill in day.fills]
    assert {"BUY", "SELL"} <= {fill.side for fill in fills}
    assert min(fill.fee for fill in fills) == 330
    assert max(fill.fee for fill in fills) > 330
    for fill in fills:
        amount = fill.shares * fill.price
        assert fill.fee == max(amount // 10_000, 300) + 30
        assert fill.spread == -(-amount * 11 // 20_000)
    assert fees_booked(tmp_path) == sum(fill.fee + fill.spread for fill in fills)


@pytest.mark.slow
@pytest.mark.skipif("JEOUL_MARKET" not in os.environ, reason="JEOUL_MARKET names no folder")
@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
@pytest.mark.parametrize("strategy", ["managed", "ima-literal"])
def test_over_five_years_of_real_data(tmp_path: Path, strategy: Any, proceeds: str) -> None:
    start, end = date(2018, 7, 2), date(2023, 12, 27)
    deposits = {date(2020, 4, 1): 5_000_000}
    fold, books, orders = both(
        tmp_path, os.environ["JEOUL_MARKET"], strategy, start, end, deposits, proceeds=proceeds
    )
    assert len(fold) > 5 * 240
    assert_same(fold, books, orders)
