"""The panel: chained returns, proxies on the session that knows them, and nothing from later."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from jeoul import api
from jeoul.market import assemble
from jeoul.market.levels import total_return
from jeoul.model.history import History, Origin
from jeoul.model.instrument import Member, Proxy, ProxyKind, Universe
from jeoul.model.series import PriceTable, Series
from jeoul.model.snapshot import Snapshot

FIRST, LAST = date(2019, 12, 2), date(2020, 3, 31)


def sessions_of(exchange: Any) -> Any:
    calendar = api.calendars()[exchange]
    rows = slice(calendar.index(FIRST), calendar.index(LAST) + 1)
    return calendar.sessions[rows], calendar.closes[rows]


def table(exchange: Any, **columns: Any) -> Any:
    """A table of adjusted closes; a column is a constant or a mapping of changed sessions."""
    days, closes = sessions_of(exchange)
    values = []
    for column in columns.values():
        line = np.full(len(days), np.nan)
        for label, value in column.items():
            line[list(days.astype(str)).index(label)] = value
        values.append(line)
    currency = {"XKRX": "KRW", "XNYS": "USD"}[exchange]
    return PriceTable(
        exchange, currency, "total-return", tuple(columns), days, closes, np.column_stack(values)
    )


def steady(
    exchange: Any, start: Any = "2019-12-02", end: Any = "2020-03-31", growth: Any = 0.001
) -> Any:
    days = [str(day) for day in sessions_of(exchange)[0]]
    return {
        day: 100.0 * (1.0 + growth) ** place
        for place, day in enumerate(days)
        if start <= day <= end
    }


def series(name: Any, values: Any, exchange: Any = "XKRX") -> Any:
    days, closes = sessions_of(exchange)
    labels = list(days.astype(str))
    rows = [labels.index(label) for label in values]
    return Series(name, "x", days[rows], np.array(list(values.values())), closes[rows])


def history_of(member: Any, tables: Any, named: Any = (), last: Any = LAST) -> Any:
    universe = Universe(
        name="small",
        calendar="XKRX",
        currency="KRW",
        members=(member,),
        instruments={},
        classes=(member.asset_class,),
    )
    snapshot = Snapshot(
        last,
        "XKRX",
        api.calendars()["XKRX"].decision_instant(last),
        tuple(tables),
        {item.name: item for item in named},
        (),
        False,
        "test",
    )
    return assemble(snapshot, universe, api.calendars())


def member(*codes: Any, proxies: Any = ()) -> Any:
    return Member(name="it", asset_class="any", codes=codes, reference=1.0, proxies=proxies)


def at(history: Any, label: Any) -> Any:
    return int(np.flatnonzero(history.sessions == np.datetime64(label))[0])


def test_the_preferred_fund_leads_and_its_substitute_takes_over_after_five_sessions() -> None:
    fund = steady("XKRX", end="2020-01-31")
    other = steady("XKRX", growth=0.002)
    history = history_of(member("A", "B"), [table("XKRX", A=fund, B=other)])
    origin, returns = history.origin[:, 0], history.returns[:, 0]
    end = at(history, "2020-01-31")
    assert origin[end] == Origin.FUND
    assert returns[end] == pytest.approx(0.001)
    # five sessions are waited for, without a return; then the substitute leads
    assert (origin[end + 1 : end + 6] == Origin.NONE).all()
    assert np.isnan(returns[end + 1 : end + 6]).all()
    assert (origin[end + 6 :] == Origin.SUBSTITUTE).all()
    assert returns[end + 6 :] == pytest.approx(0.002)


def test_a_short_gap_is_one_return_over_the_whole_of_it() -> None:
    fund = steady("XKRX")
    for label in ("2020-02-04", "2020-02-05", "2020-02-06"):
        del fund[label]
    history = history_of(member("A", "B"), [table("XKRX", A=fund, B=steady("XKRX", growth=0.5))])
    row = at(history, "2020-02-07")
    assert (history.origin[row - 3 : row, 0] == Origin.NONE).all()
    assert history.origin[row, 0] == Origin.FUND
    assert history.returns[row, 0] == pytest.approx(1.001**4 - 1.0)
    # the level is carried through the gap and ends where the fund does
    assert history.level[row - 1, 0] == history.level[row - 4, 0]
    assert history.level[row, 0] / history.level[row - 4, 0] == pytest.approx(1.001**4)


def test_before_the_funds_a_proxy_leads() -> None:
    proxies = (Proxy(kind=ProxyKind.SERIES, column="index"),)
    fund = steady("XKRX", start="2020-02-03")
    index = series("index", steady("XKRX", growth=-0.001))
    history = history_of(member("A", proxies=proxies), [table("XKRX", A=fund)], [index])
    row = at(history, "2020-02-03")
    assert history.origin[row, 0] == Origin.PROXY  # the fund's first price has no return yet
    assert history.returns[row, 0] == pytest.approx(-0.001)
    assert history.origin[row + 1, 0] == Origin.FUND
    assert history.returns[row + 1, 0] == pytest.approx(0.001)
    assert np.isfinite(history.prices[row, 0])
    assert np.isnan(history.prices[row - 1, 0])  # a proxy is never a price


def test_a_member_without_any_source_has_no_history() -> None:
    history = history_of(member("A", "B"), [table("XKRX", C=steady("XKRX"))])
    assert np.isnan(history.returns).all()
    assert np.isnan(history.level).all()
    assert (history.origin == Origin.NONE).all()


def test_raw_prices_grow_by_splits_and_dividends() -> None:
    days, closes = sessions_of("XKRX")
    n = np.nan
    raw = PriceTable(
        "XKRX",
        "KRW",
        "raw",
        ("A",),
        days[:6],
        closes[:6],
        # a split of two for one with a dividend of 1 per new share; a dividend of 2 on a session
        # without a price; a consolidation of one for four
        np.array([[100.0], [49.0], [n], [50.0], [200.0], [210.0]]),
        np.array([[0.0], [1.0], [2.0], [0.0], [0.0], [10.0]]),
        np.array([[1.0], [2.0], [1.0], [1.0], [0.25], [1.0]]),
    )
    index = total_return(raw, 0)
    assert index[0] == 100.0
    assert index[1] / index[0] == pytest.approx(2 * (49 + 1) / 100)
    assert np.isnan(index[2])
    assert index[3] / index[1] == pytest.approx((50 + 2) / 49)
    assert index[4] / index[3] == pytest.approx(200 / 50 / 4)
    assert index[5] / index[4] == pytest.approx((210 + 10) / 200)


def test_a_converted_series_stands_on_the_first_session_that_knows_it() -> None:
    # New York is closed on 2020-01-20 and 2020-02-17, Seoul on 2020-01-24 and 2020-01-27.
    dollars = {
        "2020-01-16": 100.0,
        "2020-01-17": 110.0,
        "2020-01-21": 121.0,
        "2020-01-22": 130.0,
        "2020-01-23": 140.0,
        "2020-01-24": 150.0,
        "2020-01-27": 160.0,
    }
    rate = Series(
        "usdkrw",
        "KRW per USD",
        np.array(["2020-01-16", "2020-01-21"], dtype="datetime64[D]"),
        np.array([1000.0, 1100.0]),
        # noon in New York
        np.array(["2020-01-16T17:00", "2020-01-21T17:00"], dtype="datetime64[s]").astype(np.int64),
    )
    proxies = (Proxy(kind=ProxyKind.CONVERTED, column="SPY"),)
    history = history_of(
        member("A", proxies=proxies),
        [table("XKRX", A={"2019-12-02": 1.0}), table("XNYS", SPY=dollars)],
        [rate],
    )
    found = {str(history.sessions[r]): history.returns[r, 0] for r in range(len(history))}
    assert found["2020-01-20"] == pytest.approx(0.10)  # Friday's close, known on Saturday in Seoul
    assert np.isnan(found["2020-01-21"])  # New York was closed on Monday: nothing new
    assert found["2020-01-22"] == pytest.approx(1.1 * 1.1 - 1.0)  # both legs move
    assert found["2020-01-23"] == pytest.approx(130 / 121 - 1.0)
    assert "2020-01-24" not in found
    assert found["2020-01-28"] == pytest.approx(160 / 130 - 1.0)  # three New York closes at once


def test_a_hedged_series_leaves_the_exchange_rate_out() -> None:
    rate = series("usdkrw", {"2020-01-02": 1000.0, "2020-01-06": 2000.0})
    proxies = (Proxy(kind=ProxyKind.HEDGED, column="SPY"),)
    fund = table("XKRX", A={"2019-12-02": 1.0})
    history = history_of(
        member("A", proxies=proxies), [fund, table("XNYS", SPY=steady("XNYS"))], [rate]
    )
    assert np.nanmax(history.returns) < 0.005


def test_a_par_bond_is_worth_its_discounted_coupons() -> None:
    yields = {"2020-02-03": 3.0, "2020-02-04": 3.5, "2020-02-07": 3.2}
    proxies = (Proxy(kind=ProxyKind.PAR_BOND, column="kr10y", maturity=10.0),)
    history = history_of(
        member("A", proxies=proxies),
        [table("XKRX", A={"2019-12-02": 1.0})],
        [series("kr10y", yields)],
    )

    def discounted(coupon: Any, rate: Any) -> Any:
        return sum(coupon / 2 / (1 + rate / 2) ** k for k in range(1, 21)) + (1 + rate / 2) ** -20

    first = history.returns[at(history, "2020-02-04"), 0]
    assert first == pytest.approx(discounted(0.03, 0.035) + 0.03 / 365 - 1.0, abs=3e-5)
    second = history.returns[at(history, "2020-02-07"), 0]
    assert second == pytest.approx(discounted(0.035, 0.032) + 0.035 * 3 / 365 - 1.0, abs=3e-5)


def test_cash_earns_the_rate_known_at_the_close_before_on_actual_days() -> None:
    rate = series("bok_base_rate", {"2020-01-02": 3.65, "2020-01-06": 7.3})
    history = history_of(member("A"), [table("XKRX", A=steady("XKRX"))], [rate])
    assert np.isnan(history.cash_rate[at(history, "2020-01-02")])
    assert history.cash_rate[at(history, "2020-01-03")] == pytest.approx(0.0001)
    assert history.cash_rate[at(history, "2020-01-06")] == pytest.approx(0.0003)  # three days
    assert history.cash_rate[at(history, "2020-01-07")] == pytest.approx(0.0002)


def same(one: History, other: History) -> None:
    for field in fields(History):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name == "signals":
            assert left.keys() == right.keys()
            for name in left:
                assert_array_equal(left[name], right[name], err_msg=name)
        elif isinstance(left, np.ndarray):
            assert_array_equal(left, right, err_msg=field.name)
        else:
            assert left == right, field.name


@pytest.mark.parametrize(
    "day", ["2005-03-02", "2011-09-09", "2020-02-28", "2020-03-12", "2023-12-28", "2024-06-27"]
)
def test_the_history_of_an_earlier_snapshot_is_a_prefix(market: Any, desk: Any, day: str) -> None:
    strategy = api.load_strategy("managed")
    earlier = api.history(strategy, market.as_of(day))
    later = desk.history(market, date(2024, 6, 28), "managed")
    same(earlier, later.until(len(earlier) - 1))


def test_a_par_bond_from_the_ten_year_yield_follows_the_ten_year_fund(real_market: Any) -> None:
    universe = api.universe_of("krx-core")
    place = [m.name for m in universe.members].index("treasury_10y")
    whole = universe.members[place]
    snapshot = real_market.as_of("2024-06-28")

    def returns(it: Any) -> Any:
        one = Universe(
            name="one",
            calendar="XKRX",
            currency="KRW",
            members=(it,),
            instruments={},
            classes=(it.asset_class,),
        )
        found = assemble(snapshot, one, api.calendars())
        return found.returns[:, 0], found.origin[:, 0]

    fund, origin = returns(whole)
    bond, _ = returns(
        Member(name="b", asset_class="x", codes=("none",), reference=1.0, proxies=whole.proxies)
    )
    both = (origin == Origin.FUND) & np.isfinite(bond)
    assert both.sum() > 2400
    assert np.corrcoef(fund[both], bond[both])[0, 1] == pytest.approx(0.94, abs=0.015)
