"""Every state has a way out that a person can name, and the books follow what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, EVEN, NEXT, Bench
from click.testing import CliRunner
from harness import in_child, killer, proposal

from jeoul.cli.resolve import resolve
from jeoul.errors import UsageError
from jeoul.operations.broker.paper import PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import BrokerOrder, OrderState
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.desk.resolution import forget_clock
from jeoul.operations.ledger import check
from jeoul.operations.resolve import PersonStatement, _amount
from jeoul.operations.run import RunRequest
from jeoul.rebalance import ONLINE

pytestmark = pytest.mark.usefixtures("either_store")

HIDDEN: set[str] = set()
CORRECTED: dict[str, int] = {}


class Forgetful(PaperBroker):
    """A broker whose list loses orders, or takes fills back."""

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        listed = [order for order in super().orders(session) if order.ticker not in HIDDEN]
        return [self._corrected(order) for order in listed]

    def _corrected(self, order: BrokerOrder) -> BrokerOrder:
        fewer = CORRECTED.get(order.ticker)
        if fewer is None or not order.filled:
            return order
        amount = order.amount // order.filled * fewer
        return replace(order, filled=fewer, amount=amount, state=OrderState.OPEN)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.broker_type = Forgetful
    HIDDEN.clear()
    CORRECTED.clear()
    return found


def say(bench: Bench, *words: str) -> Any:
    found = CliRunner().invoke(
        resolve, [str(bench.folder / "config.toml"), *words, "--json"], standalone_mode=False
    )
    if found.exception is not None:
        raise found.exception
    return json.loads(found.stdout)


def order_of(bench: Bench, ticker: str) -> str:
    """Return the name of the order in a fund."""
    ledger = bench.ledger()
    (found,) = [
        i.name for i in intents_of(ledger, f"main.static.{DAY}") if i.order.ticker == ticker
    ]
    ledger.close()
    return found


def proven(bench: Bench) -> None:
    ledger = bench.ledger()
    assert check(ledger).faults == ()
    ledger.close()


def stopped_half_way(bench: Bench) -> None:
    """Leave a run behind whose orders are at the broker and not yet filled."""
    runner = bench.runner()
    runner.checkpoint = killer("after-acknowledged", len(EVEN))
    assert in_child(lambda: runner.run(RunRequest(as_of=DAY, execute=True))) != 0
    runner.broker.close()


def cancelled_at_the_broker(bench: Bench, ticker: str) -> None:
    runner = bench.runner()
    runner.broker.connection.execute(
        "UPDATE orders SET state = 'closed' WHERE ticker = ?", (ticker,)
    )
    runner.broker.close()


@pytest.mark.posix
def test_an_order_that_is_never_listed_names_the_command_that_ends_it(bench: Bench) -> None:
    stopped_half_way(bench)
    cancelled_at_the_broker(bench, "069500")
    HIDDEN.add("069500")
    stuck = bench.run()
    assert stuck.outcome == "needs_person"
    order = order_of(bench, "069500")
    assert f"jeoul resolve CONFIG --order {order}" in " ".join((*stuck.reasons, *stuck.asked))
    assert bench.run().outcome == "needs_person"  # asking again does not help
    assert say(bench, "--order", order, "--cancelled")["state"] == "closed"
    after = bench.run()
    assert "069500" not in {o["ticker"] for o in after.document["orders"] if o["filled"]}
    assert set(bench.books().shares) == {"114260", "360750"}
    proven(bench)


def test_a_fill_that_the_broker_takes_back_is_taken_back_in_the_books(bench: Bench) -> None:
    bench.tables = '[safety]\nmax_turnover = 2.0\nunexplained = "adopt"'
    CORRECTED["069500"] = 300
    assert bench.run().document["holdings"]["shares"]["069500"] == 300  # in part, and still open
    before, CORRECTED["069500"] = 300, 290
    stuck = bench.run()
    assert stuck.outcome == "needs_person"
    order = order_of(bench, "069500")
    assert f"jeoul resolve CONFIG --order {order}" in " ".join((*stuck.reasons, *stuck.asked))
    said = say(bench, "--order", order, "--filled", str(before - 10), "--at", "30,000")
    assert (said["filled"], said["amount"]) == (before - 10, 30_000 * (before - 10))
    assert bench.books().shares["069500"] == before - 10
    assert say(bench, "--order", order, "--filled", str(before - 10), "--at", "30000") == said
    assert bench.run().outcome != "needs_person"
    proven(bench)


@pytest.mark.posix
def test_what_a_person_says_can_be_more_than_was_ordered(bench: Bench) -> None:
    """The order was changed by hand on the broker's own screen."""
    stopped_half_way(bench)
    HIDDEN.add("069500")
    order = order_of(bench, "069500")
    said = say(bench, "--order", order, "--filled", "5000", "--at", "30000.5", "--fee", "123")
    assert said == {
        "schema": "jeoul.resolve/1",
        "order": order, "state": "closed", "filled": 5000, "amount": 150_002_500, "fee": 123,
    }  # fmt: skip
    proven_cash = bench.books().cash
    assert proven_cash < 0  # the books say what is true; the broker's own money settles it


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--order", "main.nothing.01", "--cancelled"), "there is no order"),
        (("--order", f"main.static.{DAY}.01"), "say what became of the order"),
        (("--order", f"main.static.{DAY}.01", "--filled", "3"), "add --at PRICE"),
        (("--order", f"main.static.{DAY}.01", "--filled", "3", "--at", "1e999"), "not a price"),
        (("--order", f"main.static.{DAY}.01", "--filled", "3", "--at", "-1"), "not a price"),
        (("--order", f"main.static.{DAY}.01", "--cancelled", "--fee", "x"), "not an amount"),
        (("--forget-clock",), "not ahead of the clock"),
        ((), "give either"),
    ],
)
def test_what_makes_no_sense_is_refused(bench: Bench, words: tuple[str, ...], message: str) -> None:
    bench.run()
    with pytest.raises(UsageError, match=message):
        say(bench, *words)


def test_an_order_that_was_never_sent_has_nothing_to_resolve(bench: Bench) -> None:
    bench.tables = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
    bench.run()
    with pytest.raises(UsageError, match="never at the broker"):
        say(bench, "--order", f"main.static.{DAY}.01", "--cancelled")


def test_a_clock_that_was_a_year_ahead_can_be_forgotten(bench: Bench) -> None:
    bench.ahead = 365 * 86_400.0
    bench.run()
    bench.ahead = 0.0
    stopped = bench.run(NEXT)
    assert stopped.outcome == "blocked_rule"
    assert "jeoul resolve CONFIG --forget-clock" in " ".join((*stopped.reasons, *stopped.asked))
    ledger = bench.ledger()
    now = int(bench.runner().clock.now())
    about = {"account": "main", "strategy": "static", "session": NEXT, "by": "somebody"}
    assert forget_clock(ledger, now, **about) > now
    ledger.close()
    assert bench.run(NEXT).outcome == "nothing_to_do"
    proven(bench)


def test_a_buy_that_sales_of_the_day_paid_for_leaves_no_cash_below_zero(bench: Bench) -> None:
    bench.tables = '[safety]\nmax_turnover = 2.0\n[cash]\nproceeds = "reuse"'
    bench.rules = PaperRules(fees=ONLINE, proceeds="reuse")
    bench.plans[DAY] = proposal(DAY, {"069500": 0.5, "114260": 0.48}, due=True)
    bench.run()
    bench.plans[NEXT] = proposal(NEXT, {"360750": 0.49, "148070": 0.49}, due=True)
    HIDDEN.add("360750")
    assert bench.run(NEXT).outcome == "needs_person"
    runner = bench.runner()
    shares, amount, fee = runner.broker.connection.execute(
        "SELECT filled, amount, fee FROM orders WHERE ticker = '360750'"
    ).fetchone()
    runner.broker.close()
    ledger = bench.ledger()
    (order,) = [
        i.name for i in intents_of(ledger, f"main.static.{NEXT}") if i.order.ticker == "360750"
    ]
    ledger.close()
    price = str(amount // shares)
    say(bench, "--order", order, "--filled", str(shares), "--at", price, "--fee", str(fee))
    books = bench.books()
    assert books.cash >= 0
    assert books.incoming < amount  # the sales of the day paid for it
    proven(bench)
    HIDDEN.clear()
    assert bench.run(NEXT).exit_code == 0


def test_a_price_above_that_of_any_share_is_no_price() -> None:
    said = PersonStatement(order="a.01", filled=2, price="999999999", fee=None, by="me")
    assert _amount(said, 2, "KRW") == 1_999_999_998
    with pytest.raises(UsageError, match="is not a price"):
        _amount(replace(said, price="1000000000"), 2, "KRW")
