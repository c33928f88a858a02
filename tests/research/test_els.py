"""An ELS on many paths: worst-of, day by day, every issue and drawn paths; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.korea.els import ElsTerms, ending, payment
from jeoul.korea.tables import load_rules
from jeoul.market import Market
from jeoul.research.els import every_issue, issued_on, simulated
from jeoul.research.els_paths import (
    Underlyings,
    drawn_paths,
    month_ends,
    underlyings,
    worst_of,
)

BOOK = load_rules(2026)
TERMS = ElsTerms(
    coupon=Decimal("0.06"),
    barriers=(Decimal("0.90"), Decimal("0.80")),
    months=1,
    knock_in=Decimal("0.50"),
)
MONTHLY = ElsTerms(Decimal("0.06"), (Decimal("0.90"), Decimal("0.80")), 3, None, Decimal("0.60"))


def held(*columns: Any, start: str = "2024-01-01") -> Underlyings:
    closes = np.column_stack([np.array(column, dtype=float) for column in columns])
    days = np.datetime64(start, "D") + np.arange(len(closes)).astype("timedelta64[D]")
    return Underlyings(tuple("ABC"[: len(columns)]), days, closes, ())


def flat(days: int, **at: float) -> list[float]:
    """Return closes of 100 with some days at another level: ``d40=45`` is day 40."""
    found = [100.0] * days
    for place, level in at.items():
        found[int(place[1:])] = level
    return found


def paid(ended: Any, share: str, terms: ElsTerms = TERMS) -> Any:
    return payment(BOOK, terms, ended, share=Decimal(share), principal=10_000_000)


# --- what decides ---


def test_a_close_between_two_month_ends_knocks_in() -> None:
    """Issued on 1 January and observed on 1 February and 1 March (days 31 and 60)."""
    history = held(flat(61, d31=85, d40=49, d60=70))
    found = issued_on(BOOK, TERMS, history, day=date(2024, 1, 1), principal=10_000_000)
    assert (found.how, found.knocked_in, found.paid) == ("loss", date(2024, 2, 10), 7_000_000)


def test_without_that_close_the_principal_and_the_coupon_are_paid() -> None:
    """Two months at 6 % a year: 100,000; 14,000 + 1,400 withheld."""
    history = held(flat(61, d31=85, d40=50, d60=70))
    found = issued_on(BOOK, TERMS, history, day=date(2024, 1, 1), principal=10_000_000)
    assert (found.how, found.profit, found.tax) == ("untouched", 100_000, 15_400)


def test_the_worst_of_several_decides() -> None:
    """A is above every barrier, B ends at 70 % after 45 %: B's loss is the loss."""
    history = held(flat(61, d31=120, d60=130), [x * 3 for x in flat(61, d31=80, d50=45, d60=70)])
    found = issued_on(BOOK, TERMS, history, day=date(2024, 1, 1), principal=10_000_000)
    assert (found.how, found.paid) == ("loss", 7_000_000)
    alone = held(flat(61, d31=120, d60=130))
    found = issued_on(BOOK, TERMS, alone, day=date(2024, 1, 1), principal=10_000_000)
    assert (found.how, found.months) == ("early", 1)


def test_different_underlyings_may_be_the_worst_on_different_days() -> None:
    assert worst_of(np.array([[10.0, 200.0], [9.0, 190.0], [10.0, 150.0]])) == [1.0, 0.9, 0.75]


def test_a_fall_after_the_redemption_is_not_watched() -> None:
    ended = ending(TERMS, [1.0, 0.9, 0.4], [1, 2])
    assert (ended.how, ended.touched) == ("early", None)


def test_monthly_coupons_are_paid_for_the_months_at_or_above_their_barrier() -> None:
    """Of six months two end below 60 %: four coupons of 50,000, each less 7,000 + 700; the level
    of 55 % at maturity is the loss."""
    worst = [1.0, 0.7, 0.59, 0.60, 0.8, 0.7, 0.55]
    ended = ending(MONTHLY, worst, range(1, 7))
    assert (ended.how, ended.coupons) == ("loss", 4)
    found = paid(ended, "0.55", MONTHLY)
    assert (found.paid, found.profit, found.tax) == (5_700_000, -4_300_000, 30_800)


def test_a_monthly_security_pays_no_coupon_twice() -> None:
    ended = ending(MONTHLY, [1.0, 0.95, 0.95, 0.95], [1, 2, 3, 3, 3, 3])
    assert (ended.how, paid(ended, "0.95", MONTHLY).profit) == ("early", 150_000)


PATHS = st.lists(st.lists(st.floats(0.2, 2.0), min_size=9, max_size=9), min_size=2, max_size=4)


@given(PATHS)
def test_the_worst_of_ends_no_better_than_any_underlying_alone(paths: Any) -> None:
    """It is redeemed no earlier, knocks in no later, and loses whenever one alone would, more."""
    terms = ElsTerms(Decimal("0.06"), (Decimal("0.9"), Decimal("0.8")), 4, Decimal("0.5"))
    each = [[1.0, *path] for path in paths]
    together = [min(values) for values in zip(*each, strict=True)]
    ends = [1, 2, 3, 4, 6, 7, 8, 9]
    joint = ending(terms, together, ends)
    for worst in each:
        alone = ending(terms, worst, ends)
        assert joint.months >= alone.months
        if alone.touched is not None:
            assert joint.touched is not None
            assert joint.touched <= alone.touched
        if alone.how == "loss":
            assert joint.how == "loss"
            share = Decimal(together[9]), Decimal(worst[9])
            lost, less = (
                payment(BOOK, terms, one, share=part, principal=10_000_000).paid
                for one, part in zip((joint, alone), share, strict=True)
            )
            assert lost <= less


@given(st.lists(st.floats(0.1, 3.0), min_size=2, max_size=2), st.booleans())
def test_nobody_gets_more_than_principal_and_coupons(levels: Any, monthly: bool) -> None:
    terms = ElsTerms(
        Decimal("0.12"), (Decimal("0.9"), Decimal("0.8")), 1, Decimal("0.5"),
        Decimal("0.5") if monthly else None,
    )  # fmt: skip
    ended = ending(terms, [1.0, *levels], [1, 2])
    found = payment(BOOK, terms, ended, share=Decimal(levels[ended.at - 1]), principal=1_000_000)
    assert 0 <= found.paid <= 1_000_000 + 10_000 * ended.months
    assert 0 <= found.tax <= 10_000 * ended.months


# --- every issue ---


def test_every_day_with_a_whole_term_is_an_issue() -> None:
    """70 days from 1 January 2024: terms of two months fit from 1 to 10 January.

    Nothing moves but day 60 (1 March), at 45 %: only the issue of 1 February sees it at a first
    observation, and those of 1 January at a second, too late: they were redeemed on 1 February.
    """
    study = every_issue(BOOK, TERMS, held(flat(70, d60=45)), principal=10_000_000)
    assert (study.paths, study.issues) == (10, (date(2024, 1, 1), date(2024, 1, 10), 1))
    assert study.redeemed == {1: 1.0}
    assert (study.lost, study.knocked_in, study.paid.worst) == (0.0, 0.0, 10_042_300)


def test_losses_are_counted_and_dated() -> None:
    """From day 20 on the level is 40 %: whoever was issued before loses 60 % after two months;
    issues on or after it see a level that stands still."""
    history = held([100.0] * 20 + [40.0] * 80)
    study = every_issue(BOOK, TERMS, history, principal=10_000_000)
    assert study.paths == 40  # the last issue is of 9 February, due on 9 April, day 99
    assert study.lost == study.knocked_in == 0.5
    assert study.paid[2:] == (4_000_000, date(2024, 1, 1), -6_000_000)
    assert study.redeemed == {1: 0.5}


def test_a_history_shorter_than_a_term_is_refused() -> None:
    with pytest.raises(UsageError, match="are shorter than a term of 2 months"):
        every_issue(BOOK, TERMS, held(flat(60)), principal=1)
    with pytest.raises(UsageError, match="the closes end on 2024-02-29"):
        issued_on(BOOK, TERMS, held(flat(60)), day=date(2024, 1, 1), principal=1)
    with pytest.raises(UsageError, match="2023-12-31 is not a day with closes"):
        issued_on(BOOK, TERMS, held(flat(60)), day=date(2023, 12, 31), principal=1)


def test_an_observation_on_a_day_without_a_close_waits_for_the_next() -> None:
    days = np.array(["2024-01-30", "2024-02-28", "2024-03-04"], dtype="datetime64[D]")
    assert month_ends(days, 0, 1) == [2]  # 29 February is the day; 4 March the next close
    assert month_ends(days, 0, 2) is None


# --- drawn paths ---


def history_of_noise() -> Underlyings:
    steps = np.random.default_rng(0).normal(0.0, 0.02, (600, 2))
    closes = 100.0 * np.exp(np.cumsum(steps, axis=0))
    return held(closes[:, 0], closes[:, 1], start="2020-01-01")


def test_the_same_seed_draws_the_same_paths() -> None:
    history = history_of_noise()
    one, same, other = (
        simulated(BOOK, TERMS, history, principal=10_000_000, paths=50, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one == same != other
    assert one.issues is None is one.paid.worst_issue


def test_underlyings_are_drawn_together() -> None:
    """Every daily return of a path is a whole day of the history."""
    history = history_of_noise()
    days = {tuple(row) for row in np.diff(np.log(history.closes), axis=0).round(9)}
    (path,) = drawn_paths(history, months=2, paths=1, seed=3)
    assert path[0].tolist() == [1.0, 1.0]
    assert {tuple(row) for row in np.diff(np.log(path), axis=0).round(9)} <= days


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(UsageError, match="too few to draw 24 months"):
        list(drawn_paths(held(flat(100)), months=24, paths=1, seed=1))


# --- a market's closes ---


def test_a_day_without_trade_takes_the_last_close(sample: Market) -> None:
    both, korean = underlyings(sample, ["SPY", "069500"]), underlyings(sample, ["069500"])
    closed = np.flatnonzero(~np.isin(both.days, korean.days))
    assert len(closed) > 100  # New York was open, Seoul was not
    assert (both.closes[closed, 1] == both.closes[closed - 1, 1]).all()


def test_closes_of_the_sample_have_their_splits_and_no_dividends(sample: Market) -> None:
    found = underlyings(sample, ["SPY"])
    assert found.with_dividends == ()
    table = next(table for table in sample.prices if "SPY" in table.tickers)
    column = table.tickers.index("SPY")
    assert table.splits is not None
    assert found.closes[-1, 0] == pytest.approx(
        table.close[-1, column] * table.splits[:, column].prod()
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["SPY", "SPY"], "name each underlying once"),
        (["nope"], "'nope' is neither a ticker nor a series"),
        (["us10y"], "'us10y' .percent a year. is not the level of an index"),
        (["gold_usd_oz"], "is not the level of an index"),
    ],
)
def test_what_is_not_an_underlying_is_refused(sample: Market, names: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        underlyings(sample, names)
