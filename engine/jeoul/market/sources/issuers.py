"""Files that a person downloads from issuers' pages and SEIBRO: base prices and distributions.

None of them documents an interface, and the forms differ; they agree in what their columns are
called. A table with a column 과표기준가 has taxable base prices by day, with the net asset value
where it shows one, and a table with 지급기준일 has distributions by record date, with the part that
is taxed (주당과세표준액). CSV, .xlsx and the HTML that some pages save as .xls are read. A fund is
named by a column of codes or ISINs, by the code behind its name, or by the name of its file.

A symbol is ``FOLDER/base/360750``, ``FOLDER/paid/360750`` or ``FOLDER/taxed/360750``; every file of
the folder is read. A row with something that cannot be meant refuses the folder, with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from jeoul.errors import DataError
from jeoul.files.faults import shown
from jeoul.files.sheets import Sheet, read_sheets
from jeoul.files.sheets import SheetRow as Line
from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import day_of, number_of
from jeoul.market.sources.errors import BadRows
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import symbol_of

NETWORK = False
KEYS = ()
NAME = "issuers"
KINDS = ("base", "paid", "taxed")
SUFFIXES = (".csv", ".xls", ".xlsx", ".htm", ".html")
MOST_SHOWN = 20

_WORDS = {
    "code": "상품코드 종목코드 단축코드 표준코드 isin isin코드 ticker code",
    "name": "종목명 상품명 펀드명 etf명",
    "day": "일자 날짜 기준일 기준일자 거래일 거래일자 date",
    "base": "과표기준가 과표기준가격 과세표준기준가 taxbase",
    "nav": "nav 기준가 기준가격 순자산가치 기준가격nav 순자산가치nav",
    "record": "지급기준일 분배금기준일 분배기준일 배당기준일 권리기준일",
    "paid": "주당분배금 주당분배금액 분배금 분배금액 주당현금분배금",
    "taxed": "주당과세표준액 주당과세표준 과세표준액 주당과표",
    "kind": "배당구분 분배구분",
}
_HEADERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(words.split()) for name, words in _WORDS.items()}
)
_TITLES = {
    "day": "일자",
    "base": "과표기준가",
    "record": "지급기준일",
    "paid": "주당분배금",
    "code": "종목코드",
}
_BASE, _PAYS = ("day", "base"), ("record", "paid")
_REMEDY = (
    "download the table again; if it has no code column, put the code into the file name, "
    "e.g. 360750.csv"
)
_SYMBOL = re.compile(r"[^/]+/(?:base|paid|taxed)/.+")
_UNIT = re.compile(r"\((원|won|krw|₩|%)\)")
_NOT_WORD = re.compile(r"[\s()\[\]_·./-]")
_CODE = re.compile(r"(?<![0-9A-Z])\d{4}[0-9A-Z]{2}(?![0-9A-Z])")
_ISIN = re.compile(r"KR7(\d{4}[0-9A-Z]{2})\d{3}")
_LIQUIDATION = "청산"  # a share that is paid back is not income of a fund that goes on

Found = dict[tuple[str, str], dict[date, tuple[VendorRow, str]]]


def connect(place: SourcePlace) -> Source:
    """Return the files beside a fetch plan."""
    return IssuerFiles(place.base)


class IssuerFiles:
    """Folders of downloaded files under a base; each is read once."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._read: dict[str, Found | str] = {}

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the base prices, distributions or taxed parts of a fund, as levels by day."""
        folder, _, rest = request.symbol.partition("/")
        kind, _, code = rest.partition("/")
        symbol_of(NAME, request.symbol, _SYMBOL, "FOLDER/base/360750")
        if folder not in self._read:
            self._read[folder] = _folder(self._base / folder)
        found = self._read[folder]
        if isinstance(found, str):
            raise BadRows(NAME, request.symbol, found)
        return levels(NAME, request, (row for row, _ in found.get((kind, code), {}).values()))


def _folder(place: Path) -> Found | str:
    """Return everything in the files of a folder, or what is wrong with them."""
    try:
        paths = sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES)
    except OSError:
        return {}  # a folder that nobody has made has no files
    found: Found = {}
    wrong: list[str] = []
    for path in paths:
        wrong += _file(path, found)
    if not wrong:
        return found
    rest = len(wrong) - MOST_SHOWN
    return "; ".join(wrong[:MOST_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


def _file(path: Path, found: Found) -> list[str]:
    """Add the tables of a file to what was found; return what is wrong with it."""
    try:
        sheets = read_sheets(path, DataError)
    except DataError as error:
        return [f"{path.name}: {problem.message}; {problem.remedy}" for problem in error.problems]
    headers = [(sheet, header) for sheet in sheets for header in _headers(sheet)]
    if not headers:
        wanted = f"{_said(_BASE)} nor {_said(_PAYS)}"
        return [f"{path.name}: has neither the columns {wanted}; download the table again"]
    sheet, header = min(headers, key=lambda found: len(found[1].missing(path)))
    if missing := header.missing(path):
        return [f"{path.name}: lacks the columns {', '.join(missing)}; {_REMEDY}"]
    return [f"{path.name}: {text}" for text in _table(path, sheet, header, found)]


class _Header(NamedTuple):
    """Where a table begins, and which column is which."""

    row: int
    columns: Mapping[str, int]

    @property
    def pays(self) -> bool:
        """Return whether the table is one of distributions."""
        if {"day", "base"} <= self.columns.keys() and "record" not in self.columns:
            return False
        return bool({"record", "paid", "taxed"} & self.columns.keys())

    def missing(self, path: Path) -> list[str]:
        """Return the columns that the table must have and lacks, as they are usually called."""
        wanted = [name for name in (_PAYS if self.pays else _BASE) if name not in self.columns]
        if not {"code", "name"} & self.columns.keys() and _own(path) is None:
            wanted.append("code")
        return [_TITLES[name] for name in wanted]


def _headers(sheet: Sheet) -> Iterator[_Header]:
    """Yield the lines that may be the header of a table: those that name one of its columns."""
    for number, line in enumerate(sheet.rows):
        columns: dict[str, int] = {}
        for place, cell in enumerate(line.cells):
            name = _name(cell)
            if name is not None:
                columns.setdefault(name, place)
        if {"base", "nav", "record", "paid", "taxed"} & columns.keys():
            yield _Header(number, columns)


def _said(names: Sequence[str]) -> str:
    return ", ".join(_TITLES[name] for name in names)


def _own(path: Path) -> str | None:
    """Return the code in the name of a file, None where there is none or several."""
    in_name = set(_CODE.findall(path.stem.upper()))
    return in_name.pop() if len(in_name) == 1 else None


def _name(cell: str) -> str | None:
    plain = _NOT_WORD.sub("", _UNIT.sub("", cell.casefold()))
    return next((name for name, known in _HEADERS.items() if plain in known), None)


def _table(path: Path, sheet: Sheet, header: _Header, found: Found) -> Iterator[str]:
    """Add the rows of a table to what was found; yield what is wrong with them."""
    own = _own(path)
    for line in sheet.rows[header.row + 1 :]:
        cells = {
            name: line.cells[place].strip() if place < len(line.cells) else ""
            for name, place in header.columns.items()
        }
        if not cells["record" if header.pays else "day"] or _LIQUIDATION in cells.get("kind", ""):
            continue
        try:
            code = _code(cells, own)
            rows = _paid(cells) if header.pays else _base(cells)
        except ValueError as error:
            yield f"line {line.line}: {error}"
            continue
        yield from _kept(path, line, code, rows, found)


def _kept(
    path: Path, line: Line, code: str, rows: Iterable[tuple[str, VendorRow]], found: Found
) -> Iterator[str]:
    for kind, row in rows:
        there = found.setdefault((kind, code), {})
        old, owner = there.setdefault(row.day, (row, path.name))
        if old != row:
            both = f"{old.close:g} in {owner} and {row.close:g}"
            yield f"line {line.line}: {code} of {row.day} is {both}; keep one of the two"


def _code(cells: Mapping[str, str], own: str | None) -> str:
    """Return the code of a row's fund; ``own`` is the one in the name of the file."""
    if "code" in cells:
        cell = cells["code"].upper()
        isin = _ISIN.fullmatch(cell)
        code = isin[1] if isin else cell
        if not _CODE.fullmatch(code):
            raise ValueError(f"{shown(cells['code'])} is not a code of the exchange")
        return code
    in_name = _CODE.findall(cells.get("name", "").upper())
    if len(in_name) == 1:
        return str(in_name[0])
    if own is None:
        raise ValueError("names no fund; put its code into the name of the file, 360750.csv")
    return own


def _amount(cells: Mapping[str, str], name: str) -> float | None:
    found = number_of(cells.get(name, "").removesuffix("원"))
    if found is not None and found < 0:
        raise ValueError(f"{shown(cells[name])} is below 0")
    return found


def _base(cells: Mapping[str, str]) -> Sequence[tuple[str, VendorRow]]:
    day, base = day_of(cells["day"]), _amount(cells, "base")
    return [("base", VendorRow(day, base, nav=_amount(cells, "nav") or None))] if base else []


def _paid(cells: Mapping[str, str]) -> Sequence[tuple[str, VendorRow]]:
    day, paid, taxed = day_of(cells["record"]), _amount(cells, "paid"), _amount(cells, "taxed")
    if not paid:
        return []
    if taxed is None:
        return [("paid", VendorRow(day, paid))]
    if taxed > paid:
        raise ValueError(f"the taxed part {taxed:g} exceeds the distribution {paid:g}")
    return [("paid", VendorRow(day, paid)), ("taxed", VendorRow(day, taxed))]
