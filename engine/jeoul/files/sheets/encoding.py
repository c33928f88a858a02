"""Which encoding a text file was written in."""

from __future__ import annotations

import codecs
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)


class Decoded(NamedTuple):
    """A text and the encoding that it was in."""

    text: str
    encoding: str


class Undecodable(Exception):
    """Bytes that are not text in an encoding; ``line`` is that of the first such byte."""

    def __init__(self, encoding: str, line: int) -> None:
        self.encoding = encoding
        self.line = line
        super().__init__(f"is not {encoding} text")


def decoded(content: bytes, named: str | None = None) -> Decoded:
    r"""Return the text of a file, in the ``named`` encoding or in the one that its bytes show.

    A byte order mark decides; then UTF-16 where every second byte is zero, UTF-8 where the bytes
    are valid, and else CP949, the encoding of Korean Windows. Raises :class:`Undecodable`.

    >>> decoded("수량".encode("cp949")), decoded("a,1".encode("utf-16-le"))
    (Decoded(text='수량', encoding='cp949'), Decoded(text='a,1', encoding='utf-16'))
    """
    if named is not None:
        marked = any(content.startswith(mark) for mark, _, name in _MARKS if name == named)
        codec = {"utf-8": "utf-8-sig", "utf-16": "utf-16" if marked else "utf-16-le"}
        return _strictly(content, codec.get(named, named), named)
    for mark, codec_name, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, codec_name, name)
    wide = _without_mark(content)
    if wide is not None:
        return _strictly(content, wide, "utf-16")
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "cp949", "cp949")


def _strictly(content: bytes, codec: str, name: str) -> Decoded:
    try:
        return Decoded(content.decode(codec), name)
    except UnicodeDecodeError as failure:
        raise Undecodable(name, content[: failure.start].count(b"\n") + 1) from None


def _without_mark(content: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: digits and separators have a zero byte.

    So has a syllable of Hangul in 256, 가 for one, on the other side.
    """
    if len(content) % 2:
        return None
    high, low = content[1::2].count(0), content[::2].count(0)
    if high * 8 >= len(content) and high > 4 * low:
        return "utf-16-le"
    if low * 8 >= len(content) and low > 4 * high:
        return "utf-16-be"
    return None
