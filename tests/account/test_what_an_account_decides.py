"""What an account decides on a target, and what a session makes of it: each condition by hand."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.collar import Collar
from jeoul.account.day import AccountState, DayOrder, DayRules, Due, account_day
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.life import account_backtest, choose, first_state, trade_rules
from jeoul.account.orders import account_decision, account_orders
from jeoul.account.price_events import PriceEvents
from jeoul.account.records import AccountTerms
from jeoul.account.withholding import TaxRules
from jeoul.korea.tables import load_rules
from jeoul.model.decision import Proposal, Quote, Target
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.series import PriceTable
from jeoul.pipeline.inputs import inputs_id
from jeoul.pipeline.situation import Situation
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import Fresh, Tariff, TradeRules

KRX = api.calendars()["XKRX"]
_FIRST = KRX.index(date(2026, 6, 1))
DAYS = [KRX.label(_FIRST + place) for place in range(6)]
FREE = TradeRules()


def target(weights: Any = None, *, due: bool = False, price: int = 100, **keys: Any) -> Target:
    """Halves of A and B, at 100 each, unless weights say otherwise."""
    wish = {"A": 0.5, "B": 0.5} if weights is None else weights
    return Target(
        as_of=DAYS[0], executed=DAYS[1], currency="KRW",
        weights={**wish, "CASH": 1.0 - sum(wish.values())}, due=due, reasons=(),
        quotes={code: Quote(price=price, session=DAYS[0]) for code in "AB"}, band=0.05,
        min_trade=0, risk=frozenset(), risk_cap=None, **keys,
    )  # fmt: skip


def account(a: int, b: int, cash: int = 0, *, coming: Any = None) -> Portfolio:
    return Portfolio({"A": a, "B": b}, cash, unsettled=coming or {})


def traded(placed: Any) -> dict[str, int]:
    return {o.ticker: o.shares if o.side is Side.BUY else -o.shares for o in placed.orders}


def kinds(placed: Any) -> list[str]:
    return [reason.kind for reason in placed.reasons]


@pytest.mark.parametrize(
    ("fresh", "proceeds", "orders"),
    [
        (Fresh(), "settled", {}),
        (Fresh(deposited=400), "settled", {"A": 2, "B": 2}),
        (Fresh(settled=400), "settled", {"A": 2, "B": 2}),
        (Fresh(settled=400), "reuse", {}),  # it could be spent since the sale
        (Fresh(deposited=400), "reuse", {"A": 2, "B": 2}),
        (Fresh(deposited=9_999), "settled", {"A": 2, "B": 2}),  # no more than there is
    ],
)
def test_fresh_money_is_invested_where_nothing_else_is_due(
    fresh: Fresh, proceeds: Any, orders: Any
) -> None:
    found = account_orders(target(), account(98, 98, 400), fresh, FREE, proceeds=proceeds)
    assert traded(found) == orders
    assert (kinds(found)[0] == "place.hold") == (not orders)


def test_fresh_money_that_buys_no_share_leaves_the_account_as_it_is() -> None:
    found = account_orders(target(), account(98, 98, 99), Fresh(deposited=99), FREE)
    assert found.orders == ()
    assert kinds(found)[0] == "place.hold"


@pytest.mark.parametrize(
    ("coming", "due", "cash", "orders", "waits"),
    [
        ({}, False, 0, {"A": -10, "B": 0}, False),
        ({DAYS[2]: 200}, False, 0, {}, True),
        ({DAYS[2]: 200}, False, 500, {"B": 5}, True),
        ({DAYS[2]: 200}, True, 0, {"A": -9}, False),
        ({DAYS[2]: 200}, False, -200, {}, True),  # not a won is missing
        ({DAYS[2]: 200}, False, -201, {"A": -9}, False),  # one that is overdrawn has to sell
        ({DAYS[2]: 200}, False, -300, {"A": -9}, False),
    ],
)
def test_while_money_is_on_its_way_nothing_more_is_sold_unless_it_has_to_be(
    coming: Any, due: bool, cash: int, orders: Any, waits: bool
) -> None:
    held = account(60, 40, cash, coming=coming)
    found = account_orders(target(due=due), held, Fresh(), FREE)
    sold = {code: count for code, count in orders.items() if count < 0}
    assert {c: n < 0 for c, n in traded(found).items() if n < 0} == dict.fromkeys(sold, True)
    assert {c for c, n in traded(found).items() if n > 0} == {c for c in orders if orders[c] > 0}
    assert ("place.sales_wait" in kinds(found)) == waits
    if waits:
        why = next(each for each in found.reasons if each.kind == "place.sales_wait")
        assert dict(why.detail)["day"] == DAYS[2].isoformat()


@pytest.mark.parametrize(
    ("owed", "buffer", "spent"), [(0, 0, 1_000), (300, 0, 700), (300, 500, 500), (300, 200, 700)]
)
def test_buys_leave_what_is_owed_or_the_buffer_whichever_is_more(
    owed: int, buffer: int, spent: int
) -> None:
    rules = TradeRules(buffer=buffer)
    found = account_orders(target(due=True), account(1, 1, 1_000), Fresh(), rules, owed=owed)
    assert sum(order.shares * order.price for order in found.orders) <= spent
    assert sum(order.shares * order.price for order in found.orders) > spent - 200


@pytest.mark.parametrize(("owed", "buffer"), [(300, 0), (100, 300), (300, 300), (300, 299)])
def test_what_sales_will_bring_does_not_free_what_is_owed(owed: int, buffer: int) -> None:
    rules = TradeRules(buffer=buffer)
    found = account_orders(target(due=True), account(60, 40, 300), Fresh(), rules, owed=owed)
    assert {order.side for order in found.orders} == {Side.SELL}


def test_the_plan_of_an_account_is_that_before_money_cut_it() -> None:
    held = account(60, 40, 0)
    found = account_orders(target(due=True), held, Fresh(), FREE)
    assert found.plan is not None
    assert {o.ticker for o in found.plan.orders} == {"A", "B"}
    assert traded(found) == {"A": -10}  # what it brings has to settle first


def proposal(**keys: Any) -> Proposal:
    base = target(keys.pop("weights", None), due=keys.pop("due", True))
    nothing: Any = None
    given = {name: getattr(base, name) for name in Target.__dataclass_fields__}
    return Proposal(
        **{**given, **keys}, strategy="s", profile="p", account=AccountKind.GENERAL, known_at=0,
        decided_at=0, executed_at=0, simulated=True, allocation={}, volatility=0.1,
        contributions={}, expected_volatility=0.1, expected_excess=0.0, scale=1.0, effects=(),
        state="NORMAL", latches={}, findings=(), classes={"A": "x", "B": "y"}, memory=nothing,
        inputs="i",
    )  # fmt: skip


def decided(held: Portfolio, rules: TradeRules = FREE, **keys: Any) -> Any:
    fresh = keys.pop("fresh", Fresh())
    return account_decision(keys.pop("given", proposal()), held, fresh, rules, **keys)


def test_a_decision_names_its_inputs_with_the_money_that_came_and_goes() -> None:
    held, fresh = account(1, 1, 1_000), Fresh(deposited=300)
    found = decided(held, fresh=fresh, owed=100)
    assert found.inputs_id == inputs_id("i", held, 200, FREE, "settled")
    assert found.proceeds == "settled"


def test_with_a_collar_buys_are_cut_to_what_pays_them_at_their_limits() -> None:
    collar = Collar(Decimal("0.1"), {"A": 1.0, "B": 1.0})
    found = decided(account(0, 0, 2_000), collar=collar)
    assert {o.ticker: o.limit for o in found.orders} == {"A": 110, "B": 110}
    assert traded(found) == {"A": 10, "B": 8}  # 1,100 and 880 of 2,000
    cuts = [dict(r.detail) for r in found.reasons if r.kind == "place.cut"]
    assert cuts == [{"ticker": "B", "wanted": "10", "allowed": "8"}]
    whole = decided(account(0, 0, 2_000))
    assert (traded(whole), {o.limit for o in whole.orders}) == ({"A": 10, "B": 10}, {None})
    kept = decided(account(0, 0, 2_000), TradeRules(buffer=900), collar=collar)
    assert sum(o.shares * (o.limit or 0) for o in kept.orders) <= 1_100
    assert sum(o.shares * (o.limit or 0) for o in kept.orders) > 900
    owed = decided(account(0, 0, 2_000), collar=collar, owed=900)
    assert traded(owed) == traded(kept)


def test_where_buying_is_stopped_sales_go_on_and_the_reason_is_told() -> None:
    why = Reason("guard.stop")
    stops = Situation(stops=why)
    both = decided(account(60, 40, 500), situation=stops)
    assert {o.side for o in both.orders} == {Side.SELL}
    assert why in both.reasons
    only_sales = decided(account(60, 40, 0), situation=stops)
    assert why not in only_sales.reasons
    assert {o.side for o in only_sales.orders} == {Side.SELL}


def test_an_account_that_was_never_invested_buys_though_nothing_is_due() -> None:
    still = proposal(due=False)
    assert decided(Portfolio({}, 1_000), given=still).reasons[0].kind == "place.first"
    later = decided(Portfolio({}, 1_000), given=still, situation=Situation(first=False))
    assert later.reasons[0].kind != "place.first"


def terms(**keys: Any) -> AccountTerms:
    return AccountTerms(**{"start": Portfolio({}, 1_000), "rules": FREE, **keys})


def chosen(state: AccountState, wanted: Any, invested: bool = True, **keys: Any) -> Any:
    given = terms(**keys)
    return choose(state, ModelTarget(DAYS[0], wanted), given, trade_rules(given), invested=invested)


@pytest.mark.parametrize(("cash", "decides"), [(-1, False), (0, False), (1, True)])
def test_an_account_without_anything_decides_nothing(cash: int, decides: bool) -> None:
    state = AccountState(portfolio=Portfolio({}, cash), fresh=Fresh(deposited=5))
    found = chosen(state, target(due=True))
    assert (bool(found.reasons), found.state.fresh == Fresh()) == (decides, decides)


def test_holdings_are_decided_on_without_any_money() -> None:
    state = AccountState(portfolio=account(3, 3, 0))
    assert traded(chosen(state, target({"A": 1.0}, due=True))) == {"B": -3}
    assert account_backtest([], tape(A=[1] * 7), KRX, terms()).begun == 0


def test_money_that_settles_by_the_next_session_is_decided_on() -> None:
    state = AccountState(portfolio=Portfolio({}, 0, unsettled={DAYS[1]: 400, DAYS[2]: 600}))
    found = chosen(state, target(due=True))
    assert found.state.portfolio == Portfolio({}, 400, unsettled={DAYS[2]: 600})
    assert sum(order.shares for order in found.orders) == 4
    without = chosen(state, None)
    assert (without.orders, without.reasons, without.state) == ((), (), state)


def test_a_withdrawal_sells_no_more_than_everything() -> None:
    state = AccountState(portfolio=account(3, 2, 50), owed=99_999)
    assert traded(chosen(state, target())) == {"A": -3, "B": -2}
    part = AccountState(portfolio=account(3, 3, 50), owed=250)
    assert traded(chosen(part, target())) == {"A": -1, "B": -1}


def test_an_account_of_parts_counts_its_money_and_its_rules_in_them() -> None:
    rules = TradeRules(buffer=5, min_trade=7, min_fee=2, fixed_fee=3)
    start = Portfolio({"B": 2, "A": 1, "C": 0}, 10, unsettled={DAYS[2]: 4})
    given = terms(start=start, rules=rules, parts=100)
    state = first_state(given)
    assert state.portfolio == Portfolio({"A": 100, "B": 200}, 1_000, unsettled={DAYS[2]: 400})
    assert list(state.portfolio.shares) == ["A", "B"]
    assert state.overnight == 1_000
    found = trade_rules(given)
    assert (found.buffer, found.min_trade, found.min_fee, found.fixed_fee) == (500, 700, 200, 300)


def tape(**closes: Any) -> PriceEvents:
    first = KRX.label(_FIRST - 1)
    when = np.array([first, *DAYS], dtype="datetime64[D]")
    close = np.array([closes[code] for code in sorted(closes)], dtype=float).T
    none = np.zeros(len(when), dtype=np.int64)
    table = PriceTable("XKRX", "KRW", "raw", tuple(sorted(closes)), when, none, close)
    return PriceEvents((table,))


NAN = float("nan")


def lived(events: PriceEvents, wanted: Any, **keys: Any) -> Any:
    return account_backtest([ModelTarget(day, wanted) for day in DAYS], events, KRX, terms(**keys))


def test_an_account_begins_at_the_closes_before_its_first_session() -> None:
    events = tape(A=[80] + [100] * 6, B=[NAN] + [50] * 6, C=[NAN] * 7)
    start = Portfolio({"A": 3, "B": 2, "C": 9}, 10)
    assert lived(events, None, start=start).begun == 3 * 80 + 2 * 50 + 10
    later = [ModelTarget(day, None) for day in DAYS[1:]]
    assert account_backtest(later, events, KRX, terms(start=Portfolio({"A": 3}, 0))).begun == 300
    rate = {day: Decimal(2) for day in DAYS}
    bank = CurrencyExchange(owner="KRW", account="KRW", rates=rate, before=rate)
    assert lived(events, None, start=start, exchange=bank).begun == 2 * 350


def test_flows_and_interest_come_on_their_days_and_on_no_other() -> None:
    events = tape(A=[100] * 7, B=[100] * 7)
    run = lived(
        events, None, deposits={DAYS[1]: 70}, withdrawals={DAYS[3]: 30},
        interest={DAYS[4]: 0.01}, parts=10,
    )  # fmt: skip
    assert [day.flows.paid_in for day in run.days] == [0, 700, 0, 0, 0, 0]
    assert [day.flows.paid_out for day in run.days] == [0, 0, 0, 300, 0, 0]
    assert [day.flows.interest for day in run.days] == [0, 0, 0, 0, 104, 0]
    assert [day.held_back for day in run.days] == [True] * 6
    assert run.days[-1].worth == 10_504
    assert not run.approximate


def test_an_account_that_held_or_bought_something_has_had_its_first_investment() -> None:
    events = tape(A=[100] * 7, B=[100] * 7)
    run = lived(events, target())
    firsts = [any(r.kind == "place.first" for r in day.reasons) for day in run.days]
    assert firsts == [True, False, False, False, False, False]
    assert [len(day.fills) for day in run.days] == [0, 2, 0, 0, 0, 0]
    for start in (Portfolio({"A": 1}, 1_000), Portfolio({}, 1_000, unsettled={DAYS[5]: 1})):
        run = lived(events, target(), start=start)
        assert all(r.kind != "place.first" for day in run.days for r in day.reasons)
    # an order that nobody fills is no investment yet
    unfilled = lived(tape(A=[100, 100, *[NAN] * 5], B=[100, 100, *[NAN] * 5]), target())
    assert all(day.reasons[0].kind == "place.first" for day in unfilled.days)


def session(state: AccountState, due: Due, orders: Any = (), **keys: Any) -> Any:
    rules = DayRules(
        events=tape(A=[100] * 7, B=[100] * 7), calendar=KRX, buys=Tariff(), sells=Tariff(), **keys
    )
    return account_day(state, DAYS[0], due, orders, rules)


def test_an_exchange_tells_what_it_cost_on_either_way() -> None:
    rate = {DAYS[0]: Decimal(100)}
    bank = CurrencyExchange(
        owner="KRW", account="KRW", rates=rate, before=rate, spread=Decimal("0.5")
    )
    state = AccountState(portfolio=Portfolio({}, 1_000), overnight=1_000)
    came = session(state, Due(deposit=12_500), exchange=bank)
    assert (came.flows.deposit, came.flows.paid_in, came.flows.exchanged) == (100, 12_500, 25)
    went = session(state, Due(withdrawal=7_500), exchange=bank)
    assert (went.flows.withdrawal, went.flows.paid_out, went.flows.exchanged) == (100, 7_500, 25)
    both = session(state, Due(deposit=12_500, withdrawal=7_500), exchange=bank)
    assert both.flows.exchanged == 50
    all_ = session(replace(state, owed=10**6), Due(), exchange=bank)
    assert (all_.flows.withdrawal, all_.flows.paid_out) == (1_000, 75_000)
    assert all_.state.owed == 10**6 - 75_000
    small = session(state, Due(deposit=1), exchange=bank)
    assert (small.flows.paid_in, small.flows.deposit, small.state.fresh.total) == (1, 0, 0)


def test_a_day_on_which_only_cash_earns_is_told_as_any_other() -> None:
    for overnight, rate, interest in ((1_000, 0.0, 0), (1_000, 0.0009, 0), (1_000, 0.001, 1)):
        state = AccountState(portfolio=Portfolio({"A": 1}, 1_000), overnight=overnight)
        found = session(state, Due(interest=rate))
        assert (found.flows.interest, found.flows.paid_in, found.flows.exchanged) == (
            interest,
            0,
            0,
        )
        assert found.state.portfolio.cash == found.state.overnight == 1_000 + interest
    new = AccountState(portfolio=Portfolio({}, 900))
    assert session(new, Due(interest=1.0)).flows.interest == 0  # nothing lay there over night
    before = AccountState(portfolio=Portfolio({}, 900), overnight=1_000)
    assert session(before, Due()).state.overnight == 900
    same = AccountState(portfolio=Portfolio({}, 1_000), overnight=1_000)
    assert session(same, Due()).state is same
    assert set(asdict(session(same, Due()).flows).values()) == {0}


def test_fresh_money_adds_up_until_it_is_decided_on() -> None:
    held = Portfolio({"A": 1}, 20, unsettled={DAYS[0]: 7})
    found = session(AccountState(portfolio=held, fresh=Fresh(5, 3, 2)), Due(deposit=11))
    assert (found.state.fresh, found.state.portfolio.cash) == (Fresh(16, 10, 2), 38)
    assert (found.flows.deposit, found.flows.exchanged) == (11, 0)
    assert (found.flows.paid_out, found.flows.withdrawal) == (0, 0)
    paid = session(AccountState(portfolio=Portfolio({"A": 1}, 20)), Due(withdrawal=9))
    assert (paid.flows.withdrawal, paid.state.portfolio.cash, paid.state.owed) == (9, 11, 0)
    waits = session(AccountState(portfolio=Portfolio({"A": 1}, 8), owed=4), Due(withdrawal=5))
    assert (waits.flows.paid_out, waits.flows.withdrawal, waits.state.owed) == (0, 0, 9)
    exact = session(AccountState(portfolio=Portfolio({"A": 1}, 9), owed=4), Due(withdrawal=5))
    assert (exact.flows.withdrawal, exact.state.owed) == (9, 0)
    for cash in (0, -1):
        empty = session(AccountState(portfolio=Portfolio({}, cash), owed=4), Due())
        assert (empty.flows.withdrawal, empty.state.owed) == (0, 4)
    last = session(AccountState(portfolio=Portfolio({"A": 0}, 1), owed=4), Due())
    assert (last.flows.withdrawal, last.state.owed) == (1, 3)


def test_what_cash_earns_comes_less_its_tax() -> None:
    law = TaxRules(book=load_rules(2026), account="general", kinds={})
    state = AccountState(portfolio=Portfolio({}, 10_000_000), overnight=10_000_000)
    found = session(state, Due(interest=0.001), taxes=law)
    assert (found.flows.interest, found.state.portfolio.cash) == (
        10_000,
        10_000_000 + 10_000 - 1_540,
    )
    assert found.state.ledger.interest == 10_000
    assert session(state, Due(), taxes=law).taxed == ()


def test_orders_are_filled_by_their_place_and_bought_and_sold_shares_add_up() -> None:
    state = AccountState(portfolio=Portfolio({"B": 5}, 1_000))
    wishes = [DayOrder(Side.BUY, "A", 2), DayOrder(Side.SELL, "B", 9), DayOrder(Side.SELL, "A", 1)]
    found = session(state, Due(), wishes)
    assert [None if fill is None else fill.shares for fill in found.fills] == [2, 5, None]
    assert found.state.portfolio.shares == {"A": 2}
    twice = session(state, Due(), [DayOrder(Side.BUY, "B", 1), DayOrder(Side.SELL, "B", 2)])
    assert twice.state.portfolio.shares == {"B": 4}
    assert list(session(state, Due(), wishes[:1]).state.portfolio.shares) == ["A", "B"]
