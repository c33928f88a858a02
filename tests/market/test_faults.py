"""Files that cannot be used: one clear refusal with file, line, column and remedy."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import texts
from texts import TOTAL_RETURNS

from jeoul.errors import DataError
from jeoul.market import open_market

WITH_VIX = TOTAL_RETURNS + texts.series("signals.csv", vix=("XNYS close", 0))


def refusal(folder: Any, calendars: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        open_market(folder, calendars=calendars)
    assert caught.value.exit_code == 3
    return caught.value


def replaced(text: str, line: int, new: str | None) -> str:
    lines = text.splitlines()
    lines[line - 1 : line] = [] if new is None else [new]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("line", "new", "expected"),
    [
        (
            3,
            "2020-01-03,abc,100",
            "prices-kr.csv:3: 069500: 'abc' is not a number; write the number",
        ),
        (
            3,
            "2020-01-03,inf,100",
            "prices-kr.csv:3: 069500: 'inf' is not a number; write the number",
        ),
        (
            3,
            "2020-01-03,nan,100",
            "prices-kr.csv:3: 069500: 'nan' is not a number; write the number",
        ),
        (3, "2020-01-03,1_000,1", "prices-kr.csv:3: 069500: '1_000' is not a number"),
        (3, '2020-01-03,"1,000",1', "prices-kr.csv:3: 069500: '1,000' is not a number"),
        (3, "2020-01-03,100", "prices-kr.csv:3: has 2 cells where the header has 3; complete"),
        (3, "2020-01-03,1,2,3", "prices-kr.csv:3: has 4 cells where the header has 3; complete"),
        (3, "2020-01-02,1,2", "prices-kr.csv:3: date: 2020-01-02 appears twice; remove one"),
        (4, "2020-01-01,1,2", "prices-kr.csv:4: date: 2020-01-01 comes after 2020-01-03; sort"),
        (
            3,
            "03.01.2020,1,2",
            "prices-kr.csv:3: date: '03.01.2020' is not a date; write it as 2024-06-28",
        ),
        (
            3,
            "2020-02-30,1,2",
            "prices-kr.csv:3: date: '2020-02-30' is not a date; write it as 2024-06-28",
        ),
        (3, "", "prices-kr.csv:3: the line is blank; remove it"),
        (1, "date,69500,148070", "prices-kr.csv:1: 69500: is not a KRX code; write the code as"),
        (1, "date,069500,069500", "prices-kr.csv:1: 069500: the column appears twice; remove one"),
        (1, "date,069500,", "prices-kr.csv:1: column 3 has no name; name it or remove the column"),
        (
            1,
            "day,069500,148070",
            "prices-kr.csv:1: date: the first column is 'day'; name the",
        ),
        (2, "2019-12-30,1,2", "prices-kr.csv:2: date: 2019-12-30 lies before the XKRX calendar"),
    ],
)
def test_a_bad_line_is_named_with_its_column_and_remedy(
    folder: Any, prices: Any, calendars: Any, line: int, new: str, expected: str
) -> None:
    error = refusal(folder({"prices-kr.csv": replaced(prices(), line, new)}), calendars)
    assert str(error).startswith(expected)
    assert len(error.problems) == 1


def test_a_row_cut_off_at_the_end_of_the_file_is_not_padded(
    folder: Any, prices: Any, calendars: Any
) -> None:
    cut = prices().rstrip().removesuffix(",100")
    assert "complete the row" in str(refusal(folder({"prices-kr.csv": cut}), calendars))


def test_a_day_after_the_calendar_ends_is_refused(folder: Any, prices: Any, calendars: Any) -> None:
    text = prices() + "2020-06-01,1,2\n"
    error = refusal(folder({"prices-kr.csv": text}), calendars)
    assert "2020-06-01 lies after the XKRX calendar ends; update data/calendars" in str(error)


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_refused(folder: Any, calendars: Any, content: str) -> None:
    error = refusal(folder({"prices-kr.csv": content}), calendars)
    assert str(error) == "prices-kr.csv:1: the file is empty; fetch or write it again"


def test_a_header_without_rows_is_refused(folder: Any, calendars: Any) -> None:
    error = refusal(folder({"prices-kr.csv": "date,069500\n"}), calendars)
    assert str(error) == ("prices-kr.csv:2: has a header but no rows; fetch or write it again")


def test_a_file_that_is_not_there_is_refused(folder: Any, calendars: Any) -> None:
    error = refusal(folder({}), calendars)
    assert str(error).startswith("prices-kr.csv: cannot be read: No such file")
    assert "take its [[file]] out of manifest.toml" in str(error)


def test_a_file_saved_as_cp949_is_refused_with_its_line(
    folder: Any, prices: Any, calendars: Any
) -> None:
    data = replaced(prices(), 5, "2020-01-07,없음,1").encode("cp949")
    error = refusal(folder({"prices-kr.csv": data}), calendars)
    assert str(error) == "prices-kr.csv:5: is not UTF-8 text; save it as UTF-8"


def test_every_fault_of_every_file_is_listed_at_once(
    folder: Any, prices: Any, calendars: Any
) -> None:
    korean = replaced(replaced(prices(), 3, "2020-01-03,x,y"), 6, "bad,1,2")
    error = refusal(
        folder({"prices-kr.csv": korean, "signals.csv": "date,vix\n"}, WITH_VIX), calendars
    )
    assert [(p.file, p.line, p.key) for p in error.problems] == [
        ("prices-kr.csv", 3, "069500"),
        ("prices-kr.csv", 3, "148070"),
        ("prices-kr.csv", 6, "date"),
        ("signals.csv", 2, None),
    ]
    assert all(p.remedy for p in error.problems)


def test_beyond_twenty_faults_the_rest_is_counted(folder: Any, prices: Any, calendars: Any) -> None:
    error = refusal(folder({"prices-kr.csv": re.sub(",100(.01)?,", ",?,", prices())}), calendars)
    rows = prices().count("\n") - 1
    assert len(error.problems) == 21
    assert error.problems[-1].message == f"{rows - 20} more problems"


def test_a_file_whose_instants_the_calendar_cannot_tell_is_refused_not_left_out(
    folder: Any, prices: Any, calendars: Any
) -> None:
    korea = calendars["XKRX"]
    short = replace(
        korea, sessions=korea.sessions[:-1], opens=korea.opens[:-1], closes=korea.closes[:-1]
    )
    manifest = TOTAL_RETURNS + texts.prices("XNYS").replace("XNYS close", "XKRX close")
    files = {"prices-kr.csv": prices(), "prices-us.csv": prices(exchange="XNYS", tickers=("SPY",))}
    error = refusal(folder(files, manifest), {**calendars, "XKRX": short})
    assert str(error).startswith("prices-us.csv: 2020-05-29 lies outside the data")


def test_a_file_of_another_market_is_refused(folder: Any, calendars: Any) -> None:
    text = "date,069500\n2020-01-24,1\n2020-01-27,2\n"
    error = refusal(folder({"prices-kr.csv": text}), calendars)
    assert "no row is a session of XKRX; correct exchange in manifest.toml" in str(error)


def test_a_ticker_in_two_files_is_refused(folder: Any, prices: Any, calendars: Any) -> None:
    manifest = TOTAL_RETURNS + texts.prices(path="prices-more.csv")
    files = {"prices-kr.csv": prices(), "prices-more.csv": prices()}
    error = refusal(folder(files, manifest), calendars)
    assert "prices-more.csv:1: 069500: also has prices in prices-kr.csv; keep one" in str(error)


def test_quoted_cells_windows_line_ends_and_a_byte_order_mark_are_no_faults(
    folder: Any, prices: Any, calendars: Any
) -> None:
    text = prices().replace("2020-01-03,100", '2020-01-03,"101"').replace("\n", "\r\n")
    market = open_market(
        folder({"prices-kr.csv": b"\xef\xbb\xbf" + text.encode()}), calendars=calendars
    )
    assert market.prices[0].close[1, 0] == 101


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("date,vix9d\n2020-01-03,12\n", "signals.csv:1: vix: the column is missing; add it, or"),
        (
            "date,vix,oil\n2020-01-03,12,1\n",
            "signals.csv:1: oil: manifest.toml does not name the column; add it to [file.columns]",
        ),
        (
            "date,vix\n2020-01-03,12\n2020-06-01,1\n",
            "signals.csv:3: date: 2020-06-01 lies after the XNYS calendar ends; update",
        ),
    ],
)
def test_a_series_file_matches_its_manifest(
    folder: Any, prices: Any, calendars: Any, content: str, expected: str
) -> None:
    files = {"prices-kr.csv": prices(), "signals.csv": content}
    assert str(refusal(folder(files, WITH_VIX), calendars)).startswith(expected)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "2020-01-03,69500,1,1",
            "events-kr.csv:2: ticker: '69500' is not a column of the price file",
        ),
        ("2020-01-03,069500,-1,1", "events-kr.csv:2: dividend: '-1' is not a dividend; write 0 or"),
        (
            "2020-01-03,069500,0,0",
            "events-kr.csv:2: split: '0' is not a split; write new shares per",
        ),
        ("2020-01-03,069500,x,1", "events-kr.csv:2: dividend: 'x' is not a dividend"),
        (
            "2020-01-04,069500,1,1",
            "events-kr.csv:2: 069500: 2020-01-04 is not a session of XKRX; give",
        ),
        ("today,069500,1,1", "events-kr.csv:2: date: 'today' is not a date; write it as 2024"),
        ("2020-01-03,069500,1", "events-kr.csv:2: has 3 cells, not 4; complete the row"),
        (
            "2020-01-03,069500,1,1\n2020-01-03,069500,1,1",
            "events-kr.csv:3: 069500: 2020-01-03 appears twice for 069500; join them in one row",
        ),
    ],
)
def test_a_bad_event_is_named_with_its_line(
    folder: Any, prices: Any, calendars: Any, raw: str, row: str, expected: str
) -> None:
    files = {"prices-kr.csv": prices(), "events-kr.csv": f"date,ticker,dividend,split\n{row}\n"}
    assert str(refusal(folder(files, raw), calendars)).startswith(expected)


def test_an_events_file_with_another_header_is_refused(
    folder: Any, prices: Any, calendars: Any, raw: str
) -> None:
    files = {"prices-kr.csv": prices(), "events-kr.csv": "date,code,amount\n"}
    error = refusal(folder(files, raw), calendars)
    assert "events-kr.csv:1: the header is date,code,amount; write the header date" in str(error)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2020-01-03,069500,gate.unit,serious", "findings-kr.csv:2: has 4 cells, not 5; fetch it"),
        ("today,069500,gate.unit,serious,{}", "findings-kr.csv:2: cannot be read: Invalid iso"),
        ("2020-01-03,069500,gate.unit,grave,{}", "findings-kr.csv:2: cannot be read: 'grave' is"),
        (
            "2020-01-03,069500,gate.unit,serious,{}",
            "findings-kr.csv:2: 'gate.unit' is not a finding that this version knows; fetch it",
        ),
        ("2020-06-01,069500,gate.gone,serious,{}", "findings-kr.csv:2: date: 2020-06-01 lies outs"),
    ],
)
def test_a_bad_finding_is_named_with_its_line(
    folder: Any, prices: Any, calendars: Any, row: str, expected: str
) -> None:
    manifest = TOTAL_RETURNS + (
        '\n[[file]]\npath = "findings-kr.csv"\nfindings_of = "prices-kr.csv"\n'
    )
    noted = f"date,subject,kind,severity,detail\n{row}\n"
    files = {"prices-kr.csv": prices(), "findings-kr.csv": noted}
    assert str(refusal(folder(files, manifest), calendars)).startswith(expected)
