"""Looking back by hand: which trades are one decision, what a share became, what is sure of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from jeoul.account.hindsight.decisions import SessionTrades, cause_of, decisions_of
from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.looking import look_back
from jeoul.account.hindsight.records import (
    CAUSES,
    HORIZONS,
    HindsightOutcome,
    LookedBack,
    TradedDecision,
    TradedOrder,
)
from jeoul.account.hindsight.summary import (
    Between,
    HindsightSummary,
    apart,
    mean_range,
    proportion_range,
    summaries,
)
from jeoul.account.hindsight.worth import distribution_rate, share_worth
from jeoul.account.withholding import TaxRules
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Side
from jeoul.model.series import PriceTable

FIRST = date(2024, 1, 1)
NAN = float("nan")


def on(days: int) -> date:
    return FIRST + timedelta(days=days)


def order(side: str, ticker: str, shares: int, price: int, days: int, *costs: int) -> TradedOrder:
    cost, tax = (*costs, 0, 0)[:2]
    return TradedOrder(
        session=on(days), side=Side(side), ticker=ticker, shares=shares, amount=shares * price,
        cost=cost, tax=tax,
    )  # fmt: skip


def trades(days: int, kinds: Any, *orders: TradedOrder, **keys: Any) -> SessionTrades:
    given = {"shares": {"A": 1}, "cash": 0, "value": 1_000, "runs": (f"run {days}",), **keys}
    return SessionTrades(session=on(days), orders=orders, kinds=kinds, **given)


def test_an_order_moves_money_and_pays_its_costs_and_taxes() -> None:
    assert order("BUY", "A", 3, 100, 0, 7).cash == -307
    assert order("SELL", "A", 3, 100, 0, 7, 11).cash == 282
    assert (HORIZONS, CAUSES[0], len(CAUSES)) == ((30, 90, 365), "cut", 6)


def test_a_decision_found_the_account_as_it_was_before_its_orders_and_their_costs() -> None:
    sale, buy = order("SELL", "A", 5, 100, 0, 2, 1), order("BUY", "B", 4, 90, 0, 3)
    both = trades(0, ("place.model",), sale, buy, shares={"C": 2, "B": 4, "A": 1}, cash=500)
    (found,) = decisions_of([both])
    assert found.shares == {"A": 6, "C": 2}
    assert list(found.shares) == ["A", "C"]
    (all_of_it,) = decisions_of([trades(0, (), order("SELL", "D", 5, 1, 0))])
    assert all_of_it.shares == {"A": 1, "D": 5}
    assert found.cash == 500 - 497 + 363
    assert found.value == 1_000 + 2 + 1 + 3
    assert (found.cause, found.session, found.orders) == ("rebalance", on(0), (sale, buy))


SALE, BUY = order("SELL", "A", 5, 100, 0), order("BUY", "B", 1, 100, 9)
CUT = ("place.model", "overlay.cut")


@pytest.mark.parametrize(
    ("first", "kinds", "days", "together"),
    [
        (CUT, ("place.settled",), 14, True),
        (CUT, ("place.settled",), 15, False),  # the longest holidays are over by then
        (CUT, ("trade.hold",), 2, False),
        (CUT, ("place.settled", "place.deposit"), 2, False),
        (CUT, ("place.settled", "place.band"), 2, False),
        ((*CUT, "place.buys_wait"), ("place.band",), 14, True),
        ((*CUT, "place.buys_wait"), ("place.band",), 15, False),
        ((*CUT, "place.buys_wait"), ("place.band", "place.deposit"), 2, False),
        ((*CUT, "place.buys_wait"), ("place.model",), 2, False),
        ((*CUT, "place.buys_wait"), (), 2, False),
    ],
)
def test_a_purchase_completes_the_sale_before_it_within_two_weeks(
    first: Any, kinds: Any, days: int, together: bool
) -> None:
    found = decisions_of([trades(0, first, SALE), trades(days, kinds, BUY)])
    assert (len(found) == 1) == together
    assert found[0].orders == ((SALE, BUY) if together else (SALE,))
    assert found[0].runs == (("run 0", f"run {days}") if together else ("run 0",))


def test_the_two_weeks_are_counted_from_the_last_sale() -> None:
    late = order("SELL", "A", 1, 100, 10)
    days = [
        trades(0, CUT, SALE),
        trades(5, ("place.settled",)),  # nothing traded: nothing decided
        trades(10, ("place.settled",), late),
        trades(24, ("place.settled",), BUY),
    ]
    assert [each.orders for each in decisions_of(days)] == [(SALE, late, BUY)]
    assert decisions_of([trades(0, CUT, BUY), trades(1, ("place.settled",), BUY)])[1].cause == (
        "invested"
    )
    assert decisions_of([]) == ()
    older = order("SELL", "C", 1, 100, -3)
    three = [trades(-3, CUT, older), trades(0, CUT, SALE), trades(2, ("place.settled",), BUY)]
    assert [each.orders for each in decisions_of(three)] == [(older,), (SALE, BUY)]
    assert [each.runs for each in decisions_of(three)] == [("run -3",), ("run 0", "run 2")]
    late_buy = [trades(-20, CUT, older), trades(0, ("place.deposit",), BUY)]
    assert len(decisions_of([*late_buy, trades(1, ("place.settled",), BUY)])) == 3


@pytest.mark.parametrize(
    ("kinds", "cause"),
    [
        (("place.first",), "invested"),
        (("place.first", "overlay.cut"), "invested"),
        (("place.adopted", "place.model"), "invested"),
        (("place.overdrawn",), "withdrawn"),
        (("place.band", "overlay.rise"), "reentry"),
        (("place.model", "overlay.rise", "overlay.cut"), "cut"),
        (("overlay.cut",), "other"),
        (("place.settled", "place.withdrawal"), "withdrawn"),
        (("place.hold",), "other"),
    ],
)
def test_the_first_reason_of_an_account_is_its_cause(kinds: Any, cause: str) -> None:
    assert cause_of(kinds) == cause


def table(close: Any, **columns: Any) -> PriceTable:
    days = np.array([on(place) for place in range(len(close))], dtype="datetime64[D]")
    given = {name: np.array(value, dtype=float)[:, None] for name, value in columns.items()}
    return PriceTable(
        "XKRX", "KRW", "raw", ("A",), days, np.zeros(len(close), dtype=np.int64),
        np.array(close, dtype=float)[:, None], **given,
    )  # fmt: skip


TAXED = TaxRules(book=load_rules(2026), account="general", kinds={"A": "krx_other_etf"})


def after(prices: PriceTable, since: int, until: int, unit: int = 1, taxes: Any = None) -> Any:
    return share_worth([prices], {"A"}, unit, taxes).after("A", on(since), on(until))


@pytest.mark.parametrize(
    ("since", "until", "worth"),
    [
        (0, 0, None),  # no close yet
        (1, 1, 100.0),
        (-5, 1, 100.0),
        (1, 2, 100.0),  # the newest one counts
        (1, 3, 240.0),  # two shares of 120
        (3, 3, 120.0),
        (2, 3, 240.0),
        (1, 4, 250.0 + 20.0),  # 10 on each of the two
        (3, 4, 125.0 + 10.0),
        (4, 4, 125.0),  # who buys at that close gets nothing of it
        (-5, 9, 270.0),
        (1, -1, None),
    ],
)
def test_a_share_becomes_shares_and_money(since: int, until: int, worth: float | None) -> None:
    prices = table(
        [NAN, 100, NAN, 120, 125], splits=[1, NAN, 1, 2, 1], dividends=[0, 0, NAN, 0, 10]
    )
    assert after(prices, since, until) == worth
    cents = after(prices, since, until, 100)
    assert cents == (None if worth is None else pytest.approx(100 * worth))
    assert share_worth([prices], {"A"}, 1).knows("A", on(since)) == (since >= 1)


def test_what_happened_at_the_first_session_was_before_who_buys_at_its_close() -> None:
    prices = table([100, 110], splits=[2, 1], dividends=[7, 1])
    assert [after(prices, since, 1) for since in (-1, 0, 1)] == [2 * (110 + 7 + 1), 111.0, 110.0]
    late = table([NAN, NAN, 9, NAN])
    assert [after(late, 0, until) for until in (0, 1, 2, 3)] == [None, None, 9.0, 9.0]


def test_a_distribution_is_taxed_by_its_taxable_part_at_the_rate_of_the_law() -> None:
    for told, kept in ((NAN, 8.46), (5.0, 9.23), (0.0, 10.0), (99.0, 8.46)):
        prices = table([100, 100], dividends=[0, 10], taxable=[NAN, told])
        assert after(prices, 0, 1, 1, TAXED) == pytest.approx(100.0 + kept)
        assert after(prices, 0, 1, 1) == pytest.approx(110.0)
    plain = table([100, 100], dividends=[0, 10])
    assert after(plain, 0, 1, 1, TAXED) == pytest.approx(108.46)
    assert distribution_rate(TAXED, "A") == pytest.approx(0.154, abs=1e-9)
    assert (distribution_rate(TAXED, "X"), distribution_rate(None, "A")) == (0.0, 0.0)
    assert share_worth([plain], {"B"}, 1).after("A", on(0), on(1)) is None
    assert after(table([100.004]), 0, 0, 100) == 10_000.0  # whole cents


def made(orders: Any, shares: Any, cash: int = 0, days: int = 0) -> TradedDecision:
    return TradedDecision(
        session=on(days), cause="cut", orders=tuple(orders), shares=shares, cash=cash, value=1_000
    )


def test_a_decision_is_known_once_its_day_is_over() -> None:
    worth = share_worth([table([100] * 9 + [130] * 30)], {"A"}, 1)
    decision = made(
        [order("SELL", "A", 2, 100, 0, 3), order("BUY", "A", 1, 130, 9, 5)], {"A": 7}, 11
    )
    (found,) = look_back([decision], worth, on(9), (8, 9, 10))
    assert found.outcomes == {
        8: HindsightOutcome(days=8, day=on(8), untraded=711, by_order=(-3, 0)),
        9: HindsightOutcome(days=9, day=on(9), untraded=921, by_order=(-63, -5)),
    }
    assert (found.outcomes[9].effect, found.outcomes[9].traded) == (-68, 853)
    unpriced = made([order("BUY", "X", 1, 1, 0)], {"Z": 1, "A": 1})
    (left,) = look_back([unpriced], worth, on(9), (8,))
    assert (left.unpriced, left.outcomes) == (("X", "Z"), {})


def test_days_apart_are_counted_in_their_order() -> None:
    assert apart([], 30) == 0
    assert apart([on(30), on(0), on(29), on(60)], 30) == 3
    assert apart([on(0), on(0)], 30) == 1
    assert apart([date.min, on(0)], 30) == 2


Z = 1.6448536269514722  # of 90 % on both sides


@pytest.mark.parametrize(("share", "count"), [(0.1, 10), (0.0, 10), (0.5, 40), (1.0, 3)])
def test_the_ends_of_a_share_are_as_far_as_chance_goes_from_each(share: float, count: int) -> None:
    low, high = proportion_range(share, count)
    assert low < high
    for end in (low, high):  # E. B. Wilson's equation
        assert (share - end) ** 2 == pytest.approx(Z**2 * end * (1.0 - end) / count, abs=1e-12)


@pytest.mark.parametrize(("values", "t"), [([0.0, 1.0], 4.588826), ([0.0, 0.0, 1.0], 2.761789)])
def test_the_range_of_a_mean_is_wider_where_few_values_are_independent(
    values: list[float], t: float
) -> None:
    count = len(values)
    half = t * float(np.std(values, ddof=1)) / count**0.5
    middle = sum(values) / count
    assert mean_range(values, count) == pytest.approx((middle - half, middle + half), abs=1e-6)


def looked(effects: Any, every: int = 40, **keys: Any) -> list[LookedBack]:
    return [
        LookedBack(
            decision=replace(made([], {}, days=number * every), **keys),
            outcomes={30: HindsightOutcome(days=30, day=on(0), untraded=0, by_order=(effect,))},
        )
        for number, effect in enumerate(effects)
    ]


def test_ten_decisions_apart_tell_how_sure_a_figure_is() -> None:
    (few,) = summaries(looked([5, 0, -2] * 3), (30,))
    assert (few.known, few.pending, few.apart, few.total) == (9, 0, 9, 9)
    assert few.better == pytest.approx(1 / 3)  # nothing gained is not better
    assert few.mean == pytest.approx(0.001)
    assert (few.better_range, few.mean_range) == (None, None)
    (enough,) = summaries(looked([5, -2] * 5), (30,))
    assert enough.better_range == proportion_range(0.5, 10)
    assert enough.mean_range == mean_range([0.005, -0.002] * 5, 10)
    waiting = summaries(looked([5, -2]), (30, 90))[1]
    assert (waiting.known, waiting.pending, waiting.total) == (0, 2, 0)
    assert (waiting.better, waiting.mean, waiting.apart) == (None, None, 0)


def test_a_decision_of_the_smallest_account_counts_and_one_of_none_does_not() -> None:
    assert summaries(looked([1], value=1), (30,))[0].mean == 1.0
    assert summaries(looked([1], value=0), (30,)) == ()
    assert summaries(looked([1], value=-1), (30,)) == ()
    both = [*looked([1]), *looked([2], cause="other")]
    assert [each.cause for each in summaries(reversed(both), (30,))] == ["cut", "other"]


@pytest.mark.parametrize(
    ("low", "high", "tells"),
    [(0.1, 0.2, True), (0.0, 0.2, False), (-0.1, 0.0, False), (-0.2, -0.1, True), (-1, 1, False)],
)
def test_an_effect_tells_where_its_range_leaves_out_none(
    low: float, high: float, tells: bool
) -> None:
    found = HindsightSummary(
        cause="cut", days=30, known=10, pending=0, apart=10, better=None, better_range=None,
        mean=0.0, mean_range=Between(low, high), total=0,
    )  # fmt: skip
    assert found.tells == tells
    assert not replace(found, mean_range=None).tells


def test_a_span_has_its_decisions_from_its_first_day_to_its_last() -> None:
    rows = tuple(looked([1, 2, 3, 4]))
    found = Hindsight(
        account="a", currency="KRW", last=on(200), simulated=False, taxed=False, decisions=rows
    )
    assert found.between(on(40), on(80)).decisions == rows[1:3]
    assert found.parts == 1
