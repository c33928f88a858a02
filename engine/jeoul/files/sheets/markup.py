"""Rows of the tables in an HTML page, which many brokers save under the name .xls."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from jeoul.files.sheets.sheet import MOST_COLUMNS, MOST_ROWS, Overflow, Row, rows_of

_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    r"<(?:!doctype html|html|head|meta|body|table|style|div)",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_KOREAN = frozenset({"euc-kr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "x-windows-949"})


def is_markup(text: str) -> bool:
    """Return whether a text is an HTML page.

    >>> is_markup("<html><table>"), is_markup("ticker,shares")
    (True, False)
    """
    return _MARKUP.match(text[:4_000]) is not None


def stated_charset(content: bytes) -> str | None:
    """Return the encoding that a page says it has, None if it says none that is read here."""
    match = _CHARSET.search(content[:4_000])
    name = match[1].decode("ascii", "replace").lower() if match else ""
    if name in _KOREAN:
        return "cp949"
    return "utf-8" if name in ("utf-8", "utf8") else None


def markup_rows(text: str) -> tuple[Row, ...]:
    """Return the rows of all tables of a page; the line is that of the row's tag.

    A cell that spans columns has text in the first of them. Raises :class:`Overflow`.

    >>> [row.cells for row in markup_rows("<table><tr><th>a<th>b<tr><td>1</td><td>2</table>")]
    [('a', 'b'), ('1', '2')]
    """
    parser = _Tables()
    parser.feed(text)
    parser.close()
    parser.end_row()
    return rows_of(parser.rows)


class _Tables(HTMLParser):
    """Collects cells without a tree, so that the depth of a page costs nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[int, list[str]]] = []
        self._row: list[str] | None = None
        self._line = 1
        self._text: list[str] | None = None
        self._span = 1
        self._unseen = 0  # inside a script or a style

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.end_row()
            self._row, self._line = [], self.getpos()[0]
        elif tag in ("td", "th"):
            self._end_cell()
            if self._row is None:
                self._row, self._line = [], self.getpos()[0]
            self._text, self._span = [], _span(dict(attrs).get("colspan"))
        elif tag == "br" and self._text is not None:
            self._text.append(" ")
        elif tag in ("script", "style"):
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self.end_row()
        elif tag in ("script", "style"):
            self._unseen = max(self._unseen - 1, 0)

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._unseen:
            self._text.append(data)

    def end_row(self) -> None:
        """Put the row away that is being read."""
        self._end_cell()
        if self._row:
            if len(self.rows) == MOST_ROWS:
                raise Overflow(f"has more than {MOST_ROWS:,} rows")
            self.rows.append((self._line, self._row))
        self._row = None

    def _end_cell(self) -> None:
        if self._text is None or self._row is None:
            return
        self._row.append("".join(self._text))
        self._row.extend([""] * (self._span - 1))
        self._text = None
        if len(self._row) > MOST_COLUMNS:
            raise Overflow(f"has more than {MOST_COLUMNS} columns in line {self._line}")


def _span(text: str | None) -> int:
    return min(int(text), MOST_COLUMNS + 1) if text and text.isdecimal() and len(text) < 6 else 1
