"""The embedded sample is a plausible market, holds the events rules must survive, and is simulated.

What the files must show comes from published facts (``calibration.toml``) and from how markets
work, never from the generator: it is only run to see that it writes the same bytes again.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jeoul import assets
from jeoul.market.calendars import load_calendar

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / "data" / "sample"
GENERATORS = CHECKOUT / "data" / "generators"
TARGETS = tomllib.loads((GENERATORS / "sample" / "calibration.toml").read_text("utf-8"))
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text("utf-8"))
KRX_CORE = {
    *("069500", "102110", "161510", "211900"),  # Korean equity
    *("360750", "379800", "133690", "379810", "458730", "251350"),  # US and world equity
    *("114260", "273130", "148070", "329750", "455030"),  # Korean bonds, short dollar bonds
    *("132030", "411060", "459580", "357870"),  # gold, cash-like
}
US = {"SPY", "QQQ", "VT", "EEM", "AGG", "IEF", "TLT", "SHY", "BIL", "GLD"}
LISTED_LATER = {"458730": "2006-07", "455030": "2016-07"}
PAYS_NOTHING = {"GLD", "455030", "132030", "411060", "459580", "357870"}
TER = {"379800": 0.05, "133690": 0.07, "251350": 0.30, "132030": 0.68}  # percent a year


def read(name: str, **options: Any) -> Any:
    return pd.read_csv(FOLDER / name, index_col=0, parse_dates=True, **options)


def events(market: str) -> Any:
    path = FOLDER / f"events-{market}.csv"
    return pd.read_csv(path, dtype={"ticker": str}, parse_dates=["date"])


def total_returns(market: str) -> Any:
    """Simple total returns from raw prices, as an owner of one share earns them."""
    prices, found = read(f"prices-{market}.csv"), events(market)
    shape = {"index": prices.index, "columns": prices.columns}
    paid = found.pivot_table("dividend", "date", "ticker").reindex(**shape)
    split = found.pivot_table("split", "date", "ticker").reindex(**shape)
    return (prices + paid.fillna(0)) * split.fillna(1) / prices.shift() - 1


@pytest.fixture(scope="module")
def signals() -> Any:
    return read("signals.csv")


@pytest.fixture(scope="module")
def us() -> Any:
    return total_returns("us")


@pytest.fixture(scope="module")
def kr() -> Any:
    return total_returns("kr")


def wealth(returns: Any) -> Any:
    return (1 + returns.fillna(0)).cumprod()


def drawdowns(returns: Any) -> Any:
    """Every fall from a peak: (peak, trough, recovery or None, depth)."""
    index = wealth(returns)
    depth = index / index.cummax() - 1
    found = []
    for _, run in depth.groupby((depth == 0).cumsum()):
        after = depth.index.searchsorted(run.index[-1]) + 1
        back = depth.index[after] if after < len(depth) else None
        found.append((run.index[0], run.idxmin(), back, run.min()))
    return found


def monthly(series: Any) -> Any:
    return series.dropna().resample("ME").last().pct_change().dropna()


def correlation(left: Any, right: Any) -> Any:
    both = pd.concat([left, right], axis=1, join="inner").dropna()
    return both.iloc[:, 0].corr(both.iloc[:, 1])


@pytest.fixture(scope="module")
def measured(signals: Any, us: Any, kr: Any) -> Any:
    us_year = load_calendar("XNYS").sessions_per_year(us.index[0].date(), us.index[-1].date())
    kr_year = load_calendar("XKRX").sessions_per_year(kr.index[0].date(), kr.index[-1].date())
    spy, kospi = us["SPY"].dropna(), kr["069500"].dropna()
    vix = signals["vix"].dropna()
    us_bill, cash = us["BIL"].mean() * us_year, kr["459580"].mean() * kr_year
    macro = read("macro-monthly.csv")
    before = pd.Series(spy.to_numpy()[:-1], spy.index[1:])
    usdkrw, spy_m = monthly(signals["usdkrw"]), monthly(wealth(us["SPY"]))
    us_vol = us.std() * us_year**0.5
    kr_vol = kr.std() * kr_year**0.5
    ten_year = signals["us10y"].dropna()
    return {
        "us_equity_volatility": us_vol["SPY"],
        "us_equity_growth": wealth(spy).iloc[-1] ** (us_year / len(spy)) - 1,
        "us_equity_sharpe": (spy.mean() * us_year - us_bill) / us_vol["SPY"],
        "us_equity_kurtosis": spy.kurt(),
        "us_equity_volatility_memory": spy.abs().autocorr(20),
        "us_equity_worst_drawdown": min(d[3] for d in drawdowns(spy)),
        "us_technology_volatility": us_vol["QQQ"],
        "korean_equity_volatility": kr_vol["069500"],
        "korean_equity_sharpe": (kospi.mean() * kr_year - cash) / kr_vol["069500"],
        "gold_volatility": us_vol["GLD"],
        "long_treasury_volatility": us_vol["TLT"],
        "seven_to_ten_year_treasury_volatility": us_vol["IEF"],
        "one_to_three_year_treasury_volatility": us_vol["SHY"],
        "us_aggregate_volatility": us_vol["AGG"],
        "korean_ten_year_volatility": kr_vol["148070"],
        "korean_three_year_volatility": kr_vol["114260"],
        "vix_mean": vix.mean(),
        "vix_median": vix.median(),
        "vix_maximum": vix.max(),
        "vix_minimum": vix.min(),
        "vix_share_at_30": (vix >= 30).mean(),
        "vix_share_at_40": (vix >= 40).mean(),
        "vix_change_with_us_equity": correlation(np.log(vix).diff(), spy),
        "vix_memory": np.log(vix).autocorr(21),
        "vix3m_above_vix": (signals["vix3m"].dropna() > vix).mean(),
        "usdkrw_volatility": usdkrw.std() * 12**0.5,
        "usdkrw_with_korean_equity": correlation(usdkrw, monthly(signals["kospi200"])),
        "usdkrw_with_us_equity": correlation(usdkrw, spy_m),
        "korea_with_us_same_date": correlation(kospi, spy),
        "korea_with_us_date_before": correlation(kospi, before),
        "korea_with_us_monthly": correlation(monthly(signals["kospi200"]), spy_m),
        "technology_with_us_monthly": correlation(monthly(wealth(us["QQQ"])), spy_m),
        "long_treasury_with_us_monthly": correlation(monthly(wealth(us["TLT"])), spy_m),
        "gold_with_us_monthly": correlation(monthly(wealth(us["GLD"])), spy_m),
        "korean_with_us_ten_year_yield": correlation(signals["kr10y"], ten_year),
        "us_ten_year_yield_mean": ten_year.mean(),
        "us_ten_year_yield_volatility": ten_year.diff().std() * us_year**0.5,
        "high_yield_spread_mean": signals["us_hy_oas"].mean(),
        "high_yield_spread_with_vix": correlation(signals["us_hy_oas"], vix),
        "oil_volatility": monthly(signals["wti"]).std() * 12**0.5,
        "oil_with_us_equity": correlation(monthly(signals["wti"]), spy_m),
        "korean_policy_rate_mean": macro["bok_base_rate"].mean(),
        "us_policy_rate_mean": macro["fedfunds"].mean(),
        "korean_inflation": growth_a_year(macro["cpi_kr_2020eq100"]),
        "us_inflation": growth_a_year(macro["cpi_us_nsa"]),
    }


def growth_a_year(series: Any) -> Any:
    return (series.iloc[-1] / series.iloc[0]) ** (12 / (len(series) - 1)) - 1


@pytest.mark.parametrize("name", TARGETS)
def test_published_long_run_facts_hold(name: str, measured: Any) -> None:
    target = TARGETS[name]
    assert target["source"]
    assert target["from"] <= measured[name] <= target["to"], target


class TestFiles:
    def test_it_is_called_simulated_before_anything_else(self) -> None:
        text = (FOLDER / "manifest.toml").read_text("utf-8")
        assert text.startswith("# SIMULATED.")
        assert MANIFEST["simulated"] is True

    def test_the_manifest_describes_every_file_and_every_column(self) -> None:
        described = {file["path"]: file for file in MANIFEST["file"]}
        assert {p.name for p in FOLDER.iterdir()} == {*described, "manifest.toml"}
        for path in ("signals.csv", "macro-monthly.csv"):
            assert list(read(path).columns) == list(described[path]["columns"])
        for market in ("us", "kr"):
            assert described[f"prices-{market}.csv"]["adjusted"] == "raw"
            assert described[f"events-{market}.csv"]["events_of"] == f"prices-{market}.csv"

    def test_rows_become_known_as_in_a_real_market_folder(self) -> None:
        if "JEOUL_MARKET" not in os.environ:
            pytest.skip("JEOUL_MARKET is not set")
        real = tomllib.loads(
            (Path(os.environ["JEOUL_MARKET"]) / "manifest.toml").read_text("utf-8")
        )
        known = {
            name: column["known"]
            for file in real["file"]
            for name, column in file.get("columns", {}).items()
        }
        ours = [f["columns"] for f in MANIFEST["file"] if "columns" in f]
        for name, column in (item for columns in ours for item in columns.items()):
            assert column["known"] == known[name], name

    def test_it_is_small(self) -> None:
        assert sum(p.stat().st_size for p in FOLDER.iterdir()) < 3_000_000

    def test_it_lies_where_the_engine_looks_for_its_assets(self) -> None:
        assert assets.data("sample", "manifest.toml").samefile(FOLDER / "manifest.toml")


class TestSessions:
    @pytest.mark.parametrize(("market", "exchange"), [("us", "XNYS"), ("kr", "XKRX")])
    def test_prices_have_every_session_of_thirty_years_and_no_other(
        self, market: str, exchange: str
    ) -> None:
        sessions = load_calendar(exchange).sessions
        first, last = np.datetime64("1996-07-01"), np.datetime64("2026-06-30")
        expected = sessions[(sessions >= first) & (sessions <= last)]
        found = read(f"prices-{market}.csv").index.to_numpy().astype("datetime64[D]")
        assert np.array_equal(found, expected)
        assert MANIFEST["last"].isoformat() == str(last)

    def test_seoul_trades_on_saturdays_until_1998(self) -> None:
        saturdays = [day for day in read("prices-kr.csv").index if day.weekday() == 5]
        assert len(saturdays) > 80
        assert max(saturdays).year == 1998

    def test_tickers_and_listing_dates(self) -> None:
        kr, us = read("prices-kr.csv"), read("prices-us.csv")
        assert set(kr.columns) == KRX_CORE
        assert set(us.columns) == US
        assert us.notna().all(axis=None)
        for ticker in KRX_CORE:
            first = kr[ticker].first_valid_index()
            assert first.strftime("%Y-%m") == LISTED_LATER.get(ticker, "1996-07")
            assert kr.loc[first:, ticker].notna().all()

    def test_signals_are_observed_exactly_when_their_market_trades(self, signals: Any) -> None:
        us, kr = read("prices-us.csv").index, read("prices-kr.csv").index
        assert signals.index.equals(us.union(kr))
        seoul = {"kospi200_iv", "kr10y", "kospi", "kosdaq", "kospi200"}
        for name, column in signals.items():
            assert column.dropna().index.equals(kr if name in seoul else us), name

    def test_macro_series_have_every_month(self) -> None:
        macro = read("macro-monthly.csv")
        assert list(macro.index) == list(pd.date_range("1996-07", "2026-06", freq="MS"))
        assert macro.notna().all(axis=None)


class TestPrices:
    def test_korean_prices_are_whole_won_on_the_tick(self) -> None:
        with (FOLDER / "prices-kr.csv").open(encoding="utf-8", newline="") as file:
            cells = [cell for row in list(csv.reader(file))[1:] for cell in row[1:] if cell]
        prices = np.array([int(cell) for cell in cells])
        assert (prices[prices >= 2000] % 5 == 0).all()
        assert (prices[prices < 2000] % 5 != 0).any()  # the finer tick is there too

    def test_prices_and_signals_are_positive(self, signals: Any) -> None:
        for table in (read("prices-kr.csv"), read("prices-us.csv"), signals):
            assert ((table > 0) | table.isna()).all(axis=None)

    def test_no_korean_fund_moves_beyond_the_daily_limit(self, kr: Any) -> None:
        assert kr.abs().max(axis=None) < 0.30

    def test_yields_and_policy_rates_are_in_a_human_range(self, signals: Any) -> None:
        rates = signals[["us13w", "us2y", "us10y", "us30y", "kr10y"]]
        assert rates.min(axis=None) > 0
        assert rates.max(axis=None) < 9


class TestEvents:
    def test_each_row_is_one_event_on_a_session_of_a_listed_fund(self) -> None:
        for market in ("us", "kr"):
            prices, found = read(f"prices-{market}.csv"), events(market)
            assert not found.duplicated(["date", "ticker"]).any()
            assert found["date"].is_monotonic_increasing
            assert ((found["dividend"] > 0) ^ (found["split"] != 1)).all()
            for event in found.itertuples():
                row = prices.index.get_loc(event.date)
                assert prices[event.ticker].iloc[row - 1] > 0

    def test_distributions_are_what_such_funds_pay(self) -> None:
        yearly = {}
        for market in ("us", "kr"):
            prices, found = read(f"prices-{market}.csv"), events(market)
            for ticker in prices:
                paid = found[(found["ticker"] == ticker) & (found["dividend"] > 0)]
                ratio = paid["dividend"].to_numpy() / prices.loc[paid["date"], ticker].to_numpy()
                years = prices[ticker].notna().sum() / (len(prices) / 30)
                yearly[ticker] = (ratio.sum() / years, len(paid) / years)
        assert {t for t, (_, times) in yearly.items() if times == 0} == PAYS_NOTHING
        for ticker in ("069500", "102110", "161510", "379800", "133690", "SPY", "QQQ"):
            rate, times = yearly[ticker]
            assert times == pytest.approx(4, abs=0.1)
            assert 0.003 < rate < 0.06
        for ticker in ("TLT", "IEF", "SHY", "BIL", "AGG", "148070", "329750"):
            rate, times = yearly[ticker]
            assert times == pytest.approx(12, abs=0.2)
            assert 0.02 < rate < 0.06
        assert yearly["114260"][1] == pytest.approx(4, abs=0.1)

    def test_korean_distributions_are_whole_won(self) -> None:
        assert (events("kr")["dividend"] % 1 == 0).all()

    def test_splits_divide_the_price_and_leave_the_owner_as_rich(self, us: Any, kr: Any) -> None:
        splits = []
        for market, returns in (("us", us), ("kr", kr)):
            prices, found = read(f"prices-{market}.csv"), events(market)
            for event in found[found["split"] != 1].itertuples():
                row = prices.index.get_loc(event.date)
                before, after = prices[event.ticker].iloc[[row - 1, row]]
                assert before / after == pytest.approx(event.split, rel=0.08)
                assert abs(returns[event.ticker].iloc[row]) < 0.08
                splits.append((event.ticker, event.split))
        assert len(splits) >= 5
        assert ("133690", 4) in splits

    def test_the_owner_does_not_notice_an_ex_date(self, us: Any, kr: Any) -> None:
        """Without its distribution a price falls; with it the mean return is that of any day."""
        for market, returns in (("us", us), ("kr", kr)):
            prices, found = read(f"prices-{market}.csv"), events(market)
            ticker = {"us": "TLT", "kr": "161510"}[market]
            days = found.loc[(found["ticker"] == ticker) & (found["dividend"] > 0), "date"]
            error = returns[ticker].std() / len(days) ** 0.5
            assert abs(returns.loc[days, ticker].mean() - returns[ticker].mean()) < 3 * error
            raw = prices[ticker].pct_change()
            gap = returns.loc[days, ticker].mean() - raw.loc[days].mean()
            assert gap > 0.002


class TestConsistency:
    """Files that were written apart must agree, over distributions, splits and currencies."""

    @pytest.mark.parametrize(
        ("fund", "underlying"), [("379800", "SPY"), ("133690", "QQQ"), ("132030", "GLD")]
    )
    def test_a_korean_fund_earns_its_american_underlying(
        self, fund: str, underlying: str, us: Any, kr: Any, signals: Any
    ) -> None:
        """New York's close of an earlier date, at the exchange rate; hedged gold without it."""
        known = kr.index - pd.Timedelta(days=1)
        value = wealth(us[underlying]).reindex(known, method="ffill").to_numpy()
        # noon in New York of the date before lies between the two Seoul closes around it
        rate = signals["usdkrw"].dropna().reindex(known, method="ffill").to_numpy()
        if fund == "132030":
            us_bill = wealth(us["BIL"]).reindex(known, method="ffill").to_numpy()
            rate = wealth(kr["459580"]).to_numpy() / us_bill  # a hedge earns the rate difference
        expected = pd.Series(value * rate, kr.index)
        ratio = (wealth(kr[fund]) / expected).iloc[10:]
        fair = TER[fund] - (0.40 if underlying == "GLD" else 0)
        drift = -np.log(ratio.iloc[-1] / ratio.iloc[0]) / 30 * 100
        assert drift == pytest.approx(fair, abs=0.20)  # percent a year
        assert ratio.std() < 0.06

    def test_the_same_date_label_is_not_the_same_news(self, us: Any, kr: Any) -> None:
        """A Korean fund on US equity follows New York of the date before, not of the date."""
        spy = us["SPY"].dropna()
        before = pd.Series(spy.to_numpy()[:-1], spy.index[1:])
        assert correlation(kr["379800"], before) > 0.6
        assert abs(correlation(kr["379800"], spy)) < 0.1

    def test_funds_on_one_index_move_as_one(self, kr: Any, signals: Any) -> None:
        assert correlation(monthly(wealth(kr["069500"])), monthly(wealth(kr["102110"]))) > 0.995
        assert correlation(monthly(wealth(kr["069500"])), monthly(signals["kospi200"])) > 0.995
        assert correlation(kr["329750"], signals["usdkrw"].pct_change()) > 0.6

    def test_bond_funds_follow_their_yields(self, us: Any, kr: Any, signals: Any) -> None:
        assert correlation(us["IEF"], signals["us10y"].dropna().diff()) < -0.95
        assert correlation(kr["148070"], signals["kr10y"].dropna().diff()) < -0.90

    def test_gold_in_dollars_is_the_same_in_two_files(self) -> None:
        fund = read("prices-us.csv")["GLD"].resample("MS").mean()
        ounce = read("macro-monthly.csv")["gold_usd_oz"]
        assert np.corrcoef(np.log(fund), np.log(ounce))[0, 1] > 0.995

    def test_volatility_indices_invert_in_stress_only(self, signals: Any) -> None:
        calm, stress = signals[signals["vix"] < 20], signals[signals["vix"] > 40]
        assert (calm["vix6m"] > calm["vix9d"]).mean() > 0.99
        assert (stress["vix9d"] > stress["vix6m"]).mean() > 0.99
        assert signals["vvix"].corr(signals["vix"]) > 0.7


class TestHappenings:
    """What the rules must survive is in the path."""

    def panics(self, us: Any, signals: Any) -> Any:
        """Falls of 25 % and more in which VIX closed above 40 before the trough or soon after."""
        found = []
        for peak, trough, back, depth in drawdowns(us["SPY"]):
            if depth < -0.25:
                vix = signals["vix"].loc[peak : trough + pd.Timedelta(days=60)].max()
                found.append((peak, trough, back, depth, vix))
        return found

    def test_three_crashes_one_slow_to_recover_and_one_quick(self, us: Any, signals: Any) -> None:
        crashes = [p for p in self.panics(us, signals) if p[4] > 40]
        assert len(crashes) >= 3
        waits = sorted((back - trough).days / 365.25 for _, trough, back, _, _ in crashes if back)
        assert waits[0] < 0.5
        assert waits[-1] > 3

    def test_one_long_decline_without_a_panic(self, us: Any, signals: Any) -> None:
        slow = [
            (peak, trough)
            for peak, trough, _, depth in drawdowns(us["SPY"])
            if depth < -0.20
            and (trough - peak).days > 365
            and signals["vix"].loc[peak:trough].max() < 30
        ]
        assert slow

    def test_a_spike_of_one_day_is_gone_the_next(self, signals: Any) -> None:
        vix = signals["vix"].dropna()
        around = (vix.shift() < 20) & (vix.shift(-1) < 20)
        assert len(vix[(vix >= 30) & around]) == 1

    def test_a_year_in_which_bonds_and_equity_fall_together(self, us: Any, kr: Any) -> None:
        bonds = {"148070": wealth(kr["148070"])}
        held = wealth(us[["SPY", "AGG", "TLT"]]).assign(**bonds)
        year = held.ffill().resample("ME").last().pct_change(12)
        fallen = (year["SPY"] < -0.08) & (year["AGG"] < -0.05) & (year["TLT"] < -0.10)
        assert (fallen & (year["148070"] < 0)).any()

    def test_long_calm(self, signals: Any) -> None:
        weekly = signals["vix"].dropna().rolling(5).median()
        wild = (weekly >= 25).to_numpy()
        stretches = np.diff(np.flatnonzero(np.concatenate([[True], wild, [True]])))
        assert sorted(stretches)[-3] > 252  # three stretches of more than a year

    def test_a_crisis_of_korea_alone(self, us: Any, kr: Any, signals: Any) -> None:
        abroad = wealth(us["SPY"]).reindex(kr.index, method="ffill").pct_change(170)
        rate = signals["usdkrw"].dropna().reindex(kr.index, method="ffill").pct_change(170)
        fall = wealth(kr["069500"]).pct_change(170)
        assert ((fall < -0.25) & (abroad > -0.15) & (rate > 0.20)).any()


def test_running_the_generator_again_writes_the_same_bytes(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(CHECKOUT / "engine"), str(GENERATORS)])
    command = [sys.executable, "-m", "sample", "--out", str(tmp_path)]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": paths})
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in FOLDER.iterdir()}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name
