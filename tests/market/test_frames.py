"""A market from a DataFrame: what yfinance returns, in every form, and frames of closes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jeoul
from jeoul import assets
from jeoul.errors import DataError
from jeoul.market import Market
from jeoul.market.frames import SERIES
from jeoul.model.series import PriceTable

FUNDS = {"XKRX": ("069500", "148070", "133690"), "XNYS": ("SPY", "BIL")}
LAST = 5000  # sessions


def table_of(market: Market, exchange: str) -> PriceTable:
    return next(table for table in market.prices if table.exchange == exchange)


@pytest.fixture(scope="module")
def sheets(sample: Market) -> dict[str, PriceTable]:
    """The last sessions of the sample's tables."""
    return {exchange: table_of(sample, exchange) for exchange in FUNDS}


@pytest.fixture(scope="module")
def downloaded(sheets: dict[str, PriceTable]) -> pd.DataFrame:
    """The sample as ``yfinance.download(..., auto_adjust=False, actions=True)`` would return it."""
    parts: dict[tuple[str, str], pd.Series[Any]] = {}
    for exchange, codes in FUNDS.items():
        table = sheets[exchange]
        for code in codes:
            column = table.tickers.index(code)
            symbol = f"{code}.KS" if exchange == "XKRX" else code
            days = pd.DatetimeIndex(table.sessions[-LAST:])
            assert table.dividends is not None
            assert table.splits is not None
            close, dividends, splits = (
                part[-LAST:, column] for part in (table.close, table.dividends, table.splits)
            )
            # Yahoo divides what lies before a split by it.
            later = np.append(np.cumprod(splits[::-1])[::-1][1:], 1.0)
            parts["Close", symbol] = pd.Series(close / later, days)
            parts["Adj Close", symbol] = pd.Series(close / later * 0.9, days)
            parts["Dividends", symbol] = pd.Series(dividends / later, days)
            parts["Stock Splits", symbol] = pd.Series(np.where(splits == 1, 0.0, splits), days)
            parts["Volume", symbol] = pd.Series(1e5, days)
    days = pd.DatetimeIndex(sheets["XNYS"].sessions[-LAST:])
    parts["Close", "^VIX"] = parts["Adj Close", "^VIX"] = pd.Series(15.0, days)
    frame = pd.DataFrame(parts).sort_index(axis=1)
    frame.columns.names = ["Price", "Ticker"]
    return frame


def without(frame: pd.DataFrame, *fields: str) -> pd.DataFrame:
    return frame.drop(columns=list(fields), level="Price")


def kinds(market: Market) -> list[str]:
    return [note.kind.removeprefix("frame.") for note in market.notes]


def by_ticker(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.swaplevel(axis=1).sort_index(axis=1)


def utc(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the Korean part as ``ignore_tz=False`` stamps it: midnight in Seoul, in UTC."""
    korean = frame.loc[:, frame.columns.get_level_values("Ticker").str.endswith(".KS")]
    index = frame.index
    assert isinstance(index, pd.DatetimeIndex)
    return korean.set_axis(index.tz_localize("Asia/Seoul").tz_convert("UTC"), axis=0)


@pytest.mark.parametrize("form", [lambda frame: frame, by_ticker, utc])
def test_prices_dividends_and_splits_are_those_that_were_traded(
    downloaded: pd.DataFrame,
    sheets: dict[str, PriceTable],
    form: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    market = jeoul.open_market(form(downloaded))
    assert "raw" in kinds(market)
    assert any((table.splits != 1).any() for table in market.prices)
    for found in market.prices:
        table = sheets[found.exchange]
        first = int(np.searchsorted(table.sessions, found.sessions[0]))
        columns = [table.tickers.index(code) for code in found.tickers]
        assert found.currency == table.currency
        assert found.sessions.tolist() == table.sessions[first:].tolist()
        np.testing.assert_allclose(found.close, table.close[first:, columns], rtol=1e-9)
        assert found.dividends is not None
        assert table.dividends is not None
        np.testing.assert_allclose(
            found.dividends, table.dividends[first:, columns], rtol=1e-6, atol=1e-9
        )
        assert found.splits is not None
        assert table.splits is not None
        assert found.splits.tolist() == table.splits[first:, columns].tolist()
        assert found.known_at.tolist() == table.known_at[first:].tolist()


def test_adj_close_counts_where_there_are_no_dividends(downloaded: pd.DataFrame) -> None:
    market = jeoul.open_market(without(downloaded, "Dividends", "Stock Splits"))
    table = table_of(market, "XNYS")
    adjusted = downloaded["Adj Close"]["SPY"].dropna()
    assert "adj_close" in kinds(market)
    assert table.adjusted == "total-return"
    assert table.close[-1, table.tickers.index("SPY")] == adjusted.iloc[-1]


def test_close_counts_as_adjusted_where_adj_close_is_left_out(downloaded: pd.DataFrame) -> None:
    """``auto_adjust=True``, the default of yfinance, has put the dividends into Close."""
    for unused in ((), ("Dividends", "Stock Splits")):
        market = jeoul.open_market(without(downloaded, "Adj Close", *unused))
        assert "auto_adjusted" in kinds(market)
    assert table_of(market, "XKRX").adjusted == "total-return"
    assert table_of(market, "XKRX").dividends is None


def test_a_frame_of_closes_is_a_market(downloaded: pd.DataFrame) -> None:
    closes = downloaded.loc[:, [("Close", "069500.KS"), ("Close", "148070.KS")]].dropna()
    market = jeoul.open_market(closes.set_axis(["069500", "148070"], axis=1))
    assert market.prices[0].tickers == ("069500", "148070")
    assert market.last_session() == closes.index[-1].date()
    assert not market.simulated
    assert kinds(market) == ["funds", "close", "last_row"]


def test_an_index_is_a_series_and_what_nobody_reads_is_named(downloaded: pd.DataFrame) -> None:
    closes = downloaded["Close"].assign(**{"^GSPC": 1.0, "KRW=X": 1300.0})
    market = jeoul.open_market(closes)
    assert sorted(market.series) == ["usdkrw", "vix"]
    assert dict(market.notes[-1].detail) == {"symbols": "^GSPC"}


def test_the_same_prices_give_the_same_weights_as_the_folder(sample: Market) -> None:
    """The target of ``sixty-forty`` needs no history, so closes alone are enough for it."""
    frame = sample.to_frame().loc["2023":, list(table_of(sample, "XKRX").tickers)]
    found = jeoul.propose("sixty-forty", "balanced", "isa", jeoul.open_market(frame))
    assert found.weights == jeoul.propose("sixty-forty", "balanced", "isa", sample).weights
    assert not found.simulated


def test_a_strategy_of_another_exchange_says_what_the_frame_lacks(downloaded: pd.DataFrame) -> None:
    market = jeoul.open_market(pd.DataFrame({"SPY": downloaded["Close", "SPY"]}).dropna())
    with pytest.raises(DataError, match="has no prices of XKRX"):
        jeoul.backtest("static", "balanced", market)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda f: f.reset_index(drop=True), "has no rows by day"),
        (lambda f: f.iloc[::-1], "its days do not ascend"),
        (lambda f: pd.concat([f, f.tail(1)]), "its days do not ascend"),
        (lambda f: f.iloc[:0], "has no rows by day"),
        (lambda f: f.xs("SPY", axis=1, level="Ticker"), "its columns are those of one ticker"),
        (lambda f: f.drop(columns="Close", level="Price"), "its columns have no level with Close"),
        (lambda f: f["Close"][["^VIX"]], "has no fund"),
        (lambda f: f["Close"].assign(**{"7203.T": 1.0}), "7203.T: is not a ticker of KRX"),
        (lambda f: f["Close"].assign(**{"VOD.L": 1.0}), "VOD.L: is not a ticker of KRX"),
        (lambda f: f["Close"].assign(**{"69500": 1.0}), "69500: is not a ticker of KRX"),
        (
            lambda f: f["Close"].assign(**{"069500": 1.0}),
            "069500: is the same fund as 069500.KS",
        ),
        (lambda f: f["Close"].assign(vix=15.0), "vix: has vix more than once"),
        (lambda f: f["Close"].set_axis(f.index + pd.Timedelta("1D")), "dates are a day late"),
        (
            lambda f: (
                f["Close"].tail(3).set_axis(pd.date_range("2024-03-04 09:00", periods=3, freq="h"))
            ),
            "has several rows a day",
        ),
        (lambda f: f["Close"][["SPY"]] * np.nan, "has no price of SPY"),
    ],
)
def test_a_frame_that_can_be_read_in_two_ways_is_refused(
    downloaded: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame], wrong: str
) -> None:
    with pytest.raises(DataError) as refused:
        jeoul.open_market(change(downloaded))
    assert wrong in str(refused.value)
    assert ";" in str(refused.value)  # and what to do


def test_one_ticker_is_named_as_the_message_says(downloaded: pd.DataFrame) -> None:
    alone = downloaded.xs("SPY", axis=1, level="Ticker")
    market = jeoul.open_market(pd.concat({"SPY": alone}, axis=1))
    assert market.prices[0].tickers == ("SPY",)


def test_series_are_those_of_the_fetch_plan() -> None:
    plan = tomllib.loads((assets.root() / "configs" / "fetch.toml").read_text("utf-8"))
    planned = {
        column["symbol"]: (name, column["unit"])
        for table in plan["series"]
        for name, column in table["columns"].items()
        if column["source"] == "yahoo"
    }
    assert {symbol: (c.name, c.unit) for symbol, c in SERIES.items()} == planned


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("Dividends", np.inf, "Dividends of SPY is inf on"),
        ("Stock Splits", np.inf, "Stock Splits of SPY is inf on"),
        ("Stock Splits", 3.14159265, "is not a ratio of whole numbers"),
        ("Close", np.inf, "Close of SPY is inf on"),
        ("Close", -5.0, "Close of SPY is -5 on"),
    ],
)
def test_a_number_that_no_price_can_be_is_refused_with_its_place(
    downloaded: pd.DataFrame, field: str, value: float, wrong: str
) -> None:
    frame = downloaded.copy()
    frame.loc[frame.index[-3], (field, "SPY")] = value
    with pytest.raises(DataError, match=wrong):
        jeoul.open_market(frame)


def test_a_close_of_zero_is_one_that_the_vendor_does_not_have(downloaded: pd.DataFrame) -> None:
    frame, without = downloaded.copy(), downloaded.copy()
    frame.loc[frame.index[-3], ("Close", "SPY")] = 0.0
    without.loc[frame.index[-3], ("Close", "SPY")] = np.nan
    found, wanted = (jeoul.open_market(each) for each in (frame, without))
    days = found.last_session("XNYS")
    assert found.as_of(days, "XNYS").digest == wanted.as_of(days, "XNYS").digest
