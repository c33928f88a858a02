"""Files of issuers and SEIBRO, in the forms that people who read them have written down.

The headers are those of public clients of 2026: TIGER's table of distributions, KODEX's file of all
funds (its header in the third row), SOL's and RISE's tables, SEIBRO's list with ISINs. Nobody has
recorded a file of daily base prices, so those of ``BASES`` are assumed; every amount is made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jeoul.market.raw.answer import LEVEL, SeriesRequest, VendorRow
from jeoul.market.sources.errors import BadRows, EmptyAnswer, SourceError, UnknownSymbol
from jeoul.market.sources.port import SourcePlace, connect
from jeoul.translation import in_language

SPAN = date(2024, 1, 1), date(2024, 12, 31)
JULY = date(2024, 7, 31)

TIGER = (
    "종목명,유형,지급기준일,실지급일,주당분배금,주당과세표준액,분배율\n"
    "TIGER 미국S&P500(360750),해외주식,2024-07-31,2024-08-02,65,60.5,0.35%\n"
)
KODEX = (
    "상품별 분배 현황\n기준일 2024-08-31\n"
    "상품명,상품코드,유형,지급기준일,실지급일,분배율(%),주당분배금,주당과세표준액\n"
    "KODEX 미국S&P500,360750,해외,20240731,20240802,0.35,65,60.5\n"
)
SEIBRO = (
    "ISIN,종목명,운용사,유형,지급기준일,실지급일,분배율,주당분배금,주당과세표준액,배당구분\n"
    "KR7360750004,TIGER 미국S&P500,미래에셋,주식,20240731,20240802,0.35,65,60.5,이익분배\n"
    "KR7360750004,TIGER 미국S&P500,미래에셋,주식,20240930,20241002,99,9999,,청산분배\n"
)
SOL = "지급기준일,실제지급일,분배금액(원),주당과세표준액(원)\n2024.07.31,2024.08.02,65,60.5\n"
PAGE = (
    "<html><head><meta charset='utf-8'></head><body><table><tr>"
    "<th>지급 기준일</th><th>실 지급일</th>"
    "<th>분배금 (원)</th><th>주당과세표준액 (원)</th></tr>"
    "<tr><td>2024-07-31</td><td>2024-08-02</td><td>65</td><td>60.5</td></tr></table></body></html>"
)
BASES = (
    '일자,종가,기준가격(NAV),과표기준가\n2024.07.30,"18,400","18,395.12","17,001.25"\n'
    '2024.07.31,"18,500","18,490.00","17,010.50"\n2024.08.01,"18,450",,\n'
)

Read = Callable[..., dict[str, tuple[VendorRow, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def fetch(code: str = "360750", **files: str | bytes) -> dict[str, tuple[VendorRow, ...]]:
        place = tmp_path / "issuers"
        place.mkdir(exist_ok=True)
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            (place / name.replace("__", ".").replace("f_", "")).write_bytes(content)
        source = connect("issuers", SourcePlace(tmp_path, tmp_path))
        found = {}
        for kind in ("base", "paid", "taxed"):
            try:
                answer = source.fetch(SeriesRequest(f"issuers/{kind}/{code}", *SPAN))
            except EmptyAnswer:
                continue
            assert answer.basis == LEVEL
            found[kind] = answer.rows
        return found

    return fetch


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("text", [TIGER, KODEX, SEIBRO, SOL])
def test_a_distribution_has_its_record_date_and_its_taxed_part(
    read: Read, text: str, encoding: str
) -> None:
    found = read(f_360750__csv=text.encode(encoding))
    assert found == {"paid": (VendorRow(JULY, 65.0),), "taxed": (VendorRow(JULY, 60.5),)}


def test_a_page_that_is_saved_as_a_workbook_is_read(read: Read) -> None:
    assert read(f_360750__xls=PAGE)["paid"] == (VendorRow(JULY, 65.0),)


def test_base_prices_come_with_the_net_asset_value_beside_them(read: Read) -> None:
    assert read(f_360750__csv=BASES)["base"] == (
        VendorRow(date(2024, 7, 30), 17001.25, nav=18395.12),
        VendorRow(date(2024, 7, 31), 17010.5, nav=18490.0),
    )


def test_files_of_one_fund_add_up_and_say_the_same_twice(read: Read) -> None:
    found = read(f_360750__csv=SOL, f_kodex__csv=KODEX, f_b_360750__csv=BASES)
    assert set(found) == {"base", "paid", "taxed"}
    assert read("069500") == {}


def test_without_a_folder_no_fund_has_anything(tmp_path: Path) -> None:
    source = connect("issuers", SourcePlace(tmp_path, tmp_path))
    with pytest.raises(EmptyAnswer):
        source.fetch(SeriesRequest("issuers/base/360750", *SPAN))
    for symbol in ("issuers", "issuers/nav/360750", "", "issuers/base/"):
        with pytest.raises(UnknownSymbol):
            source.fetch(SeriesRequest(symbol, *SPAN))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SOL.replace("60.5", "70"), "the taxed part 70 exceeds the distribution 65"),
        (SOL.replace("65", "-65"), "'-65' is below 0"),
        (SOL.replace("65", "sixty"), "'sixty' is not a number"),
        (SOL.replace("2024.07.31", "31 July"), "line 2: '31 July' is not a date"),
        (KODEX.replace(",360750,", ",36075,"), "'36075' is not a code of the exchange"),
        (
            SOL + SOL.splitlines()[1].replace("65", "66") + "\n",
            "is 65 in 360750.csv and 66; keep one",
        ),
        ("date,close\n2024-07-31,5\n", "has neither the columns 일자, 과표기준가 nor 지급기준일"),
        (
            BASES.replace("일자", "날").replace("과표기준가", "과표"),
            "lacks the columns 일자, 과표기준가;",
        ),
        (SOL.replace("지급기준일", "기준").replace("분배금액", "금액"), "지급기준일, 주당분배금;"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_file(
    read: Read, text: str | bytes, says: str
) -> None:
    with pytest.raises(BadRows) as caught:
        read(f_360750__csv=text)
    assert says in str(caught.value)
    assert "360750.csv" in str(caught.value)


def test_a_table_that_names_no_fund_is_refused(read: Read) -> None:
    with pytest.raises(BadRows, match=r"lacks the columns 종목코드; .* into the file name"):
        read(f_mine__csv=SOL)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_everything_that_files_lack_is_said_at_once_in_both_languages(
    read: Read, language: str
) -> None:
    """A table without its record date and its fund, and one with neither table's columns."""
    with pytest.raises(BadRows) as caught:
        read(f_mine__csv=SOL.replace("지급기준일", "기준"), f_other__csv="a,b\n1,2\n")
    said = in_language(caught.value.reason, language)
    for word in ("mine.csv", "지급기준일, 종목코드", "other.csv", "일자, 과표기준가", "주당분배금"):
        assert word in said
    assert ("필요한 열이 없습니다" in said, "lacks" in said) == (language == "ko", language == "en")


@pytest.mark.parametrize("wrong", ["60.5 72", "names no fund"])
def test_what_a_row_lacks_is_said_in_korean(read: Read, wrong: str) -> None:
    odd = (
        SOL.replace("60.5", "72") if wrong == "60.5 72" else SOL.replace("분배금", "종목명,분배금")
    )
    with pytest.raises(BadRows) as caught:
        read(**{"f_360750__csv" if wrong == "60.5 72" else "f_mine__csv": odd})
    said = in_language(caught.value.reason, "ko")
    assert not re.search("[a-z]{4}", said.replace("mine.csv", "").replace(".csv", ""))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from([TIGER, KODEX, SEIBRO, SOL, BASES]),
    at=st.integers(0, 200),
    noise=st.sampled_from([",", "\n", '"', "-", "nan", "", "\x00", "９", "1e999", "0", "원"]),
)
def test_a_damaged_file_is_read_or_refused(read: Read, text: str, at: int, noise: str) -> None:
    at %= len(text)
    try:
        found = read(f_360750__csv=text[:at] + noise + text[at + 1 :])
    except SourceError:
        return
    values = [row.close for rows in found.values() for row in rows]
    assert all(value is not None and 0 <= value < float("inf") for value in values)


@pytest.mark.parametrize("tag", ["<div>", "<table><tr><td>", "<b>"])
def test_a_page_that_is_nested_without_end_is_refused(read: Read, tag: str) -> None:
    with pytest.raises(BadRows):
        read(f_360750__xls="<html><body>" + tag * 20_000 + PAGE[-60:])
