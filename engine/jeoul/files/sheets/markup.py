"""Rows of the tables in an HTML page or an XML workbook, which brokers save as .xls."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.files.sheets.delimited import EXTRA, Malformed
from jeoul.files.sheets.sheet import MOST_COLUMNS, MOST_ROWS, Overflow, SheetRow, rows_of

_CHUNK = 65_536
_UNSEEN = ("script", "style", "comment")
_NAMES = {"row": "tr", "cell": "td"}
"""Elements of an XML workbook by what HTML calls them."""


def markup_rows(text: str) -> tuple[SheetRow, ...]:
    """Return the rows of all tables of a page, numbered as a spreadsheet shows them.

    A cell that spans columns has text in the first of them, one that spans rows in each. An XML
    workbook is read like a page: its rows and cells may leave others out before them. Raises
    :class:`Overflow`, and :class:`Malformed` for a damaged page and without the extra
    ``jeoul[files]``.

    >>> [row.cells for row in markup_rows("<table><tr><th>a<th>b<tr><td>1</td><td>2</table>")]
    [('a', 'b'), ('1', '2')]
    """
    try:
        from lxml import etree  # only a page needs it
    except ModuleNotFoundError:
        raise Malformed("is an HTML page, which needs lxml", EXTRA) from None
    tables = _Tables()
    parser = etree.HTMLParser(target=tables)  # libxml2 takes linear time and a bounded depth
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
        parser.close()
    except etree.LxmlError:
        raise Malformed("is an HTML page that is damaged", "export it again") from None
    tables.end_row()
    return rows_of(enumerate(tables.rows, start=1))


class _Tables:
    """Collects cells without a tree, so that the size of a page costs nothing."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._text: list[str] | None = None
        self._span = self._deep = 1
        self._above: dict[int, tuple[int, str]] = {}  # by column: rows to come, and their text
        self._first = 0  # the row at which the newest table begins
        self._unseen = 0  # inside a script, a style or a comment

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a row or a cell."""
        tag = _named(tag)
        if tag == "tr":
            self.end_row()
            self._leave_rows(_whole(attributes.get("ss:index")))
            self._row = []
        elif tag in ("td", "th"):
            # HTML leaves end tags out: a cell that begins ends the one before.
            self._end_cell()
            self._row = [] if self._row is None else self._row
            self._leave_cells(self._row, _whole(attributes.get("ss:index")))
            wide = _whole(attributes.get("colspan")) or _whole(attributes.get("ss:mergeacross")) + 1
            deep = _whole(attributes.get("rowspan")) or _whole(attributes.get("ss:mergedown")) + 1
            self._text = []
            self._span, self._deep = min(wide, MOST_COLUMNS + 1), min(deep, MOST_ROWS + 1)
        elif tag == "table":
            self._first = len(self.rows)
        elif tag == "br":
            self.data(" ")
        elif tag in _UNSEEN:
            self._unseen += 1

    def end(self, tag: str) -> None:
        """End a row or a cell."""
        tag = _named(tag)
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self.end_row()
            if tag == "table":
                self._above.clear()
        elif tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)

    def data(self, text: str) -> None:
        """Take text of a cell in."""
        if self._text is not None and not self._unseen:
            self._text.append(text)

    def close(self) -> None:
        """Have nothing to give back: the rows are read from here."""

    def end_row(self) -> None:
        """Put the row away that is being read."""
        self._end_cell()
        if self._row is not None:
            self._fill(self._row)
            if len(self.rows) > 10 * MOST_ROWS:
                raise Overflow(f"has more than {MOST_ROWS:,} rows")
            self.rows.append(self._row)
        self._row = None

    def _end_cell(self) -> None:
        if self._text is None or self._row is None:
            return
        self._fill(self._row)
        texts = ["".join(self._text), *[""] * (self._span - 1)]
        if self._deep > 1:
            reach = enumerate(texts, start=len(self._row))
            self._above.update({column: (self._deep - 1, text) for column, text in reach})
        self._row.extend(texts)
        self._text = None
        if len(self._row) > MOST_COLUMNS:
            raise Overflow(f"has more than {MOST_COLUMNS} columns in row {len(self.rows) + 1}")

    def _leave_rows(self, place: int) -> None:
        """Leave out the rows before one that says its place in its table; 0 says none."""
        missing = place - 1 - (len(self.rows) - self._first)
        if len(self.rows) + missing > 10 * MOST_ROWS:
            raise Overflow(f"has more than {MOST_ROWS:,} rows")
        self.rows.extend([] for _ in range(missing))

    def _leave_cells(self, row: list[str], place: int) -> None:
        """Leave out the cells before one that says its place in its row; 0 says none."""
        while len(row) < min(place - 1, MOST_COLUMNS + 1):
            self._fill(row)
            if len(row) < place - 1:
                row.append("")

    def _fill(self, row: list[str]) -> None:
        """Put the cells that reach down from rows above into their columns."""
        while (held := self._above.pop(len(row), None)) is not None:
            left, text = held
            if left > 1:
                self._above[len(row)] = (left - 1, text)
            row.append(text)


def _named(tag: str) -> str:
    """Return what HTML calls an element, whatever prefix an XML workbook gives it."""
    name = tag.rpartition(":")[2]
    return _NAMES.get(name, name)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0
