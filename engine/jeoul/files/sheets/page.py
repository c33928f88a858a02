"""Whether a file is an HTML page or an XML workbook, and the encoding that it says it has."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    r"<(?:!doctype html|html|head|meta|body|table|style|div)",
    re.IGNORECASE | re.DOTALL,
)
_WORKBOOK = re.compile(
    r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<(?:\w{1,20}:)?workbook\b", re.IGNORECASE | re.DOTALL
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_KOREAN = frozenset({"euc-kr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "x-windows-949"})


def is_markup(text: str) -> bool:
    """Return whether a text is an HTML page.

    >>> is_markup("<html><table>"), is_markup("ticker,shares")
    (True, False)
    """
    return _MARKUP.match(text[:4_000]) is not None


def is_workbook(text: str) -> bool:
    """Return whether a text is a workbook in the XML of Excel 2003, which some brokers call .xls.

    >>> is_workbook('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>')
    True
    """
    return _WORKBOOK.match(text[:4_000]) is not None


def stated_charset(content: bytes) -> str | None:
    """Return the encoding that a page says it has, None if it says none that is read here."""
    match = _CHARSET.search(content[:4_000])
    name = match[1].decode("ascii", "replace").lower() if match else ""
    if name in _KOREAN:
        return "cp949"
    return "utf-8" if name in ("utf-8", "utf8") else None
