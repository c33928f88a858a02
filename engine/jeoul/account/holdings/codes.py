"""Codes of securities as people and programs write them, brought to one form."""

from __future__ import annotations

import re
from typing import NamedTuple

from jeoul.account.holdings.amounts import plain

# The first place is 0 to 4 for shares and funds and 5 to 8 for notes and warrants of securities
# firms; since 2024 the second and the last three places of those may be letters (KRX, 2023-05-23).
_NOTE = re.compile(r"[5-8][\dA-HJ-NP-TV-Z]\d[\dA-HJ-NP-TV-Z]{3}")
_KRX = re.compile(rf"\d{{6}}|\d{{4}}[A-HJ-NP-TV-Z]\d|\d{{5}}[KLM]|{_NOTE.pattern}")
_LISTED = re.compile(r"\d{5}[0579KLM]|\d{4}[A-HJ-NP-TV-Z]0|\d{4}[A-HJ-NP-TV-Z][579]|\d{5}[KLM]")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d")
_VENUE = re.compile(r"^(?:X?KRX|KOSPI|KOSDAQ):|(?:\.KS|\.KQ|:KS|:KQ| KS| KQ)$")
_PREFIXED = re.compile(rf"[AQ](\d{{4}}[0-9A-Z]{{2}})|[QJ]({_NOTE.pattern})")
_WRITTEN = r"(?P<code>[AQJ]?\d[0-9A-Za-z]\d[0-9A-Za-z]{3}|KR[0-9A-Za-z]{10})"
_NAME_CODE = re.compile(rf"(?P<name>.*\S)\s*[(\[]{_WRITTEN}[)\]]")
_CODE_NAME = re.compile(rf"(?:[(\[]{_WRITTEN}[)\]]\s*|(?P<bare>A?\d{{6}})\s+)(?P<name>\S.*)")
_FLOAT = re.compile(r"(\d{1,6})\.0*")
_GROUPED = re.compile(r"\d{1,3},\d{3}")
_TICKER = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z]{1,2})?")
_LEAST = 3  # digits of a number that may be a code whose zeros were lost


class SecurityCode(NamedTuple):
    """A code in its one form; ``changed`` says that it was written in another way."""

    code: str
    changed: bool


class NotACode(ValueError):
    """A text that looks like a code and is not one; says why."""


def is_korean(code: str) -> bool:
    """Return whether a code in its one form is of the Korea Exchange.

    >>> [is_korean(code) for code in ("069500", "0043Y0", "SPY")]
    [True, True, False]
    """
    return _KRX.fullmatch(code) is not None


def normal_code(text: str) -> SecurityCode | None:
    """Return the code that a cell holds, None for a text that does not look like one.

    Six characters of the Korea Exchange come back without the letter of a terminal in front, the
    suffix of a venue, Excel's quotes, and with the zeros that a spreadsheet dropped; a Korean ISIN
    of a fund or a common share as the six characters in it, any other ISIN as it is. Tickers of
    New York come back in capitals.

    Raises :class:`NotACode` for an ISIN whose check digit is wrong, and for a short code with its
    zeros: no spreadsheet has dropped any, so that a digit is missing.

    >>> [normal_code(t).code for t in ("A069500", "69500.0", "069500.KS", "KR7069500007", "0043y0")]
    ['069500', '069500', '069500', '069500', '0043Y0']
    >>> normal_code("KODEX 200"), normal_code("US0378331005").code
    (None, 'US0378331005')
    """
    written = plain(text)
    code = _VENUE.sub("", written.upper()).strip()
    if _ISIN.fullmatch(code):
        return SecurityCode(_short(code), changed=_short(code) != written)
    if prefixed := _PREFIXED.fullmatch(code):
        code = prefixed[1] or prefixed[2]
    if floating := _FLOAT.fullmatch(code):
        code = floating[1]
    if _GROUPED.fullmatch(code):
        code = code.replace(",", "")
    if code.isascii() and code.isdigit() and _LEAST <= len(code) <= 6:
        if code.startswith("0") and len(code) < 6:
            raise NotACode("begins with a zero and is too short: a code has six characters")
        code = code.zfill(6)
    if _KRX.fullmatch(code) or _TICKER.fullmatch(code):
        return SecurityCode(code, changed=code != written)
    return None


def code_and_name(text: str) -> tuple[str, str] | None:
    """Return the code and the name that a cell has together, None for any other cell.

    >>> code_and_name("KODEX 200(069500)"), code_and_name("[A069500] KODEX 200")
    (('069500', 'KODEX 200'), ('A069500', 'KODEX 200'))
    >>> code_and_name("KODEX 200"), code_and_name("200 KODEX")
    (None, None)
    """
    found = _NAME_CODE.fullmatch(text.strip()) or _CODE_NAME.fullmatch(text.strip())
    if found is None:
        return None
    return found["code"] or found["bare"], found["name"]


def code_of(word: str) -> str:
    """Return a ticker in its one form, with the zeros that a spreadsheet dropped; else the word.

    >>> code_of("69500"), code_of("A069500"), code_of("KODEX 200")
    ('069500', '069500', 'KODEX 200')
    """
    try:
        found = normal_code(word)
    except NotACode:
        return word
    return word if found is None else found.code


def is_listed_form(code: str) -> bool:
    """Return whether a code has the form of a listed share, fund or note, or is an ISIN.

    On the Korea Exchange the last character is 0 for a common share or a fund and 5, 7, 9, K, L or
    M for a preferred share.

    >>> is_listed_form("005930"), is_listed_form("005931"), is_listed_form("AAPL")
    (True, False, False)
    """
    return bool(_LISTED.fullmatch(code) or _ISIN.fullmatch(code)) or is_note(code)


def is_note(code: str) -> bool:
    """Return whether a code is that of a note or a warrant of a securities firm: an ETN or ELW.

    >>> is_note("530031"), is_note("5A0B1C"), is_note("069500")
    (True, True, False)
    """
    return _NOTE.fullmatch(code) is not None


def is_ticker(code: str) -> bool:
    """Return whether a code has the form of a ticker of New York.

    >>> is_ticker("AAPL"), is_ticker("BRK.B"), is_ticker("069501")
    (True, True, False)
    """
    return bool(_TICKER.fullmatch(code)) and not code.isdigit()


def is_code_like(text: str) -> bool:
    """Return whether a cell was meant as a code rather than as a name."""
    written = plain(text).upper()
    return written.isascii() and written.isalnum() and any(map(str.isdigit, written))


def one_slip_apart(first: str, second: str) -> bool:
    """Return whether one wrong character, or two neighbours swapped, makes one code the other.

    >>> one_slip_apart("069510", "069500"), one_slip_apart("095600", "069500")
    (True, False)
    >>> one_slip_apart("096500", "069500"), one_slip_apart("569000", "069500")
    (True, False)
    """
    if len(first) != len(second) or first == second:
        return False
    at = [place for place in range(len(first)) if first[place] != second[place]]
    if len(at) == 1:
        return True
    swapped = len(at) == 2 and at[1] == at[0] + 1
    return swapped and (first[at[0]], first[at[1]]) == (second[at[1]], second[at[0]])


def _short(isin: str) -> str:
    """Return what an ISIN stands for here; the six characters in it where they are a code."""
    digits = "".join(str(int(c, 36)) for c in isin)
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    if sum(n // 10 + n % 10 for n in doubled) % 10:
        raise NotACode("has a wrong check digit for an ISIN")
    code = isin[3:9]
    common = isin.startswith("KR7") and isin[9:11] == "00" and code.endswith("0")
    return code if common and _KRX.fullmatch(code) else isin
