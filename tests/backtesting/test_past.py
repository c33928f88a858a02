"""What a path came to by span, month, rolling year, currency and crisis, from figures by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api, metrics
from jeoul.backtesting.past.currency import currencies
from jeoul.backtesting.past.months import by_month
from jeoul.backtesting.past.record import currency_years
from jeoul.backtesting.past.rolling import SESSIONS, rolling
from jeoul.backtesting.past.stress import stresses
from jeoul.backtesting.past.windows import windows
from jeoul.backtesting.periods import report_crises
from jeoul.model.history import History
from jeoul.model.portfolio import CASH

DAYS = np.arange("2019-03-15", "2024-06-29", dtype="datetime64[D]")
NAV = np.exp(np.cumsum(np.random.default_rng(5).normal(0.0003, 0.01, len(DAYS))))


def test_months_compound_to_the_whole_span() -> None:
    found = by_month(DAYS, NAV)
    assert found.years == (2019, 2020, 2021, 2022, 2023, 2024)
    assert np.nanprod(found.returns + 1.0) == pytest.approx(NAV[-1] / NAV[0])
    assert np.isnan(found.returns[0, :2]).all()
    assert np.isnan(found.returns[-1, 6:]).all()


def test_the_first_month_counts_from_the_first_session_alone() -> None:
    april = np.searchsorted(DAYS, np.datetime64("2019-03-31"))
    assert by_month(DAYS, NAV).returns[0, 2] == pytest.approx(NAV[april] / NAV[0] - 1.0)


def test_spans_count_from_the_same_day_of_an_earlier_month() -> None:
    starts = {each.name: each.start for each in windows(DAYS, NAV)}
    assert starts == {
        "month": date(2024, 5, 28),
        "year_to_date": date(2023, 12, 31),
        "1y": date(2023, 6, 28),
        "3y": date(2021, 6, 28),
        "5y": date(2019, 6, 28),
        "10y": None,
        "all": date(2019, 3, 15),
    }


def test_a_month_from_the_end_of_march_begins_at_the_end_of_february() -> None:
    until = DAYS[: np.searchsorted(DAYS, np.datetime64("2024-03-31")) + 1]
    assert windows(until, NAV[: len(until)])[0].start == date(2024, 2, 29)


def test_only_spans_beyond_a_year_have_a_yearly_return() -> None:
    found = {each.name: each for each in windows(DAYS, NAV)}
    assert [name for name, each in found.items() if each.yearly is not None] == ["3y", "5y", "all"]
    total, yearly = found["3y"].total, found["3y"].yearly
    assert total is not None
    assert yearly is not None
    assert (1.0 + yearly) ** 3 == pytest.approx(1.0 + total, abs=1e-3)


def test_rolling_figures_are_those_of_each_year_alone() -> None:
    cash = np.full(len(NAV), 0.0001)
    found = rolling(DAYS, NAV, cash, 247.0)
    assert found.sessions[-1] == DAYS[-1]
    for place in (0, 100, -1):
        row = int(np.searchsorted(DAYS, found.sessions[place]))
        span = slice(row - SESSIONS, row + 1)
        assert found.volatility[place] == pytest.approx(metrics.volatility(NAV[span], 247.0))
        ratio = metrics.sharpe(NAV[span], cash[span][1:], 247.0)
        assert found.sharpe[place] == pytest.approx(ratio)


def test_a_path_of_less_than_a_year_has_no_rolling_figures() -> None:
    assert len(rolling(DAYS[:SESSIONS], NAV[:SESSIONS], np.zeros(SESSIONS), 247.0).sessions) == 0
    assert len(rolling(DAYS[:253], NAV[:253], np.zeros(253), 247.0).sessions) == 1


@pytest.fixture(scope="module")
def history(sample: Any) -> History:
    strategy = api.load_strategy("static")
    return api.history(strategy, sample.as_of(sample.last_session("XKRX"), "XKRX"))


def alone(history: History, member: str) -> tuple[Any, Any, Any]:
    """The last 300 sessions of a single member, held without a trade."""
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    place = mandate.places.index(member)
    level = history.level[-300:, place]
    held = np.zeros(len(mandate.places))
    held[place] = 1.0
    return mandate, level / level[0], [held] * 300


def test_a_dollar_fund_that_only_follows_the_dollar_earned_nothing_at_home(
    history: History,
) -> None:
    mandate, nav, held = alone(history, "us_large")
    found = currencies(mandate, history, history.sessions[-300:], nav, held, 1_300.0 * nav)
    assert found.local == pytest.approx(np.ones(300))
    assert found.own == pytest.approx(nav)
    assert found.exposed == 1.0


def test_a_won_fund_has_no_currency_part(history: History) -> None:
    mandate, nav, held = alone(history, "kr_large")
    dollar = np.linspace(1_000.0, 2_000.0, 300)
    found = currencies(mandate, history, history.sessions[-300:], nav, held, dollar)
    assert found.local == pytest.approx(nav)
    assert found.exposed == 0.0


def test_funds_in_dollars_are_exposed_as_a_whole(history: History) -> None:
    mandate, nav, held = alone(history, "kr_large")
    abroad = replace(history, currency="USD")
    dollar = np.linspace(1_000.0, 1_100.0, 300)
    found = currencies(mandate, abroad, history.sessions[-300:], nav, held, dollar)
    assert found.local == pytest.approx(nav)
    assert found.own[-1] == pytest.approx(nav[-1] * 1.1)
    years = currency_years(found)
    assert all(own > local for _, own, local in years)


def weights(history: History, **held: float) -> dict[str, float]:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    codes = {
        mandate.allowed[mandate.places.index(member)][0]: weight for member, weight in held.items()
    }
    return {**codes, CASH: 1.0 - sum(held.values())}


def crisis(history: History, name: str, **held: float) -> Any:
    mandate = api.mandate(api.load_strategy("static"), "balanced")
    found = stresses(mandate, history, weights(history, **held), 1_000_000)
    return next(each for each in found if each.crisis.name == name)


def test_a_crisis_is_what_the_weights_did_from_its_first_to_its_last_day(history: History) -> None:
    found = crisis(history, "covid", kr_large=0.5)
    first = np.searchsorted(history.sessions, np.datetime64("2020-02-19"), side="right") - 1
    last = np.searchsorted(history.sessions, np.datetime64("2020-03-23")) + 1
    level = history.level[:, history.members.index("kr_large")]
    cash = np.prod(1.0 + np.nan_to_num(history.cash_rate[first + 1 : last + 1]))
    growth = 0.5 * level[last] / level[first] + 0.5 * cash - 1.0
    assert found.growth == pytest.approx(growth)
    assert found.change == round(found.growth * 1_000_000)
    assert found.covered == 1.0
    assert found.max_drawdown <= min(0.0, found.growth)


def test_a_crisis_beyond_the_last_session_is_outside_the_data(history: History) -> None:
    row = int(np.searchsorted(history.sessions, np.datetime64("2024-08-02")))
    early = history.until(row)
    assert crisis(early, "carry", kr_large=1.0).growth is None
    assert crisis(history, "carry", kr_large=1.0).growth is not None


def test_a_crisis_in_which_much_of_the_money_has_no_prices_gets_no_figure(
    history: History,
) -> None:
    level = history.level.copy()
    members = [n for n, name in enumerate(history.members) if name not in {"kr_large"}]
    level[:, members] = np.nan
    bare = replace(history, level=level)
    found = crisis(bare, "covid", kr_large=0.6, treasury_10y=0.3)
    assert found.growth is None
    assert found.covered == pytest.approx(0.7)
    enough = crisis(bare, "covid", kr_large=0.6, treasury_10y=0.05)
    assert enough.covered == pytest.approx(0.95)
    assert enough.growth is not None


def test_another_fund_of_its_class_stands_in_for_one_without_prices(history: History) -> None:
    missing = history.members.index("kr_dividend")
    level = history.level.copy()
    level[:, missing] = np.nan
    bare = replace(history, level=level)
    assert crisis(bare, "covid", kr_dividend=1.0).growth == pytest.approx(
        crisis(bare, "covid", kr_large=1.0).growth
    )


def test_every_crisis_of_the_report_has_its_days_and_titles() -> None:
    found = report_crises()
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(each.title["ko"] and each.title["en"] for each in found)
