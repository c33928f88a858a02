"""Price files as FinanceDataReader, pykrx and the exchange write them are read as they are."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jeoul.market.raw.answer import Payment, SeriesRequest, VendorRow
from jeoul.market.sources.errors import BadRows
from jeoul.market.sources.port import SourcePlace, connect

SPAN = date(2024, 1, 1), date(2024, 12, 31)
FIRST, SECOND = date(2024, 6, 26), date(2024, 6, 27)
ROWS = {VendorRow(FIRST, 37050.0, 100_000.0), VendorRow(SECOND, 37125.0, 120_000.0)}

FDR = """Date,Open,High,Low,Close,Volume,Change
2024-06-26,37000,37100,36900,37050,100000,0.01
2024-06-27,37050,37200,37000,37125,120000,0.002
"""
PYKRX = """날짜,시가,고가,저가,종가,거래량,거래대금,등락률
2024-06-26,37000,37100,36900,37050,100000,3705000000,0.13
2024-06-27,37050,37200,37000,37125,120000,4455000000,0.20
"""
KRX = """"일자","종가","대비","등락률","시가","고가","저가","거래량"
"2024/06/27","37125","75","0.20","37050","37200","37000","120000"
"2024/06/26","37050","50","0.13","37000","37100","36900","100000"
"""
THOUSANDS = """date,close,volume
2024-06-26,"37,050","100,000"
2024-06-27,"37,125","120,000"
"""


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def fetch(text: str, encoding: str = "utf-8") -> Any:
        (tmp_path / "a.csv").write_bytes(text.encode(encoding))
        return connect("csv", SourcePlace(tmp_path, tmp_path)).fetch(SeriesRequest("a.csv", *SPAN))

    return fetch


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("text", [FDR, PYKRX, KRX, THOUSANDS])
def test_close_volume_and_date_are_read(read: Any, text: str, encoding: str) -> None:
    assert set(read(text, encoding).rows) == ROWS


def test_nav_and_index_of_a_fund_are_read_where_the_vendor_has_them(read: Any) -> None:
    (row,) = read("날짜,NAV,종가,거래량,기초지수\n20240627,-,37125,5,380.5\n").rows
    assert row == VendorRow(SECOND, 37125.0, 5.0, None, 380.5)
    (row,) = read("일자,종가,순자산가치(NAV),거래량,기초지수_종가\n2024.06.27,1,2,3,4\n").rows
    assert row == VendorRow(SECOND, 1.0, 3.0, 2.0, 4.0)


def test_a_date_that_stands_twice_is_refused_with_both_lines(read: Any) -> None:
    with pytest.raises(BadRows, match="line 4: 2024-06-27 is in line 3 too"):
        read("date,close,volume\n2024-06-26,1,1\n2024-06-27,2,1\n2024/06/27,2,2\n")


@pytest.mark.parametrize("written", ["1/3", "1:3", "0.3333333333"])
def test_a_merge_of_three_into_one_is_a_third(read: Any, written: str) -> None:
    found = read(f"date,close,split\n2024-06-26,37050,\n2024-06-27,111150,{written}\n")
    assert found.payments == (Payment(SECOND, 0.0, Fraction(1, 3)),)


def test_a_third_in_two_decimals_is_asked_about(read: Any) -> None:
    with pytest.raises(BadRows, match=r"line 2: split '0\.33' may mean 1/3 or 33/100"):
        read("date,close,split\n2024-06-27,111150,0.33\n")


@pytest.mark.parametrize("cell", ["1,00", "1,0000", "1_000", "٣", "1.2.3", "--1"])
def test_a_number_that_cannot_be_meant_is_refused(read: Any, cell: str) -> None:
    with pytest.raises(BadRows, match="is not a number"):
        read(f'date,close\n2024-06-27,"{cell}"\n')


def test_a_misspelt_column_is_not_left_aside(read: Any) -> None:
    with pytest.raises(BadRows, match="did you mean 'split'"):
        read("date,close,splt\n2024-06-27,1,2\n")


@pytest.mark.posix
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(BadRows, match="is not a regular file"):
        connect("csv", SourcePlace(tmp_path, tmp_path)).fetch(SeriesRequest("a.csv", *SPAN))
