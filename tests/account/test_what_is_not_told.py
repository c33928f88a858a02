"""What nobody tells of an account counts as nothing, and what is told of it is whole units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from jeoul.account.day import AccountState, Due
from jeoul.account.file import AccountFile, FeeSettings
from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import TradedDecision, TradedOrder
from jeoul.account.hindsight.worth import distribution_rate, share_worth
from jeoul.account.holdings.units import currency_named
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountTerms
from jeoul.account.statements.record import CertificateLine
from jeoul.account.statements.wrong import StatementFaults
from jeoul.account.withholding import Taxed, TaxLedger, TaxRules
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Fresh, Tariff, TradeRules

DAY = date(2024, 1, 1)
NAN = float("nan")
EMPTY = Portfolio({}, 0)
ORDER: dict[str, Any] = {"session": DAY, "ticker": "A", "cost": 3}


def order(side: Side, shares: int) -> TradedOrder:
    return TradedOrder(side=side, shares=shares, amount=100 * shares, **ORDER)


@pytest.mark.parametrize(
    ("record", "untold"),
    [
        (Due(), {"interest": 0.0, "deposit": 0, "withdrawal": 0}),
        (Fresh(), {"deposited": 0, "settled": 0, "adopted": 0, "total": 0}),
        (AccountState(portfolio=EMPTY), {"overnight": 0, "owed": 0, "fresh": Fresh(0, 0, 0)}),
        (TaxLedger(), {"basis": {}, "interest": 0, "month": 0}),
        (Taxed(DAY, "sale", "A", "us_etf", 1, 2, 3, 4), {"foreign": 0}),
        (AccountTerms(start=EMPTY, rules=TradeRules()), {"parts": 1, "deposits": {}}),
        (AccountFile(schema=1, name="x", cash=1), {"parts": 1, "interest": "none"}),
        (FeeSettings(), {"fee_rate": "0.000140527", "fee_least": 0, "fee_fixed": 0}),
        (Tariff(), {"rate": 0, "min_fee": 0, "fixed_fee": 0, "spread": 0}),
        (
            TradeRules(),
            {"min_fee": 0, "fixed_fee": 0, "lot": 1, "buffer": 0, "min_trade": 0, "buy_fee": 0,
             "sell_fee": 0, "spread": 0, "max_trades": None, "spend_proceeds": True},
        ),
        (
            CertificateLine(kind="interest", income=1, national=1, local=1),
            {"untaxed": 0, "loss": 0, "foreign": 0, "rate": None},
        ),
        (order(Side.SELL, 5), {"tax": 0, "cash": 497}),
        (
            Hindsight(account="a", currency="KRW", last=DAY, simulated=False, taxed=False,
                      decisions=()),
            {"parts": 1},
        ),
    ],
    ids=lambda given: type(given).__name__,
)  # fmt: skip
def test_what_is_not_told_is_nothing_and_a_share_is_whole(record: Any, untold: Any) -> None:
    assert {name: getattr(record, name) for name in untold} == untold


def test_a_statement_says_the_first_thing_that_is_wrong() -> None:
    fault = StatementFaults([(3, "the year is missing", "write it"), (None, "and more", "stop")])
    assert str(fault) == "the year is missing"
    assert [line for line, _, _ in fault.faults] == [3, None]


def prices(close: Any, **columns: Any) -> PriceTable:
    rows = np.array(close, dtype=float)
    given = {name: np.array(value, dtype=float) for name, value in columns.items()}
    days = [DAY + timedelta(days=place) for place in range(len(rows))]
    return PriceTable(
        "XKRX", "KRW", "raw", tuple("ABC"[: rows.shape[1]]), np.array(days, dtype="datetime64[D]"),
        np.zeros(len(rows), dtype=np.int64), rows, **given,
    )  # fmt: skip


def test_the_effect_of_each_order_and_of_none_is_in_whole_units() -> None:
    taxes = TaxRules(book=load_rules(2026), account="general", kinds={"A": "krx_other_etf"})
    table = prices([[100], [100]], dividends=[[0], [10]])
    worth = share_worth([table], {"A"}, 1, taxes)
    assert worth.after("A", DAY, DAY + timedelta(days=1)) == pytest.approx(108.46)
    made = TradedDecision(
        session=DAY, cause="cut", orders=(order(Side.BUY, 3), order(Side.SELL, 2)),
        shares={"A": 3}, cash=11, value=311,
    )  # fmt: skip
    (found,) = look_back([made], worth, DAY + timedelta(days=1), (1,))
    outcome = found.outcomes[1]
    # 325.38 of three shares, 25.38 more than they cost; 16.92 less than two would have come to
    assert (outcome.untraded, outcome.by_order) == (11 + 325, (25 - 3, -17 - 3))
    assert {type(amount) for amount in (outcome.untraded, *outcome.by_order)} == {int}


@pytest.mark.parametrize(
    ("account", "kind", "rate"),
    [("general", "krx_other_etf", 0.154), ("overseas", "us_etf", 0.15), ("isa", "us_etf", 0.0)],
)
def test_the_rate_of_a_distribution_is_that_of_the_law_to_the_last_digit(
    account: str, kind: str, rate: float
) -> None:
    rules = TaxRules(book=load_rules(2026), account=account, kinds={"A": kind})
    assert distribution_rate(rules, "A") == rate


def test_a_split_is_that_of_the_fund_and_not_of_another_in_its_table() -> None:
    quiet = prices([[100, 80, 60], [NAN, NAN, NAN]], splits=[[1, 1, 1], [2, 4, 1]])
    other = PriceEvents((prices([[7]]), quiet)).last_close
    assert [other(ticker, DAY + timedelta(days=1)) for ticker in "BC"] == [20, 60]
    alone = PriceEvents((quiet,)).last_close
    assert [alone(ticker, DAY + timedelta(days=1)) for ticker in "ABC"] == [50, 20, 60]


def test_every_code_of_iso_4217_is_a_currency() -> None:
    named = {"KWD": "KWD", "kwd": "KWD", "원": "KRW", "usd": "USD", "TOP": None, "XYZ": None}
    assert {text: currency_named(text) for text in named} == named
    assert currency_named("") is None
