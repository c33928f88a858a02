"""Findings: each fault planted once into a clean folder, found with its ticker and date."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import texts
from texts import TOTAL_RETURNS

from jeoul.market import Market, as_problem, describe, open_market, serious_for
from jeoul.market.quality import price_findings
from jeoul.messages import LANGUAGES, catalogue
from jeoul.model.finding import Severity

HEADER = "date,ticker,dividend,split\n"
TWO_MARKETS = TOTAL_RETURNS + texts.prices("XNYS")
SIGNALS = TOTAL_RETURNS + texts.series(
    "signals.csv",
    vix=("XNYS close", 0),
    usdkrw=("12:00 America/New_York", 0),
    wti=("XNYS close", 0),
)


def findings(folder: Any, calendars: Any, day: Any = "2020-04-29", **options: Any) -> Any:
    return open_market(folder, calendars=calendars, **options).as_of(day).findings


def told(found: Any) -> Any:
    return [(f.day.isoformat(), f.subject, f.kind, f.severity) for f in found]


def test_a_clean_folder_has_no_findings(folder: Any, prices: Any, calendars: Any) -> None:
    assert findings(folder({"prices-kr.csv": prices()}), calendars) == ()


def test_a_price_of_zero_or_less_is_serious_and_left_out(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices({("2020-02-03", "069500"): "-5"})})
    market = open_market(path, calendars=calendars)
    snapshot = market.as_of("2020-04-29")
    assert told(snapshot.findings) == [
        ("2020-02-03", "069500", "finding.non_positive", Severity.SERIOUS)
    ]
    assert (snapshot.prices[0].close[:, 1] >= 100).all()
    problem = as_problem(snapshot.findings[0])
    line = prices().splitlines().index("2020-02-03,100,100") + 1
    assert str(problem) == (
        f"prices-kr.csv:{line}: 069500: 2020-02-03: the price -5 is not above zero; it is left "
        "out; correct the price in the file, or leave the cell empty"
    )


def test_only_a_decision_that_would_trade_the_ticker_stops(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices({("2020-02-03", "069500"): "0"})})
    snapshot = open_market(path, calendars=calendars).as_of("2020-04-29")
    assert [f.subject for f in serious_for(snapshot, ["069500", "148070"])] == ["069500"]
    assert serious_for(snapshot, ["148070"]) == ()


@pytest.mark.parametrize(("price", "kinds"), [("130.4", []), ("131", ["jump"]), ("69", ["jump"])])
def test_a_korean_move_beyond_the_daily_limit_is_serious(
    folder: Any, prices: Any, calendars: Any, price: str, kinds: Any
) -> None:
    path = folder({"prices-kr.csv": prices({("2020-04-29", "069500"): price})})
    found = findings(path, calendars)
    assert [f.kind for f in found] == [f"finding.{kind}" for kind in kinds]
    assert all(f.severity is Severity.SERIOUS for f in found)


def test_a_jump_says_from_where_to_where_and_what_releases_it(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices({("2020-04-29", "069500"): "150"})})
    (jump,) = findings(path, calendars)
    assert describe(jump, "en") == (
        "069500, 2020-04-29: moves +50.0%, from 100 to 150, beyond the daily limit of 30%, and no "
        "split explains it"
    )
    problem = as_problem(jump)
    assert (problem.file, problem.key) == ("prices-kr.csv", "069500")
    assert path.joinpath("prices-kr.csv").read_text().splitlines()[problem.line - 1] == (  # type: ignore[operator]
        "2020-04-29,150,100"
    )
    assert problem.remedy == "correct the price, or add the missing split or dividend"


def test_a_jump_and_the_way_back_are_two_findings(folder: Any, prices: Any, calendars: Any) -> None:
    path = folder({"prices-kr.csv": prices({("2020-04-02", "069500"): "10"})})
    assert [f.day.isoformat() for f in findings(path, calendars)] == ["2020-04-02", "2020-04-03"]


def test_a_leveraged_fund_may_move_its_multiple_of_the_limit(
    folder: Any, prices: Any, calendars: Any
) -> None:
    path = folder({"prices-kr.csv": prices({("2020-04-29", "069500"): "155"})})
    assert findings(path, calendars, multiples={"069500": -2.0}) == ()
    assert len(findings(path, calendars, multiples={"069500": 1.0})) == 1


def test_over_a_gap_the_limit_applies_once_for_each_session(
    folder: Any, prices: Any, calendars: Any
) -> None:
    changes = {("2020-04-28", "069500"): "", ("2020-04-29", "069500"): "165"}
    path = folder({"prices-kr.csv": prices(changes)})
    assert [f.kind for f in findings(path, calendars)] == ["finding.gap"]


def test_a_split_explains_a_jump_and_a_false_split_is_one(
    folder: Any, prices: Any, calendars: Any, raw: str
) -> None:
    days = calendars["XKRX"].sessions
    after = {(str(d), "069500"): f"20.0{n % 2}" for n, d in enumerate(days) if n >= 30}
    day = str(days[30])
    path = folder(
        {"prices-kr.csv": prices(after), "events-kr.csv": f"{HEADER}{day},069500,0,5\n"}, raw
    )
    assert findings(path, calendars) == ()
    (path / "events-kr.csv").write_text(HEADER)
    assert told(findings(path, calendars)) == [(day, "069500", "finding.jump", Severity.SERIOUS)]
    (path / "events-kr.csv").write_text(f"{HEADER}{day},148070,,5\n")
    assert {f.subject for f in findings(path, calendars)} == {"069500", "148070"}


def test_a_split_while_trading_is_suspended_explains_the_jump_too(
    folder: Any, prices: Any, calendars: Any, raw: str
) -> None:
    days = [str(d) for d in calendars["XKRX"].sessions]
    changes = {(d, "069500"): "" for d in days[30:33]} | {
        (d, "069500"): f"20.0{n % 2}" for n, d in enumerate(days[33:])
    }
    files = {"prices-kr.csv": prices(changes), "events-kr.csv": f"{HEADER}{days[31]},069500,,5\n"}
    assert [f.kind for f in findings(folder(files, raw), calendars)] == ["finding.gap"]


@pytest.mark.parametrize(("dividend", "kinds"), [("14.9", []), ("15.1", ["finding.dividend"])])
def test_a_dividend_above_15_percent_of_the_price_is_serious(
    folder: Any, prices: Any, calendars: Any, raw: str, dividend: str, kinds: Any
) -> None:
    files = {
        "prices-kr.csv": prices(),
        "events-kr.csv": f"{HEADER}2020-04-02,148070,1,1\n2020-04-03,069500,{dividend},\n",
    }
    found = findings(folder(files, raw), calendars)
    assert [f.kind for f in found] == kinds
    for finding in found:
        problem = as_problem(finding)
        assert finding.severity is Severity.SERIOUS
        assert (problem.file, problem.line, problem.key) == ("events-kr.csv", 3, "069500")


def test_a_dividend_multiplied_by_the_exchange_rate_is_caught(
    folder: Any, prices: Any, calendars: Any, raw: str
) -> None:
    """148070.KS paid 4,000 won a share at about 120,000; one vendor showed 5,411,920."""
    changes = {(str(d), "148070"): "120000" for d in calendars["XKRX"].sessions}
    row = "2020-04-02,148070,5411920,1\n"
    files = {"prices-kr.csv": prices(changes), "events-kr.csv": HEADER + row}
    kinds = {f.kind for f in findings(folder(files, raw), calendars)}
    assert "finding.dividend" in kinds


def test_a_gap_counts_its_sessions_not_the_holidays_in_it(
    folder: Any, prices: Any, calendars: Any
) -> None:
    changes = {(d, "069500"): "" for d in ("2020-02-28", "2020-03-03")}  # 03-02 is a holiday
    (gap,) = findings(folder({"prices-kr.csv": prices(changes)}), calendars)
    assert (gap.day.isoformat(), gap.severity) == ("2020-02-28", Severity.NOTICE)
    assert dict(gap.detail) == {"sessions": "2", "until": "2020-03-03"}


def test_sessions_that_the_file_leaves_out_are_one_finding_not_one_a_ticker(
    folder: Any, prices: Any, calendars: Any
) -> None:
    text = prices({("2020-03-06", "069500"): ""})
    text = text.replace("2020-03-04,100,100\n", "").replace("2020-03-05,100,100\n", "")
    found = findings(folder({"prices-kr.csv": text}), calendars)
    assert [(f.day.isoformat(), f.subject, f.kind) for f in found] == [
        ("2020-03-04", "prices-kr.csv", "finding.missing_session"),
        ("2020-03-06", "069500", "finding.gap"),
    ]
    assert dict(found[0].detail) == {"exchange": "XKRX", "sessions": "2", "until": "2020-03-05"}


@pytest.mark.parametrize(
    ("missing", "kind"), [(3, None), (4, "stale"), (20, "stale"), (21, "ended")]
)
def test_a_ticker_goes_stale_after_three_sessions_and_has_ended_after_twenty(
    folder: Any, prices: Any, calendars: Any, missing: int, kind: str | None
) -> None:
    days = [str(d) for d in calendars["XKRX"].sessions if str(d) <= "2020-04-29"]
    path = folder({"prices-kr.csv": prices({(d, "069500"): "" for d in days[-missing:]})})
    found = findings(path, calendars)
    assert [f.kind for f in found] == ([f"finding.{kind}"] if kind else [])
    for finding in found:
        assert finding.day.isoformat() == days[-missing - 1]
        assert finding.severity is Severity.NOTICE
        assert dict(finding.detail) == {"sessions": str(missing)}


def test_a_gap_is_known_only_when_the_price_returns(
    folder: Any, prices: Any, calendars: Any
) -> None:
    days = [str(d) for d in calendars["XKRX"].sessions]
    path = folder({"prices-kr.csv": prices({(d, "069500"): "" for d in days[30:36]})})
    market = open_market(path, calendars=calendars)
    kinds = [[f.kind for f in market.as_of(days[n]).findings] for n in (31, 34, 36)]
    assert kinds == [[], ["finding.stale"], ["finding.gap"]]


def test_a_price_file_that_stops_early_is_stale_against_the_calendar(
    folder: Any, prices: Any, calendars: Any
) -> None:
    files = {
        "prices-kr.csv": prices(),
        "prices-us.csv": prices(exchange="XNYS", tickers=("SPY",), last="2020-04-15"),
    }
    (found,) = findings(folder(files, TWO_MARKETS), calendars)
    assert (found.subject, found.kind) == ("SPY", "finding.stale")
    assert found.day.isoformat() == "2020-04-15"


def test_new_york_has_no_daily_limit_so_a_large_move_is_a_notice(
    folder: Any, prices: Any, calendars: Any
) -> None:
    files = {
        "prices-kr.csv": prices(),
        "prices-us.csv": prices({("2020-04-28", "SPY"): "70"}, ("SPY",), "XNYS"),
    }
    found = findings(folder(files, TWO_MARKETS), calendars)
    assert told(found) == [("2020-04-29", "SPY", "finding.move", Severity.NOTICE)]


def test_rows_on_days_that_are_no_session_are_left_out_with_one_notice(
    folder: Any, prices: Any, calendars: Any
) -> None:
    rows = ["date,vix,usdkrw,wti", "2020-01-17,12,1150,60", "2020-01-20,13,1160,"]
    rows += ["2020-02-14,14,1180,-36.98", "2020-02-17,15,1190,", "2020-04-28,16,1200,20"]
    files = {"prices-kr.csv": prices(), "signals.csv": "\n".join(rows)}
    market = open_market(folder(files, SIGNALS), calendars=calendars)
    snapshot = market.as_of("2020-04-29")
    assert list(snapshot.series["vix"].values) == [12, 14, 16]
    assert list(snapshot.series["usdkrw"].values) == [1150, 1160, 1180, 1190, 1200]
    assert list(snapshot.series["wti"].values) == [60, -36.98, 20]  # a negative signal is real
    assert told(snapshot.findings) == [
        ("2020-02-17", "vix", "finding.off_session", Severity.NOTICE)
    ]
    assert dict(snapshot.findings[0].detail) == {"count": "2", "exchange": "XNYS"}
    assert dict(market.as_of("2020-01-31").findings[0].detail)["count"] == "1"


def test_prices_on_a_holiday_are_left_out_with_a_notice(
    folder: Any, prices: Any, calendars: Any
) -> None:
    text = prices().replace("2020-03-03,", "2020-03-02,7,7\n2020-03-03,")
    path = folder({"prices-kr.csv": text})
    snapshot = open_market(path, calendars=calendars).as_of("2020-04-29")
    assert 7 not in snapshot.prices[0].close
    assert told(snapshot.findings) == [
        ("2020-03-02", "prices-kr.csv", "finding.off_session", Severity.NOTICE)
    ]


def test_a_series_that_stops_is_named(folder: Any, prices: Any, calendars: Any) -> None:
    signals = "date,vix,usdkrw,wti\n2020-03-02,30,1200,20\n2020-04-28,,1200,20\n"
    files = {"prices-kr.csv": prices(), "signals.csv": signals}
    (found,) = findings(folder(files, SIGNALS), calendars)
    assert (found.day.isoformat(), found.subject, found.kind) == (
        "2020-03-02",
        "vix",
        "finding.stale_series",
    )


KINDS = (
    *("non_positive", "jump", "move", "dividend", "gap", "stale", "ended"),
    *("missing_session", "off_session", "stale_series"),
)
PLACES = (
    *("price", "move", "limit", "before", "dividend", "share", "sessions"),
    *("until", "count", "exchange", "days"),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_finding_reads_in_both_languages(language: str, kind: str) -> None:
    text = catalogue(language)[f"finding.{kind}"].format_map(dict.fromkeys(PLACES, "42"))
    assert "42" in text
    assert bool(re.search("[가-힣]", text)) == (language == "ko")


@pytest.mark.parametrize("seed", range(4))
def test_columns_that_are_passed_over_have_nothing_to_find(
    seed: int, sample: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault anywhere, of any size, is looked at: those passed over are looked at here too."""
    rng = np.random.default_rng(seed)
    for table in sample._tables:
        sheet = table.sheet
        close = sheet.table.close.copy()
        for column in range(close.shape[1]):
            rows = rng.integers(1, len(close), 3)
            close[rows[0] :, column] *= rng.choice([0.5, 0.69, 0.71, 0.86, 1.0, 1.16, 1.31, 2.0])
            close[rows[1] : rows[1] + int(rng.integers(0, 3)), column] = np.nan
        given = replace(sheet, table=replace(sheet.table, close=close))
        some = price_findings(given, {})
        with monkeypatch.context() as every:
            every.setattr(
                "jeoul.market.quality._doubtful", lambda sheet: range(len(sheet.table.tickers))
            )
            assert price_findings(given, {}) == some
        assert some
