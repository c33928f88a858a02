"""Many decisions together, and which trades are one decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, t
from worlds import day, decision, order

from jeoul.account.hindsight.decisions import SessionTrades, cause_of, decisions_of
from jeoul.account.hindsight.records import HindsightOutcome, LookedBack
from jeoul.account.hindsight.summary import (
    LEAST,
    apart,
    mean_range,
    proportion_range,
    summaries,
)

FIRST = date(2014, 1, 2)


def looked(effects: Any, every: int, days: int = 30, cause: Any = "cut") -> list[LookedBack]:
    """Decisions of an account of one million, ``every`` days apart."""
    found = []
    for number, effect in enumerate(effects):
        session = FIRST + timedelta(days=number * every)
        made = replace(decision([], {}), session=session, cause=cause)
        outcome = HindsightOutcome(days=days, day=session, untraded=0, by_order=(int(effect),))
        found.append(LookedBack(decision=made, outcomes={days: outcome}))
    return found


def test_a_summary_counts_what_is_known_and_what_is_still_to_come() -> None:
    rows = [*looked([10_000, -5_000, 0], 40), *looked([1], 40, days=90)]
    month, quarter = summaries(rows, (30, 90))
    assert (month.known, month.pending, month.apart, month.total) == (3, 1, 3, 5_000)
    assert month.better == pytest.approx(1 / 3)
    assert month.mean == pytest.approx((0.01 - 0.005) / 3)
    assert (quarter.known, quarter.pending) == (1, 3)


def test_causes_are_summed_apart_and_a_cause_without_decisions_has_no_summary() -> None:
    rows = [*looked([1, 2], 40), *looked([7], 40, cause="reentry")]
    assert [(s.cause, s.total) for s in summaries(rows, (30,))] == [("cut", 3), ("reentry", 7)]


def test_few_decisions_and_overlapping_ones_say_nothing_of_how_sure_a_figure_is() -> None:
    (few,) = summaries(looked([5_000] * (LEAST - 1), 40), (30,))
    (crowded,) = summaries(looked([5_000] * 60, 4), (30,))
    (enough,) = summaries(looked([5_000, 5_100] * LEAST, 40), (30,))
    assert few.mean_range is few.better_range is crowded.mean_range is None
    assert not few.tells
    assert (crowded.known, crowded.apart) == (60, 8)
    assert enough.tells
    assert enough.mean_range is not None
    assert enough.mean_range.low > 0


def test_an_unpriced_decision_and_an_empty_account_are_left_out() -> None:
    (row,) = looked([5_000], 40)
    empty = replace(row, decision=replace(row.decision, value=0))
    assert summaries([replace(row, unpriced=("X",)), empty]) == ()


def test_as_many_days_apart_are_chosen_as_can_be() -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        days = [FIRST + timedelta(days=int(n)) for n in rng.integers(0, 60, 7)]
        most = max(
            len(chosen)
            for size in range(1, 8)
            for chosen in combinations(days, size)
            if all(abs((a - b).days) >= 15 for a, b in combinations(chosen, 2))
        )
        assert apart(days, 15) == most


@pytest.mark.parametrize(("count", "hits"), [(10, 0), (12, 7), (40, 40), (300, 123)])
def test_the_range_of_a_share_is_that_of_wilson(count: int, hits: int) -> None:
    known = binomtest(hits, count).proportion_ci(0.90, method="wilson")
    assert tuple(proportion_range(hits / count, count)) == pytest.approx((known.low, known.high))


@pytest.mark.parametrize("count", [10, 15, 60])
def test_the_range_of_a_mean_is_that_of_student(count: int) -> None:
    values = np.random.default_rng(count).normal(0.2, 1.0, count)
    known = t.interval(0.90, count - 1, values.mean(), values.std(ddof=1) / count**0.5)
    assert tuple(mean_range(values.tolist(), count)) == pytest.approx(known, abs=2e-3)


def test_where_trading_is_luck_the_range_has_no_effect_in_it_nine_times_in_ten() -> None:
    rng = np.random.default_rng(8)
    # Overlapping spans: each outcome is the sum of the days that its span shares with others.
    for every, tries in ((30, 400), (10, 400)):
        covered = 0
        for _ in range(tries):
            steps = rng.normal(0.0, 2_000.0, 700)
            effects = [steps[place : place + 30].sum() for place in range(0, 660, every)]
            (found,) = summaries(looked(effects, every), (30,))
            assert found.mean_range is not None
            covered += found.mean_range.low <= 0.0 <= found.mean_range.high
        assert covered / tries > 0.86, every


@pytest.mark.parametrize(
    ("kinds", "cause"),
    [
        (("place.model", "trade.overlay", "overlay.vix_on", "overlay.cut"), "cut"),
        (("place.model", "trade.calendar", "overlay.rise", "place.buys_wait"), "reentry"),
        (("place.model", "overlay.cut", "overlay.rise"), "reentry"),
        (("place.model", "trade.calendar", "overlay.held"), "rebalance"),
        (("place.band", "trade.hold"), "rebalance"),
        (("place.deposit", "trade.hold", "overlay.cut"), "invested"),
        (("place.withdrawal",), "withdrawn"),
        (("place.settled", "trade.hold"), "invested"),
        ((), "other"),
    ],
)  # fmt: skip
def test_the_reasons_of_a_run_say_why_it_traded(kinds: Any, cause: str) -> None:
    assert cause_of(kinds) == cause


def trades(place: int, orders: Any, kinds: Any, shares: Any, cash: int, run: str) -> SessionTrades:
    return SessionTrades(session=day(place), orders=tuple(orders), kinds=kinds, shares=shares,
                         cash=cash, value=1_000, runs=(run,))  # fmt: skip


def test_what_the_proceeds_of_a_sale_buy_belongs_to_the_decision_that_sold() -> None:
    sale, buy = order("SELL", "A", 5, 100, 3, cost=2, tax=1), order("BUY", "B", 4, 100, 5, cost=2)
    later = order("BUY", "A", 1, 100, 9)
    found = decisions_of([
        trades(3, [sale], ("place.model", "overlay.cut"), {"A": 5}, 497, "one"),
        trades(5, [buy], ("place.settled", "trade.hold"), {"A": 5, "B": 4}, 95, "two"),
        trades(6, [], ("place.hold",), {"A": 5, "B": 4}, 95, "three"),
        trades(9, [later], ("place.deposit",), {"A": 6, "B": 4}, 0, "four"),
    ])  # fmt: skip
    cut, flow = found
    assert (cut.cause, cut.orders, cut.runs) == ("cut", (sale, buy), ("one", "two"))
    assert (cut.shares, cut.cash, cut.value) == ({"A": 10}, 0, 1_003)
    assert (flow.cause, flow.shares, flow.cash) == ("invested", {"A": 5, "B": 4}, 100)


@pytest.mark.parametrize(
    ("waits", "kinds", "place", "together"),
    [
        (True, ("place.band", "trade.hold"), 5, True),
        (False, ("place.band", "trade.hold"), 5, False),
        (True, ("place.model", "trade.calendar"), 5, False),
        (True, ("place.deposit", "trade.hold"), 5, False),
        (True, ("place.band", "trade.hold"), 30, False),
    ],
)
def test_a_trade_of_the_band_completes_a_decision_only_where_its_purchases_had_to_wait(
    waits: bool, kinds: Any, place: int, together: bool
) -> None:
    sale, buy = order("SELL", "A", 5, 100, 3), order("BUY", "B", 4, 100, place)
    why = ("place.model", "overlay.rise", *(["place.buys_wait"] if waits else []))
    found = decisions_of([
        trades(3, [sale], why, {"A": 5}, 500, "one"),
        trades(place, [buy], kinds, {"A": 5, "B": 4}, 100, "two"),
    ])  # fmt: skip
    assert (len(found) == 1) is together
    assert found[0].cause == "reentry"


def test_settled_money_without_a_sale_before_it_is_a_decision_of_its_own() -> None:
    buy = order("BUY", "B", 4, 100, 5)
    (alone,) = decisions_of([trades(5, [buy], ("place.settled",), {"B": 4}, 0, "two")])
    assert (alone.cause, alone.cash) == ("invested", 400)
