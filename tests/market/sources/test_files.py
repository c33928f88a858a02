"""Sources on this machine: the user's CSV files, market folders, the sample."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.market.raw.answer import AS_TRADED, LEVEL, Payment, SeriesRequest, VendorRow
from jeoul.market.sources.errors import BadRows, EmptyAnswer, UnknownSymbol
from jeoul.market.sources.port import SourcePlace, connect, is_remote

SPAN = date(2024, 1, 1), date(2024, 12, 31)


@pytest.fixture
def own(tmp_path: Path) -> Any:
    def fetch(text: Any, symbol: Any = "mine.csv") -> Any:
        (tmp_path / "mine.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return connect("csv", SourcePlace(tmp_path, tmp_path)).fetch(SeriesRequest(symbol, *SPAN))

    return fetch


def test_a_csv_file_may_have_any_of_the_columns_in_any_order(own: Any) -> None:
    found = own("close,date,nav,dividend,split\n100,2024-06-27,101,,\n51,2024-06-28,50.5,1.5,2\n")
    assert found.basis == AS_TRADED
    assert found.rows == (
        VendorRow(date(2024, 6, 27), 100.0, None, 101.0),
        VendorRow(date(2024, 6, 28), 51.0, None, 50.5),
    )
    assert found.payments == (Payment(date(2024, 6, 28), 1.5, Fraction(2)),)


def test_a_byte_order_mark_and_empty_cells_are_fine(own: Any) -> None:
    found = own("\ufeffdate,close\n2024-06-27,\n2024-06-28,5\n")
    assert [row.close for row in found.rows] == [None, 5.0]


def test_everything_wrong_with_a_file_is_told_at_once(own: Any) -> None:
    with pytest.raises(BadRows) as caught:
        own("date,close\n28.06.2024,5\n2024-06-28,five\n2024-06-29\n2024-06-30,inf\n")
    for part in ("line 2: '28.06.2024'", "line 3: close 'five'", "line 4 has 1 cells", "line 5"):
        assert part in str(caught.value)


def test_a_stray_quote_is_told_with_its_line_and_hides_no_other_fault(own: Any) -> None:
    days = (date(1900, 1, 1) + timedelta(days=n) for n in range(20_000))  # over csv's own limit
    rows = "".join(f"{day},5\n" for day in days)
    with pytest.raises(BadRows) as caught:
        own('date,close\n2024-06-27,"5\n2024-06-28,x\n' + rows)
    assert caught.value.reason == (
        "line 2 is not valid CSV: unexpected end of data; correct its quotes; "
        "line 3: close 'x' is not a number"
    )


def test_a_split_or_a_dividend_that_cannot_be_is_told_with_its_line(own: Any) -> None:
    with pytest.raises(BadRows) as caught:
        own("date,close,split,dividend\n2024-06-27,5,0,\n2024-06-28,5,-2,-1\n")
    assert caught.value.reason == (
        "line 2: split '0' is not a split, write new shares per old share: 1/3 or 4, "
        "or leave it empty; line 3: dividend -1 is below 0; "
        "line 3: split '-2' is not a split, write new shares per old share: 1/3 or 4, "
        "or leave it empty"
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('date,"close\n2024-06-28,5\n', BadRows),
        ("", BadRows),
        ("date,price\n2024-06-28,5\n", BadRows),
        ("date,close,close\n2024-06-28,5,5\n", BadRows),
        (b"date,close\n2024-06-28,\xff\n", BadRows),
        ("date,close\n2023-06-28,5\n", EmptyAnswer),
    ],
)
def test_files_that_cannot_be_used(own: Any, text: bytes | str, kind: Any) -> None:
    with pytest.raises(kind):
        own(text)


def test_a_file_that_is_not_there(own: Any) -> None:
    with pytest.raises(UnknownSymbol, match="cannot be read"):
        own("date,close\n", symbol="other.csv")


def test_the_sample_is_marked_as_simulated(tmp_path: Path) -> None:
    sample = connect("sample", SourcePlace(tmp_path, tmp_path))
    fund = sample.fetch(SeriesRequest("069500", *SPAN))
    assert fund.simulated
    assert (fund.basis, fund.currency) == (AS_TRADED, "KRW")
    assert fund.payments
    assert sample.fetch(SeriesRequest("vix", *SPAN)).basis == LEVEL
    with pytest.raises(UnknownSymbol):
        sample.fetch(SeriesRequest("NOBODY", *SPAN))


def test_a_folder_that_cannot_be_read_is_told_for_each_symbol_of_it(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.toml").write_text("schema = 2\n")
    folders = connect("folder", SourcePlace(tmp_path, tmp_path))
    for symbol in ("broken/069500", "broken/148070"):
        with pytest.raises(
            BadRows, match=r"manifest\.toml:1: schema: schema is not 1; write"
        ) as caught:
            folders.fetch(SeriesRequest(symbol, *SPAN))
        assert caught.value.symbol == symbol
    with pytest.raises(BadRows, match="there is no such folder"):
        folders.fetch(SeriesRequest("nowhere/069500", *SPAN))


def test_which_sources_leave_the_machine() -> None:
    assert [name for name in ("csv", "folder", "fred", "sample", "yahoo") if is_remote(name)] == [
        "fred",
        "yahoo",
    ]
    with pytest.raises(UsageError, match="not a source of jeoul"):
        is_remote("errors")
