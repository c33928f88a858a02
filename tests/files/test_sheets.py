"""Tables in files: encodings, separators, workbooks, pages, and what no reader has to bear."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jeoul.account.holdings import Securities, read_holdings
from jeoul.errors import HoldingsError
from jeoul.files.sheets import read_sheets
from jeoul.files.sheets.encoding import decoded
from jeoul.files.sheets.markup import markup_rows
from jeoul.files.sheets.sheet import Overflow

TEXT = "종목코드,종목명,수량\n069500,코덱스,30\n예수금,,3000000\n"
MOST_SECONDS = 5.0  # of the processor
MOST_BYTES = 500_000_000
CHILD = """
import resource, sys
from pathlib import Path
from jeoul.account.holdings import read_holdings
from jeoul.errors import HoldingsError
for file in sorted(Path(sys.argv[1]).glob("*.any")):
    try:
        read_holdings(file)
    except HoldingsError:
        pass
status = Path("/proc/self/status")
if status.exists():  # ru_maxrss there begins with what the parent had
    print(next(line.split()[1] for line in status.open() if line.startswith("VmHWM")))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def workbook(*sheets: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for number, rows in enumerate(sheets):
        page = book.create_sheet(f"잔고{number}")
        for row in rows:
            page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def page(text: str) -> str:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split(','))}</tr>"
        for line in text.splitlines()
    )
    return f"<html><head><meta charset=euc-kr></head><body><table>{rows}</table></body></html>"


def holdings(tmp_path: Path, content: bytes, name: str = "mine.csv") -> Any:
    (tmp_path / name).write_bytes(content)
    return read_holdings(tmp_path / name, Securities(frozenset({"069500"})))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_encoding_line_ends_and_separator_are_found(
    tmp_path: Path, codec: str, end: str, mark: str
) -> None:
    text = TEXT.replace("\n", end).replace(",", mark)
    found = holdings(tmp_path, text.encode(codec))
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert found.found.separator == mark


def test_a_workbook_is_read(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["계좌", "1-2"],
        ["종목코드", "수량", "매입단가"],
        [69500, 30, 31250.5],
        ["예수금", 3e6],
    ]
    found = holdings(tmp_path, workbook([["안내"]], rows), "mine.xlsx")
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert str(found.cost["069500"]) == "31250.5"
    assert (found.found.kind, found.found.sheet) == ("xlsx", "잔고1")


def test_two_sheets_of_holdings_are_refused(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["종목코드", "수량"], ["069500", 30]]
    with pytest.raises(HoldingsError, match="two sheets"):
        holdings(tmp_path, workbook(rows, rows), "mine.xlsx")


def test_a_page_that_is_called_xls_is_read(tmp_path: Path) -> None:
    found = holdings(tmp_path, page(TEXT).encode("cp949"), "mine.xls")
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert (found.found.kind, found.found.encoding) == ("html", "cp949")


def xml_workbook(*tables: str, prefix: str = "") -> bytes:
    """A workbook in the XML of Excel 2003, as trading programs write it under the name .xls."""
    text = "".join(
        f'<Worksheet ss:Name="잔고"><Table>{table}</Table></Worksheet>' for table in tables
    )
    for name in ("Workbook", "Worksheet", "Table", "Row", "Cell", "Data") if prefix else ():
        text = text.replace(f"<{name}", f"<{prefix}:{name}").replace(
            f"</{name}", f"</{prefix}:{name}"
        )
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{text}</Workbook>'
    ).encode()


def cell(text: object, **attributes: int) -> str:
    named = "".join(f' ss:{name}="{value}"' for name, value in attributes.items())
    return f'<Cell{named}><Data ss:Type="String">{text}</Data></Cell>'


HEAD = f"<Row>{cell('종목코드')}{cell('종목명')}{cell('보유수량')}</Row>"


@pytest.mark.parametrize("prefix", ["", "ss"])
def test_an_xml_workbook_that_is_called_xls_is_read(tmp_path: Path, prefix: str) -> None:
    rows = (
        f"{HEAD}<Row>{cell('069500')}{cell('KODEX 200')}{cell(30)}</Row>"
        f"<Row>{cell('예수금')}{cell(3_000_000, Index=3)}</Row>"
    )
    found = holdings(tmp_path, xml_workbook(rows, prefix=prefix), "mine.xls")
    assert (found.shares, found.cash) == ({"069500": 30}, 3_000_000)
    assert found.found.kind == "xml"


def test_an_xml_workbook_leaves_cells_and_rows_out_and_merges_them() -> None:
    """``Index`` is a place in the row or table; merged cells are counted beside the first one."""
    table = (
        f'<Row ss:Index="3">{cell("a", MergeAcross=1)}{cell("b", MergeDown=1)}</Row>'
        f"<Row>{cell('c')}{cell('d', Index=4)}</Row><Row>{cell('e')}<Cell/>{cell('f')}</Row>"
    )
    second = '<Row ss:Index="2"><Cell><Data>g</Data><Comment>not seen</Comment></Cell></Row>'
    rows = markup_rows(xml_workbook(table, second).decode())
    assert [(row.line, row.cells) for row in rows] == [
        (3, ("a", "", "b")),
        (4, ("c", "", "b", "d")),
        (5, ("e", "", "f")),
        (7, ("g",)),
    ]


@pytest.mark.parametrize(
    "table",
    [f'<Row ss:Index="99999">{cell("a")}</Row>' * 3, f"<Row>{cell('a', Index=257)}</Row>"],
)
def test_a_place_that_no_account_exports_is_refused(table: str) -> None:
    with pytest.raises(Overflow):
        markup_rows(xml_workbook(table, table, table).decode())


def zip_of(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"xl/{name}", content)
    return target.getvalue()


NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = b"<worksheet " + NAMESPACE + b"><sheetData><row>"
LAUGHS = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaa'>"
    + b"".join(
        b"<!ENTITY %c '%s'>" % (name, b"&%c;" % before * 30)
        for before, name in zip(b"abcdef", b"bcdefg", strict=True)
    )
    + b"]>"
)


def book_with(part: str, content: bytes) -> bytes:
    """Return a sound workbook with one part replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a", "b"]]))) as sound,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in sound.namelist():
            archive.writestr(name, content if name == part else sound.read(name))
    return target.getvalue()


UNBEARABLE = {
    "columns": b"a," * 3_000_000,
    "rows": b"1,2\n" * 1_900_000,
    "empty lines": b"\n" * 7_000_000,
    "one cell": b"x" * 7_000_000,
    "a quote": b'"' + b"x,1\n" * 1_500_000,
    "quotes": b"ticker,shares\n" + b'"a",' * 1_500_000,
    "deep page": b"<html>" + b"<table><tr><td>" * 500_000,
    "open comments": b"<html><table>" + b"<!--" * 1_700_000,
    "open tags": b"<html>" + b"<a " * 2_000_000,
    "broken declarations": b"<html>" + b"<!" * 3_000_000,
    "attributes": b"<html><td " + b"a=1 " * 1_700_000,
    "scripts": b"<html>" + b"<script>" * 900_000,
    "deep XML": b"<Workbook>" + b"<Table><Row><Cell>" * 400_000,
    "places": b"<Workbook><Table>" + b'<Row ss:Index="99999"><Cell ss:Index="99999"/>' * 150_000,
    "instructions": b"<?xml " * 1_200_000,
    "references": b"<html><td>" + b"&amp" * 1_900_000,
    "zip bomb": zip_of(**{"a.xml": bytes(200_000_000)}),
    "entities": book_with(
        "xl/worksheets/sheet1.xml",
        LAUGHS + SHEET + b'<c t="inlineStr"><is><t>&g;</t></is></c></row></sheetData></worksheet>',
    ),
    "deep workbook": book_with("xl/worksheets/sheet1.xml", b"<a>" * 2_000_000),
    "wide workbook": book_with("xl/worksheets/sheet1.xml", SHEET + b'<c r="XFD1"/>' * 500_000),
    "unknown names": b"ticker,shares\n" + "없는 종목 이름,3\n".encode() * 19_000,
    "many parts": zip_of(**{f"{n}.xml": b"" for n in range(5_000)}),
    "cut workbook": workbook([["a"]])[:-30],
    "not a workbook": zip_of(**{"a.txt": b"x"}),
}


@pytest.mark.parametrize("name", UNBEARABLE)
def test_what_no_account_exports_is_refused_in_bounded_time(tmp_path: Path, name: str) -> None:
    begun = time.process_time()
    with pytest.raises(HoldingsError):
        holdings(tmp_path, UNBEARABLE[name], "mine.any")
    assert time.process_time() - begun < MOST_SECONDS


def test_memory_stays_bounded(tmp_path: Path) -> None:
    for number, content in enumerate(UNBEARABLE.values()):
        (tmp_path / f"{number}.any").write_bytes(content)
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)], capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(ran.stdout) * unit < MOST_BYTES


@pytest.mark.posix
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_not_read(path: str) -> None:
    with pytest.raises(HoldingsError, match="is not a regular file"):
        read_sheets(path, HoldingsError)


@pytest.mark.posix
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HoldingsError, match="is not a regular file"):
        read_sheets(tmp_path / "pipe", HoldingsError)


def test_a_file_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(1_000_000_000)
    with pytest.raises(HoldingsError, match="more than 8,000,000 bytes"):
        read_sheets(tmp_path / "big.csv", HoldingsError)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_syllable_with_a_zero_byte_hides_no_utf_16(codec: str) -> None:
    """The lower byte of 가 is zero: a table with 평가금액 in it was refused as damaged CP949."""
    text = "종목코드,수량,평가금액\n069500,30,1092450\n"
    assert decoded(text.encode(codec)).text == text
