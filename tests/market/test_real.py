"""Facts that a correct reader of the real folder finds in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.market import serious_for
from jeoul.model.finding import Severity


def value(series: Any, day: Any) -> Any:
    (row,) = np.flatnonzero(series.dates == np.datetime64(day))
    return float(series.values[row])


def column(table: Any, ticker: Any) -> Any:
    return table.close[:, table.tickers.index(ticker)]


def table_of(snapshot: Any, exchange: Any) -> Any:
    return next(t for t in snapshot.prices if t.exchange == exchange)


@pytest.fixture(scope="module")
def newest(real: Any) -> Any:
    return real.as_of("2024-06-28")


def test_levels_that_the_papers_printed(newest: Any) -> None:
    vix = newest.series["vix"]
    assert value(vix, "2008-11-20") == 80.86
    assert value(vix, "2020-03-16") == 82.69 == vix.values.max()
    assert str(vix.dates[0]) == "1990-01-02"
    assert round(value(newest.series["usdkrw"], "2009-03-02")) == 1570
    assert value(newest.series["wti"], "2020-04-20") == -36.98


def test_vix_rows_on_new_york_holidays_are_left_out(newest: Any) -> None:
    flags = {f.subject: f for f in newest.findings if f.kind == "finding.off_session"}
    assert np.datetime64("2024-06-19") not in newest.series["vix"].dates
    assert flags["vix"].day.isoformat() == "2024-06-19"
    assert dict(flags["vix"].detail)["count"] == "17"


def test_the_largest_moves_of_the_us_market_are_in_october_2008_and_march_2020(newest: Any) -> None:
    table = table_of(newest, "XNYS")
    spy = column(table, "SPY")
    moves = np.abs(spy[1:] / spy[:-1] - 1)
    months = {str(day)[:7] for day in table.sessions[1:][np.argsort(moves)[-6:]]}
    assert months == {"2008-10", "2020-03"}


def test_tickers_are_text(newest: Any) -> None:
    assert newest.prices[0].tickers[0] == "SPY"
    assert "069500" in table_of(newest, "XKRX").tickers


def test_gaps_and_ended_series_are_those_that_are_known(newest: Any) -> None:
    gaps = Counter()  # type: ignore[var-annotated]
    for f in newest.findings:
        if f.kind == "finding.gap":
            gaps[f.subject] += int(dict(f.detail)["sessions"])
    known = {"458730": 14, "459580": 14, "379810": 20, "305540": 23, "273130": 8, "133690": 3}
    assert known.items() <= gaps.items()
    ended = {f.subject: f.day.isoformat() for f in newest.findings if f.kind == "finding.ended"}
    korean = {"308620", "329750", "152380", "091180"}
    assert ended == dict.fromkeys(korean, "2023-12-22") | {"FXE": "2020-12-11"}


def test_clean_data_raises_no_serious_finding_and_few_alarms(real: Any, newest: Any) -> None:
    """At most one alarm in 1,000 sessions; gaps, ends and holidays are facts of the folder."""
    alarms = [f for f in newest.findings if f.kind in ("finding.jump", "finding.move")]
    alarms += [f for f in newest.findings if f.severity is Severity.SERIOUS]
    assert alarms == []
    tickers = [t for table in newest.prices for t in table.tickers]
    assert len(tickers) == 92
    assert serious_for(newest, tickers) == ()


def test_complete_columns_are_complete(newest: Any) -> None:
    for exchange, start, tickers in (
        ("XNYS", "2007-05-30", "SPY EFA EEM VNQ TLT IEF SHY AGG LQD HYG TIP BIL GLD DBC"),
        ("XKRX", "2014-05-30", "069500 114260 132030 161510"),
    ):
        table = table_of(newest, exchange)
        later = table.sessions >= np.datetime64(start)
        for ticker in tickers.split():
            assert not np.isnan(column(table, ticker)[later]).any(), ticker


def test_the_flags_of_the_folder_agree_with_the_calendars(real: Any, market_folder: Path) -> None:
    rows = [x.split(",")[:3] for x in (market_folder / "signals.csv").read_text().splitlines()[1:]]
    for place, name, start in ((1, "XNYS", "1993-01-29"), (2, "XKRX", "2002-10-14")):
        flagged = {r[0] for r in rows if r[place] == "1" and r[0] >= start}
        table = real.calendars[name].sessions
        kept = table[(table >= np.datetime64(start)) & (table <= np.datetime64("2024-06-28"))]
        assert flagged == {str(day) for day in kept}


def test_at_the_decision_the_newest_new_york_row_has_the_same_date_in_an_ordinary_week(
    real: Any,
) -> None:
    snapshot = real.as_of("2024-06-26")  # a Wednesday, decided on Thursday at 08:30 in Seoul
    assert str(table_of(snapshot, "XNYS").sessions[-1]) == "2024-06-26"
    assert str(snapshot.series["vix"].dates[-1]) == "2024-06-26"
    assert str(snapshot.series["us_hy_oas"].dates[-1]) == "2024-06-25"
    assert str(snapshot.series["usd_broad"].dates[-1]) <= "2024-06-19"
    assert str(snapshot.series["fedfunds"].dates[-1]) == "2024-05-31"
    assert str(snapshot.series["cpi_us_nsa"].dates[-1]) == "2024-05-31"


def test_a_fund_that_ended_is_named_as_such_only_when_it_can_be_known(real: Any) -> None:
    def kinds(day: Any) -> Any:
        return {f.kind for f in real.as_of(day).findings if f.subject == "329750"} & {
            "finding.stale",
            "finding.ended",
        }

    assert kinds("2023-12-28") == set()
    assert kinds("2024-01-04") == {"finding.stale"}
    assert kinds("2024-02-28") == {"finding.ended"}


def test_a_day_is_cut_from_the_history_without_a_copy(real: Any, newest: Any) -> None:
    earlier = real.as_of("2020-03-16")
    for before, after in zip(earlier.prices, newest.prices, strict=True):
        assert np.shares_memory(before.close, after.close)
    assert all(
        np.shares_memory(earlier.series[name].values, newest.series[name].values)
        for name in earlier.series
    )
