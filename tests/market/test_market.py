"""Snapshots: what is visible at a decision, and which days can be decided on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import texts
from texts import RAW

from jeoul.errors import BeyondData, DataError, NotASession
from jeoul.market import open_market
from jeoul.model.calendar import instant

MANIFEST = (
    'simulated = true\nwhat = "two small markets"\n'
    + RAW
    + texts.prices("XNYS")
    + texts.series(
        "signals.csv",
        usdkrw=("12:00 America/New_York", 0),
        oas=("XNYS close", 1),
        is_krx_day=("in advance", 0),
    )
    + texts.series("macro.csv", "month", cpi=("08:30 America/New_York", 16))
    + '\n[[file]]\npath = "returns-kr-monthly.csv"\nindex = "month"\n'
    + 'known = { at = "XKRX close", lag = 0 }\n'
)


@pytest.fixture
def market(folder: Any, prices: Any, calendars: Any) -> Any:
    days = [str(d) for d in calendars["XNYS"].sessions if str(d) <= "2020-04-30"]
    signals = "date,usdkrw,oas,is_krx_day\n" + "".join(
        f"{day},{1100 + n},{n},1\n" for n, day in enumerate(days)
    )
    events = "date,ticker,dividend,split\n2020-02-04,069500,3,1\n2020-05-04,069500,9,2\n"
    files = {
        "prices-kr.csv": prices(),
        "events-kr.csv": events,
        "prices-us.csv": prices(exchange="XNYS", tickers=("SPY", "TLT")),
        "signals.csv": signals,
        "macro.csv": "month,cpi\n2020-01,100\n2020-02,101\n",
        "returns-kr-monthly.csv": "month,069500\n2020-01,not read\n",
    }
    return open_market(folder(files, MANIFEST), calendars=calendars)


def newest(series: Any) -> Any:
    return str(series.dates[-1]) if len(series) else None


def test_a_decision_is_made_the_next_morning_on_what_is_known_by_then(market: Any) -> None:
    snapshot = market.as_of("2020-02-06")  # a Thursday
    korean, american = snapshot.prices
    assert snapshot.decided_at == instant(datetime(2020, 2, 6, 23, 30, tzinfo=UTC))
    assert str(korean.sessions[-1]) == "2020-02-06"
    assert str(american.sessions[-1]) == "2020-02-06"  # closed at 06:00 in Seoul
    assert newest(snapshot.series["usdkrw"]) == "2020-02-06"
    assert newest(snapshot.series["oas"]) == "2020-02-05"  # published a day later


def test_the_new_york_row_of_a_date_comes_after_the_seoul_close_of_that_date(market: Any) -> None:
    korean, american = market.prices
    row = np.flatnonzero(american.sessions == np.datetime64("2020-02-06"))[0]
    same = np.flatnonzero(korean.sessions == np.datetime64("2020-02-06"))[0]
    assert american.known_at[row] > korean.known_at[same]


def test_a_new_york_decision_knows_the_korean_close_of_its_own_morning(market: Any) -> None:
    """At 08:30 New York time the Korean session of that date is over."""
    snapshot = market.as_of("2020-02-06", "XNYS")
    korean, american = snapshot.prices
    assert str(american.sessions[-1]) == "2020-02-06"
    assert str(korean.sessions[-1]) == "2020-02-07"


def test_over_a_holiday_the_other_market_goes_on(market: Any) -> None:
    """Seoul was closed on 2020-01-24 and 27, so the decision falls on the morning of the 28th."""
    snapshot = market.as_of("2020-01-23")
    korean, american = snapshot.prices
    assert str(korean.sessions[-1]) == "2020-01-23"
    assert str(american.sessions[-1]) == "2020-01-27"


@pytest.mark.parametrize(
    ("day", "count"),
    [("2020-02-13", 0), ("2020-02-14", 1), ("2020-03-13", 1), ("2020-03-16", 2)],
)
def test_a_monthly_figure_is_known_its_lag_after_the_month_ends(
    market: Any, day: str, count: int
) -> None:
    """January's on Sunday 2020-02-16, February's on 2020-03-16 at 08:30 in New York."""
    assert len(market.as_of(day).series["cpi"]) == count


def test_flags_and_cross_checks_are_no_input_of_decisions(market: Any) -> None:
    assert set(market.as_of("2020-02-06").series) == {"usdkrw", "oas", "cpi"}
    assert {t for table in market.prices for t in table.tickers} == {
        *("069500", "148070", "SPY", "TLT")
    }


def test_events_stand_in_the_row_of_their_session(market: Any) -> None:
    table = market.as_of("2020-04-29").prices[0]
    assert np.argwhere(table.dividends).tolist() == [
        [int(np.flatnonzero(table.sessions == np.datetime64("2020-02-04"))[0]), 0]
    ]
    assert (table.splits == 1).all()


def test_a_snapshot_says_where_it_comes_from(market: Any) -> None:
    snapshot = market.as_of(date(2020, 2, 6))
    assert snapshot.simulated
    assert snapshot.source == "two small markets"
    assert (snapshot.as_of, snapshot.calendar) == (date(2020, 2, 6), "XKRX")


def test_a_cut_shares_the_numbers_of_the_market(market: Any) -> None:
    snapshot = market.as_of("2020-02-06")
    assert np.shares_memory(snapshot.prices[0].close, market.prices[0].close)


def test_the_last_session_is_the_newest_with_a_price(market: Any) -> None:
    assert market.last_session() == date(2020, 4, 30)
    assert market.last_session("XNYS") == date(2020, 4, 30)


def test_a_day_that_is_no_session_is_refused_with_its_neighbours(market: Any) -> None:
    with pytest.raises(NotASession, match="sessions around it are 2020-02-07 and 2020-02-10"):
        market.as_of("2020-02-08")


def test_a_session_beyond_the_data_is_refused_with_what_can_be_chosen(market: Any) -> None:
    with pytest.raises(BeyondData, match="choose a session of XKRX from 2020-01-02 to 2020-04-30"):
        market.as_of("2020-05-04")
    with pytest.raises(BeyondData, match="2030-01-02 lies outside the data"):
        market.as_of("2030-01-02")
    with pytest.raises(BeyondData, match="1990-01-02 lies outside the data"):
        market.as_of("1990-01-02")


def test_rows_after_the_manifests_last_date_cannot_be_decided_on(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices(last="2020-05-20")})
    market = open_market(path, calendars=calendars)
    assert market.last_session() == date(2020, 4, 30)
    with pytest.raises(BeyondData):
        market.as_of("2020-05-06")


def test_a_last_date_before_every_price_is_what_is_told(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices()})
    manifest = path / "manifest.toml"
    manifest.write_text(manifest.read_text().replace("last = 2020-04-30", "last = 1980-01-01"))
    market = open_market(path, calendars=calendars)
    for ask in (market.last_session, lambda: market.as_of("2020-02-06")):
        with pytest.raises(DataError) as caught:
            ask()
        assert str(caught.value) == (
            "manifest.toml: last: 1980-01-01 lies before the first price of XKRX; write the last "
            "date that the folder vouches for, 2020-01-02 or later"
        )


def test_a_session_without_a_price_is_refused(folder: Any, prices: Any, calendars: Any) -> None:
    text = prices().replace("2020-03-04,100,100\n", "")
    market = open_market(folder({"prices-kr.csv": text}), calendars=calendars)
    with pytest.raises(DataError, match=r"no XKRX price on 2020-03-04.* as of 2020-03-03"):
        market.as_of("2020-03-04")


def test_an_exchange_without_prices_is_refused(folder: Any, prices: Any, calendars: Any) -> None:
    market = open_market(folder({"prices-kr.csv": prices()}), calendars=calendars)
    with pytest.raises(DataError, match="has no prices of XNYS; add a price file of XNYS"):
        market.as_of("2020-02-06", "XNYS")


def test_a_missing_calendar_is_refused(folder: Any, prices: Any, calendars: Any) -> None:
    path = folder({"prices-kr.csv": prices()})
    with pytest.raises(DataError, match="no calendar of XKRX"):
        open_market(path, calendars={"XNYS": calendars["XNYS"]})
